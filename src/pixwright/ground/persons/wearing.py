"""What people wear, and hair: the places that it can be, those that are rather it, and their outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pixwright.ground.detections import area_of, overlap, within
from pixwright.ground.fitted.wearing import BOXED, BY_FACE, SEEN, WornPlace, measures, merits, surely
from pixwright.ground.geometry import TINY, Floats, Frame, covered, frame_of, large_parts, logistic
from pixwright.ground.instance import Instance
from pixwright.ground.persons import Person
from pixwright.ground.persons.bodies import masks_of
from pixwright.ground.persons.labelled import HAIR, ZONES, believed, worn_on
from pixwright.ground.persons.parted import CLOTHES, PARTS, garment_of, part_of
from pixwright.ground.scene import Scene

PROPOSED = 60
"""So many of the detector's boxes are considered."""
LEAST_LIKELY, LEAST_HELD = 0.02, 0.1
"""A box that the labeller believes less of, in the mean, or that holds less of what it believes on the person, is none."""
SURE = 4.0
"""Log-odds of the labeller that count as certain."""
BESIDE = 0.04
"""Of a box's sides: what an outline may reach beyond it."""
FAINTLY = 0.02
"""Belief, and doubt, that are left where the labeller has none."""
BOX, BOX_SURE, TINTED = 0.7, 3.0, 2.0
"""What the box outliner counts beside the labeller where a garment is told from others, and its log-odds, and those of a colour, that count as certain."""
APART = ("feet", "neck")
"""What is worn there is small beside the cells of the labeller: the box outliner knows it better."""
ON_SOMEBODY, LEFT = 0.7, 0.4
"""Share of a thing on somebody's outline from which it is worn; and what of it must be left when it is outlined as worn."""
PATCH = 0.1
"""Share of an outline's largest part that another has at least."""


@dataclass(frozen=True)
class Worn:
    """The likeliest place on somebody. `person`: by number; `merit`: of which only differences count, and in [0, 1] how sure it is that this place is right: `sure` if it is the
    person's that is meant, `meant` of the likeliest of all, whoever is meant."""

    person: int
    box: Frame
    merit: float
    sure: float
    meant: float


def rather(scene: Scene, people: Sequence[Person], zone: str, shapes: Sequence[Floats | None] = ()) -> list[Worn]:
    """For each person who has any the likeliest place of what is worn on a zone of the body, likeliest first. `shapes`: as for `spots`."""
    every = spots(scene, people, zone, shapes or [None] * len(people))
    if not every:
        return []
    merit = merits(measures(every, zone))
    meant = surely(merit, every, int(merit.argmax()))
    found = []
    for number in sorted({one.person for one in every}):
        own = [i for i, one in enumerate(every) if one.person == number]
        best = int(merit[own].argmax())
        sure = surely(merit[own], [every[i] for i in own], best)
        found.append(Worn(number, every[own[best]].box, float(merit[own[best]]), sure, meant))
    return sorted(found, key=lambda one: -one.merit)


def spots(scene: Scene, people: Sequence[Person], zone: str, shapes: Sequence[Floats | None]) -> list[WornPlace]:
    """Where it can be that what is worn on a zone of the body is. `shapes`: for each person where the points of a face say it is (h, w), if they do."""
    each = (_of_one(scene, person, number, zone, shape) for number, (person, shape) in enumerate(zip(people, shapes, strict=True)))  # fmt: skip
    return [one for some in each for one in some]


def _of_one(scene: Scene, person: Person, number: int, zone: str, shape: Floats | None) -> list[WornPlace]:
    """The same on one person."""
    belief, (mask, sure) = believed(scene, person, ZONES[zone]), worn_on(scene, person, zone)
    room, every = area_of(person.box), max(float(belief.sum()), TINY)
    own = frame_of(mask) if (mask > 0.5).any() else None
    sums = np.pad(belief.cumsum(0).cumsum(1), ((1, 0), (1, 0)))

    def place(box: Frame, how: str, within: float, pixels: float, holds: float = 0.0) -> WornPlace:
        agrees = 1.0 if how == SEEN else overlap(own, box) if own else 0.0
        return WornPlace(
            number, box, how, sure, agrees, within / pixels, within / every, person.score, area_of(box) / room, holds, every / (belief.size * room),
        )  # fmt: skip

    out = []
    for how, where in ((SEEN, mask if own else None), (BY_FACE, shape)):
        if where is not None and (where > 0.5).any():
            inside = belief[where > 0.5]
            out.append(place(frame_of(where), how, float(inside.sum()), inside.size))
    for one in scene.proposals[:PROPOSED]:
        left, top, right, low = _pixels(one.box, scene.shape)
        within = float(sums[low, right] - sums[top, right] - sums[low, left] + sums[top, left])
        pixels = (right - left) * (low - top)
        if within > LEAST_LIKELY * pixels and within > LEAST_HELD * every:
            out.append(place(one.box, BOXED, within, pixels, one.score))
    return out


def drawn(scene: Scene, person: Person, zone: str, box: Frame, tint: Floats | None = None) -> Floats:
    """(h, w) in [0, 1]: the outline of what somebody wears in a box, or of hair. `tint` (h, w): log-odds that a place has the colour that was asked for."""
    if zone == HAIR:
        return part_of(scene, person, HAIR)
    if _settled(zone):
        rather = BOX * np.clip(scene.boxed(box), -BOX_SURE, BOX_SURE)
        return garment_of(
            scene, person, ZONES[zone], rather if tint is None else rather + np.clip(tint, -TINTED, TINTED)
        )
    belief = np.clip(believed(scene, person, ZONES[zone]), FAINTLY, 1 - FAINTLY)
    odds = scene.boxed(box) + np.clip(np.log(belief / (1 - belief)), -SURE, SURE)
    wide, tall = BESIDE * (box[2] - box[0]), BESIDE * (box[3] - box[1])
    left, top, right, low = _pixels((box[0] - wide, box[1] - tall, box[2] + wide, box[3] + tall), scene.shape)
    out = np.zeros(scene.shape, np.float32)
    out[top:low, left:right] = logistic(odds[top:low, left:right])
    whole = large_parts(out, 1, PATCH)
    return out if whole is None else whole


def _settled(zone: str) -> bool:
    """Whether what is worn there is clothes that are told from skin and hair with all of them together."""
    return zone in ZONES and zone not in APART and set(ZONES[zone]) <= set(PARTS[CLOTHES])


def as_worn(scene: Scene, one: Instance, zone: str, tint: Floats | None) -> Instance:
    """A thing that lies on somebody's clothes, outlined as those are: without skin and hair."""
    if not _settled(zone):
        return one
    wearer = max(scene.people, key=lambda p: (within(one.box, p.box), p.score), default=None)
    if wearer is None or covered(one.mask, masks_of(scene, [wearer])[0]) < ON_SOMEBODY:
        return one
    mask = drawn(scene, wearer, zone, one.box, tint)
    return replace(one, mask=mask) if covered(mask, one.mask) > ON_SOMEBODY and covered(one.mask, mask) > LEFT else one


def _pixels(box: Frame, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """XYXY in whole pixels, at least one wide, within a picture of that height and width."""
    height, width = shape
    left, top = (min(max(int(v * n), 0), n - 1) for v, n in zip(box[:2], (width, height), strict=True))
    right, low = (min(int(np.ceil(v * n)), n) for v, n in zip(box[2:], (width, height), strict=True))
    return left, top, max(right, left + 1), max(low, top + 1)
