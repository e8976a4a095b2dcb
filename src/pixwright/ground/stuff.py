"""Stuff: sky, water, grass, ... by colour, texture and position; background and foreground.

Each kind has a rule that gives log-odds for every superpixel; `settle` then learns from this very picture what the kind looks like here.
Colours are CIE Lab; `y` is 0 at the top. The rules are ours, set by eye on development photographs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixwright.ground.cutting import cut_out
from pixwright.ground.detected import Named, tidy
from pixwright.ground.evidence import seek
from pixwright.ground.geometry import Floats
from pixwright.ground.lexicon import Meaning
from pixwright.ground.scene import Scene
from pixwright.ground.segment import settle

HINTS: dict[str, tuple[int, ...]] = {
    "water": (978, 975, 977, 973, 536, 460, 449, 693, 975),
    "mountain": (970, 979, 980, 972),
    "sand": (978, 977, 354),
    "snow": (795, 970, 537),
    "foliage": (580, 738, 991, 984),
    "road": (920, 919, 734, 817),
    "table": (532, 526, 736, 868),
}
"""ImageNet classes in whose company a kind of stuff is found."""


MODEST = {"table": 0.1, "ground": 0.12, "sand": 0.1, "cloud": 0.08, "road": -0.05}
"""Kinds whose rules reach lower odds where they are right."""


SOLID = 0.45
"""Score of a box that surely holds a thing."""
FLAT = ("dining table", "bed", "bench", "couch", "potted plant", "surfboard", "boat")
"""Kinds in whose boxes there may well be water, leaves or a table's top."""


SPREAD = ("grass", "road", "ground", "sand", "snow", "water", "wall")
"""Kinds that things stand on or before."""
MANY, STANDING, OWN = 12, 0.3, 0.4
"""Of them so many are cut out, if the detector is as sure of them; and where less than this is left
of the stuff, it was the things' colour."""
WIDE = {"table": 0.6, "sky": 0.5, "water": 0.5}
"""Kinds that go on far from where they are surest."""


@dataclass(frozen=True, eq=False)
class Look:
    """The measures that the rules read, (n,) each."""

    light: Floats
    a: Floats
    b: Floats
    chroma: Floats
    rough: Floats
    x: Floats
    y: Floats
    smooth: Floats
    """How smoothly it runs on to the upper frame."""
    front: Floats
    """Belief that it is foreground."""


def _over(values: Floats, limit: float, scale: float) -> Floats:
    """0 up to the limit, then rising by one a `scale`."""
    return np.asarray(np.maximum(values - limit, 0) / scale, np.float32)


def _under(values: Floats, limit: float, scale: float) -> Floats:
    return _over(-values, -limit, scale)


def _sky(v: Look) -> Any:
    blue = np.clip(-v.b / 8, -0.5, 1.5)
    bright = np.clip((v.light - 55) / 20, -0.3, 1)
    return (
        1.2
        + blue
        + bright
        - 6.0 * _over(v.y, 0.25, 1) * (1 - v.smooth)
        + 1.5 * v.smooth
        - _over(v.rough, 5, 3)
        - np.where(v.b > 0, _under(v.a, -6, 4), 0)
        - np.minimum(_over(v.b, 6, 5), _under(v.light, 66, 6))
        - 1.5 * v.front
    )


def _cloud(v: Look) -> Any:
    return (
        1.5
        + _over(v.light, 70, 15)
        - _under(v.light, 60, 8)
        - _over(v.chroma, 16, 6)
        - 5 * _over(v.y, 0.6, 1)
        - v.front
    )


def _water(v: Look) -> Any:
    blue = np.clip(-v.b / 7, -1, 1.8)
    low = np.clip((v.y - 0.35) * 4, -3, 1)
    return -0.3 + blue + low - _over(v.b, 8, 6) - _over(v.rough, 6, 4) - 0.8 * v.front


def _grass(v: Look) -> Any:
    green = np.clip((-v.a - 4) / 6, -2, 1.5) + np.clip((v.b - 10) / 10, -2, 1)
    straw = 1.3 - np.abs(v.a - 6) / 6 - _under(v.b, 22, 8)
    return np.maximum(green, straw) + np.clip((v.y - 0.35) * 3, -2, 0.8) - 0.4 * v.front


def _foliage(v: Look) -> Any:
    green = np.clip((-v.a - 3) / 5, -2, 1.5) + np.clip((v.b - 4) / 8, -2, 1)
    dark = 0.6 - _over(v.light, 30, 7) - _over(v.chroma, 16, 6)
    autumn = np.clip((v.a - 10) / 10, -2, 0.8) + np.clip((v.b - 20) / 12, -2, 0.6) - 0.6
    return np.maximum(np.maximum(green, dark), autumn) + np.clip((v.rough - 4) / 6, -0.8, 0.8) - 1.6 * v.front


def _sand(v: Look) -> Any:
    tan = 1.8 - np.abs(v.a - 7) / 7 - np.abs(v.b - 20) / 11
    return tan - _under(v.light, 45, 9) - _over(v.rough, 8, 4) + np.clip((v.y - 0.35) * 2, -1, 0.6) - v.front


def _snow(v: Look) -> Any:
    return 1.5 - _under(v.light, 82, 6) - _over(v.chroma, 9, 4) + np.clip((v.y - 0.4) * 2, -1, 0.6) - v.front


def _mountain(v: Look) -> Any:
    band = 1.2 - np.abs(v.y - 0.42) / 0.16
    return band - _over(v.light, 65, 9) - _over(v.chroma, 35, 10) - 0.5 * v.front


def _road(v: Look) -> Any:
    earth = 0.4 + np.abs(v.a - 8) / 5 + _over(v.chroma, 34, 6)
    plain = np.minimum(_over(v.chroma, 14, 5), earth) + _over(v.rough, 9, 4) + _over(np.abs(v.light - 45), 30, 8)
    return 1.2 - plain + np.clip((v.y - 0.55) * 5, -3, 1) - v.front


def _ground(v: Look) -> Any:
    return 0.4 + np.clip((v.y - 0.6) * 6, -3.5, 1.6) - 2 * v.front - _over(-v.b, 12, 6)


def _wall(v: Look) -> Any:
    return 0.6 + np.clip((0.6 - v.y) * 4, -3, 1) - _over(v.rough, 8, 4) - 2.5 * v.front


def _table(v: Look) -> Any:
    wood = np.clip(1.3 - np.abs(v.a - 18) / 16 - np.abs(v.b - 28) / 20, -1, 1.2)
    return 0.6 + wood + np.clip(v.y - 0.4, -0.4, 0.5) - 2.2 * v.front


RULES: dict[str, Callable[[Look], Any]] = {
    "sky": _sky,
    "cloud": _cloud,
    "water": _water,
    "grass": _grass,
    "foliage": _foliage,
    "sand": _sand,
    "snow": _snow,
    "mountain": _mountain,
    "road": _road,
    "ground": _ground,
    "wall": _wall,
    "table": _table,
}


def measure(scene: Scene) -> Look:
    """What the rules read."""
    p = scene.pieces
    light, a, b = p.colour.T
    front = settle(scene, scene.front)
    return Look(
        light, a, b, np.hypot(a, b).astype(np.float32), p.spread, p.centre[:, 0], p.centre[:, 1], scene.smooth, front
    )


def find_stuff(scene: Scene, kind: str) -> tuple[Floats, float]:
    """(belief (n,) of each piece, presence in [0, 1]) of a kind of stuff."""
    if kind in ("foreground", "background"):
        front = settle(scene, scene.front)
        clear = float(np.average(np.abs(2 * front - 1), weights=scene.pieces.area))
        sure = 0.5 + 0.48 * clear
        return (front, sure) if kind == "foreground" else (np.asarray(1 - front, np.float32), sure)
    look = measure(scene)
    odds = np.asarray(RULES[kind](look), np.float32)
    if kind != "sky" and kind != "cloud":
        sky = settle(scene, np.asarray(_sky(look), np.float32), reach=0.5)
        upper = (look.y < 0.2) & (sky > 0.5)
        if upper.sum() > 5:
            alike = np.linalg.norm(scene.pieces.colour - scene.pieces.colour[upper].mean(0), axis=1) < 20
            odds = odds - 3.0 * sky * (alike | (look.y < 0.25) | (look.smooth > 0.5))
    hint = 0.0
    if kind in HINTS:
        found = seek(scene, Meaning("things", kind, tuple((c, 1.0) for c in HINTS[kind])))
        odds = odds + 0.25 * np.clip(scene.pieces.mean(found.odds), -3, 3)
        hint = found.presence
    odds = np.asarray(np.clip(odds, -4, 4), np.float32)
    belief = settle(scene, odds, learn=0.7, reach=WIDE.get(kind, 0.3))
    presence = min(1.0, _presence(scene, odds, belief, hint) + MODEST.get(kind, 0.0))
    if kind in SPREAD:
        free = np.asarray(belief * (1 - scene.pieces.mean(_standing(scene))), np.float32)
        area = scene.pieces.area
        left = float(area[free > 0.5].sum()) / max(float(area[belief > 0.5].sum()), 1.0)
        belief, presence = free, presence * (1.0 if left > OWN else 0.5)
    return belief, presence * _doubt(scene, kind, look, belief)


def _standing(scene: Scene) -> Floats:
    """(h, w): the things that the detector surely sees, which no ground goes through."""
    sure = [
        Named(p.box, p.score)
        for p in scene.proposals
        if p.score > STANDING and max(p.kinds, key=lambda k: p.kinds[k]) not in FLAT
    ]
    found = cut_out(scene, tidy(sure)[:MANY])
    return (
        np.asarray(np.max([i.mask for i in found], axis=0), np.float32) if found else np.zeros(scene.shape, np.float32)
    )


def _doubt(scene: Scene, kind: str, look: Look, belief: Floats) -> float:
    """1, or less where the region lies on a thing that the detector knows, or is a backdrop and no sky."""
    area = scene.pieces.area * (belief > 0.5)
    total = float(area.sum())
    if total == 0:
        return 1.0
    x, y = scene.pieces.centre.T
    covered = np.zeros(len(area), bool)
    for seen in scene.seen if kind not in ("sky", "cloud") else ():
        if seen.score > SOLID and seen.kind not in FLAT:
            x0, y0, x1, y1 = seen.box
            covered |= (x > x0) & (x < x1) & (y > y0) & (y < y1)
    left = 0.5 if float(area[covered].sum()) > 0.65 * total else 1.0
    if kind == "sky":
        light, b, chroma = (float((v * area).sum() / total) for v in (look.light, look.b, look.chroma))
        if b > -3 and chroma < 25 and light < 88:
            low = float(area[y > 0.85].sum() / max(float(scene.pieces.area[y > 0.85].sum()), 1.0)) > 0.3
            tall = [float(np.ptp(p.face.points[:, 1])) for p in scene.people if p.face is not None]
            portrait = max(tall, default=0.0) > 0.12 * scene.shape[0]
            left *= 0.45 if portrait or low else 0.7
    return left


def _presence(scene: Scene, odds: Floats, belief: Floats, hint: float) -> float:
    """How well the found pieces keep the rule, and whether there are enough of them."""
    area = scene.pieces.area
    inside = belief > 0.5
    share = float(area[inside].sum() / area.sum())
    if share < 0.01:
        return 0.05
    mean = float(np.average(odds[inside], weights=area[inside]))
    return float(np.clip(0.25 + 0.22 * mean + 0.15 * hint + 0.3 * min(share, 0.3), 0.0, 0.98))
