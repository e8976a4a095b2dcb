"""The connector of ReasonPix2Pix: hidden states of a language model to the tokens that a denoiser reads in place of a text (paper: section 3.3).

The paper does not say what it is. The nearest published one is MGIE's (Fu et al. 2024): 77 learned queries, width 512, four layers; `PUBLISHED` has its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.errors import InvalidRecord
from pixwright.models.files import read_part, save_part
from pixwright.nn.projector import Resampler

NO_DIGESTS: Mapping[str, str] = MappingProxyType({})
NO_LAYERS: Mapping[str, Tensor] = MappingProxyType({})
_LOWEST = -1e4
"""Stands where there is no state, so that it is never the largest."""
POOLED = 3
"""Summaries of a row of states (`pooled`)."""
_LAYERS = "denoiser."
"""Begins the names of a denoiser's weights in a connector's file."""
MINI: Mapping[str, int] = {"width": 128, "queries": 16, "depth": 2, "heads": 4, "head_width": 64, "growth": 2} | {
    "rank": 128,
    "length": 32,
}
PUBLISHED: Mapping[str, int] = {"width": 512, "queries": 77, "depth": 4, "heads": 8, "head_width": 64, "growth": 4}


class Connector(nn.Module):
    """States (B, N, H) -> tokens (B, queries, C)."""

    def __init__(
        self, states: int, text: int, *, tokens: int, reader: str, of: Mapping[str, str] = NO_DIGESTS, **shape: int
    ) -> None:
        """states: H. text: C. tokens: N, as many states as it was trained on. reader: whose states they are, by name. of: sha256 of the trained parts that it
        belongs to, by name. shape: the resampler's; `rank` of a linear path beside it (0: none); `length` of what comes out, zeros behind the queries (0: as it is)."""
        super().__init__()
        self.about: dict[str, Any] = {
            "states": states,
            "text": text,
            "tokens": tokens,
            "reader": reader,
            "of": dict(of),
        }
        self.about |= shape
        self.queries, self.length = shape["queries"], shape.get("length", 0)
        inner = {name: value for name, value in shape.items() if name not in ("rank", "length")}
        # States of a language model have a few dimensions that are hundreds of times as large as the others.
        self.level = nn.LayerNorm(states)
        self.resampler = Resampler(states, text, **inner)
        # The resampler's tokens are of one length; those of a text encoder are not, and behind the end of a text they are zeros.
        self.say = nn.Linear(text, text)
        self.linear: nn.Sequential | None = None
        if rank := min(shape.get("rank", 0), POOLED * states):
            # Solved, not descended to (`train.reasoning.solve`): what is learnt besides starts from there.
            across = nn.Linear(POOLED * states, rank, bias=False), nn.Linear(rank, self.queries * text)
            self.linear = nn.Sequential(*across).requires_grad_(False)
            nn.init.zeros_(self.say.weight)
            nn.init.zeros_(self.say.bias)
        self.layers: dict[str, Tensor] = {}
        """Weights of the denoiser that learnt with it, by name."""

    def forward(self, states: Tensor) -> Tensor:
        """(B, N, H) -> (B, queries, C), or (B, length, C)."""
        out: Tensor = self.say(self.resampler(self.level(states)))
        if self.linear is not None:
            out = out + self.linear(pooled(states)).view_as(out)
        return F.pad(out, (0, 0, 0, max(self.length - out.shape[1], 0)))


def pooled(states: Tensor) -> Tensor:
    """(B, N, H), zeros behind each end -> (B, 3 H): mean, last and largest of the states that are there, each state brought to one level."""
    there = states.abs().amax(2, keepdim=True) > 0
    level = F.layer_norm(states, states.shape[-1:])
    count = there.sum(1).clamp(min=1)
    last = level.gather(1, (count - 1).unsqueeze(1).expand(-1, 1, level.shape[2])).squeeze(1)
    largest = torch.where(there, level, _LOWEST).amax(1)
    return torch.cat([(level * there).sum(1) / count, last, largest], 1)


def save_connector(
    path: Path, connector: Connector, side: int, recipe: Mapping[str, Any], layers: Mapping[str, Tensor] = NO_LAYERS
) -> None:
    """Write it, whole or not at all, with those weights of the denoiser that learnt with it."""
    state = {**connector.state_dict(), **{f"{_LAYERS}{name}": value for name, value in layers.items()}}
    save_part(path, state, connector.about, None, side, recipe)


def load_connector(path: Path) -> Connector:
    """What `save_connector` wrote, in float32. Raises InvalidOption where nothing is, InvalidRecord for another file."""
    part = read_part(path)
    state = {name: value.float() for name, value in part.state.items()}
    layers = {name.removeprefix(_LAYERS): state.pop(name) for name in list(state) if name.startswith(_LAYERS)}
    try:
        connector = Connector(**dict(part.shape))
        connector.load_state_dict(state)
    except (TypeError, RuntimeError, KeyError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise InvalidRecord(f"{path.name} is no connector ({reason}); export it again with recipes/train") from None
    connector.layers = layers
    return connector.eval()


def put_layers(unet: nn.Module, connector: Connector, path: Path) -> None:
    """Give the denoiser the weights that learnt with the connector. Raises InvalidRecord where they are another network's."""
    own = dict(unet.named_parameters())
    if any(name not in own or own[name].shape != value.shape for name, value in connector.layers.items()):
        raise InvalidRecord(f"{path.name} holds layers of another denoiser; give the weights that it was trained on")
    with torch.no_grad():
        for name, value in connector.layers.items():
            own[name].copy_(value)


def connector_for(
    states: int,
    text: int,
    tokens: int,
    reader: str,
    seed: int,
    shape: Mapping[str, int],
    of: Mapping[str, str] = NO_DIGESTS,
) -> Connector:
    """A fresh one."""
    torch.manual_seed(seed)
    return Connector(states, text, tokens=tokens, reader=reader, of=of, **shape)
