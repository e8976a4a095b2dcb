"""Where text goes: the calmest place of a picture, or of a thing in it, that text of a given shape fits into."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box, Region
from pixwright.records.thing import Thing, Tie
from pixwright.words import lexicon

_SIDE = 200
"""Longer side, in pixels, at which places are compared."""
_INSIDE = 0.985
"""Share of a place that must lie where text may go."""
_LARGER = 0.09
"""What text twice as large is worth, in units of unrest (mean gradient, 0 to 1)."""
_LINE, _CROSSED = 0.3, 0.4
"""Unrest from which it is a line, such as the edge of a card; and what a place that is all lines costs besides."""
_FILLED, _LEAST, _OPEN = 0.72, 0.85, 0.93
"""Share of the free room that text fills at most; how much smaller it is set for that at most; and the share of a row or column that is free where the room goes on."""
_NEAR = 0.5
"""What it costs to be away from the wanted spot by the picture's diagonal, in the same units."""


_SPREAD = frozenset(("stuff", "surface", "weather"))
"""Kinds of what lies over a picture and has no outline."""


def bearing(picture: Array, thing: Thing, context: Context, *, else_by_owner: bool) -> tuple[Region, str | None]:
    """What shall bear text in `picture` HxWx3; and what to say where that is not the thing itself: `else_by_owner` asks for what it is on or a part of, of "the circle on the bag" the bag; of fog
    and other surfaces, which have no outline of their own, for wherever it is calm. A thing that is not there bears no text."""
    region = context.ground(picture, thing)
    if region.found or not else_by_owner:
        return region, None
    link = thing.link
    larger = (*(link.to if link is not None and link.tie in (Tie.ON, Tie.INSIDE) else ()), thing.owner, thing.of)
    found = next((there for one in larger if one is not None and (there := context.ground(picture, one)).found), None)
    entry = lexicon().look(thing.head)
    if found is None and not (entry is not None and entry.kinds & _SPREAD):
        return region, None
    stands = f"on {found.phrase}" if found is not None else "where the picture is calm"
    return found or region, f"{thing} was not found: it stands {stands}; show the place with --box X0,Y0,X1,Y1"


def calmest(
    picture: Array,
    allowed: Array,
    shape: float,
    heights: Sequence[float],
    spot: tuple[float, float] | None = None,
    near: float = _NEAR,
) -> Box | None:
    """The place (XYXY) for text `shape` times as wide as high, of one of the `heights` (pixels); None where none fits.

    `picture` HxWx3; `allowed` HxW uint8 is where text may go (255), less so where it is lower. `spot` (x, y) is where its middle is wanted, and `near` what
    it costs to be away from it by the picture's diagonal, in units of unrest.
    """
    height, width = allowed.shape
    small = shrink(picture, _SIDE)
    rows, columns = small.shape[:2]
    scale = columns / width
    free = cv2.resize(allowed, (columns, rows), interpolation=cv2.INTER_AREA)
    slope = _unrest(small)
    unrest = cv2.integral(slope + _CROSSED * (slope > _LINE).astype(np.float32))
    inside = cv2.integral((free > 127).astype(np.float32))
    best: tuple[float, Box] | None = None
    for tall in heights:
        h, w = max(1, round(tall * scale)), max(1, round(tall * shape * scale))
        if h > rows or w > columns:
            continue
        score = _mean(unrest, h, w) - _LARGER * np.log2(tall)
        if spot is not None:
            y, x = np.mgrid[0 : rows - h + 1, 0 : columns - w + 1]
            away = np.hypot(x + w / 2 - spot[0] * scale, y + h / 2 - spot[1] * scale)
            score = score + near * away / np.hypot(rows, columns)
        score[_mean(inside, h, w) < _INSIDE] = np.inf
        at = np.unravel_index(int(score.argmin()), score.shape)
        if np.isfinite(score[at]) and (best is None or score[at] < best[0]):
            left, top = int(at[1]) / scale, int(at[0]) / scale
            x0, y0 = round(min(left, width - tall * shape)), round(min(top, height - tall))
            best = float(score[at]), (max(0, x0), max(0, y0), round(x0 + tall * shape), round(y0 + tall))
    return best[1] if best is not None else None


def centred(picture: Array, allowed: Array, box: Box) -> Box:
    """A place for text (XYXY) in the middle of the free room about it: between the edges of what carries it and the lines that are on that, at most `_FILLED` of its width."""
    height, width = allowed.shape
    small = shrink(picture, _SIDE)
    rows, columns = small.shape[:2]
    scale = columns / width
    free = cv2.resize(allowed, (columns, rows), interpolation=cv2.INTER_AREA) > 127
    free &= _unrest(small) <= _LINE
    x0, y0, x1, y1 = (round(v * scale) for v in box)
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    left, right = _reach(free[y0:y1].mean(axis=0), x0, x1)
    top, bottom = _reach(free[:, left:right].mean(axis=1), y0, y1)
    own = box[2] - box[0], box[3] - box[1]
    share = min(1.0, max(_LEAST, _FILLED * (right - left) / scale / own[0]))
    half = share * own[0] / 2, share * own[1] / 2
    x, y = (left + right) / 2 / scale, (top + bottom) / 2 / scale
    return round(x - half[0]), round(y - half[1]), round(x + half[0]), round(y + half[1])


def _reach(free: NDArray[np.floating], start: int, stop: int) -> tuple[int, int]:
    """How far a run from `start` to `stop` goes on either way through rows or columns that are free."""
    open_ = free >= _OPEN
    while start > 0 and open_[start - 1]:
        start -= 1
    while stop < len(open_) and open_[stop]:
        stop += 1
    return start, stop


def _unrest(small: Array) -> NDArray[np.float32]:
    """How busy each place is: the gradient of the lightness, 0 to 1, with a little of its surroundings."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(np.minimum(slope, 1), (0, 0), 1.5), np.float32)


def _mean(integral: NDArray[np.float64], h: int, w: int) -> NDArray[np.float64]:
    """Mean over each hxw window, from an integral picture."""
    total = integral[h:, w:] - integral[:-h, w:] - integral[h:, :-w] + integral[:-h, :-w]
    return np.asarray(total / (h * w), np.float64)
