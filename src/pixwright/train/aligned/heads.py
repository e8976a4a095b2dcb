"""The heads in torch, as they are trained; `encoders.heads` runs the same in numpy."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """A residual inverted bottleneck (FuseMix, section 4)."""

    def __init__(self, width: int, expansion: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width * expansion)
        self.down = nn.Linear(width * expansion, width)
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(n, width) -> the same."""
        inner = F.gelu(self.up(self.norm(x)), approximate="tanh")
        out: Tensor = x + self.dropout(self.down(self.dropout(inner)))
        return out


class TrainedHead(nn.Module):
    """A latent -> a unit vector: standardised, brought to `width`, through the blocks, to unit length."""

    mean: Tensor
    scale: Tensor

    def __init__(self, latents: NDArray[np.float32], width: int, blocks: int, expansion: int, dropout: float) -> None:
        """`latents` (n, d) are what the head is trained on: mean and spread are taken from them."""
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(latents.mean(0)))
        # One scale for all: a feature that hardly varies is not blown up into noise.
        spread = np.sqrt(latents.var(0).mean()).astype(np.float32)
        self.register_buffer("scale", torch.tensor([1 / max(float(spread), 1e-6)]))
        self.dropout = nn.Dropout(dropout / 2)
        self.first = nn.Linear(latents.shape[1], width)
        self.blocks = nn.ModuleList(Block(width, expansion, dropout) for _ in range(blocks))

    def forward(self, latents: Tensor) -> Tensor:
        """(n, d) -> (n, width), each of length 1."""
        x = self.first(self.dropout((latents - self.mean) * self.scale))
        for block in self.blocks:
            x = block(x)
        return F.normalize(x, dim=1)
