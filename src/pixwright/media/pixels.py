"""The one place that brings pictures to another size. All averages over areas where it shrinks, so that no pixel is skipped.

Pictures are HxW, HxWx3 or HxWx4 uint8. A picture that has the size already is returned as it is, not copied.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float64]
_COLOURS = 3
"""Channels of colour; a fourth is alpha."""


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


def resampled(pixels: Array, height: int, width: int) -> Array:
    """The picture HxWx3 in height x width for people to look at: mixed as light is, by areas where it shrinks and by Lanczos' filter where it grows."""
    light = np.take(_LIGHT, pixels)
    way = cv2.INTER_AREA if height * width < pixels.shape[0] * pixels.shape[1] else cv2.INTER_LANCZOS4
    return np.asarray(np.take(_SAMPLE, cv2.resize(light, (width, height), interpolation=way)), np.uint8)


def _linear(samples: Floats) -> Floats:
    """sRGB's curve from samples 0 to 1 to light 0 to 1 (IEC 61966-2-1)."""
    return np.asarray(np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4), np.float64)


_LIGHT = np.rint(_linear(np.arange(256) / 255) * 65535).astype(np.uint16)
"""Light, 0 to 65535, of each sample."""
_SAMPLE = np.searchsorted(_linear((np.arange(255) + 0.5) / 255) * 65535, np.arange(65536)).astype(np.uint8)
"""The sample that is nearest to each light."""


def on_grid(pixels: Array, side: int, cell: int) -> Array:
    """The picture with its longer side about `side` pixels and each side the nearest multiple of `cell`, at least one: as networks with a stride see it.

    The aspect changes by half a cell at most.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    rows, columns = (max(cell, round(n * scale / cell) * cell) for n in (height, width))
    return resized(pixels, rows, columns, cv2.INTER_LINEAR)


def on_white(pixels: Array) -> Array:
    """HxWx4 uint8 laid on white, HxWx3; HxWx3 as it is."""
    if pixels.shape[2] == _COLOURS:
        return pixels
    alpha = pixels[..., _COLOURS:].astype(np.uint16)
    laid = (pixels[..., :_COLOURS] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.asarray(laid, np.uint8)


def lab(picture: Array) -> NDArray[np.float32]:
    """CIE L*a*b* (L 0 to 100, a and b about -128 to 127) of an HxWx3 sRGB picture."""
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
