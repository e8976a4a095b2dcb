"""A noun phrase taken apart: the thing, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pixwright.records.vocabulary import COLOURS

_SIZES = {
    "tiny": 0.5,
    "small": 0.7,
    "little": 0.7,
    "big": 1.4,
    "large": 1.4,
    "huge": 1.9,
    "giant": 2.2,
    "enormous": 2.2,
    "tall": 1.3,
}
_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SKIP = {
    "a",
    "an",
    "the",
    "some",
    "another",
    "more",
    "few",
    "several",
    "many",
    "couple",
    "pair",
    "extra",
    "additional",
    "my",
    "new",
    "real",
}
_IRREGULAR = {"mice": "mouse", "geese": "goose", "men": "man", "women": "woman", "children": "child", "people": "person", "knives": "knife",
              "leaves": "leaf", "wolves": "wolf", "loaves": "loaf", "feet": "foot", "teeth": "tooth", "sheep": "sheep", "fish": "fish", "glasses": "glasses",
              "cacti": "cactus", "oxen": "ox", "calves": "calf"}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """A noun phrase taken apart: the thing's name, singular, and what is said of it."""

    noun: str
    full: str
    """The noun with its colour, since "green apple" may be a thing of its own."""
    colour: str | None = None
    scale: float = 1.0
    count: int = 1


def describe(phrase: str) -> Wanted:
    """Take a phrase such as "two small red balloons" apart into name, colour, size and count."""
    words = re.findall(r"[a-z0-9']+(?:-[a-z0-9']+)*", phrase.lower().replace("grey", "gray"))
    for stop in ("with", "wearing", "that", "which", "in", "on", "from", "made", "holding"):
        if stop in words[1:]:
            words = words[: words.index(stop, 1)]
    count, scale, colour = 1, 1.0, None
    rest: list[str] = []
    for index, word in enumerate(words):
        last = index == len(words) - 1
        pair = " ".join(words[index - 1 : index + 1]) if index else ""
        if word in _NUMBERS or word.isdigit():
            count = max(1, int(word) if word.isdigit() else _NUMBERS.index(word))
        elif word in {"couple", "pair"}:
            count = 2
        elif word in {"few", "several"}:
            count = 3
        elif word in _SIZES and not last:
            scale *= _SIZES[word]
        elif word == "of" and not rest:
            continue
        elif not last and pair in COLOURS:
            colour = pair
        elif not last and word in COLOURS and word not in {"rose", "coral", "peach", "lemon", "lime"}:
            colour = word
        elif (word not in _SKIP and word not in {"dark", "light", "bright", "hot"} | _SKIP) or (
            word == "hot" and not last
        ):
            rest.append(word)
    rest = rest or words[-1:] or [phrase.strip().lower()]
    noun = " ".join([*rest[:-1], singular(rest[-1])])
    return Wanted(noun, f"{colour} {noun}" if colour else noun, colour, scale, min(count, 24))


def singular(word: str) -> str:
    """The singular of an English noun, by rule."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "toes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
