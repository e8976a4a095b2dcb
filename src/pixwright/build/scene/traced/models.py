"""Things that look another from every side, and figures that do something: each as parts with a colour, at heading 0 with its front to the viewer (-y)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from pixwright.build.scene.traced.figures import DOG, FOUR_LEGGED, HORSE, UPRIGHT, Pose, four_legged, upright
from pixwright.build.scene.traced.shapes import Solid, ball, block, headed, together, tube, turned
from pixwright.build.scene.traced.things import mug, teapot

Parts: TypeAlias = tuple[tuple[Solid, str, float], ...]
"""Solids, each with the name of its colour (`MAIN` for the thing's own) and its gloss, 0 to 1."""
MAIN = "main"
FIXED: Mapping[str, tuple[int, int, int]] = {
    "dark": (34, 34, 38), "steel": (150, 154, 160), "beak": (232, 132, 30), "lamp": (250, 236, 170), "seat": (206, 186, 150), "cream": (232, 220, 196),
}  # fmt: skip
"""sRGB of what has always the same colour."""
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "red": (196, 46, 40), "blue": (44, 92, 178), "green": (58, 132, 66), "yellow": (236, 190, 48), "white": (232, 230, 224),
    "grey": (142, 146, 152), "brown": (146, 98, 58), "teal": (38, 132, 136),
}  # fmt: skip
"""sRGB of a thing's own colour."""


@dataclass(frozen=True)
class Model:
    """`parts` of a pose; `radius` of a ball about (0, 0, `middle`) that holds it in every pose; its height in metres; what it stands on; `kind`: its category."""

    parts: Callable[[str], Parts]
    radius: float
    middle: float
    size_m: float
    support: str
    kind: str
    colours: tuple[str, ...] = tuple(COLOURS)
    poses: tuple[str, ...] = ("stand",)


_FRONT = -90.0
"""Where -y is for things that are given a heading from +x."""
_GLAZED, _POLISHED = 0.35, 0.12
_SIDES = (-1, 1)
_BLACK = (0.0, 0.0, 0.0)


def _legs(half: tuple[float, float], height: float, thick: float) -> Solid:
    x, y = half
    ends = [(i * x, k * y) for i in _SIDES for k in _SIDES]
    return together(*(tube([(*end, 0.0), (*end, height)], [thick, thick]) for end in ends))


_MUG: Parts = ((mug((0, 0), _BLACK, _FRONT).solid, MAIN, _GLAZED),)
_TEAPOT: Parts = ((teapot((0, 0), _BLACK, _FRONT).solid, MAIN, _GLAZED),)
_CHAIR_BACK = together(
    block((0, 0.23, 0.86), (0.24, 0.025, 0.09), 0.02), block((0, 0.23, 0.66), (0.24, 0.02, 0.04), 0.015),
    *(tube([(i * 0.22, 0.23, 0.45), (i * 0.22, 0.23, 0.95)], [0.028] * 2) for i in _SIDES),
)  # fmt: skip
_CHAIR: Parts = (
    (together(_legs((0.22, 0.22), 0.45, 0.03), _CHAIR_BACK), MAIN, _POLISHED),
    (block((0, 0, 0.47), (0.26, 0.26, 0.03), 0.025), MAIN, _POLISHED),
)
_ARMCHAIR_BODY = together(
    block((0, 0.33, 0.5), (0.42, 0.1, 0.42), 0.09), block((0, 0, 0.22), (0.36, 0.34, 0.13), 0.05),
    *(block((i * 0.4, 0, 0.33), (0.09, 0.36, 0.25), 0.08) for i in _SIDES),
)  # fmt: skip
_ARMCHAIR: Parts = (
    (_ARMCHAIR_BODY, MAIN, 0.0),
    (block((0, -0.05, 0.4), (0.31, 0.3, 0.08), 0.07), "cream", 0.0),
    (_legs((0.34, 0.28), 0.1, 0.03), "dark", 0.0),
)
_BOARDS = [block((0, y, 0.4), (0.8, 0.055, 0.022), 0.015) for y in (-0.18, -0.04, 0.1)]
_BOARDS += [block((0, 0.24, z), (0.8, 0.02, 0.055), 0.015) for z in (0.58, 0.74)]
_POSTS = [tube([(i * 0.66, 0.22, 0.36), (i * 0.66, 0.25, 0.8)], [0.03] * 2) for i in _SIDES]
_BENCH: Parts = (
    (together(*_BOARDS), MAIN, 0.0),
    (together(_legs((0.66, 0.18), 0.38, 0.035), *_POSTS), "dark", 0.0),
)
_ARC = [(float(np.cos(a)), float(np.sin(a))) for a in np.radians(np.linspace(-75, 100, 9))]
_WATERING_CAN: Parts = (
    (
        together(
            turned((0, 0), [(0, 0), (0.25, 0), (0.25, 0.02), (0.22, 0.44), (0.16, 0.48), (0, 0.48)]),
            tube([(0, -0.2, 0.1), (0, -0.42, 0.34), (0, -0.56, 0.5)], [0.05, 0.035, 0.03]),
            tube([(0, -0.56, 0.5), (0, -0.62, 0.56)], [0.04, 0.085]),
            tube([(0, 0.2 + 0.2 * along, 0.3 + 0.22 * up) for along, up in _ARC], [0.028] * len(_ARC)),
        ),
        MAIN,
        _GLAZED,
    ),
)
_DESK_LAMP: Parts = (
    (
        together(
            turned((0, 0), [(0, 0), (0.2, 0), (0.2, 0.03), (0.17, 0.06), (0, 0.06)]),
            tube([(0, -0.12, 0.86), (0, -0.32, 0.72)], [0.07, 0.17]),
        ),
        MAIN,
        _GLAZED,
    ),
    (tube([(0, 0.02, 0.05), (0, 0.2, 0.48), (0, -0.12, 0.86)], [0.025] * 3), "steel", _GLAZED),
    (ball((0, -0.38, 0.67), 0.13), "lamp", 0.0),
)
_WHEELS = [tube([(i * 0.2, k * 0.28, 0.11), (i * 0.25, k * 0.28, 0.11)], [0.1] * 2) for i in _SIDES for k in _SIDES]
_PANES = [block((0, 0.1, 0.42), half, 0.03) for half in ((0.206, 0.2, 0.07), (0.15, 0.266, 0.07))]
_TOY_CAR: Parts = (
    (
        together(block((0, 0, 0.22), (0.24, 0.5, 0.12), 0.09), block((0, 0.1, 0.4), (0.2, 0.26, 0.13), 0.1)),
        MAIN,
        _GLAZED,
    ),
    (together(*_WHEELS), "dark", 0.0),
    (together(*_PANES), "dark", _GLAZED),
    (together(*(ball((i * 0.15, -0.48, 0.24), 0.05) for i in _SIDES)), "lamp", 0.0),
)
_WINGS = [tube([(i * 0.2, -0.05, 0.27), (i * 0.22, 0.2, 0.32)], [0.1, 0.05]) for i in _SIDES]
_DUCK_TRUNK = tube([(0, -0.1, 0.24), (0, 0.12, 0.24), (0, 0.36, 0.38)], [0.24, 0.24, 0.05])
_RUBBER_DUCK: Parts = (
    (together(_DUCK_TRUNK, *_WINGS, ball((0, -0.18, 0.6), 0.2)), MAIN, _GLAZED),
    (tube([(0, -0.32, 0.57), (0, -0.46, 0.56)], [0.08, 0.05]), "beak", _GLAZED),
    (together(*(ball((i * 0.09, -0.345, 0.66), 0.03) for i in _SIDES)), "dark", _GLAZED),
)
_KNOB, _LENS = (
    tube([(-0.28, 0, 0.5), (-0.28, 0, 0.56)], [0.05] * 2),
    tube([(0, -0.1, 0.25), (0, -0.34, 0.25)], [0.18, 0.17]),
)
_CAMERA: Parts = (
    (
        together(block((0, 0, 0.26), (0.42, 0.13, 0.26), 0.05), block((0, 0, 0.54), (0.16, 0.11, 0.07), 0.04)),
        MAIN,
        _POLISHED,
    ),
    (together(_LENS, _KNOB), "dark", _GLAZED),
    (ball((0, -0.46, 0.25), 0.08), "steel", 1.0),
)
_FUR = [tube([(0, 0, 0.2), (0, 0, 0.36)], [0.21, 0.17]), ball((0, 0, 0.68), 0.21)]
_FUR += [tube([(i * 0.16, -0.02, 0.42), (i * 0.32, -0.12, 0.26)], [0.075, 0.085]) for i in _SIDES]
_FUR += [tube([(i * 0.14, -0.06, 0.12), (i * 0.22, -0.36, 0.1)], [0.1, 0.095]) for i in _SIDES]
_FUR += [ball((i * 0.17, 0.02, 0.86), 0.08) for i in _SIDES]
_TEDDY_BEAR: Parts = (
    (together(*_FUR), MAIN, 0.0),
    (together(ball((0, -0.16, 0.64), 0.1), *(ball((i * 0.23, -0.42, 0.1), 0.06) for i in _SIDES)), "cream", 0.0),
    (
        together(ball((0, -0.285, 0.67), 0.035), *(ball((i * 0.08, -0.19, 0.73), 0.027) for i in _SIDES)),
        "dark",
        _GLAZED,
    ),
)


def _still(parts: Parts) -> Callable[[str], Parts]:
    return lambda pose: parts


def _figure(
    build: Callable[[Pose], tuple[Solid, Solid, Solid]], poses: Mapping[str, Pose], head: str, eyes: str, pose: str
) -> Parts:
    body, skull, spots = build(poses[pose])
    return (body, MAIN, _POLISHED), (skull, head, _POLISHED), (spots, eyes, _GLAZED)


_ROBOT = partial(_figure, partial(upright, boxed=True), UPRIGHT, "steel", "lamp")
_WOODEN = partial(_figure, upright, UPRIGHT, "cream", "dark")
_DOG, _HORSE = (partial(_figure, partial(four_legged, one), FOUR_LEGGED, MAIN, "dark") for one in (DOG, HORSE))
_TWO_LEGS, _FOUR_LEGS, _LONG_LEGS = (0.86, 0.66), (0.78, 0.44), (0.92, 0.54)
_DOGS = tuple(pose for pose in FOUR_LEGGED if pose != "graze")
_WOODS, _METALS = ("brown", "white", "yellow", "teal"), ("blue", "red", "teal", "green", "yellow")
MODELS: Mapping[str, Model] = {
    "mug": Model(_still(_MUG), 0.45, 0.26, 0.1, "table", "kitchen"),
    "teapot": Model(_still(_TEAPOT), 0.75, 0.36, 0.2, "table", "kitchen"),
    "watering can": Model(_still(_WATERING_CAN), 0.8, 0.3, 0.4, "ground", "tool"),
    "desk lamp": Model(_still(_DESK_LAMP), 0.62, 0.46, 0.45, "table", "household"),
    "toy car": Model(_still(_TOY_CAR), 0.62, 0.26, 0.1, "table", "toy"),
    "rubber duck": Model(_still(_RUBBER_DUCK), 0.62, 0.4, 0.12, "table", "toy", ("yellow", "white", "blue")),
    "camera": Model(_still(_CAMERA), 0.7, 0.3, 0.1, "table", "electronics", ("grey", "brown", "red", "teal")),
    "teddy bear": Model(_still(_TEDDY_BEAR), 0.68, 0.44, 0.3, "table", "toy", ("brown", "white", "grey")),
    "toy robot": Model(_ROBOT, *_TWO_LEGS, 0.25, "table", "toy", _METALS, tuple(UPRIGHT)),
    "toy dog": Model(_DOG, *_FOUR_LEGS, 0.2, "table", "toy", ("brown", "white", "grey"), _DOGS),
    "wooden horse": Model(_HORSE, *_LONG_LEGS, 0.3, "table", "toy", _WOODS, tuple(FOUR_LEGGED)),
    "wooden figure": Model(_WOODEN, *_TWO_LEGS, 0.3, "table", "toy", _WOODS, tuple(UPRIGHT)),
    "chair": Model(_still(_CHAIR), 0.68, 0.48, 0.95, "ground", "furniture"),
    "armchair": Model(_still(_ARMCHAIR), 0.78, 0.46, 1.0, "ground", "furniture"),
    "bench": Model(_still(_BENCH), 1.0, 0.4, 0.85, "ground", "furniture"),
    "robot": Model(_ROBOT, *_TWO_LEGS, 1.6, "ground", "figure", _METALS, tuple(UPRIGHT)),
    "mannequin": Model(_WOODEN, *_TWO_LEGS, 1.7, "ground", "figure", _WOODS, tuple(UPRIGHT)),
    "robot dog": Model(_DOG, *_FOUR_LEGS, 0.7, "ground", "figure", ("blue", "grey", "red", "white"), _DOGS),
}  # fmt: skip
"""Noun -> how it is made. A kind of form each, in several colours; figures in every pose."""


def facing(parts: Parts, heading: float) -> Parts:
    """The parts turned: at +90 degrees the front faces to the viewer's right, at -90 to the left."""
    return tuple((headed(solid, heading), colour, gloss) for solid, colour, gloss in parts)
