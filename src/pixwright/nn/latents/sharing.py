"""Two pictures denoised side by side, the second with what the first attends to: Prompt-to-Prompt (arXiv 2208.01626) and Plug-and-Play (arXiv 2211.12572).

Rows of every call of the network alternate: the picture as it is, and as it shall become. The first follows its own inversion, so that it stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import torch
from torch import Tensor

from pixwright.errors import InvalidOption
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import Ladder
from pixwright.nn.network import UNet


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """For what share of the steps, from the noisiest on, the second picture takes over the first one's attention and features; 0 to 1 each."""

    words: float = 0.0
    """Where each word that both captions hold is looked at."""
    places: float = 0.0
    """Which places look at which, in the layers that `below` says."""
    features: float = 0.0
    """What the network has found out halfway up."""
    below: int | None = None
    """Places are shared in layers of at most so many; None: in all layers of the way up but the first."""

    def __post_init__(self) -> None:
        for name in ("words", "places", "features"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InvalidOption(f"{name} are shared for {getattr(self, name)} of the steps; give 0 to 1")


REGENERATION = Sharing()
"""Nothing but the inverted noise is shared."""
PROMPT_TO_PROMPT = Sharing(words=0.8, places=0.4, below=256)
"""Shares of the public code for a refined caption; places in layers of 16 x 16 and less."""
PLUG_AND_PLAY = Sharing(places=0.5, features=0.8)
"""The paper's 25 and 40 of 50 steps."""
METHODS: Mapping[str, Sharing] = {
    "regeneration": REGENERATION,
    "prompt-to-prompt": PROMPT_TO_PROMPT,
    "plug-and-play": PLUG_AND_PLAY,
}
"""InstructAny2Pix's three ways from a caption to another picture (section 3.3.1), each from one DDIM inversion."""
_BESIDE = 2
"""Rows that belong together."""


@torch.no_grad()
def edit_beside(
    unet: UNet,
    condition: Condition,
    levels: Tensor,
    rungs: Ladder,
    scales: Scales,
    sharing: Sharing,
    *,
    same: Tensor | None = None,
    mask: Tensor | None = None,
    rescale: float = 0.0,
    watch: Callable[[Tensor], None] | None = None,
) -> Tensor:
    """The picture as the second caption has it: (1, c, h, w) latents.

    condition: two rows, the caption before and the one after. levels: (top + 1, 1, c, h, w) from `invert` with the caption before. same: (N,) int64, for each of the N tokens of the
    caption after the one of the caption before that says the same, or -1 (`same_words`); needed where words are shared. mask: (1, 1, h, w) in [0, 1]; outside it the result is the
    picture's own latents. `watch` is called after each step. Raises `InvalidOption` for words to be shared without `same`.
    """
    if sharing.words and same is None:
        raise InvalidOption(
            "words are shared by which token of the one caption says what one of the other says; give `same`"
        )
    top = len(levels) - 1
    rows = levels[top].repeat(_BESIDE, 1, 1, 1)
    denoiser = Denoiser(unet, condition, scales, rescale=rescale)
    with _shared(unet, sharing, same) as begin:
        for here in range(top, 0, -1):
            begin((top - here) / top)
            moved = rungs.move(rows, denoiser(rows, rungs.timesteps[here]), here, here - 1)
            new = moved[1:]
            if mask is not None:
                new = mask.to(new) * new + (1 - mask.to(new)) * levels[here - 1]
            rows = torch.cat([levels[here - 1], new])
            if watch is not None:
                watch(new)
    return rows[1:]


def same_words(before: Sequence[int], after: Sequence[int], length: int) -> Tensor:
    """For each of the `length` tokens of the text after, the place of the same token in the text before, in order; -1 for what only it says.

    What pads the shorter of two texts is the same in both.
    """
    found = torch.full((length,), -1, dtype=torch.int64)
    for start, other, count in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks():
        for step in range(min(count, length - max(start, other))):
            found[other + step] = start + step
    for place in range(min(max(len(before), len(after)), length), length):
        found[place] = place
    return found


class SharedAttention:
    """An attention processor of diffusers that stands in for another while two pictures are denoised side by side."""

    def __init__(self, replaced: Any, is_wanted: Callable[[int], bool], same: Tensor | None) -> None:
        self.replaced, self.is_wanted, self.same = replaced, is_wanted, same

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """hidden_states (R, N, C) with rows in pairs. Outside its steps, and for what is no plain text, exactly the processor that it stands in for."""
        if hidden_states.ndim != 3 or attention_mask is not None or not self.is_wanted(hidden_states.shape[1]):
            plain: Tensor = self.replaced(attn, hidden_states, encoder_hidden_states, attention_mask, temb)
            return plain
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        if encoder_hidden_states is not None and attn.norm_cross:
            context = attn.norm_encoder_hidden_states(context)
        query, key, value = (
            attn.head_to_batch_dim(part) for part in (attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context))
        )
        looks = attn.get_attention_scores(query, key)
        pairs = looks.reshape(-1, _BESIDE, attn.heads, *looks.shape[1:])
        pairs = torch.stack([pairs[:, 0], _taken_over(pairs[:, 0], pairs[:, 1], self.same)], 1)
        out = attn.batch_to_head_dim(torch.bmm(pairs.reshape(looks.shape), value))
        done: Tensor = attn.to_out[1](attn.to_out[0](out)) / attn.rescale_output_factor
        return done


def _taken_over(first: Tensor, second: Tensor, same: Tensor | None) -> Tensor:
    """Places: the first one's looks. Words: the first one's for words of both, its own for the others."""
    if same is None:
        return first
    known = (same >= 0).to(first.device)
    moved = first[..., same.clamp(min=0).to(first.device)]
    return torch.where(known, moved, second)


@contextmanager
def _shared(unet: UNet, sharing: Sharing, same: Tensor | None) -> Iterator[Callable[[float], None]]:
    """The network with what is shared, and a function to which is said how far the denoising is; afterwards it is as it was."""
    now = [0.0]

    def places(count: int) -> bool:
        return now[0] < sharing.places and (sharing.below is None or count <= sharing.below)

    named = [(name, one) for name, one in unet.named_modules() if name.endswith((".attn1", ".attn2"))]
    up = [name for name, _ in named if name.startswith("up_blocks") and name.endswith(".attn1")][1:]
    replaced = []
    for name, attn in named:
        if name.endswith(".attn2") and sharing.words:
            kind = SharedAttention(attn.processor, lambda _: now[0] < sharing.words, same)
        elif name.endswith(".attn1") and sharing.places and (sharing.below is not None or name in up):
            kind = SharedAttention(attn.processor, places, None)
        else:
            continue
        replaced.append((attn, attn.processor))
        attn.set_processor(kind)

    def take_over(_module: Any, _given: Any, found: Tensor) -> Tensor | None:
        if now[0] >= sharing.features:
            return None
        pairs = found.reshape(-1, _BESIDE, *found.shape[1:])
        return torch.stack([pairs[:, 0], pairs[:, 0]], 1).reshape(found.shape)

    hooks = [_halfway(unet).register_forward_hook(take_over)] if sharing.features else []
    try:
        yield lambda share: now.__setitem__(0, share)
    finally:
        for hook in hooks:
            hook.remove()
        for attn, processor in replaced:
            attn.set_processor(processor)


def _halfway(unet: UNet) -> Any:
    """The second block on the way up, its second part: the paper's fourth layer in the shape of Stable Diffusion."""
    block = unet.up_blocks[min(1, len(unet.up_blocks) - 1)]
    return block.resnets[min(1, len(block.resnets) - 1)]
