"""What judge, data room and evaluation measure alike: structural similarity, and how far a colour is from a named one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

WINDOW, SIGMA = 11, 1.5
"""Side and deviation of the Gaussian window, in pixels (Wang et al. 2004, section III.B)."""
_STABLE = (0.01 * 255) ** 2, (0.03 * 255) ** 2
"""The paper's C1 and C2, of K1 .01 and K2 .03."""
ACHROMATIC = 12.0
"""Chroma below which a named colour has no hue."""
_SHADED = 0.33
"""Weight of a difference in lightness, which shading moves freely; white, gray and black are told apart by nothing else."""


def ssim_map(a: Array, b: Array) -> NDArray[np.float64]:
    """Structural similarity of every pixel, -1 to 1, of two pictures of one size, HxW or HxWxC uint8, each channel for itself (equation 13).

    Within half a window of the border a pixel's window sees the picture mirrored.
    """
    x, y = a.astype(np.float64), b.astype(np.float64)
    mx, my = _blurred(x), _blurred(y)
    product, squares = mx * my, mx * mx + my * my
    # Only the sum of the two variances occurs, so that one blur serves both.
    spread = _blurred(x * x + y * y) - squares
    shared = _blurred(x * y) - product
    c1, c2 = _STABLE
    return np.asarray(((2 * product + c1) * (2 * shared + c2)) / ((squares + c1) * (spread + c2)), np.float64)


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (WINDOW, WINDOW), SIGMA), np.float64)


def colour_distance(value: NDArray[np.float32], goal: NDArray[np.float32]) -> float:
    """How far a colour is from one that was asked for, both (3,) L*a*b*: shading counts little unless the goal has no hue."""
    lightness = 1.0 if np.hypot(goal[1], goal[2]) < ACHROMATIC else _SHADED
    return float(np.linalg.norm((value - goal) * np.array([lightness, 1.0, 1.0], np.float32)))
