"""What a picture shall be, for whoever paints it. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Wanted:
    """Unit vectors (W,) of one aligned encoder, and a caption."""

    base: Vector
    """The picture as it is."""
    gen: Vector
    """The picture to be."""
    refined: Vector
    """The same at a higher score."""
    subjects: tuple[Vector, ...] = ()
    """What shall appear in it."""
    words: str = ""
