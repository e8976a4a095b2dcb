"""A picture on a larger canvas: what surrounds it is continued by patches from a reflected first guess."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.filling.fill import fill
from pixwright.records.instruction import Array

Sides = tuple[int, int, int, int]
"""Pixels to add at the top, bottom, left and right."""


def extend(
    picture: Array, sides: Sides, context: Context, salt: int, thing: Array | None = None
) -> tuple[Array, Array]:
    """The picture (HxWx3 uint8) on a canvas grown by `sides` (each at most the side's length), and the mask of what is new.

    `thing` HxW uint8 must not appear twice; if it is None, what stands out of the picture.
    """
    height, width = picture.shape[:2]
    top, bottom, left, right = sides
    guess = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REFLECT)
    mask = np.full(guess.shape[:2], 255, np.uint8)
    mask[top : top + height, left : left + width] = 0
    thing = _not_to_repeat(picture, sides, context, thing)
    forbid = (
        None if thing is None else cv2.copyMakeBorder(thing, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0)
    )
    return fill(guess, mask, rng=context.rng(salt), forbid=forbid, guess=True), mask


def _not_to_repeat(picture: Array, sides: Sides, context: Context, thing: Array | None) -> Array | None:
    """What must not appear twice; None if it is not clear or reaches a side that is continued."""
    if thing is None:
        found = context.ground(picture, "foreground")
        if not found.found or not 0.005 < float((found.mask > 127).mean()) < 0.5:
            return None
        thing = found.mask
    edges = thing[0], thing[-1], thing[:, 0], thing[:, -1]
    if any(size and float((edge > 127).mean()) > 0.05 for size, edge in zip(sides, edges, strict=True)):
        return None
    return np.asarray(cv2.dilate(thing, np.ones((5, 5), np.uint8)), np.uint8)
