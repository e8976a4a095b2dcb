"""A hole filled with whole blocks of what is around it: few shifts of the picture, cut where the seams show least.

What a facade, a skyline or a floor before a wall shows comes back at some shift (He and Sun 2012, Statistics of patch offsets for image completion), and a block that is copied whole
keeps its lines. Which shift each pixel takes is settled by messages between neighbours, line by line (loopy belief propagation; Felzenszwalb and Huttenlocher 2006), over what a seam
between two of them would show (Pritch et al. 2009, Shift-map image editing). Then the steps of light along the seams are shared between their sides (Perez et al. 2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

import cv2
import numpy as np

from pixwright.edit.filling.copying import diffuse, stretched
from pixwright.edit.filling.rim import fading, shows, wider
from pixwright.edit.filling.synthesis import Bools, Floats, Ints
from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_of

_SPAN, _SIDE = 56, 320
"""Longer side, in pixels, to which a hole is reduced while its shifts are settled, and the most that the window has then."""
_BAND = 4
"""Width of the rim that is compared, in reduced pixels; that of the smallest piece of it is 3 times as many pixels."""
_TILES, _EACH, _MOST = 3.0, 3, 36
"""Pieces of the rim along a hole's longer side that each ask for the shifts at which they come back; how many each may ask for, besides the likest level one; and how many there are in all."""
_NEAREST, _APART = 5, 3
"""Pixels that a shift is longer than, since a shorter one smears what it copies; and by which two shifts of one piece differ at least."""
_EMPTY = 0.15
"""The most of a piece of rim, and of the hole beside it, for which a shift may have nothing."""
_FAR, _DOWN = 12.0, 3.0
"""Levels of 255 by which a shift must fit better that comes from as far away as the hole is long; and how much farther what lies above or below is than what lies beside."""
_NEW, _MOST_OFF, _NEVER = 60.0, 3000.0, 1e6
"""Squared levels: what a seam costs anyhow, beyond which a difference is no greater, and what nothing outweighs."""
_SLOPE, _RIM, _SHUNNED = 2.0, 4.0, 900.0
"""How much slopes of light count beside colours; how much the fit at the rim counts; and squared levels for a pixel that should rather not be copied."""
_SWEEPS = 5
_ROUNDS, _OVER, _LIGHT = 110, 1.9, 48.0
"""Rounds of the relaxation that evens the light, its factor, and the most, in levels, by which light is changed."""
_KNOWN, _FREE, _SEEN = 0.98, 0.02, 0.25
"""Share of a reduced pixel that is known, from which it is; that is forbidden, up to which it is not; and of the hole's pixels, how many must be there to copy from."""
_LEAST, _POINTS, _STEPS = 12, 800, 4
"""Reduced pixels beside a block from which its shift is measured in the picture's own pixels; how many of those are looked at, at most; and the steps to either side in which that is done."""
_FADE, _SHARP = 1.2, 4
"""Blur of the seams between blocks, in pixels, and the power that keeps them narrow."""
_GOOD = 0.8
"""How much a filling of blocks may show, and nothing else is tried."""
_WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, eq=False)
class _Work:
    """A hole at the reduced size: `image` hxwx5 of colours and slopes, what may be copied, what each pixel costs besides, and how many of the picture's pixels one is (down, across)."""

    image: Floats
    hole: Bools
    usable: Bools
    toll: Floats
    scale: tuple[float, float]

    def away(self, down: Ints | np.int32, across: Ints | np.int32) -> Floats:
        """Squared levels by which shifts must fit better for coming from afar."""
        span = max(cv2.boundingRect(self.hole.astype(np.uint8))[2:])
        return np.asarray((_FAR / span) ** 2 * ((_DOWN * down) ** 2 + across**2), np.float32)

    def at(self, shift: tuple[int, int], box: tuple[int, int, int, int]) -> tuple[Ints, Ints, Bools]:
        """The rows and columns that a shift fetches for a box (XYXY), and which of them may be copied."""
        x0, y0, x1, y1 = box
        rows, columns = np.mgrid[y0 + shift[0] : y1 + shift[0], x0 + shift[1] : x1 + shift[1]].astype(np.int32)
        height, width = self.hole.shape
        inside = (rows >= 0) & (columns >= 0) & (rows < height) & (columns < width)
        rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
        return rows, columns, inside & self.usable[rows, columns]


@dataclass(frozen=True, eq=False)
class Blocked:
    """A filling of blocks: `picture` HxWx3 uint8, `weight` HxW uint8: how much of each pixel is new, and how much it shows (`rim.shows`)."""

    picture: Array
    weight: Array
    shows: float

    @property
    def good(self) -> bool:
        """Whether nothing else needs to be tried."""
        return self.shows < _GOOD

    def rather(self, made: tuple[Array, Array], hole: Bools, known: Bools) -> tuple[Array, Array]:
        """Of this and what was made in another way that which shows less."""
        return made if shows(made[0], hole, known) < self.shows else (self.picture, self.weight)


def blocked(picture: Array, hole: Bools, banned: Bools, shunned: Array | None, rim: int) -> Blocked | None:
    """A hole (HxW) filled with blocks, and `rim` pixels beyond it. As `blocks`."""
    wide = wider(hole, banned, rim)
    made = blocks(picture, wide, banned, shunned)
    return None if made is None else Blocked(made, fading(hole, wide), shows(made, hole, ~hole & ~banned))


def blocks(picture: Array, hole: Bools, banned: Bools, shunned: Array | None) -> Array | None:
    """`picture` HxWx3 uint8 with its hole (HxW) filled from whole shifts; None where none fits. `banned` HxW: what may not be copied, `shunned` HxW uint8: what should rather not be."""
    work = _reduced(picture, hole, banned, shunned)
    shifts = _shifts(work) if work is not None else []
    if work is None or not shifts:
        return None
    box = box_of(work.hole)
    looks, data = _costs(work, shifts, box)
    inner = work.hole[box[1] : box[3], box[0] : box[2]]
    if (data[:, inner].min(axis=0) >= _NEVER).any():
        return None
    labels = np.full(work.hole.shape, -1, np.int32)
    labels[box[1] : box[3], box[0] : box[2]] = np.where(inner, _settled(looks, data, inner), -1)
    return _composed(picture, hole, work, shifts, labels)


def _reduced(picture: Array, hole: Bools, banned: Bools, shunned: Array | None) -> _Work | None:
    scale = min(1.0, _SPAN / max(cv2.boundingRect(hole.astype(np.uint8))[2:]), _SIDE / max(hole.shape))
    height, width = hole.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    weight = cv2.resize((~hole).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(picture * (~hole)[..., None].astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    colours = total.astype(np.float32) / np.maximum(weight, 1 - _KNOWN)[..., None]
    inner = weight < _KNOWN
    usable = ~inner & (cv2.resize(banned.astype(np.float32), size, interpolation=cv2.INTER_AREA) <= _FREE)
    if not inner.any() or usable.sum() < _SEEN * inner.sum():
        return None
    light = colours.mean(axis=2)
    clear = cv2.erode((~inner).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    slopes = [np.where(clear, cv2.Sobel(light, cv2.CV_32F, *way, scale=_SLOPE / 8), 0) for way in ((1, 0), (0, 1))]
    toll = np.zeros(inner.shape, np.float32)
    if shunned is not None:
        toll = cv2.resize(shunned, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(_SHUNNED / 255)
    image = np.dstack([np.where(inner[..., None], 0, colours), *slopes]).astype(np.float32)
    return _Work(image, inner, usable, toll, (height / size[1], width / size[0]))


def _shifts(work: _Work) -> list[tuple[int, int]]:
    """Shifts (dy, dx) at which pieces of the rim come back."""
    near = cv2.dilate(work.hole.astype(np.uint8), np.ones((2 * _BAND + 1, 2 * _BAND + 1), np.uint8)) > 0
    rim = near & work.usable
    x0, y0, x1, y1 = box_of(near)
    step = max(2 * _BAND, round(max(x1 - x0, y1 - y0) / _TILES))
    pieces = [np.s_[y0:y1, x0:x1]]
    for size in (2 * step, step):
        for top in range(y0 - size // 4, y1, size // 2):
            for left in range(x0 - size // 4, x1, size // 2):
                pieces.append(np.s_[max(0, top) : top + size, max(0, left) : left + size])
    asked = [_returns(work, rim, piece) for piece in pieces]
    kept: list[tuple[int, int]] = []
    # Each piece in its turn: a bare wall fits anywhere, and would leave no room for the windows.
    for shift in (one for turn in zip_longest(*asked) for one in turn if one is not None):
        if len(kept) < _MOST and all(max(abs(shift[0] - y), abs(shift[1] - x)) > 1 for y, x in kept):
            kept.append(shift)
    return kept


def _returns(work: _Work, rim: Bools, part: tuple[slice, slice]) -> list[tuple[int, int]]:
    """The shifts at which one piece of the rim comes back, the likest first; then the likest level one, which keeps to the layers of ground and sky."""
    own, inside = rim[part], work.hole[part]
    if own.sum() < 3 * _BAND or not inside.any():
        return []
    weight = own.astype(np.float32)
    colours = np.ascontiguousarray(work.image[..., :3])
    cost = cv2.matchTemplate(colours, np.ascontiguousarray(colours[part]), cv2.TM_SQDIFF, mask=np.dstack([weight] * 3))
    lost = (~work.usable).astype(np.float32)
    missing = [cv2.matchTemplate(lost, one, cv2.TM_CCORR) / one.sum() for one in (inside.astype(np.float32), weight)]
    down = np.arange(cost.shape[0], dtype=np.int32)[:, None] - part[0].start
    across = np.arange(cost.shape[1], dtype=np.int32)[None] - part[1].start
    fit = np.maximum(cost, 0) / weight.sum() + work.away(down, across)
    near = np.maximum(np.abs(down), np.abs(across)) <= _NEAREST
    fit = np.where((np.maximum(*missing) < _EMPTY) & ~near, fit, np.inf)
    level = np.where(np.abs(down) <= 1, fit, np.inf)
    out = []
    for among in (fit, level, *[fit] * (_EACH - 1)):
        y, x = (int(v) for v in np.unravel_index(int(np.argmin(among)), fit.shape))
        if np.isfinite(among[y, x]):
            out.append((int(down[y, 0]), int(across[0, x])))
            fit[max(0, y - _APART) : y + _APART + 1, max(0, x - _APART) : x + _APART + 1] = np.inf
    return out


def _costs(work: _Work, shifts: list[tuple[int, int]], box: tuple[int, int, int, int]) -> tuple[Floats, Floats]:
    """What each shift would put into the hole's box (K, h, w, 5), and what it costs there (K, h, w): how badly it meets the rim beside each pixel, and what it would copy."""
    height, width = work.hole.shape
    x0, y0, x1, y1 = box
    wide = max(0, x0 - _BAND), max(0, y0 - _BAND), min(width, x1 + _BAND), min(height, y1 + _BAND)
    part = np.s_[wide[1] : wide[3], wide[0] : wide[2]]
    inner = np.s_[y0 - wide[1] : y1 - wide[1], x0 - wide[0] : x1 - wide[0]]
    seen, here, side = work.usable[part], work.image[part], 2 * _BAND + 1
    looks, costs = [], []
    for shift in shifts:
        rows, columns, good = work.at(shift, wide)
        there = work.image[rows, columns]
        gap = np.minimum(((there - here) ** 2).sum(axis=2), _MOST_OFF)
        # What is beside the hole and comes from nowhere is as bad as can be.
        gap = np.where(seen, np.where(good, gap, _MOST_OFF), 0).astype(np.float32)
        # Level ones keep ground to ground, however far they come from.
        toll = work.toll[rows, columns] + work.away(np.int32(shift[0]), np.int32(0))
        cost = _RIM * cv2.blur(gap, (side, side)) + toll
        looks.append(there[inner])
        costs.append(np.where(good, cost, _NEVER)[inner])
    return np.stack(looks), np.stack(costs).astype(np.float32)


def _settled(looks: Floats, data: Floats, inner: Bools) -> Ints:
    """The shift of each pixel (h, w)."""
    count, height, width = data.shape
    flat = looks.reshape(count, height * width, -1).transpose(1, 0, 2)
    square = (flat**2).sum(axis=2)
    gap = square[:, :, None] + square[:, None] - 2 * flat @ flat.transpose(0, 2, 1)
    gap = np.clip(gap, 0, _MOST_OFF).reshape(height, width, count, count).astype(np.float32)
    known = data.transpose(1, 2, 0) < _NEVER
    gap = np.where(known[..., :, None] & known[..., None, :], gap, np.float32(_MOST_OFF))
    gap[..., np.arange(count), np.arange(count)] = -_NEW
    own = np.where(inner[..., None], data.transpose(1, 2, 0), 0).astype(np.float32)
    messages = np.zeros((len(_WAYS), height, width, count), np.float32)
    for _ in range(_SWEEPS):
        for way in range(len(_WAYS)):
            _sweep(messages, way, own, gap, inner)
    return np.asarray(np.argmin(own + messages.sum(axis=0), axis=2), np.int32)


def _sweep(messages: Floats, way: int, own: Floats, gap: Floats, inner: Bools) -> None:
    """One sweep along one of `_WAYS`: every line of pixels tells the next what each of its shifts would cost. `messages` is written to."""
    if _WAYS[way][1]:
        messages, own = messages.transpose(0, 2, 1, 3), own.transpose(1, 0, 2)
        gap, inner = gap.transpose(1, 0, 2, 3), inner.T
    step, last = sum(_WAYS[way]), own.shape[0] - 1
    for line in range(last) if step > 0 else range(last, 0, -1):
        both = inner[line] & inner[line + step]
        if not both.any():
            continue
        told = (own[line] + messages[:, line].sum(axis=0) - messages[way ^ 1, line])[both]
        pair = (gap[line, both] + gap[line + step, both]) / 2 + _NEW
        best = (told[:, :, None] + pair).min(axis=1)
        messages[way, line + step][both] = best - best.min(axis=1, keepdims=True)


def _composed(picture: Array, hole: Bools, work: _Work, shifts: list[tuple[int, int]], labels: Ints) -> Array:
    """The blocks at the picture's own size, each in the light of what is beside it."""
    height, width = hole.shape
    light = _evened(work, shifts, labels)
    x0, y0, x1, y1 = box_of(hole)
    total, weight = np.zeros((y1 - y0, x1 - x0, 3), np.float32), np.full((y1 - y0, x1 - x0, 1), 1e-6, np.float32)
    for k in np.unique(labels[labels >= 0]):
        own = labels == k
        dy, dx = _measured(picture, hole, own, shifts[k], work)
        left, top, right, bottom = _around(own, work.scale, (x0, y0, x1, y1))
        share = stretched(own.astype(np.float32), top, bottom, height, width)[:, left:right]
        share = cv2.GaussianBlur(share, (0, 0), _FADE) ** _SHARP
        rows, columns = np.arange(top, bottom)[:, None] + dy, np.arange(left, right)[None] + dx
        rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
        share = (share * ~hole[rows, columns])[..., None]
        even = stretched(diffuse(light, own), top, bottom, height, width)[:, left:right]
        here = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
        total[here] += share * (picture[rows, columns] + even)
        weight[here] += share
    result = picture.copy()
    part = result[y0:y1, x0:x1]
    made = np.clip(total / weight + 0.5, 0, 255).astype(np.uint8)
    some = weight[..., 0] > 2e-6
    if not some[hole[y0:y1, x0:x1]].all():
        made = np.where(some[..., None], made, np.rint(diffuse(made.astype(np.float32), some)).astype(np.uint8))
    part[hole[y0:y1, x0:x1]] = made[hole[y0:y1, x0:x1]]
    return result


def _around(own: Bools, scale: tuple[float, float], box: Box) -> Box:
    """The box of a block in the picture's own pixels, with the rim over which it fades, within the hole's."""
    x0, y0, x1, y1 = box_of(own)
    down, across = scale
    left, top = max(box[0], int((x0 - 2) * across)), max(box[1], int((y0 - 2) * down))
    return left, top, min(box[2], int((x1 + 2) * across) + 1), min(box[3], int((y1 + 2) * down) + 1)


def _measured(picture: Array, hole: Bools, own: Bools, shift: tuple[int, int], work: _Work) -> tuple[int, int]:
    """A shift in the picture's own pixels: near the one that was settled on, that at which what is beside the block comes back best."""
    middle = round(shift[0] * work.scale[0]), round(shift[1] * work.scale[1])
    reach = int(np.ceil(max(work.scale)))
    places = np.argwhere((cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & work.usable)
    if reach <= 1 or len(places) < _LEAST:
        return middle
    height, width = hole.shape
    within = np.stack(np.meshgrid(*[np.arange(0, reach, max(1, reach // 3))] * 2), -1).reshape(-1, 2)
    points = ((places * work.scale).astype(np.int64)[:, None] + within).reshape(-1, 2)
    rows, columns = np.clip(points, 0, (height - 1, width - 1)).T
    rows, columns = rows[~hole[rows, columns]], columns[~hole[rows, columns]]
    rows, columns = (axis[:: max(1, len(rows) // _POINTS)] for axis in (rows, columns))
    here = picture[rows, columns].astype(np.float32)
    tries = range(-reach, reach + 1, max(1, reach // _STEPS))

    def misfit(dy: int, dx: int) -> float:
        sy, sx = rows + middle[0] + dy, columns + middle[1] + dx
        good = (sy >= 0) & (sx >= 0) & (sy < height) & (sx < width)
        gap = ((picture[sy[good], sx[good]] - here[good]) ** 2).sum(axis=1)
        return float(np.minimum(gap, _MOST_OFF).sum() + _MOST_OFF * (~good).sum()) / len(rows) + abs(dy) + abs(dx)

    dy, dx = min(((y, x) for y in tries for x in tries), key=lambda one: misfit(*one))
    return middle[0] + dy, middle[1] + dx


def _evened(work: _Work, shifts: list[tuple[int, int]], labels: Ints) -> Floats:
    """What is added to each reduced pixel of the hole so that no seam is a step (hxwx3): differences across a seam are shared between its sides."""
    height, width = labels.shape
    x0, y0, x1, y1 = box_of(labels >= 0)
    part = np.s_[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1]
    rows, columns = (axis[part] for axis in np.mgrid[:height, :width].astype(np.int32))
    table: Ints = np.array([*shifts, (0, 0)], np.int32)[labels[part]]

    def seen(shift: Ints, dy: int, dx: int) -> tuple[Floats, Bools]:
        """The colour that each pixel's shift finds beside it, and whether there is any."""
        sy, sx = rows + dy + shift[..., 0], columns + dx + shift[..., 1]
        inside = (sy >= 0) & (sx >= 0) & (sy < height) & (sx < width)
        sy, sx = np.clip(sy, 0, height - 1), np.clip(sx, 0, width - 1)
        return work.image[sy, sx, :3], inside & ~work.hole[sy, sx]

    steps, opens = [], []
    for dy, dx in _WAYS:
        other = np.roll(table, (-dy, -dx), (0, 1))
        gap, weight = np.zeros((*table.shape[:2], 3), np.float32), np.zeros((*table.shape[:2], 1), np.float32)
        for y, x in ((0, 0), (dy, dx)):
            (a, has_a), (b, has_b) = seen(table, y, x), seen(other, y, x)
            both = (has_a & has_b)[..., None]
            gap += np.where(both, a - b, 0)
            weight += both
        steps.append(np.clip(gap / np.maximum(weight, 1), -_LIGHT, _LIGHT).astype(np.float32))
        opens.append(
            ((rows + dy >= 0) & (rows + dy < height) & (columns + dx >= 0) & (columns + dx < width))[..., None]
        )
    return _spread(labels, part, steps, opens)


def _spread(labels: Ints, part: tuple[slice, slice], steps: list[Floats], opens: list[Bools]) -> Floats:
    """The light whose steps between neighbours along `_WAYS` are the given ones, as nearly as can be (hxwx3; successive over-relaxation), and that is 0 beside the hole."""
    inner = labels[part] >= 0
    even = np.indices(inner.shape).sum(axis=0) % 2 == 0
    value = np.zeros((*inner.shape, 3), np.float32)
    number = np.maximum(sum(one.astype(np.float32) for one in opens), 1)
    for turn in range(2 * _ROUNDS):
        mine = (inner & (even if turn % 2 == 0 else ~even))[..., None]
        total = np.zeros_like(value)
        for way, gap, within in zip(_WAYS, steps, opens, strict=True):
            total += np.where(within, np.roll(value, (-way[0], -way[1]), (0, 1)) - gap, 0)
        value = np.where(mine, value + _OVER * (total / number - value), value)
    light = np.zeros((*labels.shape, 3), np.float32)
    light[part] = np.clip(value, -_LIGHT, _LIGHT)
    return light
