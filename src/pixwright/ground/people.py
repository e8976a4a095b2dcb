"""People and what they wear: whole persons by the segmenter, garments as bands of a person by the points of the body."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from pixwright.ground.colour import any_colour, bare_skin
from pixwright.ground.detections import area_of
from pixwright.ground.evidence import CLASSES, shown
from pixwright.ground.geometry import (
    TINY,
    Floats,
    calm,
    covered,
    fill_holes,
    large_parts,
    logistic,
    odd,
    softened,
    square,
)
from pixwright.ground.instance import Instance, Sight, union
from pixwright.ground.persons import Face, Person, hull, mesh
from pixwright.ground.persons.bodies import DRAWN, masks_of, rough
from pixwright.ground.persons.labelled import ZONES, worn_on
from pixwright.ground.persons.wearing import drawn, rather
from pixwright.ground.scene import Scene
from pixwright.ground.superpixels import settle
from pixwright.records.thing import Thing, Tie
from pixwright.words import NounEntry, lexicon

SHOULDERS, HIPS, KNEES, ANKLES = (11, 12), (23, 24), (25, 26), (27, 28)
"""BlazePose's points."""
VISIBLE = 0.5
"""Probability from which a point of the body can be seen."""
OWNER_COUNTS = 0.5
"""How much the score of a garment, or of a part, depends on that of whose it is said to be."""
CROWD = 0.4
"""Among several, a person must be so much as sure as the surest."""
TINTED = 0.25
"""Share of a garment that must have the colour asked for."""
PATTERN, PLAIN = 20.0, 0.6
"""Change of lightness and colour within a garment that makes it surely patterned, and what a plain one counts when a pattern was asked for."""
CUT_OFF = 0.995
"""A person whose box reaches so low has the feet outside of the picture."""
STANDING = (0.14, 0.5, 0.74, 0.92)
"""Chin, waist, knee and ankle of a standing person, as shares of the height (by artists' canon of seven and a half heads)."""
FACE_TALL = 0.1
"""Face of a standing person from forehead to chin, in heights of the person."""
TRUNK = 0.45
"""Of the square root of a body's area: how long a trunk is from which a pose is believed. The body network takes half a person for a small whole one."""
BROAD = 2.6
"""A standing person is so many times as tall as wide at least: a lower box that the picture's edge cuts holds no more than the upper part."""
BROW, CHEEKS, EYES, FACE_SIDES = (70, 105, 334, 300), (117, 346), (33, 133, 362, 263), (234, 454)
"""Points of the face's mesh."""
CHIN, FOREHEAD, UNDER_NOSE = 152, 10, 2
"""The lowest and the highest of them, and the one between nose and lip."""
DRESSED, LIKE_BEST = 0.12, 0.5
"""Merit from which somebody wears the garment asked for, at all and of what the best has."""
STRIPE = 0.1
"""Of a garment's width: what changes within that is a pattern."""
LEAST_STRIPE = 2.0
"""Pixels that a pattern takes at least."""
IN_OWNER = 0.4
"""Share of a person that lies on the outline of a garment's owner who is that person."""
ITSELF, SOMEBODY = 0.8, 0.7
"""Share of what is worn on a zone in all that the classifier sees of somebody without a face, from which it is a garment and nobody; and the score from which it is
somebody all the same, whose head the picture's edge cuts off."""
CLOTHED = 0.9
"""How sure it is that a person wears clothes."""
BARE, MOSTLY = 0.8, 0.5
"""Log-odds from which skin is bare, and the share of a zone from which what looks like skin is cloth."""
UNDER_CHIN, OVER_SHOULDER = 0.05, 0.35
"""From the chin to the shoulders in heights of the person; and from the shoulders up to the chin in distances of shoulder and nose."""
HEM, COLLAR, COLLAR_ROOM = 0.12, 0.35, 0.02
"""How far an upper garment goes below the waist, in lengths of the trunk; a collar below the shoulders, in lengths of the neck, which is at least so many
heights of the person."""
LENS, BESIDE_EYE = 0.55, 0.7
"""Half the height of glasses, in distances of cheeks and brow; and how far they go beyond an eye, in its width."""
JAW, SHAVEN = 1.1, 0.85
"""How much larger than the lower face a beard is; and the share of bare skin there from which there is none."""
HAIR = (0.3, 0.55, 0.05)
"""Head about a face, in the face's width and heights: at each side, above and below."""
HEAD, HEAD_HALF, HEAD_ABOVE = 0.17, 0.55, 0.03
"""Head of a standing person in heights of the person; half its width and what is above the box, in heights of the head."""
TINT_CLIP, TINT_BLUR, TINT = 2.0, 2.0, -0.3
"""A garment's colour: most log-odds of one pixel, pixels over which they are blurred, and from which a pixel is of it."""
NECK_FOLD = 0.015
"""Of the picture's longer side: folds of skin that are closed."""
NEARBY = 0.03
"""Share of the picture from which a person is looked at so closely that hair is told from clothes."""
THROAT, CHEST = (0.4, 0.4), (1.2, 1.6)
"""What is worn about the neck is seen so near to the face's middle and under the chin, in the face's width and height; and what is farther than the latter is the clothes'."""
BESIDE_CHIN = 0.3
"""How far, in heights of the face, it may go up beside the chin."""
NEAR_NECK = 1.5
"""Log-odds that what is right at the neck is worn about it, and against it at the end of that reach."""
ON_FACES = ("eyes", "chin", "lip")
"""Zones that are seen of whoever shows a face."""
NEVER = 1e-3
"""A share of colour that is next to none: it keeps the logarithm finite."""
FOLD, PATCH = 0.1, 0.15
"""Of the garment's width: folds of another colour that are closed; and of its largest part: smaller parts are none."""


def find_people(scene: Scene, thing: Thing) -> Sight:
    """Persons, surest first. A garment that they are said to wear, or their own colour, picks among them."""
    people = list(scene.people)
    if not people:
        return Sight()
    best = people[0].score
    people = [p for p in people if p.score > CROWD * best]
    # A place tells better than a face: half of one is seen of many who face away.
    if faces_away(thing) and not thing.places and any(p.face is None for p in people):
        people = [p for p in people if p.face is None]
    garment = worn_by(thing)
    if garment is not None:
        people = _dressed(scene, people, garment)
        people = people if thing.plural or thing.count else people[:1]
    single = not (thing.plural or thing.selective or thing.count or thing.every)
    if single and garment is None:
        people = sorted(people, key=lambda p: -p.score * area_of(p.box) ** 0.5)[:1]
    found = [Instance(m, p.score) for p, m in zip(people, masks_of(scene, people), strict=True) if (m > 0.5).any()]
    return Sight(tuple(found), max((i.score for i in found), default=0.0))


def faces_away(thing: Thing) -> bool:
    """Whether nobody's face is seen who is meant: "the man with his back to us", "the girl facing away"."""
    return "facing" in thing.states and "away" in thing.said


def worn_by(thing: Thing) -> Thing | None:
    """The garment that a person is picked by: "the man in the beige coat", "the woman in red", "the red person"."""
    if thing.link is not None and thing.link.tie in (Tie.WITH, Tie.INSIDE):
        other = thing.link.to[0]
        entry = lexicon().look(other.head)
        if (entry is not None and (entry.worn or entry.is_("wearable"))) or (other.head == "object" and other.colours):
            return other
    if thing.colours:
        return Thing(text=f"{thing.text}'s clothes", head="clothes", colours=thing.colours)
    return None


def _dressed(scene: Scene, people: list[Person], garment: Thing) -> list[Person]:
    """Those who wear the garment in its colours or pattern, best first; without either, those on whom it is seen best."""
    entry = lexicon().look(garment.head)
    zone = (entry.worn if entry else "") or "all"
    if not garment.colours and not patterned(garment):
        return _bearing(scene, people, zone)
    marks = []
    for person in people:
        band = zone_of(scene, person, rough(scene, person), zone)
        inside = band > 0.5
        share = 1.0
        if garment.colours:
            share = float((any_colour(scene.lab, garment.colours)[inside] > 0).mean()) if inside.any() else 0.0
        marks.append(share * (_pattern(scene, band) if patterned(garment) else 1.0))
    order = np.argsort([-m for m in marks], kind="stable")
    return [people[i] for i in order if marks[i] > max(DRESSED, LIKE_BEST * max(marks))]


def _bearing(scene: Scene, people: list[Person], zone: str) -> list[Person]:
    """Those on whom something is seen that is worn on a zone of the body, likeliest first: "the man with the hat". Everybody where that tells nobody from the others."""
    seen = [p for p in people if p.face is not None] if zone in ON_FACES else people
    told = rather(scene, seen, zone, [by_face(scene, p, zone) for p in seen]) if zone in ZONES else []
    return [seen[worn.person] for worn in told] or people


def patterned(thing: Thing) -> bool:
    """Whether a pattern was asked for."""
    return any(word in ("striped", "patterned", "checked", "spotted", "floral", "plaid") for word in thing.states)


def _pattern(scene: Scene, mask: Floats) -> float:
    """PLAIN to 1: how much lightness and colour change within a tenth of a garment's width."""
    inside = mask > 0.5
    if not inside.any():
        return PLAIN
    wide = max(LEAST_STRIPE, STRIPE * float(inside.sum()) ** 0.5)
    change = np.abs(scene.lab - calm(scene.lab, wide)).sum(2)
    return PLAIN + (1 - PLAIN) * float(np.clip(change[inside].mean() / PATTERN, 0, 1))


def find_worn(scene: Scene, entry: NounEntry, thing: Thing, owner: Sight | None) -> Sight:
    """What people wear, in the colour that was asked for; or their hair."""
    zone = entry.worn or entry.part
    best = max((p.score for p in scene.people), default=0.0)
    people = [p for p in scene.people[:DRAWN] if p.score > CROWD * best and not _is_worn(scene, p, zone)]
    if owner is not None and owner.found:
        whose = union(owner.found, scene.shape)
        people = [p for p in people if covered(rough(scene, p), whose) > IN_OWNER]
    if entry.is_("cosmetic"):
        return _made_up(scene, entry, people)
    return worn_in(scene, people, zone, thing) if people and zone in ZONES else Sight()


def owner_of(thing: Thing) -> Thing | None:
    """Whose it is, where the words say more than that it is somebody's: of the woman's red hat the hat tells better who is meant than a choice of the woman alone."""
    owner = thing.owner
    plain = owner is not None and lexicon().is_(owner.head, "person") and not (owner.selective or owner.colours or owner.parts or owner.owner)  # fmt: skip
    return None if plain else owner


def worn_in(scene: Scene, people: Sequence[Person], zone: str, thing: Thing) -> Sight:
    """What of these people is worn on a zone of the body, or is a part that the labeller knows: each person's; of one thing that nothing but its look picks, the likeliest alone."""
    shapes = [by_face(scene, person, zone) for person in people]
    odds = any_colour(scene.lab, thing.colours) if thing.colours else None
    one = not (thing.plural or thing.count or thing.every or thing.selective or thing.link)
    told = rather(scene, people, zone, shapes)
    if one and odds is None and not patterned(thing):
        told = told[:1]
    masks, looks, tones = [], [], []
    for worn in told:
        mask, look, tone = drawn(scene, people[worn.person], zone, worn.box, odds), 1.0, 0.0
        inside = mask > 0.5
        if odds is not None and inside.any():
            tone = float(np.clip(odds[inside], -TINT_CLIP, TINT_CLIP).mean())
            share = float((odds[inside] > 0).mean())
            look = min(1.0, share / TINTED)
            mask = mask if share > MOSTLY else _tinted(mask, odds)
        if patterned(thing):
            look *= _pattern(scene, mask)
        masks.append(mask)
        looks.append(look if (mask > 0.5).any() else 0.0)
        tones.append(tone)
    # Of several that may be meant the look tells which as well as the place does.
    likely = np.array(looks) * np.exp(
        [worn.merit - told[0].merit + tone for worn, tone in zip(told, tones, strict=True)]
    )
    among = likely / max(float(likely.sum()), TINY) if one else np.ones(len(told))
    found = [
        Instance(mask, (worn.meant if len(told) == 1 else worn.sure) * look * float(own))
        for worn, mask, look, own in zip(told, masks, looks, among, strict=True)
        if look > 0
    ]
    found.sort(key=lambda i: -i.score)
    found = found[:1] if one else found
    return Sight(tuple(found), found[0].score if found else 0.0)


def whose(worn: Sight, owner: Sight | None) -> float:
    """The score of what is worn: it is no surer than who it is."""
    sure = owner.score if owner is not None else 1.0
    return worn.score * (1 - OWNER_COUNTS + OWNER_COUNTS * sure)


def _is_worn(scene: Scene, person: Person, zone: str) -> bool:
    """Whether what was taken for somebody is what is worn itself: a boot by itself looks like a body to the network of bodies."""
    return person.face is None and person.score < SOMEBODY and shown(scene, person.box, _classes_of(zone)) > ITSELF


@lru_cache(maxsize=16)
def _classes_of(zone: str) -> Floats:
    """(1000,) in [0, 1]: the classifier's classes of whatever is worn on a zone of the body."""
    weights = np.zeros(CLASSES, np.float32)
    rows = (lexicon().entry(noun) for noun in lexicon().of_kind("wearable"))
    for index, weight in (pair for row in rows if row and row.exact and row.worn == zone for pair in row.imagenet):
        weights[index] = max(weights[index], weight)
    return weights


def _made_up(scene: Scene, entry: NounEntry, people: Sequence[Person]) -> Sight:
    """The part that a cosmetic is worn on."""
    from pixwright.ground.parts.person import parts_of_person

    parts = [parts_of_person(scene, entry.worn, p, body) or [] for p, body in zip(people, masks_of(scene, people), strict=True)]  # fmt: skip
    found = [
        Instance(union(some, scene.shape), CLOTHED * p.score, some[0].fades)
        for p, some in zip(people, parts, strict=True)
        if some
    ]
    return Sight(tuple(found), max((i.score for i in found), default=0.0))


def by_face(scene: Scene, person: Person, zone: str) -> Floats | None:
    """(h, w): where the points of somebody's face say that something is worn."""
    if person.face is None or zone not in (*ON_FACES, "neck"):
        return None
    if zone == "neck":
        return zone_of(scene, person, masks_of(scene, [person])[0], "neck")
    return _glasses(scene, person.face) if zone == "eyes" else _beard(scene, person)


def zone_of(scene: Scene, person: Person, body: Floats, zone: str) -> Floats:
    """(h, w) in [0, 1]: the band of a person's mask that a garment of this zone covers, without bare skin; about the neck of somebody near only what is worn there."""
    bands = _bands(scene, person, body)
    if zone not in bands or (zone == "feet" and person.box[3] > CUT_OFF):
        return np.zeros(scene.shape, np.float32)
    start, end = bands[zone]
    mask = body.copy()
    mask[: max(0, round(start))] = 0
    mask[max(0, round(end)) :] = 0
    if zone == "neck" and person.face is not None and area_of(person.box) > NEARBY:
        mask = _about_neck(scene, person, body)
    if zone == "feet":
        return mask
    bare = cv2.morphologyEx(bare_skin(scene.lab, BARE).astype(np.uint8), cv2.MORPH_OPEN, square())
    # The folds of a neck are in the shade.
    bare = cv2.morphologyEx(bare, cv2.MORPH_CLOSE, square(odd(NECK_FOLD * max(scene.shape)))) > 0
    # Beige clothes are no skin.
    if float((bare & (mask > 0.5)).sum()) < MOSTLY * float((mask > 0.5).sum()):
        mask = np.where(bare, 0, mask)
    return np.asarray(mask, np.float32)


def _about_neck(scene: Scene, person: Person, body: Floats) -> Floats:
    """(h, w) in [0, 1]: what of a person's clothes goes on from right under the chin, rather than from the shoulders and the chest: a scarf and not the coat."""
    assert person.face is not None, "a neck is told by the face"
    (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
    ys, xs = np.indices(scene.shape, np.float32)
    across, down = np.abs(xs - (x0 + x1) / 2) / float(x1 - x0), (ys - y1) / float(y1 - y0)
    face = hull(person.face.points[mesh()["face"]], scene.shape) > 0.5
    bare = bare_skin(scene.lab, BARE) | face | (worn_on(scene, person, "hair")[0] > 0.5)
    clothes = (body > 0.5) & (down > -BESIDE_CHIN) & ((down > 0) | (across > THROAT[0])) & ~bare
    under = clothes & (across < THROAT[0]) & (down < THROAT[1])
    other = clothes & ((across > CHEST[0]) | (down > CHEST[1]))
    pieces = scene.pieces
    weights = [pieces.area * pieces.mean(part.astype(np.float32)) for part in (under, other)]
    if min(float(weight.sum()) for weight in weights) == 0:
        return np.asarray(under, np.float32)
    near, far = (np.log(pieces.alike @ (weight / weight.sum()) + NEVER) for weight in weights)
    away = pieces.mean(np.maximum(across / CHEST[0], down / CHEST[1]).astype(np.float32))
    odds = near - far + NEAR_NECK * (1 - 2 * np.clip(away, 0, 1))
    likely = pieces.paint(np.asarray(logistic(odds), np.float32)) * clothes * ~other
    belief = settle(pieces, pieces.mean(np.asarray(np.where(under, 1, likely), np.float32)))
    found = large_parts(np.asarray(softened(pieces.paint(belief)) * clothes, np.float32), 1, PATCH)
    return np.asarray(under, np.float32) if found is None else fill_holes(found)


def _bands(scene: Scene, person: Person, body: Floats) -> dict[str, tuple[float, float]]:
    """Zone of the body -> first and last row: by the points that can be seen, else by a standing person's proportions."""
    height, width = scene.shape
    x0, y0, x1, y1 = person.box
    top, tall = y0 * height, (y1 - y0) * height
    if y1 > CUT_OFF:
        tall = max(tall, BROAD * (x1 - x0) * width)
    down = top
    if person.face is not None:
        tall = float(np.ptp(person.face.points[[FOREHEAD, CHIN], 1])) / FACE_TALL
        down = float(person.face.points[CHIN, 1]) - STANDING[0] * tall
    chin, waist, knee, foot = (down + share * tall for share in STANDING)
    shoulder = chin + UNDER_CHIN * tall
    if person.points is not None and _posed(person.points, body):
        points = person.points
        if points[list(SHOULDERS), 2].min() > VISIBLE:
            shoulder = float(points[list(SHOULDERS), 1].mean())
            if person.face is None:
                chin = shoulder - OVER_SHOULDER * max(0.0, shoulder - float(points[0, 1]))
        waist, knee, foot = (
            float(points[list(pair), 1].mean()) if points[list(pair), 2].min() > VISIBLE else value
            for pair, value in ((HIPS, waist), (KNEES, knee), (ANKLES, foot))
        )
    return {
        "upper": (chin, waist + HEM * (waist - chin)),
        "over": (chin, waist + HEM * (waist - chin)),
        "neck": (chin, shoulder + COLLAR * max(shoulder - chin, COLLAR_ROOM * tall)),
        "coat": (chin, 0.5 * (waist + knee) if knee > waist else waist),
        "lower": (waist, foot),
        "feet": (foot, height),
        "all": (chin, height),
    }


def _posed(points: Floats, body: Floats) -> bool:
    """Whether the points of a body fit its outline (h, w)."""
    trunk = points[list(SHOULDERS), :2].mean(0) - points[list(HIPS), :2].mean(0)
    return bool(np.hypot(*trunk) > TRUNK * float((body > 0.5).sum()) ** 0.5)


def _glasses(scene: Scene, face: Face) -> Floats:
    """(h, w): the band over the eyes that glasses cover."""
    out, points = np.zeros(scene.shape, np.float32), face.points
    first, inner, other, last = (points[i] for i in EYES)
    start, end = first + BESIDE_EYE * (first - inner), last + BESIDE_EYE * (last - other)
    half = LENS * float(points[list(CHEEKS), 1].mean() - points[list(BROW)[:2], 1].mean())
    along = (end - start) / max(float(np.hypot(*(end - start))), TINY)
    down = half * np.array([-along[1], along[0]])
    corners = np.array([start - down, end - down, end + down, start + down])
    cv2.fillConvexPoly(out, np.round(corners).astype(np.int32), 1.0)
    return out


def _beard(scene: Scene, person: Person) -> Floats:
    """(h, w): the lower face, under the nose; nothing without a face, and where it is bare."""
    out = np.zeros(scene.shape, np.float32)
    if person.face is None:
        return out
    points = person.face.points
    lower = points[points[:, 1] > points[UNDER_NOSE, 1]]
    jaw = lower.mean(0) + JAW * (lower - lower.mean(0))
    cv2.fillConvexPoly(out, cv2.convexHull(np.round(jaw).astype(np.int32)), 1.0)
    inside = out > 0.5
    shaven = not inside.any() or float(bare_skin(scene.lab, BARE)[inside].mean()) > SHAVEN
    return np.zeros(scene.shape, np.float32) if shaven else out


def head_box(scene: Scene, person: Person) -> tuple[int, int, int, int]:
    """XYXY in the small picture: the head with hair or hat."""
    height, width = scene.shape
    if person.face is not None:
        (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
        w, h = x1 - x0, y1 - y0
        aside, above, below = HAIR
        box = x0 - aside * w, y0 - above * h, x1 + aside * w, y1 + below * h
    else:
        x0, y0, x1, y1 = (v * side for v, side in zip(person.box, (width, height) * 2, strict=True))
        tall = HEAD * (y1 - y0)
        middle = float(person.points[0, 0]) if person.points is not None else (x0 + x1) / 2
        box = middle - HEAD_HALF * tall, y0 - HEAD_ABOVE * tall, middle + HEAD_HALF * tall, y0 + tall
    a, b, c, d = (round(float(v)) for v in box)
    return max(0, a), max(0, b), min(width, max(c, a + 1)), min(height, max(d, b + 1))


def _tinted(mask: Floats, odds: Floats) -> Floats:
    """The part of a garment's zone that has its colour, holes and folds closed."""
    tinted = calm(np.clip(odds, -TINT_CLIP, TINT_CLIP), TINT_BLUR) > TINT
    part = (tinted & (mask > 0.5)).astype(np.uint8)
    part = cv2.morphologyEx(part, cv2.MORPH_CLOSE, square(odd(FOLD * float(mask.sum()) ** 0.5)))
    part = cv2.morphologyEx(part, cv2.MORPH_OPEN, square())
    whole = large_parts(part.astype(np.float32), 1, PATCH)
    return np.zeros_like(mask) if whole is None else np.asarray(np.minimum(softened(whole), mask), np.float32)
