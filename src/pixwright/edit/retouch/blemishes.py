"""Dust, spots and scratches: small marks unlike the calm surface that they lie on. What lies on texture may be a detail, and stays."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box

_WIDEST = 0.012
"""Width of the widest mark, of the longer side of the picture, or of the region's box where one is named."""
_LEAST_WIDTH = 3
_CONTRAST, _SEEN, _GRAIN = 40.0, 14.0, 6.0
"""Difference of lightness, in levels, from which a mark is one in a whole picture, and in a region that the words name; and in deviations of the picture's own grain."""
_EXTREME, _COLOURLESS = 70.0, 14.0
"""Dust and scratches lie on the print or the sensor: within so many levels of the lightest or the darkest of the picture, and so little coloured (chroma)."""
_CALM = 0.12
"""Variation of the surface around a mark, over the mark's contrast, up to which it lies on a calm surface."""
_LONG = 5.0
"""Length over width from which a mark is a scratch, not a speck."""
_SCRATCH = 0.08
"""Least length of a scratch, of the longer side."""
_CALM_SCRATCH = 0.25
"""The same as `_CALM` for a scratch: it crosses whatever is there."""
_STRAIGHT = 0.35
"""Area of a scratch over its length and the width of the widest mark: what is thicker is a thing."""
_MANY = 4000
"""Marks from which on they are a texture."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Marks:
    """`mask` HxW uint8, 0 or 255: what is to be filled. How many specks and scratches that is, and how many more lie on texture and stay."""

    mask: Array
    specks: int
    scratches: int
    left: int


def find_marks(picture: Array, within: Array) -> Marks:
    """The marks in HxWx3 under `within` (HxW uint8, > 127)."""
    x, y, wide, high = cv2.boundingRect((within > 127).astype(np.uint8))
    mask = np.zeros(picture.shape[:2], np.uint8)
    if not wide:
        return Marks(mask, 0, 0, 0)
    part = np.s_[y : y + high, x : x + wide]
    light = cv2.cvtColor(np.ascontiguousarray(picture[part]), cv2.COLOR_RGB2LAB)
    longer = max(wide, high)
    width = max(_LEAST_WIDTH, round(_WIDEST * longer)) | 1
    specks = scratches = left = 0
    found = np.zeros((high, wide), np.uint8)
    whole = bool((within > 127).all())
    for sign in (1, -1):
        mark, strength = _unlike(light, width, sign, _CONTRAST if whole else _SEEN)
        if whole:
            mark &= _extreme(light, sign)
        # A scratch is broken where it crosses something as light as it is.
        mark = cv2.morphologyEx(mark.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((width, width), np.uint8)) > 0
        taken, one, two, three = _sorted_out(light[..., 0], mark, strength, width, longer)
        found |= taken
        specks, scratches, left = specks + one, scratches + two, left + three
    found[within[part] <= 127] = 0
    mask[part] = cv2.dilate(found, np.ones((3, 3), np.uint8)) * np.uint8(255)
    mask[within <= 127] = 0
    return Marks(mask, specks, scratches, left)


def mended(picture: Array, mask: Array) -> Array:
    """HxWx3 with the marks filled from beside them, and the picture's own grain on top."""
    if not mask.any():
        return picture.copy()
    filled = np.asarray(cv2.inpaint(np.ascontiguousarray(picture), mask, 3, cv2.INPAINT_TELEA), np.uint8)
    grain = picture.astype(np.float32) - cv2.medianBlur(np.ascontiguousarray(picture), 3)
    # The grain of a pixel a little way off, where that one is whole.
    shift = 7
    other = np.roll(grain, (shift, shift), axis=(0, 1))
    whole = np.roll(mask == 0, (shift, shift), axis=(0, 1)) & (mask > 0)
    out = filled.astype(np.float32)
    out[whole] += np.clip(other[whole], -8, 8)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def _extreme(lab: Array, sign: int) -> Bools:
    """Where the picture is nearly as light (or dark) as it ever is, and has no colour."""
    light = lab[..., 0].astype(np.float32)
    end = float(np.percentile(light, 99.9 if sign > 0 else 0.1))
    chroma = np.hypot(lab[..., 1].astype(np.float32) - 128, lab[..., 2].astype(np.float32) - 128)
    return np.asarray((np.abs(light - end) < _EXTREME) & (chroma < _COLOURLESS))


def _unlike(lab: Array, width: int, sign: int, contrast: float) -> tuple[Bools, Floats]:
    """Where the picture is lighter (sign 1) or darker (-1) than all that is a mark's width away, and by how much, in levels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width + 2, width + 2))
    light = np.ascontiguousarray(lab[..., 0])
    hat = cv2.morphologyEx(light, cv2.MORPH_TOPHAT if sign > 0 else cv2.MORPH_BLACKHAT, kernel)
    noise = 1.48 * float(np.median(np.abs(light.astype(np.float32) - cv2.medianBlur(light, 3)))) + 0.5
    return hat > max(contrast, _GRAIN * noise), hat.astype(np.float32)


def _sorted_out(light: Array, mark: Bools, strength: Floats, width: int, longer: int) -> tuple[Array, int, int, int]:
    """(mask of 0 and 1, specks, scratches, marks that stay) of the candidates."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mark.astype(np.uint8), connectivity=8)
    taken = np.zeros(mark.shape, np.uint8)
    if count - 1 > _MANY:
        return taken, 0, 0, count - 1
    specks = scratches = left = 0
    reach = width + 2
    done: list[Box] = []
    for k in np.argsort(-np.hypot(stats[:, 2], stats[:, 3])):
        if k == 0:
            continue
        x, y, wide, high, area = (int(v) for v in stats[k])
        if area < 2:
            continue
        part = np.s_[max(0, y - reach) : y + high + reach, max(0, x - reach) : x + wide + reach]
        own = labels[part] == k
        length = float(np.hypot(wide, high))
        scratch = length >= _SCRATCH * longer and length**2 / area >= _LONG and area <= _STRAIGHT * length * width * 2
        scratch |= length > 2 * width and length**2 / area >= _LONG and _continues(x, y, wide, high, done, width)
        done += [(x, y, x + wide, y + high)] if scratch else []
        if not scratch and max(wide, high) > 2 * width:
            left += 1
            continue
        calm = _roughness(light[part], own, mark[part], reach) <= (_CALM_SCRATCH if scratch else _CALM) * float(
            strength[part][own].mean()
        )
        if calm:
            taken[part] |= own.astype(np.uint8)
            scratches, specks = scratches + scratch, specks + (not scratch)
        else:
            left += 1
    return taken, specks, scratches, left


def _continues(x: int, y: int, wide: int, high: int, scratches: list[Box], width: int) -> bool:
    """Whether a piece lies in the line of a longer scratch: above or below one that is upright, beside one that is level."""
    for x0, y0, x1, y1 in scratches:
        upright = y1 - y0 > x1 - x0
        across = (x, x + wide, x0, x1) if upright else (y, y + high, y0, y1)
        if across[0] <= across[3] + width and across[1] >= across[2] - width:
            return True
    return False


def _roughness(light: Array, own: Bools, marks: Bools, reach: int) -> float:
    """How much the surface around a mark varies, in levels: the middle of what it differs from place to place beside it."""
    ring = (cv2.dilate(own.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0) & ~marks
    ring &= cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    if ring.sum() < 8:
        return float("inf")
    smooth = cv2.blur(light, (2 * reach + 1, 2 * reach + 1)) if own.sum() > 4 * reach**2 else np.median(light[ring])
    apart = np.abs(light.astype(np.float32) - smooth)[ring]
    return float(1.48 * np.median(apart))
