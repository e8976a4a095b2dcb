"""The roles that words play in a sentence about the whole picture: what takes away, mends or raises, what is a fault, what stands for the picture itself.

One table, `words.json`, for all that is said of a picture as a whole: a verb is known by its class and in any form ("dispelling", "dispels"), and a sentence
is only read where every one of its words has a role. "Remove the snow from the roof" has a roof in it, and is about a thing.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple

from pixwright.words.inflection import bases


class Fault(NamedTuple):
    """A fault of a photograph that a word names; `weak` where the word names other things as well ("fuzz", "veil")."""

    name: str
    weak: bool


class Roles(NamedTuple):
    """The table: classes of words, and what faults, qualities and verbs of one meaning stand for."""

    classes: dict[str, frozenset[str]]
    faults: dict[str, Fault]
    qualities: dict[str, str]
    alone: dict[str, str]
    places: dict[str, str]
    casts: dict[str, str]
    """What is said of a light, or what lights so -> the colour of the cast."""

    def verb(self, word: str) -> frozenset[str]:
        """The classes of verbs ("rid", "lessen", "mend", "raise", "alone") that a word in any form belongs to."""
        return _verb(word)

    def accounted(self, word: str) -> bool:
        """Whether the word has any role in a sentence about the picture's faults and qualities."""
        classes = self.classes
        return (
            word in self.faults
            or word in self.qualities
            or any(word in classes[name] for name in ("picture", "heads", "praise", "glue"))
            or bool(_verb(word))
        )


@cache
def roles() -> Roles:
    """The table `words.json`."""
    raw = json.loads(resources.files(__package__).joinpath("words.json").read_text("utf-8"))
    faults = {
        word: Fault(name, strength == "weak")
        for name, lists in raw["faults"].items()
        for strength, words in lists.items()
        for word in words
    }
    qualities = {word: name for name, words in raw["qualities"].items() for word in words}
    classes = {name: frozenset(words) for name, words in raw.items() if isinstance(words, list)}
    return Roles(classes, faults, qualities, raw["alone"], raw["places"], raw["casts"])


@cache
def spoken() -> frozenset[str]:
    """Every word of the table: none of them is a slip of the keys."""
    table = roles()
    return frozenset().union(
        *table.classes.values(), table.faults, table.qualities, table.alone, table.places, table.casts
    )


@cache
def _verb(word: str) -> frozenset[str]:
    table = roles()
    kinds = {name for name in ("rid", "lessen", "mend", "raise") for one in bases(word) if one in table.classes[name]}
    return frozenset(kinds | ({"alone"} if any(one in table.alone for one in bases(word)) else set()))
