"""Instructions that interleave words with pictures and sounds (InstructAny2Pix): what the rules cannot know, they are told.

Start at `parse_interleaved`. `senses` says what an attachment is and shows; `forms` puts the paper's forms of speech into those that the rules read; `control` makes a plan of
a language model's control tokens where no rule reads the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pixwright.errors import UnclearInstruction
from pixwright.parse import parse
from pixwright.parse.heard import heard, is_music, is_weather, makers, pictured
from pixwright.parse.interleaved.control import ControlReader, plan_of_control, said_of
from pixwright.parse.interleaved.forms import bases, restated, themselves
from pixwright.parse.interleaved.senses import Senses
from pixwright.parse.tokens import notation, tokenise
from pixwright.records.instruction import Array, Attachment, Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders

__all__ = ["ControlReader", "Senses", "parse_interleaved"]

_MUSIC = "music"
"""What a nameless piece is called, for the rules to know it as one."""


def parse_interleaved(
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    senses: Senses,
    reader: ControlReader | None = None,
) -> Plan:
    """The plan of words that name pictures and sounds as `[1]`, `[2]` or in the paper's notation; steps name the attachments by their numbers.

    `reader`: a language model, asked what is base and what are subjects; its answer stands in the plan's notes, and is the plan where no rule reads the words. Raises
    UnclearInstruction.
    """
    named, notes = _named(instruction, senses)
    named = replace(named, text=themselves(named, picture))
    found = _by_rules(named, picture, encoders)
    if reader is not None:
        understood = reader(instruction, picture)
        notes = [*notes, said_of(understood, reader.name)]
        if isinstance(found, UnclearInstruction):
            found = plan_of_control(understood, named, reader.name) or found
    if isinstance(found, UnclearInstruction):
        raise found
    steps = tuple(_as_meant(step, named, senses) for step in found.steps)
    unused = _unused(instruction)
    if unused:
        notes = [*notes, f"{unused}: attached and named nowhere, so not used"]
    texts = tuple(dict.fromkeys((*found.notes, *notes)))
    return found.model_copy(update={"instruction": instruction.text, "steps": steps, "notes": texts})


def _named(instruction: Instruction, senses: Senses) -> tuple[Instruction, list[str]]:
    """The instruction with names for the attachments whose files' names say nothing, and a note on each."""
    given: list[Attachment] = []
    notes = []
    for number, one in enumerate(instruction.attachments, 1):
        if f"[{number}]" not in instruction.text.replace(" ", ""):
            given.append(one)
            continue
        if isinstance(one, PictureAttachment):
            noun = None if pictured(one.name) else senses.name(one)
            ending, how = "png", "shows"
        else:
            noun = _sounding(one, senses)
            ending, how = "wav", "sounds like"
        if noun is None:
            given.append(one)
            continue
        given.append(replace(one, name=f"{noun}.{ending}"))
        notes.append(f"[{number}] {how} {noun}")
    return replace(instruction, attachments=tuple(given)), notes


def _sounding(one: SoundAttachment, senses: Senses) -> str | None:
    """What a sound shall be called; None where its own name says it. A name that makes no sound is believed of no music: "energetic.ogg" is no energetic."""
    said = heard(one.name)
    if said in makers() or is_music(one.name):
        return None
    if senses.kind(one) == "music":
        return _MUSIC
    return senses.name(one) if said is None else None


def _by_rules(named: Instruction, picture: Array | None, encoders: Encoders) -> Plan | UnclearInstruction:
    """As it stands; in other words; with a reference in the picture's place. The first that the rules read, else the first one's error."""
    first: UnclearInstruction | None = None
    tried = dict.fromkeys((restated(named.text), named.text, *bases(restated(named.text), named.attachments)))
    for text in tried:
        try:
            return parse(replace(named, text=text), picture, encoders)
        except UnclearInstruction as problem:
            first = first or problem
    assert first is not None
    return first


def _as_meant(step: Step, named: Instruction, senses: Senses) -> Step:
    """A step that fits the picture to a sound: to music its mood; to a thing that is heard, the thing; to a caption alone, its words."""
    if step.type is not EditType.STYLE_TRANSFER or step.reference is None:
        return step
    one = named.attachment(step.reference)
    if one is None:
        caption = _captions(named).get(step.reference)
        return step if caption is None else step.model_copy(update={"reference": None, "value": caption})
    if not isinstance(one, SoundAttachment) or senses.kind(one) == "music" or is_music(one.name):
        return step
    noun = heard(one.name)
    if noun not in makers() or step.target is not None:
        return step
    kind = EditType.TONE_TRANSFER if is_weather(noun) else EditType.ADD
    why = f"[{step.reference}] is no music but {noun}"
    return step.model_copy(update={"type": kind, "value": noun, "reference": None, "why": why})


def _captions(named: Instruction) -> dict[int, str]:
    """Number -> caption, of the references that are written in the paper's notation."""
    names: Sequence[str] = [one.name for one in named.attachments]
    sounds = frozenset(n for n, one in enumerate(named.attachments, 1) if isinstance(one, SoundAttachment))
    tokens = tokenise(named.text, tuple(names), sounds)
    return {int(t.text): written[1] for t in tokens if t.kind == "ref" and (written := notation(t))}


def _unused(instruction: Instruction) -> str:
    """The attachments that no word names: "[2] 'song.ogg'"."""
    names = [one.name for one in instruction.attachments]
    sounds = frozenset(n for n, one in enumerate(instruction.attachments, 1) if isinstance(one, SoundAttachment))
    written = {int(t.text) for t in tokenise(instruction.text, tuple(names), sounds) if t.kind == "ref"}
    return ", ".join(f"[{n}] {name!r}" for n, name in enumerate(names, 1) if n not in written)
