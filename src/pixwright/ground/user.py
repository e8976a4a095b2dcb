"""Regions that the user points at: a box, a point or a mask."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.errors import InvalidMask
from pixwright.ground.geometry import box_of, fit, to_full
from pixwright.ground.segment import guided
from pixwright.records.instruction import Array
from pixwright.records.region import Box, Region

WORK = 512
POINT_REACH = 0.45


def from_box(picture: Array, box: Box) -> Region:
    """The object inside `box` (XYXY pixels; x1, y1 exclusive) of an HxWx3 picture, cut out by GrabCut; if nothing in the box stands out, the
    box itself. Raises InvalidMask if the box is empty or not within the picture."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise InvalidMask(
            f"box {x0},{y0},{x1},{y1} does not lie within the picture of {width}x{height} pixels; give X0,Y0,X1,Y1 with X0 < X1 and Y0 < Y1"
        )
    plain = np.zeros((height, width), np.uint8)
    plain[y0:y1, x0:x1] = 255
    # A generous surrounding shows GrabCut what is not the object.
    pad_x, pad_y = max(16, (x1 - x0) // 2), max(16, (y1 - y0) // 2)
    wx0, wy0, wx1, wy1 = max(0, x0 - pad_x), max(0, y0 - pad_y), min(width, x1 + pad_x), min(height, y1 + pad_y)
    crop = np.ascontiguousarray(picture[wy0:wy1, wx0:wx1, :3])
    small = fit(crop, WORK)
    sy, sx = small.shape[0] / crop.shape[0], small.shape[1] / crop.shape[1]
    inner = round((x0 - wx0) * sx), round((y0 - wy0) * sy), round((x1 - wx0) * sx), round((y1 - wy0) * sy)
    found = _grab_box(small, inner)
    if found is None:
        return Region(
            plain, (box,), 1.0, "", "user", (plain > 0).astype(np.uint8), "the box itself: no object stood out in it"
        )
    mask = np.zeros((height, width), np.uint8)
    mask[wy0:wy1, wx0:wx1] = to_full(found, crop)
    mask &= plain
    return Region(mask, (box_of(mask > 127),), 1.0, "", "user", (mask > 0).astype(np.uint8))


def _grab_box(small: Array, inner: Box) -> np.ndarray[tuple[int, int], np.dtype[np.float32]] | None:
    """Soft mask of the object in `inner`, or None if what GrabCut leaves is no plausible object."""
    x0, y0, x1, y1 = inner
    if x1 - x0 < 6 or y1 - y0 < 6 or (x1 - x0) * (y1 - y0) > 0.98 * small.shape[0] * small.shape[1]:
        return None
    trimap = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    trimap[y0:y1, x0:x1] = cv2.GC_PR_FGD
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.ascontiguousarray(small), trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK
    )
    inside = ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.uint8)
    inside = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside)
    if count < 2:
        return None
    largest = int(stats[1:, cv2.CC_STAT_AREA].max())
    keep = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= 0.12 * largest]
    inside = np.isin(labels, keep).astype(np.uint8)
    filled = _fill_holes(inside)
    bx0, by0, bx1, by1 = box_of(filled > 0)
    spans = (bx1 - bx0) / (x1 - x0), (by1 - by0) / (y1 - y0)
    share = float(filled[y0:y1, x0:x1].mean())
    if min(spans) < 0.45 or share < 0.12:
        return None
    return guided(small, filled.astype(np.float32), 3, 1e-4)


def _fill_holes(mask: Array) -> Array:
    """Close small holes: a window in a car belongs to the car."""
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    total = int(mask.sum())
    out = mask.copy()
    for i, contour in enumerate(contours):
        if tree[0][i][3] >= 0 and cv2.contourArea(contour) < 0.04 * total:
            cv2.drawContours(out, contours, i, 1, -1)
    return np.asarray(out, np.uint8)


def from_point(picture: Array, point: tuple[int, int]) -> Region:
    """The object at `point` (x, y) of an HxWx3 picture: what is like the point's surroundings and joined to it, refined by GrabCut.
    Raises InvalidMask if the point is not within the picture."""
    height, width = picture.shape[:2]
    x, y = point
    if not (0 <= x < width and 0 <= y < height):
        raise InvalidMask(
            f"point {x},{y} is outside the picture of {width}x{height} pixels; give 0 <= X < {width} and 0 <= Y < {height}"
        )
    rgb = np.ascontiguousarray(picture[..., :3])
    small = fit(rgb, WORK)
    px = min(small.shape[1] - 1, x * small.shape[1] // width)
    py = min(small.shape[0] - 1, y * small.shape[0] // height)
    near = _grow(small, px, py)
    mask = to_full(guided(small, near.astype(np.float32), 3, 1e-4), rgb)
    if not mask.any():
        mask[y, x] = 255
    return Region(
        mask, (box_of(mask > 127 if (mask > 127).any() else mask > 0),), 1.0, "", "user", (mask > 0).astype(np.uint8)
    )


def _grow(small: Array, px: int, py: int) -> Array:
    """Flood in a smoothed Lab picture, then GrabCut within reach of the flood."""
    height, width = small.shape[:2]
    lab = cv2.cvtColor(cv2.bilateralFilter(small, 9, 40, 5), cv2.COLOR_RGB2LAB)
    flood = np.zeros((height + 2, width + 2), np.uint8)
    cv2.floodFill(
        lab,
        flood,
        (px, py),
        (0, 0, 0),
        (14, 9, 9),
        (14, 9, 9),
        8 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE,
    )
    seed = (flood[1:-1, 1:-1] > 0).astype(np.uint8)
    seed[max(0, py - 2) : py + 3, max(0, px - 2) : px + 3] = 1
    if seed.mean() > POINT_REACH:
        return seed
    radius = max(6, round(0.5 * float(seed.sum()) ** 0.5))
    zone = cv2.dilate(seed, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
    trimap = np.where(zone > 0, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
    trimap[seed > 0] = cv2.GC_PR_FGD
    trimap[cv2.erode(seed, np.ones((3, 3), np.uint8)) > 0] = cv2.GC_FGD
    if not (trimap == cv2.GC_FGD).any() or not (zone == 0).any():
        return seed
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.ascontiguousarray(small), trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK
    )
    inside = ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.uint8)
    _, labels = cv2.connectedComponents(inside)
    return _fill_holes((labels == labels[py, px]).astype(np.uint8)) if inside[py, px] else seed


def from_mask(mask: Array) -> Region:
    """A mask (HxW uint8, 255 = edit) as drawn by the user; each connected part is an instance, at most 255. Raises InvalidMask if empty."""
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise InvalidMask(
            f"a mask of shape {mask.shape} and type {mask.dtype}; give one channel of 8 bits, white where to edit"
        )
    if not (mask > 127).any():
        raise InvalidMask(
            f"the mask of {mask.shape[1]}x{mask.shape[0]} pixels marks nothing; paint what shall be edited white"
        )
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
    order = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA], kind="stable")[:255]
    table = np.zeros(count, np.uint8)
    table[order] = np.arange(1, len(order) + 1)
    boxes = tuple((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h in stats[order, :4])
    return Region(mask, boxes, 1.0, "", "user", table[labels])
