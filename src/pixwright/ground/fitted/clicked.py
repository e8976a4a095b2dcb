"""What a click means: everything that could be outlined at a point, and which of it people mean by such a click.

A point in a picture is on a button, a shirt, a man and a crowd. Each is a candidate: what stands out at several zooms, what the detector boxed, and the surface at the
point at several widths. The choice is a linear one, fitted to things that people outlined (`recipes/fit/clicks.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.detections import Detected
from pixwright.ground.fitted.inside import solidity
from pixwright.ground.fitted.numbers import fitted
from pixwright.ground.geometry import Floats, cell_at, fill_holes, frame_of, holds, iou, parts_of, softened
from pixwright.ground.outline import FILLED, outline, prompted_at, zoomed, zooms_ahead
from pixwright.ground.scene import Scene
from pixwright.ground.superpixels import settle
from pixwright.records.instruction import Array

Point: TypeAlias = tuple[float, float]
"""x, y in 0..1."""

SURFACES = (8.0, 14.0, 24.0)
"""CIE Lab distances at which a superpixel is half like the one that was pointed at, for surfaces from narrow to wide."""
PLAIN = SURFACES[1]
"""The usual one."""
JOINED = 0.3
"""Value of a surface at the point that was pointed at from which a part of it is the one that is meant."""
SEEN, BOXES = 0.25, 4
"""Least score of a detector's box that a click may mean, and how many such boxes around a point are outlined, surest first."""
LEAST = 8
"""Pixels of a candidate at least."""
INSIDE = 0.5
"""Size of another candidate in this one's, up to which it is a thing within it."""
FAINT = 0.2
"""Value of an outline that counts when its sureness is measured."""
RIM, DEEP, AROUND = 1, 2, 2
"""Pixels: half the width of a rim, how far inside it what is within begins, and how wide what is around is."""


@dataclass(frozen=True, eq=False)
class Clickable:
    """One thing that a click may mean: `mask` (h, w) in [0, 1]; `uncut`: how little its window cuts it; `detected`: the detector's score, None: it is not from there."""

    mask: Floats
    uncut: float = 1.0
    detected: float | None = None
    is_surface: bool = False


def pointed(scene: Scene, point: Point, not_at: Sequence[Point] = ()) -> Floats:
    """(h, w) in [0, 1]: the thing at a point. `not_at`: points that are not on it."""
    embedded = cache(lambda: _likeliest(scene, point, not_at))
    prompted = prompted_at(scene, point, not_at, embedded)
    return embedded() if prompted is None else prompted[0]


def _likeliest(scene: Scene, point: Point, not_at: Sequence[Point]) -> Floats:
    """The same without a pulled network that is asked for points."""
    found = [one for one in candidates(scene, point, not_at) if np.count_nonzero(one.mask > 0.5) >= LEAST]
    if not found:
        return surface(scene, point, not_at)
    merit = features(scene, point, found) @ np.array(list(fitted("clicked").values()), np.float32)
    return fill_holes(found[int(np.argmax(merit))].mask)


def look_ahead(scene: Scene) -> Iterator[None]:
    """Look, one thing after the other, at what every later point needs: `pointed` is then several times as quick. Whoever iterates may stop at any time."""
    if scene.looked is not None:
        yield  # a pulled outliner has looked; one that wants a box about the point still needs what follows
    # First what costs a click most: the detector's look and the superpixels, each once for the whole picture.
    for name in ("proposals", "pieces"):
        getattr(scene, name)
        yield
    yield from zooms_ahead(scene)
    for one in _boxes(scene):
        outline(scene, one.box)
        yield


def _boxes(scene: Scene) -> list[Detected]:
    """The detector's boxes that a click may mean, surest first."""
    return sorted((one for one in scene.proposals if one.score > SEEN), key=lambda one: -one.score)


def candidates(scene: Scene, point: Point, not_at: Sequence[Point] = ()) -> list[Clickable]:
    """Everything that a click at a point may mean."""
    found = [Clickable(mask, uncut) for mask, uncut in zoomed(scene, point, not_at) if uncut > FILLED]
    found += [Clickable(surface(scene, point, not_at, alike), is_surface=True) for alike in SURFACES]
    x, y = point
    around = [one for one in _boxes(scene) if one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3]]
    for one in around[:BOXES]:
        mask, agreed = outline(scene, one.box)
        if holds(mask, point) and not any(holds(mask, off) for off in not_at):
            found.append(Clickable(mask, agreed, one.score))
    return found


def features(scene: Scene, point: Point, found: Sequence[Clickable]) -> Floats:
    """(n, k): how each of n candidate looks, and how it stands to the others. Each has at least LEAST pixels."""
    edges = _edges(scene)
    return np.array(
        [_told(scene, edges, point, one, [rest for rest in found if rest is not one]) for one in found], np.float32
    )


def _told(scene: Scene, edges: Floats, point: Point, one: Clickable, rest: Sequence[Clickable]) -> list[float]:
    mask, lab = one.mask, scene.lab
    solid = (mask > 0.5).astype(np.uint8)
    rim, within = (_grown(solid, RIM) - _shrunk(solid, RIM)).astype(bool), _shrunk(solid, DEEP).astype(bool)
    own, apart = lab[solid > 0], contrast(scene, mask)
    agree = [iou(mask, other.mask) for other in rest] or [0.0]
    x0, y0, x1, y1 = frame_of(mask)
    wide, tall = x1 - x0, y1 - y0
    size = float(np.log(solid.mean()))
    within_it = [
        float(np.minimum(mask, other.mask).sum() / other.mask.sum())
        for other in rest
        if not other.is_surface and 0 < other.mask.sum() < INSIDE * mask.sum()
    ]
    deep = cv2.distanceTransform(np.pad(solid, 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    frame = np.concatenate([solid[0], solid[-1], solid[:, 0], solid[:, -1]])
    flat = float(one.is_surface)
    return [
        max(agree), float(np.mean(agree)), one.uncut, _logged(edges, rim), _logged(edges, within), apart, float(own.std(0).mean()),
        float(deep[cell_at(deep, point)] / max(float(deep.max()), 1.0)), size, float(frame.mean()), float(solid.mean()) / (wide * tall),
        float(np.hypot(((x0 + x1) / 2 - point[0]) / wide, ((y0 + y1) / 2 - point[1]) / tall)), solidity(mask), float(mask[mask > FAINT].mean()),
        max(within_it, default=0.0), flat, flat * size, flat * apart, float(one.detected is not None), one.detected or 0.0,
    ]  # fmt: skip


def contrast(scene: Scene, mask: Floats) -> float:
    """CIE Lab distance between the mean colours of what is under a mask (h, w) and of what is around it; 0 where either is empty."""
    solid = (mask > 0.5).astype(np.uint8)
    grown = _grown(solid, RIM)
    around = _grown(grown, AROUND) > grown
    if not solid.any() or not around.any():
        return 0.0
    return float(np.linalg.norm(scene.lab[solid > 0].mean(0) - scene.lab[around].mean(0)))


def surface(scene: Scene, point: Point, not_at: Sequence[Point] = (), alike: float = PLAIN) -> Floats:
    """(h, w): the superpixels that are like the one at a point, half so at a distance of `alike` in CIE Lab, and joined to it."""
    pieces = scene.pieces
    at = cell_at(pieces.labels, point)
    own = int(pieces.labels[at])
    apart = np.linalg.norm(pieces.colour - pieces.colour[own], axis=1)
    likely = np.asarray(0.5 ** (apart / alike), np.float32)
    likely[own] = 1.0
    for off in not_at:
        likely[pieces.labels[cell_at(pieces.labels, off)]] = 0.0
    belief = settle(pieces, likely)
    belief[own] = 1.0
    soft = softened(pieces.paint(belief))
    return next((part for part in parts_of(soft, 1) if part[at] > JOINED), soft)


def _edges(scene: Scene) -> Floats:
    """(h, w): how steeply the colour changes, in CIE Lab."""
    ways = [cv2.Sobel(scene.lab, cv2.CV_32F, *way) for way in ((1, 0), (0, 1))]
    return np.asarray(np.sqrt(sum((way**2).sum(axis=2) for way in ways)), np.float32)


def _logged(edges: Floats, where: NDArray[np.bool_]) -> float:
    return float(np.log1p(edges[where].mean())) if where.any() else 0.0


def _grown(solid: Array, by: int) -> Array:
    return np.asarray(cv2.dilate(solid, np.ones((2 * by + 1, 2 * by + 1), np.uint8)))


def _shrunk(solid: Array, by: int) -> Array:
    return np.asarray(cv2.erode(solid, np.ones((2 * by + 1, 2 * by + 1), np.uint8)))
