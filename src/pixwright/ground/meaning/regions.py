"""What the packaged networks see of a picture's boxes, as the namer takes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.naming.namer import BoxLooks, BoxMeanings, Namer
from pixwright.ground.detections import Detected, nested, overlaps
from pixwright.ground.geometry import TINY, Floats, Frame
from pixwright.ground.meaning.classes import class_vectors, word_of
from pixwright.ground.scene import Scene
from pixwright.words.nearest import vector_of, vectors

CELLS, OCTAVES = 12.0, 4.0
"""A scale of the classifier that shows a box in so many cells tells best what it is, and how fast others count less: exp(-log(cells / CELLS)^2 / OCTAVES)."""
AROUND = 0.25
"""Of a box's sides, that are seen around it on each."""
LEAST_AREA, LEAST_SIDE = 1e-4, 1e-3
"""Share of the picture, and of its sides, that keep logarithms finite."""
FAINTLY = 0.02
"""Added to the detector's scores before their logarithm."""
AGREE = 0.6
"""Intersection over union of boxes that agree."""
REACH = 0.25
"""Part of a cell that a box must reach into for the cell to count."""


def named_so(scene: Scene, boxes: Sequence[Frame], seen: Sequence[Detected | None], noun: str) -> Floats | None:
    """(n, 3) of n boxes: how well the noun names each, less the best of them; how well each holds anything; and the log of the noun's share among all known ones.

    `seen`: the detector's own box that each is, if any. None where the noun has no stored sentence embedding and the text encoder is missing.
    """
    word = word_of(noun, scene.encoders)
    if word is None:
        return None
    namer = scene.encoders.namer
    return names_of(namer, namer.held(looks(scene, boxes, seen)), word)


def names_of(namer: Namer, held: BoxMeanings, word: Floats) -> Floats:
    """The same by a namer, from what it says that the boxes hold, and the noun's sentence embedding (384,)."""
    own = namer.likeness(held, namer.turned(word[None]))[:, 0]
    every = namer.likeness(held, _known(namer))
    most = every.max(1)
    share = own - most - np.log(np.exp(every - most[:, None]).sum(1))
    merit = own + held.whole
    return np.stack([merit - merit.max(), held.whole, share], 1)


@lru_cache(maxsize=1)
def _known(namer: Namer) -> Floats:
    """All nouns with a stored sentence embedding, turned."""
    return namer.turned(vectors())


def looks(scene: Scene, boxes: Sequence[Frame], seen: Sequence[Detected | None]) -> BoxLooks:
    """Of n boxes. `seen`: the detector's own box that each is, if any."""
    within, around = (_pooled(scene, some) for some in (boxes, [_grown(box) for box in boxes]))
    picture = scene.encoders.picture
    logits = within @ picture.class_weights.T + picture.class_bias
    share = np.exp(logits - logits.max(1, keepdims=True))
    classes = share / share.sum(1, keepdims=True) @ class_vectors()
    names = [dict(one.kinds) if one else {} for one in seen]
    kinds = np.array([[one.get(kind, 0.0) for kind in kind_names()] for one in names], np.float32)
    holds = np.array([one.score if one else 0.0 for one in seen], np.float32)
    form = _form(np.array(boxes, np.float32), holds, kinds)
    return BoxLooks(within, around, scene.features[0].grid.mean((0, 1)), classes, kinds @ kind_vectors(), form)


@lru_cache(maxsize=1)
def kind_names() -> tuple[str, ...]:
    """The detector's kinds."""
    return tuple(json.loads(files("pixwright.encoders").joinpath("data/coco.json").read_text("utf-8")))


@lru_cache(maxsize=1)
def kind_vectors() -> Floats:
    """(80, 384): the sentence embedding of each of the detector's kinds; 0 of one that has none."""
    return np.array([v if (v := vector_of(kind)) is not None else np.zeros(384) for kind in kind_names()], np.float32)


def _form(boxes: Floats, holds: Floats, kinds: Floats) -> Floats:
    """(n, 14): edges, log of area and of shape; how surely something is there, by its surest name and by all; how many agree, hold it, are held, and sides reached."""
    wide, high = np.maximum(boxes[:, 2:] - boxes[:, :2], LEAST_SIDE).T
    agreeing = np.log1p((overlaps(boxes) > AGREE) @ holds)
    return np.column_stack([
        boxes, np.log(np.maximum(wide * high, LEAST_AREA)), np.log(wide / high), holds, kinds.max(1), kinds.sum(1), agreeing,
        *nested(boxes), np.log(holds + FAINTLY),
    ]).astype(np.float32)  # fmt: skip


def _grown(box: Frame) -> Frame:
    x0, y0, x1, y1 = box
    dx, dy = AROUND * (x1 - x0), AROUND * (y1 - y0)
    return max(x0 - dx, 0.0), max(y0 - dy, 0.0), min(x1 + dx, 1.0), min(y1 + dy, 1.0)


def _pooled(scene: Scene, boxes: Sequence[Frame]) -> Floats:
    """(n, 1280): the mean features within each box, over the classifier's scales by how well each tells what is in it."""
    means, trust = [], []
    for look, table in zip(scene.features, scene.sums, strict=True):
        left, top, right, low = np.array([span(box, *look.grid.shape[:2]) for box in boxes]).T
        count = (right - left) * (low - top)
        means.append((table[low, right] - table[top, right] - table[low, left] + table[top, left]) / count[:, None])
        trust.append(tells(count))
    share = np.array(trust) / np.sum(trust, 0)
    return np.asarray((share[..., None] * np.array(means)).sum(0), np.float32)


def tells(count: NDArray[np.int64] | int) -> Floats:
    """How well a scale tells what is in a box that it shows in so many cells."""
    return np.asarray(np.exp(-(np.log(count / CELLS) ** 2) / OCTAVES) + TINY, np.float32)


def cells(grid: Floats, box: Frame) -> Floats:
    """The cells of a (rows, columns, c) grid that a box holds; the one at its corner where it holds none."""
    left, top, right, low = span(box, *grid.shape[:2])
    return grid[top:low, left:right]


def span(box: Frame, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Left, top, right and low of those cells."""
    left, top = min(int(box[0] * columns + REACH), columns - 1), min(int(box[1] * rows + REACH), rows - 1)
    right = max(int(np.ceil(box[2] * columns - REACH)), left + 1)
    return left, top, right, max(int(np.ceil(box[3] * rows - REACH)), top + 1)
