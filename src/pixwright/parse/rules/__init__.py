"""The rules parser: `parse_rules`, and `understand` for who wants the clauses that no rule knows as well.

Precedence is the order of the families below: what names an attachment or quotes a text comes first, the general verbs ("make", "turn") last.
"""

from __future__ import annotations

import unicodedata
from functools import partial, reduce

from pixwright.errors import NotUnderstood, UnclearInstruction
from pixwright.parse.caption import captioned
from pixwright.parse.chat import plainly, spelt_out
from pixwright.parse.clauses import Splitter
from pixwright.parse.grammar import Clause, Memory, RuleSet, Understood
from pixwright.parse.order import phrased
from pixwright.parse.rules import (
    add,
    change,
    counting,
    everyday,
    framing,
    geometry,
    look,
    remove,
    repairs,
    replace,
    terse,
    text,
    visual,
)
from pixwright.parse.rules.guidance import guided, take_guidance
from pixwright.parse.rules.lettering import take_lettering
from pixwright.parse.rules.quoted import quoted
from pixwright.parse.rules.references import Known, introduces, read_references, with_references
from pixwright.parse.spelling import repair
from pixwright.parse.tokens import Token, tokenise
from pixwright.parse.turns.reference import at_the_mark, remembered, with_kinds, with_marks
from pixwright.parse.wholes import of_clause, sounded
from pixwright.parse.wholes.blemishes import with_blemishes
from pixwright.parse.wholes.grounds import with_grounds
from pixwright.parse.wholes.hours import shadows_unmade
from pixwright.parse.wholes.lights import left_unread, with_lights
from pixwright.parse.wholes.skies import with_skies
from pixwright.records.instruction import Attachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import MAX_INSTRUCTION, MAX_STEPS, Plan, Step

_VISUAL = RuleSet(visual.RULES)
_TEXT = RuleSet((*text.RULES, *replace.RULES))
_RULES = RuleSet(
    (
        *framing.RULES,
        *look.TIMES,
        *text.WIPED,
        *phrased.RULES,
        *counting.RULES,
        *repairs.RULES,
        *remove.RULES,
        *replace.RULES,
        *look.RULES,
        *geometry.RULES,
        *text.UNQUOTED,
        *everyday.ROOM,
        *add.RULES,
        *everyday.POSED,
        *change.RULES,
        *everyday.RULES,
        *terse.RULES,
    )
)
_UNNAMED = frozenset("it this that them these those".split())
_EXAMPLES = "'remove the dog', 'make the car red' or 'turn it into a watercolor'"


def understand(
    instruction: str,
    attachments: tuple[Attachment, ...] = (),
    before: tuple[Step, ...] = (),
    pointed: bool = False,
) -> list[Understood]:
    """Each clause with its steps, or None where no rule knows it. `before`: steps of earlier turns, which pronouns may mean; what is `pointed` at goes before them.

    Raises UnclearInstruction for an empty or too long instruction.
    """
    check_length(instruction)
    return _read(_tokens(instruction, attachments), attachments, before=before, pointed=pointed)


def _tokens(instruction: str, attachments: tuple[Attachment, ...]) -> list[Token]:
    sounds = frozenset(n for n, a in enumerate(attachments, 1) if isinstance(a, SoundAttachment))
    tokens = plainly(repair(tokenise(spelt_out(instruction), tuple(a.name for a in attachments), sounds)))
    if not tokens:
        raise UnclearInstruction(f"the instruction {instruction[:40]!r} holds no words; say for example {_EXAMPLES}")
    return [t for i, t in enumerate(tokens) if not introduces(tokens, i)]


def _read(
    tokens: list[Token],
    attachments: tuple[Attachment, ...],
    stand_in: str | None = None,
    before: tuple[Step, ...] = (),
    pointed: bool = False,
) -> list[Understood]:
    """`stand_in`: a noun for the references whose names say nothing, to find out whether that is all that is missing."""
    known = read_references(tokens, attachments, stand_in)
    tokens, guidance = take_guidance(tokens, len(attachments))
    memory = reduce(lambda so_far, step: remembered([step], so_far), before, Memory())
    if pointed:
        tokens, memory = with_marks(tokens), at_the_mark()
    clauses = Splitter(partial(_apply, known), _begins, attachments, memory, pointed).read(tokens)
    if guidance is not None:
        clauses = [
            Understood(c.sentence, None if c.steps is None else tuple(guided(list(c.steps), guidance))) for c in clauses
        ]
    return clauses


def parse_rules(instruction: str, attachments: tuple[Attachment, ...] = (), before: tuple[Step, ...] = ()) -> Plan:
    """The plan of an explicit instruction; `before` as in `understand`. Raises UnclearInstruction that names every clause that was not understood."""
    clauses = understand(instruction, attachments, before)
    unknown = [clause.sentence for clause in clauses if clause.steps is None]
    if unknown or not clauses:
        raise nameless(instruction, attachments) or unclear(unknown or [instruction])
    return plan_of(instruction, [step for clause in clauses for step in clause.steps or ()], "rules")


def plan_of(
    instruction: str, steps: list[Step], parser: str, shown: str | None = None, unread: tuple[str, ...] = ()
) -> Plan:
    """A plan with captions; `shown` says what the picture shows, `unread` what nothing was made of. Raises UnclearInstruction for more than eight steps."""
    if len(steps) > MAX_STEPS:
        raise UnclearInstruction(
            f"{len(steps)} edits in one instruction; at most {MAX_STEPS} are allowed: give it in parts"
        )
    steps = with_lights(
        instruction, with_grounds(with_skies(instruction, with_blemishes(instruction, with_kinds(steps))))
    )
    unread = left_unread(steps, unread)
    unread = (*unread, *(words for words in shadows_unmade(instruction, steps) if words not in " ".join(unread)))
    letters = (" ".join((*step.lettering.said, "letters")) for step in steps if step.lettering and step.lettering.said)
    return Plan(
        instruction=instruction,
        steps=captioned(tuple(steps), shown),
        parser=parser,
        unread=(*unread, *letters)[:MAX_STEPS],
    )


def unclear(sentences: list[str]) -> NotUnderstood:
    """The error that names what was not understood."""
    named = " and ".join(repr(s if len(s) <= 80 else s[:77] + "...") for s in sentences[:4])
    points = {word for s in sentences for word in s.lower().replace("'s", " is").split()} & _UNNAMED
    shown = ", or show it by --point, --box or --mask" if points else ""
    return NotUnderstood(f"did not understand {named}; say for example {_EXAMPLES}{shown}")


def check_length(instruction: str) -> None:
    """Raises UnclearInstruction for an empty or too long instruction."""
    if not instruction.strip():
        raise UnclearInstruction(f"the instruction is empty; say for example {_EXAMPLES}")
    if any(unicodedata.category(one) == "Cs" for one in instruction):
        raise UnclearInstruction("the instruction holds bytes that are no UTF-8 text; give it as UTF-8")
    if len(instruction) > MAX_INSTRUCTION:
        raise UnclearInstruction(
            f"the instruction has {len(instruction)} characters; at most {MAX_INSTRUCTION} are allowed: make it shorter"
        )


def nameless(instruction: str, attachments: tuple[Attachment, ...]) -> UnclearInstruction | None:
    """The error for an instruction that would be understood if its references had better names; None where that is not what is missing."""
    tokens = _tokens(instruction, attachments)
    missing = [one for one in read_references(tokens, attachments).values() if one.noun is None]
    if not missing or any(clause.steps is None for clause in _read(tokens, attachments, "object")):
        return None
    return UnclearInstruction("; ".join(one.complaint for one in missing[:2]))


def _apply(known: Known, clause: Clause) -> list[Step] | None:
    if not any(token.kind == "ref" for token in clause.tokens):
        return _plain(clause)
    return with_references(clause, known, _plain)


def _plain(clause: Clause) -> list[Step] | None:
    """The steps of a clause whose references, if it has any, stand for their attachments."""
    if found := sounded(clause) if clause.wish else of_clause(clause):
        return found
    kinds = {token.kind for token in clause.tokens}
    if "ref" in kinds or {"attached", "reference", "provided"} & set(clause.words):
        found = _VISUAL.apply(clause)
        if found is not None or "ref" in kinds:
            return found
    if "quote" not in kinds and clause.words[0] not in text.WRITES:
        return _RULES.apply(clause)
    plainly, looks = take_lettering(clause)
    if plainly is not clause and (found := _written(plainly)) and all(s.type is EditType.TEXTUAL_CHANGE for s in found):
        return [step.model_copy(update={"lettering": looks}) for step in found]
    return _written(clause)


def _written(clause: Clause) -> list[Step] | None:
    """The steps of a clause that may be about lettering."""
    if "quote" not in {token.kind for token in clause.tokens}:
        return _RULES.apply(clause)
    found = _TEXT.apply(clause)
    return found if found is not None else _RULES.apply(clause) or quoted(clause)


def _begins(word: str) -> bool:
    return _RULES.begins(word) or _TEXT.begins(word) or _VISUAL.begins(word)
