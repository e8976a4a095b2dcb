"""What stands before a new thing and hides a part of it."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context
from pixwright.records.instruction import Array
from pixwright.records.region import Box

LIVING = ("person", "animal")
"""What is asked for: it stands on its own feet, while a table or a saucer that reaches lower carries the thing instead of hiding it."""
SURE = 0.6
"""Score from which what was found is believed: a flower that is taken for a person would tear a hole."""
NEARER = 0.02
"""Share of the picture's height by which the feet of what stands before are lower, at least."""


def stands_before(picture: Array, box: Box, context: Context, gone: Array | None = None) -> Array | None:
    """Mask HxW uint8 of the people and animals that overlap `box` (XYXY) and whose feet are lower than its base; None where there are none.

    `gone` HxW: where something was taken away, which hides nothing any more.
    """
    height = picture.shape[0]
    mask = np.zeros(picture.shape[:2], np.uint8)
    for kind in LIVING:
        found = context.ground(picture, kind)
        if not found.found or found.guess or found.score < SURE:
            continue
        for index, other in enumerate(found.boxes):
            overlaps = min(box[2], other[2]) > max(box[0], other[0]) and min(box[3], other[3]) > max(box[1], other[1])
            if overlaps and other[3] > box[3] + NEARER * height:
                np.maximum(mask, found.instance(index), out=mask)
    if gone is not None:
        mask[gone > 127] = 0
    return mask if mask.any() else None
