"""The refinement module (InstructAny2Pix, section 3.2.3): a vector of the aligned space and a score -> the vector of a picture of the same meaning that is as good as that.

A small decoder-only transformer over three tokens: where the vector comes from, the vector, the score. Score: the project's own, 10 - BRISQUE / 10, held in 0 to 10; the paper's
is LAION's aesthetic predictor. Numpy, no torch; trained by `recipes.train.run mini_refinement`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.aligned import HEADS as SPACE
from pixwright.encoders.heads import UNREADABLE, gelu, linear, unit, unpack
from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.weights.store import path, refuse_unfit

Floats: TypeAlias = NDArray[np.float32]
Source: TypeAlias = Literal["text", "picture", "sound"]

SOURCES: tuple[Source, ...] = ("text", "picture", "sound")
"""Where a vector may come from, in the order of their tokens."""
WEIGHTS = "refinement"
"""Their name in the registry."""
ON = "on."
"""What a file's names for the weights that it was trained on begin with."""
BEST = 10.0
"""The highest score."""
WAVES = 32
"""Numbers that a score is written as: sines and cosines."""
HEADS = 4
_FASTEST, _EPS = 4.0, 1e-5


def waves(scores: Floats) -> Floats:
    """(n,) scores -> (n, WAVES): sines and cosines of a tenth of the score, of periods long enough that near scores are written alike."""
    rates = np.geomspace(1.0, _FASTEST, WAVES // 2, dtype=np.float32)
    angles = scores[:, None].astype(np.float32) / BEST * rates
    return np.concatenate([np.sin(angles), np.cos(angles)], 1)


@dataclass(frozen=True, eq=False)
class Refinement:
    """Stateless: may be used from several threads."""

    tensors: Mapping[str, Floats]

    @classmethod
    def load(cls) -> Refinement:
        """The packaged module. Raises `WeightsMissing` or `WeightsCorrupt`, also where it was trained on other heads than those installed."""
        where = path(WEIGHTS)
        try:
            with np.load(where) as stored:
                trained_on = {name: bytes(stored[f"{ON}{name}"]).decode() for name in (SPACE,)}
                tensors = unpack({name: stored[name] for name in stored.files if not name.startswith(ON)})
            made = cls(tensors)
            made(unit(np.ones((1, made.width), np.float32)), BEST)
        except UNREADABLE as problem:
            raise WeightsCorrupt(f"{where} is no refinement module ({problem}); reinstall pixwright") from problem
        refuse_unfit(
            where, trained_on, "reinstall pixwright, or train it again: python -m recipes.train.run mini_refinement"
        )
        return made

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return len(self.tensors["out.bias"])

    def __call__(self, vectors: Floats, score: float, source: Source = "text") -> Floats:
        """(n, width) unit vectors of words, pictures or sounds -> those of pictures with that meaning and score (0 to 10). Raises `InvalidOption`."""
        if not 0 <= score <= BEST:
            raise InvalidOption(f"score {score} is out of range; give 0 to {BEST:g}")
        if source not in SOURCES:
            raise InvalidOption(f"source {source!r} is unknown; choose one of {', '.join(SOURCES)}")
        t = self.tensors
        kind = np.broadcast_to(t["kinds"][SOURCES.index(source)], (len(vectors), t["kinds"].shape[1]))
        given = linear(self.tensors, "given", vectors)
        wanted = linear(self.tensors, "wanted", waves(np.full(len(vectors), score, np.float32)))
        x = np.stack([kind, given, wanted], 1) + t["places"]
        for k in range(sum(name.endswith("attend.weight") for name in t)):
            x = x + self._attended(x, k)
            inner = gelu(linear(self.tensors, f"layers.{k}.up", self._norm(f"layers.{k}.second", x)))
            x = x + linear(self.tensors, f"layers.{k}.down", inner)
        return unit(vectors + linear(self.tensors, "out", self._norm("last", x[:, -1])))

    def _attended(self, x: Floats, k: int) -> Floats:
        n, count, width = x.shape
        stacked = linear(self.tensors, f"layers.{k}.attend", self._norm(f"layers.{k}.first", x))
        query, key, value = (
            stacked[..., i * width : (i + 1) * width].reshape(n, count, HEADS, -1).transpose(0, 2, 1, 3)
            for i in range(3)
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(width / HEADS)
        # Decoder-only: a token sees those before it and itself.
        scores = np.where(np.tril(np.ones((count, count), bool)), scores, -np.inf)
        share = np.exp(scores - scores.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        mixed = (share @ value).transpose(0, 2, 1, 3).reshape(n, count, width)
        return linear(self.tensors, f"layers.{k}.merge", np.asarray(mixed, np.float32))

    def _norm(self, name: str, x: Floats) -> Floats:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(-1, keepdims=True) + _EPS)
        return np.asarray(centred / spread * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"], np.float32)
