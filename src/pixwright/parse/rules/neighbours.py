"""Neighbouring clauses that are one edit, or of which one only says the other again."""

from __future__ import annotations

from dataclasses import dataclass

from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.rules.lettering import looks_said
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Lettering, Step, Where
from pixwright.words import lexicon

_CUT_OUT = ("cut", "clip", "extract", "take the", "take him", "take her", "take it")


@dataclass(frozen=True)
class Understood:
    """One clause: its words, and its steps; None where no rule knows it."""

    sentence: str
    steps: tuple[Step, ...] | None


def joined(parts: list[Understood]) -> list[Understood]:
    """Neighbouring clauses that are one edit: "take the cactus out and put a fern in its place", "cut him out and put him on a stage"."""
    out: list[Understood] = []
    for part in parts:
        last = out[-1].steps if out else None
        if last and part.steps and len(last) == len(part.steps) == 1 and last[0].type is EditType.REMOVE:
            step, words = part.steps[0], part.sentence.lower()
            if step.type is EditType.ADD and words.rstrip(" .!").endswith(
                ("in its place", "in their place", "in place of it", "there instead")
            ):
                new = step.model_copy(
                    update={"type": EditType.REPLACE, "target": last[0].target, "where": None, "count": None}
                )
                out[-1] = Understood(f"{out[-1].sentence} and {part.sentence}", (new,))
                continue
            if step.type is EditType.BACKGROUND_CHANGE and out[-1].sentence.lower().startswith(_CUT_OUT):
                out.pop()
        if (
            last
            and part.steps
            and last[-1].type is part.steps[0].type is EditType.TEXTUAL_CHANGE
            and last[-1].old_text
            and not last[-1].value
        ):
            new = part.steps[0].model_copy(update={"old_text": last[-1].old_text})
            out[-1] = Understood(out[-1].sentence, (*last[:-1], new, *part.steps[1:]))
            continue
        if (
            last
            and part.steps
            and last[0].value == "transparent"
            and part.steps[0].target
            and part.steps[0].target.head == "background"
        ):
            out[-1] = Understood(out[-1].sentence, (last[0].model_copy(update={"value": part.steps[0].value}),))
            continue
        if (
            last
            and part.steps
            and last[-1].type is EditType.ADD
            and part.steps[0].type is EditType.COUNTING
            and str(part.steps[0].target) in ("them", last[-1].value)
        ):
            counted = last[-1].model_copy(update={"count": part.steps[0].count})
            out[-1] = Understood(out[-1].sentence, (*last[:-1], counted))
            continue
        if last and part.steps and last[-1].value == part.steps[0].value == "trim" and last[-1].amount is None:
            out[-1] = Understood(out[-1].sentence, (*last[:-1], *part.steps))
            continue
        if (
            part.steps
            and out
            and out[-1].steps
            and all(any(_same(step, old) for old in out[-1].steps) for step in part.steps)
        ):
            continue
        out.append(part)
    return out


def described(before: Understood, tokens: list[Token]) -> Understood | None:
    """ "Add a kite, a colorful one", "..., top left", "write HELLO on the wall, handwritten": what is new, described once more."""
    words = [t.text for t in tokens]
    if not before.steps:
        return None
    if placed := _placed(before.steps[-1], tokens) or _lettered(before.steps[-1], tokens):
        return Understood(before.sentence, (*before.steps[:-1], placed))
    if len(words) not in (3, 4) or words[0] not in ("a", "an", "some") or words[-1] not in ("one", "ones"):
        return None
    last = before.steps[-1]
    if not last.type.traits.brings or last.value is None:
        return None
    value = " ".join([*words[1:-1], last.value])
    return Understood(before.sentence, (*before.steps[:-1], last.model_copy(update={"value": value})))


def _placed(step: Step, tokens: list[Token]) -> Step | None:
    """The step with the place in the picture that the tokens are; None if they are none, or it has one."""
    anchor = step.where.anchor if step.where else None
    roomy = anchor is not None and lexicon().is_(anchor.head, "sky", "place", "landscape")
    if (step.where is not None and not roomy) or not (step.type.traits.brings or step.type is EditType.TEXTUAL_CHANGE):
        return None
    clause = Clause(tuple(tokens), "")
    for kind in ("corner", "spot_place"):
        for end, place in NONTERMINALS[kind](clause, 0):
            if end == len(tokens):
                return step.model_copy(update={"where": Where(relation=place.relation)})
    return None


def _lettered(step: Step, tokens: list[Token]) -> Step | None:
    """The step with the looks of letters that the tokens are; None if they say anything else."""
    looks = looks_said(tokens) if step.type is EditType.TEXTUAL_CHANGE and step.value else None
    if not looks:
        return None
    known = step.lettering.model_dump(exclude_defaults=True) if step.lettering else {}
    return step.model_copy(update={"lettering": Lettering(**known | looks)})


def likened(tokens: list[Token]) -> bool:
    """ "..., as if it just rained": what was asked for already, once more by its cause."""
    return tuple(t.text for t in tokens[:2]) in (("as", "if"), ("as", "though"), ("like", "it"))


def _same(one: Step, other: Step) -> bool:
    return one.model_copy(update={"instruction": ""}) == other.model_copy(update={"instruction": ""})


def describes_style(before: Understood, tokens: list[Token]) -> bool:
    """ "As a watercolor, soft and light", "pixel art, like an old video game": the rest only describes the style."""
    if not before.steps or before.steps[-1].type is not EditType.STYLE_CHANGE:
        return False
    words = [t.text for t in tokens]
    plain = (
        LEXICON.adjectives
        | LEXICON.predicates
        | {
            "strokes",
            "lines",
            "brush",
            "thick",
            "soft",
            "very",
            "loose",
            "rough",
            "delicate",
            "detailed",
            "airy",
            "gentle",
            "bold",
        }
    )
    return words[0] == "like" or all(word in plain for word in words)
