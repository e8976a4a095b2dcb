"""A sky without its clouds: the blue that shows between them, as one smooth surface over all of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.painting.skies import gradient
from pixwright.edit.toning.light import SKIES
from pixwright.edit.toning.lut import resize_field, smoothstep
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.media.pixels import lab
from pixwright.records.instruction import Array

Floats = NDArray[np.float32]

_FINE_DAY = "noon"
"""The sky of `light.SKIES` that stands in for one of which nothing is seen behind the clouds."""
_INSIDE = 0.9
"""Share of sky from which a pixel tells of it."""
_BLUE, _OF_BLUEST, _BLUEST = -9.0, 0.8, 5.0
"""CIE b* under which sky is blue at all; and of the bluest so many per cent, the share of their b* that clear sky has."""
_BLUISH, _WHITER = (0.3, 0.6), (-9.0, -2.0)
"""Share of that b* from which what lies in the sky may be sky, and is; and L* over that of the sky about it (below 0: under it) at which it may be a cloud, and is: wires and twigs are darker."""
_COLOURED = 12.0
"""Chroma from which a sky that is not blue has a colour of its own to keep."""
_SEEN = 0.01
"""Share of the sky that must be clear for its colour to be known."""
_FALL = (20.0, 3.0, 16.0)
"""L*, a*, b* by which a clear sky is paler at the horizon than at the picture's upper edge, of a sky as high as the picture: what is taken where too little of it is seen."""
_TRUST = 0.02
"""Variance of the rows (or columns) of what is clear, as shares of the height (or width), at which its own slope counts as much as that."""
_PALEST, _DEEPEST = (94.0, -4.0), (30.0, -55.0)
"""L* and b* between which a blue sky stays."""
_BELOW = 0.01
"""How far below the lower end of the sky, of the height, its rim is looked for."""
_DITHER = 0.8
"""Deviation of the grain that keeps a smooth sky from showing steps, of 255."""


def clear_sky(outdoors: Outdoors) -> tuple[Array, Array] | None:
    """The picture with a cloudless sky, HxWx3, and how much of each pixel is sky, HxW uint8; None where no sky is seen."""
    sky = outdoors.sky
    if sky is None:
        return None
    h, w = sky.shape
    about = outdoors.sky_about
    new = _fitted(outdoors, sky)
    sky = _with_edges(outdoors, sky, about, new)
    if new is None:
        low = max(outdoors.horizon, 0.05)
        new = gradient(h, w, [(place * low, colour) for place, colour in SKIES[_FINE_DAY][0]]).astype(np.float32)
    grain = outdoors.rng(60).standard_normal((h, w, 1), np.float32) * np.float32(_DITHER)
    share = sky[..., None]
    # A pixel of the rim holds the old sky's light: that much of it goes, and that much of the new comes.
    old = outdoors.picture.astype(np.float32)
    rim = old + share * (new - about)
    rim = np.clip(rim, np.minimum(old, new) - 2, np.maximum(old, new) + 2)
    inner = np.clip((share - _INSIDE) / (1 - _INSIDE), 0, 1)
    out = inner * (new + grain) + (1 - inner) * rim
    mask = np.rint(np.clip(sky, 0, 1) * 255).astype(np.uint8)
    out = np.where(mask[..., None] > 0, out, old)
    return np.rint(np.clip(out, 0, 255)).astype(np.uint8), np.where(mask > 0, 255, 0).astype(np.uint8)


def _with_edges(outdoors: Outdoors, sky: Floats, about: Floats, new: Floats | None) -> Floats:
    """The sky HxW with what looks like a thin thing before it and is the blue between two clouds, or a cloud's bright edge."""
    within = outdoors.full(outdoors.sky_whole)
    colours, usual = lab(outdoors.picture), lab(about.astype(np.uint8))
    own = smoothstep(*_WHITER, colours[..., 0] - usual[..., 0])
    if new is not None:
        blue = float(lab(np.clip(new[:1, :1], 0, 255).astype(np.uint8))[0, 0, 2])
        own = np.maximum(own, smoothstep(*_BLUISH, colours[..., 2] / min(blue, _BLUE)))
    # Below the horizon the gaps in a crown are those about boats on a lake.
    above = np.arange(sky.shape[0])[:, None] < (outdoors.horizon + _BELOW) * sky.shape[0]
    return np.asarray(np.maximum(sky, within * own) * above, np.float32)


def _fitted(outdoors: Outdoors, sky: Floats) -> Floats | None:
    """HxWx3, 0 to 255: the sky's own blue as a plane over rows and columns in CIE Lab; None where none is seen."""
    small = outdoors.small
    h, w = small.shape[:2]
    inside = resize_field(sky, w, h) > _INSIDE
    if not inside.any():
        return None
    colours = lab(small)
    blue = colours[..., 2]
    bluest = float(np.percentile(blue[inside], _BLUEST))
    clear = inside & (blue <= _OF_BLUEST * bluest) & (blue < _BLUE)
    if bluest > _BLUE or clear.sum() < _SEEN * inside.sum():
        if float(np.median(np.hypot(colours[..., 1], blue)[inside])) < _COLOURED:
            return None
        clear = inside  # an evening sky: its own colours, without the clouds' form
    rows, columns = (at.astype(np.float32) / size for at, size in zip(np.nonzero(clear), (h, w)))
    down, across = (np.linspace(0, 1, size, dtype=np.float32) for size in outdoors.picture.shape[:2])
    plane = np.empty((*outdoors.picture.shape[:2], 3), np.float32)
    for k, fall in enumerate(_FALL):
        own = colours[..., k][clear]
        steep, aside = _slope(rows, own, fall), _slope(columns, own, 0.0)
        level = float(np.median(own)) - steep * float(rows.mean()) - aside * float(columns.mean())
        plane[..., k] = level + steep * down[:, None] + aside * across[None]
    plane[..., 0] = np.clip(plane[..., 0], _DEEPEST[0], _PALEST[0])
    plane[..., 2] = np.clip(plane[..., 2], _DEEPEST[1], _PALEST[1])
    return np.asarray(np.clip(cv2.cvtColor(plane, cv2.COLOR_LAB2RGB), 0, 1) * 255, np.float32)


def _slope(at: Floats, values: Floats, usual: float) -> float:
    """The slope of `values` over `at`, nearer to the usual one the less far `at` reaches."""
    off = at - at.mean()
    return float(((off * values).mean() + _TRUST * usual) / ((off * off).mean() + _TRUST))
