"""Where every layer lies in the picture: one piece of arithmetic for both renderers, over all layers at once.

Scene coordinates: the scene's height is 1, y grows downwards, and pixels are square, so that the scene is as wide as `picture shape / camera
window shape`. A cut-out turns about its centre.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixwright.build.contract import Catalogue, Layer, LayeredScene
from pixwright.build.scene.texture import LARGEST, RIM, SMALLEST, Floats, Ints, Texture, inner_of, sides_for, texture_of

_DENSE = 0.75
_WIDER = 1.22
"""Half width of a contact shadow, over half the width of the foot."""


@dataclass(frozen=True, eq=False)
class Placed:
    """n layers in their pictures. All arrays have n rows."""

    textures: tuple[Texture, ...]
    sides: Ints
    """Side of the texture level that is sampled."""
    transform: Floats
    """n x 2 x 3: picture pixel (column, row, 1; centres at whole numbers) -> texel (column, row) of the level."""
    boxes: Ints
    """n x 4: x0, y0, x1, y1 of what may be touched, cut to the picture; empty ones have x1 <= x0 or y1 <= y0."""
    light: Floats
    """n x 3 x 4, on colours in [0, 1]."""
    shadow: Floats
    """n x 5: centre column and row, half width, half height in pixels, opacity."""


def width_of(scene: LayeredScene) -> float:
    """The scene's width in units of its height."""
    x0, y0, x1, y1 = scene.camera
    return scene.width / scene.height * (y1 - y0) / (x1 - x0)


def size_of(layer: Layer, catalogue: Catalogue) -> tuple[float, float]:
    """Width and height of an upright layer in units of the scene's height."""
    wide, tall = texture_of(layer, catalogue).size
    return layer.height * wide / tall, layer.height


def extent_of(layer: Layer, catalogue: Catalogue) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of the turned layer in scene coordinates."""
    wide, tall = size_of(layer, catalogue)
    turn = np.radians(layer.angle)
    c, s = abs(float(np.cos(turn))), abs(float(np.sin(turn)))
    half_x, half_y = (wide * c + tall * s) / 2, (wide * s + tall * c) / 2
    middle = layer.y - tall / 2
    return layer.x - half_x, middle - half_y, layer.x + half_x, middle + half_y


def background_window(scene: LayeredScene) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1: the part of the background, of its width and height, that the picture shows."""
    x0, y0, x1, y1 = scene.crop
    cx0, cy0, cx1, cy1 = scene.camera
    return x0 + (x1 - x0) * cx0, y0 + (y1 - y0) * cy0, x0 + (x1 - x0) * cx1, y0 + (y1 - y0) * cy1


def backdrop_size(scene: LayeredScene) -> tuple[int, int]:
    """Height and width of the background level that is dense enough for the picture on either axis: at least `_DENSE` texels a pixel."""
    x0, y0, x1, y1 = background_window(scene)
    tall, wide = scene.height / max(y1 - y0, 1e-6), scene.width / max(x1 - x0, 1e-6)
    return _power(_DENSE * tall), _power(_DENSE * wide)


def _power(texels: float) -> int:
    return min(max(1 << math.ceil(math.log2(max(texels, 1.0))), SMALLEST), LARGEST)


def place(scenes: Sequence[LayeredScene], textures: Sequence[Texture], whose: Sequence[int]) -> Placed:
    """Every layer of the scenes, in order; `textures` and `whose` (the scene's index) have a row for each layer."""
    rows = [_row(layer) for scene in scenes for layer in scene.layers]
    n = len(rows)
    if not n:
        empty = np.zeros((0, 4))
        return Placed((), empty[:, 0].astype(np.int64), np.zeros((0, 2, 3)), empty.astype(np.int64),
                      np.zeros((0, 3, 4)), np.zeros((0, 5)))  # fmt: skip
    own = np.array([row[0] for row in rows], np.float64)
    frames = np.array([_frame(scene) for scene in scenes], np.float64)[np.asarray(whose, np.int64)]
    shape = np.array([t.row for t in textures], np.float64)
    unit = frames[:, 0]
    tall = own[:, 2] * unit
    wide = tall * shape[:, 0] / shape[:, 1]
    sides = sides_for(np.maximum(tall, wide), shape[:, :2].max(axis=1))
    inner = inner_of(shape[:, :2], sides)
    x = own[:, 0] * unit - frames[:, 1] - 0.5
    y = own[:, 1] * unit - frames[:, 2] - 0.5 - tall / 2
    turn = np.radians(own[:, 3])
    c, s = np.cos(turn), np.sin(turn)
    mirror = 1 - 2 * own[:, 4]
    scale_x, scale_y = inner[:, 0] / np.maximum(wide, 1e-6) * mirror, inner[:, 1] / np.maximum(tall, 1e-6)
    linear = np.stack([np.stack([c * scale_x, s * scale_x], 1), np.stack([-s * scale_y, c * scale_y], 1)], 1)
    middle = inner / 2 + RIM - 0.5
    shift = middle - np.einsum("nij,nj->ni", linear, np.stack([x, y], 1))
    shadow = _shadow(own, shape, frames, (wide, tall, x, y, c, s, mirror))
    boxes = _boxes(sides, (wide, tall, x, y, c, s), inner, shadow, frames)
    light = np.array([row[1] for row in rows], np.float64).reshape(n, 3, 4)
    return Placed(tuple(textures), sides, np.concatenate([linear, shift[..., None]], 2), boxes, light, shadow)


def _row(layer: Layer) -> tuple[tuple[float, ...], tuple[float, ...]]:
    own = (layer.x, layer.y, layer.height, layer.angle, float(layer.flip), layer.shadow)
    return own, layer.light


def _frame(scene: LayeredScene) -> tuple[float, ...]:
    """Pixels a unit; the picture's left and upper edge in such pixels; its width and height; the horizon."""
    x0, y0, x1, y1 = scene.camera
    unit = scene.height / (y1 - y0)
    return unit, x0 * width_of(scene) * unit, y0 * unit, scene.width, scene.height, scene.horizon


def _shadow(own: Floats, shape: Floats, frames: Floats, at: tuple[Floats, ...]) -> Floats:
    """Ellipses under the feet: as wide as what touches the ground, as flat as the ground is seen."""
    wide, tall, x, y, c, s, mirror = at
    half_foot = (shape[:, 3] - shape[:, 2]) / 2 * wide
    off_foot = ((shape[:, 3] + shape[:, 2]) / 2 - 0.5) * wide * mirror
    # A turned thing rests on its lowest corner; half way between, its foot and its side share the load.
    upright = np.maximum(c, 0) ** 2
    half = upright * half_foot + (1 - upright) * 0.35 * (np.abs(c) * wide + np.abs(s) * tall)
    low = y + (np.abs(s) * wide + np.abs(c) * tall) / 2
    below = np.clip(own[:, 1] - frames[:, 5], 0, 1)
    flat = np.clip(0.10 + 0.34 * below, 0.10, 0.34)
    # On two thin legs a thing casts little between them.
    rests = np.clip(0.3 + shape[:, 4], 0, 1)
    rx = np.maximum(_WIDER * half, 1.0)
    ry = np.maximum(flat * rx, 0.75)
    return np.stack([x + upright * off_foot, low - 0.25 * ry, rx, ry, own[:, 5] * rests], 1)


def _boxes(sides: Ints, at: tuple[Floats, ...], inner: Floats, shadow: Floats, frames: Floats) -> Ints:
    wide, tall, x, y, c, s = at
    # The rim texel is sampled too: a pixel of the level, seen at the picture's scale.
    rim_x, rim_y = wide * (1 + 2 / inner[:, 0]), tall * (1 + 2 / inner[:, 1])
    half_x = (np.abs(c) * rim_x + np.abs(s) * rim_y) / 2
    half_y = (np.abs(s) * rim_x + np.abs(c) * rim_y) / 2
    low = np.stack([x - half_x, y - half_y], 1)
    high = np.stack([x + half_x, y + half_y], 1)
    casts = (shadow[:, 4] > 0)[:, None]
    low = np.where(casts, np.minimum(low, shadow[:, :2] - shadow[:, 2:4]), low)
    high = np.where(casts, np.maximum(high, shadow[:, :2] + shadow[:, 2:4]), high)
    size: Any = frames[:, 3:5]
    first = np.clip(np.floor(low), 0, size)
    last = np.clip(np.ceil(high) + 1, 0, size)
    return np.concatenate([first, last], 1).astype(np.int64)
