"""Traced models as cut-outs: a key says which thing, in which colour, from which side and in which pose; the picture is worked out now."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from pixwright import __version__
from pixwright.build.scene.traced.models import COLOURS, FIXED, MAIN, MODELS, facing
from pixwright.build.scene.traced.shapes import Values
from pixwright.build.scene.traced.trace import SolidThing, as_srgb, lighting, march
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.region import box_of
from pixwright.records.sample import Asset
from pixwright.scene3d.cameras import looking
from pixwright.words.saying import article

PREFIX = "traced/"
STANDING = "stand"
_SIDE, _ELEVATION, _DISTANCE, _ROOM = 184, 14.0, 8.0, 1.04
"""Pixels of the traced square; degrees above the ground and radii away where the camera stands; room around the ball, in radii."""
_SHARP = 40.0
_LEVELS = 255.0
_KEPT = 768
"""Traced pictures that a process remembers, of some 60 kB each."""
_GAMMA = 2.2


class TracedKey(NamedTuple):
    """`noun` of `MODELS`, `colour` of `COLOURS`, `heading` in whole degrees (0 its front to the viewer, 90 to the right), `pose` of the model's."""

    noun: str
    colour: str
    heading: int
    pose: str = STANDING

    def __str__(self) -> str:
        return f"{PREFIX}{self.noun}/{self.colour}/{self.heading % 360}/{self.pose}"


class Footing(NamedTuple):
    """Of a cut-out in pixels: its width and height, and where the point lies that it stands on and turns about."""

    wide: int
    tall: int
    x: float
    y: float


def read_key(key: str) -> TracedKey:
    """The key that a text writes. Raises `InvalidOption` for one that no model has."""
    noun, colour, heading, pose = (key.removeprefix(PREFIX).split("/") + [""] * 4)[:4]
    model = MODELS.get(noun)
    if model is None or colour not in COLOURS or not heading.isdigit() or pose not in model.poses:
        raise InvalidOption(
            f"'{key}' is not traced here; there are {PREFIX}NOUN/COLOUR/DEGREES/POSE with a noun of {', '.join(MODELS)}"
        )
    return TracedKey(noun, colour, int(heading), pose)


def traced_asset(key: str) -> Asset:
    """What the key names. Raises `InvalidOption` for an unknown one."""
    read = read_key(key)
    model = MODELS[read.noun]
    return Asset(
        key=key,
        kind="cutout",
        name=read.noun,
        caption=article(read.noun),
        category=model.kind,
        licence="Apache-2.0",
        origin=f"pixwright {__version__}",
        path=key,
        # There is no file: what is hashed is what it is traced from.
        sha256=hashlib.sha256(f"{key} {_SIDE} {_ELEVATION}".encode()).hexdigest(),
        size_m=model.size_m,
        tags=(model.support,),
    )


def traced_pixels(key: str) -> Array:
    """The cut-out HxWx4 uint8, cropped to what is seen; all keys of a noun at one scale. Raises `InvalidOption` for an unknown one."""
    read = read_key(key)
    light, shine, part, alpha, _ = _traced(read.noun, read.heading % 360, read.pose)
    table = np.array([COLOURS[read.colour] if name == MAIN else FIXED[name] for name in _names(read)], np.float32)
    colours = (table / _LEVELS) ** _GAMMA
    rgb = as_srgb(light[..., None] * colours[part] + shine[..., None])
    return np.dstack([np.rint(rgb * _LEVELS).astype(np.uint8), alpha])


def footing(key: str) -> Footing:
    """Where the cut-out of a key stands. Raises `InvalidOption` for an unknown one."""
    read = read_key(key)
    return _traced(read.noun, read.heading % 360, read.pose)[-1]


def _names(key: TracedKey) -> list[str]:
    return [colour for _, colour, _ in MODELS[key.noun].parts(key.pose)]


@lru_cache(maxsize=_KEPT)
def _traced(noun: str, heading: int, pose: str) -> tuple[Values, Values, Array, Array, Footing]:
    """(light, highlight, number of the part, alpha), HxW each and cropped, and where it stands. Colours come later, so that all share one tracing."""
    model = MODELS[noun]
    around = ((0.0, 0.0, model.middle), model.radius)
    parts = facing(model.parts(pose), heading)
    things = [
        SolidThing(noun, solid, lambda points: np.ones_like(points), around, gloss, _SHARP) for solid, _, gloss in parts
    ]
    up = np.radians(_ELEVATION)
    middle = np.array([0, 0, model.middle])
    eye = middle + _DISTANCE * model.radius * np.array([0, -np.cos(up), np.sin(up)])
    camera = looking(eye, middle, _SIDE, 2 * float(np.degrees(np.arcsin(_ROOM / _DISTANCE))))
    rays = camera.rays().astype(np.float32)
    origin = camera.position.astype(np.float32)
    nearest = (middle - eye) @ rays.T
    close = np.flatnonzero(np.linalg.norm(eye + nearest[:, None] * rays - middle, axis=1) < model.radius)
    distance, met = march(things, origin, rays[close])
    light, shine = np.zeros(len(rays), np.float32), np.zeros(len(rays), np.float32)
    label = np.zeros(len(rays), np.uint8)
    label[close] = met
    for number, thing in enumerate(things, 1):
        own = np.flatnonzero(met == number)
        if own.size:
            at = close[own]
            light[at], shine[at] = lighting(things, thing, origin + distance[own, None] * rays[at], -rays[at])
    where = label.reshape(_SIDE, _SIDE)
    x0, y0, x1, y1 = box_of(where)
    box = np.s_[y0:y1, x0:x1]
    alpha = cv2.GaussianBlur(np.where(where > 0, 255, 0).astype(np.uint8), (3, 3), 0)[box]
    x, y = camera.projected(np.zeros((1, 3)))[0][:2]
    foot = Footing(alpha.shape[1], alpha.shape[0], float(x) - x0, float(y) - y0)
    light, shine, where = _spread(light, shine, where)
    part = np.maximum(where[box].astype(np.int64) - 1, 0)
    return light[box], shine[box], np.asarray(part, np.uint8), alpha, foot


def _spread(light: Values, shine: Values, label: Array) -> tuple[Values, Values, Array]:
    """The soft rim takes the look of the pixel beside it, so that it is not black."""
    square = (_SIDE, _SIDE)
    kernel = np.ones((3, 3), np.uint8)
    grown = np.where(label > 0, label, cv2.dilate(label, kernel))
    fields = [
        np.where(label > 0, one.reshape(square), cv2.dilate(one.reshape(square), kernel)) for one in (light, shine)
    ]
    return fields[0], fields[1], grown
