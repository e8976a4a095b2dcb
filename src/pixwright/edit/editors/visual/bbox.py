"""Bounding box as guidance: a drawn rectangle says where; the words' own edit is done in it."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.visual.guidance import derive, read, rectangle, region_of, within
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region

_CUT_SIDE = 280
"""Longer side, in pixels, at which a box is cut out."""


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
    if kind.traits.surface or kind in (EditType.REMOVE, EditType.REPLACE):
        mask = _thing_in(picture, step, mask, box, region, context)
        region = region_of(mask, str(step.target or ""), "phrase", single=True)
    return within(picture, step, mask, region, context)


def _thing_in(picture: Array, step: Step, mask: Array, box: Box, region: Region, context: Context) -> Array:
    """The target, or what stands out, in the box (HxW uint8); the box itself if nothing of it does."""
    seed = np.minimum(region.mask, mask) if region.found and region.source == "phrase" else np.zeros_like(mask)
    thing = cut_in_box(picture, box, seed)
    if thing is None and step.target is not None and seed.any():
        thing = seed
    return mask if thing is None else thing


def cut_in_box(picture: Array, box: Box, seed: Array) -> Array | None:
    """What a drawn box was drawn around: graph cut against the pixels outside the box (Rother et al. 2004, GrabCut). HxW uint8 or None.

    `seed` HxW uint8: what is known to belong to it. None if the cut keeps nearly all or nearly nothing of the box.
    """
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box
    pad = max(8, round(0.25 * max(x1 - x0, y1 - y0)))
    left, top, right, low = max(0, x0 - pad), max(0, y0 - pad), min(width, x1 + pad), min(height, y1 + pad)
    scale = min(1.0, _CUT_SIDE / max(right - left, low - top))
    small = np.ascontiguousarray(shrink(picture[top:low, left:right], _CUT_SIDE, least=4))
    known = cv2.erode(shrink(seed[top:low, left:right], _CUT_SIDE, least=4), np.ones((5, 5), np.uint8))
    bx0, by0, bx1, by1 = (round(v * scale) for v in (x0 - left, y0 - top, x1 - left, y1 - top))
    labels = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    labels[by0:by1, bx0:bx1] = cv2.GC_PR_FGD
    labels[(known > 200) & (labels == cv2.GC_PR_FGD)] = cv2.GC_FGD
    if (labels == cv2.GC_BGD).sum() < 40 or (labels != cv2.GC_BGD).sum() < 40:
        return None
    cv2.setRNGSeed(7)  # its colour models start from a random clustering
    cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    cut = np.where((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    cut = cv2.morphologyEx(cut, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not 0.12 < float((cut[by0:by1, bx0:bx1] > 0).mean()) < 0.97:
        return None
    mask = np.zeros((height, width), np.uint8)
    mask[top:low, left:right] = cv2.resize(cut, (right - left, low - top), interpolation=cv2.INTER_CUBIC)
    return mask
