"""From noise to latents: one loop over diffusers' schedulers, with guidance where it pays and inner features used again where that is allowed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.guidance import Scales, guided_at
from pixwright.nn.latents.mixing import JoinedPart, joined
from pixwright.nn.network import Scheduler, UNet
from pixwright.nn.reuse import DeepReuse
from pixwright.nn.solvers import SOLVERS, Solver

Prediction: TypeAlias = Literal["epsilon", "v_prediction"]


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The noise levels that a network was trained on. The defaults are those of Stable Diffusion 1 and InstructPix2Pix."""

    train_steps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    beta_schedule: str = "scaled_linear"
    prediction: Prediction = "epsilon"


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How latents are sampled; plain values, so that a run can be repeated."""

    solver: Solver = "euler_ancestral"
    """A name of `nn.solvers.SOLVERS`."""
    steps: int = 100
    scales: Scales = field(default_factory=Scales)
    interval: tuple[float, float] = (0.0, 1.0)
    """The part of the steps that is guided, from the noisiest (0) to the last (1); the others take one pass."""
    rescale: float = 0.0
    reuse: int = 1
    """Every n-th step computes the whole network; the others use its inner features again. 1: every step is whole."""
    reuse_layers: int = 1
    compare: int = 1
    """Every n-th step computes the passes that guidance compares with; the others add what it made of the last one again. 1: every step compares."""

    def __post_init__(self) -> None:
        if self.solver not in SOLVERS:
            raise InvalidOption(f"solver {self.solver!r} is none of {', '.join(SOLVERS)}")
        if not 1 <= self.steps <= 1000:
            raise InvalidOption(f"steps {self.steps} is not in 1..1000; 20 to 100 are usual")
        if not 0.0 <= self.interval[0] <= self.interval[1] <= 1.0:
            raise InvalidOption(
                f"guidance interval {self.interval} is not two rising fractions in 0..1; (0, 1) guides every step"
            )
        if self.reuse < 1:
            raise InvalidOption(f"reuse {self.reuse} is not 1 or more; 1 computes every step whole")
        if self.compare < 1:
            raise InvalidOption(f"compare {self.compare} is not 1 or more; 1 compares at every step")


def scheduler_of(sampler: Sampler, schedule: Schedule) -> Scheduler:
    """A fresh scheduler of diffusers. It keeps state from step to step: one for each run.

    Timesteps are spaced as each solver's published settings have them; those meant for few steps start at the last one (arXiv 2305.08891, section 3.3).
    """
    import diffusers

    row = SOLVERS[sampler.solver]
    kind: Any = getattr(diffusers, row.scheduler)
    common = {
        "num_train_timesteps": schedule.train_steps,
        "beta_start": schedule.beta_start,
        "beta_end": schedule.beta_end,
        "beta_schedule": schedule.beta_schedule,
        "prediction_type": schedule.prediction,
        "steps_offset": 1,
    }
    return kind(**common, **row.settings)


@dataclass(frozen=True, eq=False)
class Sampled:
    """How far a run is."""

    step: int
    """Steps done, from 1 on."""
    steps: int
    clean: Callable[[], Tensor]
    """What the picture would be if the last prediction were right: (B, c, h, w) latents, scaled."""


@torch.no_grad()
def sample(
    unet: UNet,
    condition: Condition | Sequence[JoinedPart],
    sampler: Sampler,
    noise: Tensor,
    *,
    schedule: Schedule = Schedule(),
    scheduler: Scheduler | None = None,
    generator: torch.Generator | list[torch.Generator] | None = None,
    watch: Callable[[Sampled], None] | None = None,
) -> Tensor:
    """Sample latents (B, c, h, w), scaled as the autoencoder's decoder side stores them (`nn.codec` undoes that).

    condition: of the whole, or of parts that are joined (`nn.latents.mixing`). noise: (B, c, h, w), standard normal. `generator` draws what an ancestral solver adds; one for
    each of the batch makes every row what it would be alone. `scheduler` takes the place of the sampler's own (any of diffusers' with `set_timesteps`,
    `scale_model_input`, `step`). `watch` is called after every step; what it raises ends the run.
    """
    scheduler = scheduler if scheduler is not None else scheduler_of(sampler, schedule)
    scheduler.set_timesteps(sampler.steps, device=noise.device)
    predict = _predictor(unet, condition, sampler)
    takes = inspect.signature(scheduler.step).parameters
    drawn = {"generator": generator} if "generator" in takes else {}
    latents: Tensor = noise * scheduler.init_noise_sigma
    total = len(scheduler.timesteps)
    for step, timestep in enumerate(scheduler.timesteps):
        scaled = scheduler.scale_model_input(latents, timestep)
        guided = guided_at(step, total, sampler.interval)
        predicted = predict(
            scaled, timestep, guided=guided, fresh=step % sampler.reuse == 0, compared=step % sampler.compare == 0
        )
        latents = scheduler.step(predicted, timestep, latents, **drawn, return_dict=False)[0]
        if watch is not None:
            watch(Sampled(step + 1, total, partial(_clean, scheduler, schedule, scaled, predicted, timestep)))
    return latents


def _predictor(unet: UNet, condition: Condition | Sequence[JoinedPart], sampler: Sampler) -> Callable[..., Tensor]:
    """(scaled latents, timestep, and what of the step may be left out, as `Denoiser` has it) -> the prediction."""

    def denoiser(one: Condition) -> Denoiser:
        reuse = DeepReuse(unet, sampler.reuse_layers) if sampler.reuse > 1 else None
        return Denoiser(unet, one, sampler.scales, rescale=sampler.rescale, reuse=reuse)

    if isinstance(condition, Condition):
        return denoiser(condition)
    parts = list(condition)
    each = [denoiser(part.condition) for part in parts]

    def mixed(scaled: Tensor, timestep: Tensor, *, guided: bool, fresh: bool, compared: bool) -> Tensor:
        found = [
            one(part.cut(scaled), timestep, guided=guided, fresh=fresh, compared=compared)
            for one, part in zip(each, parts, strict=True)
        ]
        return joined(parts, found, scaled)

    return mixed


def _clean(scheduler: Scheduler, schedule: Schedule, scaled: Tensor, predicted: Tensor, timestep: Tensor) -> Tensor:
    """Latents without their noise, if the prediction of a step is right: what the network is shown has unit variance under every solver."""
    kept: Tensor = scheduler.alphas_cumprod[int(timestep)].to(scaled)
    if schedule.prediction == "epsilon":
        return (scaled - (1 - kept).sqrt() * predicted) / kept.sqrt()
    return kept.sqrt() * scaled - (1 - kept).sqrt() * predicted
