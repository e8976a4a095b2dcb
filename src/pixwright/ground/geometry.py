"""Boxes, and masks from the working size to the picture's own."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats = NDArray[np.float32]


def box_of(mask: NDArray[np.bool_]) -> Box:
    """The tight box of a mask that is not empty."""
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def fit(picture: Array, side: int) -> Array:
    """Resized so that the longer side is `side` pixels."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8
    )


def to_full(mask: Floats, picture: Array) -> Array:
    """A soft mask (h, w) in [0, 1] at the picture's own size, 0..255, without the steps of the small one."""
    height, width = picture.shape[:2]
    small = np.round(np.clip(mask, 0, 1) * 255).astype(np.uint8)
    if (height, width) == mask.shape:
        return small
    scale = max(height, width) / max(mask.shape)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    if scale > 1.5:
        # An edge that was one small pixel wide would be a blur at full size.
        ramp = np.arange(256, dtype=np.float32)
        large = cv2.LUT(large, np.clip((ramp - 127.5) * min(scale, 2.5) + 127.5, 0, 255).astype(np.uint8))
    return np.asarray(large, np.uint8)
