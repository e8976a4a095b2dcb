"""Tiny networks and their weights under the published names: the other way round than the package, written from the published programs' structure."""

from __future__ import annotations

import json
import re
from pathlib import Path

import diffusers
import torch
import transformers
from safetensors.torch import save_file

PUBLISHED = json.loads((Path(__file__).parent / "layouts/published.json").read_text())
UNET = {
    "in_channels": 8,
    "out_channels": 4,
    "sample_size": 8,
    "cross_attention_dim": 12,
    "block_out_channels": [4, 8, 8, 8],
    "layers_per_block": 2,
    "attention_head_dim": 2,
    "norm_num_groups": 2,
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
}
"""Every block of Stable Diffusion 1.5, few channels."""


def unet(seed: int = 0, **changes: object):
    torch.manual_seed(seed)
    return diffusers.UNet2DConditionModel(**{**UNET, **changes}).eval()


def autoencoder(seed: int = 1):
    torch.manual_seed(seed)
    return diffusers.AutoencoderKL(
        block_out_channels=[4, 8, 8, 8],
        layers_per_block=2,
        norm_num_groups=2,
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
    ).eval()


def text_encoder(seed: int = 2):
    torch.manual_seed(seed)
    shape = transformers.CLIPTextConfig(
        vocab_size=20,
        hidden_size=12,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=8,
        bos_token_id=17,
        eos_token_id=18,
        pad_token_id=19,
    )
    return transformers.CLIPTextModel(shape).eval()


def rename(name: str, rules: list[tuple[str, str]]) -> str:
    """The first rule that matches at the front, then every rule for the rest."""
    for old, new in rules:
        name = re.sub(old, new, name)
    return name


_RESNET = [
    (r"\.norm1\.(?=\w+$)", ".in_layers.0."),
    (r"\.conv1\.", ".in_layers.2."),
    (r"\.norm2\.(?=\w+$)", ".out_layers.0."),
    (r"\.conv2\.", ".out_layers.3."),
    (r"\.time_emb_proj\.", ".emb_layers.1."),
    (r"\.conv_shortcut\.", ".skip_connection."),
]


def compvis_unet(name: str) -> str:
    """A name of UNet2DConditionModel in latent-diffusion's."""
    if found := re.match(r"(down|up)_blocks\.(\d)\.(resnets|attentions|downsamplers|upsamplers)\.(\d)\.(.*)", name):
        side, block, kind, layer, rest = found.groups()
        first = 3 * int(block) + (1 if side == "down" else 0)
        match kind:
            case "resnets":
                place = f"{first + int(layer)}.0.{rest}"
            case "attentions":
                place = f"{first + int(layer)}.1.{rest}"
            case "downsamplers":
                place = f"{first + 2}.0.{rest.replace('conv', 'op')}"
            case _:
                place = f"{first + 2}.{1 if block == '0' else 2}.{rest}"
        name = f"{'input' if side == 'down' else 'output'}_blocks.{place}"
        resnet = kind == "resnets"
    else:
        resnet = "mid_block.resnets" in name
        name = rename(
            name,
            [
                (r"^time_embedding\.linear_1", "time_embed.0"),
                (r"^time_embedding\.linear_2", "time_embed.2"),
                (r"^conv_in", "input_blocks.0.0"),
                (r"^conv_norm_out", "out.0"),
                (r"^conv_out", "out.2"),
                (r"^mid_block\.resnets\.0", "middle_block.0"),
                (r"^mid_block\.attentions\.0", "middle_block.1"),
                (r"^mid_block\.resnets\.1", "middle_block.2"),
            ],
        )
    return "model.diffusion_model." + (rename(name, _RESNET) if resnet else name)


def compvis_autoencoder(name: str) -> str:
    """A name of AutoencoderKL in latent-diffusion's."""
    name = re.sub(r"up_blocks\.(\d)", lambda found: f"up.{3 - int(found[1])}", name)
    return "first_stage_model." + rename(
        name,
        [
            (r"down_blocks\.", "down."),
            (r"\.resnets\.0", ".block_1") if "mid_block" in name else (r"\.resnets\.", ".block."),
            (r"\.resnets\.1", ".block_2"),
            (r"mid_block\.", "mid."),
            (r"(down|up)samplers\.0", r"\1sample"),
            (r"conv_shortcut", "nin_shortcut"),
            (r"conv_norm_out", "norm_out"),
            (r"attentions\.0\.group_norm", "attn_1.norm"),
            (r"attentions\.0\.to_out\.0", "attn_1.proj_out"),
            (r"attentions\.0\.to_([qkv])", r"attn_1.\1"),
        ],
    )


def compvis_state(average: bool = False) -> dict[str, torch.Tensor]:
    """A whole checkpoint of the three networks, as InstructPix2Pix and Stable Diffusion 1 are published."""
    state = {compvis_unet(name): tensor for name, tensor in unet().state_dict().items()}
    if average:
        for name, tensor in unet(seed=7).state_dict().items():
            state["model_ema." + compvis_unet(name).removeprefix("model.").replace(".", "")] = tensor
        state["model_ema.decay"] = torch.tensor(0.9999)
    for name, tensor in autoencoder().state_dict().items():
        ours = compvis_autoencoder(name)
        state[ours] = tensor[:, :, None, None] if "attn_1" in ours and tensor.ndim == 2 else tensor
    lead = "cond_stage_model.transformer.text_model."
    for name, tensor in text_encoder().state_dict().items():
        state[lead + name.removeprefix("text_model.")] = tensor
    state[lead + "embeddings.position_ids"] = torch.arange(8)[None]
    state["alphas_cumprod"] = torch.linspace(1, 0, 10)
    return state


def adapter_state(net, seed: int = 0, *, features: int = 10, depth: int = 4) -> dict[str, torch.Tensor]:
    """An expert's file: IP-Adapter-Plus's resampler (heads of 64) and keys and values of every text attention layer."""
    source, width, inner, out = torch.Generator().manual_seed(seed), 6, 64, net.config.cross_attention_dim
    shapes: dict[str, tuple[int, ...]] = {
        "latents": (1, 5, width),
        "proj_in.weight": (width, features),
        "proj_in.bias": (width,),
        "proj_out.weight": (out, width),
        "proj_out.bias": (out,),
        "norm_out.weight": (out,),
        "norm_out.bias": (out,),
    }
    for i in range(depth):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            shapes[f"layers.{i}.{norm}.weight"] = shapes[f"layers.{i}.{norm}.bias"] = (width,)
        shapes[f"layers.{i}.0.to_q.weight"] = (inner, width)
        shapes[f"layers.{i}.0.to_kv.weight"] = (2 * inner, width)
        shapes[f"layers.{i}.0.to_out.weight"] = (width, inner)
        shapes[f"layers.{i}.1.1.weight"] = (4 * width, width)
        shapes[f"layers.{i}.1.3.weight"] = (width, 4 * width)
    state = {f"image_proj.{name}": torch.randn(size, generator=source) for name, size in shapes.items()}
    for number, name in enumerate(net.attn_processors):
        if name.endswith("attn2.processor"):
            size = net.get_submodule(name.removesuffix(".processor")).to_k.weight.shape
            for part in ("to_k_ip", "to_v_ip"):
                state[f"ip_adapter.{number}.{part}.weight"] = torch.randn(size, generator=source)
    return state


def write(path: Path, state: dict[str, torch.Tensor], **about: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, path, metadata=about or None)
    return path
