"""Where a new thing goes, and how large it is there: relation, support, free room and perspective.

Candidate places on a grid are scored (`cost`) on what the picture offers (`space`); the cheapest wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.placing.anchor import RIM, Anchor, find_anchor, is_ground, top_line
from pixwright.edit.placing.cost import Candidates, cost_of
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.space import Floats, Space, height_at, natural_height, read_space, shares
from pixwright.edit.placing.worn import before_eyes, eyes_of, head_seen, wearer_of, worn_place
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Where
from pixwright.records.region import Box

_GRID = 40
_MUCH, _LITTLE = 0.3, 0.1
"""Shares of the picture's height between which a thing is of a good size to be seen."""
_ASHORE, _KEEL = 6.0, 0.14
"""What it costs what floats to lie beside the water, and the share of its height, from below, that must lie on it."""
_WIDEST = 0.45
"""Most of a picture's width that a thing takes, if the words do not ask for more: scales read off a picture are sometimes far off."""
_TOWERS, _BEHIND, _BELOW, _SUNK = 0.85, 0.75, 20.0, 0.12
"""Behind what the lower edge cuts: most of a picture's height that a thing takes; its size over that at the other's distance; what it costs to stand higher than the edge, by shares
of the height; and how much of it that edge cuts."""
_FLOCK = 0.25, 0.5
"""Sizes of those that fly together, over the usual one."""
_SCATTER, _TOGETHER = 0.16, 3.0
"""How far from the first the others of a flock fly, as a share of the picture's width; and what it costs to be off that place, by shares of the sides."""
_DEEP = {None, Relation.IN_FRONT, Relation.BEHIND, Relation.BELOW, Relation.FOREGROUND, Relation.BACKGROUND}
"""Places at another distance than the anchor's."""
_WORN = {Relation.ON, Relation.ABOVE, Relation.INSIDE, Relation.AROUND}
"""Places at which somebody wears a thing."""
_BESIDE = {Relation.BESIDE, Relation.LEFT, Relation.RIGHT, Relation.AROUND}


@dataclass(frozen=True, eq=False)
class Spot:
    """A place for one thing. `box` XYXY in pixels, of the cut-out's own aspect; it may reach past the frame. `contact`: it rests on
    something. `front` HxW uint8 or None: what stands before it. `anchor`: what it was placed by, for sharpness and light. `blur`: the sharpness
    known from what stood there, as `Look.blur`. `tilt`: degrees, clockwise, by which it is turned about its middle. `worn`: it rests on somebody,
    on whom its shadow falls."""

    box: Box
    contact: bool
    mirrored: bool = False
    front: Array | None = None
    anchor: Box | None = None
    note: str = ""
    blur: float | None = None
    tilt: float = 0.0
    worn: bool = False


@dataclass(frozen=True, eq=False)
class Placement:
    """What shall be placed where: `count` copies of `cutout`, each `scale` times its usual size."""

    cutout: Cutout
    where: Where | None = None
    count: int = 1
    scale: float = 1.0


def find_spots(picture: Array, placement: Placement, context: Context, salt: int = 11) -> tuple[Spot, ...] | str:
    """Places for `placement.count` things, or the reason why there is none.

    The user's region, if any, is the place; else the relation to the anchor; else free room by what holds the thing up.
    """
    rng = context.rng(salt)
    if context.user_region is not None and context.user_region.found:
        return _in_boxes(picture, placement, context.user_region.boxes, rng)
    where = placement.where
    if where is not None and where.anchor is not None and placement.cutout.support == "wear":
        where = where.model_copy(update={"anchor": wearer_of(where.anchor)})
    anchor: Anchor | None = None
    if where is not None and where.anchor is not None:
        found = find_anchor(picture, where, context)
        if isinstance(found, str):
            if where.relation != Relation.ON or not is_ground(where.anchor):
                return found
            # What carries everything seldom stands out; free room that is not sky is most likely it.
            spots = _search(read_space(picture, context, None), replace(placement, where=None), None, rng)
            return tuple(
                replace(spot, note=f'"{where.anchor}" was not told apart; placed where there is room') for spot in spots
            )
        anchor = _as_surface(found, where.relation, placement.cutout, picture)
        if where.anchor.owner is not None and anchor.area and where.relation == Relation.BESIDE:
            placement = replace(placement, where=where.model_copy(update={"relation": Relation.ON}))
        if placement.cutout.support == "wear" and where.relation in _WORN and not anchor.area:
            eyes = eyes_of(picture, where.anchor, anchor, context)
            if eyes is None and anchor.person and len(anchor.region.boxes) == 1 and before_eyes(placement.cutout):
                return f'no two eyes of "{where.anchor}" were seen that {placement.cutout.name} could sit on; show the place with --box X0,Y0,X1,Y1'
            head = None if eyes else head_seen(picture, where.anchor, anchor, context)
            places = [
                worn_place(anchor, index, placement.cutout, eyes, placement.scale, head)
                for index in range(min(placement.count, len(anchor.region.boxes)))
            ]
            return tuple(Spot(box, False, False, None, anchor.box, tilt=tilt, worn=True) for box, tilt in places)
    beside = where is not None and where.relation in _BESIDE
    space = read_space(picture, context, anchor, beside)
    water = context.ground(picture, "the water") if placement.cutout.support == "water" and anchor is None else None
    afloat = shares(water.mask, space.busy.shape[::-1]) if water is not None and water.found else None
    return _search(space, placement, anchor, rng, afloat)


def _as_surface(anchor: Anchor, relation: Relation, cutout: Cutout, picture: Array) -> Anchor:
    """An insect sits within a flower, and nothing can stand on a top that the frame cuts: then the thing goes within what is seen."""
    if cutout.support == "wear" and not anchor.area:
        return anchor
    small = cutout.support == "air" and (cutout.size_m or 1) <= 0.2
    cut = anchor.box[1] < 0.12 * picture.shape[0]
    return replace(anchor, area=True) if relation == Relation.ON and (small or cut) else anchor


def _in_boxes(picture: Array, placement: Placement, boxes: Sequence[Box], rng: np.random.Generator) -> tuple[Spot, ...]:
    """Fill the user's boxes: one thing a box, standing on its lower edge; more things than boxes share them side by side."""
    spots = []
    for index in range(placement.count):
        x0, y0, x1, y1 = boxes[index % len(boxes)]
        share = -(-placement.count // len(boxes))
        step = (x1 - x0) / share
        left = x0 + step * (index // len(boxes))
        airborne = placement.cutout.support == "air"
        box = fit_box(placement.cutout, (round(left), y0, round(left + step), y1), middle=airborne)
        spots.append(Spot(box, not airborne, index > 0 and bool(rng.random() < 0.5)))
    return tuple(spots)


def inside(box: Box, picture: Array) -> Box | None:
    """The part of a box that lies in the picture, or None."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def fit_box(cutout: Cutout, box: Box, *, middle: bool = False) -> Box:
    """The largest box of the cut-out's aspect in `box`, on its lower edge or in its middle."""
    x0, y0, x1, y1 = box
    rows, columns = cutout.pixels.shape[:2]
    scale = min((x1 - x0) / columns, (y1 - y0) / rows)
    wide, tall = max(2, round(columns * scale)), max(2, round(rows * scale))
    left = round((x0 + x1 - wide) / 2)
    top = round((y0 + y1 - tall) / 2) if middle else y1 - tall
    return left, top, left + wide, top + tall


def looks_back(cutout: Cutout, spot: Spot, picture: Array) -> bool:
    """Whether a cut-out is put mirrored: one that faces a side looks at what it was placed by, else into the picture, and every second one the other
    way; lettering never is, nor what is worn, whose place is reckoned as it is."""
    if cutout.faces == "lettered" or spot.worn:
        return False
    if cutout.faces == "":
        return spot.mirrored
    left, _, right, _ = spot.anchor or (0, 0, picture.shape[1], picture.shape[0])
    wanted = "right" if spot.box[0] + spot.box[2] < left + right else "left"
    return (cutout.faces != wanted) != spot.mirrored


def _search(
    space: Space, placement: Placement, anchor: Anchor | None, rng: np.random.Generator, afloat: Floats | None = None
) -> tuple[Spot, ...]:
    """The best places. `afloat`: the water that what floats is put on, as a small map in [0, 1]."""
    relation = placement.where.relation if placement.where else None
    airborne = (placement.cutout.support == "air" and relation not in {Relation.ON, Relation.INSIDE}) or (
        anchor is not None and anchor.sky
    )
    if relation == Relation.ABOVE and anchor is not None:
        airborne = True
    level = anchor is not None and not anchor.area and relation not in _DEEP
    flock = airborne and placement.count > 2
    aspect = placement.cutout.pixels.shape[1] / placement.cutout.pixels.shape[0]
    cx, base = np.meshgrid(np.linspace(0.03, 0.97, _GRID) * space.width, np.linspace(0.05, 0.985, _GRID) * space.height)
    spots: list[Spot] = []
    taken = space.taken.copy()
    for index in range(placement.count):
        vary = 1.0 if index == 0 else float(rng.uniform(0.82, 1.08))
        if flock:  # it flies farther away, and not all at one distance
            vary = float(rng.uniform(*_FLOCK))
        tall = height_at(space, placement.cutout, base, placement.scale * vary, airborne, level)
        tall = np.minimum(tall, _WIDEST * max(1.0, placement.scale) * space.width / aspect)
        tall = _as_far(tall, relation, anchor, aspect)
        real = natural_height(space, placement.cutout, base, airborne, level)
        cut = relation == Relation.BEHIND and anchor is not None and anchor.box[3] >= (1 - RIM) * space.height
        if cut and real is not None:
            tall = np.clip(_BEHIND * real, tall, _TOWERS * space.height)
        at = Candidates(cx, base, tall, tall * aspect)
        cost = cost_of(space, taken, relation, anchor, at, airborne)
        if afloat is not None:
            cost = cost + _ASHORE * (1 - at.mean(afloat, space.scale, _KEEL))
        if cut and not airborne:  # whoever is so near that the frame cuts them has the ground below it
            cost = cost + _BELOW * np.abs(base / space.height - 1)
        if real is not None:  # a ship goes where the water is far enough away for it
            cost = cost + 1.5 * np.maximum(np.log(real / (_MUCH * space.height)), 0)
            cost = cost + np.clip(0.5 * np.log(_LITTLE * space.height / real), 0, 1)
        cost = cost + rng.uniform(0, 0.04, cost.shape)
        if flock and spots:
            cost = cost + _about(spots[0].box, cx / space.width, base / space.height, space, rng)
        row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
        box = _box(float(cx[row, column]), float(base[row, column]), float(tall[row, column]), aspect)
        if relation == Relation.ON and anchor is not None and not anchor.area:
            box = _settle(box, anchor)
        if cut and not airborne:
            box = _lowered(box, _SUNK)
        front = anchor.region.mask if relation == Relation.BEHIND and anchor is not None else None
        spots.append(
            Spot(
                box,
                not airborne,
                index % 2 == 1 and not flock,
                front,
                anchor.box if anchor and not anchor.area else None,
            )
        )
        x0, y0, x1, y1 = (round(v * space.scale) for v in box)
        pad = max(1, (x1 - x0) // 12)
        taken[max(0, y0) : max(0, y1), max(0, x0 - pad) : max(0, x1 + pad)] = 4.0
    return tuple(spots)


def _as_far(tall: Floats, relation: Relation | None, anchor: Anchor | None, aspect: float) -> Floats:
    """Heights that suit where a thing is put: within another it is smaller than that, in front larger and far behind smaller than elsewhere."""
    if relation == Relation.INSIDE and anchor is not None and not anchor.area:
        room = anchor.box[3] - anchor.box[1], anchor.box[2] - anchor.box[0]
        return np.minimum(tall, 0.7 * min(room[0], room[1] / aspect))
    return tall * {Relation.FOREGROUND: 1.25, Relation.BACKGROUND: 0.55}.get(relation, 1.0) if relation else tall


def _about(first: Box, x: Floats, y: Floats, space: Space, rng: np.random.Generator) -> Floats:
    """What it costs another of a flock to be at `x`, `y` (shares of the sides): they fly in no file."""
    aside, down = rng.normal(0, _SCATTER, 2)
    away = np.hypot(x - first[0] / space.width - aside, y - first[3] / space.height - down / 2)
    return np.asarray(_TOGETHER * away)


def _box(cx: float, base: float, tall: float, aspect: float) -> Box:
    wide = tall * aspect
    left, top = round(cx - wide / 2), round(base - tall)
    return left, top, left + max(2, round(wide)), top + max(2, round(tall))


def _lowered(box: Box, share: float) -> Box:
    """A box moved down by a share of its height."""
    down = round(share * (box[3] - box[1]))
    return box[0], box[1] + down, box[2], box[3] + down


def _settle(box: Box, anchor: Anchor) -> Box:
    """Lower a thing onto the anchor's outline: its foot sinks by a few hundredths, so that it never floats."""
    x0, y0, x1, y1 = box
    line = top_line(anchor, x0 + (x1 - x0) // 4, x1 - (x1 - x0) // 4)
    drop = round(line + 0.05 * (y1 - y0)) - y1
    return x0, y0 + drop, x1, y1 + drop
