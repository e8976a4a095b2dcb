"""How much neighbouring latents have to do with each other: much in a picture, nothing in noise."""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_CELLS = 64
"""Fewer latents say too little."""
_SHARE = 0.5
"""Of the input's own coherence, below which a painting is noise. Of 24 edits of photographs by the packaged weights the least share was .51 in 9 x 9 cells and .62 in
16 x 16; of as many by an untrained network the largest was .35 and .21."""
_ENOUGH = 0.35
"""A painting of this coherence is a picture, however smooth the input was."""


def coherence(latents: Tensor, mask: Tensor | None = None) -> Tensor:
    """(B,): the correlation of latents (B, c, h, w) with their right and lower neighbours, mean over the channels. mask: (B or 1, 1, h, w), what counts."""
    weight = torch.ones_like(latents[:1, :1]) if mask is None else mask.to(latents)
    total = weight.sum((2, 3), keepdim=True)
    from_mean = latents - (latents * weight).sum((2, 3), keepdim=True) / total
    spread = (from_mean.square() * weight).sum((2, 3)) / total[..., 0, 0]
    down, right = weight[..., 1:, :] * weight[..., :-1, :], weight[..., 1:] * weight[..., :-1]
    shared = (from_mean[..., 1:, :] * from_mean[..., :-1, :] * down).sum((2, 3))
    shared = shared + (from_mean[..., 1:] * from_mean[..., :-1] * right).sum((2, 3))
    pairs = down.sum((2, 3)) + right.sum((2, 3))
    found: Tensor = (shared / pairs / spread.clamp_min(torch.finfo(latents.dtype).eps)).mean(1)
    return found


def is_noise(before: Tensor, after: Tensor, mask: Tensor | None = None) -> list[bool]:
    """Whether each painting (B, c, h, w) is no picture beside the input's own latents (1, c, h, w), inside `mask` (1, 1, h, w) where it is large enough to say so.

    What an untrained or damaged network paints is as incoherent as the noise that it began with. A mask of under `LEAST_CELLS` decides nothing.
    """
    cells = before.shape[-1] * before.shape[-2] if mask is None else float(mask.sum())
    if cells < LEAST_CELLS:
        return [False] * len(after)
    was, now = coherence(before.float(), mask), coherence(after.float(), mask)
    return [bool(value < _ENOUGH and value < _SHARE * was[0]) for value in now]
