"""Pictures to latents and back, alike for AutoencoderKL and AutoencoderTiny."""

from __future__ import annotations

import torch
from torch import Tensor

from pixwright.nn.network import Autoencoder


@torch.no_grad()
def encode(autoencoder: Autoencoder, pixels: Tensor, *, scaled: bool = True) -> Tensor:
    """(B, 3, H, W) pixels in [-1, 1] -> (B, c, H / f, W / f) latents; the mean, no draw.

    `scaled=True` multiplies by the autoencoder's factor, as latents that are noised are kept; the picture that InstructPix2Pix is conditioned on is not scaled.
    """
    coded = autoencoder.encode(pixels)
    latents: Tensor = coded.latents if hasattr(coded, "latents") else coded.latent_dist.mode()
    return latents * autoencoder.config.scaling_factor if scaled else latents


@torch.no_grad()
def decode(autoencoder: Autoencoder, latents: Tensor) -> Tensor:
    """(B, c, h, w) scaled latents -> (B, 3, H, W) pixels, clipped to [-1, 1]."""
    pixels: Tensor = autoencoder.decode(latents / autoencoder.config.scaling_factor).sample
    return pixels.clamp(-1.0, 1.0)
