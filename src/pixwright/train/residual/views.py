"""What the residual network sees of an edit at 64 px, and how its residual comes back to the picture's own size."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.placing.surroundings import surroundings_of
from pixwright.edit.toning.lut import grey, guided
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.region import Box, box_of

Floats: TypeAlias = NDArray[np.float32]

SIDE = 64
"""Side, in pixels, of what the network sees."""
SLOTS = 6
"""Numbers beside it: the whole picture's mean colour, where its light comes from, how hard it is, and the share that is edited."""
LIGHT = 3
"""The slot that changes its sign in a mirrored picture."""
_ROOM, _LEAST_ROOM = 0.5, 16
"""What is seen around the edited place on each side, over its size and in pixels at least."""
_CELL = 2
"""Radius, in pixels of the network, over which a residual follows the picture's own edges."""
_FAINT = 8
"""Level of a mask from which a pixel is of the edited place."""


def window_of(mask: Array) -> Box | None:
    """The neighbourhood of what is edited, XYXY, from a mask HxW uint8; None where nothing is."""
    inside = mask >= _FAINT
    if not inside.any():
        return None
    height, width = mask.shape
    x0, y0, x1, y1 = box_of(inside)
    room = max(_LEAST_ROOM, round(_ROOM * max(x1 - x0, y1 - y0)))
    return max(0, x0 - room), max(0, y0 - room), min(width, x1 + room), min(height, y1 + room)


def small(picture: Array, window: Box) -> Array:
    """The window of HxW or HxWxC uint8, squeezed to SIDE x SIDE."""
    x0, y0, x1, y1 = window
    return resized(np.ascontiguousarray(picture[y0:y1, x0:x1]), SIDE, SIDE, cv2.INTER_LINEAR)


def slots_of(before: Array, mask: Array) -> Floats:
    """(SLOTS,) of a picture HxWx3 uint8 and the mask HxW uint8 of what is edited in it."""
    seen = surroundings_of(before, box_of(mask >= _FAINT))
    colour = before.reshape(-1, 3).mean(axis=0) / 255
    return np.array([*colour, seen.light, seen.hard, float((mask >= _FAINT).mean())], np.float32)


def corrected(made: Array, mask: Array, window: Box, residual: Floats) -> Array:
    """`made` HxWx3 uint8 with a residual SIDE x SIDE x 3 (in [-1, 1]) on it: its own detail stays, and the residual changes where it has edges."""
    x0, y0, x1, y1 = window
    part = np.ascontiguousarray(made[y0:y1, x0:x1])
    height, width = part.shape[:2]
    guide = grey(part).astype(np.float32) / 255
    radius = max(1, round(_CELL * max(height, width) / SIDE))
    wide = cv2.resize(residual, (width, height), interpolation=cv2.INTER_CUBIC)
    fine = np.dstack([guided(guide, np.ascontiguousarray(wide[..., k]), radius) for k in range(3)])
    share = mask[y0:y1, x0:x1, None].astype(np.float32) / 255
    result = made.copy()
    result[y0:y1, x0:x1] = np.clip(np.rint(part + 255 * share * fine), 0, 255).astype(np.uint8)
    return result
