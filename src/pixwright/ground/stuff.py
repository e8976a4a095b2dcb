"""Stuff: sky, water, grass, ground and other surfaces, by one classifier over superpixels.

What a surface is, is told from its colour, texture and place, from whether it stands out, and from what the picture classifier sees there; a small network
(recipes/fit_stuff.py) was fitted to cells of photographs that people labelled. Its beliefs are smoothed over the graph of superpixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.detections import area_of, sure
from pixwright.ground.fitted import numbers
from pixwright.ground.geometry import TINY, Floats, calm, covered, fill_holes, large_parts, logistic, softened
from pixwright.ground.instance import Instance, Sight, union
from pixwright.ground.outline import outlines
from pixwright.ground.persons.bodies import masks_of
from pixwright.ground.scene import Scene
from pixwright.ground.superpixels import walk
from pixwright.records.instruction import Array
from pixwright.records.thing import Thing
from pixwright.words import NounEntry, lexicon

KINDS = "swgfdrmnhlotcxb"
"""The classes: sky, water, grass, foliage, bare ground, road, mountain, snow, building, indoor wall, floor, table, cloth, a thing, blurred background."""
NAMES = {
    "sky": "s", "cloud": "s", "water": "w", "grass": "g", "foliage": "f", "ground": "drgno", "sand": "d", "road": "r", "mountain": "m",
    "snow": "n", "wall": "lh", "floor": "or", "table": "t", "cloth": "c",
}  # fmt: skip
"""The lexicon's canonical stuff -> the classes that it may be."""
MADE_OF = {"building": "h", "tree": "f", "landscape": "m", "cloth": "c"}
"""The lexicon's kinds of things that are seen as a surface where they fill the picture -> the classes."""
LEAST = 0.012
"""Share of the picture below which there is none of it."""
LITTLE, SEEN, SUBJECTS = 0.02, 0.4, 3
"""Share of the picture below which nothing stands out; how sure the detector must then be of a thing, and of how many."""
GROUP, SOME, INNER, DEEP = 8, 0.25, 0.6, 0.5
"""How many people are looked at; shares of a body that stands out from which it is of the foreground, and of its middle under which it is not all of it; and how deep that middle lies, of the deepest."""
SUREST_BEAST, UNSURE, DECIDED = 0.85, 0.75, 4.0
"""How sure the detector must be of an animal whose outline stands in for what stands out; how much of its middle then stands out at most; and how steeply what is half there is parted from what is there."""
FAINT = 1.3
"""What stands out faintly is rather meant than left out, when somebody says "foreground"."""
SHARE = 0.15
"""Of the largest part of a surface: what is smaller and apart is a mistake."""
SAID, LIFT = 0.85, 2.5
"""Belief that the surest places get when somebody says that there is such a surface, and the most log-odds that this is worth."""
TINT = 2.0
"""How much a colour that was asked for counts."""
TRUST = 0.15
"""How much the classifier counts against its neighbours where it is undecided."""
EVEN = "slt"
"""Classes of which one surface is of one colour, in light and in shade: sky, indoor wall, table."""
SEED, UNSEEN, SHADED, PLAIN, FRONT = 0.6, 2.5, 6.0, 3.0, 0.3
"""Belief from which such a surface goes on; difference in CIE Lab across a border that nobody sees, and of two pieces in light and in shade; deviation of L of a plain piece; and how
much a piece may stand out."""
MAIN_AXES = 16
"""Of the axes of the class logits: how many of the whole picture's go with every piece."""
UNIT = (50.0, 25.0, 25.0)
"""CIE L, a and b that count 1 as features."""
SPREAD = 10.0
"""Standard deviation of CIE L within a piece that counts 1."""
FINE, COARSE, ROW = 1.2, (2.0, 6.0), (61, 1)
"""Texture: what is finer than the first blur, and between the two of the second (pixels); and the window, in pixels, of what is even along a row."""
FLAT = 0.1
"""CIE L added before a logarithm of texture, so that a flat piece has one."""
AROUND = 0.06
"""Share of the picture's longer side over which prominence around a piece is taken."""
ABSENT_PLACE, ABSENT_WORTH = 0.98, 0.4
"""Of a surface without a part: the quantile of its belief, and the share of that which is its score."""
TOLD_FLOOR, TOP_FLOOR = 1e-4, 1e-3
"""How near to 0 and 1 a belief may be before its log-odds are taken: of any piece, and of the surest places."""
NO_FRONT = 0.1
"""Score where nothing stands out, or everything does."""
SHARPER = 2.5
"""How much steeper than the belief the edge of a drawn surface is."""
MIDDLE = 0.25
"""Shares of the picture's width to either side that are its middle."""


@lru_cache(maxsize=1)
def _fitted() -> dict[str, Floats]:
    return numbers.network("stuff")


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Each superpixel's belief in each of KINDS: (n, len(KINDS)), rows sum to 1."""

    belief: Floats

    def of(self, kinds: str) -> Floats:
        """(n,): the belief in any of these kinds."""
        return np.asarray(self.belief[:, [KINDS.index(kind) for kind in kinds]].sum(1), np.float32)


def seen_by(scene: Scene) -> tuple[Floats, Floats]:
    """What the networks see at each superpixel: class logits (n, 1000) and middle features (n, 240) of unit length."""
    centre = scene.pieces.centre
    logits = np.mean([_sample(d, centre) for d in scene.dense[:2]], axis=0)
    middle = np.concatenate([_sample(f.mid, centre) for f in scene.features[1:]], 1)
    return logits.astype(np.float32), middle / (np.linalg.norm(middle, axis=1, keepdims=True) + TINY)


def features(scene: Scene, fitted: dict[str, Any]) -> Floats:
    """(n, d): colour, texture, place and prominence of each superpixel, and what the networks see there and in the whole picture."""
    pieces = scene.pieces
    logits, middle = seen_by(scene)
    deep = (logits - fitted["logits_mean"]) @ fitted["logits_axes"]
    wide = (middle - fitted["middle_mean"]) @ fitted["middle_axes"]
    whole = np.repeat(np.average(deep, axis=0, weights=pieces.area)[None, :MAIN_AXES], len(deep), 0)
    light, a, b = (pieces.colour / np.array(UNIT, np.float32)).T
    x, y = pieces.centre.T
    grey = scene.lab[..., 0]
    # Skies and waters are even along a row.
    changes = grey - calm(grey, FINE), calm(grey, COARSE[0]) - calm(grey, COARSE[1]), grey - cv2.blur(grey, ROW)
    fine, coarse, row = (np.log(pieces.mean(np.abs(change)) + FLAT) for change in changes)
    salient = pieces.mean(scene.salient)
    about = pieces.mean(calm(scene.salient, AROUND * max(scene.shape)))
    plain = [light, a, b, np.hypot(a, b), light * y, a * y, b * y, pieces.spread / SPREAD, fine, coarse, row]
    place = [x - 0.5, np.abs(x - 0.5), y, y * y, salient, about, salient * y]
    return np.concatenate([np.stack([*plain, *place], 1), deep, wide, whole], 1).astype(np.float32)


def surfaces(scene: Scene) -> Surfaces:
    """What every superpixel is; worked out once a scene."""
    if not scene.beliefs:
        fitted = _fitted()
        x = (features(scene, fitted) - fitted["mean"]) / fitted["spread"]
        hidden = np.maximum(x @ fitted["first"] + fitted["first_bias"], 0)
        logits = hidden @ fitted["second"] + fitted["second_bias"]
        odds = np.exp(logits - logits.max(1, keepdims=True))
        scene.beliefs.append(smoothed(scene, odds / odds.sum(1, keepdims=True)))
    return Surfaces(scene.beliefs[0])


def smoothed(scene: Scene, odds: Floats) -> Floats:
    """Beliefs (n, k) spread over the graph of superpixels, rows summing to 1."""
    belief = walk(scene.pieces, odds, odds.max(1) ** 2 + TRUST)
    return np.asarray(belief / (belief.sum(1, keepdims=True) + TINY), np.float32)


def find_stuff(scene: Scene, name: str, thing: Thing) -> Sight:
    """A surface is one region, however many parts it has; a place keeps the part that lies there."""
    if name in ("background", "foreground"):
        return _front_or_back(scene, name, thing)
    return _surface(scene, NAMES.get(name, ""), thing)


def find_filling(scene: Scene, entry: NounEntry, thing: Thing) -> Sight:
    """A thing that fills the picture: the surface that such things are seen as."""
    kinds = next((classes for kind, classes in MADE_OF.items() if entry.is_(kind)), "")
    return _surface(scene, kinds, thing)


def _surface(scene: Scene, kinds: str, thing: Thing) -> Sight:
    if not kinds:
        return Sight()
    belief = _said(surfaces(scene).of(kinds), scene.pieces.area)
    if thing.colours:
        odds = scene.pieces.mean(np.clip(any_colour(scene.lab, thing.colours), -2, 2))
        belief = np.asarray(belief / (1 + np.exp(-TINT * odds)), np.float32)
    if set(kinds) & set(EVEN):
        belief = _goes_on(scene, belief)
    mask = drawn(scene, belief)
    for place in thing.places:
        mask = np.asarray(mask * place_of(scene, place), np.float32)
    whole = large_parts(mask, LEAST * mask.size, SHARE)
    if whole is None:
        return Sight((), float(np.quantile(belief, ABSENT_PLACE)) * ABSENT_WORTH)
    score = float((scene.pieces.paint(belief) * whole).sum() / max(float(whole.sum()), TINY))
    return Sight((Instance(whole, score),), score)


def _goes_on(scene: Scene, belief: Floats) -> Floats:
    """Beliefs (n,) of an even surface, which goes on to where something ends: over borders that nobody sees, into pieces as plain, but not into what stands out."""
    pieces = scene.pieces
    open_to = (pieces.spread < PLAIN) & (pieces.mean(scene.salient) < FRONT)
    one, other = pieces.pairs.T
    same = (pieces.contrast < UNSEEN) & (np.linalg.norm(pieces.colour[one] - pieces.colour[other], axis=1) < SHADED)
    one, other = np.concatenate([one[same], other[same]]), np.concatenate([other[same], one[same]])
    out = belief.copy()
    while True:
        further = np.zeros_like(out)
        np.maximum.at(further, other, np.where(out[one] > SEED, out[one], 0))
        gained = open_to & (further > SEED) & (out <= SEED)
        if not gained.any():
            return out
        out[gained] = further[gained]


def _said(belief: Floats, area: Floats) -> Floats:
    """Beliefs (n,) as they are for somebody who was told that there is some: the surest places are raised to SAID."""
    order = np.argsort(-belief)
    top = belief[order][np.searchsorted(np.cumsum(area[order]), LEAST * area.sum())]
    inner = np.clip(belief, TOLD_FLOOR, 1 - TOLD_FLOOR)
    surest = np.log(max(float(top), TOP_FLOOR) / max(1 - float(top), TOP_FLOOR))
    lift = np.clip(np.log(SAID / (1 - SAID)) - surest, 0, LIFT)
    return np.asarray(logistic(np.log(inner / (1 - inner)) + lift), np.float32)


def foreground(scene: Scene) -> Floats:
    """(h, w) in [0, 1]: what stands out, with all of who stands out in part; where next to nothing does, the things that the detector is sure of."""
    front = fill_holes(np.minimum(scene.front * FAINT, 1.0))
    if beasts := _beasts(scene):
        # Where the segmenter cannot tell an animal from its place, it can tell nothing else there: what is half there goes, or would be seen through.
        front = np.clip((front - 0.5) * DECIDED, 0, 1)
        return fill_holes(union([Instance(mask) for mask in (front, *beasts)], scene.shape))
    if float((front > 0.5).mean()) > LITTLE:
        return union([Instance(mask) for mask in (front, *_bodies(scene, SOME))], scene.shape)
    boxes = [p.box for p in scene.proposals if sure(p.score) > SEEN and area_of(p.box) > LITTLE][:SUBJECTS]
    return union([Instance(mask) for mask, _ in outlines(scene, boxes)], scene.shape) if boxes else front


def everybody(scene: Scene) -> Array:
    """HxW uint8, at the picture's own size: everybody who is surely seen and does not stand out."""
    if not scene.everybody:
        height, width = scene.picture.shape[:2]
        seen = union([Instance(mask) for mask in _bodies(scene, 0.0)], scene.shape)
        scene.everybody.append(np.asarray(cv2.resize(np.rint(seen * 255).astype(np.uint8), (width, height)), np.uint8))
    return scene.everybody[0]


def _bodies(scene: Scene, least: float) -> list[Floats]:
    """The outlines of people of whom the middle was missed, and of whom at least that share stands out: of a group the segmenter sees the hair of one and the dress of another."""
    people = [p for p in scene.people if sure(p.score) > SEEN and area_of(p.box) > LITTLE][:GROUP]
    return _missed(scene, masks_of(scene, people), least, INNER)


def _beasts(scene: Scene) -> list[Floats]:
    """The outlines of animals that surely are there and of whose middle the segmenter is not sure: fur in a wood, a face in shadow."""
    kinds = lexicon()
    boxes = [
        p.box
        for p in scene.proposals
        if sure(p.score) > SUREST_BEAST
        and area_of(p.box) > LITTLE
        and kinds.is_(max(p.kinds, key=p.kinds.__getitem__), "animal")
    ][:SUBJECTS]
    found = [mask for mask, _ in outlines(scene, boxes)] if boxes else []
    return _missed(scene, found, SOME, UNSURE)


def _missed(scene: Scene, outlined: list[Floats], least: float, most: float) -> list[Floats]:
    """Those outlines of which at least the share `least` stands out, and of whose middle less than `most` does."""
    front = scene.front
    return [mask for mask in outlined if covered(mask, front) >= least and covered(_core(mask), front) < most]


def _front_or_back(scene: Scene, name: str, thing: Thing) -> Sight:
    """What stands out, or everything else."""
    front = foreground(scene)
    clear = float(np.abs(front - 0.5).mean() * 2)
    mask = front if name == "foreground" else 1 - front
    if not (mask > 0.5).any():
        return Sight((), NO_FRONT)
    if name == "foreground" and (thing.selective or thing.plural):
        return Sight(tuple(Instance(part, clear) for part in scene.salient_parts), clear)
    return Sight((Instance(np.asarray(mask, np.float32), clear),), clear)


def _core(mask: Floats) -> Floats:
    """What lies deep inside an outline (h, w): its rim may be wrong, that is the thing."""
    deep = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(deep > DEEP * deep.max(), np.float32)


def drawn(scene: Scene, belief: Floats) -> Floats:
    """Beliefs (n,) -> mask (h, w) in [0, 1], whose edges are those of superpixels."""
    return softened(np.clip(SHARPER * (scene.pieces.paint(belief) - 0.5) + 0.5, 0, 1))


def place_of(scene: Scene, place: str) -> Floats:
    """(h, w), 1 in that half, third or end of the picture."""
    height, width = scene.shape
    x, y = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)[:, None]
    shares: dict[str, NDArray[np.bool_]] = {
        "left": x < 0.5, "right": x > 0.5, "top": y < 0.5, "bottom": y > 0.5, "middle": np.abs(x - 0.5) < MIDDLE,
        "background": y < 0.5, "foreground": y > 0.5,
    }  # fmt: skip
    return np.broadcast_to(shares[place], (height, width)).astype(np.float32)


def _sample(grid: Floats, centre: Floats) -> Floats:
    """Bilinear samples of a (rows, columns, c) grid that covers the picture, at points given in 0..1."""
    rows, columns = grid.shape[:2]
    x = np.clip(centre[:, 0] * columns - 0.5, 0, columns - 1)
    y = np.clip(centre[:, 1] * rows - 0.5, 0, rows - 1)
    x0, y0 = np.minimum(x.astype(int), max(columns - 2, 0)), np.minimum(y.astype(int), max(rows - 2, 0))
    x1, y1 = np.minimum(x0 + 1, columns - 1), np.minimum(y0 + 1, rows - 1)
    fx, fy = (x - x0)[:, None], (y - y0)[:, None]
    above = grid[y0, x0] * (1 - fx) + grid[y0, x1] * fx
    below = grid[y1, x0] * (1 - fx) + grid[y1, x1] * fx
    return np.asarray(above * (1 - fy) + below * fy, np.float32)
