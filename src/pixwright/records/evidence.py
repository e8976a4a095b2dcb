"""Evidence: the facts that an editor claims, for the judge to check against the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pixwright.records.region import Box
from pixwright.records.result import Origin
from pixwright.records.vocabulary import Rgb


@dataclass(frozen=True)
class Evidence:
    """What an editor meant to bring about, in numbers. Every field is optional: an editor fills those that its type is judged by.

    Pixels of the edited picture, XYXY boxes.
    """

    placed: tuple[Box, ...] = ()
    """Where something was put (add, replace, movement, counting, references)."""
    placed_phrase: str | None = None
    """What was put there, in the library's words."""
    vacated: tuple[Box, ...] = ()
    """Where something was taken away."""
    displacement: tuple[float, float] | None = None
    """Intended movement (dx, dy)."""
    factor: float | None = None
    """Intended size ratio."""
    axis: Literal["both", "height", "width"] = "both"
    """Which measure the size ratio is of."""
    angle: float | None = None
    """Intended rotation in degrees, clockwise."""
    mirrored: bool = False
    """The object was reflected left to right."""
    colour: Rgb | None = None
    text: str | None = None
    """The text that shall be read."""
    canvas: Box | None = None
    """Where the old picture lies in the new one (outpaint), or what was cut from the old one (crop, in old pixels)."""
    turned: float | None = None
    """By how much a photographic control was turned, signed."""
    cleared: float | None = None
    """Share of the picture that was made transparent."""
    origin: Origin = Origin.EXISTING
    """Where the new pixels come from; flow takes it from the proposal."""
