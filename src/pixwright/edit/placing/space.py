"""What a picture offers to a new thing: free room, the sky, the ground's horizon and the scale.

Everything is measured on a map of at most `SIDE` pixels a side, whatever the picture's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context
from pixwright.edit.placing.anchor import Anchor
from pixwright.edit.placing.lifting import common
from pixwright.edit.placing.shelves import Cutout, typical_size
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats: TypeAlias = NDArray[np.floating[Any]]
SIDE = 192
EYES = 1.6
"""Metres: height of the camera where nothing else tells the scale of a landscape."""
_APART = 0.08
"""Share of the height between the feet of two people from which they tell where the horizon is."""
_RIM = 2
"""Pixels: a person's box that comes so near the frame is cut by it."""
_STANDING = 1.8
"""Height over width from which a person stands upright, so that the whole height is seen."""
_LOWEST = 0.93
"""Share of the height below which a sky ends at no horizon."""
_SEEN = 0.11
"""Share of the shorter side that a thing is tall at least, where the scale is only supposed: it was asked for to be seen."""
_TRUST = 0.65
"""Weight of a scale that is only supposed, against a thing's usual share of a picture."""
_LARGE, _INSIDE = 0.35, 0.6
"""Share of a picture from which what is seen is what others stand on or before; and of the smaller of two boxes from which one is of the other."""
_FURTHEST = 0.08
"""Least size of what is far away, over its size at the known distance."""


@dataclass(frozen=True, eq=False)
class Space:
    """What the search knows of a picture. Maps are float32 0..1 of the same small size; `scale` = small / full side. `horizon` is the
    row, in full pixels, at which the ground would vanish; `per_metre` pixels a metre at row `base`, or None if nothing tells."""

    height: int
    width: int
    scale: float
    busy: Floats
    taken: Floats
    sky: Floats
    horizon: float
    per_metre: float | None = None
    base: float = 0.0
    sure: bool = True
    """False if the scale is the main object's and not the anchor's."""


def read_space(picture: Array, context: Context, anchor: Anchor | None, beside: bool = False) -> Space:
    """Measure edge density, what is salient, the sky and the scale of a picture: HxWx3 uint8 -> `Space`."""
    height, width = picture.shape[:2]
    small = shrink(picture, SIDE, least=2)
    size = small.shape[1], small.shape[0]
    scale = min(1.0, SIDE / max(height, width))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    busy = np.clip(cv2.GaussianBlur(slope, (0, 0), 3) / 120, 0, 1)
    taken, sky = np.zeros_like(busy), np.zeros_like(busy)
    boxes: tuple[Box, ...] = ()
    if (
        anchor is None or anchor.area or beside
    ):  # over, under or in a thing that was found, the thing itself says enough
        salient = context.ground(picture, "foreground")
        if salient.found and (salient.mask > 127).mean() < 0.7:  # a "foreground" that fills the picture says nothing
            taken, boxes = shares(salient.mask, size), salient.boxes
            if anchor is not None and not anchor.area:
                taken = np.asarray(taken * (1 - shares(anchor.region.mask, size)))
    if beside and anchor is not None and not anchor.area:
        for x0, y0, x1, y1 in standing_about(context.things(picture), anchor.box, (width, height)):
            taken[round(y0 * scale) : round(y1 * scale), round(x0 * scale) : round(x1 * scale)] = 1.0
    if anchor is None:
        found = context.ground(picture, "sky")
        sky = shares(found.mask, size) if found.found else sky
    rows = np.flatnonzero(sky.mean(axis=1) > 0.25)
    horizon = float((rows[-1] + 1) / scale) if rows.size and rows[-1] < _LOWEST * len(sky) else 0.3 * height
    space = Space(height, width, scale, busy, taken, sky, horizon)
    if anchor is not None and anchor.per_metre is not None:
        # A small anchor means a camera held close: there perspective is weak and the horizon far above the frame.
        near = anchor.size_m is not None and anchor.size_m < 1.0
        return replace(
            space, per_metre=anchor.per_metre, base=anchor.box[3], horizon=-0.6 * height if near else horizon
        )
    if not (anchor is None or anchor.area):
        return space
    plane = _scale_from_people(picture, context, space)
    if plane is None and boxes:
        plane = _scale_from_salient(picture, context, space, boxes)
    return plane or _scale_from_eyes(space, anchor, bool(rows.size))


def standing_about(seen: Sequence[Box], box: Box, frame: tuple[int, int]) -> tuple[Box, ...]:
    """Of the boxes of what is seen those of things that stand about the thing in `box`: not its own, nor what it stands on or before."""
    most = _LARGE * frame[0] * frame[1]
    own = (box[2] - box[0]) * (box[3] - box[1])
    return tuple(
        other
        for other in seen
        if (other[2] - other[0]) * (other[3] - other[1]) < most
        and common(box, other) < _INSIDE * min(own, (other[2] - other[0]) * (other[3] - other[1]))
    )


def _scale_from_people(picture: Array, context: Context, space: Space) -> Space | None:
    """The ground plane that upright people stand on: size grows in proportion to the distance of the feet below the horizon. None without any."""
    size = typical_size("person")
    found = context.ground(picture, "person")
    if size is None or not found.found or found.guess:
        return None
    whole = [
        box
        for box in found.boxes
        if box[1] > _RIM and box[3] < space.height - _RIM and box[3] - box[1] > _STANDING * (box[2] - box[0])
    ]
    if not whole:
        return None
    feet, tall = (
        np.array([box[3] for box in whole], np.float64),
        np.array([box[3] - box[1] for box in whole], np.float64),
    )
    horizon = space.horizon
    if np.ptp(feet) > _APART * space.height:
        slope, start = np.polyfit(feet, tall, 1)
        if slope > 0:
            horizon = float(np.clip(-start / slope, -2.0 * space.height, feet.min() - 1))
    middle = int(np.argsort(tall)[len(tall) // 2])
    return replace(space, per_metre=float(tall[middle]) / size[0], base=float(feet[middle]), horizon=horizon)


def _scale_from_eyes(space: Space, anchor: Anchor | None, sky: bool) -> Space:
    """Under an open sky a camera is held at eye level: what stands on the ground there has its horizon at that height. Else nothing is known."""
    horizon = space.horizon
    if anchor is not None and anchor.area and not anchor.sky:
        top = float(np.flatnonzero((anchor.region.mask > 127).any(axis=1))[0]) if anchor.region.mask.any() else horizon
        horizon, sky = (max(horizon, top) if sky else top), True
    if not sky or horizon >= 0.9 * space.height:
        return space
    return replace(space, horizon=horizon, per_metre=(space.height - horizon) / EYES, base=space.height, sure=False)


def _scale_from_salient(picture: Array, context: Context, space: Space, boxes: Sequence[Box]) -> Space | None:
    """The scale that the picture's main object gives, if the classifier is sure of it and its size is known."""
    label = context.encoders.picture.classify(picture, 1)[0]
    size = next((s for s in map(typical_size, label.name.split(",")) if s), None)
    if label.probability < 0.35 or size is None or size[0] > 4:
        return None
    x0, y0, x1, y1 = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    # Small things are often seen from above, or stand on a saucer: the smaller estimate is the safer one.
    per_metre = (min if size[0] < 0.3 else max)((y1 - y0) / size[0], (x1 - x0) / size[1])
    return replace(
        space, per_metre=per_metre, base=y1, sure=False, horizon=-0.6 * space.height if size[0] < 1.0 else space.horizon
    )


def shares(mask: Array, size: tuple[int, int]) -> Floats:
    """A mask as shares 0..1 on a map of `size` (columns, rows)."""
    return np.asarray(resized(mask, *size[::-1], cv2.INTER_LINEAR), np.float32) / 255


def height_at(space: Space, cutout: Cutout, base: Floats, wish: float, airborne: bool, level: bool = False) -> Floats:
    """Height in pixels that a thing has when it stands at the rows `base`; `wish` is the words' own factor (big 1.4).

    Known scale: real size times pixels a metre, growing with the distance below the horizon as a ground plane seen from a constant
    height does; `level`: at the anchor's own distance. Unknown: a share of the picture that grows slowly with the real size, so that a bee is seen and a house fits.
    """
    side = min(space.height, space.width)
    size = cutout.size_m or 0.5
    down = np.maximum(base - space.horizon, 1.0)
    real = natural_height(space, cutout, base, airborne, level)
    # What flies is seen from any side: one that is flat is as wide as another is high.
    flat = max(1.0, cutout.pixels.shape[1] / cutout.pixels.shape[0]) if airborne else 1.0
    share = 0.17 if size > 1e5 else float(np.clip(0.27 * (size * flat / 0.5) ** 0.28, 0.12, 0.33 if airborne else 0.4))
    growth = 0.6 + 0.7 * np.clip(down / max(space.height - space.horizon, 1), 0, 1)
    tall = side * share / flat * (np.ones_like(base) if airborne else growth)
    if real is not None:
        tall = real if space.sure else real**_TRUST * tall ** (1 - _TRUST)
    return np.asarray(
        np.minimum(
            np.clip(tall, (0.07 if space.sure else _SEEN) * side / flat, 0.5 * space.height) * wish, 0.75 * space.height
        )
    )


def natural_height(space: Space, cutout: Cutout, base: Floats, airborne: bool, level: bool) -> Floats | None:
    """Height in pixels by the known scale alone; None where it is not known, or does not hold for what flies at any distance."""
    size = cutout.size_m or 0.5
    if space.per_metre is None or (airborne and (size > 2 or not space.sure)):
        return None
    down = np.maximum(base - space.horizon, 1.0)
    ratio = np.clip(down / max(space.base - space.horizon, 0.1 * space.height), _FURTHEST, 1.6)
    return np.asarray(size * space.per_metre * (np.ones_like(base) if airborne or level else ratio))


def mean_in(grid: Floats, scale: float, boxes: tuple[Floats, Floats, Floats, Floats]) -> Floats:
    """Mean of a small map over boxes (x0, y0, x1, y1 in full pixels, arrays of one shape), clipped to the map; by its integral image."""
    total = cv2.integral(grid.astype(np.float32), sdepth=cv2.CV_64F)
    rows, columns = grid.shape
    x0, y0, x1, y1 = (np.round(edge * scale).astype(np.int64) for edge in boxes)
    left, top = np.clip(x0, 0, columns - 1), np.clip(y0, 0, rows - 1)
    right, low = np.clip(x1, left + 1, columns), np.clip(y1, top + 1, rows)
    area = (right - left) * (low - top)
    return np.asarray((total[low, right] - total[top, right] - total[low, left] + total[top, left]) / area)
