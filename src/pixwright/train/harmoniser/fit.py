"""The harmoniser's network in torch, the changes of colour that it learns to take back, and its training."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pixwright.train.harmoniser.views import BINS, CELLS, MAP, NEAR, STRIDE
from pixwright.train.timed import TimedFit

Floats: TypeAlias = NDArray[np.float32]
Bytes: TypeAlias = NDArray[np.uint8]

CHANNELS = (16, 32, 48)
HIDDEN = (96, 64)
_LUMA = (0.299, 0.587, 0.114)
_VIVID, _TINY = 2.0, 1e-4
"""Colourfulness is seldom over half of its range: so much is it stretched before it is counted; and what keeps a division from zero."""
_GAMMA = 2.2
UNTOUCHED = 0.12
"""Share of the samples whose thing is right already."""
LIT = 0.6
"""Share of the samples whose whole photograph gets another tone first: there are few photographs by night."""
SPOILT_BY, LIT_BY = 1.0, 0.8
"""How strongly the thing, and the whole photograph, are changed."""
_EXPOSURE, _WHITE, _CONTRAST, _LIFT, _SATURATION = 0.6, 0.22, 0.3, 0.05, 0.35
"""Deviations of a change: stops of light as natural logarithm, of each channel, of contrast as logarithm, of an offset, of saturation as logarithm."""
_TOLD = 30.0
"""Seconds from one check, and one kept state, to the next."""
_RAMP, _RAMPED = 0.35, 0.3
"""Most change of light across the place, and the share of samples that have one."""


class HarmoniserNetwork(nn.Module):
    """Two views -> a grid of affine maps of colours, as HDRNet has them (Gharbi et al. 2017) without its third axis."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (4, *CHANNELS)
        self.conv1, self.conv2, self.conv3 = (nn.Conv2d(a, b, 3, 2, 1) for a, b in zip(sizes, CHANNELS, strict=False))
        self.first = nn.Linear(3 * CHANNELS[-1] + 3 * (6 + 2 * BINS), HIDDEN[0])
        self.second, self.here = nn.Linear(*HIDDEN), nn.Linear(CHANNELS[-1], HIDDEN[1])
        self.out = nn.Linear(HIDDEN[1], MAP[0] * MAP[1])
        nn.init.normal_(self.out.weight, std=1e-3)
        nn.init.zeros_(self.out.bias)

    def forward(self, near: Tensor, far: Tensor) -> Tensor:
        """(n, 4, S, S) each, in [0, 1] -> (n, 12, CELLS, CELLS) maps of colours."""
        local, wide = self._features(near), self._features(far)
        thing = functional.adaptive_avg_pool2d(near[:, 3:], CELLS)
        away = functional.adaptive_avg_pool2d(far[:, 3:], wide.shape[-1])
        pooled = [_mean(local, thing), _mean(local, 1 - thing), _mean(wide, 1 - away)]
        few = near[..., ::STRIDE, ::STRIDE]
        told = [
            tallied(few[:, :3], few[:, 3:]),
            tallied(few[:, :3], 1 - few[:, 3:]),
            tallied(far[:, :3], 1 - far[:, 3:]),
        ]
        x = functional.relu(self.second(functional.relu(self.first(torch.cat([*pooled, *told], 1)))))
        here = functional.relu(self.here(local.permute(0, 2, 3, 1)) + x[:, None, None])
        same = torch.eye(*MAP, device=near.device).flatten()
        maps: Tensor = self.out(here) + same
        return maps.permute(0, 3, 1, 2)

    def _features(self, view: Tensor) -> Tensor:
        x = view - 0.5
        for layer in (self.conv1, self.conv2, self.conv3):
            x = functional.relu(layer(x))
        return x


def _mean(x: Tensor, weight: Tensor) -> Tensor:
    return (x * weight).sum((2, 3)) / (weight.sum((2, 3)) + _TINY)


def tallied(colours: Tensor, weight: Tensor) -> Tensor:
    """Mean and deviation of the colours under weights, and the shares of pixels by lightness and colourfulness: (n, 3, S, S), (n, 1, S, S) -> (n, 6 + 2 BINS)."""
    weight = (weight / (weight.sum((2, 3), keepdim=True) + _TINY)).flatten(1)
    flat = colours.flatten(2)
    mean = (flat * weight[:, None]).sum(2)
    spread = ((flat - mean[..., None]).square() * weight[:, None]).sum(2).add(_TINY).sqrt()
    light = sum(share * flat[:, k] for k, share in enumerate(_LUMA))
    vivid = (flat.amax(1) - flat.amin(1)) * _VIVID
    steps = torch.linspace(0, 1, BINS, device=flat.device)
    shares = [
        (((1 - (torch.as_tensor(value).clamp(0, 1)[..., None] - steps).abs() * (BINS - 1)).clamp(min=0)) * weight[..., None]).sum(1)
        for value in (light, vivid)
    ]  # fmt: skip
    return torch.cat([mean, spread, *shares], 1)


def mapped(maps: Tensor, colours: Tensor) -> Tensor:
    """Colours (n, 3, S, S) by maps (n, 12, CELLS, CELLS), interpolated between cells."""
    flat = functional.interpolate(maps, size=colours.shape[-2:], mode="bilinear")
    full = flat.reshape(len(flat), *MAP, *flat.shape[-2:])
    return (full[:, :, : MAP[0]] * colours[:, None]).sum(2) + full[:, :, MAP[0]]


def change(count: int, strength: float, generator: torch.Generator) -> Callable[[Tensor], Tensor]:
    """A draw of changes of light and tone, one a row, to be applied to pictures (n, 3, S, S) in [0, 1]."""

    def normal(size: int, spread: float) -> Tensor:
        return torch.randn(count, size, 1, 1, generator=generator) * spread * strength

    # A factor on light is one on samples too, its root: the curve between them is nearly a power.
    gain = ((normal(1, _EXPOSURE) + normal(3, _WHITE)) / _GAMMA).exp()
    contrast, lift, saturation = normal(1, _CONTRAST).exp(), normal(3, _LIFT), normal(1, _SATURATION).exp()

    def apply(pictures: Tensor) -> Tensor:
        x = pictures * gain
        grey = (x * torch.tensor(_LUMA)[:, None, None]).sum(1, keepdim=True)
        x = grey + (x - grey) * saturation
        return (0.5 + (x - 0.5) * contrast + lift).clamp(0, 1)

    return apply


def example(near: Tensor, far: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of samples (n, 7, S, S) in [0, 1] -> what is seen near and far (n, 4, S, S), and the thing's right colours (n, 3, S, S)."""
    count = len(near)
    lit, spoilt = change(count, LIT_BY, generator), change(count, SPOILT_BY, generator)

    def some(share: float) -> Tensor:
        return torch.rand(count, 1, 1, 1, generator=generator) < share

    bright, right = some(LIT), some(UNTOUCHED)
    slope = (torch.rand(count, 2, generator=generator) * 2 - 1) * _RAMP
    slope = slope * (some(_RAMPED).flatten(1) & ~right.flatten(1))

    def ramp(side: int) -> Tensor:
        line = torch.linspace(-0.5, 0.5, side)
        return 1 + slope[:, :1, None] * line[None, :, None] + slope[:, 1:, None] * line[None, None]

    def composed(rows: Tensor, ramped: Tensor | None) -> tuple[Tensor, Tensor]:
        scene, thing, alpha = rows[:, :3], rows[:, 3:6], rows[:, 6:]
        scene, thing = torch.where(bright, lit(scene), scene), torch.where(bright, lit(thing), thing)
        wrong = torch.where(right, thing, spoilt(thing))
        if ramped is not None:
            wrong = (wrong * ramped[:, None]).clamp(0, 1)
        return torch.cat([scene + (wrong - scene) * alpha, alpha], 1), thing

    seen, truth = composed(near, ramp(NEAR))
    return seen, composed(far, None)[0], truth


def error(network: HarmoniserNetwork, seen: Tensor, far: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """Mean distance of the thing's colours from the right ones, by channel in [0, 1], as the network makes them and as they came."""
    alpha = seen[:, 3:]
    area = alpha.sum((1, 2, 3)) * MAP[0] + _TINY
    made = mapped(network(seen, far), seen[:, :3])
    after = ((made - truth).abs() * alpha).sum((1, 2, 3)) / area
    before = ((seen[:, :3] - truth).abs() * alpha).sum((1, 2, 3)) / area
    return after.mean(), before.mean()


def rows(held: Bytes, places: NDArray[np.int64]) -> Tensor:
    """Stored samples (N, S, S, 7) uint8 -> (n, 7, S, S) in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(held[places])).permute(0, 3, 1, 2).float() / 255


def train(near: Bytes, far: Bytes, check: tuple[Bytes, Bytes], *, minutes: float, keep: Path, rate: float = 2e-3, decay: float = 0.02, batch: int = 48, seed: int = 0, say: Callable[[str], object] = print) -> HarmoniserNetwork:  # fmt: skip
    """Fitted for `minutes` of processor time on samples; the state is kept in `keep` and gone on from. The learning rate falls as the time does."""
    torch.manual_seed(seed)
    network = HarmoniserNetwork()
    fit = TimedFit(network, keep, rate=rate, decay=decay, warm=100, every=_TOLD, clock=time.process_time)

    def loss() -> Tensor:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + fit.step)
        places = np.random.default_rng([seed, fit.step]).integers(0, len(near), batch)
        return error(network, *example(rows(near, places), rows(far, places), generator))[0]

    fit.run(loss, minutes, lambda: checked(network, *check), say)
    return network.eval()


@torch.no_grad()
def checked(network: HarmoniserNetwork, near: Bytes, far: Bytes) -> str:
    """Distances on held-out samples with the same changes every time, of 255."""
    generator = torch.Generator().manual_seed(1)
    places = np.arange(len(near))
    after, before = error(network, *example(rows(near, places), rows(far, places), generator))
    return f"{255 * float(after):.2f} of 255 from the right colours, {255 * float(before):.2f} untouched"
