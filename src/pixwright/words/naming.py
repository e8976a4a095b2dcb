"""A thing's names as pictures of things bear them ("red car", "car"), and how many and how large it is meant."""

from __future__ import annotations

from math import prod

from pixwright.records.thing import Thing
from pixwright.words.adjectives import SIZES, YOUNG
from pixwright.words.lexicon import lexicon
from pixwright.words.numbers import VAGUE

MOST = 24
"""More of one thing are not drawn."""
SEVERAL = 3
"""How many "birds" are, where nothing else is said."""


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
    """How many times its usual size it is meant: 0.5 for "tiny", 1.4 for "big"; a young animal is smaller than its kind."""
    young = YOUNG if lexicon().is_(thing.head, "animal") else {}
    ages = [young[word] for word in (*thing.ages, *thing.said) if word in young]
    return prod((SIZES[size] for size in thing.sizes if size in SIZES), start=min(ages, default=1.0))


def number_of(thing: Thing) -> int:
    """How many are meant: a number that is said, about as many as "a few" or "many", `SEVERAL` of a plural, else 1."""
    if thing.count is not None:
        return min(max(thing.count, 1), MOST)
    vague = next((VAGUE[word] for word in thing.text.lower().split() if word in VAGUE), SEVERAL)
    return vague if thing.plural else 1
