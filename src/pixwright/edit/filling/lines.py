"""Straight edges first: a horizon, a plank, a rail that ends at both sides of a hole goes on through it, before patches fill the rest.

Completion by propagated structure, after Sun et al. 2005, "Image completion with structure propagation"; here the structures are found, not drawn:
line segments that run into the hole, and come out of it on the other side with the same colours on both of their sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.synthesis import Bools, Floats
from pixwright.records.instruction import Array

_SIDE = 420
"""Longer side, in pixels, of the picture in which lines are looked for; lengths below are of that size."""
_LONG, _LEAST = 0.15, 14.0
"""Least length of a segment: a share of the hole's span, and pixels."""
_GAP = 7
"""The most that a segment may end before the hole."""
_PROFILE, _BACK = 5, 12
"""Pixels to either side of a line, and along it, whose colours are compared."""
_CONTRAST, _ALIKE, _OF_IT = 10.0, 9.0, 0.42
"""Least difference of the two sides of a line, and the most between its ends (L*a*b*); or such a share of the former."""
_SHIFTS = 5
"""By so much, across, a line may come out elsewhere than straight on."""
_BAND = 0.035
"""Half the width of the strip that is copied along a line, as a share of the hole's span."""
_MOST = 6
_COLUMNS = 256
_SAME = 6.0
"""Lines whose ends are nearer to each other than this are one."""


@dataclass(frozen=True, eq=False)
class _Line:
    """Into the hole at `start`, out of it at `end` (x, y); `before` and `after` are the pixels of it that are seen on either side."""

    start: Floats
    end: Floats
    before: float
    after: float
    weight: float

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.end - self.start))

    @property
    def way(self) -> Floats:
        """Unit vector from start to end."""
        return np.asarray((self.end - self.start) / max(self.length, 1e-6), np.float32)


def continued(picture: Array, hole: Bools) -> tuple[Array, Bools] | None:
    """`picture` HxWx3 uint8 with strips along the straight edges that cross its hole (HxW), and which pixels those are; None without any."""
    scale = min(1.0, _SIDE / max(hole.shape))
    size = max(8, round(hole.shape[1] * scale)), max(8, round(hole.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    inner = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    if inner.all() or max(cv2.boundingRect(inner.astype(np.uint8))[2:]) < 2 * _LEAST:
        return None
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    chosen = _apart(_crossing(small, lab, inner))
    if not chosen:
        return None
    span = max(cv2.boundingRect(inner.astype(np.uint8))[2:])
    ratio = np.array([hole.shape[1] / size[0], hole.shape[0] / size[1]], np.float32)
    result, done = picture.copy(), np.zeros_like(hole)
    for line in chosen:
        full = _Line(line.start * ratio, line.end * ratio, line.before / scale, line.after / scale, line.weight)
        _draw(result, done, full, hole, max(3.0, _BAND * span / scale))
    return (result, done) if done.any() else None


def _crossing(small: Array, lab: Floats, hole: Bools) -> list[_Line]:
    """The segments that run into the hole and come out again."""
    smooth = diffuse(small.astype(np.float32), ~hole)
    grey = cv2.cvtColor(np.clip(smooth, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    if found is None:
        return []
    span = max(cv2.boundingRect(hole.astype(np.uint8))[2:])
    away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3)
    lines = []
    for x0, y0, x1, y1 in found.reshape(-1, 4):
        a, b = np.array([x0, y0], np.float32), np.array([x1, y1], np.float32)
        length = float(np.linalg.norm(b - a))
        if length < max(_LEAST, _LONG * span) or _at(hole, 0.5 * a + 0.5 * b):
            continue
        for near, far in ((a, b), (b, a)):
            if _value(away, near) <= _GAP:
                line = _through(lab, (near, (near - far) / length, length), hole)
                if line is not None:
                    lines.append(line)
    return lines


def _through(lab: Floats, ray: tuple[Floats, Floats, float], hole: Bools) -> _Line | None:
    """The line that starts with a segment (its end, its way, its length), if it comes out of the hole with the colours that it went in with."""
    near, way, length = ray
    height, width = hole.shape
    steps = np.arange(-_GAP, height + width, 0.5, dtype=np.float32)
    path = near + steps[:, None] * way
    kept = ((path >= 0) & (path < (width - 1, height - 1))).all(axis=1)
    path = path[kept]
    if len(path) < 4:
        return None
    within = hole[np.round(path[:, 1]).astype(int), np.round(path[:, 0]).astype(int)]
    inside = np.flatnonzero(within)
    if not len(inside) or inside[0] > 4 * _GAP:
        return None
    last = inside[0] + int(np.argmax(~within[inside[0] :])) if (~within[inside[0] :]).any() else 0
    if last == 0 or last - inside[0] < 8:
        return None
    start, end = path[max(0, inside[0] - 2)], path[min(len(path) - 1, last + 2)]
    entry = _profile(lab, start, -way, way, hole)
    across = np.array([-way[1], way[0]], np.float32)
    best: tuple[float, Floats] | None = None
    for shift in range(-_SHIFTS, _SHIFTS + 1):
        there = end + shift * across
        leaving = _profile(lab, there, way, way, hole)
        if entry is None or leaving is None or _contrast(leaving) < _CONTRAST:
            continue
        gap = float(np.linalg.norm(entry - leaving, axis=1).mean()) + 0.4 * abs(shift)
        if best is None or gap < best[0]:
            best = gap, there
    if entry is None or best is None:
        return None
    clear = _contrast(entry)
    if clear < _CONTRAST or best[0] > max(_ALIKE, _OF_IT * clear):
        return None
    return _Line(start, best[1], length, float(_BACK), length * clear)


def _profile(lab: Floats, at: Floats, along: Floats, way: Floats, hole: Bools) -> Floats | None:
    """The colours across a line (2 * _PROFILE + 1, 3), their mean along it from `at` on; None where they are not all seen."""
    across = np.array([-way[1], way[0]], np.float32)
    places = at + np.arange(1, _BACK)[:, None, None] * along + np.arange(-_PROFILE, _PROFILE + 1)[:, None] * across
    columns, rows = (np.round(places[..., i]).astype(int) for i in (0, 1))
    height, width = hole.shape
    if rows.min() < 0 or columns.min() < 0 or rows.max() >= height or columns.max() >= width:
        return None
    if hole[rows, columns].mean() > 0.1:
        return None
    return np.asarray(lab[rows, columns].mean(axis=0), np.float32)


def _contrast(profile: Floats) -> float:
    """How different the two sides of a line are, or the line itself is from both."""
    left, right = profile[: _PROFILE - 1].mean(axis=0), profile[_PROFILE + 2 :].mean(axis=0)
    middle = profile[_PROFILE - 1 : _PROFILE + 2].mean(axis=0)
    return float(max(np.linalg.norm(left - right), min(np.linalg.norm(middle - left), np.linalg.norm(middle - right))))


def _apart(lines: list[_Line]) -> list[_Line]:
    """The strongest lines, none of them twice (also not from its other end), and none that crosses a stronger one."""
    chosen: list[_Line] = []
    for line in sorted(lines, key=lambda one: -one.weight):
        if len(chosen) < _MOST and not any(_same(line, other) or _cross(line, other) for other in chosen):
            chosen.append(line)
    return chosen


def _same(a: _Line, b: _Line) -> bool:
    def far(p: Floats, q: Floats, r: Floats, s: Floats) -> float:
        return float(max(np.linalg.norm(p - q), np.linalg.norm(r - s)))

    return min(far(a.start, b.start, a.end, b.end), far(a.start, b.end, a.end, b.start)) < _SAME


def _cross(a: _Line, b: _Line) -> bool:
    def side(line: _Line, point: Floats) -> float:
        (x, y), (px, py) = line.end - line.start, point - line.start
        return float(x * py - y * px)

    return side(a, b.start) * side(a, b.end) < 0 and side(b, a.start) * side(b, a.end) < 0


def _draw(result: Array, done: Bools, line: _Line, hole: Bools, half: float) -> None:
    """Copy a strip of `half` pixels to either side along the line, from both of its ends, back and forth; they fade where they meet."""
    way, across = line.way, np.array([-line.way[1], line.way[0]], np.float32)
    margin = int(half) + 2
    x0, y0 = np.maximum(0, np.floor(np.minimum(line.start, line.end)).astype(int) - margin)
    x1, y1 = np.ceil(np.maximum(line.start, line.end)).astype(int) + margin
    rows, columns = np.nonzero(hole[y0:y1, x0:x1] & ~done[y0:y1, x0:x1])
    places = np.stack([columns + x0, rows + y0], axis=1).astype(np.float32)
    along, off = (places - line.start) @ way, (places - line.start) @ across
    use = (np.abs(off) <= half) & (along >= -2) & (along <= line.length + 2)
    if not use.any():
        return
    places, along, off = places[use], along[use], off[use]
    total, weight = np.zeros((len(places), 3), np.float32), np.zeros(len(places), np.float32)
    for point, back, reach, depth in (
        (line.start, -way, line.before, along),
        (line.end, way, line.after, line.length - along),
    ):
        source = point + _folded(np.maximum(depth, 0) + 1, max(4.0, reach))[:, None] * back + off[:, None] * across
        seen = _sampled(hole.astype(np.float32), source) < 0.01
        share = np.clip(1.5 - 2 * depth / max(1.0, line.length), 0.0, 1.0) * seen
        total += _sampled(result, source) * share[:, None]
        weight += share
    good = weight > 0
    at = places[good].astype(int)
    result[at[:, 1], at[:, 0]] = np.clip(total[good] / weight[good, None] + 0.5, 0, 255).astype(np.uint8)
    done[at[:, 1], at[:, 0]] = True


def _sampled(values: NDArray[Any], places: NDArray[np.floating]) -> Floats:
    """What is at places (n, 2: x, y), and 1 outside: (n,) or (n, channels). OpenCV takes no more than 32767 rows, so they lie in several columns."""
    count = len(places)
    rows = -(-count // _COLUMNS)
    grid = (
        np.pad(places, ((0, rows * _COLUMNS - count), (0, 0)), mode="edge")
        .reshape(rows, _COLUMNS, 2)
        .astype(np.float32)
    )
    found = cv2.remap(values, np.ascontiguousarray(grid), None, cv2.INTER_LINEAR, borderValue=(1, 1, 1))
    return np.asarray(found, np.float32).reshape(rows * _COLUMNS, *values.shape[2:])[:count]


def _folded(distance: Floats, reach: float) -> Floats:
    """Distances folded back and forth into [0, reach]."""
    return np.asarray(reach - np.abs(np.mod(distance, 2 * reach) - reach), np.float32)


def _value(values: Floats, at: NDArray[np.floating]) -> float:
    y, x = (
        int(np.clip(round(float(at[1])), 0, len(values) - 1)),
        int(np.clip(round(float(at[0])), 0, values.shape[1] - 1)),
    )
    return float(values[y, x])


def _at(flags: Bools, at: NDArray[np.floating]) -> bool:
    return _value(flags.astype(np.float32), at) > 0
