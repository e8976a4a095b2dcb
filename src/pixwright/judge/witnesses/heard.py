"""What a witness says, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from pixwright.records.plan import Step

NOT_SURE = "it is not sure"
"""How a sentence begins that is a doubt by itself."""


@dataclass(frozen=True)
class Heard:
    """A measured value, and the sentence for a person that is true where the witness objects."""

    value: float
    objection: str

    @property
    def unsure(self) -> str:
        """The sentence where it doubts, and does not object."""
        return self.objection if self.objection.startswith(NOT_SURE) else f"it may be that {self.objection}"


def named(step: Step) -> str:
    """How a sentence calls what a step edits."""
    if step.target is None:
        return "it"
    text = str(step.target)
    return text if text.lower().split()[0] in ("the", "his", "her", "its", "their", "my") else f"the {text}"
