"""Instruction: words, pictures and sounds, in order. The base picture is always part 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.records.plan import Step

Array: TypeAlias = NDArray[np.uint8]
"""A picture: HxWx3 or HxWx4, uint8, sRGB; or a mask: HxW, uint8, 255 = edit."""

Samples: TypeAlias = NDArray[np.float32]
"""Mono sound, float32 in [-1, 1]."""


@dataclass(frozen=True, eq=False)
class PictureAttachment:
    """A reference picture: HxWx3 or HxWx4 uint8 sRGB."""

    name: str
    pixels: Array


@dataclass(frozen=True, eq=False)
class SoundAttachment:
    """A sound or a piece of music: mono float32 in [-1, 1], at `rate` Hz."""

    name: str
    samples: Samples
    rate: int


Attachment: TypeAlias = PictureAttachment | SoundAttachment


@dataclass(frozen=True, eq=False)
class Instruction:
    """The words and what they name: `[1]` in `text` is `attachments[0]`, `[2]` is `attachments[1]`, and so on."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    before: tuple[Step, ...] = ()
    """Steps of earlier turns of a session, oldest first: what "it" may mean."""
    pointed: bool = False
    """Whether the user shows where, by a mask, a box, a point: "it" and "this" are then what is there."""

    def attachment(self, number: int) -> Attachment | None:
        """The attachment that `[number]` names, or None if there is none."""
        return self.attachments[number - 1] if 1 <= number <= len(self.attachments) else None
