"""`Instance`: one thing that was found, and `Sight`: what was found for a noun."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import Floats, Frame, frame_of


@dataclass(frozen=True, eq=False)
class Instance:
    """One thing in the small picture. `mask` (h, w) in [0, 1]; `score` in [0, 1]: how sure it is that this is one of the kind; `fades`: it has no edge, as a cheek."""

    mask: Floats
    score: float = 1.0
    fades: bool = False

    @cached_property
    def solid(self) -> NDArray[np.bool_]:
        """Where it surely is."""
        return np.asarray(self.mask > 0.5, np.bool_)

    @cached_property
    def area(self) -> float:
        """Share of the picture."""
        return float(self.mask.mean())

    @cached_property
    def box(self) -> Frame:
        """XYXY in 0..1."""
        return frame_of(self.mask)

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the box's middle, in 0..1."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) / 2, (y0 + y1) / 2


@dataclass(frozen=True, eq=False)
class Sight:
    """What was found for a noun: `found`, surest first, and how sure it is, in [0, 1], that they are of its kind. `guess`: why it is no more than a guess."""

    found: tuple[Instance, ...] = ()
    score: float = 0.0
    guess: str = ""
    by: str = ""
    """The pulled network that found it: `score` is then its own, not calibrated; empty for the embedded grounder."""


def union(found: tuple[Instance, ...] | list[Instance], shape: tuple[int, int]) -> Floats:
    """(h, w): all of them together."""
    if not found:
        return np.zeros(shape, np.float32)
    return np.asarray(np.max([i.mask for i in found], axis=0), np.float32)
