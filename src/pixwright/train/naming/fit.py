"""The training: which noun is a box, and which box is a noun. A step has the photographs' named boxes with some of the others, and their nouns with some of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.naming.namer import Floats
from pixwright.train.naming.network import Directions, NamingNetwork, inputs
from pixwright.train.naming.samples import BoxQuestions, NamedBox, NamedSample, Vocabulary, asked

_BATCH = 8
"""Photographs of a step."""
_OTHERS, _RIVALS = 20, 600
"""Boxes without a name of each photograph, and nouns besides those of its photographs, that a step has."""
_WARM = 100
"""Steps in which the learning rate rises."""
_FIRST = 0.6
"""Share of a box's first name; the others have the rest."""
_BADLY = 0.3
"""Weight of a box that holds its thing badly."""
_NOTHING = 0.3
"""Weight of the loss of boxes that hold no one thing."""
_NEVER = -1e4


@dataclass(frozen=True, eq=False)
class AskedBoxes:
    """A photograph's boxes as the network takes them, the named ones first, and what is asked of them."""

    inputs: tuple[Tensor, ...]
    named: tuple[NamedBox, ...]
    questions: BoxQuestions

    def some(self, others: int, rng: np.random.Generator) -> AskedBoxes:
        """With so many of the boxes that have no name, drawn by chance."""
        first = len(self.named)
        kept = np.r_[np.arange(first), first + rng.permutation(len(self.inputs[0]) - first)[:others]]
        right, told = self.questions.right[kept], self.questions.told[kept]
        both = right.any(0) & (told & ~right).any(0)
        asked_now = BoxQuestions(self.questions.nouns[both], right[:, both], told[:, both], self.questions.weight[both])
        return AskedBoxes(tuple(part[kept] for part in self.inputs), self.named, asked_now)


@dataclass(frozen=True, eq=False)
class Nouns:
    """The nouns of a step: `place` of each in `embedded` (n, WIDTH); `beside`: what else each thing is called; `stands_for` (n,): the logarithm of how many nouns each stands for."""

    place: dict[str, int]
    embedded: Tensor
    beside: dict[str, frozenset[str]]
    stands_for: Tensor

    @classmethod
    def drawn(
        cls, here: Iterable[str], vocabulary: Vocabulary, words: Tensor, rivals: int, rng: np.random.Generator
    ) -> Nouns:
        """Those that are here, and so many of all others."""
        own = [noun for noun in dict.fromkeys(here) if noun in vocabulary.place]
        rest = sorted(set(vocabulary.nouns) - set(own))
        others = [rest[i] for i in rng.permutation(len(rest))[:rivals]]
        nouns = [*own, *others]
        stands_for = torch.zeros(len(nouns))
        stands_for[len(own) :] = math.log(max(len(rest), 1) / max(len(others), 1))
        places = [vocabulary.place[noun] for noun in nouns]
        return cls({noun: i for i, noun in enumerate(nouns)}, words[places], vocabulary.beside, stands_for)


def train(
    samples: Sequence[NamedSample], vocabulary: Vocabulary, embedded: Floats, *, passes: int = 16, rate: float = 1e-3,
    decay: float = 0.05, seed: int = 0, say: Callable[[str], object] = print,
) -> NamingNetwork:  # fmt: skip
    """Fitted in so many passes over the photographs. `embedded` (nouns, WIDTH): the vocabulary's sentence embeddings."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    directions = Directions.of([sample.looks for sample in samples])
    network = NamingNetwork(directions)
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=decay)
    words = torch.from_numpy(embedded)
    shown = [AskedBoxes(inputs(one.looks, directions), one.named, asked(one, vocabulary)) for one in samples]
    steps, step = passes * math.ceil(len(samples) / _BATCH), 0
    for number in range(1, passes + 1):
        order, total = rng.permutation(len(samples)), 0.0
        for start in range(0, len(order), _BATCH):
            chosen = [shown[i].some(_OTHERS, rng) for i in order[start : start + _BATCH]]
            here = [noun for one in chosen for box in one.named for noun in box.names]
            nouns = Nouns.drawn(here, vocabulary, words, _RIVALS, rng)
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / _WARM) * (1 + math.cos(math.pi * step / steps)) / 2
            loss = loss_of(network, chosen, nouns, vocabulary)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimiser.step()
            step += 1
            total += float(loss.detach()) * len(chosen)
        say(f"pass {number} of {passes}: loss {total / len(samples):.3f}")
    return network.eval()


def loss_of(network: NamingNetwork, shown: Sequence[AskedBoxes], nouns: Nouns, vocabulary: Vocabulary) -> Tensor:
    """Cross-entropy of a box's nouns among all, of a noun's boxes among the photograph's, and of boxes that hold nothing."""
    seen, classes, kinds, form = (torch.cat(part) for part in zip(*(one.inputs for one in shown), strict=True))
    vectors, whole = network(seen, classes, kinds, form)
    turned, common = network.words(nouns.embedded), network.common(nouns.embedded)[:, 0]
    asked_of, weight, start = torch.zeros(()), 0.0, 0
    for one in shown:
        end, question = start + len(one.inputs[0]), one.questions
        if len(question.nouns):
            places = [nouns.place[vocabulary.nouns[i]] for i in question.nouns]
            odds = vectors[start:end] @ turned[places].T + whole[start:end, None]
            every, right = (
                torch.logsumexp(odds.masked_fill(~torch.from_numpy(some), _NEVER), 0)
                for some in (question.told, question.right)
            )
            own = torch.from_numpy(question.weight)
            asked_of, weight = asked_of + (own * (every - right)).sum(), weight + float(own.sum())
        start = end
    return named_loss(network, vectors, shown, nouns, turned, common) + asked_of / max(weight, 1.0)


def named_loss(
    network: NamingNetwork, vectors: Tensor, shown: Sequence[AskedBoxes], nouns: Nouns, turned: Tensor, common: Tensor
) -> Tensor:
    """Cross-entropy of the nouns of each named box; other nouns of the same thing do not count against it."""
    place = nouns.place
    boxes, truth, spared, weights, empty, start = [], [], [], [], [], 0
    for one in shown:
        for i, box in enumerate(one.named):
            known = [place[name] for name in box.names if name in place]
            if not box.names:
                empty.append(start + i)
            if not known:
                continue
            shares = np.zeros(len(place), np.float32)
            shares[known[1:]] = (1 - _FIRST) / max(1, len(known) - 1)
            shares[known[0]] = _FIRST if len(known) > 1 else 1.0
            beside = np.zeros(len(place), bool)
            beside[[place[other] for name in box.names for other in nouns.beside.get(name, ()) if other in place]] = (
                True
            )
            boxes.append(start + i)
            truth.append(shares)
            spared.append(beside & (shares == 0))
            weights.append(1.0 if box.whole else _BADLY)
        start += len(one.inputs[0])

    def among(which: list[int]) -> tuple[Tensor, Tensor]:
        odds = vectors[which] @ turned.T + common + nouns.stands_for
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
