"""Relation change: an object goes to a place by another, or the two swap places."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import taken
from pixwright.edit.placing.anchor import carries
from pixwright.edit.placing.before import stands_before
from pixwright.edit.placing.free import free_place
from pixwright.edit.placing.lifting import (
    Cut,
    bounds,
    clip,
    common,
    lift,
    piece,
    put,
    scaled,
    spot,
)
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Step
from pixwright.records.region import Box, Region

_ON_IT = 0.5
"""Share of a thing's box in another's above which it lies on it already."""
_HORIZON = 0.35
"""Where the ground is taken to vanish, as a share of the height, when sizes are adjusted to a new ground line."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Move the target to `where` relative to its anchor, which is looked up in the picture; `swap` exchanges the two."""
    where = step.where
    target = bounds(region.mask)
    if where is None or target is None:
        return refuse(picture, "it takes two things and how they shall stand: such as 'put the cup left of the plate'")
    if where.anchor is None:
        if where.relation is Relation.SWAP and len(region.boxes) >= 2:
            return _swap(picture, (region.instance(0), region.instance(1)), context)
        from pixwright.edit.editors import movement

        return movement.edit(picture, _without_swap(step), region, context)
    found = context.ground(picture, where.anchor)
    if not found.found:
        return refuse(picture, f'"{where.anchor}" was not found: {found.note or "name it differently"}')
    if where.relation is Relation.BETWEEN and where.second_anchor is not None:
        return _between(picture, step, region, found, context)
    if where.relation in (Relation.ON, Relation.INSIDE) and carries(where.anchor):
        return _onto(picture, step, region, found, context)
    anchor_mask = found.instance(0) if where.relation is not Relation.ON else _apart(found, region.mask)
    anchor = bounds(anchor_mask)
    if anchor is None or _overlap(region.mask, anchor_mask) > 0.6:
        return refuse(
            picture,
            f'"{step.target}" and "{where.anchor}" could not be told apart: show the first with --box X0,Y0,X1,Y1',
        )
    if where.relation is Relation.SWAP:
        own = np.where(anchor_mask > region.mask, 0, region.mask).astype(np.uint8)
        other = np.where(anchor_mask > region.mask, anchor_mask, 0).astype(np.uint8)
        return _swap(picture, (own, other), context)
    return _beside(picture, region, (where.relation, anchor_mask, anchor), context)


def _without_swap(step: Step) -> Step:
    """The same step without a swap that has no partner."""
    if step.where is not None and step.where.relation is Relation.SWAP:
        return step.model_copy(update={"where": None})
    return step


def _beside(picture: Array, region: Region, goal: tuple[Relation, Array, Box], context: Context) -> Proposal:
    relation, anchor_mask, anchor = goal
    height, width = picture.shape[:2]
    lifted = lift(picture, region.mask, context, 61, also=anchor_mask)
    cut = lifted.cut
    core = cut.core
    room = _room(relation, (core[2] - core[0], core[3] - core[1]), anchor)
    factor = min(1.0, room)
    if factor < 0.9:
        cut = scaled(cut, factor)
        core = cut.core
    place = spot(relation, (core[2] - core[0], core[3] - core[1]), (width, height), anchor)
    if place is None:
        return refuse(
            picture,
            f'"{relation.value}" is not a place by a thing: say left, right, above, below, on, in, behind or in front',
        )
    hidden = _front(relation, anchor_mask, anchor)
    box = (place[0], place[1], place[0] + core[2] - core[0], place[1] + core[3] - core[1])
    nearer = stands_before(picture, box, context, lifted.hole)
    front = hidden if nearer is None else nearer if hidden is None else np.maximum(hidden, nearer)
    new, mask = put(lifted.background, lifted.hole, cut, place[0] - core[0], place[1] - core[1], front=front)
    landed = clip((place[0], place[1], place[0] + core[2] - core[0], place[1] + core[3] - core[1]), width, height)
    old = bounds(region.mask)
    assert old is not None
    moved = ((landed[0] + landed[2] - old[0] - old[2]) / 2, (landed[1] + landed[3] - old[1] - old[3]) / 2)
    same = factor >= 0.9 and front is None
    evidence = Evidence(placed=(landed,), vacated=region.boxes, displacement=moved if same else None)
    return Proposal(new, mask, evidence)


def _apart(found: Region, mask: Array) -> Array:
    """The highest of several instances that `mask` does not lie on: a stack of books and not the book that the thing lies on already."""
    each = [found.instance(index) for index in range(len(found.boxes))]
    target = bounds(mask)
    assert target is not None
    most = _ON_IT * (target[2] - target[0]) * (target[3] - target[1])
    free = [one for one, box in zip(each, found.boxes, strict=True) if one.any() and common(target, box) <= most]
    if not free:
        return each[0]
    return min(free, key=lambda one: int(one.any(axis=1).argmax()))


def _onto(picture: Array, step: Step, region: Region, surface: Region, context: Context) -> Proposal:
    """The target put down where the surface is free, as near as that is; as large as its distance there makes it."""
    height, width = picture.shape[:2]
    lifted = lift(picture, region.mask, context, 61)
    cut, core = lifted.cut, lifted.cut.core
    old = bounds(region.mask)
    assert old is not None
    place = free_place(picture, region.mask, surface.mask, (core[2] - core[0], core[3] - core[1]), context)
    if place is None:
        return refuse(
            picture,
            f'there is no free place for {step.target or "it"} on "{surface.phrase}"; show one with --box X0,Y0,X1,Y1',
        )
    left, top = place
    landed = clip((left, top, left + core[2] - core[0], top + core[3] - core[1]), width, height)
    front = stands_before(picture, landed, context, lifted.hole)
    new, mask = put(lifted.background, lifted.hole, cut, left - core[0], top - core[1], front=front)
    moved = ((landed[0] + landed[2] - old[0] - old[2]) / 2, (landed[1] + landed[3] - old[1] - old[3]) / 2)
    evidence = Evidence(placed=(landed,), vacated=region.boxes, displacement=moved if front is None else None)
    return Proposal(new, mask, evidence, partly=lifted.left)


def _room(relation: Relation, size: tuple[int, int], anchor: Box) -> float:
    """How much an object must shrink to fit in its place by the anchor; 1 or more: not at all."""
    wide, tall = anchor[2] - anchor[0], anchor[3] - anchor[1]
    if relation is Relation.INSIDE:
        return min(0.75 * wide / size[0], 0.9 * tall / size[1])
    if relation is Relation.ABOVE:
        return max(0.3, anchor[1] / (size[1] + 4))
    return 1.0


def _front(relation: Relation, mask: Array, anchor: Box) -> Array | None:
    """What of the anchor hides the object: all of it before a thing behind, its lower half before a thing inside."""
    if relation is Relation.BEHIND:
        return mask
    if relation is not Relation.INSIDE:
        return None
    front = mask.copy()
    rim = anchor[1] + round(0.42 * (anchor[3] - anchor[1]))
    front[:rim] = 0
    return np.asarray(cv2.GaussianBlur(front, (0, 0), 1.0), np.uint8)


def _between(picture: Array, step: Step, region: Region, first: Region, context: Context) -> Proposal:
    assert step.where is not None and step.where.second_anchor is not None
    second = context.ground(picture, step.where.second_anchor)
    if not second.found:
        return refuse(picture, f'"{step.where.second_anchor}" was not found: {second.note or "name it differently"}')
    same = step.where.anchor == step.where.second_anchor and len(first.boxes) > 1
    a, b = first.boxes[0], (first.boxes[1] if same else second.boxes[0])
    lifted = lift(picture, region.mask, context, 61, also=np.maximum(first.mask, second.mask))
    cut, core = lifted.cut, lifted.cut.core
    height, width = picture.shape[:2]
    wide, tall = core[2] - core[0], core[3] - core[1]
    left = round((a[0] + a[2] + b[0] + b[2]) / 4 - wide / 2)
    top = round((a[3] + b[3]) / 2 - tall)
    new, mask = put(lifted.background, lifted.hole, cut, left - core[0], top - core[1])
    moved = (float(left - core[0] - cut.box[0]), float(top - core[1] - cut.box[1]))
    landed = clip((left, top, left + wide, top + tall), width, height)
    return Proposal(new, mask, Evidence(placed=(landed,), vacated=region.boxes, displacement=moved))


def _swap(picture: Array, masks: tuple[Array, Array], context: Context) -> Proposal:
    """Each object takes the other's foot, scaled as its distance on the ground plane asks."""
    height, width = picture.shape[:2]
    both = [taken(picture, mask, context) for mask in masks]
    hole = np.maximum(both[0].hole, both[1].hole)
    empty = emptied(picture, replace(both[0], hole=hole), context, 62)
    feet: list[tuple[Cut, Box]] = []
    for mask, one in zip(masks, both, strict=True):
        old = bounds(mask)
        if old is None:
            return refuse(picture, "the two could not be told apart: name them more exactly")
        feet.append((piece(picture, mask, one.shadow, empty.picture), old))
    result, touched = empty.picture, empty.weight
    landed: list[Box] = []
    for (cut, own), (_, other) in sorted(zip(feet, feet[::-1], strict=True), key=lambda pair: pair[1][1][3]):
        moved = scaled(cut, _depth_scale(own[3], other[3], height))
        core = moved.core
        left = round((other[0] + other[2]) / 2 - (core[0] + core[2]) / 2)
        top = other[3] - core[3]
        box = (left + core[0], top + core[1], left + core[2], top + core[3])
        front = stands_before(picture, box, context, np.maximum(hole, masks[0]))
        result, touched = put(result, touched, moved, left, top, front=front)
        landed.append(clip((left + core[0], top + core[1], left + core[2], top + core[3]), width, height))
    return Proposal(result, touched, Evidence(placed=tuple(landed), vacated=tuple(box for _, box in feet)))


def _depth_scale(foot: int, new_foot: int, height: int) -> float:
    """Size ratio of an object on a ground plane whose foot goes from one row to another; 1 where a foot is near or over the horizon."""
    horizon = _HORIZON * height
    if min(foot, new_foot) < horizon + 0.15 * height:
        return 1.0
    return float(np.clip((new_foot - horizon) / (foot - horizon), 0.6, 1.6))


def _overlap(a: Array, b: Array) -> float:
    both = int(((a > 127) & (b > 127)).sum())
    return both / max(1, min(int((a > 127).sum()), int((b > 127).sum())))
