"""DiffEdit: mask-guided editing of an inverted picture (arXiv 2210.11427, section 3.2; InstructEdit, section 3.4, equation 4), and its own mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import Ladder
from pixwright.nn.network import UNet


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
) -> Tensor:
    """Edit from one inversion at one or several encoding ratios: (R, B, c, h, w) latents in the order of `ratios`.

    levels: (top + 1, B, c, h, w) from `invert`, top at least the highest ratio's level. mask: (B or 1, 1, h, w) in [0, 1], 1 = edit. `condition` holds the
    caption of the picture after the edit. After each step the outside is set to the inversion *at the level just reached*; the last is level 0, so outside
    the mask the result is the picture's own latents. All ratios that have begun at a level share one call of the network.
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
    found = rows.reshape(-1, size, *rows.shape[1:])
    return torch.stack([found[order.index(index)] for index in range(len(starts))])


def choose_ratio(
    pictures: Tensor, ratios: Sequence[float], score: Callable[[Tensor], Sequence[float]]
) -> tuple[int, tuple[float, ...]]:
    """The index of the best ratio and every score: InstructEdit leaves this choice to the user, though 74.6 % of its good edits hang on it (section 4.7).

    pictures: (R, 3, H, W) decoded results, one a ratio. `score` gives each a number, more is better. Of equals, and of scores within 1e-6, the smaller ratio wins:
    it changes less.
    """
    scores = tuple(float(value) for value in score(pictures))
    if not len(scores) == len(ratios) == len(pictures) or not scores:
        raise InvalidOption(
            f"{len(pictures)} pictures, {len(ratios)} ratios and {len(scores)} scores; there must be as many of each"
        )
    best = max(scores)
    return min((i for i in range(len(scores)) if scores[i] >= best - 1e-6), key=lambda i: ratios[i]), scores


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
    noise = torch.randn(
        (draws * len(clean), *clean.shape[1:]), generator=generator, dtype=clean.dtype, device=clean.device
    )
    noisy = alpha.sqrt() * clean.repeat(draws, 1, 1, 1) + (1 - alpha).sqrt() * noise
    predicted = [
        Denoiser(unet, condition.repeat(draws), None)(noisy, rungs.timesteps[level]) for condition in (before, after)
    ]
    gap = (predicted[1] - predicted[0]).abs().mean(1, keepdim=True)
    gap = gap.reshape(draws, -1, *gap.shape[1:]).mean(0)
    gap = gap.minimum(3 * gap.mean((1, 2, 3), keepdim=True))
    scaled = gap / gap.amax((1, 2, 3), keepdim=True).clamp_min(1e-12)
    return scaled > threshold, scaled
