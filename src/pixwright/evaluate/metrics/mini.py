"""Embedded stand-ins for CLIP, DINO and LPIPS: the packaged EfficientNet and MiniLM. No paper used them; their names begin with `mini-`.

`mini-clip` puts a picture into the space of sentences as the mean of its likeliest classes' names, weighted by their probabilities (Norouzi et
al. 2014, "Zero-shot learning by convex combination of semantic embeddings"). It knows 1,000 classes and nothing of place or number.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import cv2
import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.picture import FeatureMap
from pixwright.evaluate.metrics.contract import Floats
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.weights.session import open_session

SIDE = 256
"""Pixels of the square that the stand-ins look at; the whole picture, without a crop."""
CLASSES = 10
REMEMBERED = 128
"""Pictures whose features are kept: those of a batch, so that no stand-in asks twice."""
GROUP = 8
"""Pictures in one run of the network: more gain nothing on a processor."""


class SharedFeatures:
    """EfficientNet on batches, shared by the stand-ins: a picture that all of them ask for runs once."""

    def __init__(self, encoders: Encoders) -> None:
        self.encoders = encoders
        self._session = open_session("efficientnet-lite2")
        self._seen: OrderedDict[bytes, tuple[Floats, Floats]] = OrderedDict()

    def run(self, pictures: Array) -> list[tuple[Floats, Floats]]:
        """(N, S, S, 3) uint8 -> of each: grid (1280, S/32, S/32) and mid (120, S/16, S/16)."""
        keys = [blake2b(np.ascontiguousarray(picture).data, digest_size=16).digest() for picture in pictures]
        fresh = {key: index for index, key in enumerate(keys) if key not in self._seen}
        indices = list(fresh.values())
        for start in range(0, len(indices), GROUP):
            part = indices[start : start + GROUP]
            grid, mid = self._session.run(["grid", "mid"], {"picture": np.ascontiguousarray(pictures[part])})
            self._seen.update((keys[index], (grid[k], mid[k])) for k, index in enumerate(part))
        found = [self._seen[key] for key in keys]
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return found

    def pooled(self, pictures: Array) -> Floats:
        """(N, 1280): the mean of each grid."""
        return np.stack([grid.mean((1, 2)) for grid, _ in self.run(pictures)])


def squared(picture: Array) -> Array:
    """The whole picture in the square that the stand-ins see."""
    return resized(picture, SIDE, SIDE, cv2.INTER_LINEAR)


class _Mini:
    recipe = f"whole {SIDE}"

    def __init__(self, name: str, sight: SharedFeatures) -> None:
        self.name = name
        self.revision = "EfficientNet-Lite2"
        self._sight = sight

    def prepare(self, picture: Array) -> Array:
        return squared(picture)


class MiniDino(_Mini):
    """The mean over the grid of EfficientNet's last features."""

    def pictures(self, prepared: Array) -> Floats:
        """(N, S, S, 3) uint8 -> (N, 1280)."""
        return self._sight.pooled(prepared)


class MiniClip(_Mini):
    """Pictures and texts in MiniLM's space of 384 dimensions."""

    def __init__(self, name: str, sight: SharedFeatures) -> None:
        from pixwright.ground.meaning.classes import class_vectors

        super().__init__(name, sight)
        self.revision = "EfficientNet-Lite2 and MiniLM"
        names = class_vectors()
        # What every class name shares says nothing about a picture.
        self._middle = np.asarray(names.mean(0), np.float32)
        self._names = names - self._middle

    def pictures(self, prepared: Array) -> Floats:
        """(N, S, S, 3) uint8 -> (N, 384)."""
        encoder = self._sight.encoders.picture
        pooled = self._sight.pooled(prepared)
        logits = np.stack([encoder.logits(FeatureMap(v[None, None], v[None, None], SIDE, SIDE)) for v in pooled])
        least = np.partition(logits, -CLASSES, axis=1)[:, -CLASSES, None]
        odds = np.where(logits >= least, np.exp(logits - logits.max(1, keepdims=True)), 0)
        return np.asarray(odds / odds.sum(1, keepdims=True) @ self._names, np.float32)

    def texts(self, texts: Sequence[str]) -> Floats:
        """(N, 384)."""
        return self._sight.encoders.text.embed(list(texts)) - self._middle


class MiniLpips(_Mini):
    """LPIPS's form (Zhang et al. 2018, equation 1) over two stages of EfficientNet, every channel weighing the same."""

    def maps(self, a: Sequence[Array], b: Sequence[Array]) -> list[Floats]:
        """For pairs of pictures: (S/16, S/16) distance maps of the whole frame."""
        if not a:
            return []
        seen = self._sight.run(np.stack([squared(p) for p in (*a, *b)]))
        return [_between(x, y) for x, y in zip(seen[: len(a)], seen[len(a) :], strict=True)]

    def distances(self, a: Sequence[Array], b: Sequence[Array]) -> list[float]:
        """The mean of each map, 0 to 4."""
        return [float(found.mean()) for found in self.maps(a, b)]


def _between(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> Floats:
    grid, mid = (_apart(x, y) for x, y in zip(a, b, strict=True))
    return np.asarray((np.repeat(np.repeat(grid, 2, axis=0), 2, axis=1) + mid) / 2, np.float32)


def _apart(a: Floats, b: Floats) -> Floats:
    """(C, h, w) -> (h, w): squared distance of the unit vectors of each cell, 0 to 4."""
    x, y = (v / np.maximum(np.linalg.norm(v, axis=0), 1e-10) for v in (a, b))
    return np.asarray(((x - y) ** 2).sum(0), np.float32)


def load(name: str, sight: SharedFeatures) -> Any:
    """The stand-in called `name`."""
    return {"mini-clip": MiniClip, "mini-dino": MiniDino, "mini-lpips": MiniLpips}[name](name, sight)
