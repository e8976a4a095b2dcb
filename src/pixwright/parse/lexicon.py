"""The words that the grammar knows, read from `lexicon.json`.

Three kinds: `spellings` (contractions and variants, opened while tokenising), `classes` (interchangeable phrases, written `@name` in a rule's pattern) and
`values` (phrases with the canonical word that they stand for, read as `<colour:..>` and so on).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any, TypeAlias

from pixwright.records import vocabulary
from pixwright.words.colours import EXPECTED

Words: TypeAlias = tuple[str, ...]


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """`be made|become` as phrases of words."""
    return tuple(tuple(phrase.split()) for phrase in text.split("|"))


@dataclass(frozen=True)
class Phrases:
    """Phrases by their first word, longest first: `match(words, i)` is the longest one that starts at `i`."""

    by_first: dict[str, tuple[tuple[Words, str], ...]]

    @classmethod
    def of(cls, meaning: dict[str, str]) -> Phrases:
        """`meaning` maps each phrase to its canonical word."""
        table: dict[str, list[tuple[Words, str]]] = {}
        for phrase, canonical in meaning.items():
            words = tuple(phrase.split())
            table.setdefault(words[0], []).append((words, canonical))
        return cls({first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in table.items()})

    def matches(self, words: Words, start: int) -> list[tuple[int, str]]:
        """Every phrase at `start` as (end, canonical), longest first."""
        if start >= len(words):
            return []
        found = self.by_first.get(words[start], ())
        return [
            (start + len(phrase), canonical)
            for phrase, canonical in found
            if words[start : start + len(phrase)] == phrase
        ]

    def whole(self, words: Words) -> str | None:
        """What all the words together are a phrase for."""
        return next((canonical for end, canonical in self.matches(words, 0) if end == len(words)), None)

    @property
    def words(self) -> set[str]:
        """Every single word in any phrase."""
        return {word for rows in self.by_first.values() for phrase, _ in rows for word in phrase}


@dataclass(frozen=True)
class GrammarWords:
    """`lexicon.json`, indexed."""

    raw: dict[str, Any]
    spellings: dict[str, str]
    classes: dict[str, Phrases] = field(default_factory=dict)
    values: dict[str, Phrases] = field(default_factory=dict)

    @cached_property
    def function_words(self) -> frozenset[str]:
        """Words that can be no part of a noun, an adjective or a name."""
        return frozenset(self.raw["function_words"])

    @cached_property
    def adjectives(self) -> frozenset[str]:
        """Words that may be joined by "and" before a noun, and that stand for a noun left out ("the red and the blue car")."""
        colours = {word for word in vocabulary.COLOURS if " " not in word}
        return frozenset(
            colours
            | set(self.raw["adjectives"])
            | set(self.raw["ordinals"])
            | {"dotted", "checkered", "striped", "old", "new"}
        )

    @cached_property
    def known(self) -> frozenset[str]:
        """Every word that the spelling repair leaves alone and repairs to."""
        words = (
            set(self.function_words) | set(self.adjectives) | set(self.raw["common_nouns"]) | set(self.raw["numbers"])
        )
        for phrases in (*self.classes.values(), *self.values.values()):
            words |= phrases.words
        for name in ("graded", "graded_verbs", "bigger", "smaller"):
            words |= {word for phrase in self.raw[name] for word in phrase.split()}
        return frozenset(word for word in words | self.predicates if word.isalpha())

    @cached_property
    def commands(self) -> frozenset[str]:
        """Words that carry the grammar rather than name a thing; a misspelling more likely means one of these."""
        words = set(self.function_words) | set(self.raw["graded"]) | set(self.raw["numbers"])
        for phrases in (
            *self.classes.values(),
            self.values["colour"],
            self.values["control"],
            self.values["weather"],
            self.values["season"],
        ):
            words |= phrases.words
        return frozenset(words)

    @cached_property
    def predicates(self) -> frozenset[str]:
        """Single words that say what becomes of a thing: colours, materials, appearances, actions, comparatives."""
        words = {
            phrase[0]
            for name in ("colour", "material", "appearance", "action")
            for rows in self.values[name].by_first.values()
            for phrase, _ in rows
            if len(phrase) == 1
        }
        words |= {
            "down",
            "up",
            "around",
            "left",
            "right",
            "gone",
            "darker",
            "brighter",
            "lighter",
            "blurry",
            "sharper",
            *self.raw["bigger"],
            *self.raw["smaller"],
        }
        return frozenset(words)

    def begins(self, word: str) -> bool:
        """Whether a phrase of any class begins with this word: it is a verb, or another word, that the grammar knows."""
        return any(word in phrases.by_first for phrases in self.classes.values())

    def number(self, word: str) -> float | None:
        """The value of "three", "3", "2.5", "half"; None if it is no number."""
        if word in self.raw["numbers"]:
            return float(self.raw["numbers"][word])
        try:
            return float(word) if word[:1] in "+-0123456789" else None
        except ValueError:
            return None


def _values(raw: dict[str, Any]) -> dict[str, Phrases]:
    """Canonical words from `records.vocabulary`, joined with the aliases of the file; names of colours are in `words.colours`."""
    lists = {
        "colour": (*vocabulary.COLOURS, *sorted(EXPECTED)),
        "material": vocabulary.MATERIALS,
        "style": vocabulary.STYLES,
        "season": vocabulary.SEASONS,
        "time": vocabulary.TIMES,
        "weather": vocabulary.WEATHERS,
        "look": vocabulary.LOOKS,
        "mood": vocabulary.MOODS,
        "control": vocabulary.CONTROLS,
        "appearance": vocabulary.APPEARANCES,
        "action": vocabulary.ACTIONS,
        "background": vocabulary.BACKGROUNDS,
    }
    aliases: dict[str, dict[str, list[str]]] = raw["values"]
    out = {}
    for name in {**lists, **aliases}:
        meaning = {word: word for word in lists.get(name, ())}
        for canonical, phrases in aliases.get(name, {}).items():
            meaning.setdefault(canonical, canonical)
            # A free style or appearance keeps the user's word: only the vocabulary's own are worth the loss.
            free = name in ("style", "appearance") and canonical not in lists[name]
            meaning.update({phrase: phrase if free else canonical for phrase in phrases})
        if name == "material":
            # What the file knows better is no alias: parquet is laid, and velvet has a nap.
            meaning = {
                alias: word
                for alias, word in vocabulary.MATERIAL_ALIASES.items()
                if alias not in ("golden", "metallic", "frozen", "furry", "fluffy", "suede")
            } | meaning
        out[name] = Phrases.of(meaning)
    return out


def _load() -> GrammarWords:
    raw = json.loads(resources.files(__package__).joinpath("lexicon.json").read_text("utf-8"))
    classes = {name: Phrases.of({phrase: phrase for phrase in phrases}) for name, phrases in raw["classes"].items()}
    classes["graded_verb"] = Phrases.of({phrase: phrase for phrase in raw["graded_verbs"]})
    return GrammarWords(raw, raw["spellings"], classes, _values(raw))


LEXICON = _load()
