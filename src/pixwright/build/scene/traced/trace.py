"""Cameras look at solids: pictures with light and shadow, and the exact truth beside them.

Rays advance by the distance to the nearest surface. One sun with a soft shadow, a sky that lights from above, the darkness of corners, and a highlight by Blinn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.build.scene.traced.shapes import Point, Solid, Values
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera

Paint: TypeAlias = Callable[[Values], Values]
"""Points Nx3 -> their colours Nx3, linear light, 0 to 1."""

BACKDROP = (0.8, 0.82, 0.85)
"""sRGB 0 to 1 of what is behind everything."""
_STEPS, _NEAR, _FAR = 160, 4e-4, 12.0
"""Of a ray: most steps, distance at which it has met a surface, length at which it has left the scene."""
_CLOSE = 0.1
"""Distance to the ball around a thing from which on its form is asked for."""
_SUN = np.array([-0.45, -0.55, 0.75], np.float32) / np.linalg.norm([-0.45, -0.55, 0.75]).astype(np.float32)
_SUNLIGHT, _SKYLIGHT, _GROUNDLIGHT = 0.72, 0.42, 0.2
"""Shares of the light: from the sun, from straight above, from below."""
_SHADOW_STEPS, _SHADOW_START, _SHADOW_SOFT = 40, 0.02, 9.0
"""Of a ray to the sun: steps, where it begins, and how sharp the shadow's edge is."""
_CORNERS = (0.03, 0.08, 0.16)
"""Distances above a surface at which it is asked how near other surfaces are."""
_CORNER_WEIGHT = 0.9
_SLOPE = 1e-3
"""Half the step by which a surface's direction is measured."""
_SRGB_KNEE, _SRGB_LINEAR, _SRGB_OFFSET, _SRGB_POWER = 0.0031308, 12.92, 0.055, 2.4
"""IEC 61966-2-1."""


@dataclass(frozen=True, eq=False)
class SolidThing:
    """One thing: what it is called, its form, its colour, and how strong (0 to 1) and sharp its highlight is."""

    noun: str
    solid: Solid
    paint: Paint
    around: tuple[Point, float]
    """Centre and radius of a ball that holds it: far from that, nobody asks for the form."""
    gloss: float = 0.0
    sharpness: float = 1.0


@dataclass(frozen=True, eq=False)
class TracedView:
    """What a camera sees.

    `picture` HxWx3 uint8 sRGB. `labels` HxW int: 0 the backdrop, n the n-th thing. `depth` HxW float32 along the line of sight of the camera, infinite at the backdrop.
    """

    camera: Camera
    picture: Array
    labels: NDArray[np.int32]
    depth: Values

    def mask(self, number: int) -> Array:
        """Where the n-th thing is (from 1): HxW uint8, 255 = the thing."""
        return np.where(self.labels == number, 255, 0).astype(np.uint8)


def trace(things: Sequence[SolidThing], camera: Camera, samples: int = 2) -> TracedView:
    """One view. Every pixel is the mean of `samples` x `samples` rays; labels and depth are those of its middle."""
    origin, shape = camera.position.astype(np.float32), (camera.height, camera.width)
    middle = march(things, origin, camera.rays().astype(np.float32))
    y, x = np.mgrid[: camera.height, : camera.width]
    total = np.zeros((camera.height * camera.width, len(BACKDROP)), np.float32)
    for down, across in np.ndindex(samples, samples):
        offset = (np.array([across, down]) + 0.5) / samples
        rays = camera.rays(np.stack([x.ravel(), y.ravel()], 1) + offset).astype(np.float32)
        total += seen_colours(things, origin, rays, *(middle if samples == 1 else march(things, origin, rays)))
    distance, label = middle
    along = camera.rays() @ camera.forward
    depth = np.where(label > 0, distance * along, np.inf).astype(np.float32)
    picture = np.rint(total / samples**2 * 255).astype(np.uint8)
    return TracedView(camera, picture.reshape(*shape, -1), label.reshape(shape), depth.reshape(shape))


def march(things: Sequence[SolidThing], origin: Values, rays: Values) -> tuple[Values, NDArray[np.int32]]:
    """Along each ray (Nx3): the distance to what it meets, and the number of that thing; 0 where it meets nothing."""
    distance = np.zeros(len(rays), np.float32)
    label = np.zeros(len(rays), np.int32)
    active = np.arange(len(rays))
    for _ in range(_STEPS):
        gap, nearest = nearest_thing(things, origin + distance[active, None] * rays[active])
        met = gap < _NEAR
        label[active[met]] = nearest[met] + 1
        distance[active[~met]] += gap[~met]
        active = active[~met]
        active = active[distance[active] < _FAR]
        if not active.size:
            break
    return distance, label


def nearest_thing(things: Sequence[SolidThing], points: Values) -> tuple[Values, NDArray[np.intp]]:
    """For points Nx3: the distance to the nearest thing, and which that is, from 0."""
    best = np.full(len(points), np.inf, np.float32)
    nearest = np.zeros(len(points), np.intp)
    for number, thing in enumerate(things):
        centre, radius = thing.around
        gap = np.linalg.norm(points - np.array(centre, np.float32), axis=1) - radius
        close = np.flatnonzero((gap < _CLOSE) & (gap < best))
        gap = np.maximum(gap, _NEAR)
        gap[close] = thing.solid(points[close])
        nearer = gap < best
        best[nearer], nearest[nearer] = gap[nearer], number
    return best, nearest


def normals(solid: Solid, points: Values) -> Values:
    """Unit vectors out of the surface at points Nx3."""
    steps = np.eye(len(_SUN), dtype=np.float32) * np.float32(_SLOPE)
    slope = np.stack([solid(points + step) - solid(points - step) for step in steps], axis=1)
    return np.asarray(slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), _NEAR**2))


def seen_colours(
    things: Sequence[SolidThing], origin: Values, rays: Values, distance: Values, label: NDArray[np.int32]
) -> Values:
    """sRGB 0 to 1, Nx3, of what rays from `origin` met."""
    colours = np.tile(np.array(BACKDROP, np.float32), (len(rays), 1))
    for number, thing in enumerate(things, 1):
        own = label == number
        if own.any():
            points = origin + distance[own, None] * rays[own]
            colours[own] = as_srgb(shaded(things, thing, points, -rays[own]))
    return colours


def shaded(things: Sequence[SolidThing], thing: SolidThing, points: Values, towards: Values) -> Values:
    """Linear light, Nx3, that points of a thing (Nx3) send `towards` (unit vectors Nx3)."""
    light, shine = lighting(things, thing, points, towards)
    return np.asarray(light[:, None] * thing.paint(points) + shine[:, None], np.float32)


def lighting(things: Sequence[SolidThing], thing: SolidThing, points: Values, towards: Values) -> tuple[Values, Values]:
    """(how bright white would be there, its highlight) at points of a thing, N each, seen as `shaded` sees them."""
    out = normals(thing.solid, points)
    sun = _sunlit(things, points + _SHADOW_START * out) * np.maximum(out @ _SUN, 0)
    open_sky = _openness(things, points, out)
    sky = _GROUNDLIGHT + (_SKYLIGHT - _GROUNDLIGHT) * (1 + out[:, -1]) / 2
    half = towards + _SUN
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    shine = thing.gloss * (sun > 0) * np.maximum(np.einsum("nk,nk->n", out, half), 0) ** thing.sharpness
    return np.asarray(_SUNLIGHT * sun + sky * open_sky), np.asarray(shine)


def _sunlit(things: Sequence[SolidThing], points: Values) -> Values:
    """How much of the sun each point sees, 0 to 1."""
    lit = np.ones(len(points), np.float32)
    way = np.full(len(points), _SHADOW_START, np.float32)
    for _ in range(_SHADOW_STEPS):
        gap, _ = nearest_thing(things, points + way[:, None] * _SUN)
        lit = np.minimum(lit, np.clip(_SHADOW_SOFT * gap / way, 0, 1))
        way += np.clip(gap, _SHADOW_START, None)
    return lit


def _openness(things: Sequence[SolidThing], points: Values, out: Values) -> Values:
    """How far each point's surroundings are open, 0 to 1."""
    closed = np.zeros(len(points), np.float32)
    for height in _CORNERS:
        gap, _ = nearest_thing(things, points + np.float32(height) * out)
        closed += np.clip(height - gap, 0, None) / height
    return 1 - _CORNER_WEIGHT * closed / len(_CORNERS)


def as_srgb(light: Values) -> Values:
    """Linear light as sRGB, 0 to 1."""
    light = np.clip(light, 0, 1)
    curved = (1 + _SRGB_OFFSET) * np.maximum(light, _SRGB_KNEE) ** (1 / _SRGB_POWER) - _SRGB_OFFSET
    return np.where(light <= _SRGB_KNEE, light * _SRGB_LINEAR, curved).astype(np.float32)
