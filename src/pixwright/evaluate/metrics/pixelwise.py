"""Full-reference metrics of pixels: L1, L2, PSNR, SSIM. Exact integer sums of 8-bit pictures, no torch.

Every function takes two HxWx3 uint8 pictures of one size. Unsigned bytes are never subtracted in their own type: 3 - 5 would be 254.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from pixwright.errors import InvalidImage
from pixwright.judge.measure import WINDOW, ssim_map
from pixwright.records.instruction import Array

MOST_DB = 100.0
"""PSNR of equal pictures, which the formula makes infinite: a mean over a set must exist."""


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
    if min(a.shape[:2]) < WINDOW:
        raise InvalidImage(
            f"{a.shape[1]}x{a.shape[0]} pixels; SSIM needs sides of at least {WINDOW}; compare larger pictures"
        )
    half = WINDOW // 2
    return float(ssim_map(a, b)[half:-half, half:-half].mean())


def same(a: Array, b: Array) -> None:
    """Raises `InvalidImage` unless both are uint8 of one shape: floats in [-1, 1] and unequal sizes have cost papers their numbers."""
    for picture in (a, b):
        if picture.dtype != np.uint8:
            raise InvalidImage(f"a picture of {picture.dtype}; metrics take uint8 sRGB, 0 to 255; convert it first")
    if a.shape != b.shape:
        raise InvalidImage(
            f"pictures of {a.shape} and {b.shape}; metrics compare one size; resize the first to the second"
        )
