"""What a noun means to the picture encoder: weights over the 1000 ImageNet classes, a kind of stuff, a person, or a part.

Nouns come from WordNet 3.0's hypernyms (`nouns.tsv.gz`, made by recipes/convert/wordnet.py) and from a short authored list (`extra.json`)
for everyday things that ImageNet-1k lacks and looks alike stand in for.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

CLASSES = 1000
PAIRS = (
    "clothes",
    "glasses",
    "trousers",
    "pants",
    "jeans",
    "sunglasses",
    "spectacles",
    "goggles",
    "scissors",
    "shorts",
)
"""Plurals that are one thing."""
Kind: TypeAlias = Literal["things", "stuff", "person", "part", "unknown"]


@dataclass(frozen=True)
class Meaning:
    """`classes`: class -> prior weight in (0, 1]; `name` is the stuff or part; `exact` is False where the classes only resemble the noun."""

    kind: Kind
    noun: str
    classes: tuple[tuple[int, float], ...] = ()
    name: str = ""
    exact: bool = True

    def weights(self) -> NDArray[np.float32]:
        """(1000,) float32 prior weights, 0 for classes that do not belong."""
        out = np.zeros(CLASSES, np.float32)
        for index, weight in self.classes:
            out[index] = weight
        return out


class Lexicon:
    """The noun table; immutable after loading. Use `lexicon()`."""

    def __init__(self) -> None:
        here = files("pixwright.ground")
        lines = gzip.decompress(here.joinpath("nouns.tsv.gz").read_bytes()).decode().splitlines()
        extra = json.loads(here.joinpath("extra.json").read_text("utf-8"))
        rows = [line.split("\t") for line in lines]
        self._groups = [row[1] for row in rows if row[0] == "G"]
        self.names = tuple(row[2] for row in rows if row[0] == "L")
        self._irregular = {row[1]: row[2] for row in rows if row[0] == "X"}
        self._nouns = {row[1]: row[2] for row in rows if row[0] == "N"}
        self._stuff = {alias: kind for kind, aliases in extra["stuff"].items() for alias in aliases}
        self._parts = {alias: part for part, aliases in extra["part"].items() for alias in aliases}
        self._people = frozenset(extra["person"]["whole"])
        self.person_classes = tuple((c, 1.0) for c in extra["person"]["classes"])
        self._authored: dict[str, list[int]] = {k: v for k, v in extra["classes"].items() if v}

    def knows(self, noun: str) -> bool:
        """Whether the noun, as given, is in any table."""
        return any(noun in table for table in (self._authored, self._stuff, self._parts, self._people, self._nouns))

    def singular(self, noun: str) -> tuple[str, bool]:
        """(`dogs`) -> (`dog`, True); (`grass`) -> (`grass`, False). Only the last word is changed."""
        start, _, last = noun.rpartition(" ")
        lead = f"{start} " if start else ""
        if last in ("people", "men", "women", "children"):
            return lead + {"people": "person", "men": "man", "women": "woman", "children": "child"}[last], True
        if last in PAIRS and noun in self._authored:
            return noun, False
        if last in self._irregular and noun not in self._authored:
            return lead + self._irregular[last], True
        if last.endswith("s") and not last.endswith(("ss", "us", "is")):
            for stem in _stems(last):
                if self.knows(lead + stem) or self.knows(stem):
                    return lead + stem, last not in PAIRS
        return noun, False

    def look(self, noun: str) -> Meaning:
        """The meaning of a singular noun. A compound that is in no table means what its last word means."""
        if noun in self._authored:
            classes = tuple((c, max(0.4, 1.0 - 0.08 * i)) for i, c in enumerate(self._authored[noun]))
            wordnet = self._wordnet(noun)
            merged = dict(wordnet.classes if wordnet and wordnet.exact else ()) | dict(classes)
            return Meaning("things", noun, tuple(merged.items()))
        if noun in self._people:
            return Meaning("person", noun, self.person_classes)
        if noun in self._parts:
            return Meaning("part", noun, name=self._parts[noun])
        if noun in self._stuff:
            return Meaning("stuff", noun, name=self._stuff[noun])
        found = self._wordnet(noun)
        if found:
            return found
        if " " in noun:
            return self.look(noun.split(" ", 1)[1])
        return Meaning("unknown", noun, exact=False)

    def _wordnet(self, noun: str) -> Meaning | None:
        codes = self._nouns.get(noun, "").split()
        if not codes:
            return None
        if codes[0] == "p":
            return Meaning("person", noun, self.person_classes)
        exact = [c for c in codes if c.endswith("=")]
        classes: dict[int, float] = {}
        for rank, code in enumerate(exact or codes[:1]):
            if code != "p":
                for c in self._members(int(code[:-1])):
                    classes.setdefault(c, 0.6**rank)
        return Meaning("things", noun, tuple(classes.items()), exact=bool(exact))

    def _members(self, group: int) -> list[int]:
        out: list[int] = []
        for run in self._groups[group].split():
            first, _, last = run.partition("-")
            out += range(int(first), int(last or first) + 1)
        return out


def _stems(word: str) -> list[str]:
    stems = []
    if word.endswith("ies"):
        stems.append(word[:-3] + "y")
    if word.endswith("ves"):
        stems += [word[:-3] + "f", word[:-3] + "fe"]
    if word.endswith("es"):
        stems += [word[:-1], word[:-2]]
    return [*stems, word[:-1]]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The table, read once (about 40 ms)."""
    return Lexicon()
