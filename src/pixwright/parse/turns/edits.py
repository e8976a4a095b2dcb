"""The steps of the last turn, changed: once more, to another thing, stronger or weaker, with another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import copysign
from typing import TypeAlias

from pydantic import ValidationError

from pixwright.errors import UnclearInstruction
from pixwright.parse.grammar import Clause
from pixwright.parse.nouns import Noun
from pixwright.parse.rules import parse_rules
from pixwright.parse.tokens import tokenise
from pixwright.parse.turns.reading import Past
from pixwright.records.kind import Target
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.result import Control
from pixwright.records.thing import Thing

Steps: TypeAlias = tuple[Step, ...]
FULL = 1.0
"""The highest amount of strength."""
_LEAST = 0.01
"""Of an amount; a weaker one is no edit."""


@dataclass(frozen=True)
class Anew:
    """Steps to be carried out: those of the last turn, changed."""

    steps: Steps
    before: bool = False
    """On the picture that the last turn began with, in place of its result."""
    controls: Mapping[str, float] | None = None
    """What is set of the steps' controls, as `--set-control` takes it; None leaves what was set."""


def once_more(last: Steps, target: Thing | None) -> Anew:
    """The last edit on the picture as it is now, to `target` where one is given. Raises UnclearInstruction where it has no place for another thing."""
    return Anew(last if target is None else tuple(_to(step, target) for step in last))


def _to(step: Step, target: Thing) -> Step:
    words = f"{step.instruction} (to {target})"
    if step.target is not None or step.type.traits.target in (Target.NEEDED, Target.USUAL, Target.OPTIONAL):
        return step.model_copy(update={"target": target, "instruction": words})
    if step.where is not None and step.where.anchor is not None:
        where = step.where.model_copy(update={"anchor": target})
        return step.model_copy(update={"where": where, "instruction": words})
    raise UnclearInstruction(
        f"'{step.instruction}' is not done to one thing, so not to '{target}' either; say what to do to it"
    )


def stronger(last: Steps, factor: float, controls: tuple[tuple[Control, ...], ...]) -> Anew:
    """The last edit made anew with `factor` times its amounts, or, where it has none, its steps' `controls`.

    What is at its strongest already is done a little more on top. Raises UnclearInstruction where nothing of it can be stronger or weaker.
    """
    if any(step.amount is not None for step in last):
        steps = tuple(_scaled(step, factor) for step in last)
        if steps != last:
            return Anew(steps, before=True)
        return Anew(
            tuple(_strength(step, copysign(factor - 1, step.amount.value if step.amount else 1)) for step in last)
        )
    moved = {
        f"{number}.{one.name}": min(max(one.value * factor, one.low), one.high)
        for number, held in enumerate(controls, 1)
        for one in held
        if one.value
    }
    if not moved:
        words = "; ".join(step.instruction for step in last)
        raise UnclearInstruction(
            f"'{words}' has no more and no less; say what shall be otherwise, or 'try again' for another result"
        )
    return Anew(last, before=True, controls=moved)


def _scaled(step: Step, factor: float) -> Step:
    """The step with a scaled amount: a factor of size grows by its own power, and a count by one at least."""
    if step.amount is None:
        return step
    value, unit = step.amount.value, step.amount.unit
    if unit is Unit.STRENGTH:
        return _strength(step, value * factor)
    if unit is Unit.FACTOR:
        value = max(value, _LEAST) ** factor
    elif unit is Unit.ITEMS:
        value = value + (1 if (factor > 1) == (value > 0) else -1)
    else:
        value *= factor
    return step.model_copy(update={"amount": Amount(value=round(value, 4), unit=unit)})


def _strength(step: Step, value: float) -> Step:
    value = max(min(value, FULL), -FULL)
    return step.model_copy(update={"amount": Amount(value=round(value, 4), unit=Unit.STRENGTH)})


def instead(words: str, past: Past, sure: bool) -> Anew | None:
    """Another value, or another thing, in place of the last edit's; or another edit in its place. None where the words are an instruction that has nothing to do
    with it, or are not understood."""
    last = past.last
    if not last:
        return None
    noun = _noun(words)
    if noun is not None and noun.definite:
        return Anew(once_more(last, noun.thing).steps, before=True)
    if noun is not None and noun.indefinite and last[-1].type.traits.brings:
        value = noun.thing.text[:200]
        return Anew((*last[:-1], last[-1].model_copy(update={"value": value, "instruction": words})), before=True)
    for said in (words, *_completed(words, last[-1])):
        steps = _parsed(said, past)
        if steps is None:
            continue
        same = steps[0].type is last[-1].type or steps[0].target == last[-1].target is not None
        if same or (sure and said == words):
            return Anew(tuple(_about(step, last[-1]) for step in steps), before=True)
        if said == words:
            return None
    return None


def alike(steps: Steps, last: Steps, words: str) -> Steps:
    """Steps of a comparative alone ("darker", "even bigger"): about the thing that the last turn changed in the same respect."""
    if len(steps) != 1 or len(last) != 1 or steps[0].target is not None or last[0].target is None:
        return steps
    one, before = steps[0], last[0]
    reader = Clause(tuple(tokenise(words)), "").reader
    named = any(noun.whole for i in range(len(reader.tokens)) for _, noun in reader.ends(i, "phrase"))
    if one.type is not before.type or one.value != before.value or named:
        return steps
    return (one.model_copy(update={"target": before.target}),)


def _about(step: Step, last: Step) -> Step:
    """A step that names no thing is about the last one's."""
    if step.target is None and last.target is not None and step.type is last.type:
        return step.model_copy(update={"target": last.target})
    return step


def _noun(words: str) -> Noun | None:
    """The noun phrase that all of the words are."""
    tokens = tuple(tokenise(words))
    ends = Clause(tokens, "").reader.ends(0, "phrase") if tokens else []
    return next((noun for end, noun in ends if end == len(tokens) and noun.pronoun is None and not noun.whole), None)


def _completed(words: str, last: Step) -> Iterator[str]:
    """A fragment with the beginning of the last edit: "to the left" as "move it to the left", "blue" as "make it blue"."""
    verb = next((token.text for token in tokenise(last.instruction) if token.kind == "word"), "make")
    yield f"make it {words}"
    yield f"{verb} it {words}"
    yield f"{verb} {words}"


def _parsed(words: str, past: Past) -> Steps | None:
    try:
        return parse_rules(words, (), past.steps).steps
    except (UnclearInstruction, ValidationError):
        return None
