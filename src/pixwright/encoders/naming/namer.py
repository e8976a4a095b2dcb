"""The namer: how well any noun names what a box of a photograph holds.

A box becomes a vector in the space of MiniLM's sentence embeddings (as in Frome et al. 2013, "DeViSE"), of what the picture encoder and the detector see in it, around it, and in the whole
picture; what the classes and kinds that they know mean goes in as well, and straight through. Trained by recipes/train/naming.py on boxes of photographs that were named by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import linear, packaged

Floats = NDArray[np.float32]
NAME = "namer"
"""In the registry."""
FEATURES, WIDTH, FORM = 1280, 384, 14
"""Numbers of the picture encoder's features, of a sentence embedding, and of what is told of a box's form."""


@dataclass(frozen=True, eq=False)
class BoxLooks:
    """What is seen of n boxes of one picture."""

    within: Floats
    """(n, FEATURES) of the picture encoder, >= 0: their mean within the box."""
    around: Floats
    """The same in a box half as large again."""
    whole: Floats
    """(FEATURES,) of the whole picture."""
    classes: Floats
    """(n, WIDTH): the mean sentence embedding of the classes' names, by their shares."""
    kinds: Floats
    """(n, WIDTH): the sum of the sentence embeddings of the detector's names, by their scores."""
    form: Floats
    """(n, FORM): edges, size, shape, how surely something is there, how many other boxes agree, hold it and are held."""


@dataclass(frozen=True, eq=False)
class BoxMeanings:
    """What n boxes hold. `vectors` (n, WIDTH); `whole` (n,): how well each holds a thing of whatever name, in log-odds."""

    vectors: Floats
    whole: Floats


class Namer:
    """Stateless: may be used from several threads."""

    def __init__(self, tensors: Mapping[str, Floats]) -> None:
        self._tensors = tensors

    @classmethod
    def load(cls) -> Namer:
        """The packaged weights. Raises `WeightsMissing` or `WeightsCorrupt`."""
        return cls(packaged(NAME))

    def held(self, looks: BoxLooks) -> BoxMeanings:
        """What each box holds."""
        t = self._tensors
        count = len(looks.within)
        seen = np.concatenate(
            [looks.within, looks.around, np.broadcast_to(looks.whole, (count, FEATURES))], 1, dtype=np.float32
        )
        told = np.concatenate([looks.classes, looks.kinds], 1)
        hidden = linear(t, "seen", np.sqrt(np.maximum(seen, 0))) + looks.form @ t["form.weight"].T
        hidden = np.maximum(hidden + told @ t["told.weight"].T, 0)
        through = t["through"].ravel()
        vectors = linear(t, "out", hidden) + through[0] * looks.classes + through[1] * looks.kinds
        whole = linear(t, "whole", hidden)[:, 0] + (looks.form @ t["whole_form.weight"].T)[:, 0]
        return BoxMeanings(np.asarray(vectors, np.float32), np.asarray(whole, np.float32))

    def turned(self, words: Floats) -> Floats:
        """(m, WIDTH) sentence embeddings of nouns -> the same as `likeness` takes them."""
        t = self._tensors
        up = linear(t, "turn_up", np.maximum(linear(t, "turn", words), 0))
        return np.asarray(np.exp(t["scale"].ravel()[0]) * (words + up), np.float32)

    def likeness(self, held: BoxMeanings, turned: Floats) -> Floats:
        """(n, m) log-odds, of which only differences count: how well each of m nouns, from `turned`, names what each box holds."""
        return np.asarray(held.vectors @ turned.T, np.float32)
