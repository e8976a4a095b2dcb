"""The network: a causal language model whose top layers also read projected vectors and write control tokens (paper: section 3.1 and appendix A.1.4).

Inputs and control tokens enter where the trained layers begin. At published scale that is below the first layer, as in the paper; at mini scale it is
higher: then the layers below see words alone, are frozen, and what they say of a text can be kept while the layers above learn.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.mllm.tokens import CONTROLS

ALPHA = 2.0
"""What the low-rank change is multiplied by: alpha / rank, with alpha twice the rank."""
_NEW = 0.1
"""Standard deviation of new rows, as a share of the states that they are added to."""
_HEARD = 4.0
"""What the in-projector's last weights begin with, times torch's own beginning: an input is then about as large as the states that it is added to."""


@dataclass(frozen=True)
class Adaptation:
    """What learns, and where."""

    width: int
    """Of the aligned vectors."""
    enter: int = 0
    """Layers below the trained ones; inputs enter above them. 0 as in the paper."""
    rank: int = 16
    """Of the low-rank change of every linear layer above; ignored for `full`."""
    tune: Literal["lora", "full"] = "lora"
    slots: int = 1
    """The most tokens that one input takes."""


class LowRank(nn.Module):
    """A frozen linear layer with a trained change of low rank (arXiv 2106.09685); the layer may be quantised."""

    def __init__(self, layer: nn.Module, rank: int) -> None:
        super().__init__()
        self.layer = layer
        wide, high = int(layer.in_features), int(layer.out_features)  # type: ignore[arg-type]
        self.down = nn.Parameter(torch.randn(rank, wide) / wide**0.5)
        self.up = nn.Parameter(torch.zeros(high, rank))

    def forward(self, x: Tensor) -> Tensor:
        """As the layer, plus the change."""
        change = F.linear(F.linear(x, self.down.to(x.dtype)), self.up.to(x.dtype))
        out: Tensor = self.layer(x)
        return out + ALPHA * change


class InterleavedNetwork(nn.Module):
    """`lower` reads words, `enter` adds inputs and control tokens, `upper` reads all of it, `logits` and `vectors` say what it wrote."""

    def __init__(self, model: Any, adaptation: Adaptation, meanings: Sequence[int], spread: float = 1.0) -> None:
        """model: a causal language model of transformers, which becomes part of this. meanings: the ordinary token of each control token. spread: the usual size
        of a state where inputs enter."""
        super().__init__()
        body = model.base_model
        layers = _layers(body, adaptation.enter)
        for one in model.parameters():
            one.requires_grad_(False)
        self.adaptation, self.count, self.spread = adaptation, len(layers), spread
        self.embed, self.head = model.get_input_embeddings(), model.get_output_embeddings()
        self.below = _part(body, layers[: adaptation.enter]) if adaptation.enter else None
        self.above = _part(body, layers[adaptation.enter :], last=True)
        if adaptation.tune == "lora":
            adapt(self.above, adaptation.rank)
        else:
            for one in self.above.parameters():
                one.requires_grad_(True)
        size = int(self.embed.weight.shape[1])
        self.vocabulary = int(self.embed.weight.shape[0])
        self.size = size
        self.meanings: Tensor
        self.register_buffer("meanings", torch.tensor(list(meanings)), persistent=False)
        self.rows = nn.Parameter(torch.randn(len(CONTROLS), size) * _NEW)
        self.written = nn.Parameter(torch.zeros(len(CONTROLS), size))
        loud = nn.Linear(size, size * adaptation.slots)
        self.inside = nn.Sequential(nn.Linear(adaptation.width, size), nn.GELU(), loud)
        with torch.no_grad():
            loud.weight.mul_(_HEARD)
        self.outside = nn.Sequential(nn.Linear(size, size), nn.GELU(), nn.Linear(size, adaptation.width))

    def lower(self, ids: Tensor, mask: Tensor | None = None, cache: Any = None) -> Tensor:
        """States (B, T, H) of ids (B, T) where inputs enter; mask (B, T): 1 where there is text."""
        known = torch.where(ids < self.vocabulary, ids, self.meanings[(ids - self.vocabulary).clamp(min=0)])
        states: Tensor = self.embed(known)
        return states if self.below is None else _run(self.below, states, mask, cache)

    def enter(self, states: Tensor, ids: Tensor, places: Tensor, vectors: Tensor) -> Tensor:
        """The states with control tokens and inputs added. places (S, 3): row, position and part of a slot; vectors (S, W): its input's."""
        control = (ids - self.vocabulary).clamp(min=0)
        added = self.rows[control] * (ids >= self.vocabulary).unsqueeze(-1)
        if len(places):
            projected = self.inside(vectors * self.adaptation.width**0.5)
            parts = projected.view(len(vectors), self.adaptation.slots, self.size)
            rows, positions, which = places.unbind(1)
            chosen = parts[torch.arange(len(parts), device=parts.device), which]
            added = added.index_put((rows, positions), chosen.to(added.dtype), accumulate=True)
        return states + self.spread * added

    def upper(self, states: Tensor, mask: Tensor | None = None, cache: Any = None) -> Tensor:
        """The last hidden states (B, T, H)."""
        return _run(self.above, states, mask, cache)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., vocabulary + control tokens) of hidden states."""
        written = F.linear(hidden, self.written.to(hidden.dtype))
        return torch.cat([self.head(hidden)[..., : self.vocabulary], written], dim=-1)

    def vectors(self, hidden: Tensor) -> Tensor:
        """Unit vectors (..., W) that are read from the hidden states of control tokens."""
        return F.normalize(self.outside(hidden).float(), dim=-1)

    def learnt(self) -> Iterator[tuple[str, nn.Parameter]]:
        """What is trained, by name."""
        return ((name, one) for name, one in self.named_parameters() if one.requires_grad)


def adapt(module: nn.Module, rank: int) -> int:
    """Give every linear layer in `module` a low-rank change; the number of layers."""
    found = [
        (parent, name, child)
        for parent in list(module.modules())
        for name, child in list(parent.named_children())
        if hasattr(child, "in_features") and hasattr(child, "out_features") and not isinstance(parent, LowRank)
    ]
    for parent, name, child in found:
        setattr(parent, name, LowRank(child, rank))
    return len(found)


def usual_size(states: Tensor) -> float:
    """Median over tokens of a state's root mean square: some tokens have far larger ones."""
    return float(states.float().square().mean(-1).sqrt().median())


def _layers(body: Any, enter: int) -> list[nn.Module]:
    layers = getattr(body, "layers", None)
    if layers is None:
        if enter:
            raise InvalidOption(
                f"{type(body).__name__} has no list of layers; use enter=0, or a Llama-like model (Llama, Mistral, Qwen)"
            )
        return []
    if not 0 <= enter < len(layers):
        raise InvalidOption(
            f"enter={enter} is not below the model's {len(layers)} layers; allowed: 0 to {len(layers) - 1}"
        )
    return list(layers)


def _part(body: Any, layers: list[nn.Module], last: bool = False) -> Any:
    """The body with some of its layers only; the weights are shared. All but the last part end without the final norm."""
    if last and len(layers) == len(getattr(body, "layers", layers)):
        return body
    part = copy.copy(body)
    part._modules = dict(body._modules)
    part.config = copy.deepcopy(body.config)
    part.config.num_hidden_layers = len(layers)
    if getattr(part.config, "layer_types", None):
        kinds = [getattr(one, "attention_type", "full_attention") for one in layers]
        part.config.layer_types = kinds
    part.layers = nn.ModuleList(layers)
    part.embed_tokens = nn.Identity()
    for number, layer in enumerate(layers):
        layer.self_attn.layer_idx = number  # type: ignore[union-attr]
    if not last:
        part.norm = nn.Identity()
    return part


def _run(body: Any, states: Tensor, mask: Tensor | None, cache: Any) -> Tensor:
    further = {} if cache is None else {_cache_name(body): cache, "use_cache": True}
    if cache is None:
        further["use_cache"] = False
    found: Tensor = body(inputs_embeds=states, attention_mask=mask, **further).last_hidden_state
    return found


def _cache_name(body: Any) -> str:
    """What transformers calls the cache of keys and values: its name has changed."""
    names = inspect.signature(inspect.unwrap(type(body).forward)).parameters
    return "cache" if "cache" in names else "past_key_values"
