"""Nameable things: class evidence and saliency to a mask.

The network's evidence is blurred by its receptive field: a kite in the sky is a spot ten times its size, a lion is but its face. So several
ways of weighing evidence against what stands out each propose a mask, and the one that explains the evidence best and has the
clearest edge is kept (`_merit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.detected import Named, alike_kinds, kinds_of, overlap, sure, tidy
from pixwright.ground.evidence import seek
from pixwright.ground.geometry import Floats, fit
from pixwright.ground.instances import Instance, separate
from pixwright.ground.lexicon import Meaning
from pixwright.ground.objects import instances, named
from pixwright.ground.phrase import Query
from pixwright.ground.scene import WORK, Scene, look
from pixwright.ground.segment import grab, guided, matte, settle
from pixwright.ground.stuff import find_stuff

KNOWN = 0.5
"""A box that is surer than this is believed."""
PLENTY = 0.6
"""Where several are meant, or one of them, boxes that are surer than this are all that is needed."""
UNSEEN = 0.75
"""Doubt of a thing that the detector knows by name and does not see."""
TRUST = 0.3
"""How much surer activation must be than a box that it contradicts."""
FIELD = 0.06
"""The receptive field's effective radius at the finer scales, in picture sides."""
ISOLATED = 0.31
"""Below this, the surroundings differ so much less among themselves than from the thing that the thing is all there is."""
AGREE, EDGE = 0.3, 0.25
"""Weights, beside the match with the evidence, of: the match with what stands out, the clearness of the edge."""
SIZE, SIZE_LIVING = 0.06, 0.18
"""Weight of size. Of an animal the network sees mostly the head, so that the larger mask is the likelier one."""
WHOLE = 0.3
"""How much worse a mask of something living may be if it is all of the foreground about it."""
BARE = 0.06
"""How much better a mask must be that leaves out of account what stands out."""
SPECK, AGAIN = 0.004, 0.14
"""A thing whose box has a share of the picture between these is looked at again, closer."""
CLOSER = (320, 512)
"""Longer sides at which the network looks again."""
LIVING = 398
"""ImageNet's classes below this are animals."""
GROWING = 984
"""And from this on flowers, fruits and fungi."""
BEHIND = frozenset((460, 536, 539, 557, 718, 741, 794, 799, 825, 853, 854, 858, 904, 905))
"""ImageNet's piers, rugs, flags, curtains, walls, roofs and blinds: they lie behind or below what a picture is about."""
BROAD = 0.3
"""How far these go on from where the network sees them, in picture sides."""
SPREAD = 0.45
"""Presence above which one of these is believed before any box: the detector draws boxes around parts of them."""
SMALL = 0.35
"""A thing whose box is below this share of the picture's side is cut again at the picture's own resolution."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What was found for a noun: candidates, and how sure it is that they are of its kind."""

    found: list[Instance]
    presence: float
    note: str = ""


def find_things(scene: Scene, meaning: Meaning, query: Query) -> Sight:
    """Candidates for things: the detector's boxes where they have the noun's name, else what class activation shows."""
    boxes = named(scene, meaning, query)
    known = bool(kinds_of(query.head))
    best = boxes[0].score if boxes else 0.0
    if known and best >= KNOWN:
        return Sight(instances(scene, boxes, query), best)
    if not meaning.classes or (best > PLENTY and (query.several or query.selective)):
        return Sight(instances(scene, boxes, query), best)
    sight = _activated(scene, meaning, query)
    if _behind(meaning) and sight.found and sight.presence > SPREAD and not (query.several or query.selective):
        return sight
    doubt = UNSEEN if known else 1.0
    if best > max(KNOWN, doubt * sight.presence - TRUST) and not _agree(sight, boxes, query, scene):
        return Sight(instances(scene, boxes, query), max(best, min(0.9, sight.presence)))
    return Sight(sight.found, doubt * sight.presence)


def find_grown(scene: Scene, query: Query) -> Sight:
    """Trees and bushes that stand alone: boxes that are mostly foliage and look like a plant to the detector, or at least like something."""
    belief, _ = find_stuff(scene, "foliage")
    green = scene.pieces.paint(belief)
    height, width = scene.shape
    kinds = alike_kinds(query.head)
    found = []
    for proposal in scene.proposals:
        x0, y0, x1, y1 = proposal.box
        part = green[int(y0 * height) : int(y1 * height) + 1, int(x0 * width) : int(x1 * width) + 1]
        own = max((proposal.kinds.get(k, 0.0) for k in kinds), default=0.0)
        if part.size and (x1 - x0) * (y1 - y0) < 0.9 and own > 0.1:
            found.append(Named(proposal.box, float(part.mean()) ** 0.5 * sure(own + 0.2)))
    found = [n for n in tidy(found) if n.score > 0.4]
    return Sight(instances(scene, found, query), found[0].score if found else 0.0)


def _agree(sight: Sight, boxes: list[Named], query: Query, scene: Scene) -> bool:
    """Whether activation's one thing is what the surest box holds: its mask is then the better one."""
    if query.several or query.selective or not sight.found:
        return False
    height, width = scene.shape
    x0, y0, x1, y1 = max(sight.found, key=lambda i: i.area).box
    return overlap(boxes[0].box, (x0 / width, y0 / height, x1 / width, y1 / height)) > 0.6


def _behind(meaning: Meaning) -> bool:
    return sum(w for c, w in meaning.classes if c in BEHIND) > 0.5 * sum(w for _, w in meaning.classes)


def _activated(scene: Scene, meaning: Meaning, query: Query) -> Sight:
    evidence = seek(scene, meaning)
    many = query.several or query.selective
    alive = sum(w for c, w in meaning.classes if c < LIVING or c >= GROWING) > 0.5 * sum(w for _, w in meaning.classes)
    size = SIZE_LIVING + 0.6 * scene.close if alive else SIZE
    behind = _behind(meaning)
    belief = propose(scene, evidence.odds, query.colours, one=not many, size=size, behind=behind)
    found = separate(matte(scene, belief), evidence.odds, split=many)
    if found and not many and not behind and (closer := _again(scene, meaning, query, found[0], size)):
        found = [closer]
    return Sight(found, evidence.presence)


def _again(scene: Scene, meaning: Meaning, query: Query, thing: Instance, size: float) -> Instance | None:
    """Look again at a smallish thing in a window around it. None if that shows nothing better: not this thing, or running out of the window."""
    height, width = scene.shape
    tall, wide = scene.picture.shape[:2]
    x0, y0, x1, y1 = thing.box
    if not SPECK < (x1 - x0) * (y1 - y0) / (height * width) < AGAIN:
        return None
    pad = round(0.45 * max(x1 - x0, y1 - y0))
    x0, y0, x1, y1 = max(0, x0 - pad), max(0, y0 - pad), min(width, x1 + pad), min(height, y1 + pad)
    window = x0 * wide // width, y0 * tall // height, x1 * wide // width, y1 * tall // height
    inner = look(scene.picture[window[1] : window[3], window[0] : window[2]], scene.encoders, CLOSER)
    evidence = seek(inner, meaning)
    fine = matte(inner, propose(inner, evidence.odds, query.colours, one=True, size=size))
    own = (x0 > 0, y0 > 0, x1 < width, y1 < height)
    sides = (fine[:, 0], fine[0], fine[:, -1], fine[-1])
    if any(cut and float((side > 0.5).mean()) > 0.2 for cut, side in zip(own, sides, strict=True)):
        return None
    mask = np.zeros((height, width), np.float32)
    mask[y0:y1, x0:x1] = cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    both = float(np.minimum(mask, thing.mask).sum())
    if both < 0.6 * thing.area or not (mask > 0.5).any():
        return None
    return Instance(mask, thing.odds, (window, fine))


def propose(
    scene: Scene, odds: Floats, colours: tuple[str, ...], *, one: bool, size: float = SIZE, behind: bool = False
) -> Floats:
    """Belief (n,) of the pieces that the evidence (h, w) means. `one`: it is a single thing; `size`: how much a
    large mask is preferred; `behind`: it is one of those that never stand out."""
    pieces = scene.pieces
    named = pieces.mean(odds)
    tint = np.clip(pieces.mean(any_colour(scene.lab, colours)), -1.5, 1.2) if colours else np.zeros_like(named)
    bent = 4 * np.tanh(named / 4)
    if behind:
        # What stands out is in front of it: saliency would take the wrong side.
        return settle(scene, np.asarray(bent + 1.5 * tint, np.float32), reach=BROAD)
    front = np.clip(scene.front, -3, 3)
    if not one:
        ways = (bent + 0.85 * front, 0.6 * bent + 1.4 * front + 0.6)
        each = [settle(scene, np.asarray(way + 1.5 * tint, np.float32)) for way in ways]
        marks = [_merit(scene, belief, named, size) for belief in each]
        if size >= SIZE_LIVING:
            each.append(_around(scene, named))
            marks.append(_merit(scene, each[-1], named, size) + WHOLE)
        return each[int(np.argmax(marks))]
    peak = float(named.max())
    hot = named > max(0.3 * peak, peak - 5)
    weight = pieces.area * hot
    mean = np.average(front, weights=weight + 1e-6)
    spread = np.sqrt(np.average((front - mean) ** 2, weights=weight + 1e-6)) + 0.3
    local = np.clip((front - mean) / spread, -2.5, 2.5)
    tight = 3 * np.tanh((named - 0.5 * peak) / 3)
    starts = (
        bent + 0.85 * front,
        tight + 1.6 * front,
        0.6 * bent + 1.4 * front + 0.6,
        0.3 * bent + 1.7 * front + 0.2,
        2 * tight - 0.5,
    )
    reach = (0.12, 0.12, 0.12, 0.12, 0.25)
    beliefs = [
        _connected(scene, settle(scene, np.asarray(s + tint, np.float32), reach=r), named)
        for s, r in zip(starts, reach, strict=True)
    ]
    if size >= SIZE_LIVING:
        beliefs.append(_around(scene, named))
    alone = settle(scene, np.asarray(np.minimum(tight, 1) + 1.8 * local - 1.0 + tint, np.float32))
    alone = _connected(scene, alone, named)
    if _isolated(scene, alone > 0.5, beliefs[0] > 0.5):
        return alone
    marks = [_merit(scene, belief, named, size) for belief in beliefs]
    marks[len(starts) - 1] -= BARE
    marks[len(starts) :] = [mark + WHOLE for mark in marks[len(starts) :]]
    return beliefs[int(np.argmax(marks))]


def _around(scene: Scene, named: Floats) -> Floats:
    """The part of the foreground that holds most of the evidence: of what lives, the network knows but the head or the heart."""
    front = settle(scene, scene.front)
    return _connected(scene, front, named)


def _isolated(scene: Scene, thing: NDArray[np.bool_], spot: NDArray[np.bool_]) -> bool:
    """Whether a small thing explains the whole spot of evidence around it, because the rest of the spot looks like what lies farther out."""
    pieces = scene.pieces
    rest = spot & ~thing
    away = cv2.distanceTransform((~spot)[pieces.labels].astype(np.uint8), cv2.DIST_L2, 5) / max(scene.shape)
    ring = (pieces.mean(away) < 0.12) & ~spot & ~thing
    area = pieces.area
    if min(thing.sum(), ring.sum()) < 1 or area[thing & spot].sum() < 0.9 * area[thing].sum():
        return False
    if area[rest].sum() < 0.3 * area[spot].sum():
        return False
    look = np.concatenate([pieces.colour, 1.5 * pieces.spread[:, None]], 1)

    def apart(some: NDArray[np.bool_], others: NDArray[np.bool_]) -> float:
        far = np.sort(np.linalg.norm(look[some][:, None] - look[others][None], axis=2), axis=1)[:, :5].mean(1)
        return float(np.average(far, weights=area[some]))

    return apart(rest, ring) < ISOLATED * apart(thing, rest)


def _connected(scene: Scene, belief: Floats, named: Floats) -> Floats:
    """Without the parts that hold little of the evidence."""
    inside = (belief > 0.5)[scene.pieces.labels].astype(np.uint8)
    count, labels = cv2.connectedComponents(inside)
    if count <= 2:
        return belief
    heat = np.maximum(named, 0)[scene.pieces.labels] + 0.05
    mass = np.bincount(labels.ravel(), heat.ravel(), count)
    mass[0] = 0
    keep = mass > 0.2 * mass.max()
    kept = scene.pieces.mean(keep[labels].astype(np.float32)) > 0.5
    return np.where(kept, belief, np.minimum(belief, 0.1)).astype(np.float32)


def _merit(scene: Scene, belief: Floats, named: Floats, size: float) -> float:
    """How well a mask, blurred as the network sees, correlates with the evidence, plus how much its edge differs from other borders."""
    pieces = scene.pieces
    inside = belief > 0.5
    share = float(pieces.area[inside].sum() / pieces.area.sum())
    if not 0.0002 < share < 0.95:
        return -9.0
    quarter = cv2.resize(inside[pieces.labels].astype(np.float32), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    seen = cv2.GaussianBlur(quarter, (0, 0), FIELD * max(quarter.shape))
    heat = cv2.resize(np.clip(named, -3, 6)[pieces.labels], quarter.shape[::-1], interpolation=cv2.INTER_AREA)
    match = _correlation(seen, heat)
    zone = cv2.dilate(
        (heat > max(0.0, 0.3 * float(heat.max()))).astype(np.uint8),
        np.ones((3, 3), np.uint8),
        iterations=max(1, round(0.05 * max(heat.shape))),
    )
    shown = cv2.resize(scene.plain[pieces.labels], quarter.shape[::-1], interpolation=cv2.INTER_AREA)
    agree = _correlation(quarter[zone > 0], shown[zone > 0])
    a, b = pieces.pairs.T
    cross = inside[a] != inside[b]
    if not cross.any():
        return -9.0
    apart = np.linalg.norm(pieces.colour[a] - pieces.colour[b], axis=1)
    edge = float(np.average(apart[cross], weights=pieces.border[cross])) / (
        float(np.average(apart, weights=pieces.border)) + 2
    )
    return match + AGREE * agree + EDGE * float(np.clip(np.log(edge + 1e-3), -1.5, 1.2)) + size * float(np.log(share))


def _correlation(a: Floats, b: Floats) -> float:
    if a.size < 2:
        return 0.0
    spread = float(a.std()) * float(b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 1e-6 else 0.0


def sharpen(scene: Scene, thing: Instance) -> Instance:
    """Cut a small thing again from the picture's own pixels around it."""
    height, width = scene.shape
    tall, wide = scene.picture.shape[:2]
    x0, y0, x1, y1 = thing.box
    if thing.detail is not None or tall < 1.5 * height or max(x1 - x0, y1 - y0) > SMALL * max(height, width):
        return thing
    pad = max(6, round(0.4 * max(x1 - x0, y1 - y0)))
    x0, y0, x1, y1 = max(0, x0 - pad), max(0, y0 - pad), min(width, x1 + pad), min(height, y1 + pad)
    window = x0 * wide // width, y0 * tall // height, x1 * wide // width, y1 * tall // height
    crop = fit(scene.picture[window[1] : window[3], window[0] : window[2]], WORK)
    coarse = cv2.resize(thing.mask[y0:y1, x0:x1], crop.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    inside = (coarse > 0.5).astype(np.uint8)
    fine = guided(crop, grab(crop, *_band(inside)), 4, 1e-4)
    return Instance(thing.mask, thing.odds, (window, fine))


def _band(inside: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    reach = max(3, round(0.12 * float(inside.sum()) ** 0.5))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    trimap = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[cv2.erode(inside, disc, borderValue=1) > 0] = cv2.GC_FGD
    trimap[cv2.dilate(inside, disc) == 0] = cv2.GC_BGD
    return trimap, inside
