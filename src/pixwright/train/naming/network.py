"""The namer as a network that can be trained; `tensors` gives it to `encoders.naming.namer`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.naming.namer import FEATURES, FORM, WIDTH, BoxLooks, Floats

_START = 2.3
"""Logarithm of what likenesses are multiplied by, at first."""
_SMALL = 0.02
_DIRECTIONS = (256, 160, 64)
"""Main directions of what is seen in a box, around it and in the whole picture. The others say less of things than of single photographs, and cost four times the work."""
_BOXES = 40
"""So many boxes of each photograph tell the directions."""


@dataclass(frozen=True, eq=False)
class Directions:
    """What is seen of a box, told by d numbers: `mean` (3 FEATURES,) of the square roots, and `ways` (3 FEATURES, d) from it."""

    mean: Floats
    ways: Floats

    @classmethod
    def of(cls, looks: Sequence[BoxLooks]) -> Directions:
        """The main ones of these photographs (principal components of each of the three)."""
        parts = [
            np.concatenate([_roots(one.within[:_BOXES]) for one in looks]),
            np.concatenate([_roots(one.around[:_BOXES]) for one in looks]),
            np.stack([_roots(one.whole) for one in looks]),
        ]
        ways, column = np.zeros((3 * FEATURES, sum(_DIRECTIONS)), np.float32), 0
        for number, (part, count) in enumerate(zip(parts, _DIRECTIONS, strict=True)):
            apart = part - part.mean(0)
            vectors = np.linalg.eigh(apart.T @ apart / len(part))[1][:, ::-1][:, :count]
            ways[number * FEATURES : (number + 1) * FEATURES, column : column + count] = vectors
            column += count
        return cls(np.concatenate([part.mean(0) for part in parts]), ways)


def _roots(seen: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(seen, 0, dtype=np.float32)), np.float32)


class NamingNetwork(nn.Module):
    """Of boxes: vectors in the space of words, and how well each holds anything. Of words: the same vectors, turned a little."""

    def __init__(self, directions: Directions, hidden: int = 256, turn: int = 96, dropout: float = 0.4) -> None:
        super().__init__()
        self.directions = directions
        self.seen = nn.Linear(directions.ways.shape[1], hidden)
        self.form = nn.Linear(FORM, hidden, bias=False)
        self.told = nn.Linear(2 * WIDTH, hidden, bias=False)
        self.out, self.whole = nn.Linear(hidden, WIDTH), nn.Linear(hidden, 1)
        self.whole_form = nn.Linear(FORM, 1, bias=False)
        self.through = nn.Parameter(torch.ones(2))
        self.turn, self.turn_up = nn.Linear(WIDTH, turn), nn.Linear(turn, WIDTH)
        self.scale = nn.Parameter(torch.tensor([_START]))
        # These speak in training alone: how common a noun is, and what no noun names.
        self.common = nn.Linear(WIDTH, 1)
        self.none, self.none_bias = nn.Parameter(torch.zeros(WIDTH)), nn.Parameter(torch.zeros(1))
        self._dropout = dropout
        nn.init.normal_(self.out.weight, 0, _SMALL)
        nn.init.zeros_(self.turn_up.weight)
        nn.init.zeros_(self.turn_up.bias)

    def forward(self, seen: Tensor, classes: Tensor, kinds: Tensor, form: Tensor) -> tuple[Tensor, Tensor]:
        """(n, d) of `inputs`, (n, WIDTH) twice, (n, FORM) -> (n, WIDTH) vectors and (n,) how well each holds something."""
        seen = functional.dropout(seen, self._dropout, self.training)
        hidden = functional.relu(self.seen(seen) + self.form(form) + self.told(torch.cat([classes, kinds], 1)))
        hidden = functional.dropout(hidden, self._dropout, self.training)
        vectors = self.out(hidden) + self.through[0] * classes + self.through[1] * kinds
        return vectors, self.whole(hidden)[:, 0] + self.whole_form(form)[:, 0]

    def words(self, embedded: Tensor) -> Tensor:
        """(m, WIDTH) sentence embeddings, scaled and turned so that their product with a box's vector is a likeness in log-odds."""
        turned: Tensor = embedded + self.turn_up(functional.relu(self.turn(embedded)))
        return self.scale.exp() * turned

    def tensors(self) -> dict[str, Floats]:
        """What the namer needs, by name."""
        left = ("common", "none")
        found = {
            name: value.detach().numpy().astype(np.float32)
            for name, value in self.state_dict().items()
            if not name.startswith(left)
        }
        weight = found["seen.weight"] @ self.directions.ways.T
        return found | {"seen.weight": weight, "seen.bias": found["seen.bias"] - weight @ self.directions.mean}


def inputs(looks: BoxLooks, directions: Directions) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The network's inputs from what is seen of one picture's boxes."""
    whole = np.broadcast_to(looks.whole, looks.within.shape)
    seen = (_roots(np.concatenate([looks.within, looks.around, whole], 1)) - directions.mean) @ directions.ways
    told = (np.asarray(part, np.float32) for part in (looks.classes, looks.kinds, looks.form))
    classes, kinds, form = (torch.from_numpy(part) for part in told)
    return torch.from_numpy(seen), classes, kinds, form
