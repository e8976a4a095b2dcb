"""The guided filter (He, Sun and Tang 2013): values that take the edges of a guide, since near every place they are a line in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Window = Callable[[Field], Field]
"""HxW -> HxW: the mean about each pixel."""

_OUTSIDE = 1e-4
"""Weight that a pixel outside of a thing keeps, so that a mean is one everywhere."""


@dataclass(frozen=True, eq=False)
class GuidedLines:
    """The lines, values = slope * guide + offset, HxW each and in the mean over each window; `covariance` HxW says how surely the guide tells the values."""

    slope: Field
    offset: Field
    covariance: Field

    def on(self, guide: Field) -> Field:
        """HxW: the values where the guide is this."""
        return np.asarray(self.slope * guide + self.offset, np.float32)


def guided_lines(guide: Field, values: Field, window: Window, noise: float) -> GuidedLines:
    """Fit the lines (equations 5, 6 and 8) to `guide` and `values`, HxW float32; `noise` is the variance of the guide, in its own unit squared, that tells nothing."""
    mean_guide, mean_values = window(guide), window(values)
    covariance = np.asarray(window(guide * values) - mean_guide * mean_values, np.float32)
    variance = window(guide * guide) - mean_guide * mean_guide
    slope = np.asarray(covariance / (variance + noise), np.float32)
    offset = np.asarray(mean_values - slope * mean_guide, np.float32)
    return GuidedLines(window(slope), window(offset), covariance)


def squares(radius: int) -> Window:
    """Windows of `radius` pixels to each side, over the whole picture."""
    size = (2 * radius + 1, 2 * radius + 1)
    return lambda values: np.asarray(cv2.blur(values, size), np.float32)


def within(weight: Field, sigma: float) -> Window:
    """Soft windows of `sigma` pixels over what has weight, HxW in [0, 1], alone."""
    weight = weight + np.float32(_OUTSIDE)
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    return lambda values: np.asarray(cv2.GaussianBlur(values * weight, (0, 0), sigma) / total, np.float32)
