"""Pictures of sources as scenes need them: cut-outs cropped to what is visible, nothing larger than scenes use."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pixwright.errors import InvalidImage
from pixwright.media import load_picture
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

LARGEST_CUTOUT = 512
LARGEST_BACKGROUND = 1280
"""Longer side, in pixels."""
_VISIBLE = 24
"""Alpha from which a pixel counts as part of a cut-out."""
_FEWEST = 64
"""Visible pixels that a cut-out has at least."""


def visible(rgba: Array, largest: int = LARGEST_CUTOUT) -> Array:
    """Crop HxWx4 uint8 to what is visible and shrink it to at most `largest` pixels. Raises `InvalidImage` if nothing is visible."""
    solid = rgba[..., 3] > _VISIBLE
    if int(np.count_nonzero(solid)) < _FEWEST:
        raise InvalidImage("a cut-out with no visible pixels; give it an alpha channel that shows something")
    ys, xs = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    cut = rgba[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    return np.ascontiguousarray(shrink(cut, largest))


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
