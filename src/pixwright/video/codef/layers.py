"""Canonical pictures of a shot: pictures that hold what many frames show, and for each frame the place of its pixels in them. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Maps: TypeAlias = NDArray[np.float32]
"""HxWx2: for each pixel of a frame, x and y in the canonical picture."""
_SOLID = 128
_PEAK = 255.0
_FEW = 1e-6
"""Votes under which nobody voted."""


@dataclass(frozen=True, eq=False)
class CanonicalLayer:
    """One canonical picture HcxWcx3 uint8 at the frames' scale, usually larger than they are."""

    picture: Array
    seen: Array
    """HcxWc uint8: 255 where some frame shows it; elsewhere the picture is invented."""
    maps: tuple[Maps, ...]
    """One a frame."""

    def sampled(self, picture: Array, number: int) -> Array:
        """Frame `number` (from 0) as another canonical picture HcxWcx3 or HcxWc of the same size shows it: HxWx3 or HxW uint8."""
        assert picture.shape[:2] == self.picture.shape[:2], (picture.shape, self.picture.shape)
        way = self.maps[number]
        found = cv2.remap(picture, way, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.uint8)

    def gathered(self, masks: Sequence[Array]) -> Array:
        """HcxWc uint8: where masks of the frames (HxW uint8 each) lie in the canonical picture, by the vote of all that show a place."""
        height, width = self.picture.shape[:2]
        votes, counts = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
        for way, mask in zip(self.maps, masks, strict=True):
            places = np.rint(way.reshape(-1, 2)).astype(int)
            kept = (places >= 0).all(1) & (places < [width, height]).all(1)
            rows, columns = places[kept, 1], places[kept, 0]
            np.add.at(votes, (rows, columns), mask.reshape(-1)[kept].astype(np.float32))
            np.add.at(counts, (rows, columns), 1)
        # A place between the samples takes what its neighbours say.
        near, shown = (cv2.GaussianBlur(one, (3, 3), 0) for one in (votes, counts))
        return np.asarray(np.rint(near / np.maximum(shown, _FEW)).clip(0, _PEAK), np.uint8)


@dataclass(frozen=True, eq=False)
class CanonicalVideo:
    """A shot and its canonical pictures: one, or with masks one for their inside and one for the rest."""

    frames: tuple[Array, ...]
    layers: tuple[CanonicalLayer, ...]
    masks: tuple[Array, ...] | None = None

    @property
    def psnr(self) -> tuple[float, ...]:
        """Of each frame, as the canonical pictures show it, against the frame: dB."""
        return tuple(_psnr(self.reconstructed(number), frame) for number, frame in enumerate(self.frames))

    def reconstructed(self, number: int) -> Array:
        """Frame `number` as the canonical pictures show it: HxWx3 uint8."""
        shown = [layer.sampled(layer.picture, number) for layer in self.layers]
        if self.masks is None:
            return shown[0]
        return np.where((self.masks[number] >= _SOLID)[..., None], shown[0], shown[1])

    def carried(self, number: int, edited: Array, mask: Array, *, detail: bool) -> Array:
        """Frame `number` with an edit of the first layer's picture (HcxWcx3 uint8) inside `mask` (HxW uint8, soft); where that is 0 the frame's own pixels, bit for bit.

        detail: what the canonical picture lacks of the frame is added to the edit: for a change of colour, material or tone. Without it the frame shows the edited picture.
        """
        frame, layer = self.frames[number], self.layers[0]
        new = layer.sampled(edited, number).astype(np.float32)
        if detail:
            new += frame.astype(np.float32) - layer.sampled(layer.picture, number)
        share = mask.astype(np.float32)[..., None] / _PEAK
        mixed = np.rint(frame + (new - frame) * share).clip(0, _PEAK).astype(np.uint8)
        return np.where(mask[..., None] > 0, mixed, frame)


def _psnr(shown: Array, frame: Array) -> float:
    off = float(np.mean((shown.astype(np.float64) - frame) ** 2))
    return float(10 * np.log10(_PEAK**2 / max(off, 1e-10)))
