"""Rain streaks and snowflakes in the air: small, bright and colourless, many and everywhere, and so alike that they are told from the picture's own detail.

Of rain one slant is told, of which nearly all thin marks are (the directional view of Kang et al. 2012, doi:10.1109/TIP.2011.2179057, without its dictionary);
of snow, round marks that are the most of all bright ones. A picture without either holds such marks as well, but neither as many nor as alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE = 900
"""Longer side, in pixels, at which marks are looked for."""
_STREAK, _FLAKE = 0.008, 0.03
"""Width of what the widest streak and flake are seen against, of the longer side."""
_BRIGHT_STREAK, _BRIGHT_FLAKE = 7.0, 18.0
"""Levels by which each is brighter than what is beside it, at least."""
_GRAIN = (3.0, 4.0)
"""The same in deviations of the picture's own grain, of streaks and of flakes."""
_COLOUR = (0.6, 0.4)
"""Difference of the channels of what is brighter, over what all have: more is coloured, and no water."""
_SLIM, _SHORTEST, _LONGEST = 2.8, 0.01, 0.25
"""Length of a streak over its width, and its least and greatest length of the longer side."""
_THICK, _SOLID = 0.007, 0.55
"""Width of a streak at most, of the longer side; and the share of its ellipse that it fills at least: what is crossed or forked is a lattice."""
_BESIDE, _SIDES = 0.005, 0.5
"""How far on either side of a streak the picture is compared, of the longer side, and the most that both sides differ, over what the streak is brighter: rain lies before one surface, an edge between two."""
_STEEPEST, _BIN, _NEAR = 50, 5, 9.0
"""Degrees from upright up to which it rains, the width of a bin of slants, and how far a streak's is from the usual one."""
_ROUND, _FULL, _WIDEST = 2.6, 0.5, 0.04
"""Sides of a flake's box at most one over the other, the share of it that the flake fills at least, and its longest side of the picture's."""
_CELLS = 8
"""Rows and columns of the picture that are asked whether it falls there as well."""
_RAINS, _SNOWS = (50, 0.45, 0.7), (60, 0.5, 0.6)
"""Marks, share of the cells that hold some, and share of all such marks that are alike, from which on it rains and snows. Of 80 photographs of neither, none has such streaks or flakes."""
_UPRIGHT, _EVERYWHERE = 5.0, 0.75
"""Slant up to which the edges of houses and the grain of wood stand as well, and the share of the cells from which even such streaks are rain."""
_ACROSS = 4 / 900
"""Half the length of the line across a streak on which what is bright goes, of the longer side."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Falling:
    """`mask` HxW uint8, 0 or 255, of the marks; how many there are, the share of the picture's cells that hold some, how much alike all are (0 to 1), and their slant in degrees from upright, clockwise for a streak whose foot is on the left."""

    mask: Array
    count: int
    spread: float
    alike: float
    slant: float = 0.0
    stays: int = 0
    """Marks of that slant besides, which are as likely detail of the picture."""

    def enough(self, least: tuple[int, float, float]) -> bool:
        """Whether it falls at all: marks, spread and likeness over their least."""
        return self.count > least[0] and self.spread > least[1] and self.alike > least[2]


def find_rain(picture: Array) -> Falling:
    """The streaks in HxWx3 that have the usual slant; `rains` says whether they are rain."""
    small = shrink(picture, _SIDE)
    side = max(small.shape[:2])
    labels, stats = _marks(small, _STREAK, _BRIGHT_STREAK, 0)
    length, width, slant = _axes(labels, len(stats))
    streak = (stats[:, cv2.CC_STAT_AREA] >= 6) & (length > _SLIM * width) & (np.abs(slant) < _STEEPEST)
    streak &= (length > max(8, _SHORTEST * side)) & (length < _LONGEST * side) & (width < max(4, _THICK * side))
    streak &= stats[:, cv2.CC_STAT_AREA] > _SOLID * np.pi / 4 * length * width
    streak[0] = False
    if not streak.any():
        return Falling(np.zeros(picture.shape[:2], np.uint8), 0, 0.0, 0.0)
    bins = np.arange(-_STEEPEST, _STEEPEST + 1, _BIN)
    many, edges = np.histogram(slant[streak], bins=bins, weights=np.minimum(length[streak], 6 * _SHORTEST * side))
    around = np.convolve(many, [1, 1, 1], "same")
    best = int(around.argmax())
    usual = float(edges[best] + edges[best + 1]) / 2
    leaning = (length > max(8, _SHORTEST * side)) & (length > _SLIM / 2 * width) & (np.abs(slant - usual) < _NEAR)
    near = streak & leaning & _before_one(small, labels, len(stats), usual)
    found = _found(near[labels], picture, int(near.sum()), float(around[best] / many.sum()), usual)
    return replace(found, stays=int((leaning & ~near)[1:].sum()))


def find_snow(picture: Array) -> Falling:
    """The flakes in HxWx3: bright round marks."""
    small = shrink(picture, _SIDE)
    labels, stats = _marks(small, _FLAKE, _BRIGHT_FLAKE, 1)
    area, wide, high = (
        stats[:, one].astype(np.float32) for one in (cv2.CC_STAT_AREA, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)
    )
    longer, shorter = np.maximum(wide, high), np.minimum(wide, high)
    seen = area >= 5
    seen[0] = False
    flake = (
        seen & (longer <= _ROUND * shorter) & (longer < _WIDEST * max(small.shape[:2])) & (area > _FULL * wide * high)
    )
    return _found(flake[labels], picture, int(flake.sum()), float(flake.sum() / max(seen.sum(), 1)))


def rains(found: Falling) -> bool:
    """Whether the streaks are rain, and no fence."""
    return found.enough(_RAINS) and (abs(found.slant) > _UPRIGHT or found.spread > _EVERYWHERE)


def snows(found: Falling) -> bool:
    """Whether the marks are falling snow, and no blossoms."""
    return found.enough(_SNOWS)


def without_rain(picture: Array, found: Falling) -> tuple[Array, Array]:
    """HxWx3 without the streaks, and the mask (HxW uint8) of what changed: on a line across a streak what is brighter than both its sides goes (a grey opening)."""
    reach = max(2, round(_ACROSS * max(picture.shape[:2])))
    turn = np.radians(found.slant)
    away = np.round(reach * np.array([np.cos(turn), np.sin(turn)])).astype(int)
    line = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    cv2.line(line, (int(reach - away[0]), int(reach - away[1])), (int(reach + away[0]), int(reach + away[1])), 1)
    opened = cv2.morphologyEx(np.ascontiguousarray(picture), cv2.MORPH_OPEN, line)
    return _laid(picture, np.asarray(opened, np.uint8), _grown(found.mask, picture))


def without_snow(picture: Array, found: Falling) -> tuple[Array, Array]:
    """HxWx3 without the flakes, filled from around each, and the mask (HxW uint8) of what changed."""
    grown = _grown(found.mask, picture, 2)
    filled = cv2.inpaint(np.ascontiguousarray(picture), grown, 3, cv2.INPAINT_TELEA)
    return _laid(picture, np.asarray(filled, np.uint8), grown)


def _grown(mask: Array, picture: Array, times: int = 1) -> Array:
    """The marks with their soft edges."""
    rim = max(1, round(times * max(picture.shape[:2]) / _SIDE))
    return np.asarray(cv2.dilate(mask, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)), np.uint8)


def _laid(picture: Array, new: Array, mask: Array) -> tuple[Array, Array]:
    soft = np.maximum(cv2.GaussianBlur(mask, (0, 0), 1.0), mask)
    on = soft > 0
    weight = soft[on].astype(np.float32)[:, None] / 255
    out = picture.copy()
    out[on] = np.rint(picture[on] * (1 - weight) + new[on] * weight)
    return out, on.astype(np.uint8) * np.uint8(255)


def _marks(small: Array, width: float, least: float, kind: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels (HxW) and statistics of what is brighter in every channel than what is a mark's width away."""
    wide = max(5 + 2 * kind, round(width * max(small.shape[:2]))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    hat = small.astype(np.float32) - cv2.morphologyEx(np.ascontiguousarray(small), cv2.MORPH_OPEN, kernel)
    white = hat.min(axis=2)
    light = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    grain = 1.48 * float(np.median(np.abs(light.astype(np.float32) - cv2.medianBlur(light, 3)))) + 0.5
    mark = (white > max(least, _GRAIN[kind] * grain)) & (
        hat.max(axis=2) - white < np.maximum(10, _COLOUR[kind] * white)
    )
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mark.astype(np.uint8), connectivity=8)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _before_one(small: Array, labels: NDArray[np.int32], count: int, slant: float) -> Bools:
    """Which marks have the same on both sides of them, across the slant."""
    light = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    reach = max(3.0, _BESIDE * max(small.shape[:2]))
    x, y = reach * np.cos(np.radians(slant)), reach * np.sin(np.radians(slant))
    one, other = (
        cv2.warpAffine(
            light, np.array([[1, 0, way * x], [0, 1, way * y]]), light.shape[::-1], borderMode=cv2.BORDER_REPLICATE
        )
        for way in (-1, 1)
    )
    size = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    left, right, own = (np.bincount(labels.ravel(), value.ravel(), count) / size for value in (one, other, light))
    return np.asarray(np.abs(left - right) < _SIDES * (own - (left + right) / 2), np.bool_)


def _axes(labels: NDArray[np.int32], count: int) -> tuple[Floats, Floats, Floats]:
    """Length and width in pixels, and slant in degrees from upright, of the ellipse that has each mark's second moments."""
    rows, columns = np.nonzero(labels)
    owner = labels[rows, columns]
    size = np.maximum(np.bincount(owner, minlength=count), 1)
    x, y = (
        columns - (np.bincount(owner, columns, count) / size)[owner],
        rows - (np.bincount(owner, rows, count) / size)[owner],
    )
    across, down, both = (np.bincount(owner, one, count) / size for one in (x * x, y * y, x * y))
    gap = np.sqrt((across - down) ** 2 + 4 * both**2)
    total = across + down + 1 / 6
    long, thin = np.sqrt(6 * (total + gap)), np.sqrt(6 * np.maximum(total - gap, 1e-6))
    slant = np.degrees(0.5 * np.arctan2(2 * both, across - down)) % 180 - 90
    return long.astype(np.float32), thin.astype(np.float32), slant.astype(np.float32)


def _found(marks: Bools, picture: Array, count: int, alike: float, slant: float = 0.0) -> Falling:
    small = marks.astype(np.float32)
    spread = float((cv2.resize(small, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA) > 0).mean())
    size = (picture.shape[1], picture.shape[0])
    mask = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR) > 0.25
    return Falling(mask.astype(np.uint8) * np.uint8(255), count, spread, alike, slant)
