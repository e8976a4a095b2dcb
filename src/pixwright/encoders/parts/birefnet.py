"""BiRefNet lite (Zheng et al. 2024, arXiv 2401.03407): what stands out, as the published ONNX export has it.

In: `input_image` (1, 3, 1024, 1024) by ImageNet's mean and deviation, the picture stretched. Out: `output_image` (1, 1, 1024, 1024) logits.
"""

from __future__ import annotations

from pathlib import Path

from pixwright.encoders.parts.contract import Floats, checked, sigmoid
from pixwright.encoders.parts.opened import PublishedGraph, shown
from pixwright.encoders.published import IMAGENET_MEAN, IMAGENET_STD
from pixwright.errors import PartFailed
from pixwright.records.instruction import Array

SIDE = 1024
NEEDED = 8e9
"""Bytes of free memory below which it is not run: its users report about 7 GB at 1024 pixels."""


class BiRefNet:
    """Implements `Matter`. Stateless."""

    def __init__(self, graph: PublishedGraph, needed: float = 0) -> None:
        self._graph, self._needed = graph, needed

    @classmethod
    def load(cls, name: str) -> BiRefNet:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(PublishedGraph.of(name, "onnx/model_fp16.onnx"), NEEDED)

    def matte(self, picture: Array) -> Floats:
        """(1024, 1024) in [0, 1] over the whole of HxWx3 uint8. Raises `PartFailed`."""
        free = free_memory()
        if free is not None and free < self._needed:
            raise PartFailed(f"it needs {self._needed / 1e9:.0f} GB of free memory, there are {free / 1e9:.1f}")
        # One picture goes in and, whatever stages come out before it, the matte comes out last.
        given_as, told_as = next(iter(self._graph.inputs)), self._graph.outputs[-1]
        rows, columns = self._graph.size(given_as, SIDE)
        given = shown(picture, rows, columns, IMAGENET_MEAN, IMAGENET_STD)
        (out,) = self._graph.run([told_as], {given_as: given})
        seen = checked(out, (1, 1, rows, columns), told_as)[0, 0]
        # Some exports end with the sigmoid, others before it: logits do not stay within 0 and 1.
        return seen if float(seen.min()) >= 0 and float(seen.max()) <= 1 else sigmoid(seen)


def free_memory() -> float | None:
    """Bytes that Linux says are available; None where nobody says."""
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return float(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return None
