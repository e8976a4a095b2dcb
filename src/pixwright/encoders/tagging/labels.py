"""What the tagger says of an instruction: the kind of each step, what each word is for, and what a step comes to in a canonical word.

The tables that name kinds of edits are derived from `records`; what is added here is what only words say and no editor has a name for ("darker").
"""

from __future__ import annotations

from pixwright.records.kind import Aspect, EditType, Group, Target
from pixwright.records.vocabulary import (
    ACTIONS,
    APPEARANCES,
    BACKGROUNDS,
    CLEAR,
    COLOURS,
    CONTROLS,
    MATERIALS,
    REPAIRS,
    STYLES,
    TONES,
)

SITUATION, NOTHING = "situation", "none"
"""A wish from which the edit must be worked out, and words that ask for no edit."""
KINDS: tuple[str, ...] = (
    *(kind.value for kind in EditType if kind.group is not Group.VISUAL and kind is not EditType.IMPLICIT_CHANGE),
    SITUATION,
    NOTHING,
)
"""Kinds of steps. Those that need an attachment are told by it, not by the tagger."""
ROLES: tuple[str, ...] = ("", "target", "value", "place", "old", "amount", "protect")
"""What a word is for in a step; the first is for nothing."""
MORE, LESS = "+", "-"
_SAID: dict[Aspect, tuple[str, ...]] = {
    Aspect.TONE: (
        *(tone for tone in TONES if tone not in CONTROLS),
        *(control + sign for control in CONTROLS for sign in (MORE, LESS)),
        *REPAIRS,
    ),
    Aspect.STYLE: (*STYLES, "other"),
    Aspect.BACKGROUND: (*BACKGROUNDS, CLEAR, *COLOURS),
    Aspect.COLOUR: (*COLOURS, "darker", "lighter"),
    Aspect.MATERIAL: MATERIALS,
    Aspect.APPEARANCE: (*APPEARANCES, "clean", "smooth", "fluffy"),
    Aspect.ACTION: (*ACTIONS, *"sit smile frown laugh wave run sleep".split(), "look at camera", *("eyes closed", "eyes open", "mouth open", "mouth closed")),
    Aspect.SIZE: (*"bigger smaller longer taller wider thinner crop".split(), "zoom in", "zoom out"),
    Aspect.ANGLE: (*"left right mirror level tilt".split(), "upside down"),
    Aspect.FRAME: tuple("left right up down around".split()),
}  # fmt: skip
"""What an edit changes -> the canonical words for what it comes to. "Darker" and the like are said and no editor has a name for them."""
MEANINGS: tuple[str, ...] = ("", *dict.fromkeys(word for words in _SAID.values() for word in words))
"""All canonical words; the first where the words themselves say it."""
_ALWAYS = (Aspect.TONE, Aspect.STYLE, Aspect.SIZE, Aspect.ANGLE, Aspect.FRAME)
"""What is said in so many words that the canonical one always counts."""


def meanings_of(kind: str) -> tuple[int, ...]:
    """The numbers, in MEANINGS, of what a step of a kind can come to."""
    if kind in (SITUATION, NOTHING):
        return (0,)
    aspect = EditType(kind).traits.changes
    words = () if aspect in _ALWAYS else ("",)
    return tuple(MEANINGS.index(word) for word in (*words, *_SAID.get(aspect, ())))


def needed(kind: str) -> tuple[str, ...]:
    """The roles that a step of a kind cannot be without."""
    if kind in (SITUATION, NOTHING):
        return ()
    traits = EditType(kind).traits
    target = traits.target in (Target.NEEDED, Target.USUAL)
    value = traits.brings and traits.changes is Aspect.THING
    return (("target",) if target else ()) + (("value",) if value else ())


LENGTH = 128
"""Tokens of an instruction that are tagged; what is longer is left to the rules."""
