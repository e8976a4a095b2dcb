"""What a witness says, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from pixwright.records.plan import Step


@dataclass(frozen=True)
class Heard:
    """A measured value, and the sentence for a person that is true where the witness objects."""

    value: float
    objection: str


def named(step: Step) -> str:
    """How a sentence calls what a step edits."""
    if step.target is None:
        return "it"
    text = str(step.target)
    return text if text.lower().split()[0] in ("the", "his", "her", "its", "their", "my") else f"the {text}"
