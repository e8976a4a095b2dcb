"""What the parts of `video` hand each other: a step on one picture, what must be followed for it, and what carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import Result, StepReport, Verdict
from pixwright.video.spool import KeptPlace

Matrix3: TypeAlias = NDArray[np.float64]
"""3x3, on (x, y, 1)."""


@dataclass(frozen=True, eq=False)
class MadeStep:
    """One step on one picture HxWx3 uint8."""

    before: Array
    after: Array
    plan: Plan
    """Of this step alone."""
    result: Result

    @property
    def step(self) -> Step:
        """The step."""
        return self.plan.steps[0]

    @property
    def report(self) -> StepReport:
        """What became of it."""
        return self.result.report.steps[0]

    @property
    def mask(self) -> Array:
        """HxW uint8: what it was allowed to touch."""
        return self.result.masks[0]

    @property
    def region(self) -> Region:
        """Where it took place."""
        return self.result.regions[0]

    @property
    def done(self) -> bool:
        """Whether there is anything to carry."""
        return self.report.verdict is not Verdict.NOT_DONE


@dataclass(frozen=True, eq=False)
class Followed:
    """A thing that a carrier needs to be followed."""

    mask: Array
    """HxW uint8, in the key frame."""
    whole: bool = False
    """All that is seen, as it is, and not a thing in it."""
    phrase: bool = False
    """Whether it can be found again by the words of its step."""
    least: float = 0.5
    """Coverage under which it is carried over from another picture from there on."""


class Carrier(Protocol):
    """Carries one step through a shot."""

    followed: tuple[Followed, ...]
    """What must be followed; `things` below are in this order."""
    way: str
    """In a word, for the report."""
    renews: bool
    """Whether the edit itself is made again in a later picture, where the key frame shows too little."""

    def link(self, thing: int, anchor: int, kept: KeptPlace, mask: Array) -> None:
        """A thing is carried over from another picture from now on: `kept` says where it was in the one before, `mask` HxW uint8 what of that picture it is."""
        ...

    def see(self, pixels: Array, things: Sequence[KeptPlace]) -> None:
        """A frame as it was, in the order of following: those after the key frame, then those before it, from the key frame away."""
        ...

    def finish(self) -> None:
        """All frames were seen."""
        ...

    def renew(self, anchor: int, before: Array, after: Array, mask: Array) -> None:
        """The edit in another picture that the first thing is carried over from."""
        ...

    def lay(self, pixels: Array, things: Sequence[KeptPlace]) -> tuple[Array, Array]:
        """The step done in a frame, which the steps before it have changed: the frame, and HxW uint8 of what was touched."""
        ...


class Chain:
    """Affine motions put together: from a frame to the key frame, whatever pictures lie between."""

    def __init__(self) -> None:
        self._to_key: dict[int, Matrix3] = {0: np.eye(3)}

    def link(self, anchor: int, kept: KeptPlace) -> None:
        """The picture `anchor` is where `kept` says, seen from the one before."""
        self._to_key[anchor] = self.to_key(kept, None)

    def to_key(self, kept: KeptPlace, size: tuple[int, int] | None) -> Matrix3:
        """From the frame's pixels to the key frame's: of full size (height, width), or of the reduced picture."""
        last = np.vstack([kept.matrix, [0, 0, 1]])
        small: Matrix3 = self._to_key.get(kept.anchor, np.eye(3)) @ last
        if size is None:
            return small
        across, down = size[1] / kept.small[0], size[0] / kept.small[1]
        grow = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])
        return np.asarray(grow @ small @ np.linalg.inv(grow), np.float64)
