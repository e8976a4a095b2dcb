"""One guided prediction in one batched call of the network, for whatever conditions there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.nn.experts import VisualPrompt
from pixwright.nn.guidance import Pass, Scales, combine, pass_scales
from pixwright.nn.network import UNet
from pixwright.nn.reuse import DeepReuse
from pixwright.nn.views import ViewPrompt

Shown: TypeAlias = Tensor | tuple[Tensor, VisualPrompt | ViewPrompt]


@dataclass(frozen=True, eq=False, kw_only=True)
class Condition:
    """What an edit of B pictures is conditioned on, in the network's dtype. N text tokens of width C; picture latents have the network's size h x w."""

    text: Tensor
    """(B, N, C)."""
    null_text: Tensor
    """(B, N, C): the empty text, or a negative one."""
    picture: Tensor | None = None
    """(B, c, h, w) latents that are joined to the noisy ones by channel (InstructPix2Pix: the encoder's mean, not scaled)."""
    visual: VisualPrompt | ViewPrompt | None = None
    """Needs experts in the network, or a view adapter."""
    pooled: Tensor | None = None
    """(B, P): the pooled text of networks in SDXL's shape, with `null_pooled` (B, P) and `sizes` (B, 6)."""
    null_pooled: Tensor | None = None
    sizes: Tensor | None = None

    def repeat(self, times: int) -> Condition:
        """The batch `times` over: rows 0..B-1, then 0..B-1 again."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in values.items():
            if isinstance(value, VisualPrompt | ViewPrompt):
                values[name] = value.repeat(times)
            elif value is not None:
                values[name] = value.repeat(times, *[1] * (value.ndim - 1))
        return Condition(**values)


@dataclass(frozen=True, eq=False)
class PassBatch:
    """The unchanging part of the network's input for some passes: rows are pass by pass, the richest first."""

    shown: Shown
    picture: Tensor | None
    added: dict[str, Tensor] | None
    rows: int


def batch_of(condition: Condition, passes: Sequence[Pass]) -> PassBatch:
    """Every pass's conditions below each other, P * B rows."""
    textual = [key in (Pass.ITV, Pass.IT) for key in passes]
    text = torch.cat([condition.text if rich else condition.null_text for rich in textual])
    shown: Shown = (text, condition.visual) if condition.visual is not None and Pass.ITV in passes else text
    picture = added = None
    if condition.picture is not None:
        blank = torch.zeros_like(condition.picture)
        picture = torch.cat([blank if key is Pass.NONE else condition.picture for key in passes])
    if condition.pooled is not None:
        if condition.null_pooled is None or condition.sizes is None:
            raise InvalidOption("pooled text without null_pooled and sizes; networks of this shape need all three")
        pooled = torch.cat([condition.pooled if rich else condition.null_pooled for rich in textual])
        added = {"text_embeds": pooled, "time_ids": condition.sizes.repeat(len(passes), 1)}
    return PassBatch(shown, picture, added, len(text))


class Denoiser:
    """The network with its conditions: noisy latents and a timestep in, the guided prediction out.

    What does not change from step to step is put together once. `reuse` skips the network's inner blocks on the steps that ask for it.
    """

    def __init__(
        self,
        unet: UNet,
        condition: Condition,
        scales: Scales | None,
        *,
        rescale: float = 0.0,
        reuse: DeepReuse | None = None,
    ) -> None:
        has = {"picture": condition.picture is not None, "visual": condition.visual is not None}
        self.unet, self.condition, self.rescale, self.reuse = unet, condition, rescale, reuse
        self.scales = {True: pass_scales(scales, **has), False: pass_scales(None, **has)}
        self.batches: dict[bool, PassBatch] = {}
        self.push: Tensor | None = None
        """What guidance added to the richest pass when it was computed last."""

    def __call__(
        self,
        latents: Tensor,
        timestep: Tensor | int,
        *,
        guided: bool = True,
        fresh: bool = True,
        compared: bool = True,
    ) -> Tensor:
        """(B, c, h, w) latents, scaled as the solver wants them -> (B, c, h, w), what the network predicts, guided unless told otherwise.

        The network works in the conditions' dtype, guidance and result are in the latents': float32 latents with a bfloat16 network keep the steps exact.
        `fresh=False` allows the inner features of the last call to be used again, if there is a `reuse` and they fit. `compared=False` allows guidance's poorer
        passes to be left out: what they made of the last compared step is added again (FasterCache, arXiv 2410.19355, section 3.3: from step to step it hardly changes).
        """
        kept = self.push if guided and not compared else None
        if kept is not None and kept.shape == latents.shape:
            return self._predicted(latents, timestep, self.scales[False], False, fresh) + kept
        return self._predicted(latents, timestep, self.scales[guided], guided, fresh)

    def _predicted(
        self, latents: Tensor, timestep: Tensor | int, chain: dict[Pass, float], guided: bool, fresh: bool
    ) -> Tensor:
        if guided not in self.batches:
            self.batches[guided] = batch_of(self.condition, list(chain))
        batch = self.batches[guided]
        sample = latents.to(self.condition.text.dtype).repeat(len(chain), 1, 1, 1)
        if batch.picture is not None:
            sample = torch.cat([sample, batch.picture], dim=1)
        predicted: Tensor
        if self.reuse is not None:
            predicted = self.reuse(sample, timestep, batch.shown, batch.added, fresh=fresh)
        else:
            predicted = self.unet(sample, timestep, batch.shown, added_cond_kwargs=batch.added, return_dict=False)[0]
        each = predicted.to(latents.dtype).chunk(len(chain))
        found = combine(dict(zip(chain, each, strict=True)), chain, self.rescale)
        if guided:
            self.push = found - each[0]
        return found
