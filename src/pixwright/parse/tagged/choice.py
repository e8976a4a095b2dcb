"""Whether the tagger's steps count, or what was made of an instruction without it: a logistic regression over a few measures, fitted by `recipes/fit/reading.py`."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from pixwright.parse.tagged import TaggedReading
from pixwright.parse.tagged.commands import alike
from pixwright.parse.unread import commands, known
from pixwright.records.plan import Plan

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
    }


@lru_cache
def weights() -> dict[str, float]:
    """The fitted numbers by measure."""
    found: dict[str, float] = json.loads((files(__package__) / "choice.json").read_text(encoding="utf-8"))
    return found


def settled(text: str, ruled: Plan) -> bool:
    """Whether an instruction is a command that the rules read whole: then nobody else is asked."""
    return ruled.parser == "rules" and not ruled.unread and commands(text)


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
