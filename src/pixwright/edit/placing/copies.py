"""A thing of the picture itself, repeated: the best of its kind that is there, mirrored, as large as the ground plane makes it where it goes.

Nothing else has its light, its grain and its sharpness, so this comes before every cut-out.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.clean_plate import refine
from pixwright.edit.filling.shadows import cast_shadow
from pixwright.edit.placing.anchor import find_anchor
from pixwright.edit.placing.harmonise import paste
from pixwright.edit.placing.lifting import bounds, common
from pixwright.edit.placing.place import Spot, inside
from pixwright.edit.placing.shelves import Cutout, cut
from pixwright.edit.placing.space import SIDE, Floats, mean_in, read_space, shares
from pixwright.media.pixels import shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Where
from pixwright.records.region import Box, Region
from pixwright.records.thing import Thing
from pixwright.words import lexicon, read
from pixwright.words.naming import noun_of, scale_of

MOST = 12
"""Copies of one thing."""
SURE, SMALLEST, LARGEST = 0.6, 20, 0.5
"""Score of what is copied unasked, at least; its shorter side in pixels, at least; and its share of the picture, at most."""
_COLUMNS, _ROWS = 48, 17
"""Candidate places across and down."""
_SCALES = (0.5, 1.35)
"""Size of a copy over its model's, by perspective, at least and at most."""
_EYE = 0.35
"""Share of a thing's height, from its top, above which the horizon is believed to be: a camera is seldom held lower."""
_ALIKE = 14.0
"""Distance in L*a*b* at which the ground no longer looks like that under the model."""
_STRIP = 0.12
"""Share of a thing's height, from below, that stands on the ground."""
_GROUND = 0.35
"""Least likeness of the ground, so that a copy stands on what its model stands on."""
_HIDDEN, _COVERS = 0.4, 0.1
"""Most of a copy that may be hidden by what stands before it; and most of it that may cover what was there."""
_SPARSE = 0.1
"""Share of its box that a thing fills, at least: of a bird with its wings spread little of the box is hidden where all of the bird is."""
_GROWN = ("animal", "bird", "plant", "person", "food", "fruit", "vegetable")
"""Kinds that may be mirrored: what people make bears letters."""
_YOUNG = 0.7
"""Size over that of its kind under which an animal is a young one."""
_FARTHER = 0.7
"""Size of what flies farther away, over that of the last try."""
_FAINT = 0.4
"""Strength of a copy's shadow where its model casts none that is seen."""
_FRAME = 1
"""Pixels: what comes so near the picture's edge is cut by it."""


def kind_in(picture: Array, phrase: str, context: Context) -> Region | None:
    """Where the picture itself holds what `phrase` names, whole and fit to be copied; None where it does not."""
    thing = read(phrase)
    kind = lexicon().look(thing.head)
    if (
        kind is None
        or thing.of is not None  # what a cup holds is not seen: any cup would be taken for one of coffee
        or kind.worn
        or kind.part
        or (kind.stuff and not kind.size)
        or kind.is_("person", "sky", "surface", "setting")
    ):
        return None
    found = context.ground(picture, " ".join((*thing.colours, noun_of(thing))))
    if not found.found or found.guess or found.score < SURE:
        return None
    x0, y0, x1, y1 = box = found.boxes[_models(picture, found)[0]]
    fit = min(x1 - x0, y1 - y0) >= SMALLEST and (x1 - x0) * (y1 - y0) <= LARGEST * found.mask.size
    return found if _whole(picture, box) and fit else None


def size_beside(picture: Array, thing: Thing, there: Region, context: Context) -> float:
    """Size of `thing` over that of the ones of its kind that were found `there`: as the words say, and a puppy's or a kitten's where what is there is rather the grown animal."""
    size, own = scale_of(thing), lexicon().entry(thing.head)
    for name in own.coco if own is not None and own.is_("animal") else ():
        grown = lexicon().entry(name)
        if grown is not None and grown.size and own is not None and own.size and own.size[0] < _YOUNG * grown.size[0]:
            seen = context.ground(picture, name)
            return size * own.size[0] / grown.size[0] if seen.found and seen.score >= there.score else size
    return size


def repeat(
    picture: Array, region: Region, wanted: int, context: Context, where: Where | None = None, size: float = 1.0
) -> Proposal:
    """Put copies of the best instance (whole, large) of `region` where there is ground like its own, as many as are `wanted` or as there is room for.

    `size`: of each over its model's, besides what its distance makes it.
    """
    named = region.phrase or "thing"
    noun = noun_of(read(named))
    for index in _models(picture, region):
        exact = refine(picture, region.instance(index))
        cutout = cut(picture, noun, exact)
        if cutout is not None and not cutout.cropped - {"bottom"}:
            break
    if cutout is None:
        return refuse(picture, f'"{named}" could not be cut out to be repeated; show one with --mask FILE')
    if cutout.cropped - {"bottom"}:
        return refuse(
            picture,
            f'the "{named}" that would be repeated is cut off by the picture\'s edge; widen the picture first (outpaint)',
        )
    box = bounds(exact, 25) or region.boxes[index]
    spots = _places(picture, region, box, cutout, min(wanted, MOST), context, where, size=size)
    if not spots:
        return refuse(picture, f'there is no free room for another "{named}"; widen the picture first (outpaint)')
    shade = 1.0 if cast_shadow(picture, exact)[0].any() else _FAINT
    result, mask = picture, np.zeros(picture.shape[:2], np.uint8)
    for spot in sorted(spots, key=lambda one: one.box[3]):
        result, touched = paste(result, cutout, spot, context.rng(33), native=True, shade=shade)
        mask = np.maximum(mask, touched)
    boxes = tuple(box for box in (inside(spot.box, picture) for spot in spots) if box)
    partly = f"room for {len(boxes)} more, {wanted} were asked for" if len(boxes) < wanted else None
    return Proposal(result, mask, Evidence(placed=boxes, placed_phrase=cutout.name), partly=partly)


def _models(picture: Array, region: Region) -> list[int]:
    """The instances, the one to repeat first: that the frame does not cut, that is large and that the others leave free."""

    def worth(index: int) -> tuple[bool, float]:
        x0, y0, x1, y1 = box = region.boxes[index]
        area = (x1 - x0) * (y1 - y0)
        shared = sum(common(box, other) for at, other in enumerate(region.boxes) if at != index)
        return _whole(picture, box), area * max(1 - shared / max(area, 1), 0.05)

    return sorted(range(len(region.boxes)), key=worth, reverse=True)


def _whole(picture: Array, box: Box) -> bool:
    height, width = picture.shape[:2]
    return box[0] > _FRAME and box[1] > _FRAME and box[2] < width - _FRAME and box[3] < height - _FRAME


def _places(
    picture: Array,
    region: Region,
    model: Box,
    cutout: Cutout,
    count: int,
    context: Context,
    where: Where | None,
    far: float = 1.0,
    size: float = 1.0,
) -> tuple[Spot, ...]:
    """Free places for `count` copies, the best first. `size`: as in `repeat`. `far`: the size of what flies, over its model's; without room it is tried farther away, and smaller."""
    space = read_space(picture, context, None)
    own = shares(region.mask, (space.busy.shape[1], space.busy.shape[0]))
    others = np.maximum(space.taken - own, 0)
    footing = _footing(picture, model, np.maximum(own, space.taken), cutout, context, where)
    x0, y0, x1, y1 = model
    horizon = min(space.horizon, y0 + _EYE * (y1 - y0))
    solid = _solid(own, space.scale, model)
    rng = context.rng(32)
    cx, base = np.meshgrid(np.linspace(0, space.width, _COLUMNS), np.linspace(horizon, space.height, _ROWS))
    flying = cutout.support == "air"
    grown = lexicon().is_(read(cutout.name).head, *_GROWN)
    if flying:
        base = base - horizon + (y1 - y0) * far
    factor = np.full_like(base, 0.85 * far) if flying else np.maximum(base - horizon, 1) / (y1 - horizon)
    spots: list[Spot] = []
    for index in range(count):
        scale = factor * float(rng.uniform(0.93, 1.0))
        wide, tall = (x1 - x0) * scale * size, (y1 - y0) * scale * size
        at = (cx - wide / 2, base - tall, cx + wide / 2, base)
        strip = (at[0], base - _STRIP * tall, at[2], base + _STRIP * tall / 2)
        clash, ground = mean_in(own, space.scale, at) / solid, mean_in(footing, space.scale, strip)
        behind = (base < y1 - 0.02 * tall) & (not flying)  # of what flies nobody sees which is farther away
        cost = 1.5 * mean_in(others, space.scale, at) + np.where(behind, 1.5, 8.0) * clash + 1.5 * (1 - ground)
        cost = (
            cost
            + 0.4 * np.abs(cx - (x0 + x1) / 2) / space.width
            + 0.5 * np.abs(np.log(scale))
            + rng.uniform(0, 0.02, cost.shape)
        )
        cost = cost + _asked(cx / space.width, base / space.height, where)
        outside = (at[0] < 0) | (at[2] > space.width) | (at[1] < 0) | (base > space.height)
        if "bottom" in cutout.cropped:  # only the frame hides where it ends
            outside |= base < space.height * (1 - _STRIP / 2)
        barred = outside | (clash > np.where(behind, _HIDDEN, _COVERS)) | (scale < _SCALES[0]) | (scale > _SCALES[1])
        cost = np.where(barred | ((ground < _GROUND) & (not flying)), np.inf, cost)
        row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
        if not np.isfinite(cost[row, column]):
            break
        left, top = round(float(at[0][row, column])), round(float(at[1][row, column]))
        box = (left, top, left + max(2, round(float(wide[row, column]))), top + max(2, round(float(tall[row, column]))))
        front = _nearer(region, box)
        stands = front is None and not flying and y1 < space.height - _FRAME
        spots.append(Spot(box, stands, grown and index % 2 == 0, front, model))
        sx0, sy0, sx1, sy1 = (max(0, round(v * space.scale)) for v in box)
        own[sy0:sy1, sx0:sx1] = 1.0
    if flying and not spots and far * _FARTHER > _SCALES[0]:
        return _places(picture, region, model, cutout, count, context, where, far * _FARTHER, size)
    return tuple(spots)


def _solid(own: Floats, scale: float, model: Box) -> float:
    """Share of the model's box that lies on it, by the small map `own`."""
    left, top, right, low = (round(v * scale) for v in model)
    return max(float(own[top : low + 1, left : right + 1].mean()), _SPARSE)


def _footing(
    picture: Array, model: Box, taken: Floats, cutout: Cutout, context: Context, where: Where | None
) -> Floats:
    """How much each place looks like the ground under the model, 0..1; where the words name a ground, that ground."""
    rows, columns = taken.shape
    if where is not None and where.anchor is not None and where.relation in {Relation.ON, Relation.INSIDE}:
        anchor = find_anchor(picture, where, context)
        if not isinstance(anchor, str):
            return shares(anchor.region.mask, (columns, rows))
    small = shrink(picture, SIDE, least=2)
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.COLOR_RGB2LAB).astype(np.float32)
    x0, y0, x1, y1 = (round(v * columns / picture.shape[1]) for v in model)
    reach = max(2, round(0.25 * (x1 - x0)))
    around = np.zeros(taken.shape, np.bool_)
    around[
        max(0, round(y1 - _STRIP * (y1 - y0))) : y1 + max(2, round(_STRIP * (y1 - y0))), max(0, x0 - reach) : x1 + reach
    ] = True
    around &= taken < 0.3
    if not around.any():
        return np.ones_like(taken)
    usual = np.median(lab[around], axis=0)
    away = np.linalg.norm((lab - usual) * np.array([0.6, 1, 1], np.float32), axis=2)
    return np.asarray(np.exp(-((away / _ALIKE) ** 2)) * (1 - taken) + taken * 0.5, np.float32)


def _asked(x: Floats, y: Floats, where: Where | None) -> Floats:
    """What a place named without an anchor costs: `x`, `y` as shares of the picture's sides."""
    sides = {Relation.LEFT: x, Relation.RIGHT: 1 - x, Relation.FOREGROUND: 1 - y, Relation.BACKGROUND: y}
    if where is None or where.anchor is not None or where.relation not in sides:
        return np.zeros_like(x)
    return np.asarray(3 * sides[where.relation])


def _nearer(region: Region, box: Box) -> Array | None:
    """The instances that stand nearer than `box` and overlap it, as a mask: they hide a part of the copy."""
    mask = np.zeros_like(region.mask)
    for index, other in enumerate(region.boxes):
        if other[3] > box[3] and min(box[2], other[2]) > max(box[0], other[0]) and other[1] < box[3]:
            np.maximum(mask, region.instance(index), out=mask)
    return mask if mask.any() else None
