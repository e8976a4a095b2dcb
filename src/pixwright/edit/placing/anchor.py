"""The thing that a new one is placed by: its region, its real size, and what of it can carry something."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context
from pixwright.edit.surfaces.surface import bounds
from pixwright.records.instruction import Array
from pixwright.records.plan import Where
from pixwright.records.region import Box, Region
from pixwright.records.thing import Thing
from pixwright.words import lexicon

_GROUNDS = frozenset(("ground", "grass", "road", "sand", "table"))
"""Kinds of stuff that carry everything in a picture."""
FAR = 1000
"""Metres: what is higher tells nothing of what is near."""


RIM = 0.015
"""Share of the height: what comes so near the upper or lower edge is cut by it."""
FLAT = 0.25
"""Height over width under which a thing lies rather than stands."""
SEAT = 0.58
"""How far below a chair's top its seat is, as a share of its height as it is seen from before."""
SMALL, TALL = 0.3, 6
"""Metres: of what is lower, the smaller measure is believed; what is higher tells nothing of what stands near."""
_DRUNK, _SERVED = 0.13, 1.25
"""Metres: what lower vessels hold is drunk, and they come with a saucer, which is seen as one thing with them; and how much larger that makes them seem."""
_ENDS = frozenset(("end", "tip"))
_SIDES = 44
"""Percent of its width on either side that is left free."""
_END, _ACROSS = 0.2, 0.35
"""Share of a pier's length that is its end; and its height over its width from which it leads away from the camera."""
NEARLY_ALL = 0.9
"""Share of the width from which a surface is seen only in part."""


@dataclass(frozen=True, eq=False)
class Anchor:
    """`box` XYXY of its largest instance. `area`: stuff or a surface. `per_metre`: pixels a metre at it, or None if its size is unknown.
    `second`: the other anchor's box, for `between`."""

    region: Region
    box: Box
    area: bool
    sky: bool
    size_m: float | None
    per_metre: float | None
    person: bool = False
    second: Box | None = None
    seat: bool = False
    """Whether one sits on it, below its upper outline."""


def find_anchor(picture: Array, where: Where, context: Context) -> Anchor | str:
    """Ground the anchor of `where`; the reason, for the user, if it is not there."""
    assert where.anchor is not None
    if (whole := _stretch_of(where.anchor)) is not None:
        return _far_end(picture, whole, context)
    thing = _bearer(where.anchor)
    region = context.ground(picture, thing)
    if not region.found:
        return _missing(thing, region)
    second = None
    if where.second_anchor is not None:
        other = context.ground(picture, where.second_anchor)
        if not other.found:
            return _missing(where.second_anchor, other)
        second = _largest(other)
    elif len(region.boxes) == 2 and where.relation == "between":
        return _anchor(picture, thing, region, region.boxes[0], region.boxes[1])
    return _anchor(picture, thing, region, _largest(region), second)


def _bearer(thing: Thing) -> Thing:
    """The boat of "the edge of the boat": a rim, a corner or a side has no look of its own by which it could be found."""
    kind = lexicon().entry(thing.head)
    seen = kind is not None and (kind.part or kind.stuff or kind.size or kind.imagenet or kind.coco)
    return thing if seen or thing.owner is None else thing.owner


def _stretch_of(thing: Thing) -> Thing | None:
    """The thing whose end is meant by "the end of the pier"; None for any other thing."""
    return thing.owner if thing.head in _ENDS and thing.owner is not None else None


def _far_end(picture: Array, whole: Thing, context: Context) -> Anchor | str:
    """The end of something that stretches away: its farthest part, as an area that things stand on."""
    region = context.ground(picture, whole)
    if not region.found:
        return _missing(whole, region)
    mask = far_end(region.mask)
    box = bounds(mask)
    end = replace(region, mask=mask, boxes=(box,), labels=None)
    return replace(_anchor(picture, whole, end, box, None), area=True, per_metre=None)


def far_end(mask: Array) -> Array:
    """Of what `mask` (HxW uint8) covers, the `_END` that is farthest from the camera: the highest rows, or, of what lies across the picture, the
    side that the frame does not cut."""
    x0, y0, x1, y1 = bounds(mask)
    part = np.zeros_like(mask)
    if y1 - y0 >= _ACROSS * (x1 - x0):
        high, low = (y0 + max(1, round(share * (y1 - y0))) for share in (_END / 2, _END))
        columns = np.nonzero(mask[high:low] > 127)[1]
        # Rails and posts stand along its sides and at its end; one stands in the middle of what is before them.
        left, right = np.percentile(columns, (_SIDES, 100 - _SIDES)).astype(int) if columns.size else (x0, x1)
        part[high:low, left : right + 1] = mask[high:low, left : right + 1]
        return part if part.any() else mask
    reach = max(1, round(_END * (x1 - x0)))
    there = np.s_[:, x1 - reach : x1] if x0 <= mask.shape[1] - x1 else np.s_[:, x0 : x0 + reach]
    part[there] = mask[there]
    return part


def is_ground(thing: Thing) -> bool:
    """Whether it is what carries everything in a picture, such as the table or the floor."""
    found = lexicon().look(thing.head)
    return found is not None and found.stuff in _GROUNDS


def carries(thing: Thing) -> bool:
    """Whether things are put down on it wherever it is free: a ground, or another surface such as a shelf."""
    found = lexicon().look(thing.head)
    return is_ground(thing) or (found is not None and found.is_("surface") and not found.is_("container"))


def _missing(phrase: Thing, region: Region) -> str:
    return f'"{phrase}", which the place is given by, was not found{": " + region.note if region.note else ""}; show the place with --box X0,Y0,X1,Y1'


def _largest(region: Region) -> Box:
    return max(region.boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))


def _anchor(picture: Array, thing: Thing, region: Region, box: Box, second: Box | None) -> Anchor:
    kind = lexicon().look(thing.head)
    surface = kind is not None and kind.is_("surface")
    area = surface or thing.whole or (kind is not None and kind.is_("setting"))
    size = kind.size if kind is not None else None
    per_metre = None
    open_ground = surface and kind is not None and not kind.is_("furniture", "container")
    if size and not open_ground and size[0] < FAR:
        x0, y0, x1, y1 = box
        wide = (x1 - x0) / size[1]
        height, width = picture.shape[:2]
        cut = y1 >= (1 - RIM) * height or y0 <= RIM * height
        flat = area or size[0] < FLAT * size[1]
        high = (y1 - y0) / size[0]
        per_metre = (
            wide if flat else min(high, wide) if size[0] < SMALL and not cut else max(high, wide) if cut else high
        )
        if size[0] < _DRUNK and kind is not None and kind.is_("container"):
            per_metre /= _SERVED
        if size[0] > TALL or (
            area and (x1 - x0) > NEARLY_ALL * width
        ):  # a tower tells nothing of what is near; a table seen in part, nothing at all
            per_metre = None
    sky = kind is not None and kind.is_("sky")
    person = kind is not None and kind.is_("person")
    seat = kind is not None and kind.is_("seat")
    return Anchor(region, box, area, sky, size[0] if size else None, per_metre, person, second, seat)


def outline(anchor: Anchor) -> NDArray[np.float32]:
    """The row of the anchor's upper outline at each column of the picture, of a chair that of its seat; the anchor's own base where it has none."""
    x0, y0, x1, y1 = anchor.box
    rows = np.full(anchor.region.mask.shape[1], y1, np.float32)
    part = anchor.region.mask[y0:y1, x0:x1] > 127
    columns = part.any(axis=0)
    rows[x0:x1][columns] = y0 + part.argmax(axis=0)[columns]
    if anchor.seat:
        rows[x0:x1] = np.maximum(rows[x0:x1], y0 + SEAT * (y1 - y0))
    return rows


def top_line(anchor: Anchor, left: int, right: int) -> float:
    """The row that something between two columns would rest on: the median of the upper outline, so that a stray spike does not count."""
    left, right = max(left, anchor.box[0]), min(right, anchor.box[2])
    if right - left < 2:
        left, right = anchor.box[0], anchor.box[2]
    return float(np.median(outline(anchor)[left:right]))
