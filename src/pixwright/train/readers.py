"""What turns an example's words and reference into conditions, once, before training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]

MINI_TOKENS = 32
"""Tokens of a text that the mini network reads."""
MINI_LOOK = 128
"""Pixels of the square that a reference is squashed to for the mini network."""


@dataclass(frozen=True)
class Readers:
    """The frozen encoders of a shape."""

    tokens: int
    """N, the tokens of a text."""
    width: int
    read: Callable[[Sequence[str]], Floats]
    """Texts -> (B, N, width)."""
    look: Callable[[Array], Floats]
    """A picture H x W x 3 uint8 -> (cells, feature_width)."""


def mini_readers(encoders: Encoders | None = None) -> Readers:
    """MiniLM's tokens (32, 384) and EfficientNet-Lite2's grid of 4 x 4 cells (16, 1280); both come with the package."""
    bundle = encoders or Encoders()

    def look(picture: Array) -> Floats:
        way = cv2.INTER_AREA if min(picture.shape[:2]) >= MINI_LOOK else cv2.INTER_LINEAR
        small = cv2.resize(np.ascontiguousarray(picture[..., :3]), (MINI_LOOK, MINI_LOOK), interpolation=way)
        grid = bundle.picture.features(small, MINI_LOOK).grid
        return grid.reshape(-1, grid.shape[-1])

    return Readers(MINI_TOKENS, 384, lambda texts: bundle.text.tokens(texts, MINI_TOKENS), look)
