"""The training: which noun is a box, and which box is a noun."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.naming.namer import Floats
from pixwright.train.naming.network import NamingNetwork, inputs
from pixwright.train.naming.samples import BoxQuestions, NamedSample, Vocabulary, asked

_BATCH = 8
"""Photographs of a step."""
_WARM = 100
"""Steps in which the learning rate rises."""
_FIRST = 0.6
"""Share of a box's first name; the others have the rest."""
_BADLY = 0.3
"""Weight of a box that holds its thing badly."""
_NOTHING = 0.3
"""Weight of the loss of boxes that hold no one thing."""
_NEVER = -1e4


def train(
    samples: Sequence[NamedSample], vocabulary: Vocabulary, embedded: Floats, *, passes: int = 20, rate: float = 1e-3,
    decay: float = 0.05, seed: int = 0, say: Callable[[str], object] = print,
) -> NamingNetwork:  # fmt: skip
    """Fitted in so many passes over the photographs. `embedded` (nouns, WIDTH): the vocabulary's sentence embeddings."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = NamingNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=decay)
    words, questions = torch.from_numpy(embedded), [asked(sample, vocabulary) for sample in samples]
    steps, step = passes * math.ceil(len(samples) / _BATCH), 0
    for number in range(1, passes + 1):
        order, total = rng.permutation(len(samples)), 0.0
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / _WARM) * (1 + math.cos(math.pi * step / steps)) / 2
            loss = loss_of(network, [samples[i] for i in chosen], [questions[i] for i in chosen], vocabulary, words)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimiser.step()
            step += 1
            total += float(loss.detach()) * len(chosen)
        say(f"pass {number} of {passes}: loss {total / len(samples):.3f}")
    return network.eval()


def loss_of(
    network: NamingNetwork,
    samples: Sequence[NamedSample],
    questions: Sequence[BoxQuestions],
    vocabulary: Vocabulary,
    words: Tensor,
) -> Tensor:
    """Cross-entropy of a box's nouns among all, of a noun's boxes among the photograph's, and of boxes that hold nothing."""
    seen, classes, kinds, form = (
        torch.cat(part) for part in zip(*(inputs(sample.looks) for sample in samples), strict=True)
    )
    vectors, whole = network(seen, classes, kinds, form)
    turned, common = network.words(words), network.common(words)[:, 0]
    asked_of, weight, start = torch.zeros(()), 0.0, 0
    for sample, question in zip(samples, questions, strict=True):
        end = start + len(sample.alike)
        if len(question.nouns):
            odds = vectors[start:end] @ turned[torch.from_numpy(question.nouns)].T + whole[start:end, None]
            every, right = (
                torch.logsumexp(odds.masked_fill(~torch.from_numpy(some), _NEVER), 0)
                for some in (question.told, question.right)
            )
            own = torch.from_numpy(question.weight)
            asked_of, weight = asked_of + (own * (every - right)).sum(), weight + float(own.sum())
        start = end
    return named_loss(network, vectors, samples, vocabulary, turned, common) + asked_of / max(weight, 1.0)


def named_loss(
    network: NamingNetwork,
    vectors: Tensor,
    samples: Sequence[NamedSample],
    vocabulary: Vocabulary,
    turned: Tensor,
    common: Tensor,
) -> Tensor:
    """Cross-entropy of the nouns of each named box; other nouns of the same thing do not count against it."""
    place = {noun: number for number, noun in enumerate(vocabulary.nouns)}
    boxes, truth, spared, weights, empty, start = [], [], [], [], [], 0
    for sample in samples:
        for i, box in enumerate(sample.named):
            known = [place[name] for name in box.names if name in place]
            if not box.names:
                empty.append(start + i)
            if not known:
                continue
            shares = np.zeros(len(place), np.float32)
            shares[known[1:]] = (1 - _FIRST) / max(1, len(known) - 1)
            shares[known[0]] = _FIRST if len(known) > 1 else 1.0
            beside = np.zeros(len(place), bool)
            beside[
                [place[other] for name in box.names for other in vocabulary.beside.get(name, ()) if other in place]
            ] = True
            boxes.append(start + i)
            truth.append(shares)
            spared.append(beside & (shares == 0))
            weights.append(1.0 if box.whole else _BADLY)
        start += len(sample.alike)

    def among(which: list[int]) -> tuple[Tensor, Tensor]:
        odds = vectors[which] @ turned.T + common
        return odds, network.scale.exp() * (vectors[which] @ network.none) + network.none_bias

    loss = torch.zeros(())
    if boxes:
        odds, none = among(boxes)
        rivals = odds.masked_fill(torch.from_numpy(np.array(spared)), _NEVER)
        every = torch.logsumexp(torch.cat([rivals, none[:, None]], 1), 1)
        weight = torch.tensor(weights)
        loss = (weight * (every - (torch.from_numpy(np.array(truth)) * odds).sum(1))).sum() / weight.sum()
    if empty:
        odds, none = among(empty)
        nothing = torch.full((len(empty),), len(place))
        loss = loss + _NOTHING * functional.cross_entropy(torch.cat([odds, none[:, None]], 1), nothing)
    return loss
