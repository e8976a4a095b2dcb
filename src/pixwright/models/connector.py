"""The connector of ReasonPix2Pix: hidden states of a language model to the tokens that a denoiser reads in place of a text (paper: section 3.3).

The paper does not say what it is. The nearest published one is MGIE's (Fu et al. 2024): 77 learned queries, width 512, four layers; `PUBLISHED` has its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pixwright.errors import InvalidRecord
from pixwright.models.files import read_part, save_part
from pixwright.nn.projector import Resampler

MINI: Mapping[str, int] = {"width": 256, "queries": 16, "depth": 2, "heads": 4, "head_width": 64, "growth": 2}
PUBLISHED: Mapping[str, int] = {"width": 512, "queries": 77, "depth": 4, "heads": 8, "head_width": 64, "growth": 4}


class Connector(nn.Module):
    """States (B, N, H) -> tokens (B, queries, C)."""

    def __init__(self, states: int, text: int, *, tokens: int, reader: str, **shape: int) -> None:
        """states: H. text: C. tokens: N, as many states as it was trained on. reader: whose states they are, by name."""
        super().__init__()
        self.about: dict[str, Any] = {"states": states, "text": text, "tokens": tokens, "reader": reader, **shape}
        # States of a language model have a few dimensions that are hundreds of times as large as the others.
        self.level = nn.LayerNorm(states)
        self.resampler = Resampler(states, text, **shape)

    def forward(self, states: Tensor) -> Tensor:
        """(B, N, H) -> (B, queries, C)."""
        out: Tensor = self.resampler(self.level(states))
        return out


def save_connector(path: Path, connector: Connector, side: int, recipe: Mapping[str, Any]) -> None:
    """Write it, whole or not at all."""
    save_part(path, connector.state_dict(), connector.about, None, side, recipe)


def load_connector(path: Path) -> Connector:
    """What `save_connector` wrote, in float32. Raises InvalidOption where nothing is, InvalidRecord for another file."""
    part = read_part(path)
    try:
        connector = Connector(**dict(part.shape))
        connector.load_state_dict({name: value.float() for name, value in part.state.items()})
    except (TypeError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())[:200]
        raise InvalidRecord(f"{path.name} is no connector ({reason}); export it again with recipes/train") from None
    return connector.eval()


def connector_for(states: int, text: int, tokens: int, reader: str, seed: int, shape: Mapping[str, int]) -> Connector:
    """A fresh one."""
    torch.manual_seed(seed)
    return Connector(states, text, tokens=tokens, reader=reader, **shape)
