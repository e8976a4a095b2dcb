"""Resize: an object about its foot, or the whole picture by cropping, zooming or resampling."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

import cv2
import numpy as np

from pixwright.edit.composite import blend
from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.shadows import cast_shadow
from pixwright.edit.filling.widening import extend
from pixwright.edit.framing import ABOUT, all_of, in_frame, resized_to
from pixwright.edit.placing.before import stands_before
from pixwright.edit.placing.lifting import (
    OWN,
    Cut,
    bounds,
    clip,
    cut_sides,
    lift,
    piece,
    put,
    scaled,
    spot,
    within,
    without,
)
from pixwright.edit.trimming import trim
from pixwright.media.pixels import resized
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.region import Box, Region
from pixwright.records.result import Control

_LARGER = 1.4
"""An unstated change of size."""
_LEAST_GROWN = 1.08
"""Growth that is seen: where there is no room for it, a larger one is refused."""
_CROP = 0.8
"""An unstated crop keeps this share of each side."""
_ZOOM_OUT_MOST = 3.0
_Axis: TypeAlias = Literal["both", "height", "width"]
_HEIGHT = re.compile(r"\b(taller|higher|shorter|height)\b")
_WIDTH = re.compile(r"\b(wider|broader|narrower|slimmer|thinner|width)\b")


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """The target's objects change size about their feet; without a target the frame changes, by a value of `vocabulary.FRAMES`."""
    if step.frame is not None and step.value is not None:
        return in_frame(picture, step, step.frame, context, region)
    if step.value == "trim":
        return trim(picture, step.amount, context)
    if step.value == "crop":
        return _crop(picture, step, region, context)
    if step.value == "zoom in":
        return _zoom_in(picture, step, region)
    if step.value == "zoom out":
        return _zoom_out(picture, step, context)
    factor = _factor(step)
    if factor is None:
        return refuse(picture, "a size must stay above zero: give a factor such as 0.5 or 2, or a percentage over -100")
    if step.target is None and region.source != "user":
        return resized_to(picture, round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    return _resize_object(picture, step, region, factor, context)


def _factor(step: Step) -> float | None:
    """The size ratio, or None if it is not positive. A strength of 0.6 is 1.4 times, one of -0.6 the inverse."""
    amount = step.amount
    if amount is None:
        return _LARGER
    if amount.unit is Unit.FACTOR:
        return amount.value if amount.value > 0 else None
    if amount.unit is Unit.PERCENT:
        return 1 + amount.value / 100 if amount.value > -100 else None
    if amount.unit is Unit.STRENGTH:
        ratio = 1 + abs(amount.value) * (_LARGER - 1) / 0.6
        return 1 / ratio if amount.value < 0 else ratio
    return None


def _behind_the_nearer(
    picture: Array, new: Array, mask: Array, placed: list[Box], context: Context
) -> tuple[Array, Array]:
    """The result and its mask with the people and animals that stand nearer than what was placed as they were: a mountain grows behind whoever looks at it."""
    seen = (stands_before(picture, box, context) for box in placed)
    nearer = [front for front in seen if front is not None]
    if not nearer:
        return new, mask
    front = np.max(nearer, axis=0)
    return blend(new, picture, front), np.where(front >= OWN, 0, mask).astype(np.uint8)


def _axis(step: Step) -> _Axis:
    """A thing that is made taller or wider keeps its other measure; anything else changes as a whole."""
    words = step.instruction.lower()
    tall, wide = bool(_HEIGHT.search(words)), bool(_WIDTH.search(words))
    return "both" if tall == wide else "height" if tall else "width"


def _resize_object(picture: Array, step: Step, region: Region, factor: float, context: Context) -> Proposal:
    height, width = picture.shape[:2]
    target = bounds(region.mask)
    name = step.target or "it"
    if target is None:
        return refuse(picture, f"{name} was not found: show it with --box X0,Y0,X1,Y1")
    if abs(factor - 1) < 0.02:
        return refuse(picture, f"a factor of {factor:.2f} would change nothing: say how much larger or smaller")
    tall, wide = target[3] - target[1], target[2] - target[0]
    axis = _axis(step)
    factor = context.controls.get("factor", factor)
    alone = len(region.boxes) == 1
    fitting = _fitting(factor, axis, target, cut_sides(region.mask), (width, height)) if alone else factor
    if fitting < min(factor, _LEAST_GROWN):
        return refuse(
            picture, f"there is no room for {name} to grow: it would leave the picture; add some with an outpaint first"
        )
    partly = (
        f"{name} was made {fitting:.2g} times as large: more would leave the picture"
        if fitting < factor - 0.02
        else None
    )
    factor = fitting
    across, down = (1.0 if axis == "height" else factor), (1.0 if axis == "width" else factor)
    if min(tall * down, wide * across) < 2:
        return refuse(picture, f"{name} would be under 2 pixels: use a larger factor, or remove it")
    if factor > 1 and (float((region.mask > 127).mean()) > 0.6 or max(tall * down / height, wide * across / width) > 4):
        return refuse(picture, f"{name} would be far larger than the picture: use a smaller factor, or zoom in")
    lifted = lift(picture, region.mask, context, 71)
    before = stands_before(picture, target, context)
    cut = lifted.cut if before is None else without(lifted.cut, before)
    new, mask = lifted.background, lifted.hole
    placed: list[Box] = []
    for instance in _instances(region):
        one = cut if alone else _one(picture, instance, lifted.background)
        core = one.core
        x, y = one.box[0] + (core[0] + core[2]) / 2, one.box[1] + core[3]
        # An object that the frame cuts at the bottom has its foot below the frame: it stays cut.
        bigger = scaled(one, across, down)
        after = bigger.core
        left, top = round(x - (after[0] + after[2]) / 2), round(y - after[3])
        if factor > 1 and not cut_sides(instance):
            # What is nearer is larger, and stands lower: so it stays in the frame.
            top = within(top + after[1], after[3] - after[1], height) - after[1]
            left = within(left + after[0], after[2] - after[0], width) - after[0]
        new, mask = put(new, mask, bigger, left, top)
        placed.append(clip((left + after[0], top + after[1], left + after[2], top + after[3]), width, height))
    new, mask = _behind_the_nearer(picture, new, mask, placed, context)
    evidence = Evidence(placed=tuple(placed), vacated=region.boxes, factor=factor, axis=axis)
    control = Control(
        name="factor", value=round(factor, 2), low=0.1, high=4, unit="times", why="how much larger or smaller"
    )
    return Proposal(new, mask, evidence, partly=partly, controls=(control,))


def _fitting(factor: float, axis: _Axis, box: Box, cuts: tuple[str, ...], size: tuple[int, int]) -> float:
    """The largest factor up to the wanted one at which a thing stays in the frame of `size` (width, height); what the frame cuts keeps its foot, and may grow past the edge that cuts it."""
    if factor <= 1:
        return factor
    width, height = size
    tallest = factor if axis == "width" or "top" in cuts else (box[3] if cuts else height) / (box[3] - box[1])
    widest = factor if axis == "height" or {"left", "right"} & set(cuts) else width / (box[2] - box[0])
    return min(factor, tallest, widest)


def _one(picture: Array, mask: Array, background: Array) -> Cut:
    """One of several instances as a cut-out, over a background that is already filled."""
    return piece(picture, mask, cast_shadow(picture, mask)[0], background)


def _instances(region: Region) -> list[Array]:
    """Each instance's mask, the farthest (highest foot) first."""
    order = sorted(range(len(region.boxes)), key=lambda index: region.boxes[index][3])
    return [mask for mask in (region.instance(index) for index in order) if bounds(mask) is not None] or [region.mask]


def _kept(amount: Amount | None, side: int) -> int:
    """Pixels of a side that a crop keeps: a percentage or strength is taken away, a factor is what stays."""
    if amount is None:
        return round(_CROP * side)
    if amount.unit is Unit.PIXELS:
        return round(side - abs(amount.value))
    if amount.unit is Unit.FACTOR:
        return round(side * (amount.value if amount.value <= 1 else 1 / amount.value))
    if amount.unit is Unit.STRENGTH:
        return round(side * (1 - abs(amount.value) / 3))
    return round(side * (1 - abs(amount.value) / 100))


def _crop(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """The part that is kept: around the target, on the side that `where` names, or the middle."""
    height, width = picture.shape[:2]
    missing = None
    if region.source in ("phrase", "user") and region.found:
        region, missing = all_of(picture, step, region, context)
        centred = step.where is not None and step.where.relation is Relation.CENTER
        box = (_about if centred else _around)(region, width, height, tight=region.source == "user")
    else:
        wide, tall = _kept(step.amount, width), _kept(step.amount, height)
        relation = step.where.relation if step.where and step.where.anchor is None else Relation.CENTER
        if relation in (Relation.LEFT, Relation.RIGHT):
            tall = height if wide != tall else tall
        if relation in (Relation.TOP, Relation.BOTTOM, Relation.ABOVE, Relation.BELOW):
            wide = width if wide != tall else wide
        if wide < 1 or tall < 1:
            return refuse(picture, "nothing would be left: crop by less than the picture's side")
        box = _corner(relation, wide, tall, width, height)
    if box == (0, 0, width, height):
        return refuse(picture, "the crop would keep the whole picture: say by how much, such as 'crop by 20%'")
    x0, y0, x1, y1 = box = box if region.source == "user" else context.grid.box(box, height, width)
    part = picture[y0:y1, x0:x1].copy()
    return Proposal(part, np.zeros(part.shape[:2], np.uint8), Evidence(canvas=box), partly=missing)


def _around(region: Region, width: int, height: int, *, tight: bool) -> Box:
    box = bounds(region.mask) or region.boxes[0]
    pad = 0 if tight else round(ABOUT * max(box[2] - box[0], box[3] - box[1]))
    return clip((box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad), width, height)


def _about(region: Region, width: int, height: int, *, tight: bool) -> Box:
    """The largest part of the picture, of its own proportion where the target fits in, whose middle is that of the target."""
    box = _around(region, width, height, tight=tight)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    reach_x, reach_y = min(x, width - x), min(y, height - y)
    share = min(reach_x * 2 / width, reach_y * 2 / height)
    wide = max(share * width, min(box[2] - box[0], 2 * reach_x))
    tall = max(share * height, min(box[3] - box[1], 2 * reach_y))
    return clip((round(x - wide / 2), round(y - tall / 2), round(x + wide / 2), round(y + tall / 2)), width, height)


def _corner(relation: Relation, wide: int, tall: int, width: int, height: int) -> Box:
    left = {"left": 0, "right": width - wide}.get(relation.value.split("_")[-1], (width - wide) // 2)
    first = relation.value.split("_")[0]
    top = {"top": 0, "above": 0, "bottom": height - tall, "below": height - tall}.get(first, (height - tall) // 2)
    return left, top, left + wide, top + tall


def _zoom_in(picture: Array, step: Step, region: Region) -> Proposal:
    """A part of the same shape, around the target or the middle, enlarged to the picture's size."""
    height, width = picture.shape[:2]
    factor = _frame_factor(step.amount, 1.5)
    if factor <= 1:
        return refuse(picture, "zooming in takes a factor over 1, such as 'zoom in 2 times'")
    wide, tall = max(1, round(width / factor)), max(1, round(height / factor))
    x, y = width / 2, height / 2
    if region.source in ("phrase", "user") and region.found:
        box = bounds(region.mask) or region.boxes[0]
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if step.amount is None:
            share = max((box[2] - box[0]) / width, (box[3] - box[1]) / height)
            factor = float(np.clip(0.8 / share, 1.2, 4))
            wide, tall = max(1, round(width / factor)), max(1, round(height / factor))
    elif step.where is not None and step.where.anchor is None:
        place = spot(step.where.relation, (wide, tall), (width, height))
        x, y = (place[0] + wide / 2, place[1] + tall / 2) if place else (x, y)
    left, top = int(np.clip(x - wide / 2, 0, width - wide)), int(np.clip(y - tall / 2, 0, height - tall))
    new = cv2.resize(picture[top : top + tall, left : left + wide], (width, height), interpolation=cv2.INTER_LANCZOS4)
    notes = ("enlarging adds no detail that the photograph does not hold",) if factor > 2 else ()
    return Proposal(new, np.full((height, width), 255, np.uint8), Evidence(factor=factor), notes=notes)


def _zoom_out(picture: Array, step: Step, context: Context) -> Proposal:
    """The picture smaller in the middle of a frame of the same size; what surrounds it is continued."""
    height, width = picture.shape[:2]
    factor = _frame_factor(step.amount, 1.4)
    if not 1 < factor <= _ZOOM_OUT_MOST:
        return refuse(
            picture,
            f"zooming out takes a factor over 1 and up to {_ZOOM_OUT_MOST:g}: beyond, nearly all would be invented",
        )
    wide, tall = max(1, round(width / factor)), max(1, round(height / factor))
    small = resized(picture, tall, wide)
    left, top = (width - wide) // 2, (height - tall) // 2
    new, _ = extend(small, (top, height - tall - top, left, width - wide - left), context, 72)
    return Proposal(new, np.full((height, width), 255, np.uint8), Evidence(factor=1 / factor))


def _frame_factor(amount: Amount | None, usual: float) -> float:
    """A zoom's factor, over 1 in the direction of the word; 0 where the amount makes no sense."""
    if amount is None:
        return usual
    if amount.unit is Unit.FACTOR:
        return amount.value if amount.value >= 1 or amount.value <= 0 else 1 / amount.value
    if amount.unit is Unit.PERCENT:
        return 1 + abs(amount.value) / 100
    if amount.unit is Unit.STRENGTH:
        return 1 + abs(amount.value) * (usual - 1) / 0.6
    return 0.0
