"""Labelled instructions -> what the tagger learns: tokens, where steps begin, and each step's kind, canonical word and the role of every word.

A row is a JSON object with `text` and `steps`; a step quotes from the text what it `says` and what is its `target`, `value`, `place`, `old`, `amount` and `protect`
(a string, or a list of strings), and names its `type` and, where there is one, what it `means`. `recipes/train/instructions/README.md` tells how rows are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from pixwright.encoders.tagging.labels import KINDS, LENGTH, MEANINGS, NOTHING, ROLES, SITUATION
from pixwright.encoders.tagging.tagger import Span, flags_of, words_of
from pixwright.words import lexicon
from pixwright.words.adjectives import PRONOUNS

Json: TypeAlias = Any
SKIPPED = -100
"""Label of a token that no loss is for."""
_JOINS = (" and ", ", ", ". ", "; ", " and also ", ", then ", " & ", " plus ", "\n", ". also ", ", and ")
_JOINED, _SWAPPED, _TYPED, _BARE = 0.35, 0.4, 0.15, 0.3
"""Shares of rows that are joined with another, in which a noun is another noun, that have a typing error, and that lose the mark at their end."""
_LENT, _SMALL, _LOUD = 0.35, 0.15, 0.03
"""Shares of rows in which a phrase is another row's of the same role, that are in small letters, and in capitals."""
_ANY_KIND = 0.5
"""Share of the lent targets that may come from steps of any kind, so that a noun alone does not tell the kind."""
_LENT_ROLES = ("target", "value", "place")


_STANDING = PRONOUNS.keys() | {"it", "one", "ones"}


@dataclass(frozen=True)
class LabelledStep:
    """A step's place in the text, its kind and canonical word, and the places of what has a role in it; characters all."""

    says: Span
    kind: str
    means: str = ""
    roles: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelledText:
    """An instruction and its steps in order."""

    text: str
    steps: tuple[LabelledStep, ...]


def read_rows(files: Iterable[Path]) -> list[LabelledText]:
    """The rows of JSONL files. Raises ValueError where something quoted is not in its text, or a name is not known."""
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    found.append(labelled(json.loads(line)))
                except ValueError as error:
                    raise ValueError(f"{file.name}:{number}: {error}") from error
    return found


def labelled(row: Json) -> LabelledText:
    """A row with places for quotations. Raises ValueError."""
    text, steps, at = row["text"], [], 0
    for step in row["steps"]:
        start = text.find(step["says"], at)
        if start < 0:
            raise ValueError(f"{step['says']!r} is not in {text!r} behind what comes before it")
        at = start + len(step["says"])
        kind, means = step["type"], step.get("means", "")
        if kind not in KINDS or means not in MEANINGS:
            raise ValueError(f"unknown kind {kind!r} or meaning {means!r}")
        roles = {}
        for role in ROLES[1:]:
            quoted = step.get(role, ())
            pieces = (quoted,) if isinstance(quoted, str) else tuple(quoted)
            if pieces:
                roles[role] = tuple(_place(text, piece, (start, at)) for piece in pieces)
        steps.append(LabelledStep((start, at), kind, means, roles))
    return LabelledText(text, tuple(steps))


def _place(text: str, piece: str, within: Span) -> Span:
    """Where a piece stands: as whole words within the step if it can be, else the nearest before it, else anywhere."""
    places = [found.start() for found in re.finditer(re.escape(piece), text)]
    if not places:
        raise ValueError(f"{piece!r} is not in {text!r}")

    def badness(start: int) -> tuple[bool, bool, int]:
        end = start + len(piece)
        cut = (start > 0 and text[start - 1].isalnum() and piece[0].isalnum()) or (
            end < len(text) and text[end].isalnum() and piece[-1].isalnum()
        )
        return cut, not within[0] <= start < within[1], abs(start - within[0])

    best = min(places, key=badness)
    return best, best + len(piece)


Pieces: TypeAlias = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""Kind of a step ("" for any) and role -> the phrases that rows have there, each with what its step means."""


def pieces_of(rows: Sequence[LabelledText]) -> Pieces:
    """The phrases of rows that can be lent to others: whole, and no pronouns."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        for step in row.steps:
            for role in _LENT_ROLES:
                for a, b in step.roles.get(role, ()):
                    if row.text[a:b].lower() not in _STANDING:
                        for kind in (step.kind, ""):
                            found.setdefault((kind, role), []).append((row.text[a:b], step.means))
    return found


def varied(row: LabelledText, others: Sequence[LabelledText], pieces: Pieces, rng: np.random.Generator) -> LabelledText:
    """The row as another person might have typed it: with another row's phrase, with another noun, joined with another row, with a typing error."""
    if rng.random() < _LENT:
        row = _with_another_phrase(row, pieces, rng)
    if rng.random() < _SWAPPED:
        row = _with_another_noun(row, rng)
    if rng.random() < _BARE and row.text[-1:] in ".!?":
        row = _edited(row, len(row.text) - 1, len(row.text), "")
    if rng.random() < _JOINED and len(row.text) < LENGTH and all(s.kind not in (NOTHING, SITUATION) for s in row.steps):
        other = others[int(rng.integers(len(others)))]
        plain = all(s.kind not in (NOTHING, SITUATION) for s in other.steps)
        if plain and len(other.text) < LENGTH and not _leans(other):
            row = _joined(row, other, _JOINS[rng.integers(len(_JOINS))])
    if rng.random() < _TYPED:
        row = _mistyped(row, rng)
    how = rng.random()
    if how < _SMALL + _LOUD:
        other_case = row.text.lower() if how < _SMALL else row.text.upper()
        row = replace(row, text=other_case) if len(other_case) == len(row.text) else row
    return row


def _with_another_phrase(row: LabelledText, pieces: Pieces, rng: np.random.Generator) -> LabelledText:
    """One target, value or place is what another row has there; a value brings what its step means."""
    places = [
        (number, role, step.roles[role][0])
        for number, step in enumerate(row.steps)
        for role in _LENT_ROLES
        if len(step.roles.get(role, ())) == 1
    ]
    if not places:
        return row
    number, role, (start, end) = places[rng.integers(len(places))]
    step = row.steps[number]
    others = {span for s in row.steps for spans in s.roles.values() for span in spans} - {(start, end)}
    pool = pieces.get(("" if role == "target" and rng.random() < _ANY_KIND else step.kind, role), ())
    if not pool or any(a < end and b > start for a, b in others):
        return row
    phrase, means = pool[int(rng.integers(len(pool)))]
    if role == "value":
        row = replace(row, steps=(*row.steps[:number], replace(step, means=means), *row.steps[number + 1 :]))
    return _edited(row, start, end, phrase)


def _leans(row: LabelledText) -> bool:
    """Whether its first step is about something that a pronoun stands for."""
    return not _STANDING.isdisjoint(re.split(r"\W+", row.text.lower()))


def _with_another_noun(row: LabelledText, rng: np.random.Generator) -> LabelledText:
    """A noun of something that has a role, wherever it stands, by one of a shared kind."""
    table = lexicon()
    spans = [s for step in row.steps for role in ("target", "value", "place") for s in step.roles.get(role, ())]
    words = {w for a, b in spans for w in re.findall(r"[a-z]{3,}", row.text[a:b])}
    known = [e for w in sorted(words) if (e := table.entry(w)) is not None and e.noun == w and e.kinds]
    if not known:
        return row
    entry = known[rng.integers(len(known))]
    word, pool = entry.noun, _of_kind(min(entry.kinds))
    new = pool[rng.integers(len(pool))] if pool else word
    for found in reversed(list(re.finditer(rf"\b{word}\b", row.text))):
        row = _edited(row, found.start(), found.end(), new)
    return row


@lru_cache
def _of_kind(kind: str) -> tuple[str, ...]:
    return tuple(noun for noun in lexicon().of_kind(kind) if noun.isalpha())


def _mistyped(row: LabelledText, rng: np.random.Generator) -> LabelledText:
    """A letter left out, doubled, or two of them turned round, within a word of at least five."""
    words = list(re.finditer(r"[A-Za-z]{5,}", row.text))
    if not words:
        return row
    word = words[rng.integers(len(words))]
    at = word.start() + 1 + int(rng.integers(len(word[0]) - 3))
    two = row.text[at : at + 2]
    return _edited(row, at, at + 2, (two[0], two[::-1], two[0] + two)[rng.integers(3)])


def _edited(row: LabelledText, start: int, end: int, new: str) -> LabelledText:
    """The row with another text at a place, and all places moved with it."""
    grown = len(new) - (end - start)

    def moved(span: Span) -> Span:
        a, b = span
        a = a if a <= start else max(start, a + grown) if a >= end else start
        b = b if b <= start else b + grown if b >= end else start + len(new)
        return a, max(a, b)

    steps = tuple(
        replace(s, says=moved(s.says), roles={k: tuple(map(moved, v)) for k, v in s.roles.items()}) for s in row.steps
    )
    return LabelledText(row.text[:start] + new + row.text[end:], steps)


def _joined(row: LabelledText, other: LabelledText, by: str) -> LabelledText:
    first = row.text.rstrip(" .!?") if not by.startswith(".") else row.text.rstrip(" .")
    cut = _edited(row, len(first), len(row.text), "")
    shift = len(first) + len(by)
    behind = tuple(
        replace(
            s,
            says=(s.says[0] + shift, s.says[1] + shift),
            roles={k: tuple((a + shift, b + shift) for a, b in v) for k, v in s.roles.items()},
        )
        for s in other.steps
    )
    return LabelledText(cut.text + by + other.text, cut.steps + behind)


@dataclass(frozen=True, eq=False)
class Tagged:
    """What is asked of a text, of t tokens: `begins` (t,) where steps begin; a row a step: `flags` (s, t), `roles` (s, t), `kinds` (s,), `means` (s,)."""

    ids: np.ndarray
    begins: np.ndarray
    flags: np.ndarray
    roles: np.ndarray
    kinds: np.ndarray
    means: np.ndarray


def tagged(row: LabelledText, tokenizer: Json) -> Tagged:
    """Labels by token; a word is labelled at its first token."""
    encoded = tokenizer.encode(row.text)
    ids, words = encoded.ids[:LENGTH], words_of(encoded)
    starts = [_word(words.spans, step.says[0]) for step in row.steps]
    begins = np.full(len(ids), SKIPPED)
    begins[words.tokens] = 0
    begins[words.tokens[[i for i in starts if i < len(words.tokens)]]] = 1
    roles = np.full((len(starts), len(ids)), SKIPPED)
    roles[:, words.tokens] = 0
    for labels, step in zip(roles, row.steps, strict=True):
        for number in range(len(ROLES) - 1, 0, -1):
            for a, b in step.roles.get(ROLES[number], ()):
                labels[words.tokens[[x < b and y > a for x, y in words.spans]]] = number
    kinds = np.array([KINDS.index(s.kind) for s in row.steps])
    means = np.array([MEANINGS.index(s.means) for s in row.steps])
    return Tagged(np.array(ids), begins, flags_of(starts, words, len(ids)), roles, kinds, means)


def _word(spans: Sequence[Span], at: int) -> int:
    """The first word that ends behind a character."""
    return next((i for i, (_, end) in enumerate(spans) if end > at), len(spans))
