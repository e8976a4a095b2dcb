"""Task-aware routing: how much of each expert an edit gets, per cross-attention layer (AnySD paper, section 4 and G.4, table 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.nn.tasks import EXPERTS, GENERAL, SHARED, expert_of

Routing: TypeAlias = Literal["soft", "hard"]
SLOTS = len(EXPERTS) + 1
"""Nine experts and the shared path."""


class Router(nn.Module):
    """A gate over the nine experts and the shared path, from the task token, the picture tokens and the text.

    The paper routes by the task embedding; its public code maps the type by hand. Here the hand-made map is the *prior*: the learned part
    starts at zero, so an untrained router follows table 8 with `softmax` weight e^prior / (e^prior + 9) (0.86 at the default).
    The share of the shared path is taken from the experts: at 1 the layer is the plain text cross-attention.
    """

    prior: Tensor

    def __init__(self, width: int, layers: int, *, hidden: int = 256, prior: float = 4.0) -> None:
        super().__init__()
        self.layers = layers
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.enter = nn.Linear(3 * width, hidden)
        self.leave = nn.Linear(hidden, layers * SLOTS)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        self.register_buffer("prior", prior * table_8(), persistent=False)

    def forward(self, task: Tensor, task_token: Tensor, picture: Tensor, text: Tensor) -> Tensor:
        """Soft weights (B, layers, 10), each row adding up to 1, the last slot being the shared path.

        task: (B,) rows of the task table. task_token (B, width); picture (B, Q, width) and text (B, N, width) tokens are averaged.
        """
        parts = (task_token, picture.mean(1), text.mean(1))
        seen = torch.cat([norm(part) for norm, part in zip(self.norms, parts, strict=True)], dim=-1)
        learned = self.leave(F.silu(self.enter(seen))).reshape(-1, self.layers, SLOTS)
        weights: Tensor = (learned + self.prior[task][:, None]).softmax(-1)
        return weights


def table_8() -> Tensor:
    """The paper's assignment as one-hot rows: (15 tasks, 10 slots)."""
    rows = torch.zeros(GENERAL + 1, SLOTS)
    for task in range(GENERAL + 1):
        rows[task, expert_of(task)] = 1.0
    return rows


def hard_weights(task: Tensor, layers: int) -> Tensor:
    """The paper's hard assignment (B, layers, 10), one-hot: the fallback without a trained router, and the ablation (paper, table 6)."""
    return table_8().to(task.device)[task][:, None].expand(-1, layers, -1)


@dataclass(frozen=True)
class Balance:
    """How evenly a batch used the experts."""

    share: tuple[float, ...]
    """Mean weight of each slot; the last is the shared path. Adds up to 1."""
    effective: float
    """exp(entropy) of the nine experts' shares: 1 if one expert does all, 9 if all do the same; 0 if none is used."""
    variation: float
    """Standard deviation of the nine shares over their mean; 0 is even."""


def load_balance(weights: Tensor) -> Balance:
    """The balance of routing weights (B, layers, 10) as `Router` gives them."""
    share = weights.detach().float().mean((0, 1))
    experts = share[:SHARED]
    total = experts.sum()
    if total <= 0:
        return Balance(tuple(share.tolist()), 0.0, 0.0)
    part = experts / total
    entropy = -(part * part.clamp_min(1e-12).log()).sum()
    return Balance(tuple(share.tolist()), float(entropy.exp()), float(part.std(correction=0) * SHARED))


def balance_loss(weights: Tensor) -> Tensor:
    """A scalar that is least (1) when the nine experts get the same mean weight over the batch: E * sum_e f_e P_e.

    Switch Transformer's auxiliary loss (arXiv 2101.03961, equation 4), f the share of rows whose largest expert weight is e's, P the mean weight;
    the shared path does not count. weights: (B, layers, 10).
    """
    experts = weights[..., :SHARED].flatten(0, 1)
    mean = experts.mean(0) / experts.sum(-1).mean().clamp_min(1e-12)
    first = F.one_hot(experts.argmax(-1), SHARED).to(experts.dtype).mean(0)
    return SHARED * (first * mean).sum()
