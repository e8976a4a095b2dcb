"""The heads in torch, as they are trained; `encoders.heads` runs the same in numpy."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

_RIDGE, _TINY = 1.0, 1e-2
"""Added to the covariance within recordings, in units of a latent's spread; and to that spread, as a share of the mean one."""


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
    basis: Tensor | None

    def __init__(
        self,
        latents: NDArray[np.float32],
        width: int,
        blocks: int,
        expansion: int,
        dropout: float,
        basis: NDArray[np.float32] | None = None,
    ) -> None:
        """`latents` (n, d) are what the head is trained on: mean and spread are taken from them. It learns of what `basis` (k, d) keeps of them, if there is one."""
        super().__init__()
        self.register_buffer("basis", None if basis is None else torch.from_numpy(basis))
        self.register_buffer("mean", torch.from_numpy(latents.mean(0)))
        # One scale for all: a feature that hardly varies is not blown up into noise.
        kept = latents if basis is None else (latents - latents.mean(0)) @ basis.T
        spread = np.sqrt(kept.var(0).mean()).astype(np.float32)
        self.register_buffer("scale", torch.tensor([1 / max(float(spread), 1e-6)]))
        self.dropout = nn.Dropout(dropout / 2)
        self.first = nn.Linear(kept.shape[1], width)
        self.blocks = nn.ModuleList(Block(width, expansion, dropout) for _ in range(blocks))

    def forward(self, latents: Tensor) -> Tensor:
        """(n, d) -> (n, width), each of length 1."""
        x = (latents - self.mean) * self.scale
        if self.basis is not None:
            x = x @ self.basis.T
        x = self.first(self.dropout(x))
        for block in self.blocks:
            x = block(x)
        return F.normalize(x, dim=1)

    def plain(self) -> dict[str, NDArray[np.float32]]:
        """Its tensors as `encoders.heads` takes them: what the basis keeps is part of the first map."""
        held = {name: value.detach().float().cpu().numpy() for name, value in self.state_dict().items()}
        basis = held.pop("basis", None)
        if basis is not None:
            held["first.weight"] = held["first.weight"] @ basis
        return held


def discriminants(
    latents: NDArray[np.float32], copies: NDArray[np.int64], classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(classes, d) directions, the strongest first, in which classes differ most beside how much copies of one recording differ (Fisher 1936): what an augmentation changes is left out.

    Numbers of one copy's recording are alike in `copies` (n,), those of one class in `classes` (n,).
    """
    spread = latents.std(0) + _TINY * latents.std()
    z = (latents - latents.mean(0)) / spread
    within = z - _means(z, copies)[copies]
    noise = within.T @ within / len(z) + _RIDGE * np.eye(z.shape[1])
    values, axes = np.linalg.eigh(noise)
    white = axes / np.sqrt(values)
    centres = _means(z, classes)[np.unique(classes)] @ white
    _, _, directions = np.linalg.svd(centres - centres.mean(0), full_matrices=False)
    return np.asarray(directions @ white.T / spread, np.float32)


def _means(rows: NDArray[np.float32], groups: NDArray[np.int64]) -> NDArray[np.float32]:
    """(largest group + 1, d)."""
    out = np.zeros((int(groups.max()) + 1, rows.shape[1]), np.float32)
    np.add.at(out, groups, rows)
    return np.asarray(out / np.maximum(np.bincount(groups), 1)[:, None], np.float32)
