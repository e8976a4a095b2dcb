"""What is seen on two sides of a hole goes on between them: colours are carried straight across it, along those ways on which both ends look alike.

For surroundings that are calm, such as a room out of focus: there a copied patch shows by the rim at which it does not fit, while what passes from rim to rim has none.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.copying import diffuse, stretched
from pixwright.edit.filling.plate import beside, grain_laid, reduced
from pixwright.edit.filling.rim import SOFT_RIM, fading, wider
from pixwright.edit.filling.synthesis import Bools, Floats
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_WAYS = 24
"""Directions in which a hole is crossed, over half a turn."""
_ALIKE, _ANYHOW = 10.0, 0.01
"""Difference in L*a*b* at which the two ends of a way are hardly one thing, and how much such a way counts all the same."""
_ONE_END, _OTHER_THING = 0.05, 0.1
"""How much less a way counts that has one end only, and one that ends at what may not be copied."""
_LEVEL, _ABOUT = 8.0, 16
"""How much more a level way counts than an upright one, since what photographs show lies in layers; and the power of the cosine by which that ends."""
_NEAR, _BEST = 1.5, 2
"""Powers by which a way counts more whose end is near, and the way that counts most."""
_END, _TOGETHER = 1.5, 0.03
"""Blur of the ends, in pixels of the reduced size, and of how much each way counts, over the hole's span: neighbours are filled alike."""
_MEETS = 0.06
"""How far into a hole, over its span, what is beside it is brought to."""
_SHARP, _STEEP, _DETAIL = 0.25, 8.0, 1.7
"""The most of the ring beside a hole that may be steep where it is calm, the levels from pixel to pixel from which it is, and the levels of its usual finest detail."""
_LOOKED = 768
"""Longer side, in pixels, at which it is looked whether what is around is calm: what is sharp there is seen."""
_SEEN, _LESS = 2.2, 0.7
"""Difference in L*a*b* at a rim from which a filling does not meet it, and the share of that from which another meets it better."""
_RIMS = 2
"""Pixels of the reduced size to either side of a rim that are compared."""


def calm(picture: Array, hole: Bools) -> bool:
    """Whether little beside a hole (HxW) of `picture` HxWx3 uint8 has sharp edges or a texture."""
    picture, inner = shrink(picture, _LOOKED), shrink(np.where(hole, 255, 0).astype(np.uint8), _LOOKED) > 0
    light = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = cv2.magnitude(*(cv2.Sobel(light, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1))))
    ring = beside(inner) & (cv2.dilate(inner.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    if not ring.any() or float((slope[ring] > _STEEP).mean()) > _SHARP:
        return False
    return float(np.median(np.abs(light - cv2.GaussianBlur(light, (0, 0), 2.0))[ring])) < _DETAIL


def instead(
    picture: Array, hole: Bools, banned: Bools, made: Array, rng: np.random.Generator, rim: int
) -> tuple[Array, Array] | None:
    """A better filling of a hole (HxW) in `picture` HxWx3 uint8 than `made`, and how much of each pixel is new (HxW uint8); None where that meets its rim, or what is around is not calm."""
    if not calm(picture, hole):
        return None
    before = seam(made, hole, banned)
    if before < _SEEN:
        return None
    size = max(cv2.boundingRect(hole.astype(np.uint8))[2:])
    wide = wider(hole, banned, max(rim, round(SOFT_RIM * size)) if rim else 0)
    other = carried(picture, wide, banned, rng)
    if other is None or seam(other, wide, banned) > _LESS * before:
        return None
    return other, fading(hole, wide)


def seam(picture: Array, hole: Bools, banned: Bools) -> float:
    """How far what is in a hole (HxW) of `picture` HxWx3 uint8 is from what is beside it, in the mean along its rim (L*a*b*), but where that is `banned` (HxW): a thing ends there."""
    small, _, inner = reduced(picture, hole, np.ones_like(hole))
    thing = cv2.resize(banned.astype(np.float32), inner.shape[::-1], interpolation=cv2.INTER_AREA) > 0
    lab = cv2.cvtColor(np.clip(small, 0, 255) / np.float32(255), cv2.COLOR_RGB2LAB)
    kernel = np.ones((2 * _RIMS + 1, 2 * _RIMS + 1), np.uint8)
    rim = inner & (cv2.erode(inner.astype(np.uint8), kernel) == 0) & (cv2.dilate(thing.astype(np.uint8), kernel) == 0)
    around = ~inner & (cv2.dilate(inner.astype(np.uint8), kernel) > 0)
    if not rim.any() or not around.any():
        return 0.0
    return float(np.linalg.norm(lab - diffuse(lab, around), axis=2)[rim].mean())


def carried(picture: Array, hole: Bools, banned: Bools, rng: np.random.Generator) -> Array | None:
    """`picture` HxWx3 uint8 with its hole (HxW) filled from side to side, with the grain of what is around it; None where too little is known. `banned` HxW: other things."""
    known = ~hole & ~banned
    small, seen, inner = reduced(picture, hole, ~hole)
    thing = cv2.resize(banned.astype(np.float32), inner.shape[::-1], interpolation=cv2.INTER_AREA) > 1 / 2
    near = cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8), iterations=4) > 0
    tiles = grain_laid(picture, known, near & known, rng) if (near & known).any() else None
    if tiles is None or not (seen & ~inner).any():
        return None
    surface = stretched(_across(small, inner, seen & ~inner, thing), 0, hole.shape[0], *hole.shape)
    result = picture.copy()
    result[hole] = np.clip(surface[hole] + tiles[hole] + 0.5, 0, 255).astype(np.uint8)
    return result


def _across(small: Floats, hole: Bools, known: Bools, thing: Bools) -> Floats:
    """HxWx3 with its hole filled from all ways across it, each as much as its ends look alike."""
    ends = cv2.GaussianBlur(diffuse(small, known), (0, 0), _END)
    lab = cv2.cvtColor(np.clip(ends, 0, 255) / np.float32(255), cv2.COLOR_RGB2LAB)
    layers = np.dstack([ends, lab]).astype(np.float32)
    height, width = hole.shape
    side = int(np.ceil(np.hypot(height, width)))
    total, weight = np.zeros((height, width, 3), np.float32), np.full((height, width, 1), 1e-20, np.float32)
    together = _TOGETHER * max(cv2.boundingRect(hole.astype(np.uint8))[2:])
    for angle in np.arange(_WAYS) * 180 / _WAYS:
        there = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), float(angle), 1)
        there[:, 2] += (side - width) / 2, (side - height) / 2
        turned = cv2.warpAffine(layers, there, (side, side), borderMode=cv2.BORDER_REPLICATE)
        flags = [
            cv2.warpAffine(one.astype(np.uint8), there, (side, side), flags=cv2.INTER_NEAREST) > 0
            for one in (known, thing)
        ]
        colours, counts = _along_rows(turned, *flags)
        counts *= 1 + (_LEVEL - 1) * np.cos(np.deg2rad(angle)) ** _ABOUT
        back = cv2.warpAffine(
            np.dstack([colours, counts]).astype(np.float32),
            there,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        share = cv2.GaussianBlur(back[..., 3], (0, 0), max(0.5, together))[..., None] ** _BEST
        total += share * back[..., :3]
        weight += share
    made = np.where(hole[..., None], total / weight, small).astype(np.float32)
    return _met(made, ends, hole, max(1.0, _MEETS * max(cv2.boundingRect(hole.astype(np.uint8))[2:])))


def _met(made: Floats, ends: Floats, hole: Bools, reach: float) -> Floats:
    """`made` HxWx3, in its hole brought to what is beside it (`ends` HxWx3), and less and less within `reach` pixels of the rim."""
    deep = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)
    rim = hole & (deep < _RIMS)
    off = diffuse(ends - made, rim) * np.exp(-deep / reach)[..., None]
    return np.where(hole[..., None], made + off, made).astype(np.float32)


def _along_rows(layers: Floats, known: Bools, thing: Bools) -> tuple[Floats, Floats]:
    """Colours carried along rows between the known pixels on both sides (HxWx3), and how much they count (HxW). `layers` HxWx6: colours, and the same in L*a*b*."""
    side = known.shape[1]
    column = np.arange(side)[None].repeat(known.shape[0], 0)
    first = np.maximum.accumulate(np.where(known, column, -1), axis=1)
    last = np.minimum.accumulate(np.where(known, column, side)[:, ::-1], axis=1)[:, ::-1]
    row = np.arange(known.shape[0])[:, None]
    before, behind = np.clip(first, 0, side - 1), np.clip(last, 0, side - 1)
    a, b = layers[row, before], layers[row, behind]
    has = (first >= 0).astype(np.float32), (last < side).astype(np.float32)
    left, right = (column - before).astype(np.float32), (behind - column).astype(np.float32)
    both = has[0] * has[1]
    share = np.where(both > 0, right / np.maximum(left + right, 1), has[0])[..., None]
    gap = np.linalg.norm(a[..., 3:] - b[..., 3:], axis=2)
    counts = np.where(both > 0, np.exp(-((gap / _ALIKE) ** 2)) + _ANYHOW, _ONE_END * _ANYHOW * np.maximum(*has))
    counts = counts * np.where(thing[row, before] | thing[row, behind], _OTHER_THING, 1)
    # As for coordinates of mean values: at the rim what is there counts alone, so that none is seen.
    close = has[0] / np.maximum(left, 0.5) + has[1] / np.maximum(right, 0.5)
    long = np.where(both > 0, left + right, 2 * (left * has[0] + right * has[1]))
    counts = counts * close**_NEAR / np.maximum(long, 1)
    return a[..., :3] * share + b[..., :3] * (1 - share), counts.astype(np.float32)
