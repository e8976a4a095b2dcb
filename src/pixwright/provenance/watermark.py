"""An invisible mark in what a network painted: "a machine made this", and nothing else about it.

A periodic pattern of small waves is added to the luminance, stronger where the picture has texture, and only inside the mask of the edit. It is found by folding
a picture onto one period and correlating (after the spread spectrum of Cox et al. 1997; periodic, so that a crop only shifts it: Kutter 1998). It carries no
payload: one bit that survives is worth more than forty that do not. docs/provenance.md has what it survives.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Plane = NDArray[np.float32]

PERIOD = 128
"""Pixels after which the pattern comes again."""
_SEED = 20_261_129
_LONGEST, _SHORTEST = 4, 20
"""The waves' frequencies, in cycles a period: 6 to 32 pixels long. Shorter ones do not survive half the size, longer ones are seen."""
_FAINT, _STRONG, _TEXTURE = 1.0, 3.0, 0.12
"""Standard deviation of the mark on smooth ground and at most, in levels of 255, and its share of the ground's own."""
_NEAR = 9
"""Pixels of the window in which texture is measured."""
_FLOOR = 2.0
"""Levels: least standard deviation that a place is divided by when the mark is looked for."""
_SEEN = PERIOD // 2
"""Pixels of a period when the mark is looked for: enough for its shortest waves."""
_BLOCK, _STEP = 2 * _SEEN, _SEEN
"""Pixels of a window that is looked at by itself, and between two of them: the mark may be in a small part of a picture."""
FOUND = 7.5
"""How many standard deviations above chance a correlation must be: over all places and sizes tried, chance reaches 6."""
SIZES = (1.0, 0.5, 0.75, 2 / 3, *(round(0.40 * 1.02**k, 4) for k in range(68)))
"""Sizes, as factors of the marked picture's, in which the mark is looked for: up to 1.5, 2 % apart; the usual ones first."""
_LEAST = 1e-9
_LARGEST = 1_500_000
"""Pixels that are looked at, at most: the middle of a larger picture."""


def embed(pixels: Array, mask: Array | None = None) -> Array:
    """The picture with the mark where `mask` (HxW uint8, of 255; None: everywhere) says, weighted by it. HxWx3|4 uint8; alpha and all outside stay as they are."""
    height, width = pixels.shape[:2]
    weight = np.ones((height, width), np.float32) if mask is None else np.asarray(mask, np.float32) / 255
    tiles = np.tile(pattern(), (-(-height // PERIOD), -(-width // PERIOD)))[:height, :width]
    change = (tiles * _strength(_deviation(_luminance(pixels))) * weight)[..., None]
    marked = pixels.copy()
    marked[..., :3] = np.clip(np.rint(pixels[..., :3] + change), 0, 255)
    marked[weight == 0] = pixels[weight == 0]
    return marked


def strength(pixels: Array) -> float:
    """How far the best correlation stands above chance, in standard deviations, over all places and `SIZES`. HxWx3|4 uint8. From `FOUND` the mark is there."""
    grey = _luminance(_middle(pixels))
    best = 0.0
    for size in SIZES:
        best = max(best, _at(grey, size))
        if best >= 2 * FOUND:
            break
    return best


def detect(pixels: Array) -> bool:
    """Whether the picture bears the mark. HxWx3|4 uint8."""
    return strength(pixels) >= FOUND


@cache
def pattern() -> Plane:
    """One period of the mark: PERIOD x PERIOD, mean 0, standard deviation 1."""
    noise = np.fft.fft2(np.random.default_rng(_SEED).standard_normal((PERIOD, PERIOD)))
    waves = np.fft.ifft2(noise * _band(PERIOD)).real
    return cast(Plane, (waves / waves.std()).astype(np.float32))


@cache
def _band(period: int) -> NDArray[np.bool_]:
    cycles = np.fft.fftfreq(period) * period
    radius = np.hypot(cycles[:, None], cycles[None, :])
    return cast(NDArray[np.bool_], (radius >= _LONGEST) & (radius <= _SHORTEST))


@cache
def _phases() -> NDArray[Any]:
    """The pattern's spectrum with all waves of one height, conjugated: correlation with it is a sharp peak."""
    spectrum = np.fft.fft2(cv2.resize(pattern(), (_SEEN, _SEEN), interpolation=cv2.INTER_AREA))
    return np.where(_band(_SEEN), np.conj(spectrum) / np.maximum(np.abs(spectrum), _LEAST), 0)


def _at(grey: Plane, size: float) -> float:
    """The best correlation of a picture that has `size` times the marked one's sides."""
    scale = _SEEN / PERIOD / size
    height, width = (max(round(side * scale), 1) for side in grey.shape)
    there = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    deviation = np.maximum(_deviation(there), _FLOOR)
    flat = (there - cv2.blur(there, (_NEAR, _NEAR))) * _strength(deviation) / deviation**2
    best, whole = 0.0, _folded(flat)
    for top in range(0, max(height - _STEP, 1), _STEP):
        for left in range(0, max(width - _STEP, 1), _STEP):
            best = max(best, _peak(_folded(flat[top : top + _BLOCK, left : left + _BLOCK])))
    return max(best, _peak(whole))


def _strength(deviation: Plane) -> Plane:
    """The mark's own standard deviation, in levels, on ground of this one."""
    return cast(Plane, np.clip(_TEXTURE * deviation, _FAINT, _STRONG))


def _folded(part: Plane) -> Plane:
    """All periods of a window on top of each other."""
    rows, columns = (-(-side // _SEEN) * _SEEN for side in part.shape)
    padded = np.zeros((rows, columns), np.float32)
    padded[: part.shape[0], : part.shape[1]] = part
    return cast(Plane, padded.reshape(rows // _SEEN, _SEEN, columns // _SEEN, _SEEN).sum((0, 2)))


def _peak(folded: Plane) -> float:
    """Height of the highest correlation over all shifts, in standard deviations of all of them."""
    spectrum = np.fft.fft2(folded)
    height = np.abs(spectrum)
    even = np.where(_band(_SEEN), spectrum / np.maximum(height, _LEAST), 0)
    found = np.fft.ifft2(even * _phases()).real
    deviation = found.std()
    return float(found.max() / deviation) if deviation > 0 else 0.0


def _luminance(pixels: Array) -> Plane:
    return cast(Plane, cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32))


def _deviation(grey: Plane) -> Plane:
    """Standard deviation about each pixel."""
    mean = cv2.blur(grey, (_NEAR, _NEAR))
    square = cv2.blur(grey * grey, (_NEAR, _NEAR))
    return cast(Plane, np.sqrt(np.maximum(square - mean * mean, 0)))


def _middle(pixels: Array) -> Array:
    height, width = pixels.shape[:2]
    share = min((_LARGEST / (height * width)) ** 0.5, 1.0)
    rows, columns = round(height * share), round(width * share)
    top, left = (height - rows) // 2, (width - columns) // 2
    return pixels[top : top + rows, left : left + columns]
