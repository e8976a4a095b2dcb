"""The frame of glasses: what closes the lenses off, without what is seen through them.

Rims are darker than what is about them, thin, and go round. A threshold that is right leaves two large round holes side by side that nothing leads out of: the
lenses. The frame is what of that ink lies about these holes, as far out as it does nearly everywhere, between them, and on either side as a line: the temples.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.surface import bounds, to_lab
from pixwright.records.instruction import Array

Field = NDArray[np.float32]

_WIDE = 260
"""Pixels of the glasses' width at which they are looked at."""
_AROUND = 0.15
"""What is looked at around their mask, in its width."""
_THICK = 0.085
"""Share of the width that a rim is thinner than."""
_LEVELS = (6.0, 9.0, 13.0, 18.0, 25.0, 33.0, 42.0)
"""Differences of L* from what is about it from which a pixel may be of the frame: those that are tried."""
_GAPS = (1, 5, 9)
"""Pixels over which a rim may be broken, by a glint; narrower ones are tried first."""
_OWN = 0.35
"""Share of a lens that lies under the mask at least, whose edge may be wrong."""
_WITHIN = 2.0
"""How much ink within a lens, where a brow would be one's rim, counts against that on its rim."""
_LENS = (0.02, 0.22)
"""Area of a lens, in squares of the width."""
_ROUND = 0.88
"""Share of its hull that a lens fills."""
_ALIKE = 0.4
"""Area of the smaller lens over that of the larger: of a head that is turned one is narrow."""
_RIM_SHARE = 0.5
"""Share of a ring about the lenses that is ink, to which the rim goes."""
_SHADED, _MOSTLY = 0.45, 0.5
"""L* over that of what is under them from which lenses are dark, and the share of the mask that then is."""
_OPENED = 1.3
"""What is narrower than this many of the thickest rims is no lens."""
_ROUNDER = 4
"""How much round counts against plain: the power of the share of its hull that a lens fills."""
_WEAKEST = 10
"""Per cent of a rim that is fainter than what tells how plain it is."""
_LINE = 9
"""Pixels that a temple goes on at least without a break."""
_UPPER = (0.9, 0.3)
"""How far above and under the line through the lenses, in half their height, bridge and temples lie."""
_SOFT = 0.5
"""Share of the level at which a pixel begins to be of the frame."""


def frame_of(picture: Array, mask: Array) -> Array | None:
    """HxW uint8: the frame of the glasses under `mask` (HxW uint8) in `picture` (HxWx3), by the share of each pixel; all of the mask where the lenses are dark. None where nothing closes two lenses off."""
    x0, y0, x1, y1 = bounds(mask)
    width = x1 - x0
    if width < 2 or y1 <= y0:
        return None
    air = round(_AROUND * width)
    part = np.s_[max(0, y0 - air) : y1 + air, max(0, x0 - air) : x1 + air]
    scale = _WIDE / width
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (round(scale * mask[part].shape[1]), round(scale * mask[part].shape[0]))
    light = to_lab(np.asarray(cv2.resize(np.ascontiguousarray(picture[part]), size, interpolation=way), np.uint8))[
        ..., 0
    ]
    light = np.ascontiguousarray(light, np.float32)
    own = np.asarray(cv2.resize(mask[part], size, interpolation=cv2.INTER_AREA), np.uint8) > 127
    if _dark(light, own):
        return mask
    ink = np.asarray(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, _round(_THICK * _WIDE)), np.float32)
    found = [lens for gap in _GAPS for level in _LEVELS for lens in _lenses(ink, level, gap, own)]
    pairs = [
        ((a.plain + b.plain) * _alike(a, b), a, b)
        for a, b in combinations(found, 2)
        if _alike(a, b) > _ALIKE and not (a.mask & b.mask).any()
    ]
    if not pairs:
        return None
    _, first, second = max(pairs, key=lambda pair: pair[0])
    share = _drawn(ink, min(first.level, second.level), np.maximum(first.mask, second.mask))
    out = np.zeros_like(mask)
    rows, columns = out[part].shape
    out[part] = np.rint(255 * cv2.resize(share, (columns, rows), interpolation=cv2.INTER_LINEAR))
    return out


def _dark(light: Field, own: NDArray[np.bool_]) -> bool:
    """Whether nothing is seen through the lenses: most of the mask is much darker than what is under it."""
    below = np.zeros_like(own)
    low = int(np.flatnonzero(own.any(axis=1))[-1])
    below[low : low + round(_AROUND * _WIDE)] = own.any(axis=0)
    below &= ~own
    return bool(below.any()) and float((light[own] < _SHADED * np.median(light[below])).mean()) > _MOSTLY


@dataclass(frozen=True, eq=False)
class _Lens:
    """What a rim closes off, with the rim: `mask` hxw uint8, its area, how plain and round the rim is, and the least ink that is of it."""

    mask: Array
    area: float
    plain: float
    level: float


def _lenses(ink: Field, level: float, gap: int, own: NDArray[np.bool_]) -> list[_Lens]:
    """What lines of ink that are stronger than `level` close off, and may be lenses."""
    closed = cv2.morphologyEx(np.pad((ink > level).astype(np.uint8), gap), cv2.MORPH_CLOSE, _round(gap))
    _, labels = cv2.connectedComponents(1 - closed, connectivity=4)
    inside = np.asarray((labels != labels[0, 0])[gap:-gap, gap:-gap], np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.morphologyEx(inside, cv2.MORPH_OPEN, _round(_THICK * _WIDE * _OPENED))
    )
    found = []
    for one in range(1, count):
        lens = (labels == one).astype(np.uint8)
        if own[lens > 0].mean() < _OWN or not _LENS[0] < stats[one, cv2.CC_STAT_AREA] / _WIDE**2 < _LENS[1]:
            continue
        outline = max(cv2.findContours(lens, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
        hull = cv2.convexHull(outline)
        area = cv2.contourArea(hull)
        full = cv2.contourArea(outline) / max(area, 1.0)
        if full < _ROUND:
            continue
        mask = np.asarray(cv2.fillConvexPoly(np.zeros_like(lens), hull, 1), np.uint8)
        edge = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, _round(3)) > 0
        rim = np.asarray(cv2.dilate(ink, np.ones((5, 5), np.uint8)))[edge]
        deep = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
        within = float(ink[(deep > _THICK * _WIDE / 2) & (deep < _THICK * _WIDE)].mean())
        plain = (float(np.percentile(rim, _WEAKEST)) - _WITHIN * within) * full**_ROUNDER
        found.append(_Lens(mask, area, plain, max(level, float(np.median(rim)) / 2)))
    return found


def _alike(a: _Lens, b: _Lens) -> float:
    """The area of the smaller of two over that of the larger."""
    return min(a.area, b.area) / max(a.area, b.area)


def _round(size: float) -> Array:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(size) | 1,) * 2), np.uint8)


def _drawn(ink: Field, level: float, lenses: Array) -> Field:
    """hxw in [0, 1]: the ink along the edge of the lenses with their rims (hxw uint8), between them, and of the temples."""
    deep = np.asarray(cv2.distanceTransform(lenses, cv2.DIST_L2, 5), np.float32)
    away = np.asarray(cv2.distanceTransform(1 - lenses, cv2.DIST_L2, 5), np.float32)
    shares = [float((ink[(deep > at - 1) & (deep <= at)] > level).mean()) for at in range(1, round(_THICK * _WIDE))]
    first = int(np.argmax(np.array(shares[:6]) > _RIM_SHARE))
    thick = next((at for at in range(first, len(shares)) if shares[at] < _RIM_SHARE), len(shares))
    rim = np.clip(np.where(lenses > 0, thick + 2 - deep, 3 - away), 0, 1)
    rows, columns = np.nonzero(lenses)
    slope, start = np.polyfit(columns, rows, 1)
    ys, xs = np.mgrid[0 : ink.shape[0], 0 : ink.shape[1]]
    down, tall = ys - slope * xs - start, np.ptp(rows) / 2
    outer = columns.min(), columns.max()
    halves = columns < (outer[0] + outer[1]) / 2
    middles = columns[halves].mean(), columns[~halves].mean()
    beside = (xs < outer[0]) | (xs > outer[1]) | ((xs > middles[0]) & (xs < middles[1]))
    beside &= (lenses == 0) & (down > -_UPPER[0] * tall) & (down < _UPPER[1] * tall)
    share = np.clip((ink - _SOFT * level) / (level - _SOFT * level), 0, 1)
    level_lines = cv2.morphologyEx(share, cv2.MORPH_OPEN, np.ones((1, _LINE), np.uint8))
    found = np.maximum(share * rim, level_lines * beside)
    # A temple and a bridge go on from a rim.
    _, labels = cv2.connectedComponents((found > 1 / 2).astype(np.uint8), connectivity=8)
    kept = np.unique(labels[(rim > 1 / 2) & (found > 1 / 2)])
    near = cv2.dilate(np.isin(labels, kept[kept > 0]).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(found * near, np.float32)
