"""Regions that the user points at: boxes, points, strokes and masks, by the same segmenter that a noun is outlined with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pixwright.errors import InvalidMask
from pixwright.ground.fitted.clicked import contrast, pointed, surface
from pixwright.ground.geometry import SOLID, covered, holds, parts_of
from pixwright.ground.instance import Instance, union
from pixwright.ground.outline import SPECK, outline, stands_out
from pixwright.ground.rim import full_size
from pixwright.ground.scene import Scene
from pixwright.records.instruction import Array
from pixwright.records.region import Box, Region, box_of

FILLED, BARE = 0.12, 0.3
"""Share of a box that its thing must fill, and how well the two must agree, for there to be a thing in it."""
DIFFERS = 12.0
"""CIE Lab distance from what is around it that makes something in a box a thing, though it does not stand out of the picture."""
STROKE_MARGIN = 0.6
"""Share of a stroke's sides that is shown to the segmenter around it: a stroke is smaller than its thing."""
TOUCHED = 0.3
"""Share of a stroke that must lie on a thing for the stroke to mean it."""


def from_box(scene: Scene, box: Box) -> Region:
    """The thing inside `box` (XYXY pixels; x1, y1 exclusive); if nothing in the box stands out, the box itself. Nothing outside of the box is taken.

    Raises InvalidMask if the box is empty or not within the picture.
    """
    height, width = scene.picture.shape[:2]
    x0, y0, x1, y1 = box
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise InvalidMask(
            f"box {x0},{y0},{x1},{y1} does not lie within the picture of {width}x{height} pixels; give X0,Y0,X1,Y1 with X0 < X1 and Y0 < Y1"
        )
    plain = np.zeros((height, width), np.uint8)
    plain[y0:y1, x0:x1] = 255
    found, agreed = outline(scene, (x0 / width, y0 / height, x1 / width, y1 / height))
    mask = full_size(found, scene.picture) & plain
    stands_out_there = agreed >= BARE or contrast(scene, found) > DIFFERS
    if not stands_out_there or float((mask[y0:y1, x0:x1] > SOLID).mean()) < FILLED:
        note = "the box itself: no object stood out in it"
        return Region(plain, (box,), 1.0, "", "user", (plain > 0).astype(np.uint8), note)
    return replace(_of_user(mask), outlined=True)


def from_points(scene: Scene, points: Sequence[tuple[int, int]], not_at: Sequence[tuple[int, int]] = ()) -> Region:
    """The things at `points` (x, y in pixels), without what is at `not_at`; where nothing stands out, the surface that a point is on.

    Raises InvalidMask if there is no point, or one is not within the picture.
    """
    height, width = scene.picture.shape[:2]
    if not points:
        raise InvalidMask("no point was given; give at least one: --point X,Y")
    for x, y in (*points, *not_at):
        if not (0 <= x < width and 0 <= y < height):
            raise InvalidMask(
                f"point {x},{y} is outside the picture of {width}x{height} pixels; give 0 <= X < {width} and 0 <= Y < {height}"
            )
    at, off = ([((x + 0.5) / width, (y + 0.5) / height) for x, y in group] for group in (points, not_at))
    found: list[Instance] = []
    for point in at:
        if not any(holds(i.mask, point) for i in found):
            found.append(Instance(pointed(scene, point, off)))
    whole = union(found, scene.shape)
    for point in off:
        if holds(whole, point):
            whole = np.asarray(np.minimum(whole, 1 - surface(scene, point, at)), np.float32)
    large = full_size(whole, scene.picture)
    if not (large > SOLID).any():
        for x, y in points:
            large[y, x] = 255
    return replace(_of_user(large), outlined=True)


def from_scribble(scene: Scene, strokes: Array) -> Region:
    """The things that strokes were drawn over: `strokes` HxW uint8, 255 = stroke, of the picture's own size. Where nothing stands out, the strokes themselves.

    Raises InvalidMask if nothing was drawn.
    """
    drawn = from_mask(strokes)
    height, width = scene.shape
    shrunk = np.asarray(cv2.resize(strokes, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    line = np.asarray(shrunk / max(float(shrunk.max()), 1.0), np.float32)
    tall, wide = strokes.shape
    kept = [np.zeros(scene.shape, np.float32)]
    for x0, y0, x1, y1 in drawn.boxes:
        seen = stands_out(scene, (x0 / wide, y0 / tall, x1 / wide, y1 / tall), STROKE_MARGIN)
        here = np.zeros_like(line)
        box = np.s_[y0 * height // tall : -(-y1 * height // tall), x0 * width // wide : -(-x1 * width // wide)]
        here[box] = line[box]
        kept += [part for part in parts_of(seen, SPECK) if covered(here, part) > TOUCHED]
    mask = full_size(np.asarray(np.max(kept, axis=0), np.float32), scene.picture)
    return replace(_of_user(mask), outlined=True) if (mask > SOLID).any() else drawn


def from_mask(mask: Array) -> Region:
    """A mask (HxW uint8, 255 = edit) as drawn by the user; each connected part is an instance, at most 255. Raises InvalidMask if empty."""
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise InvalidMask(
            f"a mask of shape {mask.shape} and type {mask.dtype}; give one channel of 8 bits, white where to edit"
        )
    if not (mask > SOLID).any():
        raise InvalidMask(
            f"the mask of {mask.shape[1]}x{mask.shape[0]} pixels marks nothing; paint what shall be edited white"
        )
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > SOLID).astype(np.uint8))
    order = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA], kind="stable")[:255]
    table = np.zeros(count, np.uint8)
    table[order] = np.arange(1, len(order) + 1)
    boxes = tuple((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h in stats[order, : cv2.CC_STAT_AREA])
    return Region(mask, boxes, 1.0, "", "user", table[labels])


def _of_user(mask: Array) -> Region:
    return Region(mask, (box_of(mask > SOLID),), 1.0, "", "user", (mask > 0).astype(np.uint8))
