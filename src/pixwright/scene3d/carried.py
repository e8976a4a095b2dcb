"""What a handler of a step hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pixwright.records.evidence import Evidence
from pixwright.scene3d.report import ViewVerdict


@dataclass(frozen=True, eq=False)
class Carried:
    """What was done: to which Gaussians (N bool, of those before it), and what is to be said of it."""

    chosen: NDArray[np.bool_]
    evidence: Mapping[int, Evidence] = field(default_factory=dict)
    """Of each view in which the judge can tell whether it was done: what it is to be told. Empty where that is arithmetic."""
    as_function: bool | None = None
    refused: str = ""
    partly: str = ""
    said: tuple[str, ...] = ()
    brought: NDArray[np.bool_] | None = None
    """M bool, of the Gaussians after it: those that the scene did not hold."""
    judged: tuple[ViewVerdict, ...] = ()
    """What the judge said already, of views finer than the scene's."""
