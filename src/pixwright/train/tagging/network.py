"""The tagger in torch: the upper layers of MiniLM, taught what each step of an instruction is and what each of its words is for.

MiniLM's lower layers stay as they are, so that an instruction's embedding and its tags share their work (as in multi-task BERT: Liu et al. 2019, MT-DNN, section 3). A
step is told to the upper layers by a flag at its words, so that one pass a step sees the whole instruction: what "it" stands for may lie in another step.
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
LAYERS = 6
"""Of MiniLM."""
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
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
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
    """See the module. `lower` frozen layers, and the others taught."""

    def __init__(self, lower: int) -> None:
        super().__init__()
        self.lower = lower
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(LAYERS - lower))
        self.flag = nn.Embedding(3, WIDTH)
        nn.init.zeros_(self.flag.weight)
        self.starts = nn.Linear(WIDTH, 1)
        self.roles = nn.Linear(WIDTH, len(ROLES))
        self.mixed = nn.Linear(2 * WIDTH, WIDTH)
        self.kinds = nn.Linear(WIDTH, len(KINDS))
        self.means = nn.Linear(WIDTH, len(MEANINGS))
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, mask: Tensor, flags: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(n, t, WIDTH) of the lower layers, mask (n, t), flags (n, t) of ALL, HERE and BESIDE (`encoders.tagging.tagger`).

        Log-odds that a step begins at a token (n, t), and log-odds, not normalised, of roles (n, t, r), kinds (n, k) and meanings (n, m).
        """
        x = hidden + self.flag(flags)
        for layer in self.layers:
            x = layer(x, mask.bool())
        share = (flags == HERE).float()
        step = (x * share[..., None]).sum(1) / share.sum(1, keepdim=True).clamp(min=1)
        told = self.drop(functional.gelu(self.mixed(torch.cat([x[:, 0], step], 1))))
        return self.starts(x)[..., 0], self.roles(self.drop(x)), self.kinds(told), self.means(told)


class FrozenLayers(nn.Module):
    """MiniLM's words, places and first layers."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, WIDTH)
        self.places = nn.Embedding(256, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPS)
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(count))

    @torch.no_grad()
    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask (n, t) -> (n, t, WIDTH)."""
        x: Tensor = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, mask.bool())
        return x


def frozen(stored: Mapping[str, np.ndarray], count: int) -> FrozenLayers:
    """The first layers, of the packaged file's constants by name."""
    made = FrozenLayers(count).eval()
    made.words.weight.data = torch.from_numpy(stored["words"].astype(np.float32) * stored["words.scale"])
    made.places.weight.data = torch.from_numpy(stored["places.half"].astype(np.float32))
    made.norm.weight.data, made.norm.bias.data = (
        torch.from_numpy(stored[f"embeddings.LayerNorm.{part}"].copy()) for part in ("weight", "bias")
    )
    for i in range(count):
        fill(made.layers[i], stored, i)
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
