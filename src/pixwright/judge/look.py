"""One look at a trial for all witnesses: both pictures at one small size, and what is measured of them more than once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.critic import Opinion
from pixwright.judge.contract import HALF, WORK_SIDE, Trial
from pixwright.media.pixels import lab, resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box

Floats: TypeAlias = NDArray[np.float32]
Bools: TypeAlias = NDArray[np.bool_]

_SCHARR = 16.0
"""What the Scharr kernel multiplies a step by, so that a gradient is in units of L*a*b* a pixel."""
_FINE = 1.5
"""Sigma, in pixels, below which detail is fine."""
_CELLS, _LIGHT_CELL, _HUE_CELL, _HUE_RANGE = (8, 11, 11), 12.5, 12.0, 64.0
"""Cells of a histogram of L*a*b*, their sides, and where those of a and b begin."""
_SMOOTH = np.array([0.25, 0.5, 0.25])
_RARE = 0.02
"""What is added to every cell, so that an unseen colour is unlikely and not impossible."""
_FRAME = 3
"""Pixels along the picture's own sides where no outline is looked at."""
_ON, _BESIDE = 1.0, (5.0, 11.0)
"""Pixels from an outline that are on it, and beside it, on both sides."""
_WINDOW, _REACH = 21, 5
"""Pixels of the window in which the gradient beside an outline is averaged, and of that in which the one on it is the highest."""
_BAND = 3.0
"""Pixels from an outline within which its gradient is sought."""
_FEWEST = 30
"""Pixels of an outline below which nothing is said of it."""
_RIM = 3
"""Pixels by which two things that are changed together reach into each other."""
_MORE_LIKELY = 2.7
"""How many times as often a colour must occur in one part as in another to be the one's."""
_FAR_OFF = 24
"""Pixels to grow by from which a map of distances is quicker than a kernel."""
_ROUNDED = 0.4
"""Pixels by which the rim of OpenCV's elliptic kernel goes beyond its radius."""


@dataclass(frozen=True, eq=False)
class Look:
    """Pictures HxWx3 and masks HxW at WORK_SIDE pixels; the same size before and after."""

    trial: Trial

    @cached_property
    def shown(self) -> Array:
        """The picture before, uint8."""
        return shrink(self.trial.before, WORK_SIDE)

    @cached_property
    def before(self) -> Floats:
        """L*a*b* before."""
        return lab(self.shown)

    @cached_property
    def after(self) -> Floats:
        """L*a*b* after; of a picture whose size was changed no pixel can be compared, and this is `before`."""
        return self.before if not self.trial.same_size else lab(shrink(self.trial.after, WORK_SIDE))

    @cached_property
    def touched(self) -> Bools:
        """The effective mask."""
        return np.asarray(shrink(self.trial.mask, WORK_SIDE) > HALF, np.bool_)

    @cached_property
    def named(self) -> Bools:
        """The region that the grounder, or the user, named."""
        return np.asarray(shrink(self.trial.region.mask, WORK_SIDE) > HALF, np.bool_)

    @cached_property
    def beside(self) -> Bools:
        """What other steps change together with this one, and its rim: the outline needs no edge there, and what has the same colours is no rest."""
        others = self.trial.region.beside
        if others is None:
            return np.zeros(self.named.shape, np.bool_)
        return grown(np.asarray(shrink(np.maximum(others.before, others.after), WORK_SIDE) > 0, np.bool_), _RIM)

    @cached_property
    def salient(self) -> Bools:
        """What stands out before, whatever it is."""
        return np.asarray(resized(self.trial.salient(self.trial.before), *self.before.shape[:2]) > HALF, np.bool_)

    @cached_property
    def gradients(self) -> tuple[Floats, Floats]:
        """How steep the pictures are before and after, in L*a*b* a pixel."""
        return gradient(self.before), gradient(self.after)

    @cached_property
    def difference(self) -> Floats:
        """Distance in L*a*b* of every pixel from what it was."""
        return np.asarray(np.linalg.norm(self.after - self.before, axis=2), np.float32)

    @cached_property
    def details(self) -> tuple[Floats, Floats]:
        """Fine detail of lightness before and after."""
        return detail(self.before), detail(self.after)

    @cached_property
    def cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The colour histogram's cell of every pixel, before and after."""
        return cells(self.before), cells(self.after)

    @cached_property
    def opinion(self) -> Opinion | None:
        """The critic's; None where pixels cannot be compared, or nothing was touched."""
        trial = self.trial
        if not trial.same_size or not self.touched.any():
            return None
        return trial.encoders.critic(
            trial.before, trial.after, trial.mask, trial.step.type.traits, trial.encoders.picture
        )

    def dimmed(self, part: Bools) -> float:
        """How much darker a part of the picture got, as a share of its lightness; 1 where it did not."""
        was, now = (float(picture[..., 0][part].mean()) for picture in (self.before, self.after))
        return min(1.0, now / max(was, 1.0))

    def within(self, boxes: Iterable[Box], pad: int = 0) -> Bools:
        """The boxes, given in the picture's own pixels, as a mask of this size."""
        scale = self.before.shape[1] / self.trial.before.shape[1]
        inside = np.zeros(self.before.shape[:2], np.bool_)
        for box in boxes:
            x0, y0, x1, y1 = (round(side * scale) for side in box)
            inside[max(0, y0 - pad) : max(0, y1 + pad), max(0, x0 - pad) : max(0, x1 + pad)] = True
        return inside


def gradient(picture: Floats) -> Floats:
    """Steepness of an HxWx3 L*a*b* picture: of the channel in which it is steepest."""
    steep = [
        np.hypot(cv2.Scharr(channel, cv2.CV_32F, 1, 0), cv2.Scharr(channel, cv2.CV_32F, 0, 1)) / _SCHARR
        for channel in cv2.split(picture)
    ]
    return np.asarray(np.max(steep, axis=0), np.float32)


def detail(picture: Floats) -> Floats:
    """How much the lightness of each pixel differs from that of its nearest neighbours."""
    light = picture[..., 0]
    return np.asarray(np.abs(light - cv2.GaussianBlur(light, (0, 0), _FINE)), np.float32)


def cells(picture: Floats) -> NDArray[np.int64]:
    """The cell of every pixel in a histogram of L*a*b*."""
    sides = (picture - (0.0, -_HUE_RANGE, -_HUE_RANGE)) / (_LIGHT_CELL, _HUE_CELL, _HUE_CELL)
    light, a, b = (np.clip(sides[..., i], 0, n - 1).astype(np.int64) for i, n in enumerate(_CELLS))
    return np.asarray((light * _CELLS[1] + a) * _CELLS[2] + b, np.int64)


def frequencies(found: NDArray[np.int64]) -> Floats:
    """How often each cell occurs among `found` (n,), smoothed over neighbouring cells; over chance, so that 1 says nothing."""
    size = int(np.prod(_CELLS))
    counts = np.bincount(found.ravel(), minlength=size).reshape(_CELLS).astype(np.float32)
    for axis in range(counts.ndim):
        counts = np.apply_along_axis(np.convolve, axis, counts, _SMOOTH, mode="same").astype(np.float32)
    return np.asarray((counts + _RARE).ravel() / (counts.sum() + _RARE * size) * size, np.float32)


def likelier(found: NDArray[np.int64], part: Bools, other: Bools) -> Bools:
    """HxW of cells: whose colours are clearly those of one part of the picture and not of the other."""
    mine, theirs = frequencies(found[part]), frequencies(found[other])
    return np.asarray((mine > _MORE_LIKELY * theirs)[found], np.bool_)


def from_outline(mask: Bools) -> Floats:
    """Distance in pixels of every pixel of a mask from its outline: positive inside, negative outside."""
    inside, outside = (cv2.distanceTransform(m.astype(np.uint8), cv2.DIST_L2, 3) for m in (mask, ~mask))
    return np.asarray(np.where(mask, inside, -outside), np.float32)


def grown(mask: Bools, pixels: int) -> Bools:
    """The mask grown by so many pixels, or shrunk where they are negative."""
    if abs(pixels) > _FAR_OFF:
        # A kernel so large costs its area at every pixel, a map of distances the same for any reach; one pixel of 500 differs.
        other = (mask if pixels < 0 else ~mask).astype(np.uint8)
        away = cv2.distanceTransform(other, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(away > _ROUNDED - pixels if pixels < 0 else away <= pixels + _ROUNDED, np.bool_)
    side = 2 * abs(pixels) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    change = cv2.dilate if pixels > 0 else cv2.erode
    return np.asarray(change(mask.astype(np.uint8), kernel) > 0, np.bool_)


@dataclass(frozen=True)
class Outline:
    """Shares of an outline: `was_edge` lay on an edge of the picture before, `new_seam` has an edge after that was not there before."""

    was_edge: float
    new_seam: float


def along(mask: Bools, look: Look) -> Outline | None:
    """What the pictures show along a mask's outline, against curves beside it; None where there is hardly any outline."""
    away = np.abs(from_outline(mask))
    inner = np.zeros_like(mask)
    inner[_FRAME:-_FRAME, _FRAME:-_FRAME] = True
    inner &= ~look.beside
    on, beside, band = (away <= _ON) & inner, (away >= _BESIDE[0]) & (away < _BESIDE[1]), away < _BAND
    if np.count_nonzero(on) < _FEWEST:
        return None
    share = np.maximum(_sum(beside.astype(np.float32)), 1)
    peaks = [
        cv2.dilate(np.where(band, steep, 0).astype(np.float32), np.ones((_REACH, _REACH))) for steep in look.gradients
    ]
    around = [_sum(np.where(beside, steep, 0).astype(np.float32)) / share for steep in look.gradients]
    edge = peaks[0] > 2 * around[0] + 2
    seam = (peaks[1] > 2 * around[1] + 2) & (peaks[1] > peaks[0] + 1)
    return Outline(float(edge[on].mean()), float(seam[on].mean()))


def _sum(values: Floats) -> Floats:
    return np.asarray(cv2.boxFilter(values, -1, (_WINDOW, _WINDOW), normalize=False), np.float32)
