"""How likely it is that a person would keep an edit, from what the witnesses measured.

`trust.json` holds plain numbers: for each witness a value that is fine, one that is bad, and how much it counts. Half-way between the two it objects. The
probability is a logistic function of the sum. `recipes/fit_judge.py` fits weights on results that people rated (tests/golden/judge).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scale:
    """From which value a witness is content, from which it is certain that something is wrong, and what that takes off the log-odds."""

    fine: float
    bad: float
    weight: float

    @property
    def threshold(self) -> float:
        """The value from which the witness objects."""
        return (self.fine + self.bad) / 2

    def doubt(self, value: float) -> float:
        """0 where the value is fine, 1 where it is bad."""
        return float(np.clip((value - self.fine) / (self.bad - self.fine), 0, 1))


@dataclass(frozen=True)
class Trust:
    """All scales by the witnesses' names, and the log-odds of an edit that nobody doubts: of a thing, and of a whole picture's look."""

    thing: float
    whole: float
    scales: Mapping[str, Scale]

    def doubts(self, values: Mapping[str, float]) -> dict[str, float]:
        """0 to 1 for each witness that was heard."""
        return {name: self.scales[name].doubt(value) for name, value in values.items()}

    def from_doubts(self, doubts: Mapping[str, float], whole: bool) -> float:
        """The probability that a person would keep the edit. A witness with nothing to say does not count."""
        against = sum(self.scales[name].weight * doubt for name, doubt in doubts.items())
        return float(1 / (1 + np.exp(against - (self.whole if whole else self.thing))))

    def stored(self) -> dict[str, Any]:
        """As `trust.json` holds it."""
        return {"thing": self.thing, "whole": self.whole, "scales": {n: asdict(s) for n, s in self.scales.items()}}


@lru_cache(maxsize=1)
def trust() -> Trust:
    """The fitted one."""
    stored = json.loads(files("pixwright.judge").joinpath("trust.json").read_text(encoding="utf-8"))
    scales = {name: Scale(**scale) for name, scale in stored["scales"].items()}
    return Trust(stored["thing"], stored["whole"], scales)
