"""Bounding box as guidance: a drawn rectangle says where; the words' own edit is done in it."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.guidance import derive, read, rectangle, within
from pixwright.records.edit_type import EditType
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region

_BY_TARGET = frozenset({EditType.COLOR_ALTER, EditType.MATERIAL_CHANGE, EditType.APPEARANCE_ALTER, EditType.REMOVE})


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """A thing named is put into the box or taken from it; a colour, material or look is given to the thing in it.

    A box is coarse: what is removed, recoloured or exchanged is cut out within it, by the target's name or as what stands out there.
    """
    guide = read(step, picture.shape, context)
    if isinstance(guide, str):
        return refuse(picture, guide)
    box = rectangle(guide, picture)
    if isinstance(box, str):
        return refuse(picture, box)
    x0, y0, x1, y1 = box
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[y0:y1, x0:x1] = 255
    kind = derive(step).type
    if kind in _BY_TARGET or kind == EditType.REPLACE:
        mask = _thing_in(picture, step, mask, (x0, y0, x1, y1), context)
    return within(picture, step, mask, region, context)


def _thing_in(picture: Array, step: Step, mask: Array, box: tuple[int, int, int, int], context: Context) -> Array:
    """The target, or what stands out, in the box; the box itself if neither fills a tenth of it."""
    x0, y0, x1, y1 = box
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    for phrase in filter(None, (step.target, "foreground")):
        found = context.ground(part, phrase)
        if found.found and 0.1 < float((found.mask > 127).mean()) < 0.95:
            thing = np.zeros_like(mask)
            thing[y0:y1, x0:x1] = found.mask
            return thing
    return mask
