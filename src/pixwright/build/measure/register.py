"""How a thing moved, grew or turned between two pictures: masked normalised cross-correlation over a few sizes and angles.

Masked correlation by Fourier transform after Padfield 2012, "Masked object registration in the Fourier domain", equation 12. The mask is
the union of where the thing was and where it is; for the right change, the changed mask overlaps itself on the thing alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.build.measure.view import Bools, Floats
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

SIDE, _LEAST_SIDE = 80, 8
"""Longer side, and the least of both, in pixels, of the window that is searched."""
_OVERLAP = 0.25
"""Share of the mask that must lie on itself for a displacement to count."""


@dataclass(frozen=True)
class Motion:
    """`dx`, `dy` in pixels of the pictures given; `factor` and `angle` (degrees, clockwise) are the tried change; `fit` in [-1, 1]."""

    dx: float
    dy: float
    factor: float
    angle: float
    flip: bool
    fit: float


def register(
    before: Array, after: Array, inside: Bools, changes: list[tuple[float, float, bool]], least: float = _OVERLAP
) -> list[Motion]:
    """For every (factor, angle, flip left to right) the best displacement of what is in the mask, in the order given.

    `before`, `after` HxWx3 uint8, `inside` HxW. A thing is grown and turned about the middle of the mask's bounds.
    """
    x, y, w, h = cv2.boundingRect(inside.astype(np.uint8))
    scale = min(1.0, SIDE / max(w, h))
    part = np.s_[y : y + h, x : x + w]
    a, b = (_channels(shrink(p[part], SIDE, least=_LEAST_SIDE)) for p in (before, after))
    mask = (shrink(inside[part].astype(np.uint8) * 255, SIDE, least=_LEAST_SIDE) > 127).astype(np.float32)
    shape = tuple(cv2.getOptimalDFTSize(2 * n) for n in mask.shape)
    fixed = _spectra(b, mask, shape)
    found = []
    for factor, angle, flip in changes:
        moved, weights = _warped(a, mask, factor, angle, flip)
        (dy, dx), fit = _peak(
            fixed, _spectra(moved, weights, shape), shape, least * float(mask.sum()) * min(factor, 1) ** 2
        )
        found.append(Motion(dx / scale, dy / scale, factor, angle, flip, fit))
    return found


def _channels(picture: Array) -> Floats:
    """2xHxW: lightness, and red against blue."""
    values = picture.astype(np.float32)
    return np.stack([values.mean(2), values[..., 0] - values[..., 2]])


def _warped(channels: Floats, mask: Floats, factor: float, angle: float, flip: bool) -> tuple[Floats, Floats]:
    if flip:
        channels, mask = channels[:, :, ::-1], mask[:, ::-1]
    if factor == 1 and angle == 0:
        return np.ascontiguousarray(channels), np.ascontiguousarray(mask)
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -angle, factor)
    planes = [cv2.warpAffine(np.ascontiguousarray(p), turn, (width, height)) for p in (*channels, mask)]
    return np.stack(planes[:-1]), (planes[-1] > 0.7).astype(np.float32)


def _spectra(channels: Floats, mask: Floats, shape: tuple[int, ...]) -> Floats:
    """(2 channels + squares summed + mask) transformed; channels are centred, which the formula does not mind and float32 does."""
    total = max(float(mask.sum()), 1.0)
    centred = (channels - (channels * mask).sum((1, 2), keepdims=True) / total) * mask
    squares = (centred**2).sum(0)
    return np.asarray(np.fft.rfft2(np.stack([*centred, squares, mask]), s=shape))


def _peak(fixed: Floats, moved: Floats, shape: tuple[int, ...], least: float) -> tuple[tuple[float, float], float]:
    other = moved.conj()
    products = np.stack(
        [
            fixed[3] * other[3],
            fixed[0] * other[0] + fixed[1] * other[1],
            fixed[0] * other[3], fixed[1] * other[3], fixed[3] * other[0], fixed[3] * other[1],
            fixed[2] * other[3], fixed[3] * other[2],
        ]
    )  # fmt: skip
    overlap, cross, a0, a1, b0, b1, aa, bb = np.fft.irfft2(products, s=shape)
    enough = overlap >= max(least, 12.0)
    if not enough.any():
        return (0.0, 0.0), -1.0
    safe = np.maximum(overlap, 1.0)
    upper = cross - (a0 * b0 + a1 * b1) / safe
    lower = np.maximum(aa - (a0**2 + a1**2) / safe, 0) * np.maximum(bb - (b0**2 + b1**2) / safe, 0)
    fit = np.where(enough & (lower > 1), upper / np.sqrt(np.maximum(lower, 1)), -1.0)
    y, x = np.unravel_index(int(fit.argmax()), fit.shape)
    height, width = shape
    return (float(y - height if y > height // 2 else y), float(x - width if x > width // 2 else x)), float(fit[y, x])
