"""Reuse of deep features between steps: what the inner blocks compute hardly changes from one step to the next (DeepCache, arXiv 2312.00858)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from pixwright.errors import InvalidOption
from pixwright.nn.network import UNet


class DeepReuse:
    """Calls the network whole, or only its outermost layers on the inner features of the last whole call.

    layers: how many layers of the outermost up block are computed anew on a short call, with the `layers - 1` layers of the outermost down block that
    feed them; 1 (the cheapest) to one more than the network's layers per block.
    """

    def __init__(self, unet: UNet, layers: int = 1) -> None:
        first, last = unet.down_blocks[0], unet.up_blocks[-1]
        plain = {"DownBlock2D", "CrossAttnDownBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"}
        if {type(first).__name__, type(last).__name__} - plain:
            raise InvalidOption(
                f"reuse knows the block types {sorted(plain)}; the network has others, so reuse must be 1"
            )
        if not 1 <= layers <= len(last.resnets):
            raise InvalidOption(
                f"reuse_layers {layers} is not in 1..{len(last.resnets)}, the layers of the outermost block"
            )
        self.unet, self.layers = unet, layers
        self.deep: Tensor | None = None

    def __call__(
        self, sample: Tensor, timestep: Tensor | int, shown: Any, added: dict[str, Tensor] | None, *, fresh: bool
    ) -> Tensor:
        """(R, c, h, w) -> (R, c', h, w). Whole if `fresh`, or if features of fewer rows are kept; of more rows the first are taken, the richest passes'."""
        if fresh or self.deep is None or len(self.deep) < len(sample):
            return self._whole(sample, timestep, shown, added)
        return self._short(sample, timestep, shown, added)

    def _whole(self, sample: Tensor, timestep: Tensor | int, shown: Any, added: dict[str, Tensor] | None) -> Tensor:
        entered = self.unet.up_blocks[-1].resnets[-self.layers]

        def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            # The input is [deep features, skip connection] by channel; the skip comes from the outermost down block.
            self.deep = inputs[0][:, : inputs[0].shape[1] - self.unet.config.block_out_channels[0]]

        handle = entered.register_forward_pre_hook(keep)
        try:
            out: Tensor = self.unet(sample, timestep, shown, added_cond_kwargs=added, return_dict=False)[0]
        finally:
            handle.remove()
        return out

    def _short(self, sample: Tensor, timestep: Tensor | int, shown: Any, added: dict[str, Tensor] | None) -> Tensor:
        unet, depth = self.unet, self.layers
        first, last = unet.down_blocks[0], unet.up_blocks[-1]
        emb = unet.time_embedding(unet.get_time_embed(sample=sample, timestep=timestep), None)
        extra = unet.get_aug_embed(emb=emb, encoder_hidden_states=shown, added_cond_kwargs=added)
        emb = emb if extra is None else emb + extra
        hidden = unet.conv_in(sample)
        skips = [hidden]
        for index in range(depth - 1):
            hidden = _layer(first, index, hidden, emb, shown)
            skips.append(hidden)
        assert self.deep is not None
        hidden = self.deep[: len(sample)]
        for index in range(len(last.resnets) - depth, len(last.resnets)):
            hidden = _layer(last, index, torch.cat([hidden, skips.pop()], dim=1), emb, shown)
        if unet.conv_norm_out is not None:
            hidden = unet.conv_act(unet.conv_norm_out(hidden))
        out: Tensor = unet.conv_out(hidden)
        return out


def _layer(block: Any, index: int, hidden: Tensor, emb: Tensor, shown: Any) -> Tensor:
    """One residual layer of a block, with its attention where it has one."""
    hidden = block.resnets[index](hidden, emb)
    if getattr(block, "has_cross_attention", False):
        hidden = block.attentions[index](hidden, encoder_hidden_states=shown, return_dict=False)[0]
    return hidden
