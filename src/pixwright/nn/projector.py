"""The visual prompt projector: picture features of any number to a fixed few tokens in the text's width (AnySD paper, section 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Resampler(nn.Module):
    """Learned queries that read picture features by attention (Perceiver resampler: arXiv 2204.14198; shapes as in IP-Adapter-Plus).

    (B, N, width_in) features of a frozen picture encoder -> (B, queries, width_out) tokens. N may differ from call to call. The published
    AnySD has width_in 1280 (CLIP ViT-H/14, last layer but one), width_out 768, 16 queries, depth 4, 12 heads of 64.
    """

    def __init__(
        self,
        width_in: int,
        width_out: int,
        *,
        width: int = 768,
        queries: int = 16,
        depth: int = 4,
        heads: int = 12,
        head_width: int = 64,
        growth: int = 4,
    ) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(1, queries, width) / width**0.5)
        self.enter = nn.Linear(width_in, width)
        self.read = nn.ModuleList(_Reading(width, heads, head_width) for _ in range(depth))
        self.think = nn.ModuleList(_feed_forward(width, growth) for _ in range(depth))
        self.leave = nn.Linear(width, width_out)
        self.norm = nn.LayerNorm(width_out)

    def forward(self, features: Tensor) -> Tensor:
        """(B, N, width_in) -> (B, queries, width_out)."""
        features = self.enter(features)
        tokens = self.queries.expand(len(features), -1, -1)
        for read, think in zip(self.read, self.think, strict=True):
            tokens = tokens + read(tokens, features)
            tokens = tokens + think(tokens)
        out: Tensor = self.norm(self.leave(tokens))
        return out


class _Reading(nn.Module):
    """Attention of the queries to the features and to themselves."""

    def __init__(self, width: int, heads: int, head_width: int) -> None:
        super().__init__()
        inner = heads * head_width
        self.heads = heads
        self.norm_features, self.norm_tokens = nn.LayerNorm(width), nn.LayerNorm(width)
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)

    def forward(self, tokens: Tensor, features: Tensor) -> Tensor:
        tokens = self.norm_tokens(tokens)
        seen = torch.cat([self.norm_features(features), tokens], dim=1)
        key, value = self.to_kv(seen).chunk(2, dim=-1)
        query = self.to_q(tokens)
        split = [part.reshape(*part.shape[:2], self.heads, -1).transpose(1, 2) for part in (query, key, value)]
        mixed = F.scaled_dot_product_attention(*split)
        out: Tensor = self.to_out(mixed.transpose(1, 2).flatten(2))
        return out


def _feed_forward(width: int, growth: int) -> nn.Module:
    inner = width * growth
    return nn.Sequential(
        nn.LayerNorm(width), nn.Linear(width, inner, bias=False), nn.GELU(), nn.Linear(inner, width, bias=False)
    )
