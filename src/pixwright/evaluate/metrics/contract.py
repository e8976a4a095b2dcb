"""What a metric is: a frozen description, a score for every case of a batch, and a mean that knows what is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array

if TYPE_CHECKING:
    from pixwright.evaluate.metrics.batch import CaseBatch

Floats: TypeAlias = NDArray[np.float32]
Values: TypeAlias = list[float | None]
"""One value a case; None where a case lacks what the metric needs. A missing value is never 0 and never a code such as -100."""

Role: TypeAlias = Literal["made", "target", "source", "reference", "crop", "made-inside", "source-inside"]
"""A picture of a case: what the system made, the ground truth, the input, the subject's picture, the subject's box in what was made, and
the mask's box in what was made and in the input."""

Words: TypeAlias = Literal["caption", "source_caption"]
Need: TypeAlias = tuple[str, Role | Words]
"""A backbone's name and what it has to embed."""


@dataclass(frozen=True)
class Description:
    """What a reader must know to compare a number with another one."""

    name: str
    """As printed; `mini-...` for a stand-in that no paper used."""
    higher_is_better: bool
    low: float | None
    high: float | None
    """Bounds of a single value, None where there is none. A value outside of them is an error, not a number."""
    preprocessing: str
    source: str
    """Paper and section, or repository and file."""
    backbone: str = ""
    revision: str = ""


@dataclass(frozen=True, eq=False)
class Case:
    """One edit to be judged. A picture is a path or HxWx3 (or HxWx4) uint8 sRGB; None where there is none."""

    key: str
    made: Path | Array | None
    """What the system made; None if it failed, which counts as a black picture."""
    target: Path | Array | None = None
    source: Path | Array | None = None
    reference: Path | Array | None = None
    """The subject that was to be inserted."""
    caption: str = ""
    """What the edited picture shows."""
    source_caption: str = ""
    subject: str = ""
    """The phrase that finds the subject in what was made."""
    mask: Array | None = None
    """HxW uint8 of the source's size, 255 where the edit was to be."""
    made_mask: Array | None = None
    """HxW uint8: where the system's own segmenter placed it."""


@dataclass(frozen=True, eq=False)
class Metric:
    """`score` gives a value for each case of a batch; `needs` lets the batch run each backbone once for all metrics together."""

    about: Description
    score: Callable[[CaseBatch], Values] = field(repr=False)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class MetricSummary:
    """`mean` over `count` values, None if there are none; `missing` cases had no value. `failed` of the counted made no picture or a black one."""

    mean: float | None
    count: int
    missing: int
    failed: int


class Mean:
    """The accumulator of one metric: sums in double precision and counts what is missing."""

    def __init__(self, about: Description) -> None:
        self.about = about
        self._values: list[float] = []
        self._missing = 0
        self._failed = 0

    def update(self, values: Sequence[float | None], failed: Sequence[bool] = ()) -> None:
        """Add one value a case. `failed` marks cases without a picture, or with a black one; their values count like any other.

        Raises `InvalidOption` for a value that is not finite or outside the metric's range, such as a -100 that stands for nothing.
        """
        for index, value in enumerate(values):
            if value is None:
                self._missing += 1
                continue
            self._values.append(check(self.about, value))
            self._failed += bool(failed[index]) if index < len(failed) else 0

    def compute(self) -> MetricSummary:
        """The mean of what is there."""
        count = len(self._values)
        return MetricSummary(math.fsum(self._values) / count if count else None, count, self._missing, self._failed)


def check(about: Description, value: float) -> float:
    """`value` as a float if it can be one of the metric's.

    Raises `InvalidOption`: a value out of range is a fault or a code for something that is missing.
    """
    low = -math.inf if about.low is None else about.low
    high = math.inf if about.high is None else about.high
    slack = 1e-5 * max(1.0, abs(low) if math.isfinite(low) else 1.0, abs(high) if math.isfinite(high) else 1.0)
    if not math.isfinite(value) or not low - slack <= value <= high + slack:
        raise InvalidOption(
            f"{about.name} is {value}, allowed is {low:g} to {high:g}; a missing value is None, never a code"
        )
    return float(value)
