"""Measure first, decide later: every number that a sample's pictures give. What cannot be measured is absent, never 0.

`MEASURES` says what each number is; `select` applies thresholds to them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal
from weakref import WeakKeyDictionary

from pixwright.build.measure import appearance as look
from pixwright.build.measure import basic as basic
from pixwright.build.measure import geometry as frame
from pixwright.build.measure import things as things
from pixwright.build.measure.bank import Bank
from pixwright.build.measure.view import View
from pixwright.encoders.bundle import Encoders
from pixwright.records.sample import Sample

__all__ = ["MEASURES", "Bank", "Measure", "bank_of", "measure"]
_DIGITS = 5
"""Of a measurement."""


@dataclass(frozen=True)
class Measure:
    """`low` to `high` is its range; `better` says which end is good: a fact (`neither`) has none."""

    name: str
    low: float
    high: float
    better: Literal["low", "high", "neither"]
    source: str
    meaning: str


def _table() -> dict[str, Measure]:
    with files("pixwright.build").joinpath("measures.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    return {r[0]: Measure(r[0], float(r[1]), float(r[2]), r[3], r[4], r[5]) for r in rows}  # type: ignore[arg-type]


MEASURES: Mapping[str, Measure] = _table()
"""Every number that `measure` can give, by name (`measures.tsv`)."""
_banks: WeakKeyDictionary[Encoders, Bank] = WeakKeyDictionary()


def bank_of(encoders: Encoders) -> Bank:
    """The package's own cut-outs as a bank, kept as long as the encoders are."""
    if encoders not in _banks:
        _banks[encoders] = Bank.packaged(encoders)
    return _banks[encoders]


def measure(sample: Sample, encoders: Encoders, bank: Bank | None = None) -> dict[str, float]:
    """All numbers of one sample, by the names in `MEASURES`.

    `bank`: pictures of the names that things may have; the package's own cut-outs unless given. A sample whose two pictures cannot be laid
    on each other (sizes that differ, without a canvas) has none: `validate` refuses it.
    """
    view = View(sample, encoders)
    if not view.same_size:
        return {}
    known = bank or bank_of(encoders)
    found: dict[str, float] = {}
    for part in (basic.distances, basic.decoupled, basic.alignment, basic.rims, basic.similarity):
        found |= part(view)
    for part in (look.colour, look.surface, look.changed_look):
        found |= part(view)
    for part in (frame.motion, frame.text, frame.canvas, frame.condition, things.counted):
        found |= part(view)
    for seen in (things.named, things.referred):
        found |= seen(view, known)
    return {name: rounded(value) for name, value in found.items()}


def rounded(value: float) -> float:
    """As a sample keeps it. There is one zero only: a hair below it would be -0.0, in other bytes, and a hair may come of how a sum was split."""
    return round(float(value), _DIGITS) + 0.0
