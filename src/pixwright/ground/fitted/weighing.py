"""Which candidate for one thing is rather meant: all that is known of each, weighed together by a fitted conditional logit (recipes/fit/weighing.py)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixwright.ground.detections import Detected, area_of, sure
from pixwright.ground.evidence import contest
from pixwright.ground.fitted.numbers import fitted
from pixwright.ground.geometry import TINY, Floats, Frame
from pixwright.ground.meaning.classes import FAR
from pixwright.ground.scene import Scene
from pixwright.words import NounEntry

CELLS, OCTAVES = 12.0, 4.0
"""A scale of the classifier that shows a box in so many cells tells best what it is, and how fast others count less: exp(-log(cells / CELLS)^2 / OCTAVES)."""
SURELY = (-8.0, 4.0)
"""Between which log-odds classes count."""
AKIN, ALIKE = FAR, 0.4
"""Cosine of two names from which they have to do with each other, and over how much more they come to mean the same."""
NEXT_TO_NONE = 0.02
"""A share of meaning below which the most of it is no measure of the others."""
LIKENESS = 14
"""Column of `features` that is a cosine: how much what a box shows looks like the noun."""
LEAST_AREA, LEAST_SIDE = 1e-4, 1e-3
"""Share of the picture, and of its sides, that keep logarithms finite."""


def weigh(seen: Floats) -> Floats:
    """(n,) shares that sum to 1: how likely each candidate is the one that is meant, if one is, from `features`."""
    merit = seen @ np.array(list(fitted("weighing").values()), np.float32)
    odds = np.exp(merit - merit.max())
    return np.asarray(odds / odds.sum(), np.float32)


def features(
    scene: Scene, candidates: Sequence[tuple[Frame, Detected | None]], named: Floats, tinted: Floats,
    kinds: tuple[tuple[str, ...], tuple[str, ...]], weights: Floats, cosines: Floats | None, entry: NounEntry | None,
    meaning: Floats | None = None, stands: Floats | None = None,
) -> Floats:  # fmt: skip
    """(n, k) of candidates. `named` (n,): how sure it is that each has the noun; `tinted` (n,): how much of the colour asked for it has;
    `kinds`: the detector's that are the noun, and those it is mistaken for; `weights` (1000,) of the noun's classes; `cosines` (1000,) of its name with theirs;
    None: neither the classes nor what stands out is looked at, and nothing is said of them (0). `meaning` (width,): the name among the aligned encoder's vectors; None: nothing is said of it.
    `stands` (n, 2): how well it answers to the places and to the relation that the words name, from `choose.standing`; None: they name none.
    """
    boxes = [box for box, _ in candidates]
    odds, share, likeness = np.zeros((3, len(boxes)), np.float32)
    out = [(0.0, 0.0)] * len(boxes)
    if cosines is not None:
        odds, share = _classes(scene, boxes, weights, cosines)
        out = _standing_out(scene, boxes)
    if meaning is not None:
        likeness = _likeness(scene, boxes, meaning)
    placed = np.zeros((len(boxes), 2), np.float32) if stands is None else stands
    rows = []
    for number, (box, found) in enumerate(candidates):
        x0, y0, x1, y1 = box
        own, alike = ((max((found.kinds.get(k, 0.0) for k in some), default=0.0) if found else 0.0) for some in kinds)
        size = np.log(max(area_of(box), LEAST_AREA))
        shape = 0.0
        if entry is not None and entry.size:
            tall = max((y1 - y0) / max(x1 - x0, LEAST_SIDE), LEAST_SIDE)
            shape = -abs(np.log(tall) - np.log(entry.size[0] / entry.size[1]))
        rows.append([
            sure(own), sure(alike), odds[number], share[number], share[number] / max(float(share.max()), NEXT_TO_NONE), size, size * size, shape, *out[number],
            float(found is None), named[number], named[number] - named.max(), tinted[number], likeness[number],
            found.score if found else 0.0, *placed[number],
        ])  # fmt: skip
    return np.array(rows, np.float32)


def _standing_out(scene: Scene, boxes: Sequence[Frame]) -> list[tuple[float, float]]:
    """In [0, 1], of each box: how much of it stands out, and how much of what stands out is in it."""
    (height, width), every = scene.shape, float(scene.salient.mean()) + LEAST_SIDE
    told = []
    for x0, y0, x1, y1 in boxes:
        held = scene.salient[int(y0 * height) : int(np.ceil(y1 * height)), int(x0 * width) : int(np.ceil(x1 * width))]
        own = float(held.mean()) if held.size else 0.0
        told.append((own, own * area_of((x0, y0, x1, y1)) / every))
    return told


def _classes(scene: Scene, boxes: Sequence[Frame], weights: Floats, cosines: Floats) -> tuple[Floats, Floats]:
    """(n,) log-odds of the noun's classes in each box, and (n,) share of classes that mean something like it, over the classifier's scales."""
    alike = np.clip((cosines - AKIN) / ALIKE, 0, 1) ** 2
    odds, share, trust = (np.zeros((len(boxes), len(scene.dense)), np.float32) for _ in range(3))
    for scale, grid in enumerate(scene.dense):
        for number, box in enumerate(boxes):
            part = _cells(grid, box)
            mass = np.exp(part.mean((0, 1)) - part.mean((0, 1)).max())
            odds[number, scale] = contest(mass[None, None], weights)[0, 0] if weights.any() else SURELY[0]
            share[number, scale] = float(mass @ alike / mass.sum())
            trust[number, scale] = _trust(part)
    trust /= trust.sum(1, keepdims=True)
    return np.clip((odds * trust).sum(1), *SURELY), (share * trust).sum(1)


def _likeness(scene: Scene, boxes: Sequence[Frame], meaning: Floats) -> Floats:
    """(n,) in [-1, 1]: cosine of a name with what each box shows, in the aligned encoder's space, over the classifier's scales. It knows nouns that no class has the name of."""
    parts = [[_cells(look.grid, box) for look in scene.features] for box in boxes]
    latents = np.array([np.sqrt(np.maximum(part.mean((0, 1)), 0)) for of_box in parts for part in of_box], np.float32)
    trust = np.array([[_trust(part) for part in of_box] for of_box in parts], np.float32)
    seen = scene.encoders.aligned.project("picture", latents) @ meaning
    return np.asarray((seen.reshape(trust.shape) * trust).sum(1) / trust.sum(1), np.float32)


def _trust(part: Floats) -> float:
    """How well a scale tells what is in a box that it shows in these cells."""
    return float(np.exp(-(np.log(part.shape[0] * part.shape[1] / CELLS) ** 2) / OCTAVES) + TINY)


def _cells(grid: Floats, box: Frame) -> Floats:
    """The cells of a (rows, columns, c) grid that a box holds; the one at its corner where it holds none."""
    rows, columns = grid.shape[:2]
    left, top = min(int(box[0] * columns + 0.25), columns - 1), min(int(box[1] * rows + 0.25), rows - 1)
    right, low = max(int(np.ceil(box[2] * columns - 0.25)), left + 1), max(int(np.ceil(box[3] * rows - 0.25)), top + 1)
    return grid[top:low, left:right]
