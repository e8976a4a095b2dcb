"""An example of the data, before any network has read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.run.shard import decode_row, read_rows
from pixwright.build.wording.plain import plainly
from pixwright.errors import InvalidOption
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.sample import Sample, Split

_SIDED = re.compile(
    r"\b(left\w*|right\w*|(?:anti|counter-?)?clockwise|east\w*|west\w*|mirror\w*|flip\w*)\b", re.IGNORECASE
)


LARGER = 288 / 256
"""A picture's shorter side, at the most, in sides of the square that is shown."""
SEEN = 12
"""Levels by which an edited pixel differs, at least."""


@dataclass(frozen=True, eq=False)
class TrainingExample:
    """source, edited: S x S x 3 uint8. `reference` H x W x 3 uint8 where the type has one."""

    source: Array
    edited: Array
    instruction: str
    caption: str
    """Of the edited picture."""
    type: EditType
    flips: bool
    """Whether it stays true when both pictures are mirrored."""
    reference: Array | None = None
    reference_name: str = ""
    """The same name, the same reference; empty: its own."""
    reasoning: str = ""
    """The indirect instruction of the same edit, where there is one."""
    plain: str = ""
    """What both instructions mean, in one fixed wording (`build.wording.plain`)."""
    part: str = ""
    """Of ReasonPix2Pix's data: I, II or III."""

    def readings(self) -> tuple[TrainingExample, ...]:
        """The example with its indirect instruction, if it has one, and with its direct one."""
        told = (replace(self, instruction=self.reasoning),) if self.reasoning else ()
        return (*told, self)


def may_flip(texts: Iterable[str]) -> bool:
    """Whether no text tells the left from the right."""
    return not any(_SIDED.search(text) for text in texts)


def squared(picture: Array, side: int) -> Array:
    """H x W x 3 -> side x side x 3, stretched."""
    return resized(picture[..., :3], side, side, cv2.INTER_LINEAR)


def square_of(source: Array, edited: Array, draw: float, larger: float = LARGER) -> tuple[slice, slice]:
    """The square of both pictures (H x W x 3, of one size) that is shown: rows and columns. `draw` in [0, 1) says which of many.

    Its side is the shorter one by 1 to `larger` (InstructPix2Pix: 256 of 256 to 288 pixels); it is not stretched, and holds what was edited as far as that fits.
    """
    height, width = source.shape[:2]
    dice = np.random.default_rng(int(draw * 2**32))
    side = max(1, round(min(height, width) / dice.uniform(1.0, larger)))
    differs = np.abs(source[..., :3].astype(np.int16) - edited[..., :3]).max(axis=2) > SEEN
    starts = []
    for length, axis in ((height, 1), (width, 0)):
        places = np.flatnonzero(differs.any(axis=axis))
        low, high = 0, length - side
        if len(places):
            low, high = max(low, min(high, int(places[-1]) + 1 - side)), min(high, max(low, int(places[0])))
            low, high = min(low, high), max(low, high)
        starts.append(int(dice.integers(low, high + 1)))
    return slice(starts[0], starts[0] + side), slice(starts[1], starts[1] + side)


def shard_files(places: Iterable[str]) -> list[Path]:
    """The shards in folders and files, in order. Raises InvalidOption where there is none."""
    found: list[Path] = []
    for place in map(Path, places):
        inside = sorted(p for p in place.rglob("*") if p.suffix in (".parquet", ".tar")) if place.is_dir() else [place]
        found += [one for one in inside if one.is_file() and "rejected" not in one.name]
    if not found:
        raise InvalidOption(f"no shard in {', '.join(places)}; give what `pixwright build` wrote (.parquet or .tar)")
    return found


def from_shards(places: Iterable[str], side: int, worker: int = 0, workers: int = 1) -> Iterator[TrainingExample]:
    """Every row of the shards that the builder made of training files; rows of the test split are left out (`records.sample.split_of`).

    Of several workers each reads every so manyeth file.
    """
    for number, path in list(enumerate(shard_files(places)))[worker::workers]:
        for place, row in enumerate(read_rows(path)):
            if row["split"] == Split.TRAIN:
                draw = np.random.default_rng([number, place]).random()
                yield from_sample(decode_row(row), side, draw)


def from_sample(sample: Sample, side: int, draw: float = 0.0) -> TrainingExample:
    """A row of a data set, a square of its pictures (`square_of`); an outpaint is shown whole, stretched, its source on grey."""
    source = sample.source
    if sample.canvas is not None:
        x0, y0, x1, y1 = sample.canvas
        source = np.full_like(sample.edited, 128)
        source[y0:y1, x0:x1] = sample.source
    whole = sample.canvas is not None or source.shape[:2] != sample.edited.shape[:2]
    part = (slice(None), slice(None)) if whole else square_of(source, sample.edited, draw)
    shown = [one for one in sample.references if one.pixels is not None]
    return TrainingExample(
        source=squared(source[part], side),
        edited=squared(sample.edited[part], side),
        instruction=sample.instruction,
        caption=sample.edited_caption,
        type=sample.type,
        flips=may_flip((sample.instruction, sample.reasoning, sample.edited_caption))
        and not (sample.type is EditType.TEXTUAL_CHANGE or sample.type.traits.guided),
        reference=shown[0].pixels[..., :3] if shown and shown[0].pixels is not None else None,
        reasoning=sample.reasoning,
        plain=plainly(sample.step),
        part=sample.extra.get("part", ""),
    )
