"""A picture and a thing to a `Region`: candidates with the noun, each one's outline, those that the words mean, their rim at full size."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.ground.anything import find_anything
from pixwright.ground.choose import choose
from pixwright.ground.colour import any_colour
from pixwright.ground.detections import overlap
from pixwright.ground.fitted.completing import completed
from pixwright.ground.geometry import SOLID, Floats, covered, parts_of, square
from pixwright.ground.instance import Instance, Sight, union
from pixwright.ground.inventory import lying_on
from pixwright.ground.marks import find_before_sky, find_drawn, find_marks, with_small_ones
from pixwright.ground.parts import find_lettering, find_part
from pixwright.ground.people import find_people, find_worn, owner_of, whose, worn_by
from pixwright.ground.persons.labelled import HAIR
from pixwright.ground.persons.wearing import as_worn
from pixwright.ground.pulled import find_pulled
from pixwright.ground.rim import before_backdrop, faded, full_size
from pixwright.ground.scene import Scene, see
from pixwright.ground.stuff import find_filling, find_stuff
from pixwright.ground.things import Anchors, find_things
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, box_of, whole
from pixwright.records.thing import Thing, Tie
from pixwright.records.vocabulary import SHADOW
from pixwright.words import NounEntry, lexicon, read
from pixwright.words.lettering import is_lettering
from pixwright.words.marking import is_mark

SURE = 0.36
"""A lower score abstains."""
MISSED = 0.1
"""Highest score of what has no outline."""
ANCHORED, UNANCHORED = 0.4, 0.8
"""How much the score of what a thing is related to counts, and what is left of the thing's own where that was not found."""
SHARED = 0.5
"""Share of a thing that lies on what is spared from which it is that."""
BELIEVED = 0.6
"""A pulled network's boxes have passed its own thresholds; of them at least this share must be left after doubts of colour and relation."""
AGAINST = 0.5
"""Calibrated score that the embedded finder needs for what a pulled one does not see."""
BUILT = 0.7
"""A building is rather the surface that buildings are seen as, if that is so much as sure as what stands out."""
WEAK = 0.35
"""A thing that is found no better than this may rather be a surface."""
TOP = 0.1
"""Share of a thing that must lie on the surface that its kind is seen as, for it to be one of that kind: a cup on a table has none of it."""
HELD, PIECE_OF = 0.7, 0.65
"""Share of a region within what stands out, and the most of that which it may be, for the region to be a piece of it."""
ANYTHING, BEHIND = "foreground", "background"
"""What a noun for whatever there is ("thing", "object") is seen as; and what is all but that."""
CLUMPS = "foliage"
"""The surface that stands in pieces, each of which is a tree or a bush."""
SPECK = 0.002
"""Share of the picture that one of several parts of a surface has at least."""
SOMEBODY, DRESSES = 0.7, "all"
"""Intersection over union with a person's box from which a thing is that person; and the zone of what dresses all of a body."""
WORN = 0.5
"""A garment that is worn with such a score is not looked for elsewhere."""


def ground(picture: Array | Scene, thing: Thing | str, encoders: Encoders) -> Region:
    """Where a thing is in a picture (HxWx3 uint8, or a `Scene` that `see` made, which spares looking again).

    Conjuncts ("the cat and the dog") are united. Below `SURE` the region is empty and `note` says what to do.
    """
    scene = picture if isinstance(picture, Scene) else see(picture, encoders)
    thing = read(thing)
    if thing.whole:
        return whole(*scene.picture.shape[:2])

    def bearing(bearer: Thing) -> Region:
        return ground(scene, bearer, encoders)

    drawn = find_drawn(scene, thing)
    if drawn is not None:
        return drawn
    written = _lettering(scene, thing) if is_lettering(thing) else None
    if written is not None and written.found:
        return written
    marks = find_marks(scene, thing, bearing) if is_mark(thing) else None
    if marks is not None and marks.score >= SURE:
        return marks
    if written is not None:
        return written
    sights = [find(scene, part) for part in thing.parts or (thing,)]
    missing = next((s for s in sights if not s.found or (s.score < SURE and not s.by)), None)
    if missing is not None:
        small = find_before_sky(scene, thing, bearing, missing.score)
        if small is not None:
            return small
        return absent(
            scene.picture, thing, missing.score if missing.found else min(missing.score, MISSED), missing.guess
        )
    guess = next((s.guess for s in sights if s.guess), "")
    region = _region(scene, thing, [i for s in sights for i in s.found], min(s.score for s in sights), guess)
    region = _before_backdrop(scene, thing, region)
    return with_small_ones(scene, thing, replace(region, by=_by(sights)), bearing)


def _before_backdrop(scene: Scene, thing: Thing, region: Region) -> Region:
    """The region of all that stands out, or of all that does not, as a plain backdrop tells it."""
    if not region.found or thing.name not in (ANYTHING, BEHIND) or thing.selective or thing.plural:
        return region
    mask = before_backdrop(region.mask, scene.picture, scene.standing_out, thing.name == BEHIND)
    solid = mask > SOLID
    if not solid.any():
        return region
    return replace(region, mask=mask, boxes=(box_of(solid),), labels=(mask > 0).astype(np.uint8))


def _lettering(scene: Scene, thing: Thing) -> Region:
    """Where something is written: what can be read is there, and all of its ink is meant."""
    reader = scene.encoders.reader
    ink, boxes, score = find_lettering(
        scene.picture, thing, reader, lambda bearer: ground(scene, bearer, scene.encoders)
    )
    if not boxes:
        return absent(scene.picture, thing, MISSED, "nothing can be read there")
    return Region(ink, boxes, score, str(thing), "phrase", exact=True)


def absent(picture: Array, thing: Thing, score: float, why: str = "") -> Region:
    """The region of what was not found."""
    reason = f"{why}; " if why else ""
    note = f'"{thing}" not found (score {score:.2f}); {reason}point at it with --point X,Y or --box X0,Y0,X1,Y1'
    return Region(np.zeros(picture.shape[:2], np.uint8), (), score, str(thing), "phrase", None, note)


def ground_step(picture: Array | Scene, step: Step, encoders: Encoders, user: Region | None = None) -> Region:
    """The region that a step edits. What the user pointed at overrides the words; no target is the whole picture.

    What is to be added has no region yet (`source` "none"): its editor finds the anchor. Text is found by its reader. Of a shadow that goes it is what casts it.
    """
    if user is not None:
        return user
    pixels = picture.picture if isinstance(picture, Scene) else picture
    if step.type is EditType.BACKGROUND_CHANGE:
        subject = ground(picture, step.target, encoders) if step.target else None
        return subject if subject is not None and subject.found else ground(picture, "background", encoders)
    if step.type in (EditType.ADD, EditType.TEXTUAL_CHANGE):
        return Region(np.zeros(pixels.shape[:2], np.uint8), (), 0.0, str(step.target or ""), "none")
    if step.target is None:
        return whole(*pixels.shape[:2])
    if step.type is EditType.REMOVE and step.target.head == SHADOW and not encoders.parts.has("ground"):
        if step.target.owner is None:
            return absent(
                pixels, step.target, 0.0, 'a shadow is looked for beside what casts it, as "the man\'s shadow"'
            )
        return ground(picture, step.target.owner, encoders)
    if step.reframes and step.target.parts:
        return _those_found(picture, step.target, encoders)
    if step.type in (EditType.COLOR_ALTER, EditType.MATERIAL_CHANGE):
        scene = picture if isinstance(picture, Scene) else see(picture, encoders)
        return _all_of_it(scene, step.target, ground(scene, step.target, encoders))
    return ground(picture, step.target, encoders)


def _all_of_it(scene: Scene, thing: Thing, region: Region) -> Region:
    """The region of one thing or surface, completed: a new colour or material shows every piece that its outline misses."""
    entry = known(thing)
    if (
        not region.found
        or region.by
        or region.exact
        or len(region.boxes) > 1
        or entry is None
        or entry.part
        or entry.is_("cosmetic")
        or entry.stuff in (ANYTHING, BEHIND)
    ):
        return region
    height, width = scene.picture.shape[:2]
    small = cv2.resize(region.mask, scene.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(
        255
    )
    x0, y0, x1, y1 = region.boxes[0]
    found = completed(scene, small, (x0 / width, y0 / height, x1 / width, y1 / height), region.score)
    if found is None:
        return region
    whole, changed = found
    near = cv2.resize(cv2.dilate(changed, square()), (width, height), interpolation=cv2.INTER_LINEAR) > 0
    mask = np.asarray(np.where(near, full_size(whole, scene.picture), region.mask), np.uint8)
    solid = mask > SOLID
    return (
        replace(region, mask=mask, boxes=(box_of(solid),), labels=(mask > 0).astype(np.uint8))
        if solid.any()
        else region
    )


def _those_found(picture: Array | Scene, thing: Thing, encoders: Encoders) -> Region:
    """Of several things that a frame shall hold those that are there; the others are told."""
    scene = picture if isinstance(picture, Scene) else see(picture, encoders)
    sights = [find(scene, part) for part in thing.parts]
    there = [sight for sight in sights if sight.found and (sight.score >= SURE or sight.by)]
    if not there:
        return absent(scene.picture, thing, max(min(sight.score, MISSED) for sight in sights))
    missing = [str(part) for part, sight in zip(thing.parts, sights, strict=True) if sight not in there]
    told = [f'"{name}" was not found' for name in missing] + [sight.guess for sight in there if sight.guess]
    found = [instance for sight in there for instance in sight.found]
    return replace(_region(scene, thing, found, min(sight.score for sight in there), "; ".join(told)), by=_by(there))


def nowhere(picture: Array, thing: Thing | None) -> Region:
    """The region where nothing else is meant."""
    return Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, str(thing or ""), "none")


def ground_other(scene: Scene, step: Step, besides: Region) -> Region:
    """What else the step's target may be, if `besides` was not it: all of what stands out there, where that was a piece of it; else the next candidate.

    Nothing is found where the user pointed, where several are meant, where the words pick one among several (the chair that is left besides the right one is the
    left one), and where there is no other.
    """
    thing = step.target
    if (
        thing is None
        or thing.parts
        or thing.all_but
        or thing.plural
        or thing.picks
        or thing.owner
        or besides.source != "phrase"
    ):
        return nowhere(scene.picture, thing)
    entry = known(thing)
    taken = cv2.resize(besides.mask, scene.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    if entry is not None and (entry.part or entry.stuff or entry.worn):
        return nowhere(scene.picture, thing)
    holding = [p for p in scene.salient_parts if covered(taken, p) > HELD and taken.sum() < PIECE_OF * p.sum()]
    if holding and not thing.selective:
        return _region(scene, thing, [Instance(holding[0])], besides.score, besides.note if besides.guess else "")
    sight = find(scene, thing, taken)
    return (
        replace(_region(scene, thing, list(sight.found), sight.score, sight.guess), by=sight.by)
        if sight.found
        else nowhere(scene.picture, thing)
    )


def find(scene: Scene, thing: Thing, besides: Floats | None = None) -> Sight:
    """What a thing without conjuncts means, surest first; not what lies on `besides` (h, w)."""
    if thing.all_but is not None:
        return _without(scene, thing, thing.all_but)
    if thing.other and besides is None and not (thing.places or thing.link):
        return _others(scene, thing)
    # What they wear picks people by itself.
    dressed = worn_by(thing) is not None and lexicon().is_(thing.head, "person")
    others = thing.link.to if thing.link and not dressed else ()
    anchors = [find(scene, part) for other in others for part in other.parts or (other,)]
    sight = _candidates(scene, thing, [a.found for a in anchors])
    if besides is not None:
        sight = replace(sight, found=tuple(i for i in sight.found if covered(i.mask, besides) < SHARED))
    if dressed:
        thing = thing.model_copy(update={"link": None, "colours": ()})
    doubt = min((1 - ANCHORED + ANCHORED * a.score if a.found else UNANCHORED for a in anchors), default=1.0)
    entry = known(thing)
    if entry is not None and entry.stuff and thing.link is not None and thing.link.tie is Tie.INSIDE:
        # The water in a pool is all that is seen of the pool.
        thing = thing.model_copy(update={"link": None})
    if thing.plural and entry is not None and entry.stuff == ANYTHING and _held(thing):
        return _lying(scene, anchors)
    choice = choose(scene, sight.found, thing, [a.found for a in anchors])
    score = max((i.score for i in choice.found), default=0.0) if choice.found else 0.0
    score = min(score, sight.score) * choice.doubt * doubt
    if sight.by and choice.doubt * doubt < BELIEVED:
        return Sight((), score, f"what was found is not so sure to be {thing}", sight.by)
    guess = sight.guess if choice.found else choice.note or sight.guess
    return Sight(choice.found, score, guess, sight.by)


def _held(thing: Thing) -> bool:
    """ "Everything on the desk", "all things in the basket"."""
    return thing.link is not None and thing.link.tie in (Tie.ON, Tie.INSIDE)


def _lying(scene: Scene, holders: list[Sight]) -> Sight:
    """Whatever lies on or in them; nothing where one of them was not found."""
    unsure = min(holders, key=lambda one: one.score if one.found else -1)
    if not unsure.found:
        return unsure
    lying = lying_on(scene, union([i for one in holders for i in one.found], scene.shape))
    return Sight(lying, unsure.score if lying else 0.0, unsure.guess, _by(holders))


def _without(scene: Scene, thing: Thing, spared: Thing) -> Sight:
    """ "Everything except the bird": all of the picture but that; "all cups except the blue one": the others of its kind."""
    rest = [find(scene, part) for part in spared.parts or (spared,)]
    kept = union([i for sight in rest for i in sight.found], scene.shape)
    guess = next((sight.guess for sight in rest if sight.guess), "")
    if not all(sight.found for sight in rest):
        return Sight((), min(sight.score for sight in rest), guess)
    if not thing.head or thing.head == "object":
        inverse = Instance(np.asarray(1 - kept, np.float32))
        return Sight((inverse,), min(sight.score for sight in rest), guess, _by(rest))
    every = find(scene, thing.model_copy(update={"all_but": None, "plural": True, "every": True}))
    others = tuple(i for i in every.found if covered(i.mask, kept) < SHARED)
    return Sight(others, every.score, every.guess or guess, _by([every, *rest]))


def _others(scene: Scene, thing: Thing) -> Sight:
    """ "The other cars", where none was spoken of: those besides the one that the picture is about, which is the largest."""
    every = find(scene, thing.model_copy(update={"other": False, "plural": True, "every": True}))
    if len(every.found) < 2:
        return replace(every, found=(), guess=f"only one {thing.head} is seen") if every.found else every
    rest = sorted(every.found, key=lambda one: -one.area)[1:]
    return replace(every, found=tuple(rest if thing.plural else rest[:1]))


def _by(sights: list[Sight]) -> str:
    """The first pulled network that had a part in them."""
    return next((sight.by for sight in sights if sight.by), "")


def _candidates(scene: Scene, thing: Thing, anchors: Anchors) -> Sight:
    """What has the noun: by a pulled network that sees it, else by the embedded finder of its kind. `anchors`: what the things of its relation are."""
    owner = find(scene, thing.owner) if thing.owner and scene.encoders.parts.has("ground") else None
    seen = find_pulled(scene, thing, known(thing), owner)
    if seen is None or seen.found:
        return seen or _embedded(scene, thing, anchors)
    # What a network that reads any word does not see is not guessed at, and the embedded finder must rather be right than wrong.
    other = _embedded(scene, thing, anchors)
    return other if not other.guess and other.score >= AGAINST else replace(other, found=())


def _embedded(scene: Scene, thing: Thing, anchors: Anchors) -> Sight:
    """What has the noun, by the embedded finder of its kind."""
    entry = known(thing)
    if entry is not None and entry.part == HAIR and scene.people and (thing.owner is None or owner_of(thing) is None):
        hair = find_worn(scene, entry, thing, None)
        if hair.found:
            return hair
    if entry is not None and entry.part and (thing.owner is not None or not entry.is_("plant")):
        owner = find(scene, thing.owner) if thing.owner else None
        return find_part(
            scene, entry.part, owner, thing.owner is not None and lexicon().is_(thing.owner.head, "animal")
        )
    if entry is not None and entry.stuff == ANYTHING and thing.name != ANYTHING and (thing.colours or thing.selective):
        return find_anything(scene, thing)
    if entry is not None and entry.stuff:
        return _surface(scene, entry, thing, anchors)
    if entry is not None and entry.worn and scene.people:
        said = owner_of(thing)
        owner = find(scene, said) if said else None
        worn = find_worn(scene, entry, thing, owner)
        told = replace(worn, score=whose(worn, owner))
        if worn.score > WORN and not entry.coco:
            return told
        # What the detector knows by name it also sees where it is worn.
        lying = _nobody(scene, find_things(scene, thing, anchors), entry)
        tint = any_colour(scene.lab, thing.colours) if thing.colours else None
        lying = replace(lying, found=tuple(as_worn(scene, one, entry.worn, tint) for one in lying.found))
        certain = bool(entry.coco) and lying.score > WORN
        return lying if certain or (lying.score > worn.score and not (lying.guess and worn.found)) else told
    if entry is not None and entry.is_("person"):
        return find_people(scene, thing)
    found = find_things(scene, thing, anchors)
    if entry is not None and not (thing.plural or thing.selective):
        filling = (
            find_filling(scene, entry, thing) if entry.is_("building") or found.guess or found.score < WEAK else Sight()
        )
        # The detector has no name for buildings, and a wall does not stand out.
        worth = BUILT if entry.is_("building") else 1.0
        return filling if filling.found and (found.guess or filling.score > worth * found.score) else found
    return found


def known(thing: Thing) -> NounEntry | None:
    """The row of a thing's noun; of a compound that no network knows, the row of its last word that one does ("stone wall" is a wall)."""
    words = thing.head.split()
    rows = [lexicon().look(" ".join(words[i:])) for i in range(len(words))]
    return next(
        (r for r in rows if r and (r.stuff or r.part or r.coco or r.imagenet or r.worn or r.is_("person"))),
        next(iter(rows), None),
    )


def _nobody(scene: Scene, sight: Sight, entry: NounEntry) -> Sight:
    """Without what is somebody from head to foot: a scarf is not the woman who wears it, a dress may be nearly all of her."""
    if entry.worn == DRESSES:
        return sight
    left = tuple(i for i in sight.found if all(overlap(i.box, p.box) < SOMEBODY for p in scene.people))
    return sight if len(left) == len(sight.found) else replace(sight, found=left, score=left[0].score if left else 0.0)


def _surface(scene: Scene, entry: NounEntry, thing: Thing, anchors: Anchors) -> Sight:
    """Stuff; of plants and tables, which can be counted one by one, rather the one that is meant."""
    if (
        (entry.is_("plant") or entry.coco or entry.alike)
        and entry.plural
        and not thing.plural
        and (thing.definite or thing.selective or thing.colours)
    ):
        alone, spread = find_things(scene, thing, anchors), find_stuff(scene, entry.stuff, thing)
        if not spread.found:
            return alone
        top = union(list(spread.found), scene.shape)
        of_it = any(covered(one.mask, top) > TOP for one in alone.found)
        if of_it and alone.score > WEAK and not alone.guess:
            return alone
        return _one_by_one(spread) if entry.stuff == CLUMPS else spread
    return find_stuff(scene, entry.stuff, thing)


def _one_by_one(spread: Sight) -> Sight:
    """A surface of what can be counted, part by part: of several trees that stand apart each is one, and the smaller its share the less it is the one that is meant."""
    whole = spread.found[0]
    parts = parts_of(whole.mask, SPECK * whole.mask.size)
    total = sum(float(part.sum()) for part in parts)
    found = tuple(Instance(part, whole.score * (float(part.sum()) / total) ** 0.5) for part in parts)
    return replace(spread, found=found, score=found[0].score) if found else spread


def _region(scene: Scene, thing: Thing, found: list[Instance], score: float, note: str) -> Region:
    """The instances at the picture's own size; where two meet, the stronger one's."""
    height, width = scene.picture.shape[:2]
    mask, labels = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for number, instance in enumerate(found[:255], 1):
        own = (faded if instance.fades else full_size)(instance.mask, scene.picture)
        labels[own > mask] = number
        np.maximum(mask, own, out=mask)
    boxes, kept = [], np.zeros(256, np.uint8)
    for number in range(1, min(len(found), 255) + 1):
        solid = (labels == number) & (mask > SOLID)
        if solid.any():
            boxes.append(box_of(solid))
            kept[number] = len(boxes)
    if not boxes:
        return absent(scene.picture, thing, min(score, MISSED))
    labels = np.asarray(cv2.LUT(labels, kept), np.uint8)
    mask[labels == 0] = 0
    return Region(mask, tuple(boxes), min(1.0, score), str(thing), "phrase", labels, note, bool(note))
