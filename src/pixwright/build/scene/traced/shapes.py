"""Solids as signed distances: points Nx3 -> how far each is from the surface, N, negative inside. Units are the scene's; z is up.

Distances are exact or too small, never too large, so that a ray that advances by them meets every surface (Hart 1996, sphere tracing).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[Any]
Solid: TypeAlias = Callable[[Values], Values]
Point: TypeAlias = tuple[float, float, float]

_LEAST = 1e-9
"""Squared length under which a segment is a point."""


def _norm(vectors: Values) -> Values:
    return np.asarray(np.sqrt(np.einsum("nk,nk->n", vectors, vectors)))


def ball(centre: Point, radius: float) -> Solid:
    """A sphere."""
    return lambda points: _norm(points - np.array(centre, np.float32)) - np.float32(radius)


def tube(path: Sequence[Point], radii: Sequence[float]) -> Solid:
    """Round cones from point to point, with a radius at each: a handle, a spout, a banana."""
    ends = list(pairwise(np.array(path, np.float32)))
    widths = list(pairwise(radii))

    def solid(points: Values) -> Values:
        best = np.full(len(points), np.inf, np.float32)
        for (start, end), (here, there) in zip(ends, widths, strict=True):
            along = end - start
            share = np.clip((points - start) @ along / max(float(along @ along), _LEAST), 0, 1)
            distance = _norm(points - start - share[:, None] * along)
            taper = 1 + abs(there - here) / max(float(np.linalg.norm(along)), _LEAST)
            best = np.minimum(best, (distance - (here + share * (there - here))) / np.float32(taper))
        return best

    return solid


def turned(centre: tuple[float, float], profile: Sequence[tuple[float, float]]) -> Solid:
    """What a lathe makes: the polygon of (radius, height) points about the upright axis at `centre`. Its first and last point lie on the axis, or bound a hollow."""
    corners = np.array(profile, np.float32)
    others = np.roll(corners, -1, axis=0)

    def solid(points: Values) -> Values:
        flat = np.stack(
            [np.hypot(points[:, 0] - np.float32(centre[0]), points[:, 1] - np.float32(centre[1])), points[:, 2]], 1
        )
        best = np.full(len(points), np.inf, np.float32)
        inside = np.zeros(len(points), bool)
        for start, end in zip(corners, others, strict=True):
            along, to = end - start, flat - start
            share = np.clip(to @ along / max(float(along @ along), _LEAST), 0, 1)
            if start[0] > 0 or end[0] > 0:  # what lies on the axis is no surface
                apart = to - share[:, None] * along
                best = np.minimum(best, np.einsum("nk,nk->n", apart, apart))
            crosses = (flat[:, 1] >= start[1]) != (flat[:, 1] >= end[1])
            where = start[0] + (flat[:, 1] - start[1]) * (along[0] / (along[1] if along[1] else np.float32(_LEAST)))
            inside ^= crosses & (flat[:, 0] < where)
        distance = np.sqrt(best)
        return np.where(inside, -distance, distance)

    return solid


def together(*solids: Solid) -> Solid:
    """All of them."""

    def solid(points: Values) -> Values:
        found = solids[0](points)
        for other in solids[1:]:
            found = np.minimum(found, other(points))
        return found

    return solid


def without(solid: Solid, hollow: Solid) -> Solid:
    """The first without the second."""
    return lambda points: np.maximum(solid(points), -hollow(points))


def block(centre: Point, half: Point, rounding: float) -> Solid:
    """An upright box with rounded edges, `half` its sides long from its centre."""
    inner = np.array(half, np.float32) - np.float32(rounding)

    def solid(points: Values) -> Values:
        beyond = np.abs(points - np.array(centre, np.float32)) - inner
        outside = _norm(np.maximum(beyond, 0))
        return np.asarray(outside + np.minimum(beyond.max(axis=1), 0) - np.float32(rounding))

    return solid


def headed(solid: Solid, degrees: float) -> Solid:
    """The solid turned about the upright axis through the origin, counter-clockwise seen from above."""
    turn = about_upright(degrees)
    return lambda points: solid(points @ turn)


def leaning(solid: Solid, pivot: Point, degrees: float) -> Solid:
    """The solid turned at the pivot about the axis from side to side (x): its top goes forwards, to -y."""
    c, s = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]], np.float32)
    at = np.array(pivot, np.float32)
    return lambda points: solid((points - at) @ turn + at)


def about_upright(degrees: float) -> Values:
    """3x3: columns are where the axes go. Points Nx3 are turned by `points @ it.T`, and turned back by `points @ it`."""
    c, s = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
