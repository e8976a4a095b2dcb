"""Outpaint: more picture on one side or all, continued by patches from a reflected first guess, or a border of one colour; the old pixels stay as they are."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.widening import Sides, extend
from pixwright.edit.framing import MAX_SIDE
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Frame, Relation, Step, Unit
from pixwright.records.region import Region
from pixwright.records.vocabulary import Rgb
from pixwright.words.colours import rgb

_SIDES: dict[Relation, str] = {
    Relation.LEFT: "l",
    Relation.RIGHT: "r",
    Relation.TOP: "t",
    Relation.ABOVE: "t",
    Relation.BOTTOM: "b",
    Relation.BELOW: "b",
    Relation.TOP_LEFT: "tl",
    Relation.TOP_RIGHT: "tr",
    Relation.BOTTOM_LEFT: "bl",
    Relation.BOTTOM_RIGHT: "br",
    Relation.EVERY_SIDE: "tblr",
    Relation.BOTH_SIDES: "lr",
    Relation.AROUND: "tblr",
}
_DEFAULT = 0.25
_MOST = 1.0
"""At most this share of a side is added to it: beyond, a continuation is invention."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Add to the sides that `step.where` names (all if none) `step.amount` of the side (a quarter if none), or what `step.frame` lacks to its proportion; a border of one colour where `step.value` names one."""
    del region
    height, width = picture.shape[:2]
    asked = sides_of(step, height, width)
    if isinstance(asked, str):
        return refuse(picture, asked)
    sides, partly = asked
    if step.amount is None or step.amount.unit is not Unit.PIXELS:
        on_grid = context.grid.added if step.frame is None else context.grid.shared
        sides = on_grid(sides, height, width)
    colour = rgb(step.value) if step.value else None
    if step.value and colour is None:
        return refuse(
            picture, f'"{step.value}" is no colour for a border: say a colour, or nothing to continue the picture'
        )
    new, canvas_mask = extend(picture, sides, context, 41) if colour is None else bordered(picture, sides, colour)
    top, _, left, _ = sides
    evidence = Evidence(canvas=(left, top, left + width, top + height))
    return Proposal(new, canvas_mask, evidence, partly=partly)


def sides_of(step: Step, height: int, width: int) -> tuple[Sides, str | None] | str:
    """What an outpaint of a picture of that size adds, and what of it cannot be done at once; or why nothing can."""
    if step.frame is not None:
        return _to_proportion(step.frame, height, width)
    relation = step.where.relation if step.where else Relation.EVERY_SIDE
    names = _SIDES.get(relation)
    if names is None:
        return f'"{relation.value}" is no side of the picture: say left, right, top, bottom or all sides'
    tall, wide = (_added(step.amount, side, set(ends) <= set(names)) for side, ends in ((height, "tb"), (width, "lr")))
    if tall <= 0 or wide <= 0:
        return "nothing would be added: give a positive amount such as 25% or 200 pixels, or crop instead"
    limited = tall > _MOST * height or wide > _MOST * width
    tall, wide = min(tall, round(_MOST * height)), min(wide, round(_MOST * width))
    top, bottom, left, right = (
        size if name in names else 0 for name, size in zip("tblr", (tall, tall, wide, wide), strict=True)
    )
    if max(height + top + bottom, width + left + right) > MAX_SIDE:
        return f"the new side would be over {MAX_SIDE} pixels: add less, or make the picture smaller first"
    partly = "only one picture's width is added on a side: repeat the step for more" if limited else None
    return (top, bottom, left, right), partly


def _to_proportion(frame: Frame, height: int, width: int) -> tuple[Sides, str | None] | str:
    """Equal parts at two opposite sides until the picture has the frame's proportion."""
    assert frame.width and frame.height
    more_wide = round(height * frame.width / frame.height) - width
    more_high = round(width * frame.height / frame.width) - height
    if max(more_wide, more_high) <= 0:
        return "the picture has this proportion already"
    if more_wide > 2 * _MOST * width or more_high > 2 * _MOST * height:
        return f"{frame.width}:{frame.height} asks for more than a picture's width on a side: go there in two steps"
    if max(height + more_high, width + more_wide) > MAX_SIDE:
        return f"the new side would be over {MAX_SIDE} pixels: make the picture smaller first"
    if more_wide > 0:
        return (0, 0, more_wide // 2, more_wide - more_wide // 2), None
    return (more_high // 2, more_high - more_high // 2, 0, 0), None


def _added(amount: Amount | None, side: int, both: bool) -> int:
    """Pixels to add to one side. A factor counts the whole: 2 on one side adds one side's length, on both half of it each."""
    if amount is None:
        wish = _DEFAULT * side
    elif amount.unit is Unit.PIXELS:
        wish = amount.value
    elif amount.unit is Unit.FACTOR:
        wish = (amount.value - 1) * side / (2 if both else 1)
    elif amount.unit is Unit.STRENGTH:
        wish = amount.value * side * _DEFAULT / 0.6
    else:
        wish = amount.value / 100 * side
    return max(1, round(wish)) if wish > 0 else 0


def bordered(picture: Array, sides: Sides, colour: Rgb) -> tuple[Array, Array]:
    """The picture (HxWx3 uint8) within a border of one colour, and the mask of what is new."""
    top, bottom, left, right = sides
    new = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=colour)
    old = np.zeros(picture.shape[:2], np.uint8)
    return new, cv2.copyMakeBorder(old, top, bottom, left, right, cv2.BORDER_CONSTANT, value=255)
