"""The labeller of people: which part of a crop about somebody is hair, face, headwear, a shirt, a coat, shoes ..., by what the picture encoder sees and by where it lies on the person.

Trained by recipes/train/worn.py on boxes of photographs that were named by hand, each outlined by the box outliner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import linear, packaged
from pixwright.records.instruction import Array

Floats = NDArray[np.float32]
NAME = "worn"
"""In the registry."""
LABELS = tuple(files(__package__).joinpath("labels.txt").read_text("utf-8").split())
"""What a cell can be, in the order of the network's outputs; `inner` and `outer`: a shirt, and what is worn over one; `other`: nobody's, or somebody else's."""
CELLS = 56
"""Cells of a crop's side."""
LEVELS = ("grid", "mid", "stride8", "stride4")
"""Outputs of the picture encoder that are asked."""


class WornLabeller:
    """Stateless: may be used from several threads."""

    def __init__(self, tensors: Mapping[str, Floats], levels: Callable[[Array], dict[str, Floats]]) -> None:
        """`levels`: features of the picture encoder at all its strides, (1, C, h, w) each by the name of its output."""
        self._tensors = tensors
        self._levels = levels

    @classmethod
    def load(cls, levels: Callable[[Array], dict[str, Floats]]) -> WornLabeller:
        """The packaged weights. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(packaged(NAME), levels)

    def likely(self, crop: Array, place: Floats) -> Floats:
        """(CELLS, CELLS, len(LABELS)), adding up to 1: how likely each cell of a crop (SxSx3 uint8) is of each label. `place` (CELLS, CELLS, n): where it lies on the person."""
        t, seen = self._tensors, self._levels(crop)
        total = linear(t, "place", place)
        for name in LEVELS:
            told = tamed(seen[name][0].transpose(1, 2, 0)) @ t[f"{name}.weight"].T
            total += cv2.resize(told, (CELLS, CELLS), interpolation=cv2.INTER_LINEAR)
        odds = linear(t, "out", np.maximum(linear(t, "hidden", np.maximum(total, 0)), 0))
        share = np.exp(odds - odds.max(-1, keepdims=True))
        return np.asarray(share / share.sum(-1, keepdims=True), np.float32)


def tamed(features: Floats) -> Floats:
    """The square root, with the sign that was there: few features are large."""
    return np.asarray(np.sign(features) * np.sqrt(np.abs(features)), np.float32)
