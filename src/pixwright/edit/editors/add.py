"""Add: put a thing from the libraries, or from an attachment, into the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.painting.phenomena import IN_DAYLIGHT, IN_THE_AIR, PAINTERS, Painter
from pixwright.edit.placing.attached import faded, from_attachment
from pixwright.edit.placing.copies import kind_in, repeat, size_beside
from pixwright.edit.placing.cost import SPOTS
from pixwright.edit.placing.dressing import dressed
from pixwright.edit.placing.harmonise import paste
from pixwright.edit.placing.library import find, nearest
from pixwright.edit.placing.place import Placement, Spot, find_spots, inside, looks_back
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.space import SIDE
from pixwright.edit.placing.surroundings import ShadowCast, cast_by
from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import resize_field
from pixwright.media.pixels import shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.region import Box, Region
from pixwright.records.result import Origin
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import WEATHERS
from pixwright.words import lexicon, read
from pixwright.words.naming import last_noun, noun_of, number_of, scale_of

PHOTOGRAPHS = "photographs are used instead of drawings after: pixwright assets fetch stamps"
"""What is said, once, of a drawn cut-out."""
_USUAL, _CLEAR = (0.7, 0.22), 0.09
"""Where in a picture a moon is usually seen (shares of the sides), and how much free sky it needs about it (share of a side)."""
_TILES, _SEEN = 24, 10
"""Tiles a side in which a painted thing is looked for, and the change of a pixel, of 255, that is seen."""
_FIND_SIDE, _AIR, _MOST = 640, 0.75, 0.85
"""Longer side, in pixels, at which the air is found; how much of what hangs in it is seen before what is far; and the share of a picture above which what stands out is no subject."""
_CASTERS = ("person", "foreground")
"""Whose shadows show how shadows fall; what stands out sometimes has its shadow in its outline, a person seldom."""
_BY_SOMETHING = frozenset((Relation.BEHIND, Relation.IN_FRONT, Relation.BESIDE, Relation.AROUND))
"""Relations that are to something, and no place in a picture."""
_WEARERS = ("person", "animal", "foreground")


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Place `step.count` of `step.value` by `step.where`; with no place named, where there is room and something to stand on."""
    phrase = step.value or str(step.target or "")
    if not phrase:
        return refuse(picture, "nothing was named to add; say what, for example: add a red balloon")
    if noun_of(read(phrase)) in WEATHERS and step.reference is None:
        tone = step.model_copy(update={"type": EditType.TONE_TRANSFER, "value": noun_of(read(phrase)), "target": None})
        return dispatch(picture, tone, region, context)
    if (made := dressed(picture, step, context)) is not None:
        return made
    if step.reference is None and (painter := PAINTERS.get(read(phrase).head)):
        return in_the_sky(picture, painter, phrase, step, context)
    if step.reference is None and (painter := IN_THE_AIR.get(read(phrase).head)):
        return in_the_air(picture, painter, phrase, step, context)
    if step.reference is None and context.user_region is None and (there := kind_in(picture, phrase, context)):
        again = repeat(
            picture,
            there,
            max(1, step.count or number_of(read(phrase))),
            context,
            step.where,
            size_beside(picture, read(phrase), there, context),
        )
        if not again.refused:
            return again
    chosen = choose(phrase, step, picture, context)
    if isinstance(chosen, str):
        return refuse(picture, chosen)
    cutout, placement, spots = chosen
    return put(picture, cutout, spots, context, asked=placement.count)


def in_the_sky(picture: Array, painter: Painter, phrase: str, step: Step, context: Context) -> Proposal:
    """Paint what appears in a sky into the picture's own: behind everything else, and as large as such a thing is in a scene."""
    found = context.ground(picture, "sky")
    if not found.found:
        return refuse(picture, f"no sky was found for {phrase} to appear in; show it with --mask FILE")
    sky: Field = np.asarray(found.mask, np.float32) / np.float32(255)
    user = context.user_region
    at = _middle(user.boxes[0], picture) if user is not None and user.found else _spot_in(sky, step.where)
    return _painted(picture, painter(picture, sky, at, context.rng(12)), phrase)


def in_the_air(picture: Array, painter: Painter, phrase: str, step: Step, context: Context) -> Proposal:
    """Paint what hangs in the air about the place that the words name, or the picture's subject: before all that is farther, and down to the foot of what it is at."""
    small = shrink(picture, _FIND_SIDE)
    subject, sky = context.ground(small, "foreground"), context.ground(small, "sky")
    anchor = step.where.anchor if step.where is not None else None
    place = context.ground(small, anchor) if anchor is not None else subject
    if anchor is None and painter in IN_DAYLIGHT and not sky.found:
        return refuse(picture, f"no sky was found for {phrase} to appear in; show it with --mask FILE")
    user, scale = context.user_region, picture.shape[0] / small.shape[0]
    if user is not None and user.found:
        box = user.boxes[0]
    else:
        found = place.boxes[0] if place.found else (0, 0, small.shape[1], small.shape[0])
        box = tuple(round(side * scale) for side in found)
    free = np.full(small.shape[:2], _AIR, np.float32)
    if subject.found and (subject.mask > _SEEN).mean() < _MOST:
        free *= 1 - subject.mask / np.float32(255)
    free[round(box[3] / scale) :] = 0
    if sky.found:
        np.maximum(free, sky.mask / np.float32(255), out=free)
    air = resize_field(free, picture.shape[1], picture.shape[0])
    return _painted(picture, painter(picture, air, _middle(box, picture), context.rng(12)), phrase, box)


def _painted(picture: Array, painted: Array, phrase: str, near: Box | None = None) -> Proposal:
    """What was painted as a proposal; its place is told where it shows most, in the box `near` or at it where it is seen there."""
    mask = np.where((painted != picture).any(axis=2), 255, 0).astype(np.uint8)
    tries = () if near is None else (near, _wider(near))
    box = next((seen for one in (*tries, None) if (seen := _clearest(picture, painted, one))), None)
    if box is None:
        return refuse(picture, f"{phrase} would not be seen there, so bright it is; darken the picture first")
    evidence = Evidence(placed=(box,), placed_phrase=noun_of(read(phrase)))
    return Proposal(painted, mask, evidence, added=Origin.DRAWN, brought=mask)


def _wider(box: Box) -> Box:
    """A box with half of its size more on every side."""
    across, down = (box[2] - box[0]) // 2, (box[3] - box[1]) // 2
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def _clearest(picture: Array, painted: Array, within: Box | None = None) -> Box | None:
    """The tile of the picture, XYXY, in which a thing painted over all of it shows most, of those in the box `within`; None where it is not seen at all."""
    change = np.abs(painted.astype(np.int16) - picture.astype(np.int16)).max(axis=2).astype(np.float32)
    if within is not None:
        x0, y0, x1, y1 = within
        inside = np.zeros_like(change)
        inside[max(0, y0) : y1, max(0, x0) : x1] = change[max(0, y0) : y1, max(0, x0) : x1]
        change = inside
    height, width = change.shape
    rows, columns = np.linspace(0, height, _TILES + 1).astype(int), np.linspace(0, width, _TILES + 1).astype(int)
    sums = np.add.reduceat(np.add.reduceat(change, rows[:-1], axis=0), columns[:-1], axis=1)
    row, column = np.unravel_index(int(np.argmax(sums)), sums.shape)
    box = int(columns[column]), int(rows[row]), int(columns[column + 1]), int(rows[row + 1])
    return box if change[box[1] : box[3], box[0] : box[2]].max() >= _SEEN else None


def _middle(box: Box, picture: Array) -> tuple[float, float]:
    return (box[0] + box[2]) / 2 / picture.shape[1], (box[1] + box[3]) / 2 / picture.shape[0]


def _spot_in(sky: Field, where: Where | None) -> tuple[float, float]:
    """Shares of the sides of the place in the sky with most sky about it, near where the words say; to one side of the middle otherwise."""
    small = cv2.resize(sky, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    room = cv2.distanceTransform(np.pad((small > 0.5).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1] / SIDE
    x, y = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE))
    goal = SPOTS.get(where.relation, _USUAL) if where is not None and where.anchor is None else _USUAL
    best = np.argmax(np.minimum(room, _CLEAR) * 4 - np.hypot(x - goal[0], y - goal[1]))
    row, column = np.unravel_index(int(best), room.shape)
    return float(x[row, column]), float(y[row, column])


def choose(
    phrase: str, step: Step, picture: Array, context: Context
) -> tuple[Cutout, Placement, tuple[Spot, ...]] | str:
    """What is put and where: the cut-out, what was asked of its place, and the places; or the reason, for the user, why not."""
    cutout = source(phrase, step, context)
    if isinstance(cutout, str):
        return cutout
    placement = placement_for(cutout, phrase, step, picture, context)
    spots = find_spots(picture, placement, context)
    return spots if isinstance(spots, str) else (cutout, placement, spots)


def placement_for(cutout: Cutout, phrase: str, step: Step, picture: Array, context: Context) -> Placement:
    """The step as a placement: its place (a worn thing goes on somebody), its count and its size."""
    thing = read(phrase)
    where = step.where
    if where is not None and where.anchor is not None and _tops(where.anchor):
        where = where.model_copy(update={"relation": Relation.ON, "anchor": read("foreground")})
    if where is not None and where.anchor is None and where.relation in _BY_SOMETHING:
        them = next((who for who in _WEARERS if context.ground(picture, who).found), _WEARERS[-1])
        where = where.model_copy(update={"anchor": read(them)})  # "behind them": whom the picture shows
    named = step.target if step.value is not None else None
    if where is None and named is not None:
        where = Where(relation=Relation.ON if cutout.support == "wear" else Relation.BESIDE, anchor=named)
    if where is None and cutout.support == "wear" and context.user_region is None:
        wearer = next((who for who in _WEARERS if context.ground(picture, who).found), None)
        where = Where(relation=Relation.ON, anchor=read(wearer)) if wearer else None
    return Placement(cutout, where, _how_many(thing, step, cutout), scale_of(thing) * _factor(step.amount))


def _tops(anchor: Thing) -> bool:
    """Whether it is the "top" of "put a cherry on top": of what the picture shows."""
    return anchor.head == "object" and anchor.places == ("top",) and not (anchor.colours or anchor.sizes or anchor.link)


def _how_many(thing: Thing, step: Step, cutout: Cutout) -> int:
    """How many cut-outs are put: one that shows several itself, as tulips in a pot do, is put once where no number is said."""
    if (step.count is None and thing.count is None) or thing.measure:
        return 1 if read(cutout.name).plural else max(1, number_of(thing))
    return max(1, step.count or number_of(thing))


def _factor(amount: Amount | None) -> float:
    if amount is None or amount.unit not in {Unit.FACTOR, Unit.PERCENT}:
        return 1.0
    return float(np.clip(amount.value if amount.unit == Unit.FACTOR else 1 + amount.value / 100, 0.2, 4.0))


def source(phrase: str, step: Step, context: Context) -> Cutout | str:
    """The thing to place: cut out of attachment `[n]` if the step names one, else from the libraries; or the reason why there is none."""
    if step.reference is not None:
        return from_attachment(step.reference, phrase, context)
    cutout = find(phrase, context.encoders, context.library, context.ground)
    if cutout is not None and (cutout.shows != "head" or lexicon().is_(last_noun(read(phrase)), "part")):
        return cutout
    if cutout is not None:
        return f"{cutout.flaw}; attach a picture of it and write [1], or first run: pixwright assets fetch stamps"
    close = ", ".join(nearest(phrase, context.encoders, context.library))
    return (
        f'there is no cut-out of "{noun_of(read(phrase))}"{f" (nearest: {close})" if close else ""}; '
        "attach a picture of it and write [1], or give a folder of cut-outs with --library DIR"
    )


def put(
    picture: Array,
    cutout: Cutout,
    spots: Sequence[Spot],
    context: Context,
    *,
    asked: int = 1,
    salt: int = 12,
    cast: ShadowCast | None = None,
) -> Proposal:
    """Paste the cut-out at every spot, those further back first, and say in evidence where it is. `cast`: how shadows fall, where that is known."""
    rng = context.rng(salt)
    result, mask = picture, np.zeros(picture.shape[:2], np.uint8)
    if cast is None and any(spot.contact for spot in spots):
        found = (context.ground(picture, who) for who in _CASTERS)
        cast = next((seen for one in found if one.found and (seen := cast_by(picture, one.mask))), None)
    for place in sorted(spots, key=lambda one: one.box[3]):
        spot = replace(place, mirrored=looks_back(cutout, place, picture))
        result, touched = paste(result, faded(cutout, spot.box, picture), spot, rng, cast=cast)
        mask = np.maximum(mask, touched)
    boxes = tuple(box for box in (inside(spot.box, picture) for spot in spots) if box)
    if not boxes or not mask.any():
        return refuse(
            picture, f"there is no room for {cutout.name} there; name another place, or show it with --box X0,Y0,X1,Y1"
        )
    notes = tuple(dict.fromkeys(spot.note for spot in spots if spot.note))
    room = f"room for {len(boxes)} of {asked} only" if len(boxes) < asked else ""
    if cutout.origin is Origin.DRAWN:
        notes = (*notes, PHOTOGRAPHS)
    if cutout.credit:
        notes = (*notes, f"the {cutout.name} is by {cutout.credit}: name them where you publish the picture")
    evidence = Evidence(placed=boxes, placed_phrase=cutout.name)
    partly = "; ".join(filter(None, (room, cutout.flaw))) or None
    return Proposal(result, mask, evidence, partly=partly, notes=notes, added=cutout.origin, brought=mask)
