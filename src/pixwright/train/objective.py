"""What the denoiser learns: InstructPix2Pix's stage 1 (arXiv 2211.09800, section 3.2) and AnySD's stage 2 (paper, section 4 and G.2)."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from pixwright.nn.denoise import Condition
from pixwright.nn.dropout import keep_conditions
from pixwright.nn.experts import Experts
from pixwright.nn.network import UNet
from pixwright.nn.routing import balance_loss
from pixwright.nn.sampling import Schedule
from pixwright.nn.views import ViewAdapter
from pixwright.train.cache import Rows
from pixwright.train.config import Objective


@dataclass(frozen=True, eq=False)
class Batch:
    """What a training step sees; B rows, condition dropout already done."""

    clean: Tensor
    """(B, c, h, w) scaled latents of the edited pictures."""
    picture: Tensor
    """(B, c, h, w) latents of the sources, not scaled; zeros where dropped."""
    text: Tensor
    """(B, N, C)."""
    noise: Tensor
    timesteps: Tensor
    """(B,) long."""
    task: Tensor
    looks: Tensor | None = None
    """(B, cells, F)."""
    referenced: Tensor | None = None
    visual: Tensor | None = None
    """(B,) bool: which rows keep their visual prompt."""

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        held = [getattr(self, field.name) for field in fields(self)]
        return Batch(*[None if value is None else value.to(device) for value in held])  # type: ignore[arg-type]


class Noise:
    """The schedule's arithmetic on tensors."""

    def __init__(self, schedule: Schedule) -> None:
        import diffusers

        library: Any = diffusers
        table: Tensor = library.DDPMScheduler(
            num_train_timesteps=schedule.train_steps,
            beta_start=schedule.beta_start,
            beta_end=schedule.beta_end,
            beta_schedule=schedule.beta_schedule,
        ).alphas_cumprod
        self.prediction = schedule.prediction
        self.steps = schedule.train_steps
        self.kept, self.added = table.sqrt(), (1 - table).sqrt()
        self.snr = table / (1 - table)

    def at(self, table: Tensor, timesteps: Tensor) -> Tensor:
        """(B, 1, 1, 1) of a table."""
        return table.to(timesteps.device)[timesteps][:, None, None, None]

    def noisy(self, clean: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """(B, c, h, w) at their timesteps."""
        return self.at(self.kept, timesteps) * clean + self.at(self.added, timesteps) * noise

    def target(self, clean: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """What the network predicts: the noise, or the velocity (arXiv 2202.00512)."""
        if self.prediction == "epsilon":
            return noise
        return self.at(self.kept, timesteps) * noise - self.at(self.added, timesteps) * clean

    def weights(self, timesteps: Tensor, gamma: float | None) -> Tensor:
        """(B,) min-SNR weights (arXiv 2303.09556, section 3.4), or ones."""
        if gamma is None:
            return torch.ones(len(timesteps), device=timesteps.device)
        snr = self.snr.to(timesteps.device)[timesteps]
        weights: Tensor = snr.clamp_max(gamma) / (snr if self.prediction == "epsilon" else snr + 1)
        return weights


def make_batch(
    rows: Rows, null: Tensor, scaling: float, objective: Objective, steps: int, generator: torch.Generator
) -> Batch:
    """Draw what a step sees from rows of the cache: which conditions are dropped, timesteps and noise. null: (N, C), the empty text.

    First the rows that are shown a caption and no picture are drawn; a tenth of them loses its text too. From the others each condition is dropped as
    `nn.dropout` says. All draws come from `generator`, so that the same one gives the same step.
    """
    clean = torch.from_numpy(rows.edited) * scaling
    size = len(clean)
    kept = keep_conditions(size, each=objective.drop_each, visual=objective.drop_visual, generator=generator)
    draws = torch.rand(2, size, generator=generator)
    said = torch.from_numpy(rows.said)
    # Few rows have a caption that was read; of those so many are drawn that the share is right, as far as they go.
    likely = objective.captions / max(float(said.float().mean()), 1e-9)
    shown = said & (draws[0] < likely)
    keeps_text = torch.where(shown, draws[1] >= 0.1, kept.text)
    text = torch.where(shown[:, None, None], torch.from_numpy(rows.says), torch.from_numpy(rows.words))
    text = torch.where(keeps_text[:, None, None], text, null)
    keeps_picture = kept.picture & ~shown
    return Batch(
        clean=clean,
        picture=torch.from_numpy(rows.source) * keeps_picture[:, None, None, None],
        text=text,
        noise=torch.randn(clean.shape, generator=generator),
        timesteps=torch.randint(0, steps, (size,), generator=generator),
        task=torch.from_numpy(rows.task),
        looks=None if rows.looks is None else torch.from_numpy(rows.looks),
        referenced=torch.from_numpy(rows.referenced),
        visual=kept.visual & keeps_text & keeps_picture,
    )


class Stage1(nn.Module):
    """The denoiser with its loss, as one module that can be wrapped and trained."""

    def __init__(self, unet: UNet, noise: Noise, objective: Objective) -> None:
        super().__init__()
        self.unet = unet
        self._noise, self._objective = noise, objective

    def forward(self, batch: Batch) -> Tensor:
        """The mean weighted squared error of the prediction."""
        return _error(self.unet, batch, batch.text, self._noise, self._objective)


class Reasoned(nn.Module):
    """The denoiser and the connector with their loss: the batch's texts are states of a language model, which does not learn (ReasonPix2Pix, section 3.3)."""

    def __init__(self, unet: UNet, connector: nn.Module, noise: Noise, objective: Objective) -> None:
        super().__init__()
        self.unet, self.connector = unet, connector
        self._noise, self._objective = noise, objective

    def forward(self, batch: Batch) -> Tensor:
        """The mean weighted squared error of the prediction."""
        return _error(self.unet, batch, self.connector(batch.text), self._noise, self._objective)


class Translated(nn.Module):
    """The connector with the loss of GILL's mapper: tokens as the denoiser's own text encoder has them of what was meant."""

    def __init__(self, connector: nn.Module) -> None:
        super().__init__()
        self.connector = connector

    def forward(self, states: Tensor, meant: Tensor) -> Tensor:
        """The mean squared error of the tokens."""
        return F.mse_loss(self.connector(states), meant)


class Stage2(nn.Module):
    """The experts with their loss beside a denoiser that carries them and does not learn."""

    def __init__(self, unet: UNet, experts: Experts, noise: Noise, objective: Objective) -> None:
        super().__init__()
        self.experts = experts
        # In a tuple, so that the frozen network is no part of what is wrapped, saved and averaged.
        self._frozen = (unet.requires_grad_(False),)
        self._noise, self._objective = noise, objective

    def forward(self, batch: Batch) -> Tensor:
        """The mean weighted squared error, and the load-balance loss with its weight. Rows that lose their visual prompt are the plain network."""
        prompt = self.experts(batch.task, batch.looks, batch.text, referenced=batch.referenced)
        routing = prompt.routing
        if batch.visual is not None:
            prompt = prompt.keep(batch.visual)
        loss = _error(self._frozen[0], batch, (batch.text, prompt), self._noise, self._objective)
        return loss + self._objective.balance * balance_loss(routing) if self._objective.balance else loss


class ViewsStage(nn.Module):
    """A view adapter with its loss beside a denoiser that carries it and does not learn."""

    def __init__(self, unet: UNet, views: ViewAdapter, noise: Noise, objective: Objective) -> None:
        super().__init__()
        self.views = views
        self._frozen = (unet.requires_grad_(False),)
        self._noise, self._objective = noise, objective

    def forward(self, batch: Batch, views: Tensor) -> Tensor:
        """The mean weighted squared error; `views` (B, V, W), zeros where an embedding was dropped."""
        return _error(self._frozen[0], batch, (batch.text, self.views(views)), self._noise, self._objective)


def _error(unet: UNet, batch: Batch, shown: object, noise: Noise, objective: Objective) -> Tensor:
    seen = torch.cat([noise.noisy(batch.clean, batch.noise, batch.timesteps), batch.picture], 1)
    with _attention(seen):
        predicted = unet(seen, batch.timesteps, shown, return_dict=False)[0]
    target = noise.target(batch.clean, batch.noise, batch.timesteps)
    error = F.mse_loss(predicted.float(), target, reduction="none").mean((1, 2, 3))
    return (error * noise.weights(batch.timesteps, objective.min_snr)).mean()


def _attention(seen: Tensor) -> AbstractContextManager[object]:
    """torch's own attention for processors takes ten times as long backward as forward, a third of a step; two products with a softmax between them do not."""
    small = seen.shape[-1] * seen.shape[-2] <= 1024
    return sdpa_kernel(SDPBackend.MATH) if seen.device.type == "cpu" and small else nullcontext()


def condition_of(rows: Rows, null: Tensor, device: torch.device, experts: Experts | None = None) -> Condition:
    """What sampling is shown for rows of the cache: nothing dropped. `device` is the experts'; the rest is on the processor."""
    text = torch.from_numpy(rows.words)
    visual = None
    if experts is not None:
        looks = None if rows.looks is None else torch.from_numpy(rows.looks).to(device)
        task, referenced = torch.from_numpy(rows.task), torch.from_numpy(rows.referenced)
        visual = experts(task.to(device), looks, text.to(device), referenced=referenced.to(device))
    return Condition(text=text, null_text=null.expand_as(text), picture=torch.from_numpy(rows.source), visual=visual)
