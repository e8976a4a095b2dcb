"""What words can ask of a session: to go elsewhere in it, to do the last edit otherwise, or a new edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pixwright.records.thing import Thing


@dataclass(frozen=True)
class Undo:
    """Go back: `count` versions, or to the original where it is None; or take back only what was done to a `thing`."""

    count: int | None = 1
    thing: Thing | None = None


@dataclass(frozen=True)
class Redo:
    """Go forward again: `count` versions, or as far as there are any where it is None."""

    count: int | None = 1


@dataclass(frozen=True)
class GoTo:
    """Go to a version: by its number (0 is the original, -1 the one made last), or by its name."""

    number: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Again:
    """The last edit once more, on the picture as it is now; to another thing, where one is named."""

    target: Thing | None = None


@dataclass(frozen=True)
class Another:
    """The last edit made anew, with other chances (another seed)."""


@dataclass(frozen=True)
class Dose:
    """The last edit made anew, stronger or weaker: `factor` times what it was."""

    factor: float


@dataclass(frozen=True)
class Instead:
    """Something else in place of the last edit, or of a part of it. `sure`: the words say that the last edit was wrong."""

    words: str
    sure: bool = False


@dataclass(frozen=True)
class Fresh:
    """An instruction of its own, with its "one" and "ones" given their noun."""

    words: str


Move: TypeAlias = Undo | Redo | GoTo | Again | Another | Dose | Instead | Fresh
