"""EfficientNet-Lite2: picture -> features, class-activation maps, classes.

The convolutional features of a classifier say *where* as well as *what*: the class score is the mean over the grid of `grid @ W.T`, so
that the same product before the mean is a map of the evidence (Zhou et al. 2016, "Learning deep features for discriminative
localization", eq. 2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.lean import lean
from pixwright.media.pixels import on_grid
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session
from pixwright.weights.store import path

Floats = NDArray[np.float32]
CLASSES = 1000
STRIDE = 32
"""Pixels of the resized picture in a cell of the grid."""
LEVELS = ("stride2", "stride4", "stride8", "mid", "grid")
"""The network's outputs, finest first: 16, 24, 48, 120 and 1280 channels at strides 2, 4, 8, 16 and 32."""
SIDE = 320
"""Longer side, in pixels, at which a picture is classified."""


@dataclass(frozen=True)
class Label:
    """An ImageNet class: index 0..999, its first lemma, the probability in [0, 1], and its WordNet id ("n02124075")."""

    index: int
    name: str
    probability: float
    wnid: str


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """What the network sees. Both maps cover the whole picture exactly: cell (i, j) of a map with h rows is the picture's rows
    i * height / h to (i + 1) * height / h, and so for the columns."""

    grid: Floats
    """(h, w, 1280), >= 0: one cell is about 32 pixels of the resized picture."""
    mid: Floats
    """(2h, 2w, 120): one cell is about 16 pixels; edges and parts more than classes."""
    height: int
    width: int
    """Size of the picture that was given, in pixels."""


class PictureEncoder:
    """Stateless: may be used from several threads."""

    def __init__(self, session: Any, weight: Floats, bias: Floats) -> None:
        self._session = session
        self._weight = weight
        self._bias = bias

    @classmethod
    def load(cls) -> PictureEncoder:
        """The packaged network. Raises `WeightsMissing` or `WeightsCorrupt`."""
        with np.load(path("efficientnet-lite2-classifier")) as stored:
            weight, bias = stored["weight"].astype(np.float32), stored["bias"].astype(np.float32)
        return cls(open_session("efficientnet-lite2"), weight, bias)

    @cached_property
    def classes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(WordNet id, lemmas) of each of the 1,000 classes; the first lemma is the commonest name."""
        rows = json.loads(files("pixwright.encoders").joinpath("data/imagenet.json").read_text("utf-8"))
        return tuple((row["wnid"], tuple(row["lemmas"])) for row in rows)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """First lemma of each class, by index."""
        return tuple(lemmas[0] for _, lemmas in self.classes)

    @property
    def class_weights(self) -> Floats:
        """(1000, 1280): the classifier's rows."""
        return self._weight

    @property
    def class_bias(self) -> Floats:
        """(1000,): what is added to the classifier's products."""
        return self._bias

    def features(self, picture: Array, side: int = SIDE) -> FeatureMap:
        """Features of `picture` (HxWx3 uint8), resized so that its longer side is about `side` pixels.

        Each side becomes the nearest multiple of 32, at least 32, so that the maps cover the picture exactly; this changes the aspect by at
        most half a cell.
        """
        height, width = picture.shape[:2]
        small = on_grid(picture[..., :3], side, STRIDE)
        grid, mid = self._session.run(["grid", "mid"], {"picture": small[None]}, lean())
        return FeatureMap(_last(grid), _last(mid), height, width)

    def levels(self, picture: Array) -> dict[str, Floats]:
        """Features of `picture` (HxWx3 uint8, sides multiples of STRIDE) at all strides, by the name of the network's output: (1, C, h, w) each."""
        return dict(zip(LEVELS, self._session.run(list(LEVELS), {"picture": picture[None]}, lean()), strict=True))

    def activation(self, features: FeatureMap, weights: Floats) -> Floats:
        """Evidence for a mixture of classes in each cell: `weights` (1000,) over the classes -> (h, w), in logits, without the bias."""
        return np.asarray(features.grid @ (weights.astype(np.float32) @ self._weight), np.float32)

    def logits(self, features: FeatureMap) -> Floats:
        """(1000,) class scores of the whole picture."""
        return np.asarray(self._weight @ features.grid.mean((0, 1)) + self._bias, np.float32)

    def odds(self, features: FeatureMap) -> Floats:
        """(1000,) class probabilities of the whole picture."""
        logits = self.logits(features)
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum(), np.float32)

    def classify(self, picture: Array, top: int = 5) -> tuple[Label, ...]:
        """The `top` most probable classes of `picture`, best first."""
        odds = self.odds(self.features(picture, SIDE))
        best = np.argsort(-odds, kind="stable")[:top]
        return tuple(Label(int(i), self.class_names[i], float(odds[i]), self.classes[i][0]) for i in best)


def _last(planes: Floats) -> Floats:
    """(1, C, h, w) -> (h, w, C), contiguous."""
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))
