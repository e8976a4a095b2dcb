"""An example of the data, before any network has read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.run.shard import decode_row, read_rows
from pixwright.errors import InvalidOption
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.sample import Sample, Split

_SIDED = re.compile(
    r"\b(left\w*|right\w*|(?:anti|counter-?)?clockwise|east\w*|west\w*|mirror\w*|flip\w*)\b", re.IGNORECASE
)


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


def may_flip(texts: Iterable[str]) -> bool:
    """Whether no text tells the left from the right."""
    return not any(_SIDED.search(text) for text in texts)


def squared(picture: Array, side: int) -> Array:
    """H x W x 3 -> side x side x 3, stretched."""
    return resized(picture[..., :3], side, side, cv2.INTER_LINEAR)


def shard_files(places: Iterable[str]) -> list[Path]:
    """The shards in folders and files, in order. Raises InvalidOption where there is none."""
    found: list[Path] = []
    for place in map(Path, places):
        inside = sorted(p for p in place.rglob("*") if p.suffix in (".parquet", ".tar")) if place.is_dir() else [place]
        found += [one for one in inside if one.is_file() and "rejected" not in one.name]
    if not found:
        raise InvalidOption(f"no shard in {', '.join(places)}; give what `pixwright build` wrote (.parquet or .tar)")
    return found


def from_shards(places: Iterable[str], side: int) -> Iterator[TrainingExample]:
    """Every row of the shards that the builder made of training files; rows of the test split are left out (`records.sample.split_of`)."""
    for path in shard_files(places):
        for row in read_rows(path):
            if row["split"] == Split.TRAIN:
                yield from_sample(decode_row(row), side)


def from_sample(sample: Sample, side: int) -> TrainingExample:
    """A row of a data set, its pictures stretched to a square; an outpaint's source lies on grey."""
    source = sample.source
    if sample.canvas is not None:
        x0, y0, x1, y1 = sample.canvas
        source = np.full_like(sample.edited, 128)
        source[y0:y1, x0:x1] = sample.source
    shown = [one for one in sample.references if one.pixels is not None]
    return TrainingExample(
        source=squared(source, side),
        edited=squared(sample.edited, side),
        instruction=sample.instruction,
        caption=sample.edited_caption,
        type=sample.type,
        flips=may_flip((sample.instruction, sample.edited_caption))
        and not (sample.type is EditType.TEXTUAL_CHANGE or sample.type.traits.guided),
        reference=shown[0].pixels[..., :3] if shown and shown[0].pixels is not None else None,
    )
