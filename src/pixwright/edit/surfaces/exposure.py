"""How much light falls where a thing is: white paint in a dim room is no lamp.

The brightest place near by is taken for something white. What is lit by as much is as light as its colour's name says; where it is dimmer everything is, by a factor of luminance, which
is a factor of `L* + 16`.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.surface import bounds, to_lab
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

Light = TypeVar("Light", float, NDArray[np.float32])

OFFSET = 16.0
"""`L*` counts from there: CIE 1976."""
_AROUND, _LEAST_AROUND = 0.5, 24
"""How far around a thing is looked, in longer sides of its box, and at least, in pixels."""
_SIDE = 240
"""Longer side, in pixels, at which it is looked at."""
_BRIGHTEST = 98.0
"""Percentile of L* that is the brightest place: above it are lamps and their reflections."""
_USUAL = 80.0
"""L* of the brightest place from which the light is a usual one."""
_BELIEVED = 0.7
"""How far a dimmer one is believed: there may be nothing white near by."""
_DIMMEST = 0.6
"""The least factor."""


def dimness(picture: Array, mask: Array) -> float:
    """A factor of `L* + 16`, 0.6 to 1: how dim it is about what lies under `mask` (HxW uint8, not empty) in `picture` HxWx3."""
    x0, y0, x1, y1 = bounds(mask)
    x0, y0, x1, y1 = bounds(mask, max(_LEAST_AROUND, round(_AROUND * max(x1 - x0, y1 - y0))))
    light = to_lab(shrink(np.ascontiguousarray(picture[y0:y1, x0:x1]), _SIDE))[..., 0]
    brightest = float(np.percentile(light, _BRIGHTEST))
    return float(np.clip(((brightest + OFFSET) / (_USUAL + OFFSET)) ** _BELIEVED, _DIMMEST, 1))


def dimmed(level: Light, dim: float) -> Light:
    """L* of a colour, or HxW of a field of them, in light that is as dim."""
    return (level + OFFSET) * dim - OFFSET
