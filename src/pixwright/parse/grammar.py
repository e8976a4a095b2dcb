"""Rules as patterns over tokens, matched with full backtracking.

    rule("@remove <np:target>", build)

A pattern holds words (`a/b` is either), classes of phrases (`@remove`), optional groups `( ... )?`, alternatives `( ... | ... )`, and nonterminals with a name for
what they caught (`<colour:value>`). A rule applies only if its pattern matches the whole clause and `build` accepts what was caught: None means "not mine", and the next
rule is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from pydantic import ValidationError

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import Noun, Reader
from pixwright.parse.tokens import Token
from pixwright.records.instruction import Attachment
from pixwright.records.plan import Step
from pixwright.records.thing import Thing

Caught: TypeAlias = dict[str, Any]
Found: TypeAlias = list[tuple[int, Any]]


@dataclass(frozen=True)
class Memory:
    """What pronouns may mean: the last edited thing, and what it has become."""

    targets: tuple[Thing, ...] = ()
    """The antecedent of "it" and "them"; none is the whole picture."""
    person: Thing | None = None
    """The last person or animal: the antecedent of "him", "her" and "his"."""


Wish: TypeAlias = Literal["", "want", "if"]
"""The frame that was taken off: none, "I want ..." (a bare thing or state is then asked for), or "what if ..." (only a whole statement is)."""


@dataclass(eq=False)
class Clause:
    """One clause on its way to steps: tokens, sentence, attachments, and what went before."""

    tokens: tuple[Token, ...]
    sentence: str
    attachments: tuple[Attachment, ...] = ()
    memory: Memory = field(default_factory=Memory)
    wish: Wish = ""

    def __post_init__(self) -> None:
        self.words = tuple(t.text if t.kind in ("word", "number", "stop") else f"\0{t.kind}" for t in self.tokens)
        self.reader = Reader(self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class Understood:
    """One clause: its words, and its steps; None where no rule knows it."""

    sentence: str
    steps: tuple[Step, ...] | None


Nonterminal: TypeAlias = Callable[[Clause, int], Found]
Build: TypeAlias = Callable[[Clause, Caught], "list[Step] | None"]
Matcher: TypeAlias = Callable[[Clause, int, Caught], Iterator[tuple[int, Caught]]]

NONTERMINALS: dict[str, Nonterminal] = {}


def nonterminal(name: str) -> Callable[[Nonterminal], Nonterminal]:
    """Register a function that lists (end, value) of everything it can read at a position, most likely first."""

    def register(function: Nonterminal) -> Nonterminal:
        NONTERMINALS[name] = function
        return function

    return register


@dataclass(frozen=True, eq=False)
class Rule:
    """A compiled pattern. `firsts` are the words it can begin with; None where it can begin with anything."""

    pattern: str
    build: Build
    matcher: Matcher
    firsts: frozenset[str] | None

    def apply(self, clause: Clause, start: int = 0, caught: Caught | None = None) -> list[Step] | None:
        """The steps of the first reading that covers the clause from `start` to its end and that `build` accepts."""
        size = len(clause)
        for end, found in self.matcher(clause, start, caught or {}):
            if end == size and (steps := self._built(clause, found)) is not None:
                return steps
        return None

    def _built(self, clause: Clause, found: Caught) -> list[Step] | None:
        """A value that a step cannot hold, such as an endless number, is no reading."""
        try:
            return self.build(clause, found)
        except ValidationError:
            return None


def rule(pattern: str, build: Build) -> Rule:
    """Compile one rule."""
    matcher, firsts = _compiled(pattern)
    return Rule(pattern, build, matcher, firsts)


def readings(pattern: str) -> Callable[[Clause], Iterator[Caught]]:
    """What a pattern catches where it covers a whole clause, reading by reading: for what is no step."""
    matcher, _ = _compiled(pattern)
    return lambda clause: (caught for end, caught in matcher(clause, 0, {}) if end == len(clause))


def _compiled(pattern: str) -> tuple[Matcher, frozenset[str] | None]:
    """The matcher of a pattern, and the words that it can begin with."""
    pieces = re.findall(r"<[a-z_]+(?::[a-z_]+)?>|@[a-z_]+|[()?|]|[^\s()?|<>]+", pattern)
    matcher, rest, firsts, _ = _alternatives(pieces, 0)
    assert rest == len(pieces), f"pattern {pattern!r} is not closed"
    return matcher, firsts


_Part: TypeAlias = tuple[Matcher, int, "frozenset[str] | None", bool]
"""Matcher, position behind it in the pattern, first words (None = any), may match nothing."""


def _alternatives(pieces: list[str], at: int) -> _Part:
    """sequence ("|" sequence)*"""
    options: list[tuple[Matcher, frozenset[str] | None]] = []
    firsts: frozenset[str] | None = frozenset()
    empty = False
    while True:
        matcher, at, first, void = _sequence(pieces, at)
        options.append((matcher, None if void else first))
        firsts = _union(firsts, first)
        empty = empty or void
        if at >= len(pieces) or pieces[at] != "|":
            break
        at += 1
    return (options[0][0] if len(options) == 1 else _either(options)), at, firsts, empty


def _sequence(pieces: list[str], at: int) -> _Part:
    items: list[Matcher] = []
    firsts: frozenset[str] | None = frozenset()
    empty = True
    while at < len(pieces) and pieces[at] not in (")", "|"):
        matcher, at, first, void = _item(pieces, at)
        if at < len(pieces) and pieces[at] == "?":
            matcher, void, at = _optional(matcher, None if void else first), True, at + 1
        if empty:
            firsts = _union(firsts, first)
        empty = empty and void
        items.append(matcher)
    return _chain(items), at, firsts, empty


def _item(pieces: list[str], at: int) -> _Part:
    piece = pieces[at]
    if piece == "(":
        matcher, at, firsts, empty = _alternatives(pieces, at + 1)
        assert pieces[at] == ")"
        return matcher, at + 1, firsts, empty
    matcher, firsts = _leaf(piece)
    return matcher, at + 1, firsts, False


def _union(firsts: frozenset[str] | None, more: frozenset[str] | None) -> frozenset[str] | None:
    if firsts is None or more is None:
        return None
    return firsts | more if firsts else more


@cache
def _leaf(piece: str) -> tuple[Matcher, frozenset[str] | None]:
    """The matcher of a word, a class or a nonterminal, and its first words; the same few stand in most patterns."""
    if piece[0] == "<":
        kind, _, name = piece[1:-1].partition(":")
        return _catch(kind, name or kind), None
    if piece[0] == "@":
        phrases = LEXICON.classes[piece[1:]]

        def in_class(clause: Clause, i: int, caught: Caught) -> Iterator[tuple[int, Caught]]:
            for end, phrase in phrases.matches(clause.words, i):
                yield end, {**caught, piece: phrase}

        return in_class, frozenset(phrases.by_first)
    words = frozenset(piece.split("/"))

    def literal(clause: Clause, i: int, caught: Caught) -> Iterator[tuple[int, Caught]]:
        if i < len(clause.words) and clause.words[i] in words:
            yield i + 1, caught

    return literal, words


def _catch(kind: str, name: str) -> Matcher:
    def caught_by(clause: Clause, i: int, caught: Caught) -> Iterator[tuple[int, Caught]]:
        if i < len(clause.tokens):
            for end, value in NONTERMINALS[kind](clause, i):
                yield end, {**caught, name: value}

    return caught_by


def _chain(items: list[Matcher]) -> Matcher:
    if len(items) == 1:
        return items[0]

    def chained(clause: Clause, i: int, caught: Caught, k: int = 0) -> Iterator[tuple[int, Caught]]:
        if k == len(items):
            yield i, caught
            return
        for end, now in items[k](clause, i, caught):
            yield from chained(clause, end, now, k + 1)

    return chained


def _either(options: list[tuple[Matcher, frozenset[str] | None]]) -> Matcher:
    """Each option with the words that it can begin with, None for any: most are passed over at a glance."""

    def chosen(clause: Clause, i: int, caught: Caught) -> Iterator[tuple[int, Caught]]:
        word = clause.words[i] if i < len(clause.words) else ""
        for option, firsts in options:
            if firsts is None or word in firsts:
                yield from option(clause, i, caught)

    return chosen


def _optional(matcher: Matcher, firsts: frozenset[str] | None) -> Matcher:
    def maybe(clause: Clause, i: int, caught: Caught) -> Iterator[tuple[int, Caught]]:
        if firsts is None or (i < len(clause.words) and clause.words[i] in firsts):
            yield from matcher(clause, i, caught)
        yield i, caught

    return maybe


class RuleSet:
    """Rules in order of precedence, indexed by the word they begin with."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._words = frozenset(word for r in rules for word in r.firsts or ())
        self._by_word: dict[str, tuple[Rule, ...]] = {}

    def apply(self, clause: Clause, start: int = 0, caught: Caught | None = None) -> list[Step] | None:
        """The first rule's answer, or None. `caught` is what an outer rule has caught already."""
        if start >= len(clause):
            return None
        for candidate in self._beginning(clause.words[start]):
            steps = candidate.apply(clause, start, caught)
            if steps is not None:
                return steps
        return None

    def begins(self, word: str) -> bool:
        """Whether a rule begins with exactly this word."""
        return word in self._words

    def _beginning(self, word: str) -> tuple[Rule, ...]:
        """The rules that can begin with a word, gathered when it is first met: a command meets few."""
        if word not in self._words:
            word = ""
        if word not in self._by_word:
            self._by_word[word] = tuple(r for r in self._rules if r.firsts is None or word in r.firsts)
        return self._by_word[word]


def _nouns(kind: str, reverse: bool) -> Nonterminal:
    def read(clause: Clause, i: int) -> Found:
        found: list[tuple[int, Noun]] = clause.reader.ends(i, kind)
        return list(reversed(found)) if reverse else list(found)

    return read


def _values(name: str) -> Nonterminal:
    phrases = LEXICON.values[name]
    return lambda clause, i: list(phrases.matches(clause.words, i))


for _name in LEXICON.values:
    NONTERMINALS[_name] = _values(_name)
NONTERMINALS["np"] = _nouns("list", reverse=False)
NONTERMINALS["snp"] = _nouns("list", reverse=True)
NONTERMINALS["one"] = _nouns("phrase", reverse=False)
NONTERMINALS["things"] = _nouns("things", reverse=False)
NONTERMINALS["thing"] = _nouns("thing", reverse=False)
NONTERMINALS["noun"] = _nouns("simple", reverse=True)


@nonterminal("rest")
def _rest(clause: Clause, i: int) -> Found:
    return [(len(clause), i)]


@nonterminal("word")
def _word(clause: Clause, i: int) -> Found:
    return [(i + 1, clause.words[i])] if clause.tokens[i].kind == "word" else []


@nonterminal("quote")
def _quote(clause: Clause, i: int) -> Found:
    return [(i + 1, clause.tokens[i].text)] if clause.tokens[i].kind == "quote" else []


@nonterminal("number")
def _number(clause: Clause, i: int) -> Found:
    value = LEXICON.number(clause.words[i])
    return [(i + 1, value)] if value is not None else []


@nonterminal("ref")
def _ref(clause: Clause, i: int) -> Found:
    """`[1]`, "the attached picture [1]", "[1] picture", or, where there is but one attachment, "the attached picture" alone."""
    out: Found = []
    j = i
    words = clause.words
    while j < len(words) and j < i + 5 and words[j] in _AROUND_REFERENCE:
        j += 1
    if j < len(words) and clause.tokens[j].kind == "ref":
        end = j + 1
        while end < len(words) and words[end] in _REFERENCE_NOUNS:
            end += 1
            out.append((end, int(clause.tokens[j].text)))
        return [*reversed(out), (j + 1, int(clause.tokens[j].text))]
    named = set(words[i:j])
    if named & _ATTACHED and named & _REFERENCE_NOUNS:
        return [(j, 1)]
    return []


_ATTACHED = frozenset("attached reference provided supplied uploaded".split())
_REFERENCE_NOUNS = frozenset(
    "picture image photo photograph attachment reference sound music song audio track piece recording melody clip one object item".split()
)
_AROUND_REFERENCE = _ATTACHED | _REFERENCE_NOUNS | frozenset("the this that my given in other of second a an".split())
