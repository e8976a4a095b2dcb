"""Functions of a place as small networks: a positional encoding that opens its frequencies one by one, a hash grid of many resolutions, and the MLP behind them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_PRIMES = (1, 2_654_435_761, 805_459_861, 3_674_653_429)
"""Of the spatial hash (Teschner et al. 2003, as instant-ngp has it), one a dimension."""
_START = 1e-4
"""Features of a grid begin uniformly within plus and minus this (arXiv 2201.05989, section 4)."""


class AnnealedEncoding(nn.Module):
    """Sines and cosines of the coordinates in octaves; an octave fades in as `opened` passes it (Park et al. 2021, arXiv 2011.12948, equation 8)."""

    def __init__(self, dims: int, bands: int) -> None:
        """`dims` coordinates, `bands` octaves above pi."""
        super().__init__()
        self.bands = bands
        self.width = dims * (1 + 2 * bands)
        """Numbers that a point becomes; the coordinates themselves come first."""

    def forward(self, points: Tensor, opened: float = 1.0) -> Tensor:
        """(N, dims), about 0..1 -> (N, width). opened in 0..1: the share of the octaves that are let through."""
        octave = torch.arange(self.bands, device=points.device, dtype=points.dtype)
        through = 0.5 * (1 - torch.cos(math.pi * (opened * self.bands - octave).clamp(0, 1)))
        angles = points[:, None, :] * (math.pi * 2**octave)[:, None]
        waves = torch.stack([angles.sin(), angles.cos()], dim=1) * through[:, None]
        return torch.cat([points, waves.flatten(1)], dim=1)


class HashGrid(nn.Module):
    """Features of a place in the unit cube, interpolated in grids of growing resolution whose corners share tables (instant-ngp, arXiv 2201.05989)."""

    def __init__(
        self,
        dims: int,
        *,
        levels: int = 8,
        features: int = 2,
        table: int = 2**15,
        coarsest: int = 16,
        finest: int = 256,
    ) -> None:
        """`levels` resolutions from `coarsest` to `finest` cells a side, geometrically; `table` entries of `features` numbers each (a power of two)."""
        super().__init__()
        growth = (finest / coarsest) ** (1 / max(levels - 1, 1))
        sides = torch.tensor([int(coarsest * growth**level) for level in range(levels)])
        self.width = levels * features
        """Numbers that a point becomes."""
        self._table = table
        self.values = nn.Parameter(torch.empty(levels * table, features).uniform_(-_START, _START))
        self.register_buffer("sides", sides, persistent=False)
        self.register_buffer("starts", torch.arange(levels) * table, persistent=False)
        # A level whose corners all have room in its table needs no hash, and none share an entry.
        strides = (sides[:, None] + 1) ** torch.arange(dims)
        self.register_buffer("strides", strides, persistent=False)
        self.register_buffer("fits", (sides + 1) ** dims <= table, persistent=False)
        self.sides: Tensor
        self.starts: Tensor
        self.strides: Tensor
        self.fits: Tensor

    def forward(self, points: Tensor) -> Tensor:
        """(N, dims) in 0..1, others are held at the border -> (N, width). Differentiable in the points as well."""
        scaled = points.clamp(0, 1)[:, None] * self.sides[:, None]
        low = scaled.detach().floor().minimum(self.sides[:, None] - 1).clamp_min(0)
        share = scaled - low
        # A corner is low or high in each dimension: pairs that are put together dimension by dimension.
        ends = torch.stack([low, low + 1], dim=-1).long()
        halves = torch.stack([1 - share, share], dim=-1)
        plain = ends * self.strides[..., None]
        weights, rows, hashed = halves[:, :, 0], plain[:, :, 0], ends[:, :, 0]
        for dim in range(1, ends.shape[2]):
            weights = _paired(torch.mul, weights, halves[:, :, dim])
            rows = _paired(torch.add, rows, plain[:, :, dim])
            hashed = _paired(torch.bitwise_xor, hashed, ends[:, :, dim] * _PRIMES[dim])
        rows = torch.where(self.fits[:, None], rows, hashed % self._table) + self.starts[:, None]
        count = rows.shape[-1]
        mixed: Tensor = _WeightedRows.apply(self.values, rows.reshape(-1, count), weights.reshape(-1, count))  # type: ignore[no-untyped-call]
        return mixed.reshape(len(points), self.width)


def _paired(combine: Callable[[Tensor, Tensor], Tensor], one: Tensor, other: Tensor) -> Tensor:
    """(N, L, K) and (N, L, 2) -> (N, L, 2 K)."""
    return combine(one[..., None], other[:, :, None]).flatten(2)


class _WeightedRows(torch.autograd.Function):
    """Weighted sums of a table's rows, as `embedding_bag` computes them; its own gradient sorts all rows first, which takes half of a step here."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, rows: Tensor, weights: Tensor) -> Tensor:
        """values (E, C); rows and weights (N, K) -> (N, C)."""
        ctx.save_for_backward(values, rows, weights)
        return F.embedding_bag(rows, values, per_sample_weights=weights, mode="sum")

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, Tensor | None]:
        """Of the values and the weights."""
        values, rows, weights = ctx.saved_tensors
        shares = weights[..., None] * grads[0][:, None]
        table = torch.zeros_like(values).index_add_(0, rows.reshape(-1), shares.reshape(-1, values.shape[1]))
        if not ctx.needs_input_grad[2]:
            return table, None, None
        return table, None, (values[rows] * grads[0][:, None]).sum(-1)


def mlp(inputs: int, outputs: int, *, width: int, depth: int, still: bool = False) -> nn.Sequential:
    """`depth` hidden layers of `width` with ReLU between them. `still`: it answers zeros until it has learnt."""
    sizes = [inputs, *[width] * depth]
    layers: list[nn.Module] = []
    for size, following in itertools.pairwise(sizes):
        layers += [nn.Linear(size, following), nn.ReLU()]
    last = nn.Linear(sizes[-1], outputs)
    if still:
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)
