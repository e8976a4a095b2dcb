"""Solids as Gaussians: laid on their surfaces, flat along them, with the colours that show the traced views best.

The geometry is known, so that nothing of it has to be searched for; the colours follow by least squares (`scene3d.splats.solving`), as they do where a scene is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixwright.build.scene.traced.shapes import Solid, Values
from pixwright.build.scene.traced.trace import SolidThing, TracedView, as_srgb, normals, shaded
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import CONSTANT
from pixwright.scene3d.splats.render import BACKDROP, colours_of, weights_of
from pixwright.scene3d.splats.rigid import quaternions_of
from pixwright.scene3d.splats.solving import WantedChange, solved

_CROWD, _BATCH = 10, 40_000
"""Candidates for each Gaussian, and points that are brought onto a surface at a time."""
_LANDINGS, _ON = 5, 2e-3
"""Steps by which a point is brought onto a surface, and how near it then is."""
_UNDERSIDE, _GROUND = -0.6, 0.004
"""Surfaces that look more than so far down, and those below this height of things that stand on the first, are seen by nobody."""
_TURNS = 8
"""Directions along the surface in which it is asked how far it stays flat."""
_REACHES = (1.0, 0.7, 0.45, 0.3)
"""How far a Gaussian may reach along a surface, in its usual reach, the first at which the surface is flat."""
_FLAT = 0.15
"""Share of that way by which the surface may bend away."""
_WIDTH, _THICK = 0.75, 0.12
"""Standard deviations along and across a surface, in distances of neighbours."""
_OPAQUE = 3.5
"""Logit of every opacity."""
_HOLD = (0.03, 0.3)
"""How much colours hold on to the thing's own in plain light, which is what unseen places keep."""


@dataclass(frozen=True, eq=False)
class Covered:
    """`gaussians` N, and `owners` N int: which thing each lies on, from 0."""

    gaussians: Gaussians
    owners: NDArray[np.int64]


def covered(things: Sequence[SolidThing], counts: Sequence[int], degree: int = 1, seed: int = 0) -> Covered:
    """Things covered with Gaussians, so many each, in the colours that they have where each stands alone. The first is the ground; what it hides is covered as well."""
    rng = np.random.default_rng(seed)
    parts = []
    for number, (thing, count) in enumerate(zip(things, counts, strict=True)):
        points, apart = _points(thing, count, number > 0, rng)
        out = normals(thing.solid, points)
        axes, reach = _laid_flat(thing.solid, points, out, apart * _WIDTH)
        colours = as_srgb(shaded([thing], thing, points, out))
        parts.append(
            (points, quaternions_of(axes), np.log(np.column_stack([reach, np.full(count, apart * _THICK)])), colours)
        )
    centres, quaternions, log_scales, colours = (
        np.concatenate(one).astype(np.float32) for one in zip(*parts, strict=True)
    )
    coefficients = np.zeros((len(centres), (degree + 1) ** 2, colours.shape[1]), np.float32)
    coefficients[:, 0] = (colours - np.float32(0.5)) / np.float32(CONSTANT)
    logits = np.full(len(centres), _OPAQUE, np.float32)
    return Covered(
        Gaussians(centres, quaternions, log_scales, logits, coefficients), np.repeat(np.arange(len(counts)), counts)
    )


def coloured(gaussians: Gaussians, views: Sequence[TracedView]) -> Gaussians:
    """The same forms, with the colours that show the views best."""
    wanted = []
    for view in views:
        footprint = weights_of(gaussians, view.camera)
        change = view.picture / np.float32(255) - colours_of(gaussians, view.camera, footprint, BACKDROP)
        wanted.append(WantedChange(view.camera, footprint, change, np.ones(change.shape[:2], np.float32)))
    everything = np.ones(len(gaussians), np.bool_)
    return replace(gaussians, coefficients=solved(gaussians, everything, wanted, _HOLD))


def _points(thing: SolidThing, count: int, stands: bool, rng: np.random.Generator) -> tuple[Values, float]:
    """Points that lie evenly on a thing's surface, and how far apart they are."""
    centre, radius = thing.around
    found: list[Values] = []
    while sum(map(len, found)) < _CROWD * count:
        points = (np.array(centre) + rng.uniform(-radius, radius, (_BATCH, len(centre)))).astype(np.float32)
        for _ in range(_LANDINGS):
            points -= thing.solid(points)[:, None] * normals(thing.solid, points)
        out = normals(thing.solid, points)
        kept = (
            (np.abs(thing.solid(points)) < _ON)
            & (out[:, -1] > _UNDERSIDE)
            & (~np.bool_(stands) | (points[:, -1] > _GROUND))
        )
        found.append(points[kept])
    crowd = np.concatenate(found)
    # Farthest points first: each is the one that is farthest from all before it.
    chosen = np.zeros(count, np.int64)
    distance = np.linalg.norm(crowd - crowd[0], axis=1)
    for n in range(1, count):
        chosen[n] = distance.argmax()
        distance = np.minimum(distance, np.linalg.norm(crowd - crowd[chosen[n]], axis=1))
    return crowd[chosen], float(distance.max())


def _laid_flat(solid: Solid, points: Values, out: Values, usual: float) -> tuple[Values, Values]:
    """Axes Nx3x3 whose last is the surface's direction, and how far each of the first two reaches: shorter where the surface bends or ends."""
    side = np.where(np.abs(out[:, -1:]) < abs(_UNDERSIDE), np.eye(out.shape[1])[-1], np.eye(out.shape[1])[0])
    first = np.cross(side, out)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(out, first)
    angles = np.pi * np.arange(_TURNS) / _TURNS
    ways = np.cos(angles)[:, None, None] * first + np.sin(angles)[:, None, None] * second
    reach = np.stack([_flat_reach(solid, points, way.astype(np.float32), usual) for way in ways])
    longest = reach.argmax(axis=0)
    numbers = np.arange(len(points))
    one = ways[longest, numbers]
    axes = np.stack([one, np.cross(out, one), out], axis=2)
    across = (longest + _TURNS // 2) % _TURNS
    return axes, np.stack([reach[longest, numbers], reach[across, numbers]], axis=1)


def _flat_reach(solid: Solid, points: Values, way: Values, usual: float) -> Values:
    """How far the surface is flat from each point, to both sides along a way: one of `_REACHES`, in `usual`."""
    found = np.full(len(points), _REACHES[-1] * usual, np.float32)
    for share in _REACHES[-2::-1]:
        # A Gaussian is seen to twice its standard deviation.
        step = np.float32(2 * share * usual)
        bend = np.maximum(np.abs(solid(points + step * way)), np.abs(solid(points - step * way)))
        found = np.where(bend < _FLAT * step, np.float32(share * usual), found)
    return found
