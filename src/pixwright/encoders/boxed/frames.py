"""Crops about boxes, and where in them the boxes lie: what the box outliner is shown, in training and in use."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]
Frame: TypeAlias = tuple[float, float, float, float]

SIDE = 224
"""Side, in pixels, at which a crop is shown; the outline has half of it."""
AROUND = 0.25
"""Of a box's sides: what is shown around it, at each side."""
LONGEST = 2.0
"""How much longer than wide a crop may be before its shorter side is shown with more around it."""
FEWEST = 1e-3
"""Sides of the picture that a box has at least."""
FARTHEST, DEEPEST = -2.0, 3.0
"""Half sides of a box at which distances from its sides end, outwards and inwards."""
_TINY = 1e-4


def frame_about(box: Frame, aspect: float) -> Frame:
    """What is shown of a box (XYXY in 0..1 of a picture `aspect` times as wide as high); it may reach out of the picture."""
    x0, y0, x1, y1 = box
    wide, tall = ((1 + 2 * AROUND) * max(side, FEWEST) for side in (x1 - x0, y1 - y0))
    wide, tall = max(wide, tall / aspect / LONGEST), max(tall, wide * aspect / LONGEST)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def within(box: Frame, frame: Frame) -> Frame:
    """A box in 0..1 of a picture, in 0..1 of a frame of it."""
    (left, top, right, low), (x0, y0, x1, y1) = frame, box
    wide, tall = right - left, low - top
    return (x0 - left) / wide, (y0 - top) / tall, (x1 - left) / wide, (y1 - top) / tall


def shown(picture: Array, frame: Frame, side: int = SIDE, border: int = cv2.BORDER_REPLICATE) -> Array:
    """A frame of a picture (HxW or HxWx3 uint8) at side x side; beyond the picture its border goes on, or what OpenCV's `border` says."""
    height, width = picture.shape[:2]
    scale = 2 * side / min((frame[2] - frame[0]) * width, (frame[3] - frame[1]) * height)
    if scale < 1:
        # Linear interpolation would skip pixels.
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        height, width = picture.shape[:2]
    left, top, right, low = (v * n for v, n in zip(frame, (width, height) * 2, strict=True))
    across, down = side / (right - left), side / (low - top)
    # Pixel middles: the frame's left edge is half a pixel before its first one's.
    turn = np.array([[across, 0, -left * across], [0, down, -top * down]])
    turn[:, 2] += 0.5 * (turn[[0, 1], [0, 1]] - 1)
    return np.asarray(cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=border), np.uint8)


def place_of(box: Frame, side: int) -> Floats:
    """(6, side, side) of a box in 0..1 of a crop: whether inside, the distances from its four sides in half its own, and the least of them."""
    at = (np.arange(side, dtype=np.float32) + 0.5) / side
    x0, y0, x1, y1 = box
    across, down = (x1 - x0) / 2 + _TINY, (y1 - y0) / 2 + _TINY
    rows = [
        ((at - x0) / across)[None],
        ((x1 - at) / across)[None],
        ((at - y0) / down)[:, None],
        ((y1 - at) / down)[:, None],
    ]
    planes = [np.clip(np.broadcast_to(row, (side, side)), FARTHEST, DEEPEST) for row in rows]
    least = np.minimum.reduce(planes)
    return np.stack([least > 0, *planes, least]).astype(np.float32)
