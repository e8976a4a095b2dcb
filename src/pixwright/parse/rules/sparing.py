"""What an instruction spares: "... but leave the face", "..., keep the birds", "... without touching the sky", "... except the rose"."""

from __future__ import annotations

from dataclasses import dataclass

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DEFINITE, Noun, Reader
from pixwright.parse.tokens import Token
from pixwright.records.plan import Step
from pixwright.records.thing import Thing
from pixwright.words import read

_LEADS = tuple(
    tuple(text.split())
    for text in (
        "leave", "keep", "preserve", "spare", "do not touch", "do not change", "do not alter", "do not affect", "do not move", "do not modify", "without touching",
        "without changing", "without affecting", "without altering", "without moving", "without losing", "not", "but not",
    )
)  # fmt: skip
_EXCEPT = tuple(
    tuple(text.split())
    for text in ("except for", "except", "apart from", "other than", "excluding", "save for", "but for")
)
_SOFT = frozenset((",", "but", "and", "please", "just", "though", "while", "also"))
_TAILS = frozenset(
    "|alone|as it is|as is|as they are|as it was|as before|unchanged|untouched|the same|the way it is|the way they are|in place|in color|there|intact|lit|visible|"
    "exactly as it is|as it is now|how it is|like it is|out of it|normal|natural|on|in full color|in focus|sharp".split(
        "|"
    )
)
_REST = frozenset("rest everything others else anything other".split())


@dataclass(frozen=True)
class Spared:
    """The tokens without the part that spares, what is spared (None: "the rest", which says nothing), and whether it was said as an exception."""

    tokens: list[Token]
    noun: Noun | None
    exception: bool


def take_spared(tokens: list[Token]) -> Spared | None:
    """The first part at the end of a sentence that spares something; None if there is none."""
    words = [t.text if t.kind == "word" or t.text == "," else "\0" for t in tokens]
    for at in range(2, len(words) - 1):
        for lead in (*_EXCEPT, *_LEADS):
            if tuple(words[at : at + len(lead)]) != lead or at + len(lead) >= len(words):
                continue
            exception = lead in _EXCEPT
            before = at
            while before and words[before - 1] in _SOFT:
                before -= 1
            if before < 2 or (before == at and not exception and lead[0] != "without"):
                continue
            found = _spared_noun(tokens[at + len(lead) :], exception)
            if found is not None:
                rest = found.words[-1] in _REST or found.words[0] in _REST
                return Spared(tokens[:before], None if rest else found, exception)
    return None


def _spared_noun(tokens: list[Token], exception: bool) -> Noun | None:
    """The noun phrase that takes all the tokens but a tail such as "as it is"."""
    ends = Reader(tuple(tokens)).ends(0, "list")
    for end, noun in sorted(ends, key=lambda found: (found[0] == len(tokens), found[0])):
        tail = [t.text for t in tokens[end:] if t.text not in (",", ".", "please")]
        plain = " ".join(tail) in _TAILS or (len(tail) == 1 and tail[0] in LEXICON.predicates | LEXICON.adjectives)
        if plain and (exception or noun.words[0] in DEFINITE or noun.words[0] in _REST) and noun.count is None:
            return noun
    return None


def spare(steps: tuple[Step, ...], spared: Spared) -> tuple[Step, ...]:
    """The steps with what they must leave; "all the chairs, except the green one" is a target of its own."""
    if spared.noun is None:
        return steps
    thing = spared.noun.thing
    return tuple(_with(step, thing, spared) for step in steps)


def _with(step: Step, thing: Thing, spared: Spared) -> Step:
    target = step.target
    if spared.exception and target is not None and (target.plural or target.every):
        return step.model_copy(update={"target": read(f"{target} except the {thing.text.removeprefix('the ')}")})
    return step.model_copy(update={"protect": thing})
