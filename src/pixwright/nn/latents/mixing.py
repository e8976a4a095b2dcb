"""Several predictions joined to one (MultiDiffusion, arXiv 2302.08113): parts of a picture that is larger than the network's, and regions with words of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition


@dataclass(frozen=True, eq=False)
class JoinedPart:
    """What one prediction is of: a rectangle of the latents with its condition, and how much it counts at each cell."""

    condition: Condition
    """Its picture latents have the part's size."""
    weight: Tensor
    """(1, 1, h, w) of the part, not negative."""
    top: int = 0
    left: int = 0

    def cut(self, latents: Tensor) -> Tensor:
        """The part of (B, c, H, W)."""
        high, wide = self.weight.shape[-2:]
        return latents[..., self.top : self.top + high, self.left : self.left + wide]


def joined(parts: Sequence[JoinedPart], predictions: Sequence[Tensor], like: Tensor) -> Tensor:
    """The weighted mean (B, c, H, W) of the parts' predictions. Every cell must be some part's."""
    total, weight = torch.zeros_like(like), torch.zeros_like(like[:1, :1])
    for part, predicted in zip(parts, predictions, strict=True):
        part.cut(total).add_(predicted * part.weight)
        part.cut(weight).add_(part.weight)
    return total / weight


def by_regions(condition: Condition, others: Sequence[tuple[Condition, Tensor]], like: Tensor) -> list[JoinedPart]:
    """The picture's condition, and in its place wherever a mask (1, 1, H, W) in [0, 1] says so another one's. `like`: latents (B, c, H, W)."""
    rest = torch.ones_like(like[:1, :1])
    for _, mask in others:
        rest = rest * (1 - mask)
    parts = [JoinedPart(condition, rest)] if bool(rest.any()) else []
    return parts + [JoinedPart(other, mask.to(like)) for other, mask in others if bool(mask.any())]


def by_tiles(parts: Sequence[JoinedPart], side: int, overlap: int) -> list[JoinedPart]:
    """The same parts in tiles of at most `side` latents that overlap by `overlap`, each counting less towards its own rim. Raises InvalidOption."""
    if not 0 <= overlap < side:
        raise InvalidOption(f"tiles of {side} latents cannot overlap by {overlap}; allowed are 0 to {side - 1}")
    found = []
    for part in parts:
        high, wide = part.weight.shape[-2:]
        for top in _starts(high, side, overlap):
            for left in _starts(wide, side, overlap):
                rows, columns = slice(top, top + side), slice(left, left + side)
                shown = part.condition.picture
                cut = part.weight[..., rows, columns]
                ramp = _ramp(cut.shape[-2], overlap, cut)[:, None] * _ramp(cut.shape[-1], overlap, cut)
                condition = replace(part.condition, picture=None if shown is None else shown[..., rows, columns])
                if bool(cut.any()):
                    found.append(JoinedPart(condition, cut * ramp, part.top + top, part.left + left))
    return found


def _starts(length: int, side: int, overlap: int) -> list[int]:
    """Where tiles begin: evenly, so that all overlap by at least so much."""
    count = max(1, math.ceil((length - overlap) / (side - overlap)))
    return [round(n * max(0, length - side) / max(1, count - 1)) for n in range(count)]


def _ramp(length: int, overlap: int, like: Tensor) -> Tensor:
    """(length,) rising from the rim over the overlap, nowhere 0."""
    place = torch.arange(1, length + 1, device=like.device, dtype=like.dtype)
    return torch.minimum(place, place.flip(0)).clamp_max(max(1, overlap)) / max(1, overlap)
