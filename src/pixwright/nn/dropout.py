"""Condition dropout in training, so that every pass that guidance asks for was seen (InstructPix2Pix, section 3.2; AnySD, G.2)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pixwright.errors import InvalidOption


@dataclass(frozen=True, eq=False)
class Kept:
    """Which conditions each of B samples keeps; (B,) bool each."""

    text: Tensor
    picture: Tensor
    visual: Tensor


def keep_conditions(
    batch: int, *, each: float = 0.05, visual: float = 0.1, generator: torch.Generator | None = None
) -> Kept:
    """Draw what a batch keeps. `each` is the share that loses only the text, only the picture, and both: 5 / 5 / 5 % in InstructPix2Pix, by one draw.

    The visual prompt is dropped with probability `visual` of what keeps its text, and always where the text is dropped: equation 8 has no pass with a visual prompt and no
    text. The public AnySD code never drops it, so a scale on it would mean nothing there.
    """
    if not (0.0 <= each <= 1 / 3 and 0.0 <= visual <= 1.0):
        raise InvalidOption(f"dropout of {each} each (0..1/3) and {visual} visual (0..1) is out of range")
    draw, second = torch.rand(2, batch, generator=generator)
    text = draw >= 2 * each
    picture = (draw < each) | (draw >= 3 * each)
    return Kept(text, picture, text & (second >= visual))
