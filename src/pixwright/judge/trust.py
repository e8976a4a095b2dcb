"""How likely it is that a person would keep an edit, and whether that is enough to call it done.

`trust.json` holds plain numbers: for each kind of edit a log-odds to begin with (a kind whose results are seldom good needs more evidence), for each witness a value
that is fine, one that is bad, and how much it counts, and the probability from which on a result is called done. Half-way between fine and bad a witness objects.
`recipes/fit_judge.py` fits levels, weights and that probability on results that people rated (tests/golden/judge).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from pixwright.records.plan import Step

ELSE = "else"
"""The level of a kind of which nobody rated enough."""
FRAME = "frame"
"""The kind of a turn, a crop or a new size of the whole picture, which is another thing than that of something in it."""

OBJECTS = 0.5
"""Doubt from which a witness objects: half-way from fine to bad."""


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
    """`done`: the probability from which on a result is called done. `levels`: log-odds of an edit that nobody doubts, by `kind_of`. `scales`: by the witnesses' names."""

    done: float
    levels: Mapping[str, float]
    scales: Mapping[str, Scale]

    def doubts(self, values: Mapping[str, float]) -> dict[str, float]:
        """0 to 1 for each witness that was heard."""
        return {name: self.scales[name].doubt(value) for name, value in values.items()}

    def from_doubts(self, doubts: Mapping[str, float], kind: str) -> float:
        """The probability that a person would keep the edit. A witness with nothing to say does not count."""
        against = sum(self.scales[name].weight * doubt for name, doubt in doubts.items())
        return float(1 / (1 + np.exp(against - self.levels.get(kind, self.levels[ELSE]))))

    def strongest(self, doubts: Mapping[str, float]) -> str | None:
        """The witness that takes most off the log-odds; None where nobody doubts at all."""
        heard = {name: self.scales[name].weight * doubt for name, doubt in doubts.items() if doubt > 0}
        return max(heard, key=heard.__getitem__) if heard else None

    def stored(self) -> dict[str, Any]:
        """As `trust.json` holds it."""
        return {
            "done": self.done,
            "levels": dict(self.levels),
            "scales": {n: asdict(s) for n, s in self.scales.items()},
        }


def kind_of(step: Step) -> str:
    """What kind of edit a step is, for its level: its type, or `FRAME`."""
    return FRAME if step.reframes else step.type.value


@lru_cache(maxsize=1)
def trust() -> Trust:
    """The fitted one."""
    stored = json.loads(files("pixwright.judge").joinpath("trust.json").read_text(encoding="utf-8"))
    scales = {name: Scale(**scale) for name, scale in stored["scales"].items()}
    return Trust(stored["done"], stored["levels"], scales)
