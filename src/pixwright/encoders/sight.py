"""NanoDet-g: the 80 everyday kinds of COCO, each with a box.

For every cell of three grids (strides 8, 16, 32) the network gives a probability for each kind and, for each side of the box, a distribution over
distances of 0 to 10 strides, whose mean is the distance (Li et al. 2020, "Generalized focal loss", eq. 4).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.lean import lean
from pixwright.media.pixels import on_grid
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

Floats = NDArray[np.float32]
STRIDES = (8, 16, 32)
BINS = 11
SIDE = 416
"""Longer side, in pixels, at which the network was trained to look."""
OVERLAP = 0.5
"""Of two boxes of one kind with a larger intersection over union, the surer is kept."""
FAINT = 0.05
MOST = 100


@dataclass(frozen=True)
class Detection:
    """One thing. `kind` is COCO's name ("person", "sports ball"); `box` is XYXY in pixels of the picture, not rounded, within the picture;
    `score` in [0, 1] is the network's probability of the kind."""

    kind: str
    box: tuple[float, float, float, float]
    score: float


class Detector:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls) -> Detector:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(open_session("nanodet"))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The 80 names, in the network's order."""
        return tuple(json.loads(files("pixwright.encoders").joinpath("data/coco.json").read_text("utf-8")))

    def detect(self, picture: Array, least: float = FAINT, side: int = SIDE) -> tuple[Detection, ...]:
        """Things in `picture` (HxWx3 uint8) with a probability of at least `least`, surest first, at most MOST.

        The picture is seen at `side` pixels of its longer side; larger sides show smaller things and miss the largest.
        """
        height, width = picture.shape[:2]
        small = on_grid(picture[..., :3], side, STRIDES[-1])
        rows, columns = small.shape[:2]
        names = [f"{head}{stride}" for stride in STRIDES for head in ("kinds", "sides")]
        out = self._session.run(names, {"picture": small[None]}, lean())
        parts = [_decode(out[2 * i][0], out[2 * i + 1][0], stride, least) for i, stride in enumerate(STRIDES)]
        boxes, kinds, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
        stretch = np.array([width / columns, height / rows] * 2, np.float32)
        boxes = np.clip(boxes * stretch, 0, np.array([width, height] * 2, np.float32))
        kept = suppress(boxes, kinds, scores)
        out = []
        for i in kept:
            x0, y0, x1, y1 = boxes[i].tolist()
            out.append(Detection(self.kinds[int(kinds[i])], (x0, y0, x1, y1), float(scores[i])))
        return tuple(out)


def _decode(kinds: Floats, sides: Floats, stride: int, least: float) -> tuple[Floats, NDArray[np.int64], Floats]:
    """(80, h, w) probabilities, (44, h, w) distributions -> boxes (n, 4) XYXY in pixels of what was seen, kinds (n,), scores (n,)."""
    which, rows, columns = np.nonzero(kinds >= least)
    weights = sides[:, rows, columns].reshape(4, BINS, -1)
    weights = np.exp(weights - weights.max(1, keepdims=True))
    away = np.einsum("sbn,b->sn", weights / weights.sum(1, keepdims=True), np.arange(BINS, dtype=np.float32)) * stride
    x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
    boxes = np.stack([x - away[0], y - away[1], x + away[2], y + away[3]], 1).astype(np.float32)
    return boxes, which, kinds[which, rows, columns]


def suppress(boxes: Floats, kinds: NDArray[np.int64], scores: Floats, overlap: float = OVERLAP) -> list[int]:
    """Indices of the boxes (n, 4) XYXY that no surer box of the same kind overlaps, surest first."""
    if not len(boxes):
        return []
    sizes = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    kept = cv2.dnn.NMSBoxesBatched(sizes.tolist(), scores.tolist(), kinds.tolist(), 0.0, overlap)
    return [int(i) for i in np.ravel(kept)[:MOST]]
