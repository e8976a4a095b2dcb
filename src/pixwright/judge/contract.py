"""What a check sees and says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region
from pixwright.records.result import Check
from pixwright.records.thing import Thing

WORK_SIDE = 640
"""Longer side, in pixels, at which pictures are compared; the promise about the outside is measured at full size."""
HALF = 127
"""A pixel of a mask above it is inside."""
DIGITS = 4
"""Of a measured value in a report."""
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Trial:
    """One step, before and after. Pictures HxWx3 uint8 sRGB, `mask` HxW uint8 of `after`'s size."""

    before: Array
    after: Array
    step: Step
    region: Region
    mask: Array
    evidence: Evidence
    encoders: Encoders
    ground: Callable[[Array, str | Thing], Region]
    salient: Callable[[Array], Array]

    @property
    def same_size(self) -> bool:
        """Whether pixel (x, y) is the same place in both pictures."""
        return self.before.shape == self.after.shape


@dataclass(frozen=True)
class Finding:
    """A check with its weight: a failed hard one means `not_done`, a failed soft one `partly`. `score` is 0 to 1."""

    check: Check
    hard: bool = True
    score: float = field(default=0.0)


def at_least(name: str, value: float, threshold: float, reason: str, *, hard: bool = True) -> Finding:
    """Passed if value >= threshold; the score grows to 1 at twice the threshold."""
    value = float(value)
    check = Check(name=name, value=round(value, DIGITS), threshold=threshold, passed=value >= threshold, reason=reason)
    return Finding(check, hard, float(np.clip(value / (2 * threshold), 0, 1)) if threshold > 0 else float(check.passed))


def at_most(name: str, value: float, threshold: float, reason: str, *, hard: bool = True) -> Finding:
    """Passed if value <= threshold; the score is 1 at 0 and 0.5 at the threshold."""
    value = float(value)
    check = Check(name=name, value=round(value, DIGITS), threshold=threshold, passed=value <= threshold, reason=reason)
    return Finding(check, hard, float(np.clip(1 - value / (2 * max(threshold, _TINY)), 0, 1)))


def crop(picture: Array, box: Box) -> Array:
    """The part of the picture in the box, clipped to the frame."""
    x0, y0, x1, y1 = box
    return picture[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]


def difference(a: Array, b: Array) -> NDArray[np.float32]:
    """Mean absolute difference over the channels, HxW, 0 to 255."""
    return np.asarray(cv2.absdiff(a, b).astype(np.float32).mean(axis=2), np.float32)
