"""Replace: take the target away with its shadow, and set the new thing on the same ground in its place."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.editors.add import put, source
from pixwright.edit.filling.emptying import emptied
from pixwright.edit.filling.taking import Taken, going
from pixwright.edit.placing.before import stands_before
from pixwright.edit.placing.dressing import dressed
from pixwright.edit.placing.place import Spot, inside
from pixwright.edit.placing.shelves import Cutout, typical_size
from pixwright.edit.placing.surroundings import cast_by, edge_spread
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region
from pixwright.records.vocabulary import BACKGROUNDS
from pixwright.words import lexicon
from pixwright.words.colours import is_colour

_NEAR = 0.5
"""Shares of its own size by which a thing is moved to where its cut side does not show."""
MAX_PLACES = 12
_AS_WIDE = 0.75, 1.35
"""Widths of a new thing over the old one's between which the old one's shadow is right for it."""
_SHADED, _FAINT, _RIM = 24, 16, 0.04
"""Levels of a soft mask from which a shadow is there and under which a thing is not; and its rim, over the root of its area."""
_SLENDER = 1.8
"""Times as tall as wide: from here on height, not area, is what one sees of a thing's size."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Every instance of the target becomes `step.value`, of about the same size and with its foot where the old one's was."""
    if step.value is None:
        return refuse(picture, "nothing was named to put in its place; say: replace the cup with a teapot")
    if (other := _what_is_behind(step)) is not None:
        return replace(dispatch(picture, other, region, context), done_as=other)
    if (made := dressed(picture, step, context)) is not None:
        return made
    cutout = source(step.value, step, context)
    if isinstance(cutout, str):
        return refuse(picture, cutout)
    return exchange(picture, cutout, region, context)


def _what_is_behind(step: Step) -> Step | None:
    """The step that gives a sky another weather or hour, and a wall or a setting another colour or picture; None where a thing is replaced."""
    if step.reference is not None or step.target is None:
        return None
    if step.conditions and lexicon().is_(step.target.head, "sky"):
        return step.model_copy(update={"type": EditType.TONE_TRANSFER, "value": step.conditions, "conditions": None})
    named = step.value in BACKGROUNDS or is_colour(step.value or "")
    if named and lexicon().is_(step.target.head, "setting", "sky", "wall"):
        return step.model_copy(update={"type": EditType.BACKGROUND_CHANGE})
    return None


def exchange(picture: Array, cutout: Cutout, region: Region, context: Context) -> Proposal:
    """Fill where `region` was and put `cutout` there, once for each of its boxes (the `MAX_PLACES` largest)."""
    boxes = sorted(region.boxes, key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))[:MAX_PLACES]
    airborne = cutout.support == "air"
    ratio = _real_ratio(cutout, region.phrase)
    places = [to_the_edge(in_place_of(cutout, box, picture, ratio), cutout, picture) for box in boxes]
    gone = going(picture, region, context)
    shaded = not airborne and _keeps_shadow(gone, places, boxes)
    if shaded:
        gone = replace(gone, hole=np.where(_shadow_alone(gone), 0, gone.hole).astype(np.uint8))
    empty = emptied(picture, gone, context, 21)
    spots = []
    for index, (box, place) in enumerate(zip(boxes, places, strict=True)):
        front = stands_before(picture, place, context, region.mask)
        spots.append(
            Spot(
                place,
                not (airborne or shaded) and "bottom" not in cutout.cropped,
                index % 2 == 1,
                front,
                blur=_sharpness(picture, box),
            )
        )
    cast = cast_by(picture, region.mask)
    placed = put(empty.picture, cutout, spots, context, asked=len(boxes), salt=22, cast=cast)
    if placed.refused:
        return refuse(picture, placed.refused)
    vacated = tuple(box for box in (inside(box, picture) for box in boxes) if box)
    evidence = Evidence(placed=placed.evidence.placed, placed_phrase=cutout.name, vacated=vacated)
    return Proposal(
        placed.picture,
        np.maximum(placed.mask, empty.weight),
        evidence,
        partly=placed.partly or gone.left,
        notes=placed.notes,
        added=placed.added,
        brought=placed.brought,
    )


def _keeps_shadow(gone: Taken, places: list[Box], boxes: list[Box]) -> bool:
    """Whether the old thing's shadow, where one is seen, may stay as the new one's: that is about as wide, and stands where it stood."""
    wide = [(new[2] - new[0]) / max(old[2] - old[0], 1) for new, old in zip(places, boxes, strict=True)]
    return bool((gone.shadow > _SHADED).any()) and all(_AS_WIDE[0] < share < _AS_WIDE[1] for share in wide)


def _shadow_alone(gone: Taken) -> NDArray[np.bool_]:
    """Where only the shadow of what goes lies, HxW: not the thing, nor its rim."""
    rim = max(3, round(_RIM * float(np.sqrt(np.count_nonzero(gone.mask > 127))))) | 1
    near = cv2.dilate(gone.mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim)))
    return np.asarray((gone.shadow > _SHADED) & (near < _FAINT), np.bool_)


def to_the_edge(box: Box, cutout: Cutout, picture: Array) -> Box:
    """`box` moved so far that a side at which the cut-out's own picture ended lies at the edge of this one, where that is near."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    near = _NEAR * (x1 - x0)
    across = (
        -x0
        if "left" in cutout.cropped and x0 < near
        else width - x1
        if "right" in cutout.cropped and width - x1 < near
        else 0
    )
    down = height - y1 if "bottom" in cutout.cropped and height - y1 < _NEAR * (y1 - y0) else 0
    return x0 + across, y0 + down, x1 + across, y1 + down


def _sharpness(picture: Array, box: Box) -> float | None:
    """The edges' spread of what is to go, which the new thing takes over: the ground behind it may be out of focus."""
    x0, y0, x1, y1 = box
    return (
        edge_spread(np.ascontiguousarray(picture[max(0, y0) : y1, max(0, x0) : x1]))
        if min(x1 - x0, y1 - y0) > 8
        else None
    )


def _real_ratio(cutout: Cutout, old: str) -> float:
    """How much larger the new thing is than the old, tempered to its root so that it still belongs in the old one's place."""
    size = typical_size(old) if old else None
    if size is None or cutout.size_m is None:
        return 1.0
    return float(np.clip((cutout.size_m / size[0]) ** 0.25, 0.75, 1.15))


def in_place_of(cutout: Cutout, box: Box, picture: Array, ratio: float = 1.0) -> Box:
    """A box of the cut-out's aspect between the largest inside `box` and the smallest that covers it, standing where `box` stands.

    What takes the place of something slender becomes as tall as it, up to half of the picture's width.
    """
    x0, y0, x1, y1 = box
    rows, columns = cutout.pixels.shape[:2]
    fits, covers = sorted(((x1 - x0) / columns, (y1 - y0) / rows))
    scale = min(float(np.sqrt(fits * covers)), 1.35 * fits)
    if y1 - y0 > _SLENDER * (x1 - x0):
        scale = max(scale, min((y1 - y0) / rows, 0.5 * picture.shape[1] / columns))
    scale *= ratio
    scale = min(scale, max(0.98 * y1, 0.5 * picture.shape[0]) / rows, 0.98 * picture.shape[1] / columns)
    wide, tall = max(2, round(columns * scale)), max(2, round(rows * scale))
    left = int(np.clip(round((x0 + x1 - wide) / 2), min(0, x0), max(picture.shape[1] - wide, x0, 0)))
    base = y1 if cutout.support != "air" else round((y0 + y1 + tall) / 2)
    return left, base - tall, left + wide, base
