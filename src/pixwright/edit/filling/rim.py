"""What is new passes softly into what is old: how far beyond a hole it goes, and how much of each pixel is new."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.plate import smooth_plate, strangers
from pixwright.edit.filling.synthesis import Bools
from pixwright.records.instruction import Array

RIM, SOFT_RIM = 2, 0.04
"""Pixels beyond a hole over which what is new fades; and on a smooth backdrop, over the hole's size."""


def plate(
    picture: Array, hole: Bools, banned: Bools, rng: np.random.Generator, rim: int, one: bool = False
) -> tuple[Array, Array] | None:
    """A smooth backdrop that goes on through the hole, and how much of each pixel is new; None where there is none. `one`: all that is not banned is one ground."""
    size = max(cv2.boundingRect(hole.astype(np.uint8))[2:])
    banned = banned | strangers(picture, hole, banned)
    wide = wider(hole, banned, max(rim, round(SOFT_RIM * size)) if rim else 0)
    plate = smooth_plate(picture, wide, banned, rng, one)
    return None if plate is None else (plate, fading(hole, wide))


def wider(hole: Bools, banned: Bools, rim: int) -> Bools:
    if not rim:
        return hole
    near = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3) <= rim
    return np.asarray(hole | (near & ~banned))


def fading(hole: Bools, wide: Bools) -> Array:
    """255 in the hole, falling to 0 where what is filled besides it ends. HxW uint8."""
    inner = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3)
    outer = cv2.distanceTransform(np.pad(wide, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    outer = np.minimum(outer, wide.size)  # without an end it is as good as infinite
    return np.asarray(np.where(wide, np.rint(255 * outer / np.maximum(inner + outer, 1e-6)), 0), np.uint8)
