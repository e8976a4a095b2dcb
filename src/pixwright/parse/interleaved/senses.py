"""What an attachment is and shows, for a parser that neither looks nor listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pixwright.mllm.contract import InputKind
from pixwright.records.instruction import Attachment


@dataclass(frozen=True)
class Senses:
    """Handed in by the system, whose networks look and listen."""

    kind: Callable[[Attachment], InputKind]
    """Music is what a tagger takes for music; every other sound is a sound."""
    name: Callable[[Attachment], str | None]
    """The noun of what a picture surely shows, or what surely makes a sound; None where it is not sure."""
