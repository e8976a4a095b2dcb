"""What an editor is: picture + step + region -> proposal.

An editor *proposes* a picture and the soft mask of what it needs to touch; `edit.composite` alone decides what is touched.
One editor a file; each exports `edit(picture, step, region, context) -> Proposal`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, Attachment
from pixwright.records.placement import SINGLE_PIXELS, Grid
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region
from pixwright.records.result import Control, Origin
from pixwright.records.thing import Thing

_CONTROL_DIGITS = 2
"""Of a control's value after the point."""


def nothing_stands(picture: Array) -> Array:
    """What `Context.standing` says of HxWx3 where nobody looks: an empty mask HxW."""
    return np.zeros(picture.shape[:2], np.uint8)


def nothing_seen(picture: Array) -> tuple[Box, ...]:
    """What `Context.things` says of HxWx3 where nobody looks: no box."""
    return ()


@dataclass(frozen=True, eq=False)
class UnderWay:
    """An edit that was begun in other pictures of the same thing and is carried on in this one, as a scene's views are edited together (Instruct-NeRF2NeRF, arXiv 2303.12789, section 3.2).

    A denoiser starts from it, and is held to the picture outside of the mask; other editors pass it over.
    """

    picture: Array
    """HxWx3 uint8, of the picture's size: how the place looks by now."""
    share: float
    """Of all noise, between 0 and 1, that is put on it."""
    steps: int
    """Denoising steps from there."""


@dataclass(frozen=True, eq=False)
class Working:
    """What an editor tells while it works at a step."""

    done: int = 0
    of: int = 0
    """Parts of the work, such as denoising steps; 0 of 0 where they are not counted."""
    words: str = ""
    """What it does, where that is worth saying: which networks it loads, and where."""
    preview: Callable[[], Array] | None = None
    """What is becoming of the part of the picture that the editor sees: a small HxWx3 uint8, made when it is asked for."""


def unheard(working: Working) -> None:
    """Nobody listens."""


@dataclass(frozen=True, eq=False)
class Context:
    """Everything besides picture, step and region that an editor may use. Nothing in it changes."""

    seed: int
    encoders: Encoders
    ground: Callable[[Array, str | Thing], Region]
    """Find another phrase (an anchor, "foreground") in a picture: HxWx3 uint8, phrase -> Region."""
    attachments: tuple[Attachment, ...] = ()
    library: Path | None = None
    """A folder of the user's own cut-outs."""
    user_region: Region | None = None
    """The user's mask, box or point, if given: the place for what is added, and the limit of every change."""
    protected: Array | None = None
    """HxW uint8: what the step must leave as it is ("but keep the hat"), or None."""
    standing: Callable[[Array], Array] = nothing_stands
    """Everything that stands out of a picture HxWx3, as a mask HxW uint8: what a filling must not copy from."""
    people: Callable[[Array], Array] = nothing_stands
    """Everybody who is seen in HxWx3 and does not stand out, HxW uint8: nobody is copied either."""
    things: Callable[[Array], tuple[Box, ...]] = nothing_seen
    """The boxes of what a detector surely sees in a picture HxWx3, whatever it is."""
    alpha: Array | None = None
    """HxW uint8: how opaque the picture is, or None where it has no transparency."""
    controls: Mapping[str, float] = field(default_factory=dict)
    """Values that the user set for this step's controls, by name; `control` reads them."""
    grid: Grid = SINGLE_PIXELS
    """The cells in which the input's file codes pixels together: an edge of a crop or an extension that nobody gave in pixels is laid on it."""
    under_way: UnderWay | None = None
    """Where the edit is carried on from, if it is not begun."""
    working: Callable[[Working], None] = unheard
    """Is told how far a long edit is; what it raises ends the edit."""
    attempt: int = 0
    """0 at first; 1 or 2 when a witness objected: an editor with another way to do it takes that one."""

    def rng(self, salt: int = 0) -> np.random.Generator:
        """A generator that depends on the seed only."""
        return np.random.default_rng([self.seed, salt])

    def control(self, name: str, own: float, low: float, high: float, why: str, unit: str = "") -> Control:
        """A number of the step that a person can move: its `value` is the one to use, the user's if there is one, else the editor's `own`.

        `own` is kept inside [low, high] and rounded to what a person reads, so that the value that is reported makes the same picture
        again. Put it into `Proposal.controls`. Raises InvalidOption for a user's value outside the range.
        """
        own = round(min(max(own, low), high), _CONTROL_DIGITS)
        value = self.controls.get(name, own)
        if not low <= value <= high:
            raise InvalidOption(f"control {name}={value:g}: allowed are {low:g} to {high:g}{unit and ' ' + unit}")
        return Control(name=name, value=value, low=low, high=high, unit=unit, why=why)


@dataclass(frozen=True, eq=False)
class Proposal:
    """An editor's answer.

    `picture` HxWx3 uint8: of the input's size unless `evidence.canvas` says otherwise. `mask` HxW uint8 (size of `picture`): the weight of the
    proposal; where it is 0 the result is the input, bit for bit. `refused` is the reason, for the user, why nothing was done; then the
    picture is ignored. `partly` says what part of the step could not be done.
    """

    picture: Array
    mask: Array
    evidence: Evidence = field(default_factory=Evidence)
    refused: str | None = None
    partly: str | None = None
    notes: tuple[str, ...] = ()
    alpha: Array | None = None
    """HxW uint8: how opaque the result shall be at most, for a background that is taken away; None leaves the input's alpha."""
    filled: bool = False
    """What was transparent under the mask is opaque now: something was put behind a cut-out."""
    added: Origin = Origin.EXISTING
    """Where the new pixels come from."""
    controls: tuple[Control, ...] = ()
    """The numbers behind the result that a person can move."""
    brought: Array | None = None
    """HxW uint8: how much of each pixel is a thing that was put there, its shadow with it; None where nothing was."""
    done_as: Step | None = None
    """The step of another type that was done in its place, and by which it is judged: a sky that is replaced gets another weather."""


def refuse(picture: Array, reason: str) -> Proposal:
    """The honest no: the input, an empty mask, and the reason with what to do next."""
    return Proposal(picture, np.zeros(picture.shape[:2], np.uint8), refused=reason)


class Editor(Protocol):
    """The signature that every `edit/<name>.py` exports as `edit`."""

    def __call__(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        """`picture` HxWx3 uint8 sRGB, never written to; `region` of the same size."""
        ...
