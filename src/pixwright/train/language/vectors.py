"""What the aligned encoder says of every picture and sound of the scenes: looked at and listened to once, kept as one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Catalogue
from pixwright.mllm.retrieval import unit
from pixwright.records.instruction import Array, Samples
from pixwright.records.sample import Asset
from pixwright.train.aligned.rows import cropped
from pixwright.train.language.rows import Material, Places
from pixwright.train.language.scenes import ScenePart

Floats = NDArray[np.float32]
HEARINGS = 4
"""Parts of a sound that are listened to: the whole, and pieces of it as another recording would have them."""
_LEAST = 0.6
"""The shortest such piece, as a share of the whole."""
CROPS = 12
"""Parts of a picture that was not composed, each a picture of its own."""


class Encoder(Protocol):
    """Brings pictures and sounds into one space: `encoders.aligned`, or any other."""

    width: int

    def picture(self, picture: Array) -> Floats:
        """(width,) of a picture HxWx3."""
        ...

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a mono sound."""
        ...

    def music(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a piece of music."""
        ...


def make_vectors(
    folder: Path,
    parts: Sequence[ScenePart],
    catalogue: Catalogue,
    encoder: Encoder,
    name: str,
    photographs: Catalogue | None = None,
) -> None:
    """Write `vectors-NAME.npz` into the folder, unless it is there for all of these scenes and photographs. name: the encoder's, with its version.

    The backgrounds of `photographs` stand for pictures that were not composed.
    """
    target = folder / f"vectors-{name}.npz"
    pictures = sum(len(part.pictures) for part in parts)
    taken = photographs.assets("background") if photographs is not None else ()
    if target.exists():
        with np.load(target) as stored:
            if int(stored["pictures"]) == pictures and int(stored["photographs"]) == CROPS * len(taken):
                return
    seen = [encoder.picture(one) for part in parts for one in part.pictures]
    heard: list[Floats] = []
    ends: dict[str, int] = {}
    for asset in [*catalogue.assets("sound"), *catalogue.assets("music")]:
        heard += _hearings(asset, catalogue, encoder)
        ends[asset.key] = len(heard)
    found = [one for asset in taken for one in _crops(asset, photographs, encoder)] if photographs is not None else []
    draft = target.with_name(f".{target.name}")
    lines = np.frombuffer(json.dumps(ends).encode(), np.uint8)
    with draft.open("wb") as stream:
        np.savez(
            stream,
            table=np.stack([*seen, *heard, *found]).astype(np.float32),
            pictures=pictures,
            ends=lines,
            photographs=len(found),
        )
    draft.replace(target)


def read_vectors(folder: Path, parts: Sequence[ScenePart], catalogue: Catalogue, name: str) -> tuple[Floats, Material]:
    """The table (N, width) of unit vectors, and where each scene's lie in it."""
    with np.load(folder / f"vectors-{name}.npz") as stored:
        table, first, photographs = stored["table"], int(stored["pictures"]), int(stored["photographs"])
        ends: dict[str, int] = json.loads(bytes(stored["ends"]).decode())
    sounds: dict[str, range] = {}
    start = 0
    for key, end in ends.items():
        sounds[key] = range(first + start, first + end)
        start = end
    scenes = []
    pictures = 0
    for part in parts:
        scenes += [(scene, Places(pictures, sounds)) for scene in part.scenes]
        pictures += len(part.pictures)
    music = {asset.key for asset in catalogue.assets("music")}
    captions = {key: catalogue.asset(key).caption for key in sounds}
    names = {key: catalogue.asset(key).name for key in sounds}
    shown = range(len(table) - photographs, len(table))
    return np.stack([unit(one) for one in table]), Material(scenes, sounds, captions, names, frozenset(music), shown)


def _hearings(asset: Asset, catalogue: Catalogue, encoder: Encoder) -> list[Floats]:
    samples, rate = catalogue.samples(asset.key)
    if asset.kind == "music":
        return [encoder.music(samples, rate)]
    rng = np.random.default_rng(int(asset.sha256[:8], 16))
    found = [encoder.sound(samples, rate)]
    for _ in range(HEARINGS - 1):
        length = int(len(samples) * rng.uniform(_LEAST, 1.0))
        start = int(rng.integers(len(samples) - length + 1))
        found.append(encoder.sound(samples[start : start + length], rate))
    return found


def _crops(asset: Asset, catalogue: Catalogue, encoder: Encoder) -> list[Floats]:
    pixels = catalogue.pixels(asset.key)[..., :3]
    rng = np.random.default_rng(int(asset.sha256[:8], 16))
    return [encoder.picture(cropped(pixels, rng)) for _ in range(CROPS)]
