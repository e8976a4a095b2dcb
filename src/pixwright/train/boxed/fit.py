"""The training: the frozen picture encoder, samples from other processes, and the loss."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from pixwright.encoders.boxed.frames import SIDE, place_of
from pixwright.train.boxed.network import BoxDecoder
from pixwright.train.boxed.samples import OutlineStock, sample
from pixwright.train.timed import TimedFit

_FIRST_OF_STRIDE = (0, 1, 4, 7, 15)
"""The first block of the picture encoder at each stride from 2 on."""
_TOLD = 60.0
"""Seconds from one check, and one kept state, to the next."""
_GUESS = 0.3
"""Weight of the first guess's loss."""
_RIM = 3.0
"""Weight of pixels near the true outline, less 1."""


class FrozenEncoder:
    """EfficientNet-Lite2 with its normalisations folded in, and its features at five strides.

    `layers`: (kernel, bias, stride, groups, whether its output is clipped to 0..6) in order, and `blocks` the number of the block that each is of; a block that ends without clipping
    and in the shape that it began with adds what it began with.
    """

    def __init__(self, layers: list[tuple[np.ndarray, np.ndarray, int, int, bool]], blocks: list[int]) -> None:
        self._blocks = blocks
        self._layers = [
            (torch.from_numpy(kernel), torch.from_numpy(bias), stride, groups, clipped)
            for kernel, bias, stride, groups, clipped in layers
        ]

    @torch.no_grad()
    def __call__(self, x: Tensor) -> dict[int, Tensor]:
        """(n, 3, S, S) in [-1, 1] -> features by stride 2, 4, 8, 16 and 32."""
        taps: dict[int, Tensor] = {}
        start = x
        for i, (weight, bias, stride, groups, clipped) in enumerate(self._layers):
            block = self._blocks[i]
            if i == 0 or self._blocks[i - 1] != block:
                start = x
            size = weight.shape[2]
            down, across = (max((-(-n // stride) - 1) * stride + size - n, 0) for n in x.shape[2:])
            if down or across:
                x = functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
            x = functional.conv2d(x, weight, bias, stride, groups=groups)
            x = functional.relu6(x) if clipped else x
            ends = i + 1 == len(self._layers) or self._blocks[i + 1] != block
            if ends and not clipped and x.shape == start.shape:
                x = x + start
            if ends and block + 1 in _FIRST_OF_STRIDE[1:]:
                taps[2 ** _FIRST_OF_STRIDE.index(block + 1)] = x
        taps[32] = x
        return taps


class Stream(IterableDataset):  # type: ignore[type-arg]
    """Samples without end, each by (seed, worker, number): the crop, the outline, and the box as the product tells it."""

    def __init__(self, stock: OutlineStock, seed: int, start: int) -> None:
        self._stock, self._seed, self._start = stock, seed, start

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self._seed, self._start, info.id if info else 0])
        while True:
            made = sample(self._stock, rng)
            yield made.picture, made.outline, place_of(made.box, SIDE // 2)


def seen(encoder: FrozenEncoder, pictures: Tensor) -> tuple[dict[int, Tensor], Tensor]:
    """Crops (n, S, S, 3) uint8 -> the encoder's features, and the colours (n, 3, S, S) in [-1, 1]."""
    colours = (pictures.permute(0, 3, 1, 2).float() - 127) / 128
    with torch.autocast("cpu", torch.bfloat16):
        taps = encoder(colours.contiguous(memory_format=torch.channels_last))
    return {k: v.float() for k, v in taps.items()}, colours


def loss_of(odds: Tensor, guess: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy, more of it at the rim, and the Jaccard index; a little for the first guess."""
    near = functional.max_pool2d(truth, 5, 1, 2) - (1 - functional.max_pool2d(1 - truth, 5, 1, 2))
    weight = 1 + _RIM * near.clamp(0, 1)
    entropy = (functional.binary_cross_entropy_with_logits(odds, truth, reduction="none") * weight).sum(
        (1, 2, 3)
    ) / weight.sum((1, 2, 3))
    share = torch.sigmoid(odds)
    both = (share * truth).sum((1, 2, 3))
    jaccard = (both + 1) / (share.sum((1, 2, 3)) + truth.sum((1, 2, 3)) - both + 1)
    coarse = functional.interpolate(truth, size=guess.shape[-2:], mode="area")
    first = functional.binary_cross_entropy_with_logits(guess, coarse)
    return (entropy + 1 - jaccard).mean() + _GUESS * first


def train(stock: OutlineStock, encoder: FrozenEncoder, *, minutes: float, keep: Path, rate: float = 2e-3, decay: float = 0.01, batch: int = 24, workers: int = 1, seed: int = 0, check: Callable[[BoxDecoder], str] | None = None, say: Callable[[str], object] = print) -> BoxDecoder:  # fmt: skip
    """Fitted for so many minutes; the state is kept in `keep` and gone on from. The learning rate falls as the time does."""
    torch.manual_seed(seed)
    decoder, average = BoxDecoder(), BoxDecoder()
    decoder = decoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    fit = TimedFit(decoder, keep, rate=rate, decay=decay, warm=200, every=_TOLD, clock=time.monotonic, average=average)
    loader = iter(
        DataLoader(Stream(stock, seed, fit.step), batch, num_workers=workers, prefetch_factor=4 if workers else None)
    )

    def loss() -> Tensor:
        pictures, outlines, places = next(loader)
        truth = functional.interpolate(outlines[:, None].float() / 255, scale_factor=0.5, mode="area")
        taps, colours = seen(encoder, pictures)
        with torch.autocast("cpu", torch.bfloat16):
            odds, guess = decoder(taps, colours, places)
        return loss_of(odds.float(), guess.float(), truth)

    fit.run(loss, minutes, lambda: check(average.eval()) if check else "", say)
    return average.eval()
