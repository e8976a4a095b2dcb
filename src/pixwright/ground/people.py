"""People, what they wear, and the parts of their faces and bodies, from the points that the networks give."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.cutting import cut_out
from pixwright.ground.evidence import contest
from pixwright.ground.folk import Face, Person
from pixwright.ground.geometry import Floats
from pixwright.ground.instances import Instance
from pixwright.ground.lexicon import Meaning, lexicon
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.ground.segment import guided
from pixwright.ground.things import Sight

NOSE, EARS, SHOULDERS, WRISTS, HIPS, KNEES, ANKLES = (0,), (7, 8), (11, 12), (15, 16), (23, 24), (25, 26), (27, 28)
"""BlazePose's points."""
VISIBLE = 0.5
CROWD = 0.4
"""Among several, a person must be so much as sure as the surest."""
PATTERNED = frozenset(["striped", "patterned", "checkered", "checked", "plaid", "spotted", "floral", "dotted"])
HIDDEN = 0.32
"""Share of a face's width between nose and edge below which the ear on that side cannot be seen."""
TINTED = 0.25
"""Share of a garment that must have the colour asked for."""


@lru_cache(maxsize=1)
def anatomy() -> dict[str, dict[str, list[int]]]:
    """`mesh`: the points of a face's parts; `worn`: zone -> nouns of what covers it."""
    read: dict[str, dict[str, list[int]]] = json.loads(
        files("pixwright.ground").joinpath("people.json").read_text("utf-8")
    )
    return read


@lru_cache(maxsize=1)
def worn() -> dict[str, str]:
    """Noun of a garment -> zone of the body."""
    return {str(noun): zone for zone, nouns in anatomy()["worn"].items() for noun in nouns}


def masks_of(scene: Scene, people: list[Person]) -> list[Instance]:
    """Each person cut out."""
    return cut_out(scene, [p.named for p in people], [p.outline for p in people])


def find_people(scene: Scene, query: Query) -> Sight:
    """Persons. A garment that they are said to wear, or their own colour, picks among them."""
    people = list(scene.people)
    if not people:
        return Sight([], 0.1)
    best = people[0].named.score
    people = [p for p in people if p.named.score > CROWD * best]
    single = not (query.several or query.places or query.order or query.rank or query.count)
    if wears(query) and query.anchor is not None:
        people = _dressed(scene, people, query.anchor)[: 1 if single else None]
    elif query.colours:
        people = _dressed(scene, people, replace(query, head="clothes"))[: 1 if single else None]
    if not people:
        return Sight([], 0.3)
    if single and not query.link:
        people = [max(people, key=lambda p: p.named.score * _size(p) ** 0.5)]
    return Sight(masks_of(scene, people), best)


def wears(query: Query) -> bool:
    """Whether the phrase says what somebody wears: "the man in the beige coat", "the woman in red"."""
    what = query.anchor if query.link in ("inside", "with") else None
    return what is not None and (what.head in worn() or (what.head == "object" and bool(what.colours)))


def _size(person: Person) -> float:
    x0, y0, x1, y1 = person.named.box
    return (x1 - x0) * (y1 - y0)


def _dressed(scene: Scene, people: list[Person], query: Query) -> list[Person]:
    """Those who wear the garment in its colours, best first; without a colour, everybody."""
    patterned = bool(set(query.adjectives) & PATTERNED)
    if not query.colours and not patterned:
        return people
    odds = any_colour(scene.lab, query.colours) > 0 if query.colours else np.ones(scene.shape, bool)
    marks = []
    for person in people:
        worn_here = garment(scene, person, rough(scene, person), worn().get(query.head, "all"))
        zone = worn_here > 0.5
        mark = float(odds[zone].mean()) if zone.any() else 0.0
        marks.append(mark * (_patterned(scene, worn_here) - 0.5) if patterned else mark)
    order = np.argsort([-m for m in marks], kind="stable")
    return [people[i] for i in order if marks[i] > max(0.12, 0.5 * max(marks))]


def rough(scene: Scene, person: Person) -> Floats:
    """(h, w) in [0, 1]: about where a person is, without cutting: the outline, or the middle of the box."""
    if person.outline is not None:
        return person.outline
    height, width = scene.shape
    x0, y0, x1, y1 = person.named.box
    out = np.zeros(scene.shape, np.float32)
    third = (x1 - x0) / 5
    out[int(y0 * height) : int(y1 * height) + 1, int((x0 + third) * width) : int((x1 - third) * width) + 1] = 1
    return out


def find_clothing(scene: Scene, query: Query, owner: Floats | None) -> Sight:
    """What people wear: the zone of the body that the garment covers, without skin, in the colour that was asked for."""
    zone = worn()[query.head]
    people = [p for p in scene.people if owner is None or _inside(scene, p, owner)]
    found: list[tuple[float, Instance]] = []
    odds = any_colour(scene.lab, query.colours) if query.colours else None
    for person, body in zip(people[:8], masks_of(scene, people[:8]), strict=True):
        if zone in ("head", "eyes"):
            mask, sure = _headwear(scene, person, body.mask, zone, query)
        else:
            mask, sure = garment(scene, person, body.mask, zone), 0.9
        inside = mask > 0.5
        if not inside.any():
            continue
        match = 1.0
        if odds is not None:
            match = min(1.0, float((odds[inside] > 0).mean()) / TINTED)
            mask = _tinted(scene, mask, odds)
        if set(query.adjectives) & PATTERNED:
            match *= _patterned(scene, mask)
        found.append((person.named.score * sure * match, Instance(mask, match)))
    if not found:
        return Sight([], 0.1)
    found.sort(key=lambda pair: -pair[0])
    best = found[0][0]
    return Sight([i for mark, i in found if mark > 0.6 * best and (i.mask > 0.5).any()], best)


def _patterned(scene: Scene, mask: Floats) -> float:
    """0.6 to 1: how much a garment's lightness and colour change over a tenth of its width."""
    inside = mask > 0.5
    wide = max(2.0, 0.1 * float(inside.sum()) ** 0.5)
    change = np.abs(scene.lab - cv2.GaussianBlur(scene.lab, (0, 0), wide)).sum(2)
    return 0.6 + 0.4 * float(np.clip(change[inside].mean() / 20, 0, 1)) if inside.any() else 0.6


def _inside(scene: Scene, person: Person, owner: Floats) -> bool:
    height, width = scene.shape
    x0, y0, x1, y1 = person.named.box
    part = owner[int(y0 * height) : int(y1 * height) + 1, int(x0 * width) : int(x1 * width) + 1]
    return bool(part.sum() > 0.6 * owner.sum() and part.mean() > 0.25)


def _tinted(scene: Scene, mask: Floats, odds: Floats) -> Floats:
    """The part of a garment's zone that has its colour, holes and folds closed."""
    calm = cv2.GaussianBlur(np.clip(odds, -2, 2), (0, 0), 2)
    part = ((calm > -0.3) & (mask > 0.5)).astype(np.uint8)
    wide = max(3, round(0.1 * float(mask.sum()) ** 0.5)) | 1
    part = cv2.morphologyEx(part, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    part = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part)
    if count < 2:
        return np.zeros_like(mask)
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    kept = (area > 0.15 * area.max())[labels].astype(np.float32)
    return np.minimum(guided(scene.small, kept, 3, 1e-4), mask)


def garment(scene: Scene, person: Person, body: Floats, zone: str) -> Floats:
    """(h, w) in [0, 1]: the band of a person's mask that a garment of this zone covers, without face and bare skin."""
    bands = _bands(scene, person)
    start, end = bands.get(zone, bands["all"])
    mask = body.copy()
    mask[: max(0, round(start))] = 0
    mask[max(0, round(end)) :] = 0
    if zone != "feet":
        bare = cv2.GaussianBlur(skin_odds(scene), (0, 0), 1.5) > 0.8
        bare = cv2.morphologyEx(bare.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
        if float((bare & (mask > 0.5)).sum()) < 0.5 * float((mask > 0.5).sum()):
            mask = np.where(bare, 0, mask)
    return np.asarray(mask, np.float32)


def _bands(scene: Scene, person: Person) -> dict[str, tuple[float, float]]:
    """Zone of the body -> first and last row: by the points that can be seen, else by a standing person's proportions."""
    height, width = scene.shape
    x0, y0, x1, y1 = person.named.box
    top, bottom = y0 * height, y1 * height
    chin, waist, knee, foot = (top + share * (bottom - top) for share in (0.14, 0.5, 0.74, 0.92))
    if person.points is not None:
        points = person.points
        if points[list(SHOULDERS), 2].min() > VISIBLE:
            shoulder = float(points[list(SHOULDERS), 1].mean())
            chin = shoulder - 0.35 * max(0.0, shoulder - float(points[0, 1]))
        waist, knee, foot = (
            float(points[list(pair), 1].mean()) if points[list(pair), 2].min() > VISIBLE else value
            for pair, value in ((HIPS, waist), (KNEES, knee), (ANKLES, foot))
        )
    if person.face is not None:
        chin = float(person.face.points[152, 1])
        if person.points is None or person.points[list(HIPS), 2].min() <= VISIBLE:
            waist = knee = foot = height
    return {
        "upper": (chin, waist + 0.12 * (waist - chin)),
        "coat": (chin, 0.5 * (waist + knee) if knee > waist else waist),
        "lower": (waist, foot),
        "feet": (foot, height),
        "all": (chin, height),
    }


def _headwear(scene: Scene, person: Person, body: Floats, zone: str, query: Query) -> tuple[Floats, float]:
    """Hats and glasses: where they must be, and whether the classifier sees one there."""
    height, width = scene.shape
    out = np.zeros(scene.shape, np.float32)
    box = head_box(scene, person)
    x0, y0, x1, y1 = box
    meaning = lexicon().look(query.head)
    seen = _recognised(scene, (x0 / width, y0 / height, x1 / width, y1 / height), meaning)
    if zone == "eyes":
        if person.face is None:
            return out, 0.0
        points = person.face.points
        left, right = (round(float(v)) for v in np.sort(points[[234, 454], 0]))
        middle = float(points[[33, 133, 362, 263], 1].mean())
        half = 0.45 * float(points[[117, 346], 1].mean() - points[[70, 300], 1].mean())
        cv2.rectangle(out, (left, round(middle - half)), (right, round(middle + half)), 1.0, -1)
        return out, seen
    brow = y0 + 0.42 * (y1 - y0)
    if person.face is not None:
        brow = float(person.face.points[[70, 105, 334, 300], 1].mean())
        tall = float(np.ptp(person.face.points[:, 1]))
        y0 = max(0, int(brow - 1.1 * tall))
    out[max(0, y0) : max(0, round(brow)), max(0, x0) : x1] = body[max(0, y0) : max(0, round(brow)), max(0, x0) : x1]
    return out, seen


def _recognised(scene: Scene, box: tuple[float, float, float, float], meaning: Meaning) -> float:
    """0 to 1: whether the classifier sees the noun's classes about a head. Of a hat on a head it sees the head as well, so that little is enough."""
    tall, wide = scene.picture.shape[:2]
    left, top = max(0, int(box[0] * wide)), max(0, int(box[1] * tall))
    crop = scene.picture[top : int(box[3] * tall) + 1, left : int(box[2] * wide) + 1]
    if not meaning.classes or min(crop.shape[:2]) < 2:
        return 0.0
    encoder = scene.encoders.picture
    logits = encoder.logits(encoder.features(crop, 224))
    odds = float(contest(np.exp(logits - logits.max())[None, None], meaning.weights())[0, 0])
    return float((1 / (1 + np.exp(-0.8 * (odds + 2.0)))) ** 0.4)


def head_box(scene: Scene, person: Person) -> tuple[int, int, int, int]:
    """XYXY in the small picture: the head with hair or hat."""
    height, width = scene.shape
    if person.face is not None:
        (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
        w, h = x1 - x0, y1 - y0
        box = x0 - 0.3 * w, y0 - 0.55 * h, x1 + 0.3 * w, y1 + 0.05 * h
    else:
        x0, y0, x1, y1 = (v * side for v, side in zip(person.named.box, (width, height) * 2, strict=True))
        tall = 0.17 * (y1 - y0)
        middle = (x0 + x1) / 2
        if person.points is not None:
            middle = float(person.points[0, 0])
        box = middle - 0.55 * tall, y0 - 0.03 * tall, middle + 0.55 * tall, y0 + tall
    a, b, c, d = (round(float(v)) for v in box)
    return max(0, a), max(0, b), min(width, max(c, a + 1)), min(height, max(d, b + 1))


def skin_odds(scene: Scene) -> Floats:
    """(h, w) log-odds that a pixel is human skin, by CIE Lab hue and chroma; light hardly matters."""
    light, a, b = np.moveaxis(scene.lab, -1, 0)
    hue = np.degrees(np.arctan2(b, a))
    chroma = np.hypot(a, b)
    odds = 2.0 - np.abs(hue - 50) / 11 - np.maximum(9 - chroma, 0) / 2 - np.maximum(chroma - 38, 0) / 5
    return np.asarray(odds - np.maximum(32 - light, 0) / 8, np.float32)


def hull(scene: Scene, points: Floats) -> Floats:
    """(h, w): the convex hull of points, with a soft rim."""
    out = np.zeros(scene.shape, np.uint8)
    shape = cv2.convexHull(np.round(points * 8).astype(np.int32))
    cv2.fillConvexPoly(out, shape, 255, cv2.LINE_AA, 3)
    return np.asarray(out / 255, np.float32)


def face_parts(scene: Scene, name: str, within: Floats | None) -> Sight:
    """Face, eyes, nose, mouth, brows or glasses' place of every person, of the owner's alone if one is given."""
    mesh = anatomy()["mesh"]
    found, best = [], 0.0
    for face in faces(scene, within):
        if name == "ear":
            found += [Instance(ear, 4 * face.score) for ear in _ears(scene, face)]
            best = max(best, 0.8 * face.score if found else 0.1)
            continue
        for key in (
            ("left eye", "right eye") if name == "eye" else ("left brow", "right brow") if name == "brow" else (name,)
        ):
            points = face.points[mesh[key]]
            if name == "eye":
                points = points.mean(0) + 1.25 * (points - points.mean(0))
            found.append(Instance(hull(scene, points), 4 * face.score))
        best = max(best, face.score)
    return Sight(found, best)


def _ears(scene: Scene, face: Face) -> list[Floats]:
    """Beside the cheeks between brow and mouth, on the sides that are turned to the viewer; hair over them is left out."""
    points = face.points
    wide = float(np.hypot(*(points[454] - points[234]))) + 1e-3
    down = points[152] - points[10]
    bare = cv2.GaussianBlur(skin_odds(scene), (0, 0), 1.5) > -0.5
    out = []
    for edge, away in ((234, -1.0), (454, 1.0)):
        turned = abs(float(points[edge, 0] - points[1, 0])) / wide
        if turned < HIDDEN:
            continue
        half = wide * (0.06 + 0.18 * (turned - HIDDEN))
        along = (points[454] - points[234]) / wide
        middle = points[edge] + away * along * half * 0.7 + 0.07 * down
        spot = np.zeros(scene.shape, np.float32)
        axes = max(1, round(half)), max(1, round(0.17 * float(np.hypot(*down))))
        tilt = float(np.degrees(np.arctan2(along[1], along[0])))
        cv2.ellipse(spot, (round(float(middle[0])), round(float(middle[1]))), axes, tilt, 0, 360, 1.0, -1, cv2.LINE_AA)
        if float(bare[spot > 0.5].mean() if (spot > 0.5).any() else 0) > 0.3:
            out.append(spot)
    return out


def faces(scene: Scene, within: Floats | None) -> list[Face]:
    """The faces, largest first, that lie on the owner's mask if one is given."""
    seen = [p.face for p in scene.people if p.face is not None]
    seen = [f for f in seen if within is None or _covered(hull(scene, f.points), within) > 0.4]
    return sorted(seen, key=lambda f: -float(np.ptp(f.points[:, 1])))


def _covered(part: Floats, whole: Floats) -> float:
    return float(np.minimum(part, whole).sum() / max(float(part.sum()), 1.0))


def face_region(scene: Scene, within: Floats | None) -> tuple[Floats, float] | None:
    """(soft mask, score) of the largest face, within an owner if one is given."""
    for face in faces(scene, within):
        return hull(scene, face.points[anatomy()["mesh"]["face"]]), face.score
    return None


def face_window(mask: NDArray[np.bool_], box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The face's box widened to the head: hair above and beside."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    return x0 - round(0.3 * w), y0 - round(0.45 * h), x1 + round(0.3 * w), y1 + round(0.12 * h)
