"""Experts beside every text cross-attention layer (AnySD paper, section 4, equations 2 to 5): decoupled cross-attention with a router.

`out = Attn(Q, K_text, V_text) + sum_e w_e Attn(Q, K_e, V_e)`, with K_e = K_e-weights x visual tokens, and so V_e; both bias-free. The experts are a
module of their own: a network that carries them keeps its own `state_dict`, and `eject` gives it back as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.nn.network import AttentionLayer, UNet
from pixwright.nn.projector import Resampler
from pixwright.nn.routing import Router, Routing, hard_weights
from pixwright.nn.tasks import EXPERTS, GENERAL, SHARED


@dataclass(frozen=True, eq=False)
class VisualPrompt:
    """What the experts see of one edit; made once, used in every step and layer."""

    tokens: Tensor
    """(B, 1 + Q, C): the task token, then the picture's tokens (zeros where there is no reference). (B, 9, 1 + Q, C) where each expert has
    a projector of its own."""
    routing: Tensor
    """(B, layers, 10): the weights of the nine experts and of the shared path, each row adding up to 1."""
    active: tuple[int, ...]
    """The experts that any row uses; the others are not computed."""
    strength: float = 1.0
    """Factor on what the experts add (the public code's reference scale, 0.8 there); 0 is the plain network."""

    def keep(self, rows: Tensor) -> VisualPrompt:
        """The same with the visual prompt taken from every row where `rows` (B,) is False: exactly the plain network there."""
        plain = torch.zeros_like(self.routing)
        plain[..., SHARED] = 1.0
        return replace(self, routing=torch.where(rows[:, None, None], self.routing, plain))

    def repeat(self, times: int) -> VisualPrompt:
        """The batch `times` over: rows 0..B-1, then 0..B-1 again."""
        return replace(self, tokens=torch.cat([self.tokens] * times), routing=self.routing.repeat(times, 1, 1))


def split_heads(part: Tensor, heads: int) -> Tensor:
    """(B, N, heads * d) -> (B, heads, N, d)."""
    return part.reshape(*part.shape[:2], heads, -1).transpose(1, 2)


class ExpertLayer(nn.Module):
    """The nine experts' keys and values of one cross-attention layer."""

    def __init__(self, inner: int, width: int) -> None:
        super().__init__()
        self.to_k = nn.Parameter(torch.zeros(len(EXPERTS), inner, width))
        self.to_v = nn.Parameter(torch.zeros(len(EXPERTS), inner, width))

    def forward(self, query: Tensor, tokens: Tensor, weights: Tensor, active: tuple[int, ...]) -> Tensor:
        """query (B, heads, N, d), tokens (B, T, C) or (B, 9, T, C), weights (B, 9) -> what the experts add, (B, heads, N, d)."""
        heads, chosen = query.shape[1], list(active)

        def project(weight: Tensor) -> Tensor:
            """(B, heads, experts * T, d)"""
            if tokens.ndim == 4:
                made = torch.einsum("betc,eic->beti", tokens[:, chosen], weight[chosen])
            else:
                made = F.linear(tokens, weight[chosen].flatten(0, 1))
                made = made.reshape(*made.shape[:2], len(chosen), -1).transpose(1, 2)
            return made.reshape(*made.shape[:3], heads, -1).permute(0, 3, 1, 2, 4).flatten(2, 3)

        # One product for all experts: each one's softmax is over its own tokens, then weighted.
        key, value = project(self.to_k), project(self.to_v)
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(2, 3)
        apart = scores.reshape(*scores.shape[:3], len(chosen), -1).float().softmax(-1)
        shares = (apart * weights[:, None, None, chosen, None]).flatten(3)
        added: Tensor = shares.to(value.dtype) @ value
        return added


class Experts(nn.Module):
    """Projector, task table, router and the experts of every layer: all that AnySD's second stage trains.

    inner: width of each cross-attention layer, in the network's order. width: that of the text tokens. feature_width: that of the picture
    encoder whose features the projector reads; `queries` tokens come out of it. `own_projectors`: one for each expert, as in the published
    AnySD, whose experts were trained apart; else all share one. The rest is the projector's shape.
    """

    def __init__(
        self,
        inner: Sequence[int],
        width: int,
        feature_width: int,
        *,
        queries: int = 16,
        projector_width: int = 768,
        depth: int = 4,
        heads: int = 12,
        head_width: int = 64,
        own_projectors: bool = False,
    ) -> None:
        super().__init__()
        self.queries, self.own_projectors = queries, own_projectors
        self.layers = nn.ModuleList(ExpertLayer(n, width) for n in inner)
        self.table = nn.Embedding(GENERAL + 1, width)
        made = [
            Resampler(
                feature_width,
                width,
                width=projector_width,
                queries=queries,
                depth=depth,
                heads=heads,
                head_width=head_width,
            )
            for _ in range(len(EXPERTS) if own_projectors else 1)
        ]
        self.projector = nn.ModuleList(made) if own_projectors else made[0]
        self.router = Router(width, len(inner))

    def each_layer(self) -> list[ExpertLayer]:
        """The experts of every cross-attention layer, in the network's order."""
        return [layer for layer in self.layers if isinstance(layer, ExpertLayer)]

    def forward(
        self,
        task: Tensor,
        features: Tensor | None,
        text: Tensor,
        *,
        routing: Routing = "soft",
        strength: float = 1.0,
        referenced: Tensor | None = None,
    ) -> VisualPrompt:
        """The visual prompt of a batch.

        task: (B,) long, rows of the task table (`nn.tasks.task_of`). features: (B, N, feature_width) of the reference pictures, or None: then the
        picture tokens are zeros, as the paper says. `referenced` (B,) bool marks the rows whose features count. text: (B, N, width).
        """
        if task.min() < 0 or task.max() > GENERAL:
            raise InvalidOption(f"task {task.tolist()} is not a row of the task table; rows are 0..{GENERAL}")
        token = self.table(task)
        soft = routing == "soft"
        hard = hard_weights(task, len(self.layers))
        used = tuple(range(SHARED) if soft else hard[:, 0, :SHARED].sum(0).nonzero().flatten().tolist())
        picture = self._project(token, features, used)
        if referenced is not None:
            picture = picture * referenced.reshape(-1, *[1] * (picture.ndim - 1))
        # The router reads one set of picture tokens: their mean where every expert has its own.
        shown = picture.mean(1) if self.own_projectors else picture
        weights = self.router(task, token, shown, text) if soft else hard
        first = token[:, None, None].expand(-1, len(EXPERTS), 1, -1) if self.own_projectors else token[:, None]
        return VisualPrompt(torch.cat([first, picture], -2), weights.to(token.dtype), used, strength)

    def _project(self, token: Tensor, features: Tensor | None, used: tuple[int, ...]) -> Tensor:
        """The picture tokens, (B, Q, C), or (B, 9, Q, C) from projectors of their own; zeros without features and for experts not used."""
        if not isinstance(self.projector, nn.ModuleList):
            empty = token.new_zeros(len(token), self.queries, token.shape[-1])
            return empty if features is None else self.projector(features)
        picture = token.new_zeros(len(token), len(EXPERTS), self.queries, token.shape[-1])
        for e in used if features is not None else ():
            picture[:, e] = self.projector[e](features)
        return picture


class ExpertAttention:
    """An attention processor of diffusers with one layer's experts; what it stands in for is kept, to be put back.

    Not a module: the network's own parameters, names and `state_dict` stay as they are.
    """

    def __init__(self, index: int, layer: Any, replaced: Any) -> None:
        self.index, self.layer, self.replaced = index, layer, replaced

    def __call__(
        self,
        attn: AttentionLayer,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | tuple[Tensor, Any] | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """hidden_states (R, N, C). With text alone, exactly the processor that was replaced.

        With (text, prompt) the first B rows, B the prompt's, see the experts; the others, whose visual prompt is null, pay nothing for them.
        """
        if not isinstance(encoder_hidden_states, tuple):
            plain: Tensor = self.replaced(attn, hidden_states, encoder_hidden_states, attention_mask, temb)
            return plain
        text, prompt = encoder_hidden_states
        if attn.norm_cross:
            text = attn.norm_encoder_hidden_states(text)
        parts = (attn.to_q(hidden_states), attn.to_k(text), attn.to_v(text))
        query, key, value = (split_heads(part, attn.heads) for part in parts)
        query = query if attn.norm_q is None else attn.norm_q(query)
        key = key if attn.norm_k is None else attn.norm_k(key)
        if attention_mask is not None:
            attention_mask = attn.prepare_attention_mask(attention_mask, text.shape[1], len(text))
            attention_mask = attention_mask.reshape(len(text), attn.heads, -1, attention_mask.shape[-1])
        out = F.scaled_dot_product_attention(query, key, value, attn_mask=attention_mask)
        out = self.beside(out, query, prompt)
        out = attn.to_out[0](out.transpose(1, 2).flatten(2))
        done: Tensor = attn.to_out[1](out) / attn.rescale_output_factor
        return done

    def beside(self, out: Tensor, query: Tensor, prompt: Any) -> Tensor:
        """The text's attention, (R, heads, N, d), with what the layer adds to it for a prompt of its kind."""
        if not prompt.active or not prompt.strength:
            return out
        rows = len(prompt.tokens)
        weights = prompt.strength * prompt.routing[:, self.index, :SHARED]
        added = self.layer(query[:rows], prompt.tokens, weights, prompt.active)
        return torch.cat([out[:rows] + added, out[rows:]])


def cross_attention(unet: UNet) -> list[tuple[str, AttentionLayer]]:
    """Every text cross-attention layer with its name, in the network's order: 16 in the shape of SD 1.5, 70 in that of SDXL."""
    return [(name, module) for name, module in unet.named_modules() if name.endswith(".attn2")]


def experts_for(
    unet: UNet,
    feature_width: int,
    *,
    queries: int = 16,
    projector_width: int = 768,
    depth: int = 4,
    heads: int = 12,
    head_width: int = 64,
    own_projectors: bool = False,
) -> Experts:
    """New experts of the network's shape, on its device and in its dtype, whose keys and values start as copies of the layers' own."""
    found = [attn for _, attn in cross_attention(unet)]
    if not found:
        raise InvalidOption("the network has no text cross-attention layer; experts need at least one")
    experts = Experts(
        [attn.to_k.out_features for attn in found],
        found[0].to_k.in_features,
        feature_width,
        queries=queries,
        projector_width=projector_width,
        depth=depth,
        heads=heads,
        head_width=head_width,
        own_projectors=own_projectors,
    )
    experts.to(device=unet.device, dtype=unet.dtype)
    with torch.no_grad():
        for attn, layer in zip(found, experts.each_layer(), strict=True):
            layer.to_k.copy_(attn.to_k.weight.expand_as(layer.to_k))
            layer.to_v.copy_(attn.to_v.weight.expand_as(layer.to_v))
    return experts


def inject(unet: UNet, experts: Experts) -> None:
    """Put the experts beside the network's text cross-attention layers; its parameters stay untouched. The inverse is `eject`."""
    layers = experts.each_layer()
    put_beside(unet, layers, [layer.to_k.shape[1] for layer in layers], ExpertAttention)


def put_beside(unet: UNet, layers: Sequence[Any], widths: Sequence[int], kind: type[ExpertAttention]) -> None:
    """A processor of that kind in every text cross-attention layer, with its part of `layers`, `widths` wide. Raises InvalidOption where they do not fit."""
    found = cross_attention(unet)
    inner = [attn.to_k.out_features for _, attn in found]
    if inner != list(widths):
        raise InvalidOption(
            f"experts of {len(widths)} layers do not fit a network of {len(inner)}; make them by experts_for or views_for"
        )
    for name, attn in found:
        if isinstance(attn.processor, ExpertAttention):
            raise InvalidOption(f"{name} carries experts already, or views; eject them first")
        if attn.group_norm is not None or attn.spatial_norm is not None or attn.add_k_proj is not None:
            raise InvalidOption(f"{name} is not a plain text cross-attention; no other kind is known")
    for index, ((_, attn), layer) in enumerate(zip(found, layers, strict=True)):
        attn.set_processor(kind(index, layer, attn.processor))


def eject(unet: UNet) -> None:
    """Take injected experts out again; a network without any is left alone."""
    for _, attn in cross_attention(unet):
        if isinstance(attn.processor, ExpertAttention):
            attn.set_processor(attn.processor.replaced)
