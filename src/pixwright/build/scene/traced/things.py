"""Plain things of solids, each on the ground at a place: what a stranger and the grounder know by their nouns. Sizes are in the scene's units, a table being 3.6 across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from pixwright.build.scene.traced.shapes import Point, Solid, Values, ball, together, tube, turned, without
from pixwright.build.scene.traced.trace import Paint, SolidThing

Place: TypeAlias = tuple[float, float]
Rgb: TypeAlias = tuple[float, float, float]

_SMOOTH = 4
"""Straight pieces between two points of an outline."""
_BEND = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
"""Catmull and Rom's spline: powers of the way from the second of four points to the third -> their shares."""
_SHINY, _SHARP = 0.35, 60.0
"""Highlight of glazed and polished things."""
_GRAIN = (6.0, 2.0, 1.2, 0.08)
"""Of wood: rings across and along a unit, how far they wander, and how much darker they are."""

_VASE = (
    (0.2, 0.0),
    (0.27, 0.06),
    (0.35, 0.25),
    (0.36, 0.38),
    (0.29, 0.56),
    (0.16, 0.72),
    (0.12, 0.82),
    (0.13, 0.91),
    (0.21, 1.0),
)
_VASE_HOLLOW = ((0.17, 1.0), (0.1, 0.9), (0.09, 0.8), (0.12, 0.7))
_MUG = ((0.2, 0.0), (0.24, 0.03), (0.245, 0.3), (0.25, 0.5), (0.235, 0.52))
_MUG_HOLLOW = ((0.215, 0.5), (0.205, 0.08), (0.18, 0.06))
_MUG_HANDLE = (0.225, 0.27, 0.15, 0.036)
"""Where its ring's middle is beside and above the foot, its radius, and how thick it is."""
_BOTTLE = ((0.16, 0.0), (0.19, 0.04), (0.19, 0.6), (0.15, 0.76), (0.07, 0.88), (0.065, 1.1), (0.08, 1.11), (0.08, 1.17))
_BOWL = ((0.16, 0.0), (0.19, 0.02), (0.32, 0.12), (0.42, 0.3), (0.44, 0.36))
_BOWL_HOLLOW = ((0.415, 0.36), (0.39, 0.3), (0.29, 0.14), (0.15, 0.08))
_POT = (
    (0.22, 0.0),
    (0.26, 0.02),
    (0.4, 0.2),
    (0.42, 0.32),
    (0.34, 0.5),
    (0.2, 0.58),
    (0.19, 0.6),
    (0.1, 0.66),
    (0.05, 0.68),
)
_POT_KNOB = (0.72, 0.065)
_POT_SPOUT = ((0.3, 0.2), (0.48, 0.28), (0.56, 0.44), (0.66, 0.55)), (0.11, 0.08, 0.055, 0.045)
_POT_HANDLE = (-0.37, 0.34, 0.2, 0.04)
_BANANA = (
    ((-0.36, 0.2), (-0.24, 0.1), (-0.08, 0.07), (0.1, 0.08), (0.24, 0.13), (0.35, 0.24)),
    (0.025, 0.065, 0.08, 0.08, 0.06, 0.02),
)
_TABLE_THICK, _TABLE_EDGE = 0.12, 0.02
_RING = (100.0, 9)
"""A handle's arc: degrees to both sides, and points along it."""


def plain(colour: Rgb) -> Paint:
    """One colour, linear light."""
    one = np.array(colour, np.float32)
    return lambda points: np.broadcast_to(one, (len(points), len(one)))


def table(radius: float, colour: Rgb) -> SolidThing:
    """A round table top with a grain; its upper face is the ground."""
    base = np.array(colour, np.float32)
    across, along, wander, darker = _GRAIN

    def wood(points: Values) -> Values:
        rings = np.sin(across * points[:, 1] + wander * np.sin(along * points[:, 0]))
        return np.asarray(base * (1 + darker * rings)[:, None], np.float32)

    edge = radius - _TABLE_EDGE
    top = turned((0, 0), ((0, -_TABLE_THICK), (edge, -_TABLE_THICK), (radius, -_TABLE_EDGE), (edge, 0), (0, 0)))
    return SolidThing("table", top, wood, ((0, 0, -_TABLE_THICK / 2), radius + _TABLE_EDGE))


def sphere(noun: str, place: Place, radius: float, colour: Rgb) -> SolidThing:
    """A ball, an orange, whatever is round."""
    centre = (*place, radius)
    return SolidThing(noun, ball(centre, radius), plain(colour), (centre, radius), _SHINY, _SHARP)


def vase(place: Place, colour: Rgb) -> SolidThing:
    """A glazed vase with a neck."""
    return _turned("vase", place, _VASE, colour, _VASE_HOLLOW)


def bottle(place: Place, colour: Rgb) -> SolidThing:
    """A bottle with shoulders."""
    return _turned("bottle", place, _BOTTLE, colour)


def bowl(place: Place, colour: Rgb) -> SolidThing:
    """An open bowl."""
    return _turned("bowl", place, _BOWL, colour, _BOWL_HOLLOW)


def mug(place: Place, colour: Rgb, heading: float) -> SolidThing:
    """A mug whose handle points to `heading` (degrees from +x, counter-clockwise from above)."""
    body = _turned("mug", place, _MUG, colour, _MUG_HOLLOW)
    handle = without(
        _ring(place, heading, _MUG_HANDLE), turned(place, ((0, 0), (_MUG[0][0], 0), *_MUG_HOLLOW[:1], (0, 1)))
    )
    return SolidThing(
        "mug", together(body.solid, handle), body.paint, _wider(body.around, _MUG_HANDLE[2]), body.gloss, body.sharpness
    )


def teapot(place: Place, colour: Rgb, heading: float) -> SolidThing:
    """A teapot whose spout points to `heading` (degrees)."""
    body = _turned("teapot", place, _POT, colour)
    path, radii = _POT_SPOUT
    spout = tube([_beside(place, heading, out, up) for out, up in path], radii)
    knob = ball((*place, _POT_KNOB[0]), _POT_KNOB[1])
    whole = together(body.solid, spout, knob, _ring(place, heading, _POT_HANDLE))
    return SolidThing("teapot", whole, body.paint, _wider(body.around, path[-1][0] / 2), body.gloss, body.sharpness)


def banana(place: Place, colour: Rgb, heading: float) -> SolidThing:
    """A banana that lies on its back."""
    path, radii = _BANANA
    points = [_beside(place, heading, out, up) for out, up in path]
    centre = (*place, path[2][1])
    return SolidThing(
        "banana", tube(points, radii), plain(colour), (centre, path[-1][0] + path[-1][1]), _SHINY / 2, _SHARP / 2
    )


def _turned(noun: str, place: Place, outline: Sequence[Place], colour: Rgb, hollow: Sequence[Place] = ()) -> SolidThing:
    """A glazed thing from a lathe: its outline from the foot up, and down again inside where it is hollow."""
    up, down = _smooth(outline), _smooth(hollow) if hollow else []
    profile = [(0.0, outline[0][1]), *up, *down, (0.0, (down or up)[-1][1])]
    height, wide = max(z for _, z in up), max(r for r, _ in up)
    around = (*place, height / 2), float(np.hypot(height / 2, wide))
    return SolidThing(noun, turned(place, profile), plain(colour), around, _SHINY, _SHARP)


def _smooth(points: Sequence[Place]) -> list[Place]:
    """A curve through the points (Catmull and Rom)."""
    held = np.array([points[0], *points, points[-1]], np.float64)
    curve = [points[0]]
    for before, start, end, after in zip(held, held[1:], held[2:], held[3:]):
        for share in np.arange(1.0, _SMOOTH + 1) / _SMOOTH:
            x, y = share ** np.arange(len(_BEND)) @ _BEND @ np.stack([before, start, end, after])
            curve.append((max(float(x), 0.0), float(y)))
    return curve


def _beside(place: Place, heading: float, out: float, up: float) -> Point:
    angle = np.radians(heading)
    return float(place[0] + out * np.cos(angle)), float(place[1] + out * np.sin(angle)), up


def _ring(place: Place, heading: float, form: tuple[float, float, float, float]) -> Solid:
    """A handle: an upright arc, open towards the body."""
    out, up, radius, thick = form
    reach, count = _RING
    side = 1 if out > 0 else -1
    path = [
        _beside(place, heading, out + side * radius * float(np.cos(angle)), up + radius * float(np.sin(angle)))
        for angle in np.radians(np.linspace(-reach, reach, count))
    ]
    return tube(path, [thick] * count)


def _wider(around: tuple[Point, float], by: float) -> tuple[Point, float]:
    return around[0], around[1] + by
