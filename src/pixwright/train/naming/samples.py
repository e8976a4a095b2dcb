"""What the namer learns from: boxes of photographs with the nouns that people would use for what they hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.naming.namer import BoxLooks, Floats

Frame: TypeAlias = tuple[float, float, float, float]
RIGHT, NEARLY = 0.5, 0.42
"""Intersection over union with a named box from which another is of the same thing, and from which nothing is said of it."""


@dataclass(frozen=True)
class NamedBox:
    """XYXY in shares of the picture; `names`: the commonest noun first, empty where the box holds no one thing; `whole`: whether it holds the thing well; `looks`: its colours and materials, if they were said."""

    box: Frame
    names: tuple[str, ...]
    whole: bool
    looks: tuple[str, ...] = ()


@dataclass(frozen=True)
class NamedPhotograph:
    """A photograph's file and its boxes."""

    photo: str
    boxes: tuple[NamedBox, ...]


@dataclass(frozen=True, eq=False)
class NamedSample:
    """Boxes of one photograph as the networks see them: the named ones first, in their order, then others. `alike` (n, n): intersection over union."""

    looks: BoxLooks
    named: tuple[NamedBox, ...]
    alike: Floats


@dataclass(frozen=True)
class Vocabulary:
    """All nouns of the rows, and for each those that were given to one box with it."""

    nouns: tuple[str, ...]
    beside: dict[str, frozenset[str]]

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each noun stands."""
        return {noun: number for number, noun in enumerate(self.nouns)}

    @classmethod
    def of(cls, rows: Sequence[NamedPhotograph]) -> Vocabulary:
        """Of all names in the rows."""
        beside: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for box in row.boxes:
                for noun in box.names:
                    beside[noun].update(box.names)
        return cls(tuple(sorted(beside)), {noun: frozenset(some) for noun, some in beside.items()})


@dataclass(frozen=True, eq=False)
class BoxQuestions:
    """For k nouns of a photograph of n boxes: `nouns` (k,) places in the vocabulary, `right` and `told` (n, k) which boxes hold it, and which are right or wrong; `weight` (k,)."""

    nouns: NDArray[np.int64]
    right: NDArray[np.bool_]
    told: NDArray[np.bool_]
    weight: Floats


SECOND = 0.5
"""Weight of a noun that is nobody's first name in a photograph."""


def read_rows(path: Path) -> list[NamedPhotograph]:
    """One JSON object a line: `photo`, and `boxes` of [x0, y0, x1, y1, "noun, other nouns"] and perhaps a colour and a material; a name that begins with ~ is of a box that holds the thing badly."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        boxes = []
        for x0, y0, x1, y1, said, *looks in row["boxes"]:
            names = tuple(dict.fromkeys(name.strip() for name in said.removeprefix("~").split(",") if name.strip()))
            boxes.append(NamedBox((x0, y0, x1, y1), names, not said.startswith("~"), tuple(" ".join(looks).split())))
        rows.append(NamedPhotograph(row["photo"], tuple(boxes)))
    return rows


def asked(sample: NamedSample, vocabulary: Vocabulary) -> BoxQuestions:
    """Which box is each noun of the photograph? A box that nearly fits, or has another name of the thing, is neither right nor wrong."""
    place = vocabulary.place
    first = {box.names[0] for box in sample.named if box.names}
    columns: list[tuple[int, NDArray[np.bool_], NDArray[np.bool_], float]] = []
    for noun in dict.fromkeys(noun for box in sample.named for noun in box.names if noun in place):
        mine = [i for i, box in enumerate(sample.named) if noun in box.names]
        whole = [i for i in mine if sample.named[i].whole]
        if not whole:
            continue
        nearest = sample.alike[:, whole].max(1)
        right, unsaid = nearest >= RIGHT, (nearest >= NEARLY) & (nearest < RIGHT)
        for i, box in enumerate(sample.named):
            other = any(noun in vocabulary.beside.get(name, ()) for name in box.names)
            right[i], unsaid[i] = (
                (i in whole, i not in whole) if i in mine else (right[i], unsaid[i] or (other and not right[i]))
            )
        told = ~unsaid | right
        if (told & ~right).any():
            columns.append((place[noun], right, told, 1.0 if noun in first else SECOND))
    if not columns:
        none = np.zeros((len(sample.alike), 0), bool)
        return BoxQuestions(np.zeros(0, np.int64), none, none, np.zeros(0, np.float32))
    nouns, right, told, weight = zip(*columns, strict=True)
    return BoxQuestions(np.array(nouns), np.array(right).T, np.array(told).T, np.array(weight, np.float32))
