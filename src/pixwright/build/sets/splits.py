"""The four mini benchmarks, deterministic and from reserved files only; and the search for leaks between splits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.contract import Catalogue
from pixwright.build.run.engine import build
from pixwright.build.run.manifest import read_run
from pixwright.build.run.recipe import Recipe
from pixwright.build.sets.dreambooth import BACKGROUNDS, SUBJECTS
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.sample import Split

_SEED = 9_000
"""Far from the seeds that data sets are built with; what keeps the splits apart is the reserved rule, not this."""
NEAR = 4
"""Bits of 256 in which the perceptual hashes of two different pictures may differ before they count as the same."""


def anyedit_test_mini() -> Recipe:
    """26 x 50 direct instructions, after AnyEdit-Test (paper: appendix E). About 7 minutes on one core."""
    return Recipe(
        name="anyedit-test-mini",
        maker="pixwright.build.sets.anyedit:make",
        count=26 * 50,
        seed=_SEED,
        split=Split.TEST,
        shard_size=130,
    )


def mm_inst_test_mini() -> Recipe:
    """300 interleaved instructions, after MM-Inst-Test (paper: appendix A.3.1)."""
    return Recipe(
        name="mm-inst-test-mini",
        maker="pixwright.build.sets.mm_inst:make",
        count=300,
        seed=_SEED + 1,
        split=Split.TEST,
        shard_size=100,
    )


def dreambooth_mini() -> Recipe:
    """30 subjects x 30 backgrounds, after Dreambooth++ (paper: appendix A.3.2)."""
    return Recipe(
        name="dreamboothpp-mini",
        maker="pixwright.build.sets.dreambooth:make",
        count=SUBJECTS * BACKGROUNDS,
        seed=_SEED + 2,
        split=Split.TEST,
        shard_size=150,
        filters=False,
    )


def reasonpix2pix_test_mini() -> Recipe:
    """300 pairs, each with a direct and a reasoning instruction, after ReasonPix2Pix (paper: section 5)."""
    return Recipe(
        name="reasonpix2pix-test-mini",
        maker="pixwright.build.sets.reasonpix2pix:make",
        count=300,
        seed=_SEED + 3,
        split=Split.TEST,
        shard_size=100,
    )


SPLITS: dict[str, Callable[[], Recipe]] = {
    "anyedit-test-mini": anyedit_test_mini,
    "mm-inst-test-mini": mm_inst_test_mini,
    "dreamboothpp-mini": dreambooth_mini,
    "reasonpix2pix-test-mini": reasonpix2pix_test_mini,
}


def build_all(folder: Path, workers: int = 0) -> Iterator[str]:
    """Build every split into its own folder under `folder`: one line each. Raises `InvalidOption` for a split that cannot be finished."""
    for name, recipe in SPLITS.items():
        done = build(recipe(), folder / name, workers=workers, show=True)
        if done.failed:
            shard, reason = done.failed[0]
            raise InvalidOption(f"{name}: shard {shard} could not be made: {reason}")
        kept = sum(one.kept for one in read_run(folder / name)[1])
        yield f"{folder / name}: {kept} of {recipe().count} rows"


def leaks(train: Catalogue, test: Catalogue) -> list[str]:
    """What both splits have, one line each: the same key, the same bytes, or cut-outs and photographs that look the same."""
    found = []
    for kind in ("cutout", "background", "sound", "music"):
        ours, theirs = train.assets(kind), test.assets(kind)
        keys, bytes_ = {a.key for a in ours}, {a.sha256: a.key for a in ours}
        found += [f"name: {a.key}" for a in theirs if a.key in keys]
        found += [f"bytes: {a.key} is {bytes_[a.sha256]}" for a in theirs if a.sha256 in bytes_]
        if kind in ("sound", "music"):
            continue
        # Painted backgrounds of one place are different pictures that look alike; they are compared by their seeds, which are names.
        mine, other = ([a for a in some if not a.key.startswith("scenery/")] for some in (ours, theirs))
        if mine and other:
            pairs = near(
                [perceptual_hash(train.pixels(a.key)) for a in mine],
                [perceptual_hash(test.pixels(a.key)) for a in other],
            )
            found += [f"looks: {other[j].key} is like {mine[i].key}" for i, j in pairs]
    return found


def perceptual_hash(pixels: Array) -> Array:
    """256 bits, as 32 bytes: whether each cell of a 16 x 16 reduction is lighter than its right neighbour (difference hash), the alpha channel
    laid on grey."""
    rgb = np.array(pixels[..., :3])
    if pixels.shape[2] == 4:
        share = pixels[..., 3:].astype(np.float32) / 255
        rgb = (rgb * share + 127 * (1 - share)).astype(np.uint8)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = cv2.resize(grey, (17, 16), interpolation=cv2.INTER_AREA)
    # Flat parts would give noise for bits.
    return np.packbits(grey[:, :-1] > grey[:, 1:] + 1.0)


def near(mine: Sequence[Array], other: Sequence[Array], most: int = NEAR) -> list[tuple[int, int]]:
    """Index pairs whose hashes differ in at most `most` bits."""
    a, b = np.stack(mine), np.stack(other)
    counts = np.bitwise_count(a[:, None] ^ b[None]).sum(axis=2)
    return [(int(i), int(j)) for i, j in np.argwhere(counts <= most)]
