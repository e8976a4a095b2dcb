"""From noise to latents: one loop over diffusers' schedulers, with guidance where it pays and inner features used again where that is allowed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.guidance import Scales, guided_at
from pixwright.nn.network import Scheduler, UNet
from pixwright.nn.reuse import DeepReuse

Solver: TypeAlias = Literal["ddim", "euler_ancestral", "dpm++"]
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
    """`ddim` (arXiv 2010.02502), `euler_ancestral` (arXiv 2206.00364; InstructPix2Pix and AnySD) or `dpm++` (arXiv 2211.01095, order 2: good in 15-25 steps)."""
    steps: int = 100
    scales: Scales = field(default_factory=Scales)
    interval: tuple[float, float] = (0.0, 1.0)
    """The part of the steps that is guided, from the noisiest (0) to the last (1); the others take one pass."""
    rescale: float = 0.0
    reuse: int = 1
    """Every n-th step computes the whole network; the others use its inner features again. 1: every step is whole."""
    reuse_layers: int = 1

    def __post_init__(self) -> None:
        if self.solver not in get_args(Solver):
            raise InvalidOption(f"solver {self.solver!r} is none of {', '.join(get_args(Solver))}")
        if not 1 <= self.steps <= 1000:
            raise InvalidOption(f"steps {self.steps} is not in 1..1000; 20 to 100 are usual")
        if not 0.0 <= self.interval[0] <= self.interval[1] <= 1.0:
            raise InvalidOption(
                f"guidance interval {self.interval} is not two rising fractions in 0..1; (0, 1) guides every step"
            )
        if self.reuse < 1:
            raise InvalidOption(f"reuse {self.reuse} is not 1 or more; 1 computes every step whole")


def scheduler_of(sampler: Sampler, schedule: Schedule) -> Scheduler:
    """A fresh scheduler of diffusers. It keeps state from step to step: one for each run.

    Timesteps are spaced as each solver's published settings have them; `dpm++`, meant for few steps, starts at the last one (arXiv 2305.08891, section 3.3).
    """
    import diffusers

    library: Any = diffusers

    common = {
        "num_train_timesteps": schedule.train_steps,
        "beta_start": schedule.beta_start,
        "beta_end": schedule.beta_end,
        "beta_schedule": schedule.beta_schedule,
        "prediction_type": schedule.prediction,
        "steps_offset": 1,
    }
    if sampler.solver == "ddim":
        return library.DDIMScheduler(**common, clip_sample=False, set_alpha_to_one=False, timestep_spacing="leading")
    if sampler.solver == "euler_ancestral":
        return library.EulerAncestralDiscreteScheduler(**common, timestep_spacing="linspace")
    return library.DPMSolverMultistepScheduler(**common, timestep_spacing="trailing", algorithm_type="dpmsolver++")


@torch.no_grad()
def sample(
    unet: UNet,
    condition: Condition,
    sampler: Sampler,
    noise: Tensor,
    *,
    schedule: Schedule = Schedule(),
    scheduler: Scheduler | None = None,
    generator: torch.Generator | None = None,
    watch: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Sample latents (B, c, h, w), scaled as the autoencoder's decoder side stores them (`nn.codec` undoes that).

    noise: (B, c, h, w), standard normal. `generator` draws what an ancestral solver adds. `scheduler` takes the place of the sampler's own (any of diffusers'
    with `set_timesteps`, `scale_model_input`, `step`). `watch(step, latents)` is called after every step.
    """
    scheduler = scheduler if scheduler is not None else scheduler_of(sampler, schedule)
    scheduler.set_timesteps(sampler.steps, device=noise.device)
    reuse = DeepReuse(unet, sampler.reuse_layers) if sampler.reuse > 1 else None
    denoiser = Denoiser(unet, condition, sampler.scales, rescale=sampler.rescale, reuse=reuse)
    takes = inspect.signature(scheduler.step).parameters
    drawn = {"generator": generator} if "generator" in takes else {}
    latents: Tensor = noise * scheduler.init_noise_sigma
    total = len(scheduler.timesteps)
    for step, timestep in enumerate(scheduler.timesteps):
        scaled = scheduler.scale_model_input(latents, timestep)
        guided = guided_at(step, total, sampler.interval)
        predicted = denoiser(scaled, timestep, guided=guided, fresh=step % sampler.reuse == 0)
        latents = scheduler.step(predicted, timestep, latents, **drawn, return_dict=False)[0]
        if watch is not None:
            watch(step, latents)
    return latents
