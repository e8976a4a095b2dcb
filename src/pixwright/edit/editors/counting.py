"""Counting: as many of a thing as the words say. Too many: fill the smallest. Too few: repeat one that is there."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.add import inside
from pixwright.edit.editors.replace import hole_for
from pixwright.edit.filling.clean_plate import refine
from pixwright.edit.filling.fill import fill
from pixwright.edit.placing.harmonise import paste
from pixwright.edit.placing.shelves import Cutout, cut
from pixwright.edit.placing.lifting import bounds
from pixwright.edit.placing.place import Spot
from pixwright.edit.placing.space import SIDE, mean_in, shares
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Box, Region
from pixwright.words import read
from pixwright.words.naming import noun_of

MAX_COPIES = 12
_GRID = 48
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
    if goal == there:
        return refuse(picture, f'there are already {there} of "{named}"; nothing was changed')
    return fewer(picture, region, goal, context) if goal < there else more(picture, region, goal, context)


def fewer(picture: Array, region: Region, goal: int, context: Context) -> Proposal:
    """Fill the smallest instances until `goal` are left; the others are not touched."""
    size = [int((region.instance(index) > 127).sum()) for index in range(len(region.boxes))]
    order = sorted(range(len(size)), key=lambda index: size[index])
    gone, kept = order[: len(order) - goal], order[len(order) - goal :]
    hole, stay = (_union(region, chosen) for chosen in (gone, kept))
    hole = np.where(stay > 20, 0, hole_for(picture, hole)).astype(np.uint8)
    result = fill(picture, hole, rng=context.rng(31), forbid=stay)
    return Proposal(result, hole, Evidence(vacated=tuple(region.boxes[index] for index in gone)))


def _union(region: Region, chosen: list[int]) -> Array:
    mask = np.zeros_like(region.mask)
    for index in chosen:
        np.maximum(mask, region.instance(index), out=mask)
    return mask


def more(picture: Array, region: Region, goal: int, context: Context) -> Proposal:
    """Repeat the best instance (whole, large) in free room on the same ground line until there are `goal`, as far as room allows."""
    wanted = goal - len(region.boxes)
    index = _model(picture, region)
    exact = refine(picture, region.instance(index))
    cutout = cut(picture, noun_of(read(region.phrase or "thing")), exact)
    if cutout is None:
        return refuse(picture, f'"{region.phrase}" could not be cut out to be repeated; show one with --mask FILE')
    spots = _free(picture, region, bounds(exact, 25) or region.boxes[index], cutout, min(wanted, MAX_COPIES), context)
    if not spots:
        return refuse(
            picture, f'there is no free room for another "{region.phrase}"; widen the picture first (outpaint)'
        )
    result, mask = picture, np.zeros(picture.shape[:2], np.uint8)
    for spot in sorted(spots, key=lambda one: one.box[3]):
        result, touched = paste(result, cutout, spot, context.rng(33), native=True)
        mask = np.maximum(mask, touched)
    boxes = tuple(box for box in (inside(spot.box, picture) for spot in spots) if box)
    partly = f"room for {len(boxes)} more, {wanted} were asked for" if len(boxes) < wanted else None
    return Proposal(result, mask, Evidence(placed=boxes, placed_phrase=cutout.name), partly=partly)


def _as_one(picture: Array, region: Region, context: Context) -> Region:
    """A plural is taken apart where it can be; what lies all within the one thing of the singular is that thing, and better drawn so."""
    noun = noun_of(read(region.phrase)) if region.phrase else ""
    if region.source != "phrase" or not region.found or not noun or noun == region.phrase:
        return region
    alone = context.ground(picture, noun)
    if not alone.found or len(alone.boxes) != 1:
        return region
    x0, y0, x1, y1 = alone.boxes[0]
    if len(region.boxes) == 1:
        return alone
    return alone if (region.mask[y0:y1, x0:x1] > 127).sum() >= _WITHIN * (region.mask > 127).sum() else region


def _model(picture: Array, region: Region) -> int:
    """The instance to repeat: the largest of those that the frame does not cut, if there is one."""
    height, width = picture.shape[:2]

    def worth(index: int) -> tuple[bool, int]:
        x0, y0, x1, y1 = region.boxes[index]
        whole = x0 > 1 and y0 > 1 and x1 < width - 1 and y1 < height - 1
        return whole, (x1 - x0) * (y1 - y0)

    return max(range(len(region.boxes)), key=worth)


def _free(picture: Array, region: Region, model: Box, cutout: Cutout, count: int, context: Context) -> list[Spot]:
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    salient = context.ground(picture, "foreground").mask
    taken, own = shares(np.maximum(region.mask, salient), size), shares(region.mask, size)
    x0, y0, x1, y1 = model
    rng = context.rng(32)
    spots: list[Spot] = []
    for index in range(count):
        factor = float(rng.uniform(0.88, 1.0))
        wide, tall = (x1 - x0) * factor, (y1 - y0) * factor
        cx, base = np.meshgrid(np.linspace(0, width, _GRID), y1 + np.linspace(-0.06, 0.12, 7) * (y1 - y0))
        at = (cx - wide / 2, base - tall, cx + wide / 2, base)
        cover, clash = mean_in(taken, scale, at), mean_in(own, scale, at)
        cost = 1.2 * cover + 4.0 * clash + np.abs(cx - (x0 + x1) / 2) / width + 0.6 * np.abs(base - y1) / height
        outside = (at[0] < 0) | (at[2] > width) | (at[1] < 0) | (at[3] > height + 0.02 * tall)
        cost = np.where(outside | (clash > 0.3), np.inf, cost + rng.uniform(0, 0.02, cost.shape))
        row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
        if not np.isfinite(cost[row, column]):
            break
        left, top = round(float(at[0][row, column])), round(float(at[1][row, column]))
        box = (left, top, left + max(2, round(wide)), top + max(2, round(tall)))
        spots.append(Spot(box, y1 < 0.985 * height and cutout.support != "air", index % 2 == 0, None, model))
        sx0, sy0, sx1, sy1 = (round(v * scale) for v in box)
        own[max(0, sy0) : max(0, sy1), max(0, sx0) : max(0, sx1)] = 1.0
    return spots
