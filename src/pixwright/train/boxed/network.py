"""The decoder in torch: features of the picture encoder at five strides, the box, and the colours -> the outline at half the crop's side.

The picture encoder is frozen, and is the one of the package: only the decoder is trained. A first guess at stride 8 gives two prototypes, the mean feature of what it
holds and of what it leaves out; how much rather a place is like the former is told to the finer levels (as in few-shot segmentation: Wang et al. 2019, PANet, section 3.2).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = {16: 96, 8: 64, 4: 48, 2: 32}
"""Channels of the decoder by stride."""
KERNELS = {16: (5, 5), 8: (5, 5), 4: (5,), 2: (3,)}
"""Sides of the blocks' kernels by stride."""
TAPS = {2: 16, 4: 24, 8: 48, 16: 120, 32: 1280}
"""Channels of the picture encoder by stride."""
DEEP = 128
PLACE = 6
"""Planes that tell where the box is."""
TINY = 1e-4


class DecoderBlock(nn.Module):
    """What is next to what (depthwise), and what it means (pointwise), added to what was there."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.near = nn.Conv2d(width, width, size, 1, size // 2, groups=width)
        self.mix1 = nn.Conv2d(width, 2 * width, 1)
        self.mix2 = nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.mix2(functional.relu(self.mix1(self.near(x))))
        return x + made


class BoxDecoder(nn.Module):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.deep = nn.Conv2d(TAPS[32], DEEP, 1)
        self.join = nn.ModuleDict()
        self.blocks = nn.ModuleDict()
        coming = DEEP
        for stride, width in WIDTHS.items():
            more = {16: 0, 8: 0, 4: 2, 2: 2 + 3}[stride]
            self.join[str(stride)] = nn.Conv2d(coming + TAPS[stride] + PLACE + more, width, 1)
            self.blocks[str(stride)] = nn.Sequential(*(DecoderBlock(width, size) for size in KERNELS[stride]))
            coming = width
        self.guess = nn.Conv2d(WIDTHS[8], 1, 1)
        self.out = nn.Conv2d(WIDTHS[2], 1, 1)

    def forward(self, taps: dict[int, Tensor], colours: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
        """Features by stride, the crop (n, 3, S, S) in [-1, 1], the box (n, PLACE, S / 2, S / 2) -> log-odds (n, 1, S / 2, S / 2), and the guess at stride 8."""
        x = functional.relu(self.deep(taps[32]))
        guess = None
        for stride in WIDTHS:
            tap = taps[stride]
            side = tap.shape[-2:]
            parts = [functional.interpolate(x, size=side, mode="bilinear"), tap, _small(place, side)]
            if guess is not None:
                parts.append(
                    self._likeness(tap, functional.interpolate(guess, size=side, mode="bilinear"), parts[2][:, :1])
                )
            if stride == 2:
                parts.append(_small(colours, side))
            x = functional.relu(self.join[str(stride)](torch.cat(parts, 1)))
            x = self.blocks[str(stride)](x)
            if stride == 8:
                guess = self.guess(x)
        assert guess is not None
        return self.out(x), guess

    def _likeness(self, tap: Tensor, guess: Tensor, inside: Tensor) -> Tensor:
        """(n, 2, h, w): the guess, and how much rather a place is like what it holds than like what it leaves out."""
        share = torch.sigmoid(guess)
        unit = tap / (tap.square().mean(1, keepdim=True).add(TINY).sqrt())
        held, left = share * inside, 1 - share
        means = [(unit * w).sum((2, 3), keepdim=True) / (w.sum((2, 3), keepdim=True) + TINY) for w in (held, left)]
        return torch.cat([guess, (unit * (means[0] - means[1])).mean(1, keepdim=True)], 1)


def _small(x: Tensor, side: torch.Size) -> Tensor:
    return functional.interpolate(x, size=side, mode="area") if x.shape[-2:] != side else x
