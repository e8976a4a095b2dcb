"""Looks at a picture that is becoming, cheap enough for every step: by a tiny autoencoder where the model has one, else by colours that are fitted to the input."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor

from pixwright.models.contract import LatentModel
from pixwright.nn.codec import decode
from pixwright.records.instruction import Array


def previewer(model: LatentModel, picture: Array, latents: Tensor) -> Callable[[Tensor], Array]:
    """Scaled latents (1 or more, c, h, w) -> HxWx3 uint8 of the first. picture: HxWx3 uint8 as the network sees it; latents: its own, (1, c, h, w), scaled.

    Without a tiny autoencoder a cell's colour is an affine map of its latents, by least squares over the input: right about colours and shapes, without detail.
    """
    tiny = model.glimpse
    if tiny is not None:
        return lambda clean: _shown(decode(tiny, clean[:1].to(tiny.dtype)))
    small = cv2.resize(picture, (latents.shape[-1], latents.shape[-2]), interpolation=cv2.INTER_AREA)
    wanted = torch.from_numpy(small.reshape(-1, 3).astype(np.float32) / 127.5 - 1)
    # Solved on the processor, so that looking costs a device nothing but a copy of the latents.
    fitted = torch.linalg.lstsq(_cells(latents), wanted).solution

    def colours(clean: Tensor) -> Array:
        made = (_cells(clean[:1]) @ fitted).clamp(-1, 1)
        return _shown(made.T.reshape(1, 3, *clean.shape[-2:]))

    return colours


def _cells(latents: Tensor) -> Tensor:
    """(cells, c + 1): the latents of each, and 1."""
    rows = latents[0].flatten(1).T.float().cpu()
    return torch.cat([rows, torch.ones_like(rows[:, :1])], 1)


def _shown(pixels: Tensor) -> Array:
    """(1, 3, H, W) in [-1, 1] -> HxWx3 uint8."""
    levels = ((pixels[0].float().permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255)
    return np.ascontiguousarray(levels.cpu().numpy().astype(np.uint8))
