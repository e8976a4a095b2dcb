"""Where text goes: the calmest place of a picture, or of a thing in it, that text of a given shape fits into."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box

_SIDE = 200
"""Longer side, in pixels, at which places are compared."""
_INSIDE = 0.985
"""Share of a place that must lie where text may go."""
_LARGER = 0.09
"""What text twice as large is worth, in units of unrest (mean gradient, 0 to 1)."""
_NEAR = 0.5
"""What it costs to be away from the wanted spot by the picture's diagonal, in the same units."""


def calmest(
    picture: Array, allowed: Array, shape: float, heights: Sequence[float], spot: tuple[float, float] | None = None
) -> Box | None:
    """The place (XYXY) for text `shape` times as wide as high, of one of the `heights` (pixels); None where none fits.

    `picture` HxWx3; `allowed` HxW uint8 is where text may go (255), less so where it is lower. `spot` (x, y) is where its middle is wanted.
    """
    height, width = allowed.shape
    small = shrink(picture, _SIDE)
    rows, columns = small.shape[:2]
    scale = columns / width
    free = cv2.resize(allowed, (columns, rows), interpolation=cv2.INTER_AREA)
    unrest = cv2.integral(_unrest(small))
    inside = cv2.integral((free > 127).astype(np.float32))
    best: tuple[float, Box] | None = None
    for tall in heights:
        h, w = max(1, round(tall * scale)), max(1, round(tall * shape * scale))
        if h > rows or w > columns:
            continue
        score = _mean(unrest, h, w) - _LARGER * np.log2(tall)
        if spot is not None:
            y, x = np.mgrid[0 : rows - h + 1, 0 : columns - w + 1]
            away = np.hypot(x + w / 2 - spot[0] * scale, y + h / 2 - spot[1] * scale)
            score = score + _NEAR * away / np.hypot(rows, columns)
        score[_mean(inside, h, w) < _INSIDE] = np.inf
        at = np.unravel_index(int(score.argmin()), score.shape)
        if np.isfinite(score[at]) and (best is None or score[at] < best[0]):
            left, top = int(at[1]) / scale, int(at[0]) / scale
            x0, y0 = round(min(left, width - tall * shape)), round(min(top, height - tall))
            best = float(score[at]), (max(0, x0), max(0, y0), round(x0 + tall * shape), round(y0 + tall))
    return best[1] if best is not None else None


def _unrest(small: Array) -> NDArray[np.float32]:
    """How busy each place is: the gradient of the lightness, 0 to 1, with a little of its surroundings."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(np.minimum(slope, 1), (0, 0), 1.5), np.float32)


def _mean(integral: NDArray[np.float64], h: int, w: int) -> NDArray[np.float64]:
    """Mean over each hxw window, from an integral picture."""
    total = integral[h:, w:] - integral[:-h, w:] - integral[h:, :-w] + integral[:-h, :-w]
    return np.asarray(total / (h * w), np.float64)
