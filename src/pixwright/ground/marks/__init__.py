"""What is no thing of its own: marks on a surface, what was drawn over a picture, and what is small or thin before a calm ground.

Start at `find_marks`: what bears a mark is found first, and then what differs from it (`surface`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.geometry import SOLID, Floats
from pixwright.ground.marks.calm import small_ones, thin_ones
from pixwright.ground.marks.drawn import drawn_lines
from pixwright.ground.marks.surface import Mark, marks_on
from pixwright.ground.persons import hull, mesh
from pixwright.ground.persons.labelled import believed
from pixwright.ground.scene import Scene
from pixwright.records.instruction import Array
from pixwright.records.region import Region, box_of
from pixwright.records.thing import Thing
from pixwright.words import lexicon
from pixwright.words.lettering import bearer, is_lettering
from pixwright.words.marking import all_of_it, flies, is_drawn_over, is_speck, is_thin, is_upright, of_skin

FACE = "face"
BARE = (FACE, "limb")
"""The labels of people's bare skin."""
BELIEVED = 0.5
"""How likely a place is skin from which it is."""
LEAST, A_STEP, MOST = 0.3, 0.1, 0.8
"""Score of a mark: the least, how much each variation of the surface by which it differs adds, and the most."""
RIVAL, DOUBT = 0.7, 0.5
"""Of the strongest mark's difference: where another makes so much of one, and one mark is meant, it is not clear which; and what is left of the score then."""
AMONG = 0.04
"""The same from which a mark is one of several that are meant."""
FLOCK, FLOCK_CLEAR = 3, 4.5
"""So many small things before the sky are a flock; and the difference from it, in its deviations, of each."""
HINTED = 0.15
"""Score of what flies by the networks, under which what is small before the sky is rather something else: weathervanes, dust."""
STANDS_OUT = 0.55
"""Score of what stands out of the sky, and may be what is meant."""
MANY = 255
"""Most marks of a region."""


def find_marks(scene: Scene, thing: Thing, find: Callable[[Thing], Region]) -> Region | None:
    """Where marks are (`words.marking.is_mark`), HxW; None where what bears them is not said, or is not found. `find` tells where a thing is."""
    borne = _bearer(scene, thing, find)
    if borne is None:
        return None
    found = marks_on(scene.picture, borne, _features(scene), thing.colours, is_speck(thing), is_lettering(thing))
    if not found:
        return None
    several = all_of_it(thing)
    meant = [one for one in found if one.strength > AMONG * found[0].strength][:MANY] if several else found[:1]
    score = min(MOST, LEAST + A_STEP * max(one.clear for one in meant))
    if not several and len(found) > 1 and found[1].strength > RIVAL * found[0].strength:
        score *= DOUBT
    return region_of(scene.picture, meant, score, str(thing))


def find_drawn(scene: Scene, thing: Thing) -> Region | None:
    """Lines that are drawn over the picture, "the blue lines drawn on the photo"; None where none are seen, and of anything else."""
    if not is_drawn_over(thing):
        return None
    found = drawn_lines(scene.picture, thing.colours)
    return None if found is None else region_of(scene.picture, [found], MOST, str(thing))


def find_before_sky(scene: Scene, thing: Thing, find: Callable[[Thing], Region], seen: float = 1.0) -> Region | None:
    """What flies, or is long and thin, before the sky, where no network surely sees it; None where nothing is, or where it is not clear which of several is meant. `seen`: how sure the networks are of any."""
    flying = flies(thing)
    if flying and seen < HINTED:
        return None
    if not (flying or is_thin(thing)) or thing.link is not None or thing.owner is not None:
        return None
    sky = find(Thing(text="the sky", head="sky"))
    if not sky.found:
        return None
    found = small_ones(scene.picture, sky.mask) if flying else thin_ones(scene.picture, sky.mask, is_upright(thing))
    if thing.colours:
        odds = any_colour(scene.lab, thing.colours)
        found = [one for one in found if (cv2.resize(one.mask, odds.shape[::-1])[odds > 0] > SOLID).any()]
    several = all_of_it(thing)
    if flying:
        # A spot or two may be anything: dust, the tip of a spire.
        found = [one for one in found if one.clear > FLOCK_CLEAR]
        several = several and len(found) >= FLOCK
    clear = several or (len(found) > 1 and found[1].strength < RIVAL * found[0].strength) or len(found) == 1
    if not found or not clear or (thing.picks and not several) or (all_of_it(thing) and not several):
        return None
    return region_of(scene.picture, found if several else found[:1], STANDS_OUT, str(thing))


def with_small_ones(scene: Scene, thing: Thing, region: Region, find: Callable[[Thing], Region]) -> Region:
    """All that fly, with those before the sky that are too small for the networks."""
    if not (region.found and all_of_it(thing) and flies(thing)) or thing.selective or thing.colours or thing.count:
        return region
    more = find_before_sky(scene, thing, find)
    fresh = [] if more is None else [more.instance(n) for n in range(len(more.boxes)) if not (region.mask[more.instance(n) > SOLID] > SOLID).any()]  # fmt: skip
    if not fresh or region.labels is None:
        return region
    mask, labels = region.mask.copy(), region.labels.copy()
    room = fresh[: MANY - len(region.boxes)]
    for number, own in enumerate(room, len(region.boxes) + 1):
        labels[own > mask] = number
        np.maximum(mask, own, out=mask)
    return replace(region, mask=mask, labels=labels, boxes=(*region.boxes, *(box_of(own) for own in room)))


def region_of(picture: Array, found: Sequence[Mark], score: float, phrase: str) -> Region:
    """Marks in HxWx3 as a region: each is one of its instances."""
    mask, labels = np.zeros(picture.shape[:2], np.uint8), np.zeros(picture.shape[:2], np.uint8)
    for number, one in enumerate(found[:MANY], 1):
        labels[one.mask > mask] = number
        np.maximum(mask, one.mask, out=mask)
    return Region(mask, tuple(one.box for one in found[:MANY]), score, phrase, "phrase", labels, exact=True)


def _bearer(scene: Scene, thing: Thing, find: Callable[[Thing], Region]) -> Array | None:
    """HxW uint8: what the words say that the marks are on; somebody's marks, and those that only skin has, are on all bare skin where the place on it is not found."""
    holder = bearer(thing)
    somebody = holder is not None and lexicon().is_(holder.head, "person")
    if holder is not None and not (somebody and not is_lettering(thing)):
        place = find(holder)
        if place.found:
            return place.mask
    return _skin(scene) if somebody or of_skin(thing) else None


def _skin(scene: Scene) -> Array | None:
    """HxW uint8: all bare skin that is seen; None where nobody is."""
    if not scene.people:
        return None
    bare = np.max([believed(scene, person, BARE) for person in scene.people], axis=0)
    return _full(scene, np.where(bare > BELIEVED, 1, 0)) if (bare > BELIEVED).any() else None


def _features(scene: Scene) -> Array:
    """HxW uint8: eyes, brows, noses and mouths, which are no marks on a face."""
    out = np.zeros(scene.shape, np.float32)
    for points in (person.face.points for person in scene.people if person.face is not None):
        for name, outline in mesh().items():
            if name != FACE:
                np.maximum(out, hull(points[outline], scene.shape), out=out)
    return _full(scene, out)


def _full(scene: Scene, mask: Floats) -> Array:
    height, width = scene.picture.shape[:2]
    return np.asarray(
        cv2.resize((mask * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR), np.uint8
    )
