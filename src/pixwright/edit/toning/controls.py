"""Photographic controls: a name and a signed amount."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.toning.lut import (
    Colours,
    add_grain,
    blur_picture,
    expose,
    grey,
    guided,
    luma,
    map_colours,
    mix,
    multiply_layer,
    resize_field,
    rotate_hue,
    saturate,
    vignette_field,
    warm,
)
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Unit

Curve: TypeAlias = NDArray[np.float64]

UNSTATED = 0.6
"""The strength of an amount that is not said."""
_BLACK, _MOST_BLACK = 0.005, 0.15
"""Share of the pixels that are a picture's own black, and luma that is no black any more."""
_COLOUR_LIFTED = 0.6
"""Exponent of what light is multiplied by that gives what its colour is multiplied by, where it is lifted."""
_CLEARED, _CLEAR_AT = 2.4, 1600
"""How much of the veil goes for each unit of haze, and the longer side, in pixels, at which its edges are found."""
_AS_LIGHT = 0.9
"""Mean luma, over what it was, that a picture keeps where a veil goes: the veil was light, too."""
_WARMED, _COOLED = 1.15, 1.5
"""Share of the strongest white balance for each unit of warmth: colours turn yellow sooner than blue."""
PERCENTS = (-100.0, 400.0)
"""The least and the most of a control but the hue."""


def signed(name: str, amount: Amount | None) -> float:
    """The amount as a fraction: +0.3 is 30 % more. A strength of 1 is 60 % more or less; `hue` is in degrees."""
    value, unit = (UNSTATED, Unit.STRENGTH) if amount is None else (amount.value, amount.unit)
    if name == "hue":
        turn = {Unit.DEGREES: 1.0, Unit.STRENGTH: 180.0, Unit.PERCENT: 3.6, Unit.FACTOR: 180.0}
        return float(value * turn.get(unit, 1.0))
    if unit is Unit.FACTOR:
        return float(np.clip(value - 1, -1, 4))
    if unit is Unit.PERCENT:
        return float(np.clip(value / 100, -1, 4))
    return float(np.clip(value, -1, 1) * 0.6)


def control(picture: Array, name: str, a: float, rng: np.random.Generator, mask: Array | None = None) -> Array:
    """Turn control `name` (one of `vocabulary.CONTROLS`) by `a` (see `signed`); brightness and contrast are measured under `mask`, and a
    vignette is laid about its box."""
    if name == "brightness":
        return brightness(picture, a, mask)
    if name == "contrast":
        return contrast_by(picture, a, mask)
    if name in _GRADES:
        return map_colours(picture, lambda c: _GRADES[name](c, a))
    if name == "vignette" and mask is not None and mask.any():
        x, y, w, h = cv2.boundingRect((mask > 127).astype(np.uint8))
        out = picture.copy()
        out[y : y + h, x : x + w] = _vignette(picture[y : y + h, x : x + w], a, rng)
        return out
    return np.asarray(_SPATIAL[name](picture, a, rng), np.uint8)


def brightness(picture: Array, a: float, mask: Array | None = None) -> Array:
    """Mean luma times 1 + `a`, by a curve that keeps the picture's own black, and white (its exponent is found by bisection on the histogram)."""
    counts = cv2.calcHist([grey(picture)], [0], mask, [256], [0, 256]).ravel()
    counts = counts / max(float(counts.sum()), 1.0)
    levels = np.linspace(0, 1, 256)
    black = min(float(levels[np.searchsorted(counts.cumsum(), _BLACK)]), _MOST_BLACK)
    above = np.maximum(levels - black, 0) / (1 - black)

    def curve(exponent: float) -> Curve:
        return np.asarray(np.minimum(levels, black) + (1 - black) * above ** np.exp(exponent))

    wanted = float(np.clip((counts @ levels) * (1 + a), 0.02, 0.96))
    low, high = -4.0, 4.0
    for _ in range(30):
        middle = (low + high) / 2
        if float(counts @ curve(middle)) > wanted:
            low = middle
        else:
            high = middle
    lifted = curve((low + high) / 2)

    def grade(c: Colours) -> Colours:
        y = np.maximum(luma(c), 1e-3)
        gain = np.interp(y, levels, lifted) / y
        lit = _lit(c, y, gain)
        over = np.maximum(lit.max(-1, keepdims=True) - 1, 0)
        return np.asarray(lit + (luma(lit) - lit) * np.clip(over * 2, 0, 1), np.float32)

    return map_colours(picture, grade)


def _lit(c: Colours, y: Colours, gain: Colours) -> Colours:
    """Luma `y` times `gain`. What is hardly lit has little colour to be sure of: lifted in full, it turns into blotches."""
    return np.asarray(y * gain + (c - y) * np.where(gain > 1, gain**_COLOUR_LIFTED, gain), np.float32)


def contrast_by(picture: Array, a: float, mask: Array | None = None) -> Array:
    """Spread about the mean luma times 1 + `a`, with soft ends when it grows."""
    centre = cv2.mean(picture, mask)[:3]
    pivot = float(np.clip(np.dot(centre, (0.299, 0.587, 0.114)) / 255, 0.15, 0.85))

    def grade(c: Colours) -> Colours:
        x = (c - pivot) * (1 + a)
        if a <= 0:
            return np.asarray(pivot + x)
        room = np.where(x > 0, 1 - pivot, pivot)
        soft = np.where(
            np.abs(x) < room * 0.6, x, np.sign(x) * room * (0.6 + 0.4 * np.tanh((np.abs(x) / room - 0.6) / 0.4))
        )
        return np.asarray(pivot + soft)

    return map_colours(picture, grade)


def _highlights(c: Colours, a: float) -> Colours:
    y = np.clip(luma(c), 1e-3, 1)
    weight = np.clip((y - 0.35) / 0.65, 0, 1) ** 1.3
    gain = (1 + 0.55 * a * weight) if a < 0 else 1 + 0.45 * a * weight
    return np.asarray(c * gain)


def _shadows(c: Colours, a: float) -> Colours:
    y = np.clip(luma(c), 1e-3, 1)
    weight = np.clip(1 - y / 0.6, 0, 1) ** 1.2
    gain = 1 + (y ** np.clip(1 - 1.3 * a, 0.25, 2.5) / y - 1) * weight
    return _lit(c, y, gain)


_GRADES: dict[str, Any] = {
    "saturation": lambda c, a: saturate(c, 1 + a),
    "warmth": lambda c, a: warm(c, float(np.clip((_WARMED if a > 0 else _COOLED) * a, -1.4, 1.4))),
    "exposure": lambda c, a: expose(c, 2 * a),
    "highlights": _highlights,
    "shadows": _shadows,
    "hue": rotate_hue,
}


def _size(picture: Array) -> float:
    return max(float(np.sqrt(picture.shape[0] * picture.shape[1])), 48.0) / 512


def sharpen(picture: Array, a: float, rng: np.random.Generator) -> Array:
    """Unsharp mask; softens when negative."""
    if a < 0:
        return soften(picture, -a, rng)
    soft = blur_picture(picture, 1.1 * max(1.0, _size(picture) ** 0.7))
    result: Array = cv2.addWeighted(picture, 1 + 3 * a, soft, -3 * a, 0)
    return result


def soften(picture: Array, a: float, rng: np.random.Generator) -> Array:
    """Gaussian blur; sharpens when negative."""
    return blur_picture(picture, 11 * a * _size(picture)) if a >= 0 else sharpen(picture, -a, rng)


def _vignette(picture: Array, a: float, rng: np.random.Generator) -> Array:
    layer = vignette_field(picture.shape[0], picture.shape[1])
    return multiply_layer(picture, np.clip(1 - np.float32(1.4 * a) * layer, 0, 2.5))


def _grain(picture: Array, a: float, rng: np.random.Generator) -> Array:
    return add_grain(picture, 40 * a, rng, max(1.0, _size(picture) * 0.6)) if a > 0 else denoise(picture, -a, rng)


def denoise(picture: Array, a: float, rng: np.random.Generator) -> Array:
    """Edge-keeping smoothing (bilateral); adds grain when negative."""
    if a < 0:
        return add_grain(picture, -40 * a, rng)
    reach = 7 if picture.shape[0] * picture.shape[1] < 3e6 else 5
    result: Array = cv2.bilateralFilter(picture, reach, 20 + 90 * a, reach * 0.6)
    return result


def _haze(picture: Array, a: float, rng: np.random.Generator) -> Array:
    if a < 0:
        return dehaze(picture, min(-a * _CLEARED, 1.0))
    h, w = picture.shape[:2]
    rows = np.linspace(1, 0.45, h, dtype=np.float32)[:, None]
    layer = np.broadcast_to(rows * np.float32(min(a * 1.2, 1.0)), (h, w))
    return mix(picture, np.full_like(picture, (208, 214, 220)), layer)


def dehaze(picture: Array, amount: float) -> Array:
    """Dark-channel prior (He, Sun, Tang 2009, equations 8, 12 and 22) at reduced size, refined by a guided filter."""
    small = shrink(picture, 480).astype(np.float32) / 255
    dark = cv2.erode(small.min(2), np.ones((9, 9), np.uint8))
    top = np.argsort(dark.ravel())[-max(1, dark.size // 1000) :]
    air = np.maximum(small.reshape(-1, 3)[top].mean(0), 0.5)
    veil = cv2.erode((small / air).min(2), np.ones((9, 9), np.uint8))
    veil = guided(luma(small)[..., 0], np.asarray(veil, np.float32), 24)
    t = np.clip(1 - 0.9 * amount * veil, 0.25, 1).astype(np.float32)
    edges = shrink(picture, _CLEAR_AT)
    t = resize_field(t, edges.shape[1], edges.shape[0])
    t = np.clip(guided(grey(edges) / np.float32(255), t, max(2, max(edges.shape) // 60)), 0.25, 1).astype(np.float32)
    full = resize_field(t, picture.shape[1], picture.shape[0])
    result = np.empty_like(picture)
    for top_row in range(0, picture.shape[0], 256):
        part = np.s_[top_row : top_row + 256]
        clear = (picture[part] / np.float32(255) - air) / full[part][..., None] + air
        result[part] = np.clip(clear * 255 + 0.5, 0, 255).astype(np.uint8)
    was, now = (float(np.clip(grey(shrink(one, 480)).mean() / 255, 0.02, 0.98)) for one in (picture, result))
    exponent = min(float(np.log(_AS_LIGHT * was) / np.log(now)), 1.0)
    return map_colours(result, lambda c: np.asarray(np.clip(c, 0, 1) ** np.float32(exponent)))


_SPATIAL: dict[str, Any] = {
    "sharpness": sharpen,
    "blur": soften,
    "vignette": _vignette,
    "grain": _grain,
    "denoise": denoise,
    "haze": _haze,
}
