"""Folders in diffusers' layout with tiny random networks of the published architectures: same kinds of blocks, few channels."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, EulerAncestralDiscreteScheduler, UNet2DConditionModel
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from pixwright.nn.shapes import shape

WORDS = ("make", "it", "blue", "a", "red", "cat")
START, END = "<|startoftext|>", "<|endoftext|>"


def write_tokenizer(folder: Path) -> int:
    """A byte-pair vocabulary of letters and a few words; its size."""
    folder.mkdir(parents=True)
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    vocabulary, merges = [*letters, *(f"{c}</w>" for c in letters)], []
    for word in WORDS:
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            merges.append(f"{parts[0]} {parts[1]}")
            parts[:2] = [parts[0] + parts[1]]
            if parts[0] not in vocabulary:
                vocabulary.append(parts[0])
    vocabulary += [START, END]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(vocabulary)}))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *dict.fromkeys(merges)]))
    settings = {"model_max_length": 77, "bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer", **settings}))
    return len(vocabulary)


def write_text(folder: Path, tokenizer: Path, width: int, projected: bool) -> None:
    size = write_tokenizer(tokenizer)
    config = CLIPTextConfig(
        vocab_size=size,
        hidden_size=width,
        intermediate_size=16,
        projection_dim=12,
        num_hidden_layers=3,
        num_attention_heads=2,
        bos_token_id=size - 2,
        eos_token_id=size - 1,
        pad_token_id=size - 1,
    )
    (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval().save_pretrained(folder)


def write_folder(
    root: Path, channels: int = 8, xl: bool = False, sees: bool = False, seed: int = 0, prediction: str = "epsilon"
) -> Path:
    """A whole pipeline. SD 1: text width 8; SDXL: 8 + 16, pooled 12."""
    torch.manual_seed(seed)
    small = {"in_channels": channels, "norm_num_groups": 4, "sample_size": 8}
    if xl:
        small |= {"block_out_channels": [8, 16, 16], "attention_head_dim": [1, 2, 2], "cross_attention_dim": 24}
        small |= {"transformer_layers_per_block": [1, 1, 2], "addition_time_embed_dim": 4}
        small |= {"projection_class_embeddings_input_dim": 12 + 6 * 4}
    else:
        small |= {"block_out_channels": [8, 16, 16, 16], "attention_head_dim": 2, "cross_attention_dim": 8}
    UNet2DConditionModel(**{**shape("sdxl" if xl else "sd15").unet, **small}).save_pretrained(root / "unet")
    AutoencoderKL(
        block_out_channels=[4, 8],
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        norm_num_groups=4,
        latent_channels=4,
        scaling_factor=0.13025 if xl else 0.18215,
    ).save_pretrained(root / "vae")
    write_text(root / "text_encoder", root / "tokenizer", 8, projected=False)
    if xl:
        write_text(root / "text_encoder_2", root / "tokenizer_2", 16, projected=True)
    if sees:
        eyes = CLIPVisionConfig(
            hidden_size=16,
            intermediate_size=16,
            projection_dim=8,
            num_hidden_layers=3,
            num_attention_heads=2,
            image_size=28,
            patch_size=14,
        )
        CLIPVisionModelWithProjection(eyes).save_pretrained(root / "image_encoder")
    EulerAncestralDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type=prediction
    ).save_pretrained(root / "scheduler")
    index = {"_class_name": "StableDiffusionXLPipeline" if xl else "StableDiffusionInstructPix2PixPipeline"}
    (root / "model_index.json").write_text(json.dumps(index | {"force_zeros_for_empty_prompt": xl}))
    return root
