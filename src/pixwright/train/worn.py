"""Training of the labeller of people (`encoders.worn`): which label a cell of a crop about somebody has. Start in recipes/train/worn.py."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pixwright.encoders.worn.labeller import LABELS, Floats

_BATCH = 512
_WARM = 100
"""Steps in which the learning rate rises."""
_DROPPED, _UNSEEN = 0.2, 0.3
"""Shares of the hidden units, and of the deepest features, that a step does without."""
_RARE = 0.35
"""Power of how much rarer a label is than others by which its cells count more."""
_SMOOTH = 0.05
"""Share of a label that all others have: outlines are not exact."""
_TINY = 1e-3
_MAIN, _KEPT, _SOME = "grid", 192, 20_000
"""The deepest features, so many of whose main directions are learnt from, as they are in so many cells."""


class LabelNetwork(nn.Module):
    """Features of the picture encoder by the name of its output, and the place: each through its own layer, added up; then two layers."""

    def __init__(self, widths: dict[str, int], hidden: tuple[int, int] = (112, 64)) -> None:
        """`widths`: numbers of each kind of features, in the order of a cell's; "place" among them, whose layer has the bias."""
        super().__init__()
        self.widths = widths
        self.levels = nn.ModuleDict({k: nn.Linear(n, hidden[0], bias=k == "place") for k, n in widths.items()})
        self.hidden = nn.Linear(*hidden)
        self.out = nn.Linear(hidden[1], len(LABELS))
        self.scale = torch.ones(len(widths))
        """What each kind of features is divided by."""

    def forward(self, cells: Tensor) -> Tensor:
        """(n, all features) -> (n, labels) log-odds."""
        total = torch.zeros(())
        for (kind, layer), part, scale in zip(
            self.levels.items(), torch.split(cells, list(self.widths.values()), 1), self.scale, strict=True
        ):
            share = _UNSEEN if self.training and kind == _MAIN else 0.0
            total = total + layer(functional.dropout(part / scale, share))
        hidden = self.hidden(functional.dropout(torch.relu(total), _DROPPED, self.training))
        odds: Tensor = self.out(functional.dropout(torch.relu(hidden), _DROPPED, self.training))
        return odds

    def tensors(self) -> dict[str, Floats]:
        """As `encoders.worn.labeller` takes them."""
        found = {
            f"{kind}.weight": (layer.weight / scale).detach().numpy()
            for (kind, layer), scale in zip(self.levels.items(), self.scale, strict=True)
        }
        place = self.levels["place"]
        assert isinstance(place, nn.Linear)
        found["place.bias"] = place.bias.detach().numpy()
        for name in ("hidden", "out"):
            layer = getattr(self, name)
            found[f"{name}.weight"], found[f"{name}.bias"] = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        return found


def train(
    cells: NDArray[np.float16], labels: NDArray[np.int64], widths: dict[str, int], *, passes: int = 3, rate: float = 2e-3,
    decay: float = 0.05, seed: int = 0, say: Callable[[str], object] = print,
) -> dict[str, Floats]:  # fmt: skip
    """Tensors, as `encoders.worn.labeller` takes them, fitted in so many passes to cells (n, all features; the deepest ones first) and their labels (n,)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    basis = directions(cells[:: max(1, len(cells) // _SOME), : widths[_MAIN]].astype(np.float32))
    network = LabelNetwork({**widths, _MAIN: basis.shape[1]})
    cells = reduced(cells, basis)
    parts = torch.split(
        torch.from_numpy(cells[:: max(1, len(cells) // _SOME)]).float(), list(network.widths.values()), 1
    )
    network.scale = torch.tensor([1.0 if k == "place" else float(p.square().mean().sqrt()) + _TINY for k, p in zip(widths, parts, strict=True)])  # fmt: skip
    count = np.maximum(np.bincount(labels, minlength=len(LABELS)), 1)
    weight = (count.sum() / count) ** _RARE
    weights = torch.tensor(weight * count.sum() / (weight * count).sum(), dtype=torch.float32)
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=decay)
    steps, step = passes * math.ceil(len(cells) / _BATCH), 0
    for number in range(1, passes + 1):
        order, total = rng.permutation(len(cells)), 0.0
        for start in range(0, len(order), _BATCH):
            chosen = np.sort(order[start : start + _BATCH])
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / _WARM) * (1 + math.cos(math.pi * step / steps)) / 2
            odds = network(torch.from_numpy(cells[chosen]).float())
            loss = functional.cross_entropy(odds, torch.from_numpy(labels[chosen]), weights, label_smoothing=_SMOOTH)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            step += 1
            total += float(loss.detach()) * len(chosen)
        say(f"pass {number} of {passes}: loss {total / len(cells):.3f}")
    tensors = network.eval().tensors()
    return {**tensors, f"{_MAIN}.weight": np.asarray(tensors[f"{_MAIN}.weight"] @ basis.T, np.float32)}


def directions(features: Floats) -> Floats:
    """(k, main directions) of features (n, k)."""
    _, vectors = np.linalg.eigh(features.T @ features / len(features))
    return np.ascontiguousarray(vectors[:, ::-1][:, :_KEPT], np.float32)


def reduced(cells: NDArray[np.float16], basis: Floats) -> NDArray[np.float16]:
    """The cells with their deepest features in these directions alone."""
    deep = len(basis)
    parts = [np.concatenate([part[:, :deep].astype(np.float32) @ basis, part[:, deep:]], 1).astype(np.float16) for part in np.array_split(cells, len(cells) // _SOME + 1)]  # fmt: skip
    return np.concatenate(parts)
