"""Placement: where the pixels of an input lie in the picture that came of it; and the grid in which a file stores them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box

_LAST, _LAST_UNTURNED = 8, 4
_MIRRORED, _FLIPPED = (2, 3, 6, 7), (3, 4, 7, 8)
"""Orientations (EXIF 2.32, section 4.6.4)."""
_MOST_GIVEN = 0.02
"""A grid whose cells are wider than this share of a side is too coarse to move an edge for."""


def turns(orientation: int) -> tuple[bool, bool, bool]:
    """How stored samples become upright, in this order: rows and columns exchanged, left and right, top and bottom."""
    return orientation > _LAST_UNTURNED, orientation in _MIRRORED, orientation in _FLIPPED


def turned(samples: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored samples (HxW or HxWxC) -> upright ones, by an EXIF orientation, 1 to 8."""
    transposed, mirrored, flipped = turns(orientation)
    if transposed:
        samples = samples.swapaxes(0, 1)
    if mirrored:
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples[::-1] if flipped else samples)


def unturned(samples: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Upright samples -> as a file of that EXIF orientation, 1 to 8, stores them."""
    transposed, mirrored, flipped = turns(orientation)
    if flipped:
        samples = samples[::-1]
    if mirrored:
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples.swapaxes(0, 1) if transposed else samples)


@cache
def both(first: int, then: int) -> int:
    """The one orientation that does what two do one after the other."""
    cells = np.arange(6).reshape(2, 3)
    wanted = turned(turned(cells, first), then)
    return next(one for one in range(1, _LAST + 1) if np.array_equal(turned(cells, one), wanted))


@cache
def inverse(orientation: int) -> int:
    """The orientation that undoes one."""
    return next(one for one in range(1, _LAST + 1) if both(orientation, one) == 1)


def turn_between(before: NDArray[Any], after: NDArray[Any]) -> int | None:
    """The orientation, 1 to 8, that makes `after` of `before`, bit for bit; None where none does."""
    for one in range(1, _LAST + 1):
        transposed = turns(one)[0]
        if after.shape[:2] == (before.shape[1::-1] if transposed else before.shape[:2]) and np.array_equal(
            turned(before, one), after
        ):
            return one
    return None


@dataclass(frozen=True)
class CanvasPlacement:
    """The input, turned, lies on a canvas with its first column at `left` and its first row at `top`; both are negative where it was cropped."""

    orientation: int = 1
    left: int = 0
    top: int = 0

    def turned_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Height and width of the turned input."""
        return (size[1], size[0]) if turns(self.orientation)[0] else size

    def box(self, size: tuple[int, int]) -> Box:
        """Where an input of that (height, width) lies on the canvas: it may reach beyond it."""
        tall, wide = self.turned_size(size)
        return self.left, self.top, self.left + wide, self.top + tall

    def moved(self, left: int, top: int) -> CanvasPlacement:
        """The same, so many pixels further to the right and down."""
        return CanvasPlacement(self.orientation, self.left + left, self.top + top)

    def turned(self, orientation: int, canvas: tuple[int, int], size: tuple[int, int]) -> CanvasPlacement:
        """After the whole canvas of that (height, width) was turned; `size` is the input's."""
        x0, y0, x1, y1 = self.box(size)
        transposed, mirrored, flipped = turns(orientation)
        if transposed:
            x0, y0, x1, y1, canvas = y0, x0, y1, x1, (canvas[1], canvas[0])
        left = canvas[1] - x1 if mirrored else x0
        top = canvas[0] - y1 if flipped else y0
        return CanvasPlacement(both(self.orientation, orientation), left, top)


UNMOVED = CanvasPlacement()
"""Every pixel lies where it lay."""


@dataclass(frozen=True, eq=False)
class Laid:
    """What a result still holds of its input: where that lies, and `edited`, HxW uint8 of the result's size, 0 where the input's pixel is kept bit for bit."""

    placement: CanvasPlacement
    edited: Array

    def kept(self, size: tuple[int, int]) -> NDArray[np.bool_]:
        """HxW: where the result holds pixels of an input of that (height, width)."""
        x0, y0, x1, y1 = self.placement.box(size)
        inside = np.zeros(self.edited.shape, np.bool_)
        inside[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
        inside &= self.edited == 0
        return inside


@dataclass(frozen=True)
class Grid:
    """The cells in which a file codes pixels together, each `across` x `down`, counted from the left and the top or from the other sides.

    An edge that lies on it leaves every cell as it is. 1 x 1 for files that code each pixel alone.
    """

    across: int = 1
    down: int = 1
    from_right: bool = False
    from_bottom: bool = False

    def box(self, box: Box, height: int, width: int) -> Box:
        """A part of a picture moved by half a cell at most, so that its first edges lie on the grid; its size stays."""
        x0, y0, x1, y1 = box
        left = _on(x0, x1, width, self.across, self.from_right)
        top = _on(y0, y1, height, self.down, self.from_bottom)
        return left, top, left + x1 - x0, top + y1 - y0

    def added(self, sides: tuple[int, int, int, int], height: int, width: int) -> tuple[int, int, int, int]:
        """Pixels to be added at the top, bottom, left and right, with those before the first edges as whole cells."""
        top, bottom, left, right = sides
        if self.from_bottom:
            bottom = _cells(bottom, self.down, height)
        else:
            top = _cells(top, self.down, height)
        if self.from_right:
            right = _cells(right, self.across, width)
        else:
            left = _cells(left, self.across, width)
        return top, bottom, left, right

    def shared(self, sides: tuple[int, int, int, int], height: int, width: int) -> tuple[int, int, int, int]:
        """The same where as much is added in all as was given: the other sides take up the difference."""
        top, bottom, left, right = self.added(sides, height, width)
        tall, wide = sides[0] + sides[1], sides[2] + sides[3]
        top = tall - min(bottom, tall) if self.from_bottom else min(top, tall)
        left = wide - min(right, wide) if self.from_right else min(left, wide)
        return top, tall - top, left, wide - left


SINGLE_PIXELS = Grid()
"""Of a file that codes every pixel alone, or of none."""


def _on(first: int, end: int, side: int, step: int, from_end: bool) -> int:
    """Where a part of a side begins that lies on the grid and is nearest."""
    before = side - end if from_end else first
    room = side - (end - first)
    if step > _MOST_GIVEN * side:
        return first
    before = min(round(before / step), room // step) * step
    return room - before if from_end else before


def _cells(count: int, step: int, side: int) -> int:
    return max(step, round(count / step) * step) if count and step <= _MOST_GIVEN * side else count
