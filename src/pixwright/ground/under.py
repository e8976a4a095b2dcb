"""Saucers: ImageNet has no class for them, and its classes of cups cover both. A saucer is what lies around the foot of a cup."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.instances import separate
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.ground.segment import matte, settle
from pixwright.ground.things import Sight

HEADS = frozenset(["saucer"])
WIDE, FLAT, DROP = 1.0, 0.62, 0.72
"""A saucer's half axes, in widths of its cup, and its middle's height on the cup, from the top."""


def find_saucer(scene: Scene, query: Query, cup: Floats, sure: float) -> Sight:
    """The saucer of a cup whose mask (h, w) is given: an ellipse about its foot, shaped by what is in the picture; the cup is not part of it."""
    if not (cup > 0.5).any():
        return Sight([], 0.1)
    x0, y0, x1, y1 = box_of(cup > 0.5)
    wide = x1 - x0
    middle = round((x0 + x1) / 2), round(y0 + DROP * (y1 - y0))
    likely = np.full(scene.shape, -3, np.float32)
    for share, value in ((1.15, -0.8), (0.9, 1.0), (0.7, 2.0)):
        cv2.ellipse(
            likely, middle, (round(share * WIDE * wide), round(share * FLAT * wide * 1.2)), 0, 0, 360, value, -1
        )
    likely[cup > 0.5] = -3
    odds = scene.pieces.mean(likely)
    if query.colours:
        odds = odds + np.clip(scene.pieces.mean(any_colour(scene.lab, query.colours)), -1.5, 0.2)
    mask = matte(scene, settle(scene, np.asarray(odds, np.float32), reach=0.08)) * (1 - cup)
    parts = separate(np.asarray(mask, np.float32), likely, split=False)[:1]
    if not parts or parts[0].area < 0.15 * float(cup.sum()):
        return Sight([], 0.2)
    return Sight(parts, 0.85 * sure)
