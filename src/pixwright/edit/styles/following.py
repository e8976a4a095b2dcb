"""A picture in the style of another, at full size: what a network paints small is carried over as colour and stroke, the detail stays the picture's own."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.toning.lut import Colours
from pixwright.encoders.stylist import Style, Stylist
from pixwright.media.guided import guided_lines, squares
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array

SIDE = 640
"""Longer side, in pixels, at which is painted where nothing else is said: strokes are as wide as in a painting of that size."""
SMALLEST_SIDE, LARGEST_SIDE = 256, 1024
_REACH = 4
"""Pixels, painted size, over which the painting's colours are fitted to the picture's lightness."""
_FLAT = 4e-4
"""Variance of lightness ([0, 1]) under which there is no edge to follow."""
_STRIP = 512
"""Rows carried over at a time: bounds the memory at 12 megapixels."""


def follow_style(picture: Array, reference: Array, stylist: Stylist, strength: float, side: int = SIDE) -> Array:
    """`picture` HxWx3 uint8 in the style of `reference`: `strength` 0 (its own style) to 1, strokes for a painting of `side` pixels.

    Between its own style and the other's the vector is mixed, and at the weak end the picture shines through as well.
    """
    return follow_vector(picture, stylist.style_of(reference), stylist, strength, side)


def follow_vector(picture: Array, style: Style, stylist: Stylist, strength: float, side: int = SIDE) -> Array:
    """The same in a style that is given as a vector (100,)."""
    style = strength * style + (1 - strength) * stylist.style_of(picture)
    painted = stylist.paint(picture, np.asarray(style, np.float32), min(side, max(picture.shape[:2])))
    full = carried(picture, painted)
    share = min(1.0, 2 * strength)
    return full if share == 1 else np.asarray(cv2.addWeighted(full, share, picture, 1 - share, 0), np.uint8)


def carried(picture: Array, painted: Array) -> Array:
    """The painting at the picture's size: near every place it is a line in the picture's lightness (He, Sun 2015, "Fast guided filter"), and
    what the line does not explain, the strokes, is enlarged as it is."""
    rows, columns = painted.shape[:2]
    height, width = picture.shape[:2]
    if (height, width) == (rows, columns):
        return painted
    small = _light(resized(picture, rows, columns))
    paint = painted.astype(np.float32) / 255
    slope = np.dstack([guided_lines(small, plane, squares(_REACH), _FLAT).slope for plane in cv2.split(paint)])
    level = paint - slope * small[..., None]
    out = np.empty_like(picture)
    size = (width, height)
    slope, level = (cv2.resize(part, size, interpolation=cv2.INTER_CUBIC) for part in (slope, level))
    for top in range(0, height, _STRIP):
        part = np.s_[top : top + _STRIP]
        out[part] = np.clip((slope[part] * _light(picture[part])[..., None] + level[part]) * 255 + 0.5, 0, 255)
    return out


def _light(picture: Array) -> Colours:
    """Lightness, hxw, [0, 1]."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY), np.float32) / 255
