"""Procedural noise: the raw stuff of materials, weather, paper and scenery.

All fields are float32 and depend on the generator only. Twelve megapixels take well under a second for `fbm` and about a second for `worley`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

_STRIP = 64
"""Rows that `worley` handles at once: small enough to stay in the processor's cache."""


def value_noise(h: int, w: int, scale: float, rng: np.random.Generator) -> Field:
    """Smooth random field, HxW in [0, 1], whose blobs are about `scale` pixels wide (value noise on a cubic lattice)."""
    scale = max(float(scale), 1.0)
    lattice = rng.random((int(np.ceil(h / scale)) + 3, int(np.ceil(w / scale)) + 3), dtype=np.float32)
    if scale == 1.0:
        return np.ascontiguousarray(lattice[:h, :w])
    height, width = round(lattice.shape[0] * scale), round(lattice.shape[1] * scale)
    smooth = cv2.resize(lattice, (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = int(scale), int(scale)
    result: Field = np.clip(smooth[y : y + h, x : x + w], 0.0, 1.0)
    return result


def fbm(h: int, w: int, scale: float, octaves: int, rng: np.random.Generator) -> Field:
    """Fractal noise, HxW stretched to [0, 1]: `octaves` value noises, each half as wide and half as strong as the one before.

    The mean is near 0.5. Octaves finer than a pixel are left out.
    """
    total = np.zeros((h, w), np.float32)
    weight = 1.0
    for _ in range(max(octaves, 1)):
        cv2.scaleAdd(value_noise(h, w, scale, rng), weight, total, total)
        scale, weight = scale / 2, weight / 2
        if scale < 1:
            break
    low, high = float(total.min()), float(total.max())
    result: Field = (total - low) * np.float32(1.0 / max(high - low, 1e-6))
    return result


def ridged(h: int, w: int, scale: float, octaves: int, rng: np.random.Generator) -> Field:
    """Fractal noise folded at its middle, HxW in [0, 1]: bright veins (marble, cracks, lightning, caustics)."""
    result: Field = 1.0 - np.abs(2.0 * fbm(h, w, scale, octaves, rng) - 1.0)
    return result


def worley(h: int, w: int, cell: float, rng: np.random.Generator) -> tuple[Field, Field, NDArray[np.int32]]:
    """Cellular noise (Worley 1996): distance in pixels to the nearest and second-nearest seed, and the nearest seed's number.

    One seed in every square of `cell` pixels. All three HxW; seed numbers are 0..n-1 and not every one need occur.
    """
    cell = max(float(cell), 2.0)
    rows, columns = int(np.ceil(h / cell)) + 2, int(np.ceil(w / cell)) + 2
    jitter = rng.random((2, rows, columns), dtype=np.float32)
    seed_y = ((np.arange(rows, dtype=np.float32)[:, None] - 1 + jitter[0]) * cell).astype(np.float32)
    seed_x = ((np.arange(columns, dtype=np.float32)[None, :] - 1 + jitter[1]) * cell).astype(np.float32)
    first, second = np.empty((h, w), np.float32), np.empty((h, w), np.float32)
    ident = np.empty((h, w), np.int32)
    x = np.arange(w, dtype=np.float32)[None, :]
    column = (np.arange(w) / cell).astype(np.int32)[None, :] + 1
    for top in range(0, h, _STRIP):
        y = np.arange(top, min(top + _STRIP, h), dtype=np.float32)[:, None]
        row = (y / cell).astype(np.int32) + 1
        near = np.full((len(y), w), np.inf, np.float32)
        next_near = near.copy()
        name = np.zeros((len(y), w), np.int32)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                r, c = np.minimum(row + dy, rows - 1), np.minimum(column + dx, columns - 1)
                flat = r * columns + c
                distance = (seed_y.ravel()[flat] - y) ** 2 + (seed_x.ravel()[flat] - x) ** 2
                closer = distance < near
                next_near = np.minimum(next_near, np.maximum(near, distance))
                near = np.where(closer, distance, near)
                name = np.where(closer, flat, name)
        first[top : top + _STRIP], second[top : top + _STRIP] = np.sqrt(near), np.sqrt(next_near)
        ident[top : top + _STRIP] = name
    return first, second, ident


def streaks(h: int, w: int, angle: float, length: float, width: float, rng: np.random.Generator) -> Field:
    """Brushed noise, HxW with mean 0.5 and deviation about 0.2: strokes `length` by `width` pixels at `angle` degrees (0 = level,
    counter-clockwise). Hatching, rain, brushed metal, wood fibre."""
    width = max(float(width), 1.0)
    reach = int(np.ceil(np.hypot(h, w) / 2)) + 2
    stretch = max(length / width, 1.0)
    rows, columns = int(2 * reach / width) + 2, int(2 * reach / (width * stretch)) + 2
    field = rng.standard_normal((rows, columns)).astype(np.float32)
    turn = cv2.getRotationMatrix2D((0.0, 0.0), angle, 1.0)[:, :2]
    inverse = np.linalg.inv(turn)
    scale = np.diag([1.0 / (width * stretch), 1.0 / width])
    matrix = scale @ inverse
    centre = np.array([columns / 2, rows / 2]) - matrix @ np.array([w / 2, h / 2])
    out = cv2.warpAffine(
        field,
        np.column_stack([matrix, centre]),
        (w, h),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    deviation = float(out.std()) or 1.0
    result: Field = (0.5 + out * np.float32(0.2 / deviation)).astype(np.float32)
    return result
