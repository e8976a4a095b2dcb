"""Pictures of sources as scenes need them: cut-outs cropped to what is visible, nothing larger than scenes use."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from pixwright.errors import InvalidImage
from pixwright.media import load_picture
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

LARGEST_CUTOUT = 512
LARGEST_BACKGROUND = 1280
"""Longer side, in pixels."""
_VISIBLE = 24
"""Alpha from which a pixel counts as part of a cut-out."""
_FEWEST = 64
"""Visible pixels that a cut-out has at least."""
_WATER = ((102, 100, 120), (115, 255, 255))
"""Of the blue that drawn boats swim in: least and most hue (0 to 179), saturation and value."""
_FLOATS, _EDGE = 0.5, 5
"""Share of a cut-out's lowest row that such water takes; and how far its rim, which is lighter, reaches, in pixels."""


def visible(rgba: Array, largest: int = LARGEST_CUTOUT) -> Array:
    """Crop HxWx4 uint8 to what is visible and shrink it to at most `largest` pixels. Raises `InvalidImage` if nothing is visible."""
    solid = rgba[..., 3] > _VISIBLE
    if int(np.count_nonzero(solid)) < _FEWEST:
        raise InvalidImage("a cut-out with no visible pixels; give it an alpha channel that shows something")
    x0, y0, x1, y1 = box_of(solid)
    return np.ascontiguousarray(shrink(rgba[y0:y1, x0:x1], largest))


def out_of_water(rgba: Array) -> Array:
    """A boat HxWx4 uint8 without the piece of sea that it was drawn in, cropped; as it is where there is none. Its foot keeps the waves' line."""
    hsv = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2HSV)
    blue = (cv2.inRange(hsv, *_WATER) > 0) & (rgba[..., 3] > 0)
    pieces = cv2.connectedComponents(blue.astype(np.uint8))[1]
    lowest = np.bincount(pieces[-1][pieces[-1] > 0], minlength=1)
    if lowest.max() <= _FLOATS * rgba.shape[1]:
        return rgba
    water = cv2.dilate((pieces == lowest.argmax()).astype(np.uint8), np.ones((_EDGE, _EDGE), np.uint8)) > 0
    surface = np.where(water.any(axis=0), water.argmax(axis=0), len(water))
    kept = np.arange(len(water))[:, None] < surface
    return visible(np.dstack([rgba[..., :3], np.where(kept, rgba[..., 3], 0).astype(np.uint8)]))


def cutout(source: Path | bytes) -> Array:
    """A picture with alpha -> HxWx4 uint8, cropped, at most 512 px. Raises `InvalidImage` (and kin) if there is none or it is opaque."""
    pixels = load_picture(source).pixels
    if pixels.shape[2] != 4 or int(pixels[..., 3].min()) >= 250:
        raise InvalidImage("a cut-out without transparency; use the picture as a background, or cut the thing out")
    return visible(pixels)


def background(source: Path | bytes) -> Array:
    """A picture -> HxWx3 uint8, at most 1,280 px. Raises `InvalidImage` and kin."""
    pixels = load_picture(source).pixels[..., :3]
    return np.ascontiguousarray(shrink(pixels, LARGEST_BACKGROUND))
