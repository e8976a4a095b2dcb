"""Dark corners lit again: how a photograph's light falls off from the middle outward, measured on rings, and taken back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.toning.lut import grey, resize_field
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE = 384
"""Longer side, in pixels, at which the light is measured."""
_INNER, _CORNER = 0.5, 1.0
"""Distance from the middle, in half-diagonals, from which light may have fallen off; and that of a corner."""
_RINGS = 12
"""Rings between the two."""
_USUAL = 65
"""Percentile of a ring's light that stands for it: dark things are of the scene."""
_AROUND = 1.5
"""Width of a ring that is measured, over the distance of one from the next."""
_GAMMA, _DARK = 2.2, 0.002
"""From pixels to light, and the light that is added before a logarithm."""
_MOST = 2.2
"""Stops by which a corner is lit at most."""
_NOISE = 0.012
"""Linear light under which a lift would show noise: it is lit as far less as it lies under it."""
LEAST_FALL = 0.15
"""Stops of fall-off in the corners under which they are no darker than the rest."""
_WHITE = 0.9
"""Linear light of its brightest channel that a pixel is lit to at most."""

Floats = NDArray[np.float32]


def corner_fall(picture: Array) -> tuple[Floats, Floats]:
    """Distances from the middle in half-diagonals, and the stops by which the light of HxWx3 has fallen off there: never less farther out."""
    small = shrink(picture, _SIDE)
    light = np.log2((grey(small) / np.float32(255)) ** _GAMMA + _DARK)
    away = _away(*light.shape)
    at = np.linspace(_INNER, _CORNER, _RINGS, dtype=np.float32)
    half = (at[1] - at[0]) * _AROUND / 2
    usual = [float(np.percentile(light[np.abs(away - one) <= half], _USUAL)) for one in at]
    middle = float(np.percentile(light[away < _INNER], _USUAL))
    fall = np.maximum.accumulate(np.maximum(min(middle, usual[0]) - np.array(usual, np.float32), 0))
    smooth = np.convolve(np.pad(fall, 1, mode="edge"), np.full(3, 1 / 3), "valid")
    return at, np.asarray(np.clip(smooth - smooth[0], 0, _MOST), np.float32)


def corners_lit(picture: Array, share: float) -> Array:
    """HxWx3 with `share` (0 to 1, or more) of its fall-off taken back, in linear light."""
    at, fall = corner_fall(picture)
    h, w = picture.shape[:2]
    small = _away(max(2, h // 4), max(2, w // 4))
    stops = resize_field(np.interp(small, at, fall * np.float32(share)).astype(np.float32), w, h)
    table = ((np.arange(256) / 255) ** _GAMMA).astype(np.float32)
    out = np.empty_like(picture)
    for top in range(0, h, 256):
        part = np.s_[top : top + 256]
        linear = table[picture[part]]
        light = linear.max(axis=2, keepdims=True)
        gain = np.exp2(stops[part][..., None] * (light / (light + _NOISE)))
        # What is bright already is not driven beyond white.
        gain = np.minimum(gain, np.maximum(_WHITE / np.maximum(light, _DARK), 1))
        lit = linear * gain
        out[part] = np.rint(255 * np.clip(lit, 0, 1) ** np.float32(1 / _GAMMA))
    return out


def _away(h: int, w: int) -> Floats:
    """HxW: distance from the middle in half-diagonals of a square, so that a corner lies at 1 and the middle of a side at 0.71."""
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in (h, w))
    return np.asarray(np.sqrt((x[None] ** 2 + y[:, None] ** 2) / 2), np.float32)
