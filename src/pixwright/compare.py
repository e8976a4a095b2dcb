"""A picture that shows a person what changed: before, after, and the outline of what was touched."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.media.pixels import on_white, shrink
from pixwright.records.instruction import Array
from pixwright.records.result import Result

_GAP = 12
_SIDE = 900


def comparison(original: Array, result: Result) -> Array:
    """Before and after side by side on white, HxWx3 uint8; the touched region is outlined in the left one. Longer side of a half: 900."""
    left, right = on_white(original), on_white(result.picture)
    mask = result.effective_mask
    if mask is not None and 0 < np.count_nonzero(mask) < mask.size:
        contours, _ = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        width = max(2, max(left.shape[:2]) // 300)
        left = cv2.drawContours(left.copy(), contours, -1, (255, 60, 60), width, cv2.LINE_AA)
    halves = [shrink(left, _SIDE), shrink(right, _SIDE)]
    height = max(h.shape[0] for h in halves)
    sheet = np.full((height, sum(h.shape[1] for h in halves) + _GAP, 3), 255, np.uint8)
    sheet[: halves[0].shape[0], : halves[0].shape[1]] = halves[0]
    sheet[: halves[1].shape[0], -halves[1].shape[1] :] = halves[1]
    return sheet
