"""Movement: an object is lifted out, what it leaves is filled, and it is put down elsewhere at its size."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors import relation_change as relation_editor
from pixwright.edit.filling.widening import extend
from pixwright.edit.placing.before import stands_before
from pixwright.edit.placing.lifting import Cut, bounds, clip, cut_sides, lift, put, spot
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.region import Box, Region
from pixwright.records.result import Control

DIRECTIONS: dict[Relation, tuple[int, int]] = {
    Relation.LEFT: (-1, 0),
    Relation.RIGHT: (1, 0),
    Relation.ABOVE: (0, -1),
    Relation.TOP: (0, -1),
    Relation.BELOW: (0, 1),
    Relation.BOTTOM: (0, 1),
    Relation.TOP_LEFT: (-1, -1),
    Relation.TOP_RIGHT: (1, -1),
    Relation.BOTTOM_LEFT: (-1, 1),
    Relation.BOTTOM_RIGHT: (1, 1),
}
_PLAIN = frozenset({Relation.LEFT, Relation.RIGHT, Relation.ABOVE, Relation.BELOW})
"""Without an amount these say a direction; the other relations then say a place."""
_MOST = 0.7
_NOTICED = 0.05
"""Share of its own side by which a thing must move to be seen to have moved, where the words do not say how far."""
_SEEN, _LITTLE, _MUCH = 127, 0.04, 0.14
"""Level of a mask from which a pixel is the thing's; share of the picture below which a thing is moved by itself even where the frame cuts it, and above which it moves with all that is about it."""
_MOST_SHIFT, _LEAST_SHIFT = 0.25, 0.12
"""Share of a side by which a frame is moved at most; and by which it is where there is no room for more."""
_PLACED = re.compile(
    r"\b(side|edge|border|end|corner|half|third|part|middle|on the|at the|(put|place|position|set|have|be) \w)\b|\b(put|place|position|set)\b"
)
"""Words of a place: "on the left side" is one, "to the left" is a direction."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Move the region's objects as one by a direction and amount, to a place in the frame, or to a place by an anchor."""
    where = step.where
    if where is None:
        return refuse(picture, "where to is not said: name a direction, a corner, or a thing to put it next to")
    if where.anchor is not None:
        return relation_editor.edit(picture, step, region, context)
    box = bounds(region.mask)
    if box is None or float((region.mask > 127).mean()) > _MOST:
        return refuse(
            picture, f"{step.target or 'it'} takes nearly the whole picture: crop, or add room with an outpaint first"
        )
    height, width = picture.shape[:2]
    explicit = step.amount is not None and step.amount.unit is not Unit.STRENGTH
    aside = where.relation in _PLAIN and not _PLACED.search(step.instruction.lower())
    if where.relation in DIRECTIONS and (step.amount is not None or aside):
        dx, dy = _by(step.amount, DIRECTIONS[where.relation], box, width, height)
    else:
        target = _spot(where.relation, box, (width, height))
        if target is None:
            return refuse(
                picture,
                f'"{where.relation.value}" needs a thing to be placed by: "move it {where.relation.value} the tree"',
            )
        dx, dy = target[0] - box[0], target[1] - box[1]
    if not explicit and _with_its_surroundings(region, (dx, dy), step):
        behind = {"left": dx > 0, "right": dx < 0, "top": dy > 0, "bottom": dy < 0}
        if edge := next((side for side in cut_sides(region.mask) if behind[side]), None):
            return refuse(
                picture,
                f"the frame cuts {step.target or 'it'} at the {edge}: moved away from there, it would need what lies outside the photograph",
            )
        return reframed(picture, region, _noticeable(box, (dx, dy), (width, height)), context)
    if not explicit:
        dx, dy = _kept_inside(box, dx, dy, width, height)
    if max(abs(dx) / width, abs(dy) / height) < 0.01:
        return refuse(picture, f"{step.target or 'it'} is there already: name another direction or an amount in pixels")
    landed = (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)
    if _area(clip(landed, width, height)) < 0.2 * _area(box):
        return refuse(picture, f"{step.target or 'it'} would leave the picture: move it by less, or remove it")
    moved = shifted(picture, region, (dx, dy), context)
    return moved if explicit else replace(moved, partly=moved.partly or _hardly(step, box, dx, dy))


def _with_its_surroundings(region: Region, by: tuple[int, int], step: Step) -> bool:
    """Whether the frame moves instead of the thing: what the frame cuts, or what fills much of the picture, leaves a hole that nobody knows how to fill."""
    if not any(by) or step.where is None or float((region.mask > _SEEN).mean()) < _LITTLE:
        return False
    cuts = set(cut_sides(region.mask))
    sideways = by[0] != 0 and by[1] == 0
    return bool(cuts - ({"bottom"} if sideways else set())) or float((region.mask > _SEEN).mean()) > _MUCH


def _noticeable(box: Box, by: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """How far a frame is moved for a thing: as far as was wished, at most `_MOST_SHIFT` of a side, and not so far that much of a thing that is whole leaves it."""
    out = []
    for way, first, last, side in ((by[0], box[0], box[2], frame[0]), (by[1], box[1], box[3], frame[1])):
        length = min(abs(way), _MOST_SHIFT * side)
        room = side - last if way > 0 else first
        # What is cut on that side already is cut a little more; what is whole keeps all of itself, if that is a movement at all.
        most = length if room <= 1 else max(room, _LEAST_SHIFT * side)
        out.append(round(np.copysign(min(length, most), way)) if way else 0)
    return out[0], out[1]


def reframed(picture: Array, region: Region, by: tuple[int, int], context: Context) -> Proposal:
    """The frame moved against (dx, dy), so that everything in it moves by that: what leaves it is cut off, and what comes in on the other side is the picture, continued."""
    height, width = picture.shape[:2]
    dx, dy = by
    wider, new = extend(picture, (max(dy, 0), max(-dy, 0), max(dx, 0), max(-dx, 0)), context, 53, region.mask)
    top, left = max(-dy, 0), max(-dx, 0)
    part = np.s_[top : top + height, left : left + width]
    share = float((new[part] > 0).mean())
    said = f"the whole view was moved, since what it would leave behind is not known: {share:.0%} of the picture was cut off on one side, and as much made up on the other"
    evidence = Evidence(displacement=(float(dx), float(dy)))
    return Proposal(np.ascontiguousarray(wider[part]), np.full((height, width), 255, np.uint8), evidence, notes=(said,))


def _hardly(step: Step, box: Box, dx: int, dy: int) -> str | None:
    """What to say of a movement that the frame stopped before anybody would notice it."""
    if abs(dx) >= _NOTICED * (box[2] - box[0]) or abs(dy) >= _NOTICED * (box[3] - box[1]):
        return None
    room = max(abs(dx), abs(dy))
    return f"there was room for {room} pixels only on that side of {step.target or 'it'}: make it smaller first, or say by how many pixels"


def _spot(relation: Relation, box: Box, frame: tuple[int, int]) -> tuple[int, int] | None:
    """Left and top of the box at a place of the frame; at a side, it stays on the line that it stands on."""
    target = spot(relation, (box[2] - box[0], box[3] - box[1]), frame)
    if target is None or relation not in (Relation.LEFT, Relation.RIGHT):
        return target
    return target[0], box[1]


def shifted(picture: Array, region: Region, by: tuple[int, int], context: Context) -> Proposal:
    """The proposal that moves `region` by whole pixels (dx, dy), or as the controls say; people and animals nearer to us stay before it."""
    height, width = picture.shape[:2]
    set_by = context.controls
    by = (
        round(set_by["move_x"] / 100 * width) if "move_x" in set_by else by[0],
        round(set_by["move_y"] / 100 * height) if "move_y" in set_by else by[1],
    )
    lifted = lift(picture, region.mask, context, 51)
    cut = lifted.cut
    left, top = cut.box[0] + by[0], cut.box[1] + by[1]
    landed = clip((left + cut.core[0], top + cut.core[1], left + cut.core[2], top + cut.core[3]), width, height)
    front = stands_before(picture, landed, context, lifted.hole)
    new, mask = put(lifted.background, lifted.hole, cut, left, top, front=front)
    boxes = tuple(clip((b[0] + by[0], b[1] + by[1], b[2] + by[0], b[3] + by[1]), width, height) for b in region.boxes)
    evidence = Evidence(placed=boxes, vacated=region.boxes, displacement=(float(by[0]), float(by[1])))
    return Proposal(
        new,
        mask,
        evidence,
        partly=cut_off(cut, by, width, height) or lifted.left,
        controls=_controls(by, width, height),
    )


def _controls(by: tuple[int, int], width: int, height: int) -> tuple[Control, ...]:
    why = "how far it was moved, to the right and downwards"
    return tuple(
        Control(name=name, value=round(100 * move / side, 1), low=-100, high=100, unit=f"% of the {of}", why=why)
        for name, move, side, of in (("move_x", by[0], width, "width"), ("move_y", by[1], height, "height"))
    )


def cut_off(cut: Cut, by: tuple[int, int], width: int, height: int) -> str | None:
    """What to say of an object that the frame cuts and that moves away from that edge."""
    edges = {
        "left": cut.alpha[:, 0].max() > 127 and cut.box[0] == 0 and by[0] > 0,
        "top": cut.alpha[0].max() > 127 and cut.box[1] == 0 and by[1] > 0,
        "right": cut.alpha[:, -1].max() > 127 and cut.box[2] == width and by[0] < 0,
        "bottom": cut.alpha[-1].max() > 127 and cut.box[3] == height and by[1] < 0,
    }
    seen = [name for name, cuts in edges.items() if cuts]
    return f"the frame cuts it at the {seen[0]}: what lies outside the photograph is not known" if seen else None


def _by(amount: Amount | None, way: tuple[int, int], box: Box, width: int, height: int) -> tuple[int, int]:
    """Pixels from an amount: a percentage is of the picture's side, a factor of the object's own size, a strength up to a third of the side."""
    lengths = []
    for side, own in ((width, box[2] - box[0]), (height, box[3] - box[1])):
        if amount is None:
            lengths.append(max(0.2 * side, 0.6 * own))
        elif amount.unit is Unit.PIXELS:
            lengths.append(amount.value)
        elif amount.unit is Unit.FACTOR:
            lengths.append(amount.value * own)
        elif amount.unit is Unit.STRENGTH:
            lengths.append(amount.value * side / 3)
        else:
            lengths.append(amount.value / 100 * side)
    return round(way[0] * lengths[0]), round(way[1] * lengths[1])


def _kept_inside(box: Box, dx: int, dy: int, width: int, height: int) -> tuple[int, int]:
    """A movement of unstated length stops at the frame."""
    dx = int(np.clip(dx, min(0, -box[0]), max(0, width - box[2])))
    dy = int(np.clip(dy, min(0, -box[1]), max(0, height - box[3])))
    return dx, dy


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])
