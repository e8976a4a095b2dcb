"""A language model's control tokens: what they say to a person, and the plan that they are where no rule reads the words (InstructAny2Pix, section 3.1)."""

from __future__ import annotations

import re
from typing import Protocol

from pixwright.mllm.contract import Understanding
from pixwright.parse.heard import heard, is_music, is_weather
from pixwright.parse.rules import plan_of
from pixwright.records.instruction import Array, Instruction, PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import MAX_STEPS, Plan, Step


class ControlReader(Protocol):
    """Reads an instruction with its picture and attachments by a language model."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def __call__(self, instruction: Instruction, picture: Array | None) -> Understanding:
        """Base, subjects and the picture to be."""
        ...


def said_of(understood: Understanding, name: str) -> str:
    """One line: what the model took for the base and for subjects, and the caption that it wrote."""
    base = "none" if understood.base is None else "the picture" if understood.base == 0 else f"[{understood.base}]"
    subjects = ", ".join(f"[{n}]" for n in understood.subs) or "none"
    words = " ".join(understood.words.split())
    caption = f'; it shall be "{words}"' if words else ""
    return f"{name} read: base {base}, subjects {subjects}{caption}"[:500]


def plan_of_control(understood: Understanding, named: Instruction, name: str) -> Plan | None:
    """Each subject comes into the picture, and music sets its mood; None where the model names nothing that could."""
    music = [n for n, one in enumerate(named.attachments, 1) if is_music(one.name) and f"[{n}]" in named.text]
    numbers = dict.fromkeys((*(n for n in understood.subs if n > 0), *music))
    steps = [step for n in numbers if (step := _step(n, named)) is not None]
    if not steps:
        return None
    return plan_of(named.text, steps[:MAX_STEPS], f"llm:{re.sub('[^a-z0-9]+', '-', name.lower())}")


def _step(number: int, named: Instruction) -> Step | None:
    one = named.attachment(number)
    why = "no rule reads the words; the language model named it a subject"
    if one is None:
        return None
    if isinstance(one, PictureAttachment):
        return Step(type=EditType.VISUAL_REFERENCE, instruction=named.text, reference=number, why=why)
    noun = None if is_music(one.name) else heard(one.name)
    if noun is None:
        return Step(type=EditType.STYLE_TRANSFER, instruction=named.text, reference=number, why=why)
    kind = EditType.TONE_TRANSFER if is_weather(noun) else EditType.ADD
    return Step(type=kind, instruction=named.text, value=noun, why=why)
