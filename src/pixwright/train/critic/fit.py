"""The critic's head: rows of features -> weights, in torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.critic import KINDS, PIXELS_MOST
from pixwright.encoders.critic.features import GRID, MID, PARTS

Floats: TypeAlias = NDArray[np.float32]

GRID_WIDTH, MID_WIDTH = 48, 32
"""Numbers to which each part of a map is brought."""
HIDDEN = (128, 64)
DROPOUT = 0.3
GRID_NOISE = 0.05
"""Deviation of what is added to features, so that the head does not learn single photographs by heart."""


@dataclass(frozen=True, eq=False)
class CriticRows:
    """n changes: `grid` (n, PARTS, GRID), `mid` (n, 2 PARTS, MID), `pixels` (n, P), `kinds` (n, len(KINDS)), `accepted` and `broken` (n,) 0 or 1."""

    grid: NDArray[np.float16]
    mid: NDArray[np.float16]
    pixels: Floats
    kinds: Floats
    accepted: Floats
    broken: Floats

    def __len__(self) -> int:
        return len(self.accepted)

    def at(self, places: NDArray[np.int64]) -> CriticRows:
        """Some of them."""
        return CriticRows(**{name: value[places] for name, value in vars(self).items()})

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """As the head takes them, and (n, 2) targets."""
        grid, mid, pixels, kinds = (
            torch.from_numpy(np.asarray(v, np.float32)) for v in (self.grid, self.mid, self.pixels, self.kinds)
        )
        return grid, mid, pixels, kinds, torch.from_numpy(np.stack([self.accepted, self.broken], 1).astype(np.float32))


class CriticHead(nn.Module):
    """As `encoders.critic.Critic` computes it."""

    mean: Tensor
    spread: Tensor

    def __init__(self, pixels: Floats) -> None:
        super().__init__()
        count = pixels.shape[1]
        self.register_buffer("mean", torch.from_numpy(pixels.mean(0)))
        self.register_buffer("spread", torch.from_numpy(pixels.std(0) + 1e-3))
        self.grid, self.mid = nn.Linear(GRID, GRID_WIDTH), nn.Linear(MID, MID_WIDTH)
        width = PARTS * GRID_WIDTH + 2 * PARTS * MID_WIDTH + GRID_WIDTH + MID_WIDTH + count + len(KINDS)
        self.first, self.second, self.out = nn.Linear(width, HIDDEN[0]), nn.Linear(*HIDDEN), nn.Linear(HIDDEN[1], 2)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, grid: Tensor, mid: Tensor, pixels: Tensor, kinds: Tensor) -> Tensor:
        """(n, 2) logits: accepted, broken."""
        mid = mid.sign() * mid.abs().log1p()
        grid = grid.log1p()
        if self.training:
            grid = grid + GRID_NOISE * torch.randn_like(grid)
            mid = mid + GRID_NOISE * torch.randn_like(mid)
        grid, mid = self.grid(grid), self.mid(mid)
        moved = torch.cat([(grid[:, 1] - grid[:, 0]).abs(), (mid[:, 1] - mid[:, 0]).abs()], 1)
        told = ((pixels - self.mean) / self.spread).clamp(-PIXELS_MOST, PIXELS_MOST)
        x = self.drop(torch.cat([grid.flatten(1), mid.flatten(1), moved, told, kinds], 1))
        for layer in (self.first, self.second):
            x = self.drop(functional.gelu(layer(x), approximate="tanh"))
        logits: Tensor = self.out(x)
        return logits

    def tensors(self) -> dict[str, Floats]:
        """What the packaged file holds, before `encoders.heads.pack`."""
        named = {name: value.detach().float().numpy() for name, value in self.state_dict().items()}
        return {
            {"mean": "pixels.mean", "spread": "pixels.spread"}.get(name, name): value for name, value in named.items()
        }


def train(
    rows: CriticRows,
    epochs: int,
    seed: int = 0,
    batch: int = 256,
    rate: float = 1e-3,
    decay: float = 0.05,
    device: str = "cpu",
) -> CriticHead:
    """A head fitted on the rows: AdamW, one cycle of the learning rate, both questions alike."""
    torch.manual_seed(seed)
    head = CriticHead(rows.pixels).to(device)
    parts = [part.to(device) for part in rows.tensors()]
    optimiser = torch.optim.AdamW(head.parameters(), rate, weight_decay=decay)
    steps = epochs * -(-len(rows) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for places in torch.split(torch.randperm(len(rows), generator=order), batch):
            *given, wanted = (part[places.to(device)] for part in parts)
            loss = functional.binary_cross_entropy_with_logits(head(*given), wanted)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    return head.cpu().eval()


@torch.no_grad()
def logits(head: CriticHead, rows: CriticRows) -> Floats:
    """(n, 2)."""
    *given, _ = rows.tensors()
    return np.asarray(head.eval()(*given).numpy(), np.float32)


def joined(parts: list[Mapping[str, NDArray[np.generic]]]) -> CriticRows:
    """The rows of several files."""
    names = CriticRows.__dataclass_fields__
    return CriticRows(**{name: np.concatenate([part[name] for part in parts]) for name in names})
