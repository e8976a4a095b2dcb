"""Outlines of COCO annotations -> masks: polygons, and run lengths as lists or as COCO's compressed strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from pixwright.errors import InvalidMask
from pixwright.records.instruction import Array


def mask_of(segmentation: Any, height: int, width: int) -> Array:
    """HxW uint8, 0 or 255. `segmentation`: a list of polygons [x0, y0, x1, y1, ...], or {"size": [h, w], "counts": list or string}.

    Raises `InvalidMask` for anything else, for runs that do not fill the picture, and for an empty mask.
    """
    if isinstance(segmentation, dict):
        mask = _from_runs(segmentation, height, width)
    else:
        mask = _from_polygons(segmentation, height, width)
    if not mask.any():
        raise InvalidMask("the outline is empty")
    return mask


def _from_polygons(polygons: Any, height: int, width: int) -> Array:
    try:
        outlines = [np.asarray(p, np.float64).reshape(-1, 2) for p in polygons]
    except (TypeError, ValueError) as problem:
        raise InvalidMask(f"not a list of polygons ({problem})") from problem
    mask = np.zeros((height, width), np.uint8)
    for outline in outlines:
        if len(outline) >= 3 and np.isfinite(outline).all():
            # Coordinates are those of pixel corners; OpenCV's are centres. Four fractional bits.
            points = np.round((np.clip(outline, -1e4, 1e5) - 0.5) * 16).astype(np.int32)
            cv2.fillPoly(mask, [points], 255, shift=4)
    return mask


def _from_runs(encoded: dict[str, Any], height: int, width: int) -> Array:
    counts = encoded.get("counts")
    if list(encoded.get("size", ())) != [height, width]:
        raise InvalidMask(f"runs for a picture of {encoded.get('size')}, but it has [{height}, {width}]")
    try:
        runs = np.asarray(decompress(counts) if isinstance(counts, str | bytes) else counts, np.int64)
    except (TypeError, ValueError) as problem:
        raise InvalidMask(f"counts that are no run lengths ({problem})") from problem
    if runs.ndim != 1 or (runs < 0).any() or int(runs.sum()) != height * width:
        raise InvalidMask(f"runs that do not add up to {height}x{width} pixels")
    # Runs alternate between outside and inside, and go down the columns.
    values = (np.arange(len(runs)) % 2 * 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(values, runs).reshape(width, height).T)


def decompress(text: str | bytes) -> Sequence[int]:
    """COCO's string -> run lengths. Each number is in groups of 5 bits, lowest first, as characters from "0"; bit 6 says that more follow;
    from the fourth on, numbers are differences to the last but one. Raises ValueError for a broken string."""
    runs: list[int] = []
    value = shift = 0
    for byte in text.encode("ascii") if isinstance(text, str) else text:
        code = byte - 48
        if not 0 <= code < 64:
            raise ValueError(f"character {byte} is not allowed")
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            if code & 16:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    if shift:
        raise ValueError("it ends within a number")
    return runs
