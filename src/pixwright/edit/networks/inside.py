"""Painting inside a mask from a caption: which steps that can do, and how far a mask is grown for it. InstructEdit's, and other people's inpainting pipelines'."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.records.instruction import Array
from pixwright.records.kind import EditType, Group, Target
from pixwright.records.plan import Step
from pixwright.records.region import Region

E = EditType
_INFLATED, _INFLATED_FOR_A_THING, _INFLATED_FOR_A_NEW_ONE = 0.02, 0.06, 0.2
"""How far the mask is inflated, in longer sides of its box (the paper's section E.2 names that as the remedy for masks that are too tight)."""


def beyond(step: Step) -> str | None:
    """Why captions and a mask cannot do a step, and who can; None where they can."""
    if step.type.group is Group.VISUAL or step.reference is not None:
        return "a caption cannot say what an attached picture shows: use --system local or anysd"
    if step.type is E.OUTPAINT:
        return "a mask inside the picture cannot make it larger: use --system local or anysd"
    if step.type.group is Group.CAMERA or step.type is E.RELATION_CHANGE:
        return "painting inside a mask moves, resizes and turns nothing: use --system local or anysd"
    if step.type is E.COUNTING:
        return "a caption does not say which of several to add or take away: use --system local"
    if step.type is E.TEXTUAL_CHANGE:
        return "a latent network writes no legible text: use --system local"
    return None


def _inflation(step: Step) -> float:
    if step.type is E.ADD:
        return _INFLATED_FOR_A_NEW_ONE
    return _INFLATED_FOR_A_THING if step.type.traits.target is Target.NEEDED else _INFLATED


def limit_of(step: Step, region: Region, drawn: bool) -> Array:
    """HxW uint8: the most that may change: the region's mask, inflated with a soft rim; what the user drew and the whole picture are taken as they are."""
    if drawn or region.source == "whole":
        return region.mask
    x, y, wide, tall = cv2.boundingRect((region.mask > 0).astype(np.uint8))
    by = max(1.0, _inflation(step) * max(wide, tall))
    height, width = region.mask.shape
    reach = int(np.ceil(by)) + 1
    part = np.s_[max(0, y - reach) : min(height, y + tall + reach), max(0, x - reach) : min(width, x + wide + reach)]
    away = cv2.distanceTransform((region.mask[part] < 128).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    soft = np.rint(255 * np.clip((by - away) / max(1.0, by / 2), 0, 1)).astype(np.uint8)
    limit = region.mask.copy()
    np.maximum(limit[part], soft, out=limit[part])
    return limit
