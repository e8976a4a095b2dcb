"""Does the project's own parser read an instruction as the step that it was written for?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pixwright.build.run.networks import encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import parse
from pixwright.records.instruction import Attachment, Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Plan, Relation, Step, Where
from pixwright.records.thing import Thing
from pixwright.words import read
from pixwright.words.adjectives import EVERY, PLACES, RANKS
from pixwright.words.naming import last_noun
from pixwright.words.numbers import ORDINALS

_SINGLING = PLACES.keys() | ORDINALS.keys() | RANKS.keys() | EVERY
"""Words that tell one thing from its like."""
_SAME_PLACE = {Relation.TOP: Relation.ABOVE, Relation.BOTTOM: Relation.BELOW}
"""With no anchor these two pairs mean the same side."""
_VAGUE = frozenset({"subject", "it"})


def parse_back(
    instruction: str, step: Step, references: Sequence[Attachment] = (), implicit: bool = False
) -> str | None:
    """None if `instruction` is read as `step`, else one line that says where the reading differs.

    Compared are type, target (its noun and the words that single it out), value, texts, amount, count, place and reference. `implicit`:
    the step must come from the knowledge of situations, with its reason, and may call its target by no name.
    """
    try:
        plan = parse(Instruction(instruction, tuple(references)), None, encoders(), use_llm=False)
    except UnclearInstruction as error:
        return f"not understood: {error}"
    return differences(plan, step, implicit)


def differences(plan: Plan, step: Step, implicit: bool = False) -> str | None:
    """Where the reading differs from the step, or None."""
    if len(plan.steps) != 1:
        return f"read as {len(plan.steps)} steps: {', '.join(one.type for one in plan.steps)}"
    read = plan.steps[0]
    if implicit and not read.why:
        return "read as a plain command, not as a situation"
    if read.type != step.type:
        return f"read as {read.type}, not {step.type}"
    swapped = _swapped(read, step)
    if not swapped and not _same_target(read, step, implicit):
        return f"target read as {read.target!r}, not {step.target!r}"
    if not _same_value(read, step):
        return f"value read as {read.value!r}, not {step.value!r}"
    if step.old_text is not None and read.old_text is not None and read.old_text != step.old_text:
        return f"old text read as {read.old_text!r}, not {step.old_text!r}"
    if not _same_where(read.where, step.where) and not swapped:
        return f"place read as {_told(read.where)}, not {_told(step.where)}"
    if not _same_amount(read.amount, step.amount):
        return f"amount read as {_much(read.amount)}, not {_much(step.amount)}"
    if (read.count or 1) != (step.count or 1):
        return f"count read as {read.count}, not {step.count}"
    if read.reference != step.reference:
        return f"reference read as {read.reference}, not {step.reference}"
    return None


def same_thing(one: Thing | str | None, other: Thing | str | None) -> bool:
    """Whether two noun phrases have the same noun, colour and singling words; None is only like None."""
    if one is None or other is None:
        return one is other
    a, b = read(_plain(str(one))), read(_plain(str(other)))
    return last_noun(a) == last_noun(b) and a.colours == b.colours and _single(str(one)) == _single(str(other))


def _same_target(read: Step, meant: Step, implicit: bool) -> bool:
    if implicit and str(read.target) in _VAGUE:
        return meant.target is not None
    if read.target is None and read.type == EditType.TEXTUAL_CHANGE and read.old_text is not None:
        return True  # the old text says which sign is meant
    return same_thing(read.target, meant.target)


def _plain(phrase: str) -> str:
    """Without what singles it out, so that the noun is the last word."""
    return re.split(r" (?:on|in|from|at|of) the ", phrase)[0]


def _single(phrase: str) -> set[str]:
    return set(phrase.lower().split()) & _SINGLING


def _same_value(read: Step, step: Step) -> bool:
    if read.value == step.value or (read.value is None and step.type == EditType.VISUAL_REFERENCE):
        return True  # the thing in a reference need not be named
    if step.type.traits.brings or step.type.traits.guided:
        return same_thing(read.value, step.value)
    return False


def _same_where(read: Where | None, meant: Where | None) -> bool:
    if read is None or meant is None:
        return read is meant
    relation = read.relation, meant.relation
    if read.anchor is None and meant.anchor is None:
        relation = _SAME_PLACE.get(read.relation, read.relation), _SAME_PLACE.get(meant.relation, meant.relation)
    return relation[0] == relation[1] and same_thing(read.anchor, meant.anchor)


def _swapped(read: Step, step: Step) -> bool:
    """A swap may be read with its two things the other way round."""
    if read.where is None or step.where is None or {read.where.relation, step.where.relation} != {Relation.SWAP}:
        return False
    return same_thing(read.where.anchor, step.target) and same_thing(read.target, step.where.anchor)


def _same_amount(read: Amount | None, meant: Amount | None) -> bool:
    if read is None or meant is None:
        return read is meant
    return read.unit == meant.unit and abs(read.value - meant.value) <= 0.01 * max(abs(meant.value), 1e-6)


def _told(where: Where | None) -> str:
    return "nowhere" if where is None else f"{where.relation} {where.anchor or ''}".strip()


def _much(amount: Amount | None) -> str:
    return "none" if amount is None else f"{amount.value:g} {amount.unit}"
