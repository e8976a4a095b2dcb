"""MI-GAN and LaMa (Sargsyan et al., ICCV 2023; Suvorov et al., WACV 2022): what may be in a hole, as the published ONNX exports have them.

MI-GAN's pipeline: `image` (1, 3, H, W) uint8 and `mask` (1, 1, H, W) uint8, 255 where the picture is known and 0 in the hole; `result` (1, 3, H, W) uint8. LaMa: `image` (1, 3, 512, 512) float32 in
[0, 1] and `mask` (1, 1, 512, 512) float32, 1 in the hole; `output` (1, 3, 512, 512) float32 in [0, 255].
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.parts.contract import checked
from pixwright.encoders.parts.opened import PublishedGraph
from pixwright.errors import PartFailed
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array

SIDE = 512
"""Pixels at which both networks were trained."""
AROUND = 1.0
"""Surroundings that a hole is shown with on each side, as a share of its longer side."""
JOINED = 0.15
"""Holes that are nearer than this share of the picture's longer side are filled together."""
OVER = 2.0
"""Levels by which a painted value may lie outside of 0..255."""


class HoleFiller(ABC):
    """A network that fills the hole of a crop. Implements `Filler`. Stateless."""

    def fill(self, picture: Array, hole: Array) -> Array:
        """HxWx3 uint8 with something in the hole (HxW uint8, > 0); all else is the picture's. Raises `PartFailed`."""
        result = picture.copy()
        for part in windows(hole):
            crop, gone = np.ascontiguousarray(picture[part]), np.ascontiguousarray(hole[part] > 0)
            made = self._painted(crop, gone)
            if made.dtype != np.uint8 or made.shape != crop.shape:
                raise PartFailed(f"the filling is {made.dtype} {made.shape}, not uint8 {crop.shape}")
            result[part] = np.where(gone[..., None], made, result[part])
        return result

    @abstractmethod
    def _painted(self, crop: Array, gone: NDArray[np.bool_]) -> Array:
        """The crop HxWx3 uint8 with something where `gone` (HxW bool) is true."""


class MiGan(HoleFiller):
    """MI-GAN's pipeline, which scales and blends by itself."""

    def __init__(self, graph: PublishedGraph) -> None:
        self._graph = graph

    @classmethod
    def load(cls, name: str) -> MiGan:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(PublishedGraph.of(name, "migan_pipeline_v2.onnx"))

    def _painted(self, crop: Array, gone: NDArray[np.bool_]) -> Array:
        image = np.ascontiguousarray(crop.transpose(2, 0, 1)[None])
        mask = np.where(gone, 0, 255).astype(np.uint8)[None, None]
        (result,) = self._graph.run(["result"], {"image": image, "mask": mask})
        painted = checked(result, (1, 3, *crop.shape[:2]), "result", 0, 255)
        return np.asarray(painted[0].transpose(1, 2, 0), np.uint8)


class LaMa(HoleFiller):
    """LaMa at its own size; what it paints is scaled back."""

    def __init__(self, graph: PublishedGraph) -> None:
        self._graph = graph

    @classmethod
    def load(cls, name: str) -> LaMa:
        """From pulled weights. Raises `WeightsMissing`, `WeightsCorrupt`."""
        return cls(PublishedGraph.of(name, "lama_fp32.onnx"))

    def _painted(self, crop: Array, gone: NDArray[np.bool_]) -> Array:
        rows, columns = self._graph.size("image", SIDE)
        image = resized(crop, rows, columns).astype(np.float32).transpose(2, 0, 1)[None] / 255
        # Any pixel of the hole in a cell makes the cell a hole, or the old thing would shine through its rim.
        mask = cv2.resize(gone.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA) > 0
        given = {"image": image, "mask": mask[None, None].astype(np.float32)}
        (output,) = self._graph.run(self._graph.outputs[:1], given)
        painted = checked(output, (1, 3, rows, columns), "output", -OVER, 255 + OVER)[0].transpose(1, 2, 0)
        return resized(np.clip(np.rint(painted), 0, 255).astype(np.uint8), *crop.shape[:2])


def windows(hole: Array) -> Iterator[tuple[slice, slice]]:
    """Parts of a picture about each hole, or about holes that are near each other, with surroundings, square where the picture allows."""
    height, width = hole.shape
    reach = 2 * round(JOINED * max(height, width) / 2) + 1
    near = cv2.dilate((hole > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, labels = cv2.connectedComponents(near)
    for label in range(1, count):
        ys, xs = np.nonzero((labels == label) & (hole > 0))
        y0, y1, x0, x1 = int(ys.min()), int(ys.max()) + 1, int(xs.min()), int(xs.max()) + 1
        side = max(y1 - y0, x1 - x0)
        wanted = max(round(side * (1 + 2 * AROUND)), min(SIDE, min(height, width)))
        yield _span(y0, y1, wanted, height), _span(x0, x1, wanted, width)


def _span(low: int, high: int, wanted: int, length: int) -> slice:
    """A span of that many pixels about another one, within `length`."""
    size = min(max(wanted, high - low), length)
    start = min(max(0, (low + high - size) // 2), length - size)
    return slice(start, start + size)
