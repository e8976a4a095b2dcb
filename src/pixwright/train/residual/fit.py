"""The residual network in torch, and its training."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pixwright.records.instruction import Array
from pixwright.train.harmoniser.fit import change
from pixwright.train.residual.samples import MAKERS
from pixwright.train.residual.views import LIGHT, SLOTS, Floats
from pixwright.train.timed import TimedFit

Ints: TypeAlias = NDArray[np.int64]

CHANNELS = (16, 32, 64, 96)
"""Of the four levels, from SIDE pixels down by halves."""
_TOLD_BY = 64
"""Width of what the task and the slots are told by."""
_SEEN, _MADE, _TRUE, _MASK = slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 10)
"""Channels of a stored row."""
_EDGES = 0.5
"""Weight of the differences between neighbours, beside that of the colours."""
_OTHER_TONE = 0.5
"""How strongly all of a row gets another tone together; a row whose truth is its tone does not."""
_NEARER, _BESIDE = 0.2, 0.2
"""Logarithm by which a row is seen nearer or farther at most, and how far beside, over half of its side."""
_KEPT = 60.0
"""Seconds from one check, and one kept state, to the next."""
_TINY = 1e-4


@dataclass(frozen=True, eq=False)
class ReversalRows:
    """Stored rows: `views` (N, SIDE, SIDE, 10) uint8 of before, made, truth and mask; `tasks` (N,) places in MAKERS; `slots` (N, SLOTS); `photos` (N,), which photograph."""

    views: Array
    tasks: Ints
    slots: Floats
    photos: Ints

    @classmethod
    def read(cls, file: Path) -> ReversalRows:
        """From an npz."""
        with np.load(file) as stored:
            return cls(**{name: stored[name] for name in cls.__dataclass_fields__})

    def of(self, tasks: Iterable[int]) -> ReversalRows:
        """The rows of some tasks."""
        own = np.isin(self.tasks, list(tasks))
        return ReversalRows(**{name: getattr(self, name)[own] for name in self.__dataclass_fields__})

    def write(self, file: Path) -> None:
        """As an npz."""
        np.savez(file, **{name: getattr(self, name) for name in self.__dataclass_fields__})


class _Told(nn.Module):
    """Two convolutions; what comes of each is scaled and moved by what is told (Perez et al. 2018)."""

    def __init__(self, given: int, made: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(given, made, 3, 1, 1), nn.Conv2d(made, made, 3, 1, 1)
        self.by = nn.Linear(_TOLD_BY, 2 * made)
        for start in self.by.parameters():
            nn.init.zeros_(start)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        scale, move = self.by(told)[..., None, None].chunk(2, 1)
        x = functional.silu(self.first(x) * (1 + scale) + move)
        return functional.silu(self.second(x))


class ResidualNetwork(nn.Module):
    """A U-Net that sees an edit and says what is missing to it; untrained it says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.task, self.slots = nn.Embedding(len(MAKERS), _TOLD_BY), nn.Linear(SLOTS, _TOLD_BY)
        self.down = nn.ModuleList(_Told(a, b) for a, b in zip((7, *CHANNELS), CHANNELS, strict=False))
        self.up = nn.ModuleList(_Told(a + b, b) for a, b in zip(CHANNELS[:0:-1], CHANNELS[-2::-1], strict=True))
        self.out = nn.Conv2d(CHANNELS[0], 3, 1)
        for start in self.out.parameters():
            nn.init.zeros_(start)

    def forward(self, seen: Tensor, tasks: Tensor, slots: Tensor) -> Tensor:
        """(n, 7, S, S) in [0, 1] of before, made and mask, (n,) tasks, (n, SLOTS) -> (n, 3, S, S) to be added to what was made."""
        told = functional.silu(self.task(tasks) + self.slots(slots))
        x, kept = seen - 0.5, []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else functional.avg_pool2d(x, 2), told)
            kept.append(x)
        for block, beside in zip(self.up, kept[-2::-1], strict=True):
            x = block(torch.cat([functional.interpolate(x, scale_factor=2.0), beside], 1), told)
        residual: Tensor = self.out(x) * seen[:, 6:]
        return residual


@dataclass(frozen=True, eq=False)
class RowBatch:
    """Rows for the network: `seen` (n, 7, S, S), `truth` (n, 3, S, S) in [0, 1], `tasks` (n,), `slots` (n, SLOTS)."""

    seen: Tensor
    truth: Tensor
    tasks: Tensor
    slots: Tensor


def batch_of(rows: ReversalRows, places: Ints) -> RowBatch:
    """Stored rows as they are."""
    views = torch.from_numpy(np.ascontiguousarray(rows.views[places])).permute(0, 3, 1, 2).float() / 255
    seen = torch.cat([views[:, _SEEN], views[:, _MADE], views[:, _MASK]], 1)
    return RowBatch(seen, views[:, _TRUE], torch.from_numpy(rows.tasks[places]), torch.from_numpy(rows.slots[places]))


def varied(batch: RowBatch, generator: torch.Generator) -> RowBatch:
    """The same rows, half of them mirrored, each in another tone, and seen a little nearer, farther or beside."""
    count = len(batch.seen)
    flip = torch.rand(count, generator=generator) < 1 / 2
    draws = torch.rand(count, 3, generator=generator) * 2 - 1
    turn = torch.zeros(count, 2, 3)
    turn[:, 0, 0] = turn[:, 1, 1] = torch.exp(_NEARER * draws[:, 0])
    turn[:, 0, 0] *= 1 - 2 * flip.float()
    turn[:, :, 2] = _BESIDE * draws[:, 1:]
    grid = functional.affine_grid(turn, list(batch.truth.shape), align_corners=False)
    tone = change(count, _OTHER_TONE, generator)
    still = (batch.tasks == list(MAKERS).index("relight"))[:, None, None, None]

    def toned(x: Tensor) -> Tensor:
        return torch.where(still, x, tone(x))

    def moved(x: Tensor) -> Tensor:
        return functional.grid_sample(x, grid, padding_mode="border", align_corners=False)

    slots = batch.slots.clone()
    slots[:, :3] = toned(slots[:, :3, None, None])[..., 0, 0]
    slots[flip, LIGHT] *= -1
    seen = torch.cat([toned(batch.seen[:, :3]), toned(batch.seen[:, 3:6]), batch.seen[:, 6:]], 1)
    return RowBatch(moved(seen), moved(toned(batch.truth)), batch.tasks, slots)


def gaps(made: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """(n,) mean distance of colours by channel, under the mask."""
    return ((made - truth).abs() * mask).sum((1, 2, 3)) / (3 * mask.sum((1, 2, 3)) + _TINY)


def loss_of(network: ResidualNetwork, batch: RowBatch) -> Tensor:
    """Distance of the colours, and of the steps between neighbours, under the mask."""
    # In bfloat16 and by rows of pixels it takes two fifths of the time on a processor.
    with torch.autocast(batch.seen.device.type, torch.bfloat16):
        residual = network(batch.seen.contiguous(memory_format=torch.channels_last), batch.tasks, batch.slots)
    made, mask = batch.seen[:, 3:6] + residual.float(), batch.seen[:, 6:]
    loss = gaps(made, batch.truth, mask)
    for way in (2, 3):
        loss = loss + _EDGES * gaps(made.diff(dim=way), batch.truth.diff(dim=way), mask.narrow(way, 1, mask.shape[way] - 1))  # fmt: skip
    return loss.mean()


def train(rows: ReversalRows, check: ReversalRows, *, minutes: float, keep: Path, rate: float = 2e-3, decay: float = 0.05, batch: int = 32, seed: int = 0, say: Callable[[str], object] = print) -> ResidualNetwork:  # fmt: skip
    """Fitted for `minutes` on rows; the state is kept in `keep` and gone on from. Every task is drawn as often. What comes back has the averaged weights."""
    torch.manual_seed(seed)
    network, average = ResidualNetwork(), ResidualNetwork().eval()
    fit = TimedFit(network, keep, rate=rate, decay=decay, warm=100, every=_KEPT, clock=time.monotonic, average=average)
    groups = [np.flatnonzero(rows.tasks == task) for task in np.unique(rows.tasks)]

    def loss() -> Tensor:
        rng = np.random.default_rng([seed, fit.step])
        generator = torch.Generator().manual_seed(seed * 1_000_003 + fit.step)
        places = np.array([rng.choice(groups[k % len(groups)]) for k in range(batch)])
        return loss_of(network, varied(batch_of(rows, places), generator))

    fit.run(loss, minutes, lambda: told(average, check), say)
    return average


@torch.no_grad()
def residuals(network: ResidualNetwork, rows: ReversalRows) -> Tensor:
    """(N, 3, S, S) of all rows."""
    parts = [batch_of(rows, places) for places in np.array_split(np.arange(len(rows.tasks)), len(rows.tasks) // 64 + 1)]
    return torch.cat([network(part.seen, part.tasks, part.slots) for part in parts])


def distances(network: ResidualNetwork, rows: ReversalRows) -> tuple[Floats, Floats]:
    """(N,) distances to the truth, of 255: as it was made, and with the residual."""
    whole = batch_of(rows, np.arange(len(rows.tasks)))
    made, mask = whole.seen[:, 3:6], whole.seen[:, 6:]
    both = (gaps(one, whole.truth, mask) for one in (made, (made + residuals(network, rows)).clamp(0, 1)))
    before, after = (np.asarray(255 * one.numpy(), np.float32) for one in both)
    return before, after


def told(network: ResidualNetwork, rows: ReversalRows) -> str:
    """Both distances of each task, in a line."""
    before, after = distances(network, rows)
    names = list(MAKERS)
    return "; ".join(
        f"{names[task]} {after[rows.tasks == task].mean():.2f} of {before[rows.tasks == task].mean():.2f}"
        for task in np.unique(rows.tasks)
    )
