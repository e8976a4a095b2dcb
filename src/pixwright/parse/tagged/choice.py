"""Whether the tagger's steps count, or what was made of an instruction without it: a logistic regression over a few measures, fitted by `recipes/fit/reading.py`."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.tagged import TaggedReading
from pixwright.parse.tagged.commands import alike
from pixwright.parse.unread import commands, known
from pixwright.records.plan import Plan, Step
from pixwright.words import lexicon

_WORD = re.compile("[a-z]+")
LIKELY, UNKNOWN = 0.55, 0.75
"""Probability of a step's kind, at least, and of one about something that has no name ("flurb the gnarl"): with less the reading is none."""
WORKED_OUT = "implicit"
"""The parser of what was worked out from a situation that is known."""
MOST = 2
"""Steps, at most, that one reading is taken to have more than the other."""


def measures(ruled: Plan, tagged: TaggedReading) -> dict[str, float]:
    """What tells which of two readings is right, by name; `one` is the constant."""
    left = bool(ruled.unread)
    more = len(tagged.steps) - len(ruled.steps)
    pairs = list(zip(ruled.steps, tagged.steps, strict=False)) if not more else []
    return {
        "one": 1.0,
        "by rules": float(ruled.parser == "rules" and not left),
        "by rules, some of it": float(ruled.parser == "rules" and left),
        "worked out": float(ruled.parser == WORKED_OUT),
        "likely": tagged.likely,
        "begun": tagged.begun,
        "surety": tagged.surety,
        "some missing": float(bool(tagged.missing)),
        "nothing made": float(not tagged.steps and not tagged.situations),
        "situation": float(bool(tagged.situations) and not tagged.steps),
        "more steps": float(min(max(more, 0), MOST)),
        "fewer steps": float(min(max(-more, 0), MOST)),
        "read whole by rules": float(_whole(ruled)),
        "odd words in the rules' things": float(min(sum(map(_odd, ruled.steps)), MOST)),
        "rules know the things": float(all(map(_is_known, ruled.steps))),
        "tagger knows the things": float(all(map(_is_known, tagged.steps))),
        "rules cut a value short": float(any(_within(a.value, b.value) for a, b in pairs)),
        "tagger cuts a value short": float(any(_within(b.value, a.value) for a, b in pairs)),
        "rules say more of a thing": float(any(_within(b.target, a.target) for a, b in pairs)),
        "tagger says more of a thing": float(any(_within(a.target, b.target) for a, b in pairs)),
    }


def _whole(ruled: Plan) -> bool:
    return ruled.parser == "rules" and not ruled.unread and commands(ruled.instruction)


def _odd(step: Step) -> bool:
    """Whether a thing has words of which nothing could be made: "the leaves autumn"."""
    return step.target is not None and not step.target.whole and bool(step.target.said)


def _is_known(step: Step) -> bool:
    thing = step.target
    return thing is None or thing.whole or bool(thing.parts) or lexicon().look(thing.head) is not None


def _within(less: object, more: object) -> bool:
    """Whether a phrase has some of another's words, and no others."""
    some, all_of_them = (set(str(words or "").lower().split()) for words in (less, more))
    return bool(some) and some < all_of_them


def _unsaid(text: str, steps: tuple[Step, ...]) -> bool:
    """Whether an instruction names a thing that no step speaks of."""
    told = (
        part
        for s in steps
        for part in (s.target, s.value, s.where and s.where.anchor, s.protect, s.old_text, s.conditions)
    )
    said = {lexicon().singular(word)[0] for part in told if part for word in _WORD.findall(str(part).lower())}
    grammar = LEXICON.function_words | LEXICON.commands
    words = (word for word in _WORD.findall(text.lower()) if word not in grammar and not LEXICON.begins(word))
    named = filter(lexicon().knows, words)
    return any(lexicon().singular(word)[0] not in said for word in named)


@lru_cache
def weights() -> dict[str, float]:
    """The fitted numbers by measure."""
    found: dict[str, float] = json.loads((files(__package__) / "choice.json").read_text(encoding="utf-8"))
    return found


def settled(text: str, ruled: Plan) -> bool:
    """Whether an instruction is a command that the rules read whole, about things that are known, and that says of every thing that it names: then nobody else is asked."""
    if ruled.parser != "rules" or ruled.unread or not commands(text):
        return False
    return not any(map(_odd, ruled.steps)) and all(map(_is_known, ruled.steps)) and not _unsaid(text, ruled.steps)


def better(ruled: Plan | None, tagged: TaggedReading) -> bool:
    """Whether the tagger's reading counts."""
    named = all(known(step) for step in tagged.steps)
    if tagged.likely < (LIKELY if named else UNKNOWN):
        return False
    if ruled is None:
        return True
    if kept(ruled, tagged):
        return False
    return sum(weights()[name] * value for name, value in measures(ruled, tagged).items()) > 0


def kept(ruled: Plan, tagged: TaggedReading) -> bool:
    """Whether both are steps of the same kinds in the same order, so that the rules' own words count; so does a situation behind them that is known, and what the rules read more of the same kinds. What was worked out from a situation has no words of its own: of 24 such plans that one of the
    two got right the tagger did 22."""
    alike_so_far = 0 < len(tagged.steps) <= len(ruled.steps) and all(
        alike(a.type, b.type) for a, b in zip(tagged.steps, ruled.steps, strict=False)
    )
    same = {step.type for step in ruled.steps} == {step.type for step in tagged.steps}
    more = not ruled.unread and same
    return (
        (ruled.parser != WORKED_OUT or not ruled.steps[0].why)
        and alike_so_far
        and (len(ruled.steps) == len(tagged.steps) or bool(ruled.steps[-1].why) or more)
    )
