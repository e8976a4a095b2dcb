"""Instructions as people type them: a learned tagger says where steps begin, of what kind each is and what each word is for.

A step is said again as the plain command of its kind (`commands.py`), which the rules read; where its words' roles are not sure and the rules read its own words as a step of that kind, that counts. `read` gives the steps, and
`choice.better` says whether they or the rules' own reading of the whole instruction counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixwright.encoders.tagging.labels import NOTHING, SITUATION
from pixwright.encoders.tagging.tagger import TaggedStep
from pixwright.parse.order import is_place
from pixwright.parse.rules import plan_of
from pixwright.parse.tagged.commands import alike, obey, steps_of
from pixwright.parse.tokens import tokenise
from pixwright.records.kind import EditType
from pixwright.records.plan import MAX_STEPS, Plan, Step

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders


CERTAIN = 0.8
"""Probability of a step's kind and of its words' roles from which a reading is as good as the rules'; of others about half are what was meant."""


@dataclass(frozen=True)
class TaggedReading:
    """What an instruction comes to."""

    steps: tuple[Step, ...]
    likely: float
    """Least probability of a step's kind."""
    begun: float
    """Least probability that a step begins where it does."""
    surety: float
    """Least probability of a word's role."""
    situations: tuple[str, ...]
    """Wishes from which an edit must be worked out."""
    missing: tuple[str, ...]
    """Words of steps of which nothing could be made."""

    def plan(self, text: str) -> Plan | None:
        """The plan of the instruction `text`; None without steps."""
        return plan_of(text, list(self.steps), "tagged", unread=self.missing) if self.steps else None


def read(text: str, encoders: Encoders) -> TaggedReading:
    """The steps that the tagger finds in an instruction without attachments, as far as they can be said so that the rules read them."""
    steps: list[Step] = []
    situations, missing = [], []
    tagged = encoders.tagger.read(text)
    for one in tagged:
        words = text[one.says[0] : one.says[1]].strip(" ,;.\n")[:1000]
        if one.kind == SITUATION:
            situations.append(words)
        elif steps and not words.lower().startswith("with ") and is_place(tokenise(words)):
            missing.append(words)  # "(a goose by the fence,) close to the post" asks for nothing more
        elif one.kind != NOTHING:
            made = _made(text, words, one) or ()
            missing += [] if made else [words]
            steps += [_told(step, one) for step in made if not any(_same(step, before) for before in steps)]
    likely, begun, surety = (
        min((getattr(one, name) for one in tagged), default=0.0) for name in ("likely", "begun", "surety")
    )
    return TaggedReading(tuple(steps[:MAX_STEPS]), likely, begun, surety, tuple(situations), tuple(missing))


def _same(step: Step, before: Step) -> bool:
    """Whether a step asks once more for what was asked: "way too dark, brighten it a bit"."""
    return (step.type, step.target, step.value, step.where) == (before.type, before.target, before.value, before.where)


def _told(step: Step, one: TaggedStep) -> Step:
    """The step, with what it was taken for where that is not sure: a person must then look for himself whether it was meant."""
    if min(one.likely, one.surety) >= CERTAIN:
        return step
    becomes = f" -> {step.value}" if step.value else ""
    read_as = f"taken for {step.type.replace('_', ' ')}: {step.target or 'the picture'}{becomes}"
    return step.model_copy(update={"why": read_as})


def _made(text: str, words: str, one: TaggedStep) -> tuple[Step, ...] | None:
    """What the roles come to; the rules' reading of a step's own words where that is of the same kind and the roles are not sure, or where there is no other."""
    ruled = obey(words)
    if ruled is not None and one.surety < CERTAIN and all(alike(step.type, EditType(one.kind)) for step in ruled):
        return ruled
    return steps_of(text, one) or ruled
