"""DiffEdit: mask-guided editing of an inverted picture (arXiv 2210.11427, section 3.2; InstructEdit, section 3.4, equation 4), and its own mask."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import Ladder
from pixwright.nn.network import UNet

TIE = 0.02
"""Scores of a judge that differ by less say nothing."""


@dataclass(frozen=True)
class Gain:
    """Of a painting: the share by which the caption after explains it better, and the standard error of that."""

    mean: float
    error: float


@torch.no_grad()
def edit_inverted(
    unet: UNet,
    condition: Condition,
    levels: Tensor,
    mask: Tensor,
    ratios: Sequence[float],
    rungs: Ladder,
    scales: Scales,
    *,
    rescale: float = 0.0,
    watch: Callable[[Tensor], None] | None = None,
) -> Tensor:
    """Edit from one inversion at one or several encoding ratios: (R, B, c, h, w) latents in the order of `ratios`.

    levels: (top + 1, B, c, h, w) from `invert`, top at least the highest ratio's level. mask: (B or 1, 1, h, w) in [0, 1], 1 = edit. `condition` holds the
    caption of the picture after the edit. After each step the outside is set to the inversion *at the level just reached*; the last is level 0, so outside
    the mask the result is the picture's own latents. `watch` is called after each, with the rows so far, B of each ratio. All ratios that have begun at a level share one call of the network.
    """
    starts = [rungs.level(ratio) for ratio in ratios]
    if not starts or max(starts) >= len(levels):
        raise InvalidOption(
            f"ratios {list(ratios)} need levels up to {max(starts, default=1)}; the inversion has {len(levels) - 1}"
        )
    mask = mask.to(levels)
    size = levels.shape[1]
    order = sorted(range(len(starts)), key=lambda index: -starts[index])
    rows = levels[:0].flatten(0, 1)
    denoiser: Denoiser | None = None
    for here in range(max(starts), 0, -1):
        joining = starts.count(here)
        if joining:
            rows = torch.cat([rows, levels[here].repeat(joining, 1, 1, 1)])
            denoiser = Denoiser(unet, condition.repeat(len(rows) // size), scales, rescale=rescale)
        assert denoiser is not None
        moved = rungs.move(rows, denoiser(rows, rungs.timesteps[here]), here, here - 1)
        grouped = moved.reshape(-1, size, *moved.shape[1:])
        rows = (mask * grouped + (1 - mask) * levels[here - 1]).flatten(0, 1)
        if watch is not None:
            watch(rows)
    found = rows.reshape(-1, size, *rows.shape[1:])
    return torch.stack([found[order.index(index)] for index in range(len(starts))])


def choose_ratio(ratios: Sequence[float], scores: Sequence[float], gains: Sequence[Gain] = ()) -> int:
    """The index of the best ratio: InstructEdit leaves this choice to the user, though 74.6 % of its good edits hang on it (section 4.7).

    scores: one a ratio, more is better. Where they do not tell results apart (within `TIE` of the best; 1e-6 without gains), the network's own opinion does: those
    whose gain is within its own error of the best. Of what is left the smaller ratio wins: it changes less.
    """
    if not len(scores) == len(ratios) or not scores or len(gains) not in (0, len(ratios)):
        raise InvalidOption(
            f"{len(ratios)} ratios, {len(scores)} scores, {len(gains)} gains; there must be as many of each"
        )
    near = max(scores) - (TIE if gains else 1e-6)
    left = [i for i in range(len(scores)) if scores[i] >= near]
    if gains:
        top = max((gains[i] for i in left), key=lambda one: one.mean)
        left = [i for i in left if gains[i].mean >= top.mean - top.error]
    return min(left, key=lambda i: ratios[i])


@torch.no_grad()
def caption_gains(
    unet: UNet,
    before: Condition,
    after: Condition,
    painted: Tensor,
    mask: Tensor,
    rungs: Ladder,
    *,
    ratio: float = 0.5,
    draws: int = 4,
    generator: torch.Generator | None = None,
) -> list[Gain]:
    """How much better the network explains each painting (R, c, h, w) by the caption after than by the caption before, inside the mask (1, 1, h, w).

    Noised to `ratio`, the error of the prediction with one caption less that with the other, as a share of the second (a diffusion classifier, arXiv 2303.16203). The
    same noises, drawn on the processor, for all; the cost is 2 R rows a draw.
    """
    level = rungs.level(ratio)
    alpha = rungs.alphas[level].to(painted)
    shares = []
    for _ in range(draws):
        noise = torch.randn((1, *painted.shape[1:]), generator=generator, dtype=torch.float32).to(painted)
        noisy = alpha.sqrt() * painted + (1 - alpha).sqrt() * noise
        wanted = noise if rungs.prediction == "epsilon" else alpha.sqrt() * noise - (1 - alpha).sqrt() * painted
        errors = []
        for condition in (before, after):
            predicted = Denoiser(unet, condition.repeat(len(painted)), None)(noisy, rungs.timesteps[level])
            errors.append(((predicted - wanted).square() * mask).sum((1, 2, 3)))
        shares.append((errors[0] - errors[1]) / errors[0].clamp_min(torch.finfo(noisy.dtype).tiny))
    table = torch.stack(shares).float().cpu()
    means, errors_of = table.mean(0), table.std(0, correction=0) / math.sqrt(draws)
    return [Gain(float(mean), float(error)) for mean, error in zip(means, errors_of, strict=True)]


def latent_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """(B, 1, H, W) in [0, 1] -> (B, 1, height, width): a cell is as much to be edited as its most masked pixel.

    The nearest pixel, as the public code takes, loses what is thinner than a cell.
    """
    return F.adaptive_max_pool2d(mask, (height, width))


def compose(before: Tensor, after: Tensor, mask: Tensor) -> Tensor:
    """The edit inside the mask, the input's own pixels where the mask is 0, exactly: the autoencoder changes pixels everywhere.

    before, after: (B, 3, H, W); mask: (B or 1, 1, H, W) in [0, 1], between: mixed.
    """
    mixed = torch.lerp(before, after, mask.to(after))
    return torch.where(mask > 0, mixed, before)


@torch.no_grad()
def difference_mask(
    unet: UNet,
    before: Condition,
    after: Condition,
    clean: Tensor,
    rungs: Ladder,
    *,
    ratio: float = 0.5,
    draws: int = 10,
    threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """DiffEdit's own mask: where the predictions for two captions differ (section 3.2, step 1). (B, 1, h, w) bool, and the map in [0, 1] that it was cut from.

    clean: (B, c, h, w). The picture is noised to `ratio` with `draws` noises (the paper: 0.5, 10); absolute differences are averaged over noises and channels,
    values above three means count as that much (the paper removes outliers without saying how), the rest is scaled to [0, 1] and cut at `threshold` (0.5).
    """
    level = rungs.level(ratio)
    alpha = rungs.alphas[level].to(clean)
    # On the processor, so that a seed is the same mask on every device.
    noise = torch.randn((draws * len(clean), *clean.shape[1:]), generator=generator, dtype=torch.float32).to(clean)
    noisy = alpha.sqrt() * clean.repeat(draws, 1, 1, 1) + (1 - alpha).sqrt() * noise
    predicted = [
        Denoiser(unet, condition.repeat(draws), None)(noisy, rungs.timesteps[level]) for condition in (before, after)
    ]
    gap = (predicted[1] - predicted[0]).abs().mean(1, keepdim=True)
    gap = gap.reshape(draws, -1, *gap.shape[1:]).mean(0)
    gap = gap.minimum(3 * gap.mean((1, 2, 3), keepdim=True))
    scaled = gap / gap.amax((1, 2, 3), keepdim=True).clamp_min(1e-12)
    return scaled > threshold, scaled
