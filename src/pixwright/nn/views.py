"""A denoiser that is shown embeddings of pictures: one of the whole picture to be, and one for each subject in it (InstructAny2Pix, section 3.2.1, A.1.2).

The layout is the published one: a linear projector of four tokens an embedding, an offset that says whether it is the whole or a subject, a layer norm, and keys and
values of their own beside every text cross-attention (IP-Adapter, arXiv 2308.06721). An embedding that is dropped is a zero vector, in training and in guidance alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixwright.errors import InvalidOption
from pixwright.nn.experts import ExpertAttention, cross_attention, put_beside, split_heads
from pixwright.nn.network import UNet

TOKENS = 4
"""Tokens of each embedding."""
DROPPED = 0.2
"""Share of examples that lose the text, the whole or the subject, each on its own (paper: A.1.2)."""


@dataclass(frozen=True, eq=False)
class ViewPrompt:
    """What every layer sees of the embeddings; made once, used in every step."""

    tokens: Tensor
    """(B, T, C)."""
    null: Tensor
    """(1, T, C): what the rows of guidance see that are shown nothing."""
    strength: float = 1.0
    """Factor on what is added; 0 is the plain network."""

    def repeat(self, times: int) -> ViewPrompt:
        """The batch `times` over."""
        return replace(self, tokens=torch.cat([self.tokens] * times))


class ViewProjector(nn.Module):
    """(B, 1 + S, W) embeddings, the whole picture's first -> (B, 4 (1 + S), C) tokens. Names of parts are the published file's."""

    def __init__(self, embedding_width: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(embedding_width, TOKENS * width)
        self.norm = nn.LayerNorm(width)
        self.raw_embed = nn.Parameter(torch.zeros(2, width))
        """What marks the whole, and what marks a subject."""

    def forward(self, views: Tensor, subject: float = 1.0) -> Tensor:
        """`subject` in [0, 1]: 1 shows the subjects, 0 the whole picture in their place, between them the mixture."""
        made = self.proj(views).reshape(*views.shape[:2], TOKENS, -1)
        whole, parts = made[:, :1], made[:, 1:]
        parts = whole * (1 - subject) + parts * subject
        marked = torch.cat([whole + self.raw_embed[0], parts + self.raw_embed[1]], dim=1)
        tokens: Tensor = self.norm(marked.flatten(1, 2))
        return tokens


class ViewLayer(nn.Module):
    """Keys and values of one cross-attention layer, bias-free."""

    def __init__(self, inner: int, width: int) -> None:
        super().__init__()
        self.to_k_ip = nn.Linear(width, inner, bias=False)
        self.to_v_ip = nn.Linear(width, inner, bias=False)

    def forward(self, query: Tensor, tokens: Tensor) -> Tensor:
        """query (R, heads, N, d), tokens (R, T, C) -> (R, heads, N, d)."""
        key, value = (split_heads(part(tokens), query.shape[1]) for part in (self.to_k_ip, self.to_v_ip))
        return F.scaled_dot_product_attention(query, key, value)


class ViewAdapter(nn.Module):
    """Projector and layers: all that the decoder's training changes. inner: width of each cross-attention layer, in the network's order; width: of its text tokens."""

    def __init__(self, inner: Sequence[int], width: int, embedding_width: int) -> None:
        super().__init__()
        self.embedding_width = embedding_width
        self.image_proj = ViewProjector(embedding_width, width)
        self.layers = nn.ModuleList(ViewLayer(n, width) for n in inner)

    def each_layer(self) -> list[ViewLayer]:
        """The layer of every cross-attention, in the network's order."""
        return [layer for layer in self.layers if isinstance(layer, ViewLayer)]

    def forward(self, views: Tensor, *, subject: float = 1.0, strength: float = 1.0) -> ViewPrompt:
        """views (B, 1 + S, W): the whole picture's embedding and those of the subjects; zeros where there is none. Raises InvalidOption for another width."""
        if views.ndim != 3 or views.shape[-1] != self.embedding_width:
            raise InvalidOption(
                f"embeddings of shape {tuple(views.shape)}; the decoder reads (B, views, {self.embedding_width}): take the encoder it was trained with"
            )
        null = self.image_proj(torch.zeros_like(views[:1]))
        return ViewPrompt(self.image_proj(views, subject), null, strength)


class ViewAttention(ExpertAttention):
    """The processor of a layer with views: the first rows see the prompt's tokens, the others those of nothing."""

    def beside(self, out: Tensor, query: Tensor, prompt: ViewPrompt) -> Tensor:
        """(R, heads, N, d) of the text, and as much again of the views."""
        if not prompt.strength:
            return out
        left = len(query) - len(prompt.tokens)
        tokens = torch.cat([prompt.tokens, prompt.null.expand(left, -1, -1)])
        added: Tensor = self.layer(query, tokens)
        return out + prompt.strength * added


def views_for(unet: UNet, embedding_width: int) -> ViewAdapter:
    """A new adapter of the network's shape, on its device and in its dtype: keys start as the text's own, values at zero, so that it adds nothing yet."""
    found = [attn for _, attn in cross_attention(unet)]
    if not found:
        raise InvalidOption("the network has no text cross-attention layer; a view adapter needs at least one")
    inner = [int(attn.to_k.out_features) for attn in found]
    adapter = ViewAdapter(inner, int(found[0].to_k.in_features), embedding_width)
    adapter.to(device=unet.device, dtype=unet.dtype)
    with torch.no_grad():
        for attn, layer in zip(found, adapter.each_layer(), strict=True):
            layer.to_k_ip.weight.copy_(attn.to_k.weight)
            layer.to_v_ip.weight.zero_()
    return adapter


def inject_views(unet: UNet, adapter: ViewAdapter) -> None:
    """Put the adapter beside the network's text cross-attention; `nn.experts.eject` takes it out. Raises InvalidOption where it does not fit."""
    layers = adapter.each_layer()
    put_beside(unet, layers, [layer.to_k_ip.out_features for layer in layers], ViewAttention)


def drop_views(views: Tensor, generator: torch.Generator, share: float = DROPPED) -> Tensor:
    """For training: (B, V, W) embeddings with the whole picture's, and all the subjects', each zero in that share of the rows."""
    kept = torch.rand(len(views), 2, generator=generator) >= share
    whole, parts = kept[:, :1].to(views), kept[:, 1:].to(views)
    return torch.cat([views[:, :1] * whole[..., None], views[:, 1:] * parts[..., None]], dim=1)


def polar_mix(kept: Tensor, other: Tensor, alpha: float) -> Tensor:
    """Between two latents, direction and length apart: 1 is `kept`, 0 is `other`. Between an inverted picture and noise it says how much of the structure stays.

    Each sample of the batch by its own length.
    """
    if not 0.0 <= alpha <= 1.0:
        raise InvalidOption(f"alpha is {alpha}; allowed are 0 (noise alone) to 1 (the picture's structure)")
    mixed = alpha * kept + (1 - alpha) * other
    length = alpha * _length(kept) + (1 - alpha) * _length(other)
    made: Tensor = mixed / _length(mixed).clamp_min(torch.finfo(mixed.dtype).tiny) * length
    return made


def _length(latents: Tensor) -> Tensor:
    """Of each sample, (B, 1, 1, 1)."""
    lengths: Tensor = latents.flatten(1).norm(dim=1)
    return lengths.reshape(-1, *[1] * (latents.ndim - 1))


def mixture(base: Tensor, gen: Tensor, refined: Tensor, h: tuple[float, float, float], norm: float) -> Tensor:
    """The decoder's global condition from three unit vectors (..., W): `h` of each, brought to the length `norm` (20: what ImageBind's space was trained at).

    Raises InvalidOption where the three cancel.
    """
    mixed = h[0] * base + h[1] * gen + h[2] * refined
    length: Tensor = mixed.norm(dim=-1, keepdim=True)
    if not bool((length > 0).all()):
        raise InvalidOption(f"h={h} leaves nothing of base, gen and refined; one of them must count")
    made: Tensor = mixed / length * norm
    return made
