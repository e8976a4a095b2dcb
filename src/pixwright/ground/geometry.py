"""Boxes and windows; parts of masks; the blurs, kernels and discs that all finders use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_of

Floats = NDArray[np.float32]
Frame: TypeAlias = tuple[float, float, float, float]
"""A box, XYXY in 0..1 of the picture's sides."""
HOLE = 0.04
"""Share of a thing's area up to which a hole in it is closed: a window in a car belongs to the car."""
RIM = 7
"""Pixels about a part within which soft values belong to it."""
SOFT = 3
"""Side, in pixels, of the smallest kernel: what blurs one pixel's edge, or takes off what is one pixel thin."""
TINY = 1e-6
"""Least divisor: what is shared out among nothing is nothing."""
SOLID = 127
"""Value of a mask in 0..255 above which a pixel is in it."""
WHOLE_TURN = 360
"""Degrees."""
PARENT = 3
"""Column of OpenCV's tree of contours that tells which contour one is a hole in."""


def frame_of(mask: Floats) -> Frame:
    """The tight box of a soft mask, XYXY in 0..1 of its sides; of its highest values where nothing is over one half."""
    height, width = mask.shape
    solid = mask > 0.5
    x0, y0, x1, y1 = box_of(solid if solid.any() else mask >= mask.max())
    return x0 / width, y0 / height, x1 / width, y1 / height


def fit(picture: Array, side: int) -> Array:
    """Resized so that the longer side is `side` pixels."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def window_of(box: Sequence[float], margin: float, picture: Array) -> Box:
    """A box in 0..1, grown on every side by a share of its own sides, in whole pixels of a picture; at least two pixels wide."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    pad_x, pad_y = margin * (x1 - x0), margin * (y1 - y0)
    left, top = int(max(0.0, x0 - pad_x) * width), int(max(0.0, y0 - pad_y) * height)
    left, top = min(left, max(0, width - 2)), min(top, max(0, height - 2))
    right, low = int(np.ceil(min(1.0, x1 + pad_x) * width)), int(np.ceil(min(1.0, y1 + pad_y) * height))
    return left, top, min(width, max(right, left + 2)), min(height, max(low, top + 2))


def crop_of(picture: Array, window: Box) -> Array:
    """The pixels of a window."""
    x0, y0, x1, y1 = window
    return np.ascontiguousarray(picture[y0:y1, x0:x1])


def parts_of(mask: Floats, least: float, level: float = 0.5) -> list[Floats]:
    """The connected parts of a soft mask of at least so many pixels, largest first, each with its soft rim."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > level).astype(np.uint8))
    order = sorted(range(1, count), key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))
    out = []
    for i in order:
        if stats[i, cv2.CC_STAT_AREA] < max(least, 1):
            break
        rim = cv2.dilate((labels == i).astype(np.uint8), np.ones((RIM, RIM), np.uint8)) > 0
        out.append(np.where((labels == i) | (rim & (labels == 0)), mask, 0).astype(np.float32))
    return out


def large_parts(mask: Floats, least: float, share: float) -> Floats | None:
    """(h, w): the largest connected part of a soft mask, of at least so many pixels, with those that have `share` of its weight; None if there is none."""
    parts = parts_of(mask, least)
    kept = [part for part in parts if part.sum() > share * parts[0].sum()]
    return np.asarray(np.max(kept, axis=0), np.float32) if kept else None


def fill_holes(mask: Floats, share: float = HOLE) -> Floats:
    """Close holes of at most `share` of the mask's area."""
    hard = (mask > 0.5).astype(np.uint8)
    contours, tree = cv2.findContours(hard, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    patch = np.zeros_like(hard)
    for i, contour in enumerate(contours):
        if tree[0][i][PARENT] >= 0 and cv2.contourArea(contour) < share * float(hard.sum()):
            cv2.drawContours(patch, contours, i, 1, -1)
    return np.maximum(mask, patch.astype(np.float32))


def iou(one: Floats, other: Floats) -> float:
    """Intersection over union of two masks (h, w) at one half; 0 of two empty ones."""
    a, b = one > 0.5, other > 0.5
    union = float((a | b).sum())
    return float((a & b).sum()) / union if union else 0.0


def covered(part: Floats, whole: Floats) -> float:
    """Share of a soft mask that lies in another."""
    return float(np.minimum(part, whole).sum() / max(float(part.sum()), TINY))


def calm(values: Floats, sigma: float) -> Floats:
    """A map (h, w) or (h, w, c) blurred by a Gaussian of so many pixels."""
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def softened(mask: NDArray[Any]) -> Floats:
    """A mask (h, w) whose hard edge became soft over a pixel."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (SOFT, SOFT), 0), np.float32)


def cell_at(grid: NDArray[Any], point: tuple[float, float]) -> tuple[int, int]:
    """Row and column of an (h, w, ...) grid that a point x, y in 0..1 falls on."""
    height, width = grid.shape[:2]
    return min(height - 1, int(point[1] * height)), min(width - 1, int(point[0] * width))


def holds(mask: Floats, point: tuple[float, float]) -> bool:
    """Whether a point x, y in 0..1 is on a mask (h, w)."""
    return bool(mask[cell_at(mask, point)] > 0.5)


def square(side: int = SOFT) -> NDArray[np.uint8]:
    """A square kernel for dilating, opening and closing."""
    return np.ones((side, side), np.uint8)


def disc(side: int) -> NDArray[np.uint8]:
    """A round kernel of that side."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def odd(pixels: float) -> int:
    """The side of a kernel of about so many pixels: odd, and SOFT at least."""
    return max(SOFT, round(pixels)) | 1


def logistic(odds: Any) -> Any:
    """Log-odds, a number or an array, as a probability."""
    return 1 / (1 + np.exp(-odds))


def ellipse(shape: tuple[int, int], middle: tuple[int, int], halves: tuple[int, int], tilt: float = 0.0) -> Floats:
    """(h, w), 0 or 1: a filled ellipse; x, y of its middle and half its sides in pixels, `tilt` in degrees."""
    out = np.zeros(shape, np.float32)
    cv2.ellipse(out, middle, halves, tilt, 0, WHOLE_TURN, 1.0, -1, cv2.LINE_AA)
    return out


def circle(shape: tuple[int, int], middle: tuple[int, int], radius: int) -> Floats:
    """(h, w), 0 or 1: a filled circle; x, y of its middle and its radius in pixels."""
    out = np.zeros(shape, np.float32)
    cv2.circle(out, middle, radius, 1.0, -1, cv2.LINE_AA)
    return out
