"""The tagger in torch: MiniLM's layers, taught what each step of an instruction is and what each of its words is for.

The table of words stays as it is, so that it is packaged once for embeddings and tags. The lower layers read an instruction once; a step is told to the upper ones by a flag at its
words, so that one pass a step sees the whole instruction: what "it" stands for may lie in another step.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.tagging.labels import KINDS, MEANINGS, ROLES
from pixwright.encoders.tagging.tagger import HERE

WIDTH, HEADS, INNER = 384, 12, 1536
EPS = 1e-12
LAYERS, TRUNK = 6, 3
"""Layers of MiniLM, and how many of them read an instruction before a step is asked about."""
_FAR = -1e4
"""Attention, before the softmax, to what is no text."""
DROPOUT = 0.1


class EncoderLayer(nn.Module):
    """One layer of BERT, its parts called as in the published file."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.joined = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, EPS)
        self.wide = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, EPS)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, t, WIDTH), mask (n, t) of what is text."""
        n, t, _ = x.shape
        q, k, v = (part(x).view(n, t, HEADS, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        # Written out: on a CPU the fused attention's way back is the slower one for so few tokens.
        score = (q @ k.transpose(2, 3)) * (WIDTH // HEADS) ** -0.5
        mixed = score.masked_fill(~mask[:, None, None, :], _FAR).softmax(-1).to(v.dtype) @ v
        x = self.norm1(x + self.drop(self.joined(mixed.transpose(1, 2).reshape(n, t, WIDTH))))
        made: Tensor = self.norm2(x + self.drop(self.narrow(functional.gelu(self.wide(x)))))
        return made


PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "joined": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "norm2": "output.LayerNorm",
}
"""Part of a layer -> its name in the published file."""


class TaggerNetwork(nn.Module):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(LAYERS))
        self.flag = nn.Embedding(3, WIDTH)
        nn.init.zeros_(self.flag.weight)
        self.starts = nn.Linear(WIDTH, 1)
        self.roles = nn.Linear(WIDTH, len(ROLES))
        self.mixed = nn.Linear(2 * WIDTH, WIDTH)
        self.kinds = nn.Linear(WIDTH, len(KINDS))
        self.means = nn.Linear(WIDTH, len(MEANINGS))
        self.drop = nn.Dropout(DROPOUT)

    def trunk(self, words: Tensor, mask: Tensor) -> Tensor:
        """(n, t, WIDTH) of the words, mask (n, t) -> (n, t, WIDTH) of the lower layers."""
        x = words
        for layer in self.layers[:TRUNK]:
            x = layer(x, mask.bool())
        return x

    def forward(self, hidden: Tensor, mask: Tensor, flags: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(n, t, WIDTH) of the lower layers, mask (n, t), flags (n, t) of ALL, HERE and BESIDE (`encoders.tagging.tagger`).

        Log-odds that a step begins at a token (n, t), and log-odds, not normalised, of roles (n, t, r), kinds (n, k) and meanings (n, m).
        """
        x = hidden + self.flag(flags)
        for layer in self.layers[TRUNK:]:
            x = layer(x, mask.bool())
        share = (flags == HERE).float()
        step = (x * share[..., None]).sum(1) / share.sum(1, keepdim=True).clamp(min=1)
        told = self.drop(functional.gelu(self.mixed(torch.cat([x[:, 0], step], 1))))
        return self.starts(x)[..., 0], self.roles(self.drop(x)), self.kinds(told), self.means(told)


class WordTable(nn.Module):
    """MiniLM's words and places, which are not taught."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, WIDTH)
        self.places = nn.Embedding(256, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPS)

    @torch.no_grad()
    def forward(self, ids: Tensor) -> Tensor:
        """ids (n, t) -> (n, t, WIDTH)."""
        found: Tensor = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])
        return found


def table_of(stored: Mapping[str, np.ndarray]) -> WordTable:
    """Of the packaged file's constants by name."""
    made = WordTable().eval()
    made.words.weight.data = torch.from_numpy(stored["words"].astype(np.float32) * stored["words.scale"])
    made.places.weight.data = torch.from_numpy(stored["places.half"].astype(np.float32))
    made.norm.weight.data, made.norm.bias.data = (
        torch.from_numpy(stored[f"embeddings.LayerNorm.{part}"].copy()) for part in ("weight", "bias")
    )
    return made


def fill(layer: nn.Module, stored: Mapping[str, np.ndarray], number: int) -> None:
    """A layer's weights as they are in the packaged file, in int8 with a scale a row."""
    for part, name in PARTS.items():
        module, full = getattr(layer, part), f"encoder.layer.{number}.{name}"
        if isinstance(module, nn.Linear):
            weight = stored[full + ".int8"].astype(np.float32) * stored[full + ".scale"]
        else:
            weight = stored[full + ".weight"]
        module.weight.data = torch.from_numpy(np.array(weight, np.float32))
        module.bias.data = torch.from_numpy(np.array(stored[full + ".bias"], np.float32))
