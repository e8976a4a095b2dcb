"""Full-reference metrics of pixels: L1, L2, PSNR, SSIM. Exact integer sums of 8-bit pictures, no torch.

Every function takes two HxWx3 uint8 pictures of one size. Unsigned bytes are never subtracted in their own type: 3 - 5 would be 254.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidImage
from pixwright.records.instruction import Array

MOST_DB = 100.0
"""PSNR of equal pictures, which the formula makes infinite: a mean over a set must exist."""
WINDOW, SIGMA = 11, 1.5


def l1(a: Array, b: Array) -> float:
    """Mean absolute difference of values in [0, 1] (MagicBrush, `evaluation/image_eval.py`: L1Loss on ToTensor)."""
    same(a, b)
    return float(cv2.norm(a, b, cv2.NORM_L1)) / (255.0 * a.size)


def l2(a: Array, b: Array) -> float:
    """Mean squared difference of values in [0, 1]: what MagicBrush's tables call L2 (`evaluation/image_eval.py`: MSELoss)."""
    same(a, b)
    return float(cv2.norm(a, b, cv2.NORM_L2SQR)) / (255.0 * 255.0 * a.size)


def psnr(a: Array, b: Array, most: float = MOST_DB) -> float:
    """Peak signal-to-noise ratio in dB, `most` for equal pictures: 10 log10(1 / L2)."""
    error = l2(a, b)
    return min(most, -10 * math.log10(error)) if error > 0 else most


def ssim(a: Array, b: Array) -> float:
    """Structural similarity, -1 to 1: mean over the pixels whose window lies in the picture, and over the channels.

    Wang et al. 2004, section III.B and equation 13: Gaussian window 11, sigma 1.5, K1 .01, K2 .03, each channel for itself.
    Raises `InvalidImage` if a side is shorter than the window.
    """
    same(a, b)
    return float(ssim_map(a, b).mean())


def ssim_map(a: Array, b: Array) -> NDArray[np.float64]:
    """SSIM of every pixel whose window lies in the picture: (H-10)x(W-10) for HxW, with the channels last where there are any."""
    if min(a.shape[:2]) < WINDOW:
        raise InvalidImage(
            f"{a.shape[1]}x{a.shape[0]} pixels; SSIM needs sides of at least {WINDOW}; compare larger pictures"
        )
    x, y = a.astype(np.float64), b.astype(np.float64)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mx, my = _blur(x), _blur(y)
    product, squares = mx * my, mx * mx + my * my
    # Only the sum of the two variances occurs, so that one blur serves both.
    spread = _blur(x * x + y * y) - squares
    shared = _blur(x * y) - product
    return np.asarray(((2 * product + c1) * (2 * shared + c2)) / ((squares + c1) * (spread + c2)), np.float64)


def _blur(values: NDArray[np.float64]) -> NDArray[np.float64]:
    half = WINDOW // 2
    blurred = cv2.GaussianBlur(values, (WINDOW, WINDOW), SIGMA)
    return np.asarray(blurred[half:-half, half:-half], np.float64)


def same(a: Array, b: Array) -> None:
    """Raises `InvalidImage` unless both are uint8 of one shape: floats in [-1, 1] and unequal sizes have cost papers their numbers."""
    for picture in (a, b):
        if picture.dtype != np.uint8:
            raise InvalidImage(f"a picture of {picture.dtype}; metrics take uint8 sRGB, 0 to 255; convert it first")
    if a.shape != b.shape:
        raise InvalidImage(
            f"pictures of {a.shape} and {b.shape}; metrics compare one size; resize the first to the second"
        )
