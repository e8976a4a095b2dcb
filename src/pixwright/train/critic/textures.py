"""What a network that learned nothing, or not enough, paints: noise of many kinds, HxWx3 float32 in 0 to 255."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick

Floats: TypeAlias = NDArray[np.float32]
_DEEP, _WIDE = (1, 5), (4, 12)
"""Layers and channels of a random network, from and below."""
_START = (3, 40)
"""Side, in cells, of the noise that a random network is given."""
_FALL = (0.0, 2.2)
"""Exponent of a spectrum: 0 is white noise, 2 is brown."""
_CELL = (4, 28)
"""Side, in pixels, of patches that are shuffled."""
_LOUD = (18.0, 400.0)
"""Deviation of a painted texture, of 255: what leaves the range is clipped, as a network's output is."""
_SPREAD = (18.0, 75.0)
"""Deviation of grain, of 255."""


def random_network(height: int, width: int, rng: np.random.Generator) -> Floats:
    """Noise through layers of random convolutions, enlarged step by step: blotches, checkerboards, worms."""
    side = int(rng.integers(*_START))
    channels = int(rng.integers(*_WIDE))
    x = rng.standard_normal((side, side, channels)).astype(np.float32)
    ways = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
    depth = int(rng.integers(*_DEEP))
    for layer in range(depth):
        share = (layer + 1) / depth
        rows, columns = (round(side * (n / side) ** share) for n in (height, width))
        x = cv2.resize(x, (columns, rows), interpolation=pick(rng, ways))
        kernel = int(rng.choice([1, 3, 5]))
        mixing = rng.standard_normal((channels, channels)).astype(np.float32) / np.sqrt(channels)
        filters = rng.standard_normal((channels, kernel, kernel)).astype(np.float32)
        x = np.dstack([cv2.filter2D(x[..., k], -1, filters[k]) for k in range(channels)])
        x = np.asarray(_bent(x / (x.std() + 1), int(rng.integers(3))) @ mixing, np.float32)
    return _levelled(cv2.resize(x[..., :3], (width, height), interpolation=cv2.INTER_LINEAR), rng)


def _bent(x: Floats, way: int) -> Floats:
    return np.asarray((np.tanh(2 * x), np.maximum(x, 0), np.sin(2 * x))[way], np.float32)


def coloured(height: int, width: int, rng: np.random.Generator) -> Floats:
    """Noise of a power law, its channels alike or not."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    strength = np.maximum(np.hypot(rows, columns), 1 / max(height, width)) ** -rng.uniform(*_FALL)
    planes = [
        np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) * strength, (height, width)) for _ in range(3)
    ]
    noise = np.dstack(planes).astype(np.float32)
    noise = noise / (noise.std() + 1e-6)
    return _levelled(noise + rng.uniform(0, 2) * noise[..., :1], rng)


def _levelled(x: Floats, rng: np.random.Generator) -> Floats:
    x = (x - x.mean((0, 1))) / (x.std((0, 1)) + 1e-6)
    spread = np.exp(rng.uniform(*np.log(_LOUD)))
    return np.asarray(np.clip(rng.uniform(50, 205, 3) + x * spread, 0, 255), np.float32)


def shuffled(picture: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """The picture's own patches in another order."""
    cell = int(rng.integers(*_CELL))
    height, width = picture.shape[0] // cell * cell, picture.shape[1] // cell * cell
    parts = (
        picture[:height, :width]
        .reshape(height // cell, cell, width // cell, cell, 3)
        .swapaxes(1, 2)
        .reshape(-1, cell, cell, 3)
    )
    parts = parts[rng.permutation(len(parts))].reshape(height // cell, width // cell, cell, cell, 3)
    mixed = parts.swapaxes(1, 2).reshape(height, width, 3)
    return np.asarray(cv2.resize(mixed, picture.shape[1::-1]), np.float32)


def grainy(picture: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """The picture under strong noise of one grain size."""
    height, width = picture.shape[:2]
    size = int(rng.integers(1, 7))
    noise = rng.standard_normal((-(-height // size), -(-width // size), 3)).astype(np.float32)
    noise = cv2.resize(
        noise, (width, height), interpolation=cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_NEAREST
    )
    return np.asarray(np.clip(picture + noise * rng.uniform(*_SPREAD), 0, 255), np.float32)


def matched(texture: Floats, like: NDArray[np.uint8], inside: NDArray[np.bool_]) -> Floats:
    """The texture with the mean colour, and nearly the spread, of a part of a picture."""
    wanted = like[inside].astype(np.float32)
    own = texture[inside]
    scaled = (texture - own.mean(0)) / (own.std(0) + 1) * np.maximum(wanted.std(0), 12) + wanted.mean(0)
    return np.asarray(np.clip(scaled, 0, 255), np.float32)


PAINTED: tuple[Callable[[int, int, np.random.Generator], Floats], ...] = (random_network, random_network, coloured)
"""Textures that need no picture."""
