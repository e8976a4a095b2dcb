"""Plan: what an instruction means, as a closed schema.

The schema is the whole power of a parser, a language model's included: bounded strings, numbers and lists, and no field
that could hold a path, an address or code. `Plan.model_validate_json` is run on everything that comes from outside.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from pixwright.records.kind import EditType
from pixwright.records.thing import Frozen, Thing
from pixwright.records.vocabulary import CONDITIONS, FRAMES

MAX_STEPS = 8
MAX_INSTRUCTION = 2_000
"""Longest instruction in characters; a longer one is refused, not cut."""
MAX_SIDE = 20_000
"""Longest side, in pixels, that a picture can be asked to have."""

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]


class Relation(StrEnum):
    """A place: relative to an anchor, or, with no anchor, within the picture."""

    LEFT = "left"
    RIGHT = "right"
    ABOVE = "above"
    BELOW = "below"
    ON = "on"
    INSIDE = "inside"
    BESIDE = "beside"
    BEHIND = "behind"
    IN_FRONT = "in_front"
    BETWEEN = "between"
    AROUND = "around"
    CENTER = "center"
    TOP = "top"
    BOTTOM = "bottom"
    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM_RIGHT = "bottom_right"
    FOREGROUND = "foreground"
    BACKGROUND = "background"
    SWAP = "swap"
    EVERY_SIDE = "every_side"
    BOTH_SIDES = "both_sides"
    """Left and right."""


class Unit(StrEnum):
    """What an amount counts."""

    FACTOR = "factor"
    """2.0 = twice as large."""
    PERCENT = "percent"
    """+30 = 30 % more; -30 = 30 % less. Of the quantity in question, or of the picture's side for a movement."""
    DEGREES = "degrees"
    """Clockwise is positive."""
    PIXELS = "pixels"
    STRENGTH = "strength"
    """0 to 1: slightly 0.3, unstated 0.6, very 0.9."""
    ITEMS = "items"
    """Counting: +2 = two more; -1 = one fewer."""


class Where(Frozen):
    """Where something goes or is: a relation and, if it is relative to a thing, that thing's noun phrase."""

    relation: Relation
    anchor: Thing | None = None
    second_anchor: Thing | None = None
    """Only for `between`."""


class Amount(Frozen):
    """How much, with its unit."""

    value: Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]
    unit: Unit


Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]


class Frame(Frozen):
    """What a `resize` without target makes of the whole picture: its sides in pixels, or, with `ratio`, their proportion ("16:9"), which an `outpaint` reaches by adding."""

    width: Side | None = None
    """None where it follows from the height, in the picture's own proportion."""
    height: Side | None = None
    ratio: bool = False


class Lettering(Frozen):
    """How the letters of a `textual_change` look, as far as it was said; null where nothing was."""

    colour: Phrase | None = None
    """A colour's name, #rrggbb or rgb(r, g, b)."""
    size: Literal["small", "large"] | None = None
    bold: bool = False
    thin: bool = False
    italic: bool = False
    face: Literal["serif", "sans", "mono", "handwritten"] | None = None
    said: Annotated[tuple[Phrase, ...], Field(max_length=8)] = ()
    """What else was said of them, of which nothing is made."""


def _conditions(said: str) -> str:
    if said not in CONDITIONS:
        raise ValueError(f"conditions are one of {', '.join(CONDITIONS)}")
    return said


class Step(Frozen):
    """One edit.

    `target` is what is edited ("the second cup from the left"), or null for the whole picture; in JSON it may be a plain string, which
    `words.read_plan` reads. `value` is what it becomes, in canonical words where `records.vocabulary` has them: the new object, colour, material,
    style, text, background, or for `tone_transfer` the tone or control's name.
    """

    type: EditType
    instruction: Sentence
    """The clause of the instruction that this step stands for."""
    target: Thing | None = None
    value: Phrase | None = None
    old_text: Phrase | None = None
    """For `textual_change`: the text that is to be found; null for any."""
    source_caption: Sentence = ""
    """InstructEdit's first editing prompt: the picture before the step."""
    edited_caption: Sentence = ""
    """InstructEdit's second editing prompt: the picture after the step."""
    protect: Thing | None = None
    """What the step must leave as it is: "... but keep the faces"."""
    where: Where | None = None
    amount: Amount | None = None
    count: Annotated[int, Field(ge=0, le=100)] | None = None
    """For `counting`: how many there shall be in the end; for `add`: how many to add."""
    frame: Frame | None = None
    conditions: Annotated[str, AfterValidator(_conditions)] | None = None
    """For `background_change`: the season, hour or weather in which the new background is, one of `vocabulary.CONDITIONS`. For a weather or season of `tone_transfer`: its hour."""
    lettering: Lettering | None = None
    reference: Annotated[int, Field(ge=1, le=16)] | None = None
    """The attachment `[n]` that the step uses."""
    why: Sentence = ""
    """The reasoning that led from an implicit instruction to this step."""

    @property
    def reframes(self) -> bool:
        """Whether the picture's frame changes; a thing that is named then only says where it goes ("crop to the dog")."""
        return self.type.traits.reframes and (self.target is None or self.value in FRAMES)


class Plan(Frozen):
    """An instruction, understood: one to eight steps, run in order."""

    instruction: Annotated[str, StringConstraints(min_length=1, max_length=MAX_INSTRUCTION)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MAX_STEPS)]
    parser: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.:/-]{1,100}$")] = "rules"
    """Who understood it: `rules`, `tagged` (a network said what each word is for), `implicit`, `typed` (the type alone was predicted), or `llm:MODEL`."""
    unread: tuple[Sentence, ...] = Field(default=(), max_length=MAX_STEPS)
    """Parts of the instruction that nothing was made of; the edit as a whole can then be `partly` at best."""
    notes: tuple[Sentence, ...] = Field(default=(), max_length=16)
    """What the parser wants the user to know, such as a language model that did not answer."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was not read, each as a line for a person."""
        return tuple(f"nothing was done for {words!r}: it was not understood" for words in self.unread)

    @property
    def told(self) -> tuple[str, ...]:
        """The words that each step stands for, for a person; where several stand for the same words, with what each of them edits."""
        words = [step.instruction for step in self.steps]
        return tuple(
            f"{said} ({step.target})" if step.target and words.count(said) > 1 else said
            for step, said in zip(self.steps, words, strict=True)
        )

    @property
    def segmentation_prompt(self) -> str:
        """InstructEdit's segmentation prompt: the noun phrases to be segmented, comma-joined (paper: section 3.2)."""
        return ", ".join(dict.fromkeys(str(s.target) for s in self.steps if s.target))
