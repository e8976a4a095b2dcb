"""Everything that stands out of a picture, whatever it is called: what a filling must not copy from."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.detections import CERTAIN
from pixwright.ground.scene import Scene
from pixwright.records.instruction import Array

_OUTLINED = 0.25
"""Share of a box that stands out, from which the outline says better than the box where its thing is."""
_WIDEST = 0.3
"""Share of the picture from which a box is a setting rather than a thing in it."""
_ROUND = 2.6
"""Exponent of the ellipse that stands for a thing in its box: 2 is an ellipse, more is nearer to the box."""


def standing(scene: Scene) -> Array:
    """What is salient, and the body of every sure box in which nothing is: HxW uint8, 255 where something stands."""
    mask = scene.standing_out.copy()
    height, width = scene.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    bodies = np.zeros((height, width), np.uint8)
    for one in scene.proposals:
        x0, y0, x1, y1 = one.box
        sides = x1 - x0, y1 - y0
        if one.score < CERTAIN or min(sides) < 1 or sides[0] * sides[1] > _WIDEST * height * width:
            continue
        seen = scene.salient[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))]
        if seen.size and seen.mean() >= _OUTLINED:
            continue
        across, down = np.abs(2 * (columns - x0) / sides[0] - 1), np.abs(2 * (rows - y0) / sides[1] - 1)
        bodies[across**_ROUND + down**_ROUND < 1] = 255
    whole = cv2.resize(bodies, mask.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.maximum(mask, whole), np.uint8)
