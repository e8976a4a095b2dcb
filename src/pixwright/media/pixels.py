"""The one place that brings pictures to another size. All averages over areas where it shrinks, so that no pixel is skipped.

Pictures are HxW, HxWx3 or HxWx4 uint8. A picture that has the size already is returned as it is, not copied.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.records.instruction import Array


def shrink(pixels: Array, side: int, least: int = 1) -> Array:
    """The picture with its longer side at most `side` pixels, and no side under `least`; nothing is enlarged.

    Colours count by their alpha, so that those of invisible pixels do not bleed into an edge.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(least, round(width * scale)), max(least, round(height * scale))
    if pixels.ndim < 3 or pixels.shape[2] != 4:
        small: Array = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        return small
    share = pixels[..., 3:].astype(np.float32) / 255
    mixed = cv2.resize(np.dstack([pixels[..., :3] * share, share]), size, interpolation=cv2.INTER_AREA)
    colours = mixed[..., :3] / np.maximum(mixed[..., 3:], 1 / 255)
    return np.asarray(np.clip(np.rint(np.dstack([colours, mixed[..., 3:] * 255])), 0, 255), np.uint8)


def resized(pixels: Array, height: int, width: int, enlarge: int = cv2.INTER_CUBIC) -> Array:
    """The picture stretched to height x width; `enlarge` is OpenCV's way where a side grows."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = height * width < pixels.shape[0] * pixels.shape[1]
    way = cv2.INTER_AREA if shrinks else enlarge
    result: Array = cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=way)
    return result


def on_grid(pixels: Array, side: int, cell: int) -> Array:
    """The picture with its longer side about `side` pixels and each side the nearest multiple of `cell`, at least one: as networks with a stride see it.

    The aspect changes by half a cell at most.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    rows, columns = (max(cell, round(n * scale / cell) * cell) for n in (height, width))
    return resized(pixels, rows, columns, cv2.INTER_LINEAR)
