"""Where in a scene a thing that it did not hold is put, and how large it is there. All along right, away and up, as the first view sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from pixwright.records.plan import Relation
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.splats.rigid import LEVEL, foot, side_by_side

Corners: TypeAlias = tuple[Floats, Floats]
"""The lower and the upper corner of a box, 3 each."""

_USUAL = 0.2
"""Of the scene's width, the larger side of a thing of which nothing says how large it is."""
_SMALLEST, _LARGEST = 0.15, 2.5
"""Heights that are believed of a thing, in heights of what it is put to."""
_MOST = 0.6
"""Of the scene's width, the most that a thing takes."""
_INSIDE, _SUNK = 0.9, 0.4
"""Most of a width that a thing inside of another takes, and how much of its height is hidden there."""
_CROWN = 0.15
"""Share of a thing's height that is its top, over whose middle another one is put."""
_FIRM = 0.015
"""Share of a thing's points that a slice of it needs to bear something: a few stray ones do not."""
_HEADS, _SLICES = 0.4, 12
"""Share of its own width at which something worn comes to rest on what wears it; slices in which that is looked for."""
_BINS = 60
"""Heights among which the ground's is looked for."""
_TRIES = 13
"""Places along each side of the scene that are tried."""
_COVERED = 0.5
"""Of the ground below the best covered place, what another one must have."""
_CLUTTER = 0.01
"""Share of the scene's Gaussians that may stand where a thing is put; the place with fewest is taken."""
_HIDDEN = 0.3
"""What it counts that something stands before a place, in what stands on it."""
_ROOM = 1.6
"""Times its own width that are free about a thing on open ground, so that it does not land in a cup."""
_BACK = 0.35
"""How much farther off a place behind the middle counts."""
_SHORT = 0.4
"""Share of its height by which a thing's foot may lie beside that of its box."""
_TOP = 0.98
"""Share of the Gaussians under a thing that are below what it rests on."""

_SIDES = {
    Relation.LEFT: ((-1, 0),), Relation.RIGHT: ((1, 0),), Relation.IN_FRONT: ((0, -1),), Relation.BEHIND: ((0, 1),),
    Relation.BESIDE: ((1, 0), (-1, 0), (0, -1), (0, 1)),
}  # fmt: skip
_SLIDES = (0.0, -0.5, 0.5, -1.0, 1.0)
"""How far before or behind, in sizes of what a thing is put beside."""
_CORE = (0.03, 0.97)
"""Shares of points, along each axis, between which their box lies."""
_PLAN, _TINY = 20, 1e-6
"""Cells along the longer side of a plan of a thing; the smallest cell."""
ON = (Relation.ON, Relation.ABOVE, Relation.TOP)
PLACES = (*_SIDES, *ON, Relation.INSIDE)
"""Relations to a thing that are places in a scene."""


@dataclass(frozen=True, eq=False)
class Ground:
    """A scene as places see it."""

    points: Floats
    """Nx3: its Gaussians that are seen."""
    box: Corners

    @property
    def width(self) -> float:
        """Of the scene: its longer side on the level."""
        return float((self.box[1] - self.box[0])[:2].max())

    @property
    def level(self) -> float:
        """The height at which most of it lies: its ground, a table's top."""
        counted, edges = np.histogram(self.points[:, 2], _BINS, (self.box[0][2], self.box[1][2]))
        return float(edges[int(np.argmax(counted)) + 1])

    def counted(self, at: Floats, size: Floats, room: float = 1.0) -> tuple[float, float]:
        """Shares of the points that stand over the foot of a box of `size` with its foot at a place, and that lie below it as its ground. The box is `room` times as wide."""
        beside = (np.abs(self.points[:, :2] - at[:2]) < room * size[:2] / 2).all(axis=1)
        high = self.points[beside, 2] - at[2]
        low = LEVEL * size[2]
        total = len(self.points)
        return float(((high > low) & (high < size[2])).sum() / total), float((np.abs(high) <= low).sum() / total)

    def under(self, box: Corners) -> Floats:
        """The foot (3) of what stood in a box: on the ground where that lies just below, since it may have hidden its own foot."""
        at, size = foot(box), box[1] - box[0]
        level = np.append(at[:2], self.level)
        low = abs(self.level - at[2]) < _SHORT * size[2] and self.counted(level, size)[1] > 0
        return level if low else at

    def before(self, at: Floats, size: Floats) -> float:
        """Share of the points that hide a thing at a place from the first view, about."""
        across, deep, high = (self.points - at).T
        hides = (np.abs(across) < size[0] / 2) & (deep < -size[1] / 2) & (high > LEVEL * size[2]) & (high < size[2])
        return float(hides.mean())


def body(own: Floats) -> Floats:
    """Of points Mx3 those of the largest thing among them, joined as a plan shows them: what was found with it on the ground, or stands apart, is left out."""
    low, high = np.quantile(own, _CORE, axis=0)
    standing = own[own[:, 2] > low[2] + LEVEL * (high[2] - low[2])]
    cell = max(float((high - low)[:2].max()) / _PLAN, _TINY)
    places = np.floor((standing[:, :2] - standing[:, :2].min(axis=0)) / cell).astype(int)
    plan = np.zeros(places.max(axis=0) + 1, np.uint8)
    plan[tuple(places.T)] = 1
    pieces = cv2.connectedComponents(plan, connectivity=8)[1][tuple(places.T)]
    return np.asarray(standing[pieces == np.argmax(np.bincount(pieces))])


def corners(points: Floats) -> Corners:
    """The box of points Mx3 without stray ones."""
    low, high = np.quantile(points, _CORE, axis=0)
    return low, high


def height_beside(own: float | None, other: float | None, box: Corners) -> float | None:
    """How high a thing of real height `own` is in a scene where one of real height `other` has this box; None where a size is not known."""
    if own is None or other is None:
        return None
    tall = float((box[1] - box[0])[2])
    return float(np.clip(own / other, _SMALLEST, _LARGEST)) * tall


def sized(
    shape: Floats, height: float | None, ground: Ground, relation: Relation | None, anchor: Corners | None
) -> float:
    """The factor for a thing of size `shape` (3): to its height, where that is known, and not wider than its place."""
    scale = _USUAL * ground.width / float(shape.max()) if height is None else height / float(shape[2])
    most = _MOST * ground.width
    if anchor is not None and relation in (*ON, Relation.INSIDE):
        across = float((anchor[1] - anchor[0])[:2].min())
        most = min(most, across * (_INSIDE if relation is Relation.INSIDE else 1.0))
    return min(scale, most / float(shape[:2].max()))


def at_thing(
    ground: Ground, anchor: Corners, own: Floats, size: Floats, relation: Relation, worn: bool
) -> Floats | None:
    """The foot (3) of a thing of `size` that is put to another: `anchor` is its box, `own` Mx3 its points. None where there is no room."""
    if relation is Relation.INSIDE:
        return np.append(foot(anchor)[:2], anchor[1][2] - _SUNK * size[2])
    if relation in ON:
        top = own[own[:, 2] > anchor[1][2] - _CROWN * (anchor[1] - anchor[0])[2]]
        return _resting(own, np.append(np.median(top, axis=0)[:2], 0.0), size, worn)
    box = foot(anchor) - np.append(size[:2] / 2, 0), foot(anchor) + np.append(size[:2] / 2, size[2])
    found = []
    for slide in (
        _SLIDES
    ):  # At a table's edge there may be none of it straight beside a thing, and some a little before or behind.
        for way in _SIDES[relation]:
            across = np.array(way[::-1]) * (anchor[1] - anchor[0])[:2] * slide
            found.append(foot(anchor) + side_by_side(box, anchor, way) + np.append(across, 0))
    needed = _COVERED * max(ground.counted(place, size, _ROOM)[1] for place in _grid(ground))
    return _emptiest(ground, found, size, needed)


def _resting(own: Floats, middle: Floats, size: Floats, worn: bool) -> Floats:
    """Where (3) a thing over `middle` rests on points Mx3: on the highest below it, or, worn, where they are nearly as wide as it."""
    near = own[(np.abs(own[:, :2] - middle[:2]) < size[:2] / 2).all(axis=1)]
    near = near if len(near) else own
    layer = size[2] / _SLICES
    for high in np.arange(near[:, 2].max(), near[:, 2].min(), -layer):
        ring = near[np.abs(near[:, 2] - high) < layer]
        if len(ring) < _FIRM * len(own):
            continue
        wide = float(np.ptp(np.quantile(ring[:, 0], _CORE)))
        if not worn:
            return np.append(middle[:2], np.quantile(ring[:, 2], _TOP))
        if wide > _HEADS * size[0]:
            return np.append(np.median(ring, axis=0)[:2], high)
    return np.append(middle[:2], near[:, 2].max())


def open_place(ground: Ground, size: Floats) -> Floats | None:
    """The foot (3) of a thing of `size` where there is ground below it and nothing stands, near the middle and rather before it than behind; None where there is none."""
    middle = (ground.box[0] + ground.box[1])[:2] / 2
    tried = sorted(
        _grid(ground), key=lambda place: np.hypot(*(place[:2] - middle)) * (1 + _BACK * (place[1] > middle[1]))
    )
    needed = _COVERED * max(ground.counted(place, size, _ROOM)[1] for place in tried)
    return _emptiest(ground, tried, size, needed)


def _emptiest(ground: Ground, places: Sequence[Floats], size: Floats, needed: float) -> Floats | None:
    """The first of the places where least stands, and least before it, of those with so much ground below; None where on all of them too much stands."""
    best: tuple[float, int] | None = None
    for number, place in enumerate(places):
        stands, lies = ground.counted(place, size, _ROOM)
        if lies >= needed > 0 and stands <= _CLUTTER:
            cost = stands + _HIDDEN * ground.before(place, size)
            best = (cost, number) if best is None else min(best, (cost, number))
    return None if best is None else places[best[1]]


def _grid(ground: Ground) -> Iterator[Floats]:
    """Places on the ground all over the scene."""
    level = ground.level
    low, high = ground.box
    for x in np.linspace(low[0], high[0], _TRIES + 2)[1:-1]:
        for y in np.linspace(low[1], high[1], _TRIES + 2)[1:-1]:
            yield np.array([x, y, level])
