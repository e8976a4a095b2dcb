"""What a sentence is about: the thing that it names or that the picture shows, of which kinds that is, and the sentence without what the picture says better.

"The apple was forgotten for a month" and "the pear was forgotten for a month" are one situation: `plain` makes them so, `kind_of` keeps them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from pydantic import BaseModel

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS
from pixwright.records.instruction import Array
from pixwright.words import lexicon
from pixwright.words.numbers import number

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders


class Kinds(BaseModel):
    """What the classifier's classes and everyday words say about the kind of thing that is shown."""

    classes: list[tuple[list[tuple[int, int]], str, list[str]]]
    """(first and last ImageNet index of each range, noun or "" for the class's own name, parent kinds)."""
    words: dict[str, list[str]]
    """Kind -> the words that name it."""
    parents: dict[str, list[str]]


@lru_cache
def kinds() -> Kinds:
    """The table `kinds.json`."""
    text = (resources.files(__package__) / "kinds.json").read_text(encoding="utf-8")
    return Kinds.model_validate_json(text)


@lru_cache
def kind_of() -> dict[str, str]:
    """Everyday word -> the kind of thing that it names."""
    return {word: kind for kind, cues in kinds().words.items() for word in cues}


def _kind_in_table(word: str) -> str | None:
    """The nearest kind that the knowledge speaks of, by the noun table."""
    found = lexicon().entry(word)
    return next((kind for kind in _SPOKEN_OF if found is not None and kind in found.kinds), None)


_SPOKEN_OF = (
    "bird",
    "fish",
    "animal",
    "fruit",
    "food",
    "flower",
    "tree",
    "plant",
    "building",
    "vehicle",
    "furniture",
    "statue",
    "person",
)
"""Kinds of the knowledge, nearest first."""


def kind_at(words: list[str], at: int) -> str | None:
    """The kind of thing that the word at `at` names; a rarer noun ("surgeon") only if a determiner or "the old" stands before it."""
    word = words[at]
    kind = kind_of().get(word) or (kind_of().get(word[:-1]) if word.endswith("s") else None)
    if kind is None and not DETERMINERS.isdisjoint(words[max(at - 2, 0) : at]):
        kind = _kind_in_table(word)
    return kind


_NAMED = re.compile(
    r"\b(?:the|my|our|this|that) ([a-z]+(?: [a-z]+)?) (?:is|was|has|had|got|looks?|fell|broke|needs|will|would|should|must|did|does)\b"
)


def named(text: str) -> str | None:
    """The subject of a sentence, whatever its kind: "vase" in "the vase is gone"."""
    found = _NAMED.search(text.lower())
    return found[1] if found else None


_SPAN = re.compile(r"\b(half a|\d+|[a-z]+)\s+(years?|yrs?|decades?|century|centuries)\b(?!\s+(old|ago))")
_LENGTHS = {"y": 1, "d": 10, "c": 100}


_FRAME = re.compile(
    r"^\s*(please|could you|can you|let's say|imagine|(now )?picture|suppose|what if|what would happen if|what happens if|what happens when|what would it look like if|show( me)?( what)?|"
    r"how would it look if|how (would|does|will) (\w+ ){1,3}look( like)? (at|when|if|on|during)|now|today|oh no|guess what|i think|it seems|it looks like)\b[\s,:]*(that\b)?\s*"
)
_ROLES = frozenset("they people bride groom boss model".split())
"""People whose word says what happens, besides all who are called by their work: "the bride is ready"."""


@lru_cache
def _somebody() -> re.Pattern[str]:
    """Who it is about is for the picture to say; the sentence is matched by what happens."""
    people = "|".join(word for word in kinds().words["person"] if word not in _ROLES)
    return re.compile(rf"\b(she|(the|this|that|my|our|his|her|their) (old |young |little )?({people}))\b")


@lru_cache
def _thing() -> re.Pattern[str]:
    """The same for a thing of a known kind: "the apple was forgotten"."""
    things = "|".join(word for word, kind in kind_of().items() if kind != "person")
    return re.compile(rf"\b(the|this|that|my|our|his|her|their) (old |young |little )?({things})\b")


def plain(text: str, *, general: bool = False) -> str:
    """The sentence without its frame of politeness; one about a span of years becomes the table's own words for such a span.

    `general`: the first thing of a known kind becomes "it", as in the rows that are meant for any such thing.
    """
    text = re.sub(r"[a-z]+'[a-z]+", lambda m: LEXICON.spellings.get(m[0], m[0]), text.lower().replace("’", "'"))
    text = _FRAME.sub("", text).strip(" .!?")
    text = re.sub(r"\bher\b", "his", _somebody().sub("he", text))
    if general:
        text = _thing().sub("it", text, count=1)
    span = _SPAN.search(text)
    if span is None or not re.search(
        r"\b(in|after|later|pass(es|ed)?|hence|from now|age[ds]?|older|forward|ahead|on$|go(es)? by|went by)\b", text
    ):
        return text
    count = 0.5 if span[1] == "half a" else 1.0 if span[1] == "a" else float(number(span[1]) or 2)
    years = count * _LENGTHS[span[2][0]]
    if years < 25:
        return "how would it look after ten years"
    return "make it fifty years later" if years < 80 else "show it a hundred years later"


SURE = 0.12
"""Probability from which the classifier's opinion counts as what the picture shows."""
PRESENT = 0.5
"""Score from which the detector's opinion counts."""
LARGE = 0.12
"""Share of the picture from which a person is what the picture shows: the classifier knows no people."""


@dataclass(frozen=True)
class Shown:
    """What the picture (or the sentence itself) is about: a noun, and the kinds that it is one of, nearest first."""

    noun: str
    kinds: tuple[str, ...]


def shown(text: str, picture: Array | None, encoders: Encoders) -> Shown | None:
    """What is meant in the first place: a noun of the sentence, or what is seen in the picture (HxWx3 uint8); None if neither says anything."""
    return next(iter(subjects(text, picture, encoders)), None)


def subjects(text: str, picture: Array | None, encoders: Encoders) -> tuple[Shown, ...]:
    """All that a sentence may be about, the likeliest first: what it names, where it names nothing what is seen in the picture (HxWx3 uint8).

    "She" is whoever is seen: the cat, where the picture shows a cat and no person.
    """
    words = re.findall(r"[a-z]+", text.lower())
    found: dict[str, Shown] = {}
    by_name = False
    for at, word in enumerate(words):
        kind = kind_of().get(word) or kind_at(words, at)
        if kind:
            one = Shown("person" if kind == "person" else word, (kind, *kinds().parents.get(kind, ())))
            found.setdefault(one.noun, one)
            by_name |= kind == "person" and word not in _PRONOUNS
    if found:
        person = found.get("person")
        if person is not None and picture is not None:
            found["person"] = _somebody_in(picture, encoders, "they" in words and not by_name) or person
        owned = [one for one in found.values() if one is not person]
        first = next((word for word in words if word in kind_of()), "")
        said = list(found.values())
        return tuple(sorted(said, key=lambda one: one not in owned)) if first in _OWNERS else tuple(said)
    if picture is not None:
        seen = _person(picture, encoders, LARGE) or _classified(picture, encoders)
    else:
        subject = named(text)
        seen = Shown(subject, ()) if subject else None
    return () if seen is None else (seen,)


_PRONOUNS = frozenset("he she him her his hers they".split())
"""Words for a person that an animal may have as well."""
_OWNERS = frozenset(("his", "her"))
"""Those of them before which a thing of theirs comes first: "his car is old" is about the car."""
_SMALL = 0.01
"""Share of the picture from which somebody who is spoken of is seen in it."""


def _somebody_in(picture: Array, encoders: Encoders, things: bool) -> Shown | None:
    """Whom "she" or "a good boy" means: a person in the picture, else the animal that it shows. `things`: whatever else it shows may be meant, as by "they"."""
    person = _person(picture, encoders, _SMALL)
    seen = None if person else _classified(picture, encoders)
    return person or (seen if seen and (things or "animal" in seen.kinds) else None)


def shows_animal_alone(picture: Array, encoders: Encoders) -> bool:
    """Whether the picture (HxWx3 uint8) shows an animal and no person, so that "him" is the animal."""
    seen = _somebody_in(picture, encoders, things=False)
    return seen is not None and "animal" in seen.kinds


def _person(picture: Array, encoders: Encoders, least: float) -> Shown | None:
    """A person who takes at least the share `least` of the picture."""
    area = picture.shape[0] * picture.shape[1]
    for one in encoders.detector.detect(picture, PRESENT):
        x0, y0, x1, y1 = one.box
        if one.kind == "person" and (x1 - x0) * (y1 - y0) >= least * area:
            return Shown("person", ("person",))
    return None


def _classified(picture: Array, encoders: Encoders) -> Shown | None:
    totals: dict[int, float] = {}
    labels = encoders.picture.classify(picture, top=10)
    groups = kinds().classes
    member = {label.index: _group_of(label.index, groups) for label in labels}
    for label in labels:
        group = member[label.index]
        if group is not None:
            totals[group] = totals.get(group, 0.0) + label.probability
    if not totals:
        return None
    group = max(totals, key=lambda key: totals[key])
    if totals[group] < SURE:
        return None
    _, noun, parents = groups[group]
    best = next(label for label in labels if member[label.index] == group)
    name = noun or best.name.replace("_", " ").lower()
    return Shown(name, (name, *parents))


def _group_of(index: int, groups: list[tuple[list[tuple[int, int]], str, list[str]]]) -> int | None:
    for at, (ranges, _, _) in enumerate(groups):
        if any(first <= index <= last for first, last in ranges):
            return at
    return None


_SINGLE = re.compile(r"\b(it|this|that|one|them|these)\b")
_PICTURE = re.compile(r"\b(picture|photo|photograph|image|pic|shot|scene|everything|all|whole|background)\b")
_NOTABLE = 0.05
"""Share of the picture from which a thing that is seen may be what "it" is."""
_ANYTHING = "foreground"


def it_is(text: str, picture: Array, encoders: Encoders) -> str | None:
    """What "it" or "this one" is where nothing was named: the largest thing that is surely seen in the picture (HxWx3 uint8), else what stands out; None where no such word is said, or of the picture."""
    said = text.lower()
    if not _SINGLE.search(said) or _PICTURE.search(said):
        return None
    area = picture.shape[0] * picture.shape[1]
    sizes = {
        one.kind: (one.box[2] - one.box[0]) * (one.box[3] - one.box[1])
        for one in reversed(encoders.detector.detect(picture, PRESENT))
        if one.kind != "person"
    }
    best = max(sizes, key=lambda kind: sizes[kind], default="")
    if best and sizes[best] >= _NOTABLE * area:
        return best
    seen = _classified(picture, encoders)
    return seen.noun if seen is not None and lexicon().look(seen.noun) is not None else _ANYTHING
