"""DDIM as a ladder of noise levels: up by inversion, down by denoising (arXiv 2010.02502; InstructEdit, equations 2 and 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Denoiser
from pixwright.nn.sampling import Prediction, Sampler, Schedule, scheduler_of


@dataclass(frozen=True, eq=False)
class Ladder:
    """Noise levels 0..steps: level 0 is the picture, level `steps` all but noise."""

    timesteps: tuple[int, ...]
    """What the network is told at each level; level 0 is told 0."""
    alphas: Tensor
    """(steps + 1,) cumulative alphas, float32, falling."""
    prediction: Prediction

    @property
    def steps(self) -> int:
        """The number of rungs."""
        return len(self.timesteps) - 1

    def level(self, ratio: float) -> int:
        """The level that an encoding ratio in (0, 1] stands for."""
        if not 0.0 < ratio <= 1.0:
            raise InvalidOption(f"encoding ratio {ratio} is not in (0, 1]; the papers use 0.5 to 0.9")
        return max(1, round(ratio * self.steps))

    def move(self, latents: Tensor, predicted: Tensor, here: int, there: int) -> Tensor:
        """One deterministic DDIM step of (B, c, h, w) latents from one level to another, up or down, by the network's prediction."""
        a, b = self.alphas[here].to(latents), self.alphas[there].to(latents)
        if self.prediction == "epsilon":
            noise, clean = predicted, (latents - (1 - a).sqrt() * predicted) / a.sqrt()
        else:
            noise = a.sqrt() * predicted + (1 - a).sqrt() * latents
            clean = a.sqrt() * latents - (1 - a).sqrt() * predicted
        return b.sqrt() * clean + (1 - b).sqrt() * noise


def ladder(steps: int = 50, schedule: Schedule = Schedule()) -> Ladder:
    """The levels that diffusers' DDIM scheduler visits in `steps` steps, with the picture below them."""
    scheduler = scheduler_of(Sampler(solver="ddim", steps=steps), schedule)
    scheduler.set_timesteps(steps)
    # As many steps as there are levels would end one beyond the last.
    visited = [min(int(t), schedule.train_steps - 1) for t in scheduler.timesteps.flip(0)]
    alphas = torch.cat([scheduler.final_alpha_cumprod.reshape(1), scheduler.alphas_cumprod[visited]]).float()
    return Ladder((0, *visited), alphas, schedule.prediction)


def ladder_below(share: float, steps: int, schedule: Schedule = Schedule()) -> Ladder:
    """Levels whose top has `share` in (0, 1) of all noise: `steps` rungs, evenly down to the picture, or fewer where there are no more timesteps below it."""
    if not 0.0 < share < 1.0:
        raise InvalidOption(
            f"a share of noise of {share} is not between 0 and 1; Instruct-NeRF2NeRF draws 0.02 to 0.98"
        )
    scheduler = scheduler_of(Sampler(solver="ddim", steps=steps), schedule)
    top = max(1, round(share * schedule.train_steps) - 1)
    visited = sorted({max(1, round(top * rung / steps)) for rung in range(1, steps + 1)})
    alphas = torch.cat([scheduler.final_alpha_cumprod.reshape(1), scheduler.alphas_cumprod[visited]]).float()
    return Ladder((0, *visited), alphas, schedule.prediction)


@torch.no_grad()
def invert(
    denoiser: Denoiser, clean: Tensor, rungs: Ladder, top: int, *, watch: Callable[[Tensor], None] | None = None
) -> Tensor:
    """The latents of a picture at levels 0..top: (top + 1, B, c, h, w), without guidance (DiffEdit, arXiv 2210.11427, section 3.2, step 2).

    `denoiser` holds the caption of the picture as it is; `clean` is (B, c, h, w). The cost is `top` single passes; `watch` is called after each.
    """
    if not 1 <= top <= rungs.steps:
        raise InvalidOption(f"level {top} is not in 1..{rungs.steps}, the levels above the picture")
    levels = [clean]
    for here in range(top):
        predicted = denoiser(levels[-1], rungs.timesteps[here], guided=False)
        levels.append(rungs.move(levels[-1], predicted, here, here + 1))
        if watch is not None:
            watch(levels[-1])
    return torch.stack(levels)
