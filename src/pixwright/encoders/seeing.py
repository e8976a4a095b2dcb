"""What the aligned encoder sees: a picture as one row of numbers, before any head has learnt from it: EfficientNet-Lite2's features and class scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.picture import PictureEncoder
from pixwright.records.instruction import Array

Floats = NDArray[np.float32]

SEEN = 256
"""Longer side, in pixels, at which a picture is looked at."""
PICTURE_WIDTH = 1280
"""Numbers of a latent."""


def picture_latent(picture: Array, encoder: PictureEncoder) -> Floats:
    """(PICTURE_WIDTH,) of a picture HxWx3 uint8: the square root of each feature's mean over the picture, so that few strong ones do not drown the others."""
    grid = encoder.features(picture, SEEN).grid
    return np.asarray(np.sqrt(np.maximum(grid.mean((0, 1)), 0)), np.float32)
