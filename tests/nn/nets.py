"""Tiny random networks in the shape of the published ones: same kinds of blocks and widths of text, few channels."""

from __future__ import annotations

import torch
from torch import Tensor

from pixwright.nn.denoise import Condition
from pixwright.nn.shapes import Shape, shape

SMALL = {"block_out_channels": [8, 16, 16, 16], "norm_num_groups": 4, "attention_head_dim": 2, "sample_size": 16}
TINY: dict[str, Shape] = {
    "mini": shape("mini").with_unet({"block_out_channels": [8, 16, 16], "norm_num_groups": 4, "attention_head_dim": 2}),
    "sd15": shape("sd15").with_unet(SMALL),
    "sdxl": shape("sdxl").with_unet(
        {
            **SMALL,
            "block_out_channels": [8, 16, 16],
            "attention_head_dim": [1, 2, 2],
            "transformer_layers_per_block": [1, 2, 3],
        }
    ),
}


def unet_of(name: str, seed: int = 0, **changes: object):
    torch.manual_seed(seed)
    return TINY[name].with_unet(changes).make_unet()


def normal(seed: int, *size: int) -> Tensor:
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


def condition_of(unet, rows: int = 1, side: int = 16, tokens: int = 5, picture: bool = True) -> Condition:
    width = unet.config.cross_attention_dim
    sdxl = unet.config.addition_embed_type == "text_time"
    return Condition(
        text=normal(1, rows, tokens, width),
        null_text=normal(2, rows, tokens, width),
        picture=normal(3, rows, 4, side, side) if picture else None,
        pooled=normal(4, rows, 1280) if sdxl else None,
        null_pooled=normal(5, rows, 1280) if sdxl else None,
        sizes=torch.full((rows, 6), 64.0) if sdxl else None,
    )
