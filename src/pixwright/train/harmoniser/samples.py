"""Things of photographs where they stand and elsewhere in the same photograph: their own colours are then right by construction.

The ground below a thing is painted over first, its rim with it, so that nothing of the thing's true colours is left about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.train.harmoniser.views import FAR, NEAR, place_of

Floats: TypeAlias = NDArray[np.float32]

SIDE = 320
"""Longer side, in pixels, of a photograph that samples are made of."""
_SHARE = (0.015, 0.5)
"""Share of a photograph that a thing covers."""
_FILLS = (0.2, 0.92)
"""Share of its box that a thing fills; what fills more is a patch of the frame."""
_SURE = 0.4
"""Least probability of a box."""
_RIM = 0.03
"""Width of the rim, as a share of the thing's size, that is painted over with it."""
_FILL_SIDE = 96
"""Longer side at which the ground is painted: no more of it is seen than its tones."""
_ELSEWHERE = 0.5
"""Share of the samples whose thing stands at another place of its photograph."""
_SCALE = (0.6, 1.2)
_SAME = 0.5
"""Overlap over which two outlines are the same thing's."""


class ThingOutliner(Protocol):
    """What stands out in a picture."""

    def outline(self, picture: Array) -> Floats:
        """(H, W) in [0, 1]."""
        ...


@dataclass(frozen=True, eq=False)
class Standing:
    """A thing of a photograph: `pixels` HxWx4 uint8 in its box, and its photograph without it, HxWx3 uint8."""

    pixels: Array
    box: Box
    ground: Array


@dataclass(frozen=True, eq=False)
class PastedSample:
    """One row, uint8: the scene and the thing's own colours at NEAR and at FAR, RGB of both and alpha: (NEAR, NEAR, 7), (FAR, FAR, 7)."""

    near: Array
    far: Array


def standing(picture: Array, boxes: Sequence[tuple[Box, float]], outliner: ThingOutliner) -> list[Standing]:
    """The things of a photograph HxWx3 uint8 whose outline is clear: what stands out in it, and in each box with a score."""
    height, width = picture.shape[:2]
    found: list[NDArray[np.float32]] = []
    for x0, y0, x1, y1 in ((0, 0, width, height), *(box for box, score in boxes if score >= _SURE)):
        pad = round(0.15 * max(x1 - x0, y1 - y0))
        part = np.s_[max(0, y0 - pad) : y1 + pad, max(0, x0 - pad) : x1 + pad]
        alpha = np.zeros((height, width), np.float32)
        alpha[part] = outliner.outline(np.ascontiguousarray(picture[part]))
        if not any(_overlap(alpha, other) > _SAME for other in found):
            found.append(alpha)
    made = (_thing(picture, np.rint(alpha * 255).astype(np.uint8)) for alpha in found)
    return [one for one in made if one is not None]


def _overlap(one: Floats, other: Floats) -> float:
    return float(np.minimum(one, other).sum() / max(float(np.maximum(one, other).sum()), 1.0))


def _thing(picture: Array, alpha: Array) -> Standing | None:
    x, y, wide, tall = map(int, cv2.boundingRect((alpha > 127).astype(np.uint8)))
    solid = float((alpha > 127).sum())
    if not _SHARE[0] <= solid / alpha.size <= _SHARE[1] or not _FILLS[0] <= solid / max(wide * tall, 1) <= _FILLS[1]:
        return None
    # A little inside of the outline, so that nothing of the ground comes along.
    alpha = cv2.erode(alpha, np.ones((3, 3), np.uint8))
    box = (x, y, x + wide, y + tall)
    pixels = np.dstack([picture, alpha])[y : y + tall, x : x + wide]
    return Standing(np.ascontiguousarray(pixels), box, _without(picture, alpha, max(wide, tall)))


def _without(picture: Array, alpha: Array, size: int) -> Array:
    """The photograph with the thing and its rim painted over."""
    height, width = picture.shape[:2]
    reach = 2 * max(2, round(_RIM * size)) + 1
    hole = cv2.dilate((alpha > 12).astype(np.uint8), np.ones((reach, reach), np.uint8))
    scale = _FILL_SIDE / max(height, width)
    rows, columns = max(8, round(height * scale)), max(8, round(width * scale))
    small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    # An area's mean at the hole's rim would hold colours of the thing.
    known = cv2.resize(hole, (columns, rows), interpolation=cv2.INTER_LINEAR) > 0
    known = cv2.dilate(known.astype(np.uint8), np.ones((3, 3), np.uint8))
    painted = cv2.resize(
        cv2.inpaint(small, known, 3, cv2.INPAINT_TELEA), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return np.where(hole[..., None] > 0, painted, picture)


def put_back(thing: Standing, rng: np.random.Generator) -> tuple[Array, Array, Box]:
    """The thing in its photograph, where it stood or elsewhere: (ground HxWx3, thing HxWx4 on the whole frame, box)."""
    height, width = thing.ground.shape[:2]
    x0, y0, x1, y1 = thing.box
    pixels, corner = thing.pixels, (x0, y0)
    if rng.random() < _ELSEWHERE:
        scale = rng.uniform(*_SCALE)
        wide, tall = (int(np.clip(n * scale, 8, most)) for n, most in ((x1 - x0, width), (y1 - y0, height)))
        pixels = resized(pixels, tall, wide, cv2.INTER_LINEAR)
        corner = int(rng.integers(0, width - wide + 1)), int(rng.integers(0, height - tall + 1))
    layer = np.zeros((height, width, 4), np.uint8)
    left, top = corner
    layer[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return thing.ground, layer, (left, top, left + pixels.shape[1], top + pixels.shape[0])


def sample(things: Sequence[Standing], rng: np.random.Generator) -> PastedSample:
    """A row of one of the things."""
    ground, layer, box = put_back(pick(rng, things), rng)
    seven = np.dstack([ground, layer])
    height, width = ground.shape[:2]
    x0, y0, x1, y1 = place_of(box, height, width)
    if rng.random() < 0.5:
        seven, (x0, x1) = seven[:, ::-1], (width - x1, width - x0)
    return PastedSample(_small(seven[y0:y1, x0:x1], NEAR), _small(seven, FAR))


def _small(seven: Array, side: int) -> Array:
    """The thing's colours count by its alpha, so that those outside of its outline do not bleed in."""
    alpha = seven[..., 6:].astype(np.float32) / 255
    scene = resized(np.ascontiguousarray(seven[..., :3]), side, side, cv2.INTER_LINEAR)
    thing = resized(np.dstack([seven[..., 3:6] * alpha, alpha * 255]), side, side, cv2.INTER_LINEAR)
    colours = thing[..., :3] / np.maximum(thing[..., 3:] / 255, 1e-3)
    return np.asarray(np.clip(np.rint(np.dstack([scene, colours, thing[..., 3:]])), 0, 255), np.uint8)
