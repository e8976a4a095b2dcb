"""Whole-picture colour work at any size: a grade is a function on colours, tabulated once and applied as a 3-D table.

Thirty-three grid points a channel and trilinear interpolation (Pillow's, in C) stay within about one level of the function itself for smooth
grades, and twelve megapixels take a third of a second. Layers (masks, light, haze) are float32 HxW in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pixwright.edit.surfaces.noise import Field
from pixwright.media.guided import guided_lines, squares
from pixwright.records.instruction import Array

Colours = NDArray[Any]
"""(..., 3) float32 RGB in [0, 1]."""
ColourMap = Callable[[Colours], Colours]

_EDGELESS = 1e-3
"""Variance of a guide in [0, 1] that is no edge."""
_GRID = 33
_WHITE_THING, _CREAM = (0.55, 1.0), 0.5
"""Least channel at which a thing begins to be white, and from which on it is; and share of a warm light that it does not take: under a lamp and a low sun white is cream."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def map_colours(picture: Array, grade: ColourMap) -> Array:
    """`grade` maps (..., 3) RGB in [0, 1] to the same; the picture is HxWx3 uint8. Returns a new picture."""
    axis = np.linspace(0, 1, _GRID, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    table = np.clip(grade(np.stack([red, green, blue], -1).reshape(-1, 3)), 0, 1)
    lookup = ImageFilter.Color3DLUT(_GRID, table.astype(np.float32).ravel().tolist())
    return np.asarray(Image.fromarray(picture).filter(lookup), np.uint8)


def as_picture(values: NDArray[Any]) -> Array:
    """Rounded and clipped to uint8."""
    return np.asarray(np.clip(values + 0.5, 0, 255), np.float32).astype(np.uint8)


def luma(colours: Colours) -> Colours:
    """Rec. 601 luma, (..., 1)."""
    result: Colours = (colours @ LUMA)[..., None]
    return result


def saturate(colours: Colours, factor: float) -> Colours:
    """Colourfulness times `factor` (0: grey), at constant luma."""
    grey = luma(colours)
    result: Colours = grey + (colours - grey) * np.float32(factor)
    return result


def vibrance(colours: Colours, amount: float) -> Colours:
    """Like `saturate`, but weak colours gain most and strong ones are spared. `amount` -1 to 1."""
    spread = colours.max(-1, keepdims=True) - colours.min(-1, keepdims=True)
    grey = luma(colours)
    result: Colours = grey + (colours - grey) * (1 + np.float32(amount) * (1 - spread))
    return result


def contrast(colours: Colours, amount: float, pivot: float = 0.45) -> Colours:
    """S-curve about `pivot`: `amount` -1 (flat) to 1 (steep); black and white stay."""
    x = np.clip(colours, 0, 1)
    if amount < 0:
        result: Colours = (pivot + (x - pivot) * (1 + amount)).astype(np.float32)
        return result
    power = np.float32(1 + 1.6 * amount)
    low = pivot * (x / pivot) ** power
    high = 1 - (1 - pivot) * ((1 - x) / (1 - pivot)) ** power
    curved: Colours = np.where(x < pivot, low, high).astype(np.float32)
    return curved


def expose(colours: Colours, stops: float) -> Colours:
    """Light times 2**stops, in linear light, with a soft shoulder so that highlights do not clip hard."""
    linear: NDArray[Any] = np.asarray(np.clip(colours, 0, 1)) ** np.float32(2.2) * np.float32(2.0**stops)
    if stops > 0:
        knee = np.float32(0.6)
        over = np.maximum(linear - knee, 0)
        linear = np.minimum(linear, knee) + (1 - knee) * (1 - np.exp(-over / (1 - knee)))
    result: Colours = np.clip(linear, 0, 1) ** np.float32(1 / 2.2)
    return result


def gamma(colours: Colours, value: float) -> Colours:
    """Power curve: below 1 lifts the middle tones, above 1 lowers them."""
    result: Colours = np.clip(colours, 0, 1) ** np.float32(value)
    return result


def tint(colours: Colours, rgb: tuple[float, float, float], amount: float) -> Colours:
    """Light of colour `rgb` (1, 1, 1 = white): channels times it, luma kept; of a warm one what is white takes less. `amount` 0 to 1."""
    cast = np.array(rgb, np.float32)
    lit: NDArray[Any] = np.asarray(colours * cast)
    lit = lit * (luma(colours) + 1e-4) / (luma(lit) + 1e-4)
    share: Colours = np.full_like(luma(colours), np.float32(amount))
    if rgb[0] > rgb[2]:
        share = share * (1 - np.float32(_CREAM) * smoothstep(*_WHITE_THING, colours.min(-1, keepdims=True)))
    result: Colours = colours + (lit - colours) * share
    return result


def split_tone(
    colours: Colours, shadows: tuple[float, float, float], lights: tuple[float, float, float], amount: float
) -> Colours:
    """Tint shadows and highlights differently; `amount` 0 to 1."""
    y = np.clip(luma(colours), 0, 1)
    dark, bright = tint(colours, shadows, amount), tint(colours, lights, amount)
    weight = y * y * (3 - 2 * y)
    result: Colours = dark * (1 - weight) + bright * weight
    return result


def warm(colours: Colours, amount: float) -> Colours:
    """White balance: -1 cold to 1 warm, luma kept."""
    return tint(colours, (1 + 0.30 * amount, 1 + 0.04 * amount, 1 - 0.38 * amount), 1.0)


def fade(colours: Colours, black: float, white: float = 1.0) -> Colours:
    """Lift black to `black` and lower white to `white`."""
    result: Colours = black + colours * np.float32(white - black)
    return result


def rotate_hue(colours: Colours, degrees: float) -> Colours:
    """Turn every hue at constant luma (rotation about the grey axis in YIQ)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    to_yiq = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
    turn = np.linalg.inv(to_yiq) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ to_yiq
    result: Colours = colours @ turn.T.astype(np.float32)
    return result


def mix(below: Array, above: Array, weight: Field | float) -> Array:
    """`above` over `below` by `weight` in [0, 1]: a number or an HxW layer. Uint8 in and out."""
    if isinstance(weight, (int, float)):
        result: Array = cv2.addWeighted(above, float(weight), below, 1 - float(weight), 0)
        return result
    w = np.ascontiguousarray(weight, np.float32)
    return np.asarray(cv2.blendLinear(above, below, w, 1 - w), np.uint8)


def flat(like: Array, rgb: tuple[int, int, int]) -> Array:
    """A picture of one colour, of `like`'s size."""
    return np.full(like.shape, rgb, np.uint8)


def screen_layer(picture: Array, layer: Field, rgb: tuple[int, int, int] = (255, 255, 255)) -> Array:
    """Add light of colour `rgb` where `layer` (HxW, [0, 1]) is: screen blending."""
    return mix(picture, map_colours(picture, lambda c: 1 - (1 - c) * (1 - np.array(rgb, np.float32) / 255)), layer)


def multiply_layer(picture: Array, layer: NDArray[Any]) -> Array:
    """Darken by an HxW layer: 1 leaves the picture as it is, above 1 brightens. In strips: the gains are three float planes."""
    result = np.empty_like(picture)
    for top in range(0, picture.shape[0], 256):
        part = np.s_[top : top + 256]
        gain = np.ascontiguousarray(layer[part], np.float32)
        result[part] = cv2.multiply(picture[part], cv2.merge([gain, gain, gain]), dtype=cv2.CV_8U)
    return result


def grey(picture: Array) -> Array:
    """HxW uint8 luma."""
    result: Array = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return result


def blur(layer: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Gaussian blur; wide ones are done on a reduced copy (the result has no detail to lose)."""
    if sigma <= 0.3:
        return layer
    h, w = layer.shape[:2]
    step = int(np.clip(sigma / 4, 1, max(1, min(h, w) // 8)))
    if step <= 1:
        out: NDArray[Any] = cv2.GaussianBlur(layer, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        return out
    small = cv2.resize(layer, (max(1, w // step), max(1, h // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR))


def blur_picture(picture: Array, sigma: float) -> Array:
    """`blur` for HxWx3 or HxW uint8."""
    return np.asarray(blur(picture, sigma), np.uint8)


def blur_field(layer: NDArray[Any], sigma: float) -> Field:
    """`blur` for float32 layers."""
    return np.asarray(blur(layer, sigma), np.float32)


def resize_field(layer: NDArray[Any], width: int, height: int) -> Field:
    """Area averaging when it shrinks, linear when it grows."""
    shrink = width < layer.shape[1]
    result: Field = cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
    return result


def smoothstep(low: float, high: float, x: NDArray[Any]) -> Field:
    """0 below `low`, 1 above `high`, smooth between; works reversed when `low > high`."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    result: Field = (t * t * (3 - 2 * t)).astype(np.float32)
    return result


def guided(guide: NDArray[Any], source: Field, radius: int) -> Field:
    """`source` with the edges of `guide`; both HxW float in [0, 1], `radius` pixels."""
    return guided_lines(guide, source, squares(radius), _EDGELESS).on(guide)


def add_grain(picture: Array, amount: float, rng: np.random.Generator, size: float = 1.0) -> Array:
    """Film grain: luma noise of deviation `amount` (levels), strongest in the middle tones; `size` pixels a grain."""
    h, w = picture.shape[:2]
    th, tw = max(1, int(min(h, 1024) / size)), max(1, int(min(w, 1024) / size))
    noise = rng.standard_normal((th, tw)).astype(np.float32)
    noise = cv2.resize(noise, (min(w, 1024), min(h, 1024)), interpolation=cv2.INTER_CUBIC)
    noise *= np.float32(amount / max(float(noise.std()), 1e-3))
    signed = np.clip(noise, -120, 120).astype(np.int16)
    wide = np.tile(signed, (h // signed.shape[0] + 1, w // signed.shape[1] + 1))[:h, :w]
    middle = (0.35 + 0.65 * 4 * np.linspace(0, 1, 256) * (1 - np.linspace(0, 1, 256))).astype(np.float32)
    strength = cv2.LUT(grey(picture), middle)
    layer = np.rint(wide * strength).astype(np.int16)
    result: Array = cv2.add(picture, cv2.merge([layer, layer, layer]), dtype=cv2.CV_8U)
    return result


def vignette_field(h: int, w: int, inner: float = 0.45, outer: float = 1.15) -> Field:
    """0 in the middle to 1 in the corners (distance from the centre in half-diagonals between `inner` and `outer`)."""
    y = (np.arange(h, dtype=np.float32) / max(h - 1, 1) * 2 - 1)[:, None]
    x = (np.arange(w, dtype=np.float32) / max(w - 1, 1) * 2 - 1)[None, :]
    return smoothstep(inner, outer, np.sqrt((x * x + y * y) / 2).astype(np.float32))
