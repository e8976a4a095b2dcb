"""A thing taken out of a picture: the hole that it leaves is closed from what is ground, not from other things, and what is new passes softly into what is old."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.filling.fill import fill, fill_softly
from pixwright.edit.filling.taking import Taken, forbidden
from pixwright.records.instruction import Array

ANOTHER_WAY = 1
"""The attempt that copies from wherever fits best, near or far, of whatever ground, and lets the judge compare."""
_LIES_BEFORE = 0.7
"""Share of a hole within the box of another thing, from which the hole lies before that, which then goes on in it."""
_SAME = 0.5
"""Share of a box within the hole from which it is the box of what goes."""
_SURELY = 170
"""Of 255: how much what a detector boxed is to be avoided. Its corners are ground."""


@dataclass(frozen=True, eq=False)
class Emptied:
    """`picture` HxWx3 uint8 without the thing, `weight` HxW uint8: how much of each pixel is new."""

    picture: Array
    weight: Array


def emptied(picture: Array, gone: Taken, context: Context, salt: int, also: Array | None = None) -> Emptied:
    """`picture` HxWx3 without what is `gone`. `also` HxW uint8: what must not be copied there, besides what stands out. A hole that the user drew ends where it was drawn."""
    rng, parts = context.rng(salt), context.encoders.parts
    forbid = forbidden(picture, gone.hole, context, also)
    tell = context.attempt != ANOTHER_WAY
    avoid = _avoided(picture, gone.hole, context) if tell else None
    if gone.drawn:
        return Emptied(fill(picture, gone.hole, rng=rng, forbid=forbid, avoid=avoid, tell=tell, parts=parts), gone.hole)
    return Emptied(*fill_softly(picture, gone.hole, rng=rng, forbid=forbid, avoid=avoid, tell=tell, parts=parts))


def _avoided(picture: Array, hole: Array, context: Context) -> Array:
    """How much each pixel (HxW uint8) should rather not be copied into the hole: what stands out a little, and the things that a detector is sure of."""
    avoid = np.where(hole > 0, 0, context.standing(picture)).astype(np.uint8)
    area = float(np.count_nonzero(hole))
    for x0, y0, x1, y1 in context.things(picture):
        within = float(np.count_nonzero(hole[y0:y1, x0:x1]))
        if within > _LIES_BEFORE * area or within > _SAME * (x1 - x0) * (y1 - y0):
            continue
        body = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.ellipse(body, ((x1 - x0) // 2, (y1 - y0) // 2), ((x1 - x0) // 2, (y1 - y0) // 2), 0, 0, 360, _SURELY, -1)
        np.maximum(avoid[y0:y1, x0:x1], body, out=avoid[y0:y1, x0:x1])
    avoid[hole > 0] = 0
    return avoid
