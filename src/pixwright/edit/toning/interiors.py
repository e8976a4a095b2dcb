"""A room in the evening: what daylight lit goes dim and cool, the lamps shine, and dusk stands in the windows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.grade import Grade, apply_grade
from pixwright.edit.toning.lut import blur_field, grey, guided, luma, map_colours, mix, smoothstep
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.records.instruction import Array

_DIM = Grade(
    exposure=-2.6, contrast=-0.08, saturation=0.7, lights=(0.9, 0.97, 1.12), shadows=(0.8, 0.96, 1.25), toning=0.8
)
_DARKER = {"night": -0.7, "blue hour": -0.3}
"""Stops below an evening's, by the hour."""
_WARM = np.array([1.0, 0.8, 0.55], np.float32)
"""Light of lamps, as gains."""
_REACHES = ((0.012, 0.9), (0.06, 1.5), (0.2, 3.0))
"""Sigma of a lamp's light about it, of the longer side, and how strong it is: what hangs by it, the wall behind it, the room."""
_SHADE = (70.0, 200.0)
"""Luma at which the shade of a lamp begins to shine, and from which all of it does."""
_BULB, _LEAST = (235.0, 252.0), 0.002
"""Luma of what shines already, small and warm; and the share of the picture from which on lamps are there."""
_WARMTH = (12.0, 40.0)
"""Red over blue, of 255, of a lamp that burns."""
_DUSK = (np.array([16, 26, 58], np.float32) / 255, np.array([74, 98, 156], np.float32) / 255)
"""What is darkest and what is brightest behind a window at dusk."""
_MOST = 0.92
"""Share of the day's light that comes back next to a lamp, at most."""


def by_lamplight(outdoors: Outdoors, lamps: Array | None, windows: Array | None, hour: str) -> tuple[Array, bool]:
    """The room of `outdoors` at `hour` (sunset, blue hour or night), HxWx3 uint8, and whether a lamp shines in it.

    `lamps`, `windows`: masks uint8 of the small picture's size, or None where none was found.
    """
    picture, small = outdoors.picture, outdoors.small
    dim = replace(_DIM, exposure=_DIM.exposure + _DARKER.get(hour, 0.0))
    out = apply_grade(picture, dim, outdoors.rng(1))
    if windows is not None:
        panes = _softly(small, windows)
        out = mix(out, map_colours(picture, lambda c: _DUSK[0] + (_DUSK[1] - _DUSK[0]) * luma(c)), outdoors.full(panes))
    shines = _lamps(small, lamps, windows)
    if float(shines.mean()) < _LEAST:
        return out, False
    side = max(small.shape[:2])
    light = np.asarray(sum(strong * blur_field(shines, reach * side) for reach, strong in _REACHES), np.float32)
    light = np.asarray(np.clip(np.maximum(light, shines), 0, _MOST), np.float32)
    return mix(out, map_colours(picture, lambda c: np.asarray(c * _WARM)), outdoors.full(light)), True


def _softly(small: Array, mask: Array) -> Field:
    """A mask of the small picture, HxW in [0, 1], that follows its edges."""
    layer = np.asarray(mask / np.float32(255), np.float32)
    return np.asarray(
        np.clip(guided(grey(small) / np.float32(255), layer, max(2, max(layer.shape) // 60)), 0, 1), np.float32
    )


def _lamps(small: Array, lamps: Array | None, windows: Array | None) -> Field:
    """How much each pixel of the small picture shines, HxW in [0, 1]: lamps that were found, and small warm lights."""
    y = grey(small).astype(np.float32)
    size = max(3, round(max(y.shape) / 20)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    spot = cv2.morphologyEx(y, cv2.MORPH_TOPHAT, kernel)
    warmth = small[..., 0].astype(np.float32) - small[..., 2]
    burning = smoothstep(30, 80, spot) * smoothstep(*_BULB, y) * smoothstep(*_WARMTH, warmth)
    if windows is not None:
        burning = burning * (windows < 128)
    if lamps is None:
        return np.asarray(burning, np.float32)
    return np.asarray(np.maximum(burning, _softly(small, lamps) * smoothstep(*_SHADE, y)), np.float32)
