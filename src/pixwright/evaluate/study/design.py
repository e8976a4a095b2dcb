"""Who sees what, in which order: pure functions of seeds, balanced by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias, get_args

import numpy as np

from pixwright.errors import InvalidOption

Protocol: TypeAlias = Literal["choice", "pair", "likert"]
"""The best of all; one against one; one picture from 1 to 5."""
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)


@dataclass(frozen=True)
class StudyUnit:
    """What is shown at once: these systems' pictures of this item."""

    item: int
    systems: tuple[str, ...]
    group: int
    """Units of the same systems form a group."""
    rank: int
    """Place in the group's own random order of items."""


def make_units(
    protocol: Protocol, items: int, systems: Sequence[str], seed: int, against: str | None = None
) -> list[StudyUnit]:
    """Every unit of a study of `items` items. With `against`, only the pairs of that system, named first, with each other one, as
    papers compare theirs with the baselines.

    Raises `InvalidOption` for an unknown protocol or system, or fewer than two systems where pictures are compared.
    """
    if protocol not in PROTOCOLS:
        raise InvalidOption(f"protocol {protocol!r}; allowed are {', '.join(PROTOCOLS)}")
    if protocol != "likert" and len(systems) < 2:
        raise InvalidOption(f"{protocol} compares systems and there is only {systems[0]!r}; give two, or use likert")
    if against is not None and (protocol != "pair" or against not in systems):
        raise InvalidOption(f"against {against!r}; it goes with the protocol pair, and one of {', '.join(systems)}")
    shown: list[tuple[str, ...]]
    if protocol == "choice":
        shown = [tuple(systems)]
    elif protocol == "likert":
        shown = [(name,) for name in systems]
    else:
        shown = list(combinations(systems, 2))
        if against is not None:
            shown = [(against, name) for name in systems if name != against]
    units = []
    for group, names in enumerate(shown):
        ranks = np.random.default_rng([seed, 1, group]).permutation(items)
        units += [StudyUnit(item, names, group, int(ranks[item])) for item in range(items)]
    return units


def arrangement(seed: int, group: int, rank: int, count: int, showing: int) -> list[int]:
    """Which of `count` systems stands in each place when a unit is shown for the `showing`-th time (from 0).

    Rows of cyclic Latin squares: of `count` showings of a unit, and of `count` units of neighbouring rank shown once, each system stands
    in each place exactly once. The square itself is random and changes every `count` showings and ranks.
    """
    square = np.random.default_rng([seed, 2, group, rank // count, showing // count]).permutation(count)
    return [int(value) for value in np.roll(square, (rank + showing) % count)]


def assign(seed: int, rater: int, showings: Sequence[int], most: int | None, checks: int) -> list[int]:
    """The order of work of the rater number `rater`: indices of units, and -1 - c for attention check number c.

    `showings[i]` says how often unit i was given out before: the least shown come first, at most `most` of them, so that the work is
    spread evenly over the raters. The order is random; checks never come first.
    """
    rng = np.random.default_rng([seed, 3, rater])
    mixed = rng.permutation(len(showings))
    chosen = mixed[np.argsort(np.asarray(showings)[mixed], kind="stable")][:most]
    order = [int(value) for value in rng.permutation(chosen)]
    for check in range(checks):
        order.insert(int(rng.integers(1, len(order) + 1)), -1 - check)
    return order
