"""A thing's names as pictures of things bear them ("red car", "car"), and how many and how large it is meant."""

from __future__ import annotations

from math import prod

from pixwright.records.thing import Thing
from pixwright.words.adjectives import SIZES

MOST = 24
"""More of one thing are not drawn."""


def last_noun(thing: Thing) -> str:
    """The last word of its head; of several things, of the last one: "fork and knife" -> "knife"."""
    while thing.parts:
        thing = thing.parts[-1]
    return thing.name.split()[-1]


def noun_of(thing: Thing) -> str:
    """The noun with what is said of it, but for number, size and colour: "old typewriter"."""
    if thing.parts:
        return " and ".join(map(noun_of, thing.parts))
    return " ".join([*thing.ages, *thing.states, *thing.said, thing.name])


def full_name(thing: Thing) -> str:
    """The same with its colours, since "green apple" may be a thing of its own."""
    return " ".join([*thing.colours, noun_of(thing)])


def scale_of(thing: Thing) -> float:
    """How many times its usual size it is meant: 0.5 for "tiny", 1.4 for "big"."""
    return prod((SIZES[size] for size in thing.sizes if size in SIZES), start=1.0)


def number_of(thing: Thing) -> int:
    """How many are meant; 1 where nothing is said."""
    return min(max(thing.count if thing.count is not None else 1, 1), MOST)
