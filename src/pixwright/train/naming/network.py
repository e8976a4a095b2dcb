"""The namer as a network that can be trained; `tensors` gives it to `encoders.naming.namer`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.naming.namer import FEATURES, FORM, WIDTH, BoxLooks, Floats

_START = 2.3
"""Logarithm of what likenesses are multiplied by, at first."""
_SMALL = 0.02


class NamingNetwork(nn.Module):
    """Of boxes: vectors in the space of words, and how well each holds anything. Of words: the same vectors, turned a little."""

    def __init__(self, hidden: int = 256, turn: int = 96, dropout: float = 0.4) -> None:
        super().__init__()
        self.seen = nn.Linear(3 * FEATURES, hidden)
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
        """(n, 3 FEATURES) square roots, (n, WIDTH) twice, (n, FORM) -> (n, WIDTH) vectors and (n,) how well each holds something."""
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
        return {
            name: value.detach().numpy().astype(np.float32)
            for name, value in self.state_dict().items()
            if not name.startswith(left)
        }


def inputs(looks: BoxLooks) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The network's inputs from what is seen of one picture's boxes."""
    whole = np.broadcast_to(looks.whole, looks.within.shape)
    seen = np.sqrt(np.maximum(np.concatenate([looks.within, looks.around, whole], 1, dtype=np.float32), 0))
    told = (np.asarray(part, np.float32) for part in (looks.classes, looks.kinds, looks.form))
    classes, kinds, form = (torch.from_numpy(part) for part in told)
    return torch.from_numpy(seen), classes, kinds, form
