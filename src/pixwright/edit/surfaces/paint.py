"""Whose colour a pixel has, the thing's or its surroundings': told from how often either has it.

A hue alone cannot tell a red sweater from the tips of brown hair that hang over it, nor does it say that an outline cut the sweater's shoulder off. But brown is mostly
beside the sweater and red mostly in it (a likelihood ratio of two colour histograms, as in Swain and Ballard's backprojection, 1991).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.surface import hue_of, softened, to_lab
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

Field = NDArray[np.float32]
Bools = NDArray[np.bool_]

_BINS = (8, 20, 20)
"""Of L*, a* and b*."""
_LOW, _HIGH = (0.0, -80.0, -80.0), (100.01, 80.01, 80.01)
_RIM = 3
"""Pixels at the outline that are of neither side."""
_FEWEST = 150
"""Pixels of either side from which their colours are compared."""
_THING, _HALF = 200, 127
"""A pixel of a mask above it is wholly inside; above the second mostly."""
_BESIDE = 8
"""A pixel of a mask up to it is outside."""
_SIDE = 420
"""Longer side, in pixels, at which a cut outline is looked for."""
_LIKELY = 0.75
"""Share from which a colour is the thing's."""
_COLOURED = 0.35
"""Chroma over lightness from which a paint is told from shade and light on other things."""
_MOST = 0.45
"""The most that an outline is carried on, as a share of its area."""
_WIDE = 0.35
"""Length of a cut over the square root of the area that was cut off, at least: what hangs on by less is another thing."""
_FINER = 640
"""The same where pieces of a colour that was named are looked for in all of the picture."""
_TYPICAL, _SMALLEST = 0.02, 0.004
"""Share of a paint's pixels whose shade is rarer than that of what is taken for the same paint; and a piece's area over that of the paint, at least."""
_LEAST_PIECE, _NAMED = 80, (40.0, 14.0)
"""Pixels that such a piece has at least; degrees from the hue that was named, and then from what of the thing has it."""
_SHADES = (5, 36, 12)
"""Bins of L*, of hue and of chroma over lightness."""
_VIVID = 1.5
"""Chroma over lightness that fills the last of these bins."""
_PLAIN, _STEP = 2.0, 2.5
"""An outline runs on nothing where the slope of L* along it is less than so many times that in the thing, and so much more."""


def share_of(lab: Field, thing: Bools, around: Bools) -> Field | None:
    """HxW in [0, 1]: how much of a pixel's colour, counted over both, lies in the thing; None where either is too small. `lab` HxWx3 L*a*b*."""
    if np.count_nonzero(thing) < _FEWEST or np.count_nonzero(around) < _FEWEST:
        return None
    low, high = np.array(_LOW, np.float32), np.array(_HIGH, np.float32)
    index = np.clip((lab - low) / (high - low), 0, 1 - 1e-4) * np.array(_BINS, np.float32)
    flat = np.ravel_multi_index(tuple(np.moveaxis(index.astype(np.int32), 2, 0)), _BINS)
    counts = []
    for part in (thing, around):
        own = np.bincount(flat[part], minlength=int(np.prod(_BINS))).reshape(_BINS).astype(np.float32)
        counts.append((sum(np.roll(own, step, axis) for axis in range(3) for step in (-1, 1)) / 12 + own / 2).ravel())
    return np.asarray((counts[0] / np.maximum(counts[0] + counts[1], 1e-6))[flat], np.float32)


def sides(soft: Array) -> tuple[Bools, Bools]:
    """Of a mask HxW uint8: what is wholly inside, and what is outside, both without the rim."""
    outside = cv2.erode((soft <= _BESIDE).astype(np.uint8), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)) > 0
    return soft > _THING, outside


def carried_on(pixels: Array, mask: Array) -> Array:
    """The mask (HxW uint8) of a painted thing in `pixels` HxWx3, carried on over what of its paint it cuts off.

    Only where the outline runs through plain paint, and as far as paint goes that is hardly seen elsewhere; else it is returned as it is.
    """
    small, soft = shrink(pixels, _SIDE), shrink(mask, _SIDE)
    inside, outside = sides(soft)
    lab = to_lab(cv2.bilateralFilter(small, 5, 24, 3))
    share = share_of(lab, inside, outside)
    if share is None:
        return mask
    coloured = hue_of(lab)[1] > _COLOURED
    usual = np.median(lab[inside], axis=0)
    alike = np.linalg.norm(lab[..., 1:] - usual[1:], axis=2) < np.hypot(usual[1], usual[2]) / 2
    found = (share > _LIKELY) & coloured & alike & (soft <= _HALF)
    found = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not found.any():
        return mask
    light = lab[..., 0]
    slope = cv2.magnitude(
        cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=1 / 4), cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=1 / 4)
    )
    usual_slope = float(np.median(slope[inside]))
    near = cv2.dilate((soft > _HALF).astype(np.uint8), np.ones((2 * _RIM + 3, 2 * _RIM + 3), np.uint8)) > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found, connectivity=4)
    taken = np.zeros(soft.shape, np.uint8)
    for i in range(1, count):
        piece = labels == i
        cut = piece & near
        area = int(stats[i, cv2.CC_STAT_AREA])
        if np.count_nonzero(cut) < (_RIM + 1) * _WIDE * np.sqrt(area):
            continue
        if float(np.median(slope[cut])) < _PLAIN * usual_slope + _STEP:
            taken[piece] = 255
    if not taken.any() or np.count_nonzero(taken) > _MOST * np.count_nonzero(inside):
        return mask
    taken = cv2.morphologyEx(
        np.maximum(taken, np.where(soft > _HALF, 255, 0).astype(np.uint8)), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)
    )
    return np.maximum(mask, np.asarray(softened(taken, mask.shape), np.uint8))


def kindred(picture: Array, mask: Array, hue: float) -> Array:
    """The mask (HxW uint8) of what is called by a colour in `picture` HxWx3, with every other piece that has the very shades that it has of that hue (degrees).

    "All the red chairs" are also those that the picture's edge cuts, "the yellow of the wall" is also beyond the window.
    """
    small, soft = shrink(picture, _FINER), shrink(mask, _FINER)
    lab = to_lab(cv2.bilateralFilter(small, 5, 24, 3))
    turn, colour = hue_of(lab)
    coloured, own = colour > _COLOURED, soft > _THING
    for width in _NAMED:
        named = coloured & (np.abs((turn - hue + 180) % 360 - 180) < width)
        if np.count_nonzero(named & own) < _FEWEST:
            return mask
        hue += float(np.median((turn[named & own] - hue + 180) % 360 - 180))
    own &= named
    scaled = np.dstack([lab[..., 0] / 100, turn / 360, colour / _VIVID]) * np.array(_SHADES, np.float32)
    index = np.minimum(scaled.astype(np.int32), np.array(_SHADES) - 1)
    flat = np.ravel_multi_index(tuple(np.moveaxis(index, 2, 0)), _SHADES)
    counts = np.bincount(flat[own], minlength=int(np.prod(_SHADES))).reshape(_SHADES).astype(np.float32)
    often = np.sum([np.roll(counts, step, axis) for axis in range(3) for step in (-1, 0, 1)], axis=0).ravel()[flat]
    alike = named & (often >= np.quantile(often[own], _TYPICAL)) & (soft <= _HALF)
    alike = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    alike = cv2.morphologyEx(alike, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(alike, connectivity=4)
    taken = stats[:, cv2.CC_STAT_AREA] >= max(_SMALLEST * np.count_nonzero(own), _LEAST_PIECE)
    taken[0] = False
    if not taken.any():
        return mask
    more = np.asarray(taken[labels] * 255, np.uint8)
    return np.maximum(mask, np.asarray(softened(more, mask.shape), np.uint8))
