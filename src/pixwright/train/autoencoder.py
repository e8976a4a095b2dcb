"""The mini autoencoder: pictures of scenes to latents of near unit spread and back. Published sizes use published autoencoders."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.nn.codec import encode
from pixwright.nn.network import Autoencoder

NOISE = 0.06
"""Spread of the noise on latents in training: a denoiser's latents are never exact."""
_L1, _MSE, _GRADIENT, _SPREAD = 1.0, 2.0, 0.5, 0.02


def to_pixels(pictures: Tensor) -> Tensor:
    """(B, S, S, 3) uint8 -> (B, 3, S, S) in [-1, 1]."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1.0


def to_pictures(pixels: Tensor) -> Tensor:
    """(B, 3, S, S) in [-1, 1] -> (B, S, S, 3) uint8."""
    return ((pixels.float() + 1.0) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


class Reconstruction(nn.Module):
    """An AutoencoderTiny with its loss, as one module that can be wrapped and trained."""

    def __init__(self, autoencoder: Autoencoder) -> None:
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, pixels: Tensor, noise: Tensor) -> Tensor:
        """(B, 3, S, S) in [-1, 1] and (B, c, h, w) standard normal -> the mean loss.

        L1 + 2 MSE + half the L1 of the gradients, and a pull of each channel's mean to 0 and spread to 1.
        """
        latents = self.autoencoder.encode(pixels).latents
        back = self.autoencoder.decode(latents + NOISE * noise).sample
        gap = back - pixels
        across, down = gap.diff(dim=3).abs().mean(), gap.diff(dim=2).abs().mean()
        mean, spread = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
        pull = mean.square().mean() + (spread - 1).square().mean()
        loss: Tensor = (
            _L1 * gap.abs().mean() + _MSE * gap.square().mean() + _GRADIENT * (across + down) + _SPREAD * pull
        )
        return loss


@torch.no_grad()
def spread(autoencoder: Autoencoder, pixels: Tensor) -> float:
    """The standard deviation of the latents of (B, 3, S, S); 1 / it is the scaling factor."""
    return float(encode(autoencoder, pixels, scaled=False).std())


@torch.no_grad()
def psnr(autoencoder: Autoencoder, pixels: Tensor) -> float:
    """Mean PSNR of pictures that were encoded and decoded, in dB of the range of 8 bits, over (B, 3, S, S)."""
    back = autoencoder.decode(encode(autoencoder, pixels, scaled=False)).sample.clamp(-1, 1)
    error = F.mse_loss(back, pixels, reduction="none").mean((1, 2, 3)).clamp_min(1e-10)
    return float((10 * torch.log10(4.0 / error)).mean())
