"""The training: batches of varied rows, one pass that asks where steps begin and one that asks about each, and the loss."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.tagging.tagger import ALL, BESIDE
from pixwright.train.tagging.network import TaggerNetwork, WordTable
from pixwright.train.tagging.samples import SKIPPED, Json, LabelledText, Tagged, pieces_of, tagged, varied

_WARM = 100
"""Steps in which the learning rate rises."""
_BEGINS, _ROLES, _MEANS = 3.0, 2.0, 0.5
"""Weights of the losses of where steps begin, of roles and of the canonical word."""
_SMOOTH = 0.02
_ALIKE = 4
"""Tokens within which texts count as equally long, so that they share a batch."""
_CHECKED = 3
"""Passes from one check to the next."""
_HIDDEN = 0.05
"""Share of the tokens that are not shown, so that what stands around them must tell."""


@dataclass(frozen=True, eq=False)
class TaggedBatch:
    """Rows of texts and, behind them, of their steps: `of` says whose text a step is in."""

    ids: Tensor
    mask: Tensor
    begins: Tensor
    of: Tensor
    flags: Tensor
    roles: Tensor
    kinds: Tensor
    means: Tensor


def batch_of(rows: Sequence[Tagged]) -> TaggedBatch:
    """Padded to the longest."""
    longest = max(len(r.ids) for r in rows)

    def padded(values: np.ndarray, by: int) -> np.ndarray:
        return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, longest - values.shape[-1])], constant_values=by)

    def wide(name: str, by: int) -> Tensor:
        return torch.from_numpy(np.stack([padded(getattr(r, name), by) for r in rows]).astype(np.int64))

    def deep(name: str, by: int) -> Tensor:
        return torch.from_numpy(np.concatenate([padded(getattr(r, name), by) for r in rows]).astype(np.int64))

    return TaggedBatch(
        wide("ids", 0),
        torch.from_numpy(np.stack([padded(np.ones(len(r.ids), np.int64), 0) for r in rows])),
        wide("begins", SKIPPED),
        torch.from_numpy(np.repeat(np.arange(len(rows)), [len(r.kinds) for r in rows])),
        deep("flags", BESIDE),
        deep("roles", SKIPPED),
        torch.from_numpy(np.concatenate([r.kinds for r in rows])),
        torch.from_numpy(np.concatenate([r.means for r in rows])),
    )


def loss_of(network: TaggerNetwork, words: Tensor, batch: TaggedBatch) -> Tensor:
    """All four questions' cross-entropies."""
    hidden = network.trunk(words, batch.mask)
    begins, *_ = network(hidden, batch.mask, torch.full_like(batch.ids, ALL))
    asked = batch.begins != SKIPPED
    first = functional.binary_cross_entropy_with_logits(begins[asked], batch.begins[asked].float())
    _, roles, kinds, means = network(hidden[batch.of], batch.mask[batch.of], batch.flags)
    second = functional.cross_entropy(
        roles.flatten(0, 1), batch.roles.flatten(), ignore_index=SKIPPED, label_smoothing=_SMOOTH
    )
    third = functional.cross_entropy(kinds, batch.kinds, label_smoothing=_SMOOTH)
    fourth = functional.cross_entropy(means, batch.means, label_smoothing=_SMOOTH)
    return _BEGINS * first + _ROLES * second + third + _MEANS * fourth


def _hidden(batch: TaggedBatch, mask: int, rng: np.random.Generator) -> Tensor:
    """The batch's tokens, some of them hidden; never the first, which stands for the whole."""
    hide = torch.from_numpy(rng.random(tuple(batch.ids.shape)) < _HIDDEN)
    hide[:, 0] = False
    return torch.where(hide, mask, batch.ids)


def train(rows_of: Callable[[np.random.Generator], Sequence[LabelledText]], table: WordTable, network: TaggerNetwork, tokenizer: Json, *, passes: int, rate: float = 2e-4, heads_rate: float = 1e-3, decay: float = 0.01, size: int = 32, seed: int = 0, check: Callable[[TaggerNetwork], str] | None = None, say: Callable[[str], object] = print) -> TaggerNetwork:  # fmt: skip
    """Fitted for so many passes over what `rows_of` gives for each, varied anew."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    upper = [p for layer in network.layers for p in layer.parameters()]
    known = {id(p) for p in upper}
    heads = [p for p in network.parameters() if id(p) not in known]
    optimiser = torch.optim.AdamW(
        [{"params": upper, "lr": rate}, {"params": heads, "lr": heads_rate}], weight_decay=decay
    )
    steps = passes * (len(rows_of(rng)) // size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / _WARM, max(0.0, 1 - step / steps))
    )
    began, mask = time.monotonic(), tokenizer.token_to_id("[MASK]")
    for number in range(passes):
        rows = rows_of(rng)
        pieces = pieces_of(rows)
        made = [tagged(varied(row, rows, pieces, rng), tokenizer) for row in rows]
        order = sorted(rng.permutation(len(made)), key=lambda i: len(made[i].ids) // _ALIKE)
        groups = [order[i : i + size] for i in range(0, len(order) - size + 1, size)]
        running = 0.0
        network.train()
        for group in rng.permutation(len(groups)):
            batch = batch_of([made[i] for i in groups[group]])
            with torch.autocast("cpu", torch.bfloat16):
                loss = loss_of(network, table(_hidden(batch, mask, rng)), batch)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            running += float(loss.detach()) / len(groups)
        told = (
            check(network.eval())
            if check is not None and (number % _CHECKED == _CHECKED - 1 or number + 1 == passes)
            else ""
        )
        say(f"pass {number + 1} of {passes}, {time.monotonic() - began:.0f} s: loss {running:.3f} {told}")
    return network.eval()
