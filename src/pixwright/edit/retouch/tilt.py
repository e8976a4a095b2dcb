"""How far a picture leans: the angle at which its horizon, walls and edges would lie level and upright."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE = 900
"""Longer side, in pixels, at which lines are looked for."""
_LEAST_LINE = 0.04
"""Length of a line that counts, of the longer side."""
MOST_TILT = 15.0
"""Degrees either way within which a picture leans; what leans more was meant to."""
LEAST_TILT = 0.25
"""Degrees below which a picture counts as level."""
_STEP, _WIDTH = 0.05, 0.5
"""Step of the search, and spread of the lines of one direction, degrees."""
_RIVAL = 2.0
"""Degrees from the best angle, from which another one is a rival."""
_SURE_SHARE, _SURE_LEAD, _SURE_ANGLE = 0.25, 1.4, 12.0
"""Share of all lines near level or upright that agree with the best angle, and their length over the best rival's, from which it is sure; and the largest angle that is."""
_LEAST_SUPPORT = 0.5
"""Length of the agreeing lines together, of the longer side."""
_UPRIGHT = 0.8
"""Weight of an upright line: perspective and people lean more often than a horizon."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tilt:
    """`degrees` clockwise by which the picture leans; `support` is the length of the lines that say so, of the picture's longer side."""

    degrees: float
    share: float
    lead: float
    support: float

    @property
    def sure(self) -> bool:
        """Whether enough lines agree on it, and no others on something else."""
        agreed = self.share >= _SURE_SHARE and self.lead >= _SURE_LEAD and self.support >= _LEAST_SUPPORT
        return agreed and abs(self.degrees) <= _SURE_ANGLE


def measure_tilt(picture: Array) -> Tilt:
    """The lean of HxWx3, by the line segments in it (von Gioi et al. 2010, "LSD"): the angle on which most of their length agrees."""
    grey = cv2.cvtColor(shrink(np.ascontiguousarray(picture[..., :3]), _SIDE), cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    nothing = Tilt(0.0, 0.0, 0.0, 0.0)
    if found is None:
        return nothing
    ends = found.reshape(-1, 4).astype(np.float64)
    along = ends[:, 2:] - ends[:, :2]
    lengths = np.hypot(along[:, 0], along[:, 1]) / max(grey.shape)
    angles = np.degrees(np.arctan2(along[:, 1], along[:, 0]))
    level = (angles + 90) % 180 - 90
    upright = angles % 180 - 90
    flat = np.abs(level) < np.abs(upright)
    lean = np.where(flat, level, upright)
    use = (lengths >= _LEAST_LINE) & (np.abs(lean) <= MOST_TILT)
    if not use.any():
        return nothing
    lean, weights = lean[use], (lengths * np.where(flat, 1.0, _UPRIGHT))[use]
    tries = np.arange(-MOST_TILT, MOST_TILT + _STEP / 2, _STEP)
    votes = _votes(tries, lean, weights)
    best = int(votes.argmax())
    rivals = votes[np.abs(tries - tries[best]) > _RIVAL]
    # The mean of the lines that agree is finer than the search.
    near = np.abs(lean - tries[best]) <= 2 * _WIDTH
    degrees = float((lean[near] * weights[near]).sum() / weights[near].sum())
    support = float(weights[near].sum())
    return Tilt(degrees, support / float(weights.sum()), float(votes[best] / max(float(rivals.max()), 1e-9)), support)


def _votes(tries: Floats, lean: Floats, weights: Floats) -> Floats:
    """How much length agrees with each angle; long lines count more than their length in pieces."""
    apart = (lean[None] - tries[:, None]) / _WIDTH
    return np.asarray((np.exp(-0.5 * apart**2) * weights[None] ** 1.5).sum(axis=1), np.float64)


def levelled(pixels: Array, degrees: float) -> Array:
    """`pixels` (HxW or HxWxC uint8) turned back by `degrees` clockwise, and cut to the largest part of the same proportion that holds no empty corner."""
    height, width = pixels.shape[:2]
    wide, high = inner_size(width, height, degrees)
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    turn[:, 2] += ((wide - width) / 2, (high - height) / 2)
    return np.asarray(
        cv2.warpAffine(pixels, turn, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.uint8
    )


def inner_size(width: int, height: int, degrees: float) -> tuple[int, int]:
    """(width, height) of the largest part, in the picture's own proportion, that a turn by `degrees` leaves without an empty corner."""
    angle = math.radians(abs(degrees))
    long = max(width / height, height / width)
    share = 1 / (math.cos(angle) + long * math.sin(angle))
    return max(1, math.floor(width * share)), max(1, math.floor(height * share))
