"""A phrase and a picture to a `Region`."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.ground.colour import any_colour
from pixwright.ground.detected import alike_kinds, kinds_of, overlap
from pixwright.ground.evidence import seek
from pixwright.ground.geometry import Floats, box_of, to_full
from pixwright.ground.instances import Instance, choose, separate
from pixwright.ground.lexicon import Meaning, lexicon
from pixwright.ground.parts import find_part
from pixwright.ground.people import find_clothing, find_people, wears, worn
from pixwright.ground.phrase import Query, is_whole, parse_phrase
from pixwright.ground.scene import Scene, look
from pixwright.ground.segment import matte, settle
from pixwright.ground.stuff import find_stuff
from pixwright.ground.things import Sight, find_grown, find_things, sharpen
from pixwright.ground.tinted import find_tinted
from pixwright.ground.under import HEADS, find_saucer
from pixwright.ground.unnamed import find_unnamed
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region, whole
from pixwright.records.thing import Thing

FINE = 3
"""Up to so many instances are cut again at full size where they are small."""
SURE = 0.45
"""A lower score abstains."""
STRUCTURES = (
    "house",
    "building",
    "castle",
    "church",
    "barn",
    "shed",
    "tower",
    "skyscraper",
    "hut",
    "cottage",
    "temple",
    "fence",
)
"""Of these, activation shows but a part."""
GROWN = ("tree", "plant", "bush", "shrub", "palm tree", "fern")
"""Foliage that has an outline of its own, if it stands alone."""
LYING = ("grass", "ground", "sand")
PALE = 0.75
"""A match of colour below which the colour itself is looked for."""
GROWS, SWELLS = 0.6, 8.0
"""Share of a thing that must lie in a spot of its colour to be taken for a part of it, and how much larger the spot may be."""
HUGE = 0.45
"""Of the picture: one thing of a colour is seldom as large."""
ABSENT = 0.12
"""A noun that the classifier gives less than this is not there, whatever has its colour."""


def ground(picture: Array | Scene, phrase: str | Thing, encoders: Encoders) -> Region:
    """Where `phrase` is in a picture (HxWx3 uint8, or a `Scene` made by `look`, which spares looking again).

    Conjuncts ("the cat and the dog") are united. Below `SURE` the region is empty and `note` says what to do.
    """
    phrase = str(phrase)
    scene = picture if isinstance(picture, Scene) else look(picture, encoders)
    height, width = scene.picture.shape[:2]
    if is_whole(phrase):
        return whole(height, width)
    sights = [(query, find(scene, query)) for query in parse_phrase(phrase)]
    missing = [query.head for query, (found, score) in sights if not found or score < SURE]
    score = min(score if found else max(0.0, min(score, SURE - 0.01)) for _, (found, score) in sights)
    if missing:
        return absent(scene.picture, phrase, score)
    return _region(scene, phrase, [i for _, (found, _) in sights for i in found], score)


def absent(picture: Array, phrase: str, score: float) -> Region:
    """The region of what was not found."""
    note = f'"{phrase}" not found (score {score:.2f}); point at it with --box X0,Y0,X1,Y1'
    return Region(np.zeros(picture.shape[:2], np.uint8), (), score, phrase, "phrase", None, note)


def ground_step(picture: Array | Scene, step: Step, encoders: Encoders, user: Region | None = None) -> Region:
    """The region that a step edits. What the user pointed at overrides the phrase; no target is the whole picture.

    What is to be added has no region yet (`source` "none"): its editor finds the anchor. Text is found by its reader.
    """
    if user is not None:
        return user
    pixels = picture.picture if isinstance(picture, Scene) else picture
    height, width = pixels.shape[:2]
    if step.type is EditType.BACKGROUND_CHANGE:
        return ground(picture, "background", encoders)
    if step.type in (EditType.ADD, EditType.TEXTUAL_CHANGE):
        return Region(np.zeros((height, width), np.uint8), (), 0.0, str(step.target or ""), "none")
    if step.target is None:
        return whole(height, width)
    return ground(picture, step.target, encoders)


def find(scene: Scene, query: Query) -> tuple[list[Instance], float]:
    """The instances that a query means, and the score in [0, 1]."""
    if query.inverted:
        plain, score = find(scene, _plain(query))
        inverse = 1 - _union(scene, plain)
        return [Instance(np.asarray(inverse, np.float32), 0.0)], score
    meaning = lexicon().look(query.head)
    if meaning.kind == "part":
        owner, score = find(scene, query.anchor) if query.anchor else ([], 1.0)
        sight = find_part(scene, meaning.name, _union(scene, owner) if owner else None)
        return choose(scene, sight.found, _without_link(query), []), sight.presence * (1.0 if score >= SURE else 0.6)
    if meaning.kind == "person" and wears(query):
        sight = find_people(scene, query)
        return choose(scene, sight.found, replace(_without_link(query), colours=()), []), sight.presence
    anchors, doubt = _anchors(scene, query)
    if query.head in worn() and scene.people:
        owned = bool(anchors and anchors[0] and query.link == "of")
        dressed = find_clothing(scene, query, _union(scene, anchors[0]) if owned else None)
        if dressed.presence > SURE:
            return choose(scene, dressed.found, replace(_without_link(query), colours=()), []), dressed.presence * doubt
    sight = _sight(scene, meaning, query)
    if anchors and not anchors[0]:
        query = _without_link(query)
    chosen, score = _chosen(scene, meaning, query, sight, anchors)
    return chosen, float(score * doubt)


def _anchors(scene: Scene, query: Query) -> tuple[list[list[Instance]], float]:
    """What the query is related to, and how much less sure that makes it."""
    anchors: list[list[Instance]] = []
    doubt = 1.0
    for other in (query.anchor, query.second):
        if other is not None:
            found, score = find(scene, other)
            anchors.append(found)
            doubt = min(doubt, 0.6 + 0.4 * score if found else 0.8)
    return anchors, doubt


def _chosen(
    scene: Scene, meaning: Meaning, query: Query, sight: Sight, anchors: list[list[Instance]]
) -> tuple[list[Instance], float]:
    """Those of what was seen that are meant, and the score; where they have not the colour asked for, what has it."""
    chosen = choose(scene, sight.found, query, anchors)
    score = sight.presence * _colour_match(scene, chosen, query)
    if not query.colours or meaning.kind not in ("things", "unknown"):
        return chosen, score
    if query.several and (many := _all_alike(scene, query, chosen)):
        return choose(scene, many, query, anchors), max(score, 0.6)
    if query.head in STRUCTURES and len(chosen) == 1:
        chosen = [_whole_spot(scene, chosen[0], query)]
    pale = _colour_match(scene, chosen, query) < PALE
    if pale or score < SURE or float(_union(scene, chosen).mean()) > HUGE:
        spots = _by_colour(scene, meaning, query)
        if spots.presence > max(SURE, 0.7 * score):
            return choose(scene, spots.found, query, anchors), spots.presence
    return chosen, score


def _all_alike(scene: Scene, query: Query, chosen: list[Instance]) -> list[Instance]:
    """The spots of one colour and size, if there are clearly more of them than were found and some of those are among them: sweets, beads."""
    spots = find_tinted(scene, query, None).found
    if len(spots) < max(3, len(chosen) + 1):
        return []
    shared = [i for i in chosen if any(overlap(i.box, s.box) > 0.5 for s in spots)]
    return spots if 2 * len(shared) > len(chosen) - 1 and shared else []


def _whole_spot(scene: Scene, thing: Instance, query: Query) -> Instance:
    """The spot of its colour that a thing is but a part of."""
    for spot in find_tinted(scene, replace(query, places=("middle",), several=False), None).found:
        common = float(np.minimum(spot.mask, thing.mask).sum())
        if common > GROWS * thing.area and common < spot.area < SWELLS * common:
            return spot
    return thing


def _by_colour(scene: Scene, meaning: Meaning, query: Query) -> Sight:
    """What has the colour, if the noun says little; nothing if it is one that would have been seen."""
    evidence = seek(scene, meaning) if meaning.classes else None
    if kinds_of(query.head):
        return Sight([], 0.0)
    vague = query.several and bool(alike_kinds(query.head))
    if evidence is not None and meaning.exact and evidence.presence < ABSENT and not vague:
        return Sight([], 0.0)
    return find_tinted(scene, query, evidence.odds if evidence else None)


def _sight(scene: Scene, meaning: Meaning, query: Query) -> Sight:
    if meaning.kind == "stuff" and meaning.name == "foliage" and query.head in GROWN:
        if query.colours and (spots := find_tinted(scene, query, None)).presence > SURE:
            return spots
        if not query.colours and (plants := find_grown(scene, query)).presence > SURE:
            return plants
    if meaning.kind == "stuff":
        return _stuff_sight(scene, meaning.name, query)
    if meaning.kind == "person":
        return find_people(scene, query)
    if query.head in HEADS:
        cup = find_things(scene, lexicon().look("cup"), Query("cup"))
        return find_saucer(scene, query, _union(scene, cup.found), cup.presence)
    if meaning.kind == "things":
        return find_things(scene, meaning, query)
    return find_unnamed(scene, query)


def _stuff_sight(scene: Scene, name: str, query: Query) -> Sight:
    """Stuff is one region, however many parts it has; a place keeps the part that lies there."""
    vague = name in ("foreground", "background")
    belief, presence = find_stuff(scene, name)
    if name in LYING and (grown := find_grown(scene, Query("tree"))).presence > SURE:
        # What a tree is made of looks like what it stands on.
        belief = np.asarray(belief * (1 - scene.pieces.mean(grown.found[0].mask)), np.float32)
    if query.colours:
        odds = scene.pieces.mean(any_colour(scene.lab, query.colours))
        if vague:
            belief = settle(scene, np.asarray(2 * odds + 4 * (belief - 0.5), np.float32))
        else:
            belief = np.asarray(belief / (1 + np.exp(-2 * odds - 1)), np.float32)
    mask = matte(scene, belief)
    if vague and (query.selective or query.several):
        return Sight(separate(mask, mask, split=True), presence)
    for place in query.places:
        mask = mask * _half(scene, place)
    parts = separate(np.asarray(mask, np.float32), mask, split=False)
    if not parts:
        return Sight([], presence)
    return Sight([Instance(np.asarray(np.max([p.mask for p in parts], axis=0), np.float32), 1.0)], presence)


def _half(scene: Scene, place: str) -> Floats:
    height, width = scene.shape
    x, y = np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32)[:, None]
    shares = {"left": x < 0.5, "right": x > 0.5, "top": y < 0.5, "bottom": y > 0.5, "middle": np.abs(x - 0.5) < 0.25}
    return np.broadcast_to(shares.get(place, np.ones(1, bool)), (height, width)).astype(np.float32)


def _plain(query: Query) -> Query:
    return replace(query, inverted=False)


def _without_link(query: Query) -> Query:
    return replace(query, link=None, anchor=None, second=None)


def _union(scene: Scene, found: list[Instance]) -> Floats:
    if not found:
        return np.zeros(scene.shape, np.float32)
    return np.asarray(np.max([i.mask for i in found], axis=0), np.float32)


def _colour_match(scene: Scene, chosen: list[Instance], query: Query) -> float:
    """1 where the chosen have the colour that was asked for, down to 0.4 where they do not at all."""
    if not query.colours or not chosen:
        return 1.0
    solid = _union(scene, chosen) > 0.5
    share = float((any_colour(scene.lab, query.colours)[solid] > 0).mean()) if solid.any() else 0.0
    return 0.4 + 0.6 * min(1.0, share / 0.3)


def _region(scene: Scene, phrase: str, found: list[Instance], score: float) -> Region:
    height, width = scene.picture.shape[:2]
    mask = to_full(_union(scene, found), scene.picture)
    parts = np.zeros(scene.shape, np.uint8)
    for number, instance in enumerate(found[:255], 1):
        parts[instance.mask > 0.1] = number
    labels = np.asarray(cv2.resize(parts, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    if len(found) <= FINE:
        for number, instance in enumerate(found, 1):
            fine = sharpen(scene, instance)
            if fine.detail is not None:
                _inlay(mask, labels, fine.detail, number, scene.picture)
    labels[mask == 0] = 0
    boxes, kept = [], np.zeros(256, np.uint8)
    for number in range(1, min(len(found), 255) + 1):
        solid = (labels == number) & (mask > 127)
        if solid.any():
            boxes.append(box_of(solid))
            kept[number] = len(boxes)
    if not boxes:
        return absent(scene.picture, phrase, max(0.0, min(score, SURE - 0.01)))
    labels = kept[labels]
    mask[labels == 0] = 0
    return Region(mask, tuple(boxes), min(1.0, score), phrase, "phrase", labels)


def _inlay(mask: Array, labels: Array, detail: tuple[Box, Floats], number: int, picture: Array) -> None:
    """Replace an instance's coarse mask by the finer one of its window."""
    (x0, y0, x1, y1), fine = detail
    window = np.s_[y0:y1, x0:x1]
    own = labels[window] == number
    mask[window][own] = 0
    labels[window][own] = 0
    crisp = to_full(fine, picture[window])
    better = crisp > mask[window]
    labels[window][better] = number
    mask[window][better] = crisp[better]
