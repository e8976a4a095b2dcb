"""A picture on its way through a model's autoencoder. What it is without any edit is kept for the next try at the same picture: another seed, another way."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from pixwright.edit.networks.window import Floats
from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel
from pixwright.nn.codec import decode, encode
from pixwright.records.instruction import Array

Kept = TypeVar("Kept")
_KEPT = 4
"""Pictures whose reconstruction is kept: a few megabytes at 512 pixels."""


@dataclass(eq=False)
class Coder:
    """A model's autoencoder for pictures HxWx3 uint8 at the network's size."""

    model: LatentModel
    _known: OrderedDict[str, Tensor] = field(default_factory=OrderedDict)
    _rebuilt: OrderedDict[str, Floats] = field(default_factory=OrderedDict)

    @torch.no_grad()
    def known(self, picture: Array) -> Tensor:
        """The latents (1, c, h, w), not scaled."""
        key = _key(picture)
        if key not in self._known:
            coder = self.model.autoencoder
            pixels = torch.from_numpy(np.ascontiguousarray(picture)).to(self.model.device).permute(2, 0, 1)[None]
            _keep(self._known, key, encode(coder, pixels.to(coder.dtype) / 127.5 - 1, scaled=False))
        return self._known[key]

    @torch.no_grad()
    def rebuilt(self, picture: Array) -> Floats:
        """What the autoencoder alone makes of it, HxWx3 in 0 to 255: an edit is told from this, not from the picture."""
        key = _key(picture)
        if key not in self._rebuilt:
            _keep(self._rebuilt, key, self.pictures(self.scaled(self.known(picture)))[0])
        return self._rebuilt[key]

    def scaled(self, latents: Tensor) -> Tensor:
        """Latents as a denoiser keeps them."""
        scaled: Tensor = latents * self.model.autoencoder.config.scaling_factor
        return scaled

    @torch.no_grad()
    def pictures(self, latents: Tensor) -> list[Floats]:
        """Scaled latents (B, c, h, w) -> B pictures HxWx3 float32, 0 to 255. Raises InvalidOption where the numbers overflowed."""
        coder = self.model.autoencoder
        pixels = decode(coder, latents.to(coder.dtype)).float()
        if not bool(torch.isfinite(pixels).all()):
            raise InvalidOption(
                f"{self.model.name} overflowed in {self.model.dtype}; use --set dtype=bfloat16 or float32"
            )
        shown = ((pixels.permute(0, 2, 3, 1) + 1) * 127.5).cpu().numpy()
        return [np.ascontiguousarray(one, np.float32) for one in shown]


def _key(picture: Array) -> str:
    return hashlib.sha1(np.ascontiguousarray(picture).tobytes(), usedforsecurity=False).hexdigest() + str(picture.shape)


def _keep(kept: OrderedDict[str, Kept], key: str, value: Kept) -> None:
    kept[key] = value
    while len(kept) > _KEPT:
        kept.popitem(last=False)
