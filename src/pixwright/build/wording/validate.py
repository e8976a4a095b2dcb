"""Instruction validation: what can be told from the words and sizes alone, before anything is rendered or measured.

The rules are AnyEdit's (its pre-filter and instruction generator), for all 26 types, without the block that skips them; each says what it found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pixwright.records.kind import Aspect, Group, Target
from pixwright.records.kind import EditType as T
from pixwright.records.plan import MAX_INSTRUCTION, Step
from pixwright.records.sample import Sample
from pixwright.records.vocabulary import COLOURS, WORDS
from pixwright.words import lexicon, read
from pixwright.words.adjectives import REPEATED
from pixwright.words.naming import full_name, last_noun

ASPECT = 2.0
"""Largest ratio of the sides (AnyEdit: pre-filter)."""
AREA = 0.95
"""An edit of a thing covers less of the picture than this (AnyEdit: pre-filter)."""
_QUOTED = re.compile(r"[\"“”«»]([^\"“”«»]+)[\"“”«»]|(?<!\w)['‘]([^'‘’]+)['’](?!\w)")
_NAMED = re.compile(r"\[(\d+)\]")
ReadsBack = Callable[[str, Step], str | None]
"""(instruction, step) -> why the instruction is not read as the step, or None."""


SAYABLE = frozenset((*WORDS, Aspect.THING, Aspect.NUMBER, Aspect.TEXT)) - {Aspect.ACTION}
"""What an edit can change so that two captions must differ; not every action shows in words."""


@dataclass(frozen=True)
class Words:
    """What is known of a sample before it is rendered. Captions may be empty: rules about them are then not applied."""

    type: T
    step: Step
    instruction: str
    source_caption: str = ""
    edited_caption: str = ""
    references: tuple[int, ...] = ()
    """Numbers of the references that there are."""
    shape: tuple[int, int] | None = None
    """Height and width of the source."""
    area: float | None = None
    """Share of the picture that the edit's mask covers."""

    @classmethod
    def of(cls, sample: Sample) -> Words:
        """Those of a finished sample."""
        mask = sample.mask
        return cls(
            sample.type,
            sample.step,
            sample.instruction,
            sample.source_caption,
            sample.edited_caption,
            tuple(r.number for r in sample.references),
            (sample.source.shape[0], sample.source.shape[1]),
            None if mask is None else float((mask > 127).mean()),
        )


def validate(words: Words, reads_back: ReadsBack | None = None) -> str:
    """Empty if the words are fit for a sample, else the first rule that they break: "the caption has no 'dog'".

    `reads_back` is asked last, since it parses: `build.wording.check.parse_back`, or a language model's own check.
    """
    for rule in _RULES:
        reason = rule(words)
        if reason:
            return reason
    read = reads_back(words.instruction, words.step) if reads_back is not None else None
    return f"not read back: {read}" if read else ""


def validate_sample(sample: Sample, reads_back: ReadsBack | None = None) -> str:
    """The same for a finished sample, with the sizes of its pictures."""
    if sample.canvas is None and sample.source.shape[:2] != sample.edited.shape[:2]:
        (h, w), (tall, wide) = sample.source.shape[:2], sample.edited.shape[:2]
        return f"sizes {w}x{h} and {wide}x{tall} differ without a canvas"
    if sample.mask is not None and sample.mask.shape != sample.edited.shape[:2]:
        return f"mask {sample.mask.shape[1]}x{sample.mask.shape[0]} is not of the edited picture's size"
    return validate(Words.of(sample), reads_back)


def _sentence(words: Words) -> str:
    text = words.instruction.strip()
    if not text:
        return "the instruction is empty"
    if len(text) > MAX_INSTRUCTION:
        return f"instruction of {len(text)} characters > {MAX_INSTRUCTION}"
    tokens = re.findall(r"[a-z']+", text.lower())
    twice = next((a for a, b in pairwise(tokens) if a == b and len(a) > 1 and a not in REPEATED), None)
    return f"'{twice}' stands twice in a row" if twice and f"{twice} {twice}" in text.lower() else ""


def _sizes(words: Words) -> str:
    if words.shape is not None:
        ratio = max(words.shape) / max(min(words.shape), 1)
        if ratio > ASPECT:
            return f"aspect {ratio:.2f} > {ASPECT:g}"
    if (
        words.area is not None
        and words.type.group in (Group.LOCAL, Group.VISUAL)
        and words.type is not T.STYLE_TRANSFER
    ):
        if words.area >= AREA:
            return f"area {words.area:.2f} >= {AREA:g}"
        if words.area == 0:
            return "the mask is empty"
    return ""


def _names_a_target(kind: T) -> bool:
    return kind.traits.target in (Target.NEEDED, Target.USUAL)


def _names_a_value(kind: T) -> bool:
    """Whether words alone say what comes: a thing, a text, a look."""
    return kind.group is not Group.VISUAL and (
        kind in (T.ADD, T.REPLACE) or kind.traits.changes in (*WORDS, Aspect.TEXT)
    )


def _complete(words: Words) -> str:
    step = words.step
    if _names_a_target(step.type) and not step.target:
        return f"{step.type} names no target"
    if _names_a_value(step.type) and not step.value:
        return f"{step.type} has no value"
    return ""


def _caption(words: Words) -> str:
    """The noun of the instruction is in the source's caption; what is brought is new in the edited one's."""
    step, before, after = words.step, _nouns(words.source_caption), _nouns(words.edited_caption)
    kind = step.type
    alters = kind.traits.changes in SAYABLE
    if before and step.target and _names_a_target(kind) and _head(step.target.text) not in before:
        return f"the source caption has no '{_head(step.target.text)}'"
    if kind in (T.ADD, T.REPLACE) and step.value:
        if (
            before
            and _head(step.value) in before
            and not (step.target and _head(step.target.text) == _head(step.value))
        ):
            return f"'{_head(step.value)}' is in the source already"
        if after and _head(step.value) not in after:
            return f"the edited caption has no '{_head(step.value)}'"
    if alters and before and words.source_caption == words.edited_caption:
        return "both captions are the same"
    return ""


def _worth(words: Words) -> str:
    """The edit asks for a difference."""
    step = words.step
    if (
        step.type is T.REPLACE
        and step.target
        and step.value
        and full_name(read(step.target.text)) == full_name(read(step.value))
    ):
        return f"'{step.target}' is replaced with itself"
    if step.type is T.COLOR_ALTER and step.target and read(step.target.text).colours == (step.value,):
        return f"'{step.target}' is {step.value} already"
    if step.type is T.TEXTUAL_CHANGE and step.old_text is not None and step.old_text == step.value:
        return f"the text '{step.value}' is replaced with itself"
    return ""


def _vocabulary(words: Words) -> str:
    step = words.step
    if step.type is T.APPEARANCE_ALTER:
        allowed = set(re.findall(r"[a-z]+", str(step.target or "").lower()))
        colours = (set(re.findall(r"[a-z]+", words.instruction.lower())) & COLOURS.keys()) - allowed
        if colours:
            return f"an appearance with the colour '{min(colours)}'"
    if step.type is T.COLOR_ALTER and step.value and step.value not in COLOURS and step.value != "rainbow":
        return f"'{step.value}' is no colour that is known"
    if step.type is T.TEXTUAL_CHANGE:
        quoted = [a or b for a, b in _QUOTED.findall(words.instruction)]
        if len(quoted) != 2 and not (len(quoted) == 1 and step.old_text):
            return f"{len(quoted)} quoted texts; two, or one and the old text, are needed"
        if step.value not in quoted:
            return f"the new text '{step.value}' is not quoted in the instruction"
    return ""


def _references(words: Words) -> str:
    named = {int(n) for n in _NAMED.findall(words.instruction)}
    given = set(words.references)
    if named - given:
        return f"the instruction names [{min(named - given)}], which is not there"
    if words.step.reference is not None and words.step.reference not in named:
        return f"the step uses [{words.step.reference}], which the instruction does not name"
    return ""


_RULES: Sequence[Callable[[Words], str]] = (_sentence, _sizes, _complete, _worth, _vocabulary, _references, _caption)


def _head(phrase: str) -> str:
    """The noun that a phrase is about: "the second red cup from the left" -> "cup", "glass of milk" -> "glass"."""
    plain = re.split(r" (?:on|in|from|at|to|of) ", phrase.lower())[0]
    return last_noun(read(plain))


def _nouns(caption: str) -> set[str]:
    """Every word of a caption, in the singular too."""
    words = re.findall(r"[a-z0-9'-]+", caption.lower())
    plurals = [word for word in words if word.endswith("s")]
    return {
        *words,
        *(lexicon().singular(word)[0] for word in words),
        *(word[:-1] for word in plurals),
        *(word[:-2] for word in plurals),
    }
