"""Add: put a thing from the libraries, or from an attachment, into the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.placing.attached import from_attachment
from pixwright.edit.placing.harmonise import paste
from pixwright.edit.placing.library import find, nearest
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.place import Placement, Spot, find_spots
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.region import Box, Region
from pixwright.records.result import Origin
from pixwright.records.vocabulary import WEATHERS
from pixwright.words import read
from pixwright.words.naming import noun_of, number_of, scale_of

PHOTOGRAPHS = "photographs are used instead of drawings after: pixwright assets fetch stamps"
"""What is said, once, of a drawn cut-out."""
_WEARERS = ("person", "animal", "foreground")


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Place `step.count` of `step.value` by `step.where`; with no place named, where there is room and something to stand on."""
    phrase = step.value or str(step.target or "")
    if not phrase:
        return refuse(picture, "nothing was named to add; say what, for example: add a red balloon")
    if noun_of(read(phrase)) in WEATHERS and step.reference is None:
        tone = step.model_copy(update={"type": EditType.TONE_TRANSFER, "value": noun_of(read(phrase)), "target": None})
        return dispatch(picture, tone, region, context)
    chosen = choose(phrase, step, picture, context)
    if isinstance(chosen, str):
        return refuse(picture, chosen)
    cutout, placement, spots = chosen
    return put(picture, cutout, spots, context, asked=placement.count)


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
    named = step.target if step.value is not None else None
    if where is None and named is not None:
        where = Where(relation=Relation.ON if cutout.support == "wear" else Relation.BESIDE, anchor=named)
    if where is None and cutout.support == "wear" and context.user_region is None:
        wearer = next((who for who in _WEARERS if context.ground(picture, who).found), None)
        where = Where(relation=Relation.ON, anchor=read(wearer)) if wearer else None
    return Placement(cutout, where, max(1, step.count or number_of(thing)), scale_of(thing) * _factor(step.amount))


def _factor(amount: Amount | None) -> float:
    if amount is None or amount.unit not in {Unit.FACTOR, Unit.PERCENT}:
        return 1.0
    return float(np.clip(amount.value if amount.unit == Unit.FACTOR else 1 + amount.value / 100, 0.2, 4.0))


def source(phrase: str, step: Step, context: Context) -> Cutout | str:
    """The thing to place: cut out of attachment `[n]` if the step names one, else from the libraries; or the reason why there is none."""
    if step.reference is not None:
        return from_attachment(step.reference, phrase, context)
    cutout = find(phrase, context.encoders, context.library, context.ground)
    if cutout is not None:
        return cutout
    close = ", ".join(nearest(phrase, context.encoders, context.library))
    return (
        f'there is no cut-out of "{noun_of(read(phrase))}"{f" (nearest: {close})" if close else ""}; '
        "attach a picture of it and write [1], or give a folder of cut-outs with --library DIR"
    )


def put(
    picture: Array, cutout: Cutout, spots: Sequence[Spot], context: Context, *, asked: int = 1, salt: int = 12
) -> Proposal:
    """Paste the cut-out at every spot, those further back first, and say in evidence where it is."""
    rng = context.rng(salt)
    result, mask = picture, np.zeros(picture.shape[:2], np.uint8)
    for spot in sorted(spots, key=lambda one: one.box[3]):
        result, touched = paste(result, cutout, spot, rng)
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
    evidence = Evidence(placed=boxes, placed_phrase=cutout.name)
    partly = "; ".join(filter(None, (room, cutout.flaw))) or None
    return Proposal(result, mask, evidence, partly=partly, notes=notes, added=cutout.origin)


def inside(box: Box, picture: Array) -> Box | None:
    """The part of a box that lies in the picture, or None."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None
