"""Pictures that nobody took: features as the classifier believes that a picture of each of its 1,000 classes has them.

A linear classifier on features of one within-class covariance S separates class means m + S w (linear discriminant analysis: Fisher 1936). Turned round, its
rows w give those means. So what a network learnt from 1.3 million photographs comes into the training beside the few thousand pictures that are here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixwright.encoders.heads import Floats
from pixwright.encoders.picture import CLASSES, PictureEncoder
from pixwright.train.aligned.concepts import concept_of, reserved_concept
from pixwright.words import lexicon
from pixwright.words.saying import article

_SHRINK = 0.02
"""Share of a plain covariance in the estimate."""
_FAR = (4.0, 8.0)
"""How many S w a class mean is away from the mean: at 4 the classifier names 6 of 10 right, at 8 nearly 9."""
_ROUND = (0.2, 0.8)
"""What else is in the picture: a real one's features by this share."""
_FEW = 3
"""Classes that a noun stands for, at most, to be a text of theirs: "animal" is no name of one."""


class Imagined:
    """Draws latents of classes."""

    def __init__(self, latents: Floats, encoder: PictureEncoder) -> None:
        """`latents` (n, 1280) are real pictures', as `encoders.latents` makes them."""
        self._real = np.square(latents)
        self._mean = self._real.mean(0)
        centred = self._real - self._mean
        spread = centred.T @ centred / len(centred)
        spread += _SHRINK * np.trace(spread) / len(spread) * np.eye(len(spread), dtype=np.float32)
        weights = encoder.class_weights
        self._away = ((weights - weights.mean(0)) @ spread).astype(np.float32)

    def draw(self, shares: Floats, rng: np.random.Generator) -> Floats:
        """(n, 1280) latents of a picture of each of n things; `shares` (n, 1000): the classes that it is, or is kin to, each row summing to 1."""
        far = rng.uniform(*_FAR, (len(shares), 1)).astype(np.float32)
        other = self._real[rng.integers(len(self._real), size=len(shares))] - self._mean
        around = rng.uniform(*_ROUND, (len(shares), 1)).astype(np.float32)
        made = np.maximum(self._mean + far * (shares @ self._away) + around * other, 0)
        return np.asarray(np.sqrt(made), np.float32)


@dataclass(frozen=True, eq=False)
class Imaginable:
    """A thing whose pictures are imagined."""

    concept: str
    texts: tuple[str, ...]
    shares: Floats
    """(1000,) over the classifier's classes; they sum to 1."""


def classes_imagined(encoder: PictureEncoder) -> list[Imaginable]:
    """The classes that may be trained."""
    return [
        Imaginable(concept_of(encoder.class_names[k]), texts, np.eye(CLASSES, dtype=np.float32)[k])
        for k, texts in class_texts(encoder).items()
    ]


def nouns_imagined() -> list[Imaginable]:
    """The table's nouns that may be trained, as mixtures of the classes that they are kin to: few nouns are classes, and many more are near some."""
    table = lexicon()
    found = []
    for noun in table.nouns:
        entry = table.entry(noun)
        if entry is None or not entry.imagenet or entry.is_("person") or reserved_concept(concept_of(noun)):
            continue
        shares = np.zeros(CLASSES, np.float32)
        for k, weight in entry.imagenet:
            shares[k] += weight
        found.append(Imaginable(concept_of(noun), _said([noun]), shares / shares.sum()))
    return found


def class_texts(encoder: PictureEncoder) -> dict[int, tuple[str, ...]]:
    """Of each class that may be trained, what it is called: its lemmas, and nouns that stand for few classes. A class with a reserved name is left out."""
    table = lexicon()
    called: dict[int, list[str]] = defaultdict(list)
    for noun in table.nouns:
        entry = table.entry(noun)
        if entry is None or not entry.imagenet or not entry.exact or entry.is_("person"):
            continue
        classes = [k for k, _ in entry.imagenet]
        for k in classes if len(classes) <= _FEW else ():
            called[k].append(noun)
    texts = {}
    for k, (_, lemmas) in enumerate(encoder.classes):
        names = list(dict.fromkeys([*lemmas, *called[k]]))
        if any(reserved_concept(concept_of(name)) for name in names):
            continue
        texts[k] = _said(names)
    return texts


def _said(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for name in names for text in (name, article(name), f"a photo of {article(name)}"))
