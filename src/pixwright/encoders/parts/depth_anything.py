"""Depth Anything V2 small (Yang et al. 2024, arXiv 2406.09414): how near everything is, as the published ONNX export has it.

In: `pixel_values` (1, 3, H, W) float32 by ImageNet's mean and deviation, a side at 518 (of larger pictures the shorter one), both multiples of 14. Out: `predicted_depth` (1, H, W), larger is nearer, up to an unknown scale and shift.
"""

from __future__ import annotations

import numpy as np

from pixwright.encoders.parts.contract import Floats, checked
from pixwright.encoders.parts.opened import PublishedGraph, shown
from pixwright.encoders.published import IMAGENET_MEAN, IMAGENET_STD
from pixwright.errors import PartFailed
from pixwright.records.instruction import Array

SIDE, PATCH = 518, 14
LONGEST = 3
"""A side is shown at so many times SIDE at most."""


class DepthAnything:
    """Implements `DepthReader`. Stateless."""

    def __init__(self, graph: PublishedGraph) -> None:
        self._graph = graph

    @classmethod
    def load(cls, name: str) -> DepthAnything:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(PublishedGraph.of(name, "onnx/model_fp16.onnx"))

    def near(self, picture: Array) -> Floats:
        """(H, W) in [0, 1] over the whole of HxWx3 uint8, the nearest 1. Raises `PartFailed`, also for a map that is flat."""
        rows, columns = shown_size(*picture.shape[:2])
        given = shown(picture, rows, columns, IMAGENET_MEAN, IMAGENET_STD)
        (out,) = self._graph.run(["predicted_depth"], {"pixel_values": given})
        found = checked(out, (1, None, None), "predicted_depth")[0]
        low, high = float(found.min()), float(found.max())
        if high - low <= 1e-6 * max(1.0, abs(high)):
            raise PartFailed("predicted_depth is the same everywhere")
        return np.asarray((found - low) / (high - low), np.float32)


def shown_size(height: int, width: int) -> tuple[int, int]:
    """Height and width at which a picture is shown: multiples of PATCH, that side at SIDE which changes least, as the published preparation has it."""
    ratio = min(SIDE / height, SIDE / width, key=lambda one: abs(1 - one))
    rows, columns = (round(min(length * ratio, LONGEST * SIDE) / PATCH) * PATCH for length in (height, width))
    return max(PATCH, rows), max(PATCH, columns)
