"""CLIP as the published ONNX export in 8 bits has it: metrics without torch, from the network that edits are judged with too.

Its vectors are not those of the published weights: a score of one is not compared with a score of the other, and the metric's name says which it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixwright.encoders.parts.clip import SIDE, ClipTowers
from pixwright.evaluate.metrics.backbones import BackboneRow
from pixwright.evaluate.metrics.contract import Floats
from pixwright.evaluate.metrics.preprocess import crop_square
from pixwright.records.instruction import Array


class Towers:
    """An `Embedder` with `texts`."""

    def __init__(self, towers: ClipTowers, known: BackboneRow, revision: str) -> None:
        self.name, self.revision = known.name, revision
        self._towers, self._resize = towers, known.resize
        self.recipe = f"square {known.resize} {SIDE}"

    @classmethod
    def load(cls, known: BackboneRow, revision: str) -> Towers:
        """From the weights store. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(ClipTowers.load(known.name), known, revision)

    def prepare(self, picture: Array) -> Array:
        """HxWx3 uint8 -> SxSx3 uint8."""
        return crop_square(picture, self._resize, SIDE)

    def pictures(self, prepared: Array) -> Floats:
        """(N, S, S, 3) uint8 -> (N, D) unit vectors: the export takes one picture at a time. Raises `PartFailed`."""
        return np.stack([self._towers.picture(one) for one in prepared])

    def texts(self, texts: Sequence[str]) -> Floats:
        """(N, D) unit vectors; a text is cut at 77 tokens, its last one staying the end. Raises `PartFailed`."""
        return self._towers.text(texts)
