"""The silhouette of a creature: where its head is, what sticks out of it. Rules of proportion, ours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import Floats, disc, odd
from pixwright.records.region import box_of

ROOT, REACH = 0.75, 2.4
"""Of the head's radius: how thick what sticks out of a head may be, and how far from its middle it may lie."""
THIN = 0.5
"""Of the body's largest radius: how thick a tail may be where it begins."""
CRUMB = 0.004
"""Share of the silhouette below which what sticks out is fur."""
LEAST = 60
"""Pixels below which a silhouette has no build."""
MASK = 5
"""Width in pixels of the mask by which OpenCV measures distances: its finest but for the exact one."""
LOW, HIGH = 0.01, 0.99
"""Quantiles along the main axis that are its ends."""
END = 0.2
"""Share of the axis at each end in which the widest circle is sought."""
THICKER = 0.3
"""How much a thick end is the head's, against how much a high one is."""
SETTLE = 0.6
"""Of the distance to the edge: how far from a clue the head's circle may be widened."""
STILL = 1e-3
"""Pixels: least divisor of a direction."""
CALM, FOOT = 0.3, 0.25
"""Radii of the discs that take off the crumbs of an opening (in its own radius), and that give an ear its foot back (in the head's)."""
STAND = 0.1
"""Of the head's radius: how far below the head's middle what stands up may have its own middle."""
SLENDER = (0.35, 0.5)
"""Of the head's radius: how thick a beak or a muzzle may be, the slenderest first."""
FORWARD, AHEAD = 0.6, 0.5
"""Of the head's radius: how far before it a beak lies at least; and the cosine of its direction to the front."""
DOWNWARD, GROUND = 1.3, 0.06
"""A leg is so many times as tall as wide and ends so near, in heights of the body, to its foot; a tail does not."""
LIKE_LEG = 0.35
"""What is left of a tail's merit then."""
FAR = 0.7
"""Of the distance from head to rump: how far from the head a tail ends at least."""
SIZE_POWER, SLIM_POWER, SLIM = 0.3, 0.3, 6.0
"""Powers by which a tail's area and its squared length over its area speak for it, and the most that the latter counts."""


@dataclass(frozen=True, eq=False)
class Build:
    """`solid` (h, w) 0 or 1; `away` (h, w): pixels to the edge; `head` x, y and `radius` of the head's inscribed circle; `rump` x, y: the other end."""

    solid: NDArray[np.uint8]
    away: Floats
    head: tuple[float, float]
    radius: float
    rump: tuple[float, float]


def build_of(
    body: Floats, clue: tuple[float, float] | None = None, hint: tuple[float, float] | None = None
) -> Build | None:
    """The build of a creature from its mask (h, w). `clue`: x, y of what is surely on the head, such as the middle of the eyes;
    `hint`: what is likely nearer to the head than to the rump.

    Of the two ends of the main axis the head is the one that is higher and thicker; legs hardly count in that axis, because each pixel weighs
    by the square of its distance to the edge.
    """
    solid = _largest((body > 0.5).astype(np.uint8))
    if solid.sum() < LEAST:
        return None
    framed = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    away = cv2.distanceTransform(framed, cv2.DIST_L2, MASK)[1:-1, 1:-1]
    ys, xs = np.nonzero(solid)
    weight = away[ys, xs] ** 2
    points = np.stack([xs, ys], 1).astype(np.float32)
    middle = np.average(points, axis=0, weights=weight)
    _, axes = np.linalg.eigh(np.cov((points - middle).T, aweights=weight))
    along = (points - middle) @ axes[:, -1]
    low, high = np.quantile(along, [LOW, HIGH])
    ends = [_end(points, along, away[ys, xs], at, high - low) for at in (low, high)]
    if clue is not None:
        gaps = [float(np.hypot(e[0] - clue[0], e[1] - clue[1])) for e in ends]
        first = int(np.argmin(gaps))
        return Build(solid, away, clue, _radius(away, clue), ends[1 - first][:2])
    marks = [-e[1] / max(high - low, 1.0) + THICKER * e[2] / float(away.max()) for e in ends]
    if hint is not None:
        marks = [
            m - float(np.hypot(e[0] - hint[0], e[1] - hint[1])) / max(high - low, 1.0)
            for m, e in zip(marks, ends, strict=True)
        ]
    first = int(np.argmax(marks))
    head, rump = ends[first], ends[1 - first]
    return Build(solid, away, head[:2], head[2], rump[:2])


def _end(points: Floats, along: Floats, away: Floats, at: float, length: float) -> tuple[float, float, float]:
    """x, y and radius of the widest inscribed circle in the outer part of the axis."""
    outer = np.flatnonzero(np.abs(along - at) < END * length)
    best = outer[int(away[outer].argmax())]
    return float(points[best, 0]), float(points[best, 1]), float(away[best])


def _radius(away: Floats, at: tuple[float, float]) -> float:
    x, y = round(at[0]), round(at[1])
    reach = max(2, round(SETTLE * float(away[min(y, away.shape[0] - 1), min(x, away.shape[1] - 1)])))
    part = away[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    return float(part.max()) if part.size else 1.0


def appendages(build: Build, thick: float) -> list[tuple[NDArray[np.bool_], tuple[float, float]]]:
    """What an opening with a disc of this radius (pixels) takes off the silhouette: masks (h, w) and their middles x, y; largest first."""
    size = 2 * max(1, round(thick)) + 1
    framed = cv2.copyMakeBorder(build.solid, size, size, size, size, cv2.BORDER_REPLICATE)
    core = cv2.morphologyEx(framed, cv2.MORPH_OPEN, disc(size))[size:-size, size:-size]
    rest = cv2.morphologyEx(build.solid & ~core, cv2.MORPH_OPEN, disc(odd(CALM * thick)))
    _, labels, stats, centres = cv2.connectedComponentsWithStats(rest)
    least = CRUMB * float(build.solid.sum())
    order = [i for i in np.argsort(-stats[:, cv2.CC_STAT_AREA]) if i > 0 and stats[i, cv2.CC_STAT_AREA] > least]
    return [(labels == i, (float(centres[i][0]), float(centres[i][1]))) for i in order]


def lobes(build: Build) -> list[NDArray[np.bool_]]:
    """What stands up from the head to the left and to the right: at most one each, the largest; left first."""
    x, y = build.head
    out: dict[bool, NDArray[np.bool_]] = {}
    for mask, (a, b) in appendages(build, ROOT * build.radius):
        near = np.hypot(a - x, b - y) < REACH * build.radius
        if near and b < y + STAND * build.radius and a != x and (a < x) not in out:
            out[a < x] = mask
    foot = disc(2 * max(1, round(FOOT * build.radius)) + 1)
    # The opening's disc reaches into their foot.
    return [(cv2.dilate(out[side].astype(np.uint8), foot) & build.solid) > 0 for side in (True, False) if side in out]


def tip(build: Build) -> NDArray[np.bool_] | None:
    """What sticks out of the head forward, away from the rump and not upward: beak or muzzle."""
    x, y = build.head
    forward = np.sign(x - build.rump[0]) or 1.0
    best: tuple[float, NDArray[np.bool_] | None] = (0.0, None)
    for thick in SLENDER:
        for mask, (a, b) in appendages(build, thick * build.radius):
            gap = float(np.hypot(a - x, b - y))
            ahead = forward * (a - x) / max(gap, STILL)
            if FORWARD * build.radius < gap < REACH * build.radius and ahead > AHEAD and ahead * gap > best[0]:
                best = ahead * gap, mask
        if best[1] is not None:
            break
    return best[1]


def tail(build: Build) -> NDArray[np.bool_] | None:
    """The slender part that is farthest from the head; what hangs straight down is a leg."""
    x, y = build.head
    most = float(build.away.max())
    span = max(float(np.hypot(build.rump[0] - x, build.rump[1] - y)), 1.0)
    best: tuple[float, NDArray[np.bool_] | None] = (0.0, None)
    _, y0, _, y1 = box_of(build.solid > 0)
    for mask, (a, b) in appendages(build, THIN * most):
        rows, columns = np.nonzero(mask)
        far = float(np.hypot(columns - x, rows - y).max()) / span
        long = float(np.hypot(np.ptp(columns), np.ptp(rows)))
        slender = long * long / float(mask.sum())
        ends = float(np.hypot(a - build.rump[0], b - build.rump[1])) / span
        leg = np.ptp(rows) > DOWNWARD * np.ptp(columns) and rows.max() > y1 - GROUND * (y1 - y0)
        size = float(mask.sum()) ** SIZE_POWER
        mark = far * size * min(slender, SLIM) ** SLIM_POWER * np.exp(-ends) * (LIKE_LEG if leg else 1.0)
        if far > FAR and mark > best[0]:
            best = float(mark), mask
    return best[1]


def ring(build: Build) -> Floats:
    """(h, w): distance from the middle of the head, in its radii."""
    ys, xs = np.indices(build.solid.shape, np.float32)
    return np.asarray(np.hypot(xs - build.head[0], ys - build.head[1]) / max(build.radius, 1.0), np.float32)


def _largest(solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if count <= 2:
        return solid
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), np.uint8)
