"""The heads together with their loss: symmetric InfoNCE with several positives, and the same on mixed pairs (FuseMix)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.train.aligned.heads import TrainedHead

START, COLDEST, WARMEST = 0.07, 0.01, 0.5
"""Temperature: where it starts, and what it is held between."""
_BRIDGE = 0.5
"""Weight of sounds against pictures beside everything against its words."""
_CLOSED = -1e4


class AlignedHeads(nn.Module):
    """A head for each side, and one temperature."""

    def __init__(self, heads: dict[str, TrainedHead]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict(heads)
        self.log_temperature = nn.Parameter(torch.tensor([math.log(START)]))

    @property
    def temperature(self) -> Tensor:
        """Held within its bounds."""
        return self.log_temperature.exp().clamp(COLDEST, WARMEST)

    def forward(
        self,
        pictures: Tensor,
        sounds: Tensor,
        music: Tensor,
        texts: Tensor,
        partners: Tensor,
        groups: Tensor,
        apart: Tensor,
        mixed: Tensor,
    ) -> Tensor:
        """Latents of pictures, sounds and music; of their words, in that order; pictures (m) of what the first m sounds are of.

        Rows of one of `groups` (n,) are positives of each other; pairs in `apart` (n, n) that are false are left out. `mixed` (n,) marks rows that are mixtures of two: their
        one positive is themselves.
        """
        media = torch.cat([self.heads["picture"](pictures), self.heads["sound"](sounds), self.heads["music"](music)])
        words = self.heads["text"](texts)
        same = (groups[:, None] == groups[None]) & ~mixed[:, None] & ~mixed[None]
        same |= torch.eye(len(groups), dtype=torch.bool, device=groups.device)
        clear = apart & ~(mixed[:, None] ^ mixed[None])
        loss = contrast(media @ words.T / self.temperature, same, clear | same)
        if len(partners):
            first = len(pictures)
            heard = media[first : first + len(partners)]
            seen = self.heads["picture"](partners)
            among = groups[first : first + len(partners)]
            alike = among[:, None] == among[None]
            loss = loss + _BRIDGE * contrast(heard @ seen.T / self.temperature, alike, torch.ones_like(alike))
        return loss


def contrast(logits: Tensor, same: Tensor, counted: Tensor) -> Tensor:
    """Symmetric cross-entropy against all positives alike: (n, n) logits, what is the same, and what counts at all."""
    kept = logits.masked_fill(~counted, _CLOSED)
    target = same.float()
    ways = []
    for scores, goal in ((kept, target), (kept.T, target.T)):
        share = goal / goal.sum(1, keepdim=True)
        ways.append(-(share * F.log_softmax(scores, 1)).sum(1).mean())
    return torch.stack(ways).mean()
