"""What is known of situations: the rows of the parser's knowledge that lead to one step, and which things they can be about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pixwright.build.wording.names import head
from pixwright.errors import UnclearInstruction
from pixwright.parse.about import kinds
from pixwright.parse.implicit import Row, knowledge
from pixwright.parse.rules import parse_rules
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.vocabulary import CONTROLS, WORDS

THING = "{it}"
"""Stands for the thing in the steps of a row."""
_FAINT = frozenset({"sharpness", "denoise", "noon", "sunny", "shiny", "new", "matte", "wet", "glowing", "sharp"})
"""What hardly shows on a scene, or on things that are bright and clean already."""
_PRONOUN = re.compile(r"^(it|he|she)\b", re.IGNORECASE)
COMMAND = re.compile(
    r"^(make|show|take|let|turn|give|add|put|change|prepare|dress|set|imagine|free|focus|hide)\b", re.IGNORECASE
)
"""A situation that is told as a request."""
_FRAGMENT = re.compile(
    r"^(for|as|like|to|with|at|in|on|over|after|before|when|so|just|only|from|by|ready|worthy|too|more|should|something)\b"
)
_FINITE = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|can|could|cannot|should|must|needs|does|did|came|went|lost|looks|feels)\b"
    r"|\b(it|that|what|he|she|there|here|who)'s\b|\w'(re|ll|d|ve|m)\b|^(it|he|she|they|we|i|you|everybody|everyone|nobody|somebody|someone|this|there) \w+s?\b"
    r"|\w{3}ed (it|him|her|them|the|here|in|over)\b|\b(ate|bit|broke|built|drew|forgot|found|gave|knew|left|made|sat|shot|sold|stole|threw|took|wrote) (it|the|here)\b"
)
_COMPLAINT = re.compile(
    r"\b(too|boring|dull|bland|flat|pale|tired|untidy|ugly|mess|clutter|distract\w*|hardly|nobody|hidden|lacks?|needs?|terrible|restless|sterile|gloomy|depressing|prison|appealing|grey)\b"
)
_SITUATED = frozenset({"grain", "haze", "fog"})
"""Controls that a place can have of itself: smoke, an old film."""
_SPEAKER = re.compile(r"\bi\b")
_SURFACES = "(surfaces of)"
"""The row of `holds_of.tsv` that names the kinds whose surface only a row about that very kind changes."""


@dataclass(frozen=True)
class Known:
    """A row of the knowledge with one explicit step that this file can carry out. `of_thing`: the step is about `{it}`."""

    row: Row
    step: Step
    of_thing: bool


@cache
def known_rows() -> tuple[Known, ...]:
    """The rows that are sentences, with exactly one step of a kind that a scene can carry out."""
    found = []
    for row in knowledge():
        if len(row.steps) != 1 or not is_sentence(row.situation):
            continue
        try:
            plan = parse_rules(row.steps[0].replace(THING, "object"), ())
        except UnclearInstruction:
            continue
        step = plan.steps[0]
        of_thing = THING in row.steps[0] or str(step.target) == "person"
        if len(plan.steps) == 1 and _feasible(step, of_thing):
            found.append(Known(row, step, of_thing))
    return tuple(found)


def is_sentence(situation: str) -> bool:
    """Whether a situation is a clause or a request, and not "for our own currency" or "eight bit", which no data set should tell ("it seems that eight bit").

    Clauses are known by a finite auxiliary, or by a pronoun as their subject; one with another verb alone is left out, too.
    """
    if COMMAND.match(situation):
        return True
    return not _FRAGMENT.match(situation) and _FINITE.search(situation) is not None


def complains(known: Known) -> bool:
    """Whether a situation tells what is wrong with the picture, and the step mends it: "imagine that it is too dark" would ask for the very opposite."""
    step = known.step
    return step.type is EditType.REMOVE or mends(step) or _COMPLAINT.search(known.row.situation) is not None


def mends(step: Step) -> bool:
    """Whether a step puts right what the camera did: that it is too dark holds only of dark pictures, and nobody says of which."""
    return step.value in CONTROLS and step.value not in _SITUATED


def with_capital(situation: str) -> str:
    """As people write it: "I", not "i" as in the tables."""
    return _SPEAKER.sub("I", situation)


def _feasible(step: Step, of_thing: bool) -> bool:
    if step.value in _FAINT or _unknown(step):
        return False
    if of_thing:
        return (
            step.type.traits.surface
            or step.type is EditType.REMOVE
            or (step.type == EditType.RESIZE and step.amount is not None)
        )
    if step.target is not None or step.where is not None:
        return False
    return step.type.traits.finish or step.type is EditType.BACKGROUND_CHANGE


def _unknown(step: Step) -> bool:
    """Whether its look is one that no editor can give."""
    changes = step.type.traits.changes
    return not step.type.traits.redraws and step.value not in WORDS[changes]


def kinds_of(name: str, category: str) -> tuple[str, ...]:
    """What a thing is, in the words of the knowledge's `when`, nearest first."""
    table = kinds()
    noun = head(name)
    own = [kind for kind, cues in table.words.items() if noun in cues or noun == kind]
    found = [*own, *(parent for kind in own for parent in table.parents.get(kind, ()))]
    return tuple(dict.fromkeys([*found, category, "any"]))


def named(situation: str, name: str, things: int) -> str | None:
    """The situation with the thing's name for "it", so that it is plain which one is meant; None if that cannot be done."""
    if _PRONOUN.match(situation):
        return _PRONOUN.sub(f"the {name}", situation, count=1)
    if re.search(r"\bit\b", situation):
        return re.sub(r"\bit\b", f"the {name}", situation, count=1)
    return situation if things == 1 or name.split()[-1] in situation.split() else None


def holds_of(known: Known, name: str, kinds_meant: tuple[str, ...]) -> bool:
    """Whether a situation of a thing can be told of this one: not of a curry that it should be bulletproof.

    A row about a kind holds of what is of that kind. One about anything must speak of the thing itself, holds of what `holds_of.tsv` says, by kind, category or noun,
    and changes no surface of what lives or grows.
    """
    row = known.row
    if row.when != "any":
        return row.when in kinds_meant
    if not re.search(r"\bit\b", row.situation) and head(name) not in row.situation.split():
        return False
    limits = dict(_limits())
    if known.step.type.traits.surface and not limits[_SURFACES].isdisjoint(kinds_meant):
        return False
    found = [of for words, of in limits.items() if words != _SURFACES and re.search(rf"\b({words})\b", row.situation)]
    return all(not of.isdisjoint((head(name), *kinds_meant)) for of in found)


@cache
def _limits() -> tuple[tuple[str, frozenset[str]], ...]:
    text = files(__package__).joinpath("holds_of.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return tuple((words, frozenset(of.split(","))) for words, of in rows)
