"""Words -> `Plan`: a language model where one is configured, then the rules, then the knowledge of implicit situations, else an error that names what was not understood; of an instruction half understood the half, which says what is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pixwright.errors import NotUnderstood, UnclearInstruction
from pixwright.parse.chat.contrast import told_apart
from pixwright.parse.order import foreseen, is_place
from pixwright.parse.rules import check_length, nameless, plan_of, unclear, understand
from pixwright.parse.rules.remarks import remark, tells
from pixwright.parse.spelling import is_foreign
from pixwright.parse.tokens import tokenise
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import Aspect, EditType, Target
from pixwright.records.plan import Plan, Step
from pixwright.records.thing import Thing
from pixwright.words import read as read_thing

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders

__all__ = ["parse"]

BEHIND = 0.85
"""Cosine from which a sentence behind a command is a situation of its own: "remove the bin, buyers don't need to see it" is none."""
ASKED = 0.75
"""The same of a sentence that says outright what is wanted, and that no rule reads: a situation in other words is not it."""
_COVERS = (Aspect.COLOUR, Aspect.MATERIAL)
"""What is said of a thing and hardly ever of a whole picture."""
_SHOWN = 60
"""Characters of a value that an error shows."""


def parse(
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    *,
    use_llm: bool = True,
    think: Callable[[str], str] | None = None,
) -> Plan:
    """What the instruction means, as a valid plan of one to eight steps with captions.

    `picture` (HxWx3 uint8) is looked at only where an implicit situation depends on what it shows. A language model is asked first if
    `PIXWRIGHT_LLM_URL` is set and `use_llm`; if it gives nothing usable the plan's notes, or the error, say so. `think`: a language model that was tuned on the
    knowledge file, asked where no rule and no row reads a wish; its answer is read by the grammar. Raises UnclearInstruction.
    """
    check_length(instruction.text)
    notes: tuple[str, ...] = ()
    if use_llm:
        plan, note = _by_llm(instruction, picture, encoders)
        if plan is not None:
            return plan
        notes = (note[:1000],) if note else ()
    try:
        plan = told_apart(_read(instruction, picture, encoders, think))
        if picture is not None and not (instruction.before or instruction.pointed):
            plan = _about_it(plan, picture, encoders)
        _check_numbers(plan)
        return plan.model_copy(update={"notes": notes + plan.notes})
    except UnclearInstruction as error:
        hints = (*((_FOREIGN,) if is_foreign(instruction.text) and not notes else ()), *notes)
        raise UnclearInstruction("; ".join((str(error), *hints))) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the plan"
        raise UnclearInstruction(
            f"{where} is {str(first['input'])[:_SHOWN]!r}: {first['msg'].lower()}; say it with another amount or shorter"
        ) from error


def _about_it(plan: Plan, picture: Array, encoders: Encoders) -> Plan:
    """The plan in which a new colour or material of "it", of which nothing was said before, is that of what the picture shows."""
    open_ = [step.target is None and step.type.traits.changes in _COVERS for step in plan.steps]
    if not any(open_):
        return plan
    from pixwright.parse.about import it_is

    name = it_is(plan.instruction, picture, encoders)
    if name is None:
        return plan
    own = {"target": read_thing(f"the {name}")}
    steps = [step.model_copy(update=own) if meant else step for step, meant in zip(plan.steps, open_, strict=True)]
    return plan_of(plan.instruction, steps, plan.parser, unread=plan.unread).model_copy(update={"notes": plan.notes})


def _check_numbers(plan: Plan) -> None:
    """Raises UnclearInstruction where none of a thing shall be added, or none of them be edited: nothing was asked for."""
    for step in plan.steps:
        of_none = step.target is not None and step.target.count == 0
        if of_none or (step.type is EditType.ADD and step.count == 0):
            raise UnclearInstruction(f"{step.instruction!r} is about none of them: say how many, at least 1")


def _read(
    instruction: Instruction, picture: Array | None, encoders: Encoders, think: Callable[[str], str] | None
) -> Plan:
    """What the rules and the knowledge make of it, or what the learned tagger does.

    The latter knows nothing of attachments and of what was said before: in a later turn it is asked only where nobody else reads anything, and then its steps must name their things.
    """
    if instruction.attachments:
        return without_tags(instruction, picture, encoders, think)
    problem: NotUnderstood | None = None
    try:
        ruled: Plan | None = without_tags(instruction, picture, encoders, think if instruction.before else None)
    except NotUnderstood as error:
        ruled, problem = None, error
    from pixwright.parse.tagged.choice import settled

    if ruled is not None and (instruction.before or settled(instruction.text, ruled)):
        return ruled
    if ruled is not None or not is_foreign(instruction.text):
        ruled = _with_tags(ruled, instruction.text, picture, encoders)
    if ruled is not None and instruction.before and any(map(_unnamed, ruled.steps)):
        ruled = None
    if ruled is None and think is not None:
        return without_tags(instruction, picture, encoders, think)
    if ruled is None:
        raise problem or unclear([instruction.text])
    return ruled


def _unnamed(step: Step) -> bool:
    """Whether a step is about a thing that it does not name: "it" was another thing in each turn."""
    traits = step.type.traits
    about_things = traits.target in (Target.NEEDED, Target.USUAL, Target.OPTIONAL) and not traits.whole_look
    return about_things and step.target is None


def _with_tags(ruled: Plan | None, text: str, picture: Array | None, encoders: Encoders) -> Plan | None:
    """The plan `ruled`, or the tagger's where that counts; None where neither does."""
    if ruled is not None and ruled.parser == "implicit" and _nearest(text, encoders) >= BEHIND:
        return ruled  # it is nearly a row of the knowledge
    from pixwright.parse.implicit import mild
    from pixwright.parse.tagged import read
    from pixwright.parse.tagged.choice import better
    from pixwright.parse.unread import complains

    found = read(text, encoders)
    if not better(ruled, found):
        return ruled
    tones = tuple(step for step in found.steps if step.type is EditType.TONE_TRANSFER)
    if ruled is None and complains(text) and not mild(tones):
        return None  # "looks a bit spooky" asks for no spookier light
    if found.steps:
        return found.plan(text)
    if not found.situations:
        return ruled if ruled is not None and ruled.parser == "rules" else None  # it is no situation
    if ruled is not None and ruled.parser != "rules":
        return ruled
    steps = _by_knowledge(text, picture, encoders, 0)
    return plan_of(text, list(steps), "implicit") if steps else None


_FOREIGN = "only English is read here; a language model that reads more can be named by PIXWRIGHT_LLM_URL"


def _by_llm(instruction: Instruction, picture: Array | None, encoders: Encoders) -> tuple[Plan | None, str]:
    if not os.environ.get("PIXWRIGHT_LLM_URL"):
        return None, ""
    from pixwright.parse.language import endpoint_from, plan_by_llm

    endpoint = endpoint_from()
    if endpoint is None:
        return None, ""
    return plan_by_llm(instruction, endpoint, shown=_shown(picture, encoders))


def _shown(picture: Array | None, encoders: Encoders) -> str:
    """What the picture shows, in words, for a parser that cannot see it (InstructEdit, section 3.1)."""
    if picture is None:
        return ""
    labels = encoders.picture.classify(picture, top=3)
    return ", ".join(label.name for label in labels if label.probability >= 0.1)


def without_tags(
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    think: Callable[[str], str] | None = None,
) -> Plan:
    """The plan of the rules and of the knowledge. Raises UnclearInstruction."""
    if (seen := foreseen(instruction.text)) is not None:
        if ahead := _foreseen(seen, instruction.text):
            return plan_of(instruction.text, list(ahead), "rules")
        raise UnclearInstruction(str(unclear([instruction.text])))  # and nobody else need try
    clauses = understand(instruction.text, instruction.attachments, instruction.before, instruction.pointed)
    unknown = [clause for clause in clauses if clause.steps is None]
    if clauses and not unknown:
        return plan_of(instruction.text, [step for clause in clauses for step in clause.steps or ()], "rules")
    if error := nameless(instruction.text, instruction.attachments):
        raise error
    from pixwright.parse.unread import asks, known

    steps: list[Step] = []
    missing: list[str] = []
    notes: list[str] = []
    commanded = any(clause.steps or asks(clause.sentence) for clause in clauses) and len(clauses) > 1
    for clause in clauses:
        sentence = instruction.text.strip() if len(clauses) == 1 else clause.sentence
        found, left = clause.steps, ""
        if found is None:
            found, left = _unread(sentence, instruction, picture, encoders, notes, behind=commanded)
        if found is None and (steps or commanded) and (tells(sentence) or remark(sentence.lower().split())):
            continue  # why, and nothing that is asked for
        if found is None and think is not None:
            found, left = _by_thought(sentence, picture, encoders, think), ""
        missing += [left or clause.sentence] if left or found is None else []
        steps += [step for step in found or () if _what(step) not in map(_what, steps)]
    if not steps or (not all(map(tells, missing)) and not all(known(step) for step in steps)):
        raise unclear(missing or [instruction.text])
    explicit = all(not step.why for step in steps)
    plan = plan_of(instruction.text, steps, "rules" if explicit else "implicit", unread=tuple(missing))
    return plan.model_copy(update={"notes": tuple(notes)})


def _what(step: Step) -> tuple[str, Thing | None, str | None]:
    """What two clauses may both ask for: "it is raining and he has no coat" is rain once."""
    return step.type, step.target, step.value


def _unread(
    sentence: str,
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    notes: list[str],
    *,
    behind: bool,
) -> tuple[tuple[Step, ...] | None, str]:
    """A command that no rule reads is read without its end; what is none is a situation.

    The steps, and the things that were named beside them and of which nothing was made. `behind`: a command stands beside it, so that it is more
    likely its reason or a remark.
    """
    from pixwright.parse.unread import asks, commands, shortened

    if (seen := foreseen(sentence)) is not None:
        return _foreseen(seen, sentence), ""
    if behind and is_place(tokenise(sentence)):
        return None, ""  # a second place of what is added
    if commands(sentence) and (short := shortened(sentence, instruction.attachments)):
        steps, left = short
        if left.startswith("with "):
            return steps, left  # "red with black laces", "night with lights in the windows": that was asked for as well
        notes += [f"{left!r} was not used: it was not understood"] if left else []
        return steps, ""
    if any(token.kind == "ref" for token in tokenise(sentence, tuple(one.name for one in instruction.attachments))):
        return None, ""  # no situation that is known is about one, so that its steps would leave it out
    least = BEHIND if behind else ASKED if asks(sentence) else 0
    found = _by_knowledge(sentence, picture, encoders, least)
    return (found, "") if found is not None else _last_piece(sentence, instruction)


def _foreseen(command: str, sentence: str) -> tuple[Step, ...] | None:
    """The steps of the state that a question after what will be names; None where it names none, which is never guessed at."""
    found = understand(command) if command else []
    steps = [step for clause in found for step in clause.steps or ()]
    return tuple(step.model_copy(update={"instruction": sentence[:1000]}) for step in steps) or None


def _last_piece(sentence: str, instruction: Instruction) -> tuple[tuple[Step, ...] | None, str]:
    """Of "it looks flat, could we have some sun coming in from the left" the command, without its end."""
    from pixwright.parse.unread import commands, shortened

    pieces = sentence.split(", ")
    for piece in reversed(pieces[1:] if len(pieces) > 1 else []):
        if commands(piece) and (found := shortened(piece, instruction.attachments)):
            return found
    return None, ""


def _by_thought(
    sentence: str, picture: Array | None, encoders: Encoders, think: Callable[[str], str]
) -> tuple[Step, ...] | None:
    from pixwright.parse.implicit import thought

    return thought(sentence, picture, encoders, think)


def _by_knowledge(sentence: str, picture: Array | None, encoders: Encoders, least: float) -> tuple[Step, ...] | None:
    from pixwright.parse.implicit import match

    return match(sentence, picture, encoders, least) or None


def _nearest(sentence: str, encoders: Encoders) -> float:
    """Cosine of the nearest situation that is known."""
    from pixwright.parse.implicit import similarities

    return float(similarities(sentence, encoders).max())
