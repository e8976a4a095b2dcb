"""For each step the best editor that is there, by measured acceptance, tried in order until the witnesses agree.

`auto.json` here says of each editor and type of edit how many results were made and how many a person accepts; a file of the same name in the store (`recipes/auto.py` writes
it) adds the user's own weights. `local` is in every order. An editor that was not measured, or of which few results are good, as of the packaged mini weights, is in none: with what the package brings
alone `auto` therefore does what `local` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import sqrt
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, MissingExtra, WeightsMissing
from pixwright.models.options import options_from
from pixwright.records.kind import EditType
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.local import local, parts_from
from pixwright.systems.options import AutoOptions
from pixwright.weights import store
from pixwright.weights.registry import home, registry

LOCAL = "local"
FILE = "auto.json"
SURE = 1.64
"""Deviations of an interval: nine of ten hold the truth."""
TRIED_FROM = 0.15
"""Acceptance that an editor must surely have in a type to be tried in it."""

FEWEST = 5
"""Results of a type that an editor needs: one good one says nothing of the next."""

Make = Callable[[str, Encoders | None, Mapping[str, str]], System]


@dataclass(frozen=True)
class Acceptance:
    """How many of so many results were accepted. `accepted` need not be whole: where nobody rated, a verdict counts by what it is worth."""

    accepted: float
    results: int

    @property
    def interval(self) -> tuple[float, float]:
        """The acceptance's low and high end (Wilson 1927), nine times of ten."""
        if not self.results:
            return 0.0, 1.0
        share, z = self.accepted / self.results, SURE * SURE / self.results
        middle = (share + z / 2) / (1 + z)
        half = SURE * sqrt(share * (1 - share) / self.results + z / 4 / self.results) / (1 + z)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Measured:
    """One editor as it was measured: the system, the options it was built with, and what came of each type."""

    name: str
    system: str
    options: Mapping[str, str]
    types: Mapping[EditType, Acceptance]


@dataclass(frozen=True)
class Table:
    """Every measured editor, and a digest of it all."""

    editors: tuple[Measured, ...]
    digest: str

    def order(self, kind: EditType, there: frozenset[str]) -> tuple[str, ...]:
        """The editors for a type, of those that are there, the surest first; of equals the earlier in the table."""
        shares = {one.name: one.types.get(kind, Acceptance(0, 0)) for one in self.editors if one.name in there}
        measured = {name: share for name, share in shares.items() if share.results >= FEWEST}
        kept = [name for name, share in measured.items() if name != LOCAL and share.interval[0] >= TRIED_FROM]
        return tuple(sorted([LOCAL, *kept], key=lambda name: -shares.get(name, Acceptance(0, 0)).interval[0]))


def read_table(own: Path | None = None) -> Table:
    """The package's table, and over it the user's (`own`, or the store's) if there is one. Raises InvalidOption for a file that is none."""
    own = own or home() / FILE
    texts = [files("pixwright.systems").joinpath(FILE).read_text(encoding="utf-8")]
    if own.is_file():
        texts.append(own.read_text(encoding="utf-8"))
    found: dict[str, Measured] = {}
    for text in texts:
        try:
            found |= {one.name: one for one in _editors(json.loads(text))}
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise InvalidOption(
                f"{own} is no table of editors ({problem!r}); make it again with recipes/auto.py or delete it"
            ) from None
    return Table(tuple(found.values()), hashlib.sha256("".join(texts).encode()).hexdigest())


def _editors(stored: Any) -> list[Measured]:
    return [
        Measured(
            name,
            row["system"],
            MappingProxyType(dict(row["options"])),
            {EditType(kind): Acceptance(float(pair[0]), int(pair[1])) for kind, pair in row["types"].items()},
        )
        for name, row in stored.items()
    ]


def auto(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system. Raises InvalidOption for an editor that was not measured."""
    from pixwright.systems import build

    return auto_with(encoders, options, build, read_table())


def auto_with(encoders: Encoders | None, options: Mapping[str, str], make: Make, table: Table) -> System:
    """The same of a given table; `make` builds a system by name."""
    chosen = options_from(AutoOptions, options)
    enc = encoders or Encoders(parts_from(chosen.parts))
    known = {one.name: one for one in table.editors}
    asked = [name.strip() for name in chosen.editors.split(",") if name.strip()]
    if chosen.editors != "all" and (unknown := [name for name in asked if name not in known]):
        raise InvalidOption(f"editors={unknown[0]!r} was not measured; there is: {', '.join(known)}")
    wanted = known if chosen.editors == "all" else {name: known[name] for name in asked}
    base = local(enc)
    there = {LOCAL: base} | {
        name: made for name, one in wanted.items() if name != LOCAL and (made := _opened(one, enc, make)) is not None
    }

    @cache
    def order(kind: EditType) -> tuple[System, ...]:
        return tuple(there[name] for name in table.order(kind, frozenset(there)))

    def further() -> dict[str, str]:
        used = {name: digest for one in there.values() for name, digest in one.further_weights().items()}
        return used | {"auto-table": table.digest}

    return replace(
        base,
        name="auto",
        options={**options, **base.options},
        order=lambda step: order(step.type),
        further_weights=further,
    )


def _opened(one: Measured, encoders: Encoders, make: Make) -> System | None:
    """The system, named as in the table; None where the extra or the weights are not there."""
    weights = one.options.get("weights", "")
    try:
        if weights in registry():
            store.path(weights)
        elif weights and weights != "mini" and not Path(weights).expanduser().exists():
            return None
        return replace(make(one.system, encoders, one.options), name=one.name)
    except (MissingExtra, WeightsMissing):
        return None


def told(table: Table) -> list[str]:
    """A line for each editor and type: acceptance, its interval, and of how many results."""
    lines = []
    for one in table.editors:
        for kind, share in one.types.items():
            low, high = share.interval
            lines.append(
                f"{one.name:16} {kind:18} {share.accepted / max(share.results, 1):.2f}  {low:.2f} to {high:.2f}  of {share.results}"
            )
    return lines
