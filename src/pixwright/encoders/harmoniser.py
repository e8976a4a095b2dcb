"""The harmoniser: a picture with something pasted into it, and where -> what the pasted thing's colours need, to look of the scene.

A small network sees the place and the whole picture at 64 px and answers one affine map of colours for each cell of an 8 x 8 grid over the place, as HDRNet's does
(Gharbi et al. 2017, without its third axis). Trained by `recipes.train.harmoniser`. Numpy, no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import Floats, linear, unpack
from pixwright.errors import WeightsCorrupt
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.weights.store import path

WEIGHTS = "harmoniser"
"""Their name in the registry."""
NEAR, FAR = 64, 32
"""Sides in pixels at which the place and the whole picture are seen."""
CELLS = 8
"""Cells of a side of the grid."""
MAP = (3, 4)
"""An affine map of colours: its matrix and its offset."""
LEAST_ROOM = 24
"""Pixels about a thing, at least, that are its place."""
STRIDE = 2
"""Of the place every so manieth pixel of a row, and every so manieth row, is counted."""
BINS = 12
"""Steps of lightness, and of colourfulness, that are counted."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_VIVID = 2.0
"""Colourfulness is seldom over half of its range: so much is it stretched before it is counted."""
_TINY = 1e-4


@dataclass(frozen=True, eq=False)
class PastedView:
    """What the network sees: `near` (NEAR, NEAR, 4) and `far` (FAR, FAR, 4), colours with the thing in place, and how much of each pixel is the thing's; float32 in [0, 1]."""

    near: Floats
    far: Floats


def place_of(box: Box, height: int, width: int) -> Box:
    """The place of a thing in a picture: its box and as much room on each side as it is large, within the frame."""
    x0, y0, x1, y1 = box
    room = max(x1 - x0, y1 - y0, LEAST_ROOM)
    return max(0, x0 - room), max(0, y0 - room), min(width, x1 + room), min(height, y1 + room)


def seen(picture: Array, alpha: NDArray[np.floating], box: Box) -> PastedView:
    """A picture HxWx3 uint8 with the thing in it, how much of each pixel is the thing's (HxW in [0, 1]), and the thing's box."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = place_of(box, height, width)
    four = np.dstack([picture.astype(np.float32) / 255, alpha.astype(np.float32)])
    near = resized(np.ascontiguousarray(four[y0:y1, x0:x1]), NEAR, NEAR, cv2.INTER_LINEAR)
    return PastedView(near, resized(four, FAR, FAR, cv2.INTER_LINEAR))


def tallied(colours: Floats, weight: Floats) -> Floats:
    """Mean and deviation of the colours (N, 3) under weights (N,), and the shares of pixels by lightness and by colourfulness: (6 + 2 BINS,)."""
    weight = weight / (weight.sum() + _TINY)
    mean = weight @ colours
    spread = np.sqrt(weight @ np.square(colours - mean) + _TINY)
    light = colours @ _LUMA
    vivid = (colours.max(1) - colours.min(1)) * _VIVID
    steps = np.linspace(0, 1, BINS, dtype=np.float32)
    shares = [
        weight @ np.maximum(1 - np.abs(np.clip(value, 0, 1)[:, None] - steps) * (BINS - 1), 0)
        for value in (light, vivid)
    ]
    return np.concatenate([mean, spread, *shares]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Harmoniser:
    """Stateless: may be used from several threads."""

    tensors: Mapping[str, Floats]

    @classmethod
    def load(cls) -> Harmoniser:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        where = path(WEIGHTS)
        try:
            with np.load(where) as stored:
                made = cls(unpack({name: stored[name] for name in stored.files}))
            made.grid(PastedView(np.zeros((NEAR, NEAR, 4), np.float32), np.zeros((FAR, FAR, 4), np.float32)))
        except (KeyError, ValueError, OSError) as problem:
            raise WeightsCorrupt(f"{where} is no harmoniser ({problem}); reinstall pixwright") from problem
        return made

    def grid(self, view: PastedView) -> Floats:
        """(CELLS, CELLS, 3, 4): for each cell of the place the matrix and the offset that take the thing's colours in [0, 1] to the scene's."""
        near, far = self._features(view.near), self._features(view.far)
        cells = cv2.resize(np.ascontiguousarray(view.near[..., 3]), (CELLS, CELLS), interpolation=cv2.INTER_AREA).ravel()
        wide = cv2.resize(view.far[..., 3], far.shape[1::-1], interpolation=cv2.INTER_AREA).ravel()
        flat, away = near.reshape(-1, near.shape[-1]), far.reshape(-1, far.shape[-1])
        pooled = [_mean(flat, cells), _mean(flat, 1 - cells), _mean(away, 1 - wide)]
        few = view.near[::STRIDE, ::STRIDE].reshape(-1, 4)
        told = [
            tallied(few[:, :3], few[:, 3]),
            tallied(few[:, :3], 1 - few[:, 3]),
            tallied(view.far[..., :3].reshape(-1, 3), 1 - view.far[..., 3].ravel()),
        ]
        x = np.concatenate([*pooled, *told])[None]
        for name in ("first", "second"):
            x = np.maximum(linear(self.tensors, name, x), 0)
        here = np.maximum(linear(self.tensors, "here", flat) + x, 0)
        maps = linear(self.tensors, "out", here).reshape(CELLS, CELLS, *MAP)
        return np.asarray(maps + np.eye(*MAP, dtype=np.float32), np.float32)

    def _features(self, view: Floats) -> Floats:
        """(S, S, 4) -> (S / 8, S / 8, width)."""
        x = view - np.float32(0.5)
        for name in ("conv1", "conv2", "conv3"):
            x = np.maximum(linear(self.tensors, name, _patches(x)), 0)
        return x


def _patches(x: Floats) -> Floats:
    """Patches of 3 x 3 at every second place, zeros beyond the frame: (S, S, C) -> (S / 2, S / 2, 9 C), channel by channel."""
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::2, ::2]
    return np.ascontiguousarray(windows).reshape(*windows.shape[:2], -1)


def _mean(rows: Floats, weight: Floats) -> Floats:
    return np.asarray(weight @ rows / (weight.sum() + _TINY), np.float32)


def applied(grid: Floats, rgb: Array, inner: Box, place: Box) -> Array:
    """A thing's colours HxWx3 uint8, which lie at `inner` of a picture, by the grid over `place`: HxWx3 uint8. The maps are interpolated between cells."""
    height, width = rgb.shape[:2]
    across = (place[2] - place[0]) / CELLS, (place[3] - place[1]) / CELLS
    columns = (inner[0] - place[0] + (np.arange(width) + 0.5) * (inner[2] - inner[0]) / width) / across[0] - 0.5
    rows = (inner[1] - place[1] + (np.arange(height) + 0.5) * (inner[3] - inner[1]) / height) / across[1] - 0.5
    at = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    colours = rgb.astype(np.float32) / 255
    out = np.empty_like(colours)
    for k in range(MAP[0]):
        maps = [
            cv2.remap(np.ascontiguousarray(grid[..., k, j]), *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for j in range(MAP[1])
        ]
        out[..., k] = sum(maps[j] * colours[..., j] for j in range(MAP[0])) + maps[MAP[0]]
    return np.clip(out * 255 + 0.5, 0, 255).astype(np.uint8)
