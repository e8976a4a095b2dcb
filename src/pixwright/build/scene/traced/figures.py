"""Figures with joints: one that stands on two legs and one on four, in any pose. Their height standing is about 1; at heading 0 they face the viewer (-y)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pixwright.build.scene.traced.shapes import Point, Solid, Values, ball, block, leaning, together, tube


class Limb(NamedTuple):
    """Degrees. `swing` forwards and `spread` outwards from hanging down; `bend` and `fold` are the same of its lower half, on top of those."""

    swing: float = 0.0
    spread: float = 0.0
    bend: float = 0.0
    fold: float = 0.0


@dataclass(frozen=True)
class Pose:
    """`hips`: their height. `lean`: the trunk's, forwards, in degrees. `head`: how far it hangs, in degrees. Arms or front legs first, left before right."""

    hips: float
    lean: float
    left: Limb
    right: Limb
    left_leg: Limb
    right_leg: Limb
    head: float = 0.0


_TRUNK, _NECK, _SHOULDERS, _HIPS = 0.3, 0.12, 0.13, 0.075
"""Of the upright figure: from hips to shoulders and on to the head's middle; half the distance of the arms and of the legs."""
_ARM, _LEG = (0.17, 0.16), (0.24, 0.23)
"""Upper and lower half."""
_WIDE = (0.09, 0.105, 0.042, 0.032, 0.058, 0.042)
"""Radii: waist, chest, arm, wrist, thigh, ankle."""
_HEAD, _EYE = 0.105, 0.018
_FOOT = (0.09, 0.04)
"""Its length, and its radius."""
_EYES, _BROW = 0.045, 0.02
"""Half their distance, and how far they stand above the middle of the head."""

_DOWN, _STRAIGHT = Limb(5, 12, 8), Limb(0, 4)
_STANDING = Pose(0.51, 0, _DOWN, _DOWN, _STRAIGHT, _STRAIGHT)
UPRIGHT: Mapping[str, Pose] = {
    "stand": _STANDING,
    "wave": replace(_STANDING, right=Limb(0, 95, 0, 70)),
    "raise both arms": replace(_STANDING, left=Limb(0, 160), right=Limb(0, 160)),
    "stretch out its arms": replace(_STANDING, left=Limb(0, 90), right=Limb(0, 90)),
    "sit": Pose(0.08, -4, Limb(-15, 25, 0), Limb(-15, 25, 0), Limb(84, 14), Limb(84, 14)),
    "kneel": Pose(0.3, 0, _DOWN, _DOWN, Limb(0, 6, -92), Limb(0, 6, -92)),
    "squat": Pose(0.22, 18, Limb(70, 6), Limb(70, 6), Limb(76, 30, -120), Limb(76, 30, -120)),
    "bow": Pose(0.51, 62, Limb(10, 8), Limb(10, 8), _STRAIGHT, _STRAIGHT, 15),
    "walk": Pose(0.5, 3, Limb(-28, 8, 15), Limb(28, 8, 15), Limb(28, 3, -6), Limb(-24, 3, -16)),
    "run": Pose(0.52, 14, Limb(-48, 8, 80), Limb(52, 8, 85), Limb(62, 3, -60), Limb(-34, 3, -62)),
    "kick": Pose(0.51, -8, Limb(30, 50), Limb(-30, 50), Limb(0, 4), Limb(76, 4, -6)),
    "dance": Pose(0.51, 0, Limb(0, 150, 0, 20), Limb(0, 80, 0, -50), Limb(6, 2), Limb(20, 44, -40)),
    "jump": Pose(0.66, 0, Limb(0, 140), Limb(0, 140), Limb(20, 26, -50), Limb(20, 26, -50)),
}
"""What a figure on two legs can do -> how it looks then. Names are as the parser reads them."""

_BOX, _CHEST, _ANTENNA = (0.115, 0.1, 0.095), (0.14, 0.085, 0.12), (0.07, 0.03)
"""Half sides of a box for a head and for a chest; an antenna's length and its ball's radius."""
_EDGE, _BOX_EYE = 0.03, 0.026

_LONG, _STANCE, _BODY = 0.48, 0.09, (0.115, 0.13)
"""Of the four-legged figure: its back; half the distance of its legs; radii behind and before."""
_THIN, _SKULL, _NOSE = (0.055, 0.042), 0.1, 0.024
_DROOP, _LOOK = 60, 15
"""Degrees: the most that a head hangs with its neck, and how far it looks down by itself."""
_TAIL = (((0.13, 0.06), (0.2, -0.02)), (0.045, 0.035, 0.025))
"""Where it goes, back and up from the rump, and its radii."""


class BodyPlan(NamedTuple):
    """How a four-legged figure is built: its legs' halves, its neck along and up, its snout's length and width, and its ears' radius."""

    legs: tuple[float, float]
    neck: tuple[float, float]
    snout: tuple[float, float]
    ear: float


DOG, HORSE = (
    BodyPlan((0.2, 0.19), (0.1, 0.17), (0.17, 0.05), 0.055),
    BodyPlan((0.26, 0.25), (0.17, 0.33), (0.22, 0.06), 0.035),
)
_FOUR = Pose(0.0, 0, _STRAIGHT, _STRAIGHT, _STRAIGHT, _STRAIGHT)
FOUR_LEGGED: Mapping[str, Pose] = {
    "stand": _FOUR,
    "sit": Pose(-0.24, -46, Limb(4, 3), Limb(4, 3), Limb(70, 16, -70), Limb(70, 16, -70), 30),
    "lie down": Pose(-0.27, 0, Limb(84, 5), Limb(84, 5), Limb(80, 10, -20), Limb(80, 10, -20)),
    "graze": replace(_FOUR, head=95),
    "run": Pose(0.06, 0, Limb(52, 2, -10), Limb(38, 2, -20), Limb(-42, 2, -10), Limb(-56, 2, -10), 14),
    "jump": Pose(0.12, -24, Limb(60, 2, -70), Limb(48, 2, -60), Limb(-40, 2, -8), Limb(-52, 2, -8), 10),
}
"""The same on four legs, `hips` above where they are when it stands; they face what they do: the body lies along the way it looks."""


def upright(pose: Pose, boxed: bool = False) -> tuple[Solid, Solid, Solid]:
    """(limbs and trunk, head, eyes) of a figure on two legs; `boxed`: with boxes for a head and a chest, and an antenna."""
    hips = np.array([0, 0, pose.hips])
    up = _leant(np.array([0.0, 0.0, 1.0]), pose.lean)
    chest = hips + _TRUNK * up
    nod = _leant(np.array([0.0, 0.0, 1.0]), pose.lean + pose.head)
    skull = chest + _NECK * nod + _HEAD * nod
    front = _leant(np.array([0.0, -1.0, 0.0]), pose.lean + pose.head)
    waist, breast, arm, wrist, thigh, ankle = _WIDE
    parts = [
        tube([_point(hips), _point(chest)], [waist, breast]),
        tube([_point(chest), _point(skull)], [arm, arm]),
    ]
    for side, limb in ((-1, pose.right), (1, pose.left)):
        path = _limb(chest + _aside(side * _SHOULDERS), limb, side, _ARM, pose.lean)
        parts.append(tube(path, [arm, arm, wrist]))
    for side, limb in ((-1, pose.right_leg), (1, pose.left_leg)):
        path = _limb(hips + _aside(side * _HIPS), limb, side, _LEG, 0)
        toe = np.array(path[-1]) + _FOOT[0] * _leant(np.array([0.0, -1.0, 0.0]), -limb.swing - limb.bend)
        parts.append(tube([*path, _point(toe)], [thigh, ankle, ankle, _FOOT[1]]))
    if not boxed:
        return together(*parts), ball(_point(skull), _HEAD), _eyes(skull, front, nod, _HEAD, _EYE)
    middle = chest - _CHEST[2] * 0.6 * up
    parts.append(leaning(block(_point(middle), _CHEST, _EDGE), _point(middle), pose.lean))
    top = skull + _BOX[2] * nod
    tip = top + _ANTENNA[0] * nod
    antenna = together(tube([_point(top), _point(tip)], [_ANTENNA[1] / 3] * 2), ball(_point(tip), _ANTENNA[1]))
    box = leaning(block(_point(skull), _BOX, _EDGE), _point(skull), pose.lean + pose.head)
    face = skull + front * (_BOX[1] - _HEAD)
    return together(*parts, antenna), box, _eyes(face, front, nod, _HEAD, _BOX_EYE)


def four_legged(build: BodyPlan, pose: Pose) -> tuple[Solid, Solid, Solid]:
    """(trunk, legs and tail; head; eyes) of a figure on four legs, which looks along -y."""
    rump = np.array([0, _LONG / 2, sum(build.legs) + _THIN[1] + pose.hips])
    along = _leant(np.array([0.0, -1.0, 0.0]), pose.lean)
    breast = rump + _LONG * along
    neck, up = build.neck
    skull = breast + _leant(np.array([0.0, -neck, up]), pose.head)
    droop = min(pose.head, _DROOP) + _LOOK
    front, top = (_leant(np.array(axis), droop) for axis in ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)))
    parts = [
        tube([_point(rump), _point(breast)], _BODY),
        tube([_point(breast), _point(skull)], [_BODY[0], _SKULL * 0.7]),
        tube([_point(rump), *(_point(rump + np.array([0.0, back, high])) for back, high in _TAIL[0])], _TAIL[1]),
    ]
    for root, limbs in ((breast, (pose.right, pose.left)), (rump, (pose.right_leg, pose.left_leg))):
        for side, limb in zip((-1, 1), limbs, strict=True):
            path = _limb(root + _aside(side * _STANCE), limb, side, build.legs, 0)
            parts.append(tube(path, [_BODY[0] * 0.7, *_THIN]))
    ears = [ball(_point(skull + _SKULL * (0.8 * top + _aside(side * 0.65))), build.ear) for side in (-1, 1)]
    snout = tube([_point(skull), _point(skull + build.snout[0] * front)], [_SKULL * 0.8, build.snout[1]])
    nose = ball(_point(skull + (build.snout[0] + build.snout[1]) * front), _NOSE)
    head = together(ball(_point(skull), _SKULL), snout)
    return together(*parts, *ears), head, together(nose, _eyes(skull, front, top, _SKULL, _EYE))


def _eyes(skull: Values, front: Values, up: Values, radius: float, size: float) -> Solid:
    spots = []
    for side in (-1, 1):
        way = front * 0.9 + _aside(side * _EYES / radius) + up * _BROW / radius * 2
        spots.append(ball(_point(skull + way / np.linalg.norm(way) * radius), size))
    return together(*spots)


def _limb(root: Values, limb: Limb, side: int, lengths: tuple[float, float], lean: float) -> list[Point]:
    """Its three joints, from the body on."""
    upper = _leant(_hanging(limb.swing, limb.spread, side), lean)
    lower = _leant(_hanging(limb.swing + limb.bend, limb.spread + limb.fold, side), lean)
    joint = root + lengths[0] * upper
    return [_point(root), _point(joint), _point(joint + lengths[1] * lower)]


def _hanging(swing: float, spread: float, side: int) -> Values:
    """The unit vector of what hangs down, swung forwards and spread outwards."""
    forward, out = np.radians(swing), np.radians(spread)
    return np.array([side * np.sin(out), -np.sin(forward) * np.cos(out), -np.cos(forward) * np.cos(out)])


def _leant(vector: Values, degrees: float) -> Values:
    """Turned about the axis from side to side, the top forwards."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([vector[0], c * vector[1] - s * vector[2], s * vector[1] + c * vector[2]])


def _aside(x: float) -> Values:
    return np.array([x, 0.0, 0.0])


def _point(values: Values) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
