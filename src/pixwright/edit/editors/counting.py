"""Counting: as many of a thing as the words say. Too many: fill the smallest. Too few: repeat one that is there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import taken
from pixwright.edit.placing.copies import repeat
from pixwright.edit.placing.lifting import alike
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.words import read
from pixwright.words.inflection import plural_of
from pixwright.words.naming import noun_of

_OWN = 20
"""Value of a mask from which a pixel is a thing's that stays."""
_SAME_BOX = 0.6
"""Intersection over union of an instance's box and the detector's from which they are of one thing."""
_WITHIN = 0.8
"""Share of a plural's mask in one thing's box that makes them the same."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Bring the number of `step.target` to `step.count`, or change it by `step.amount` items."""
    region = _as_one(picture, region, context)
    there = len(region.boxes)
    named = step.target or region.phrase
    if step.count is not None:
        goal = step.count
    elif step.amount is not None and step.amount.unit == Unit.ITEMS:
        goal = max(0, there + round(step.amount.value))
    else:
        return refuse(picture, "the number was not understood; say for example: make it three cups")
    if not region.found:
        return refuse(picture, f'no "{named}" was found to count; show one with --box X0,Y0,X1,Y1')
    said = _said_to_be_there(step)
    if said is not None and there < min(said, goal):
        return refuse(
            picture,
            f'{said} of "{named}" are said to be there, and {there} was found: they could not be told apart; show one with --box X0,Y0,X1,Y1',
        )
    if goal == there:
        return refuse(picture, f'there are already {there} of "{named}"; nothing was changed')
    if goal < there:
        return fewer(picture, region, goal, context)
    return repeat(picture, region, goal - there, context, step.where)


def _said_to_be_there(step: Step) -> int | None:
    """How many the words say there are now: of "three, not two" two."""
    if step.count is None or step.amount is None or step.amount.unit is not Unit.ITEMS:
        return None
    return round(step.count - step.amount.value)


def fewer(picture: Array, region: Region, goal: int, context: Context) -> Proposal:
    """Fill the smallest instances until `goal` are left; the others are not touched."""
    size = [int((region.instance(index) > 127).sum()) for index in range(len(region.boxes))]
    order = sorted(range(len(size)), key=lambda index: size[index])
    gone, kept = order[: len(order) - goal], order[len(order) - goal :]
    hole, stay = (_union(region, chosen) for chosen in (gone, kept))
    out = taken(picture, hole, context)
    out = replace(out, hole=np.where(stay > _OWN, 0, out.hole).astype(np.uint8))
    empty = emptied(picture, out, context, 31, stay)
    evidence = Evidence(vacated=tuple(region.boxes[index] for index in gone))
    return Proposal(empty.picture, empty.weight, evidence, partly=out.left)


def _union(region: Region, chosen: list[int]) -> Array:
    mask = np.zeros_like(region.mask)
    for index in chosen:
        np.maximum(mask, region.instance(index), out=mask)
    return mask


def _seen_apart(picture: Array, region: Region, context: Context) -> bool:
    """Whether each of several instances has a box of its own among what the detector surely sees."""
    seen = context.things(picture)
    mine = [max(seen, key=lambda other: alike(box, other), default=box) for box in region.boxes]
    same = all(alike(box, other) >= _SAME_BOX for box, other in zip(region.boxes, mine, strict=True))
    return bool(seen) and same and 1 < len(mine) == len(set(mine))


def _as_one(picture: Array, region: Region, context: Context) -> Region:
    """A plural is taken apart where it can be; what lies all within the one thing of the singular is that thing, and better drawn so. Where the detector sees
    each of several by itself, they are several, though they touch."""
    noun = noun_of(read(region.phrase)) if region.phrase else ""
    if region.source != "phrase" or not region.found or not noun:
        return region
    if noun == region.phrase:
        many = context.ground(picture, plural_of(noun)) if len(region.boxes) == 1 else region
        return many if _seen_apart(picture, many, context) else region
    if _seen_apart(picture, region, context):
        return region
    alone = context.ground(picture, noun)
    if not alone.found or len(alone.boxes) != 1:
        return region
    x0, y0, x1, y1 = alone.boxes[0]
    if len(region.boxes) == 1:
        return alone
    return alone if (region.mask[y0:y1, x0:x1] > 127).sum() >= _WITHIN * (region.mask > 127).sum() else region
