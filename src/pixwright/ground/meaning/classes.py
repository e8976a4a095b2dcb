"""How near a noun lies to the names of the classifier's classes: for the lexicon's nouns from a table, so that only other words need the sentence network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.bundle import Encoders
from pixwright.errors import PixwrightError
from pixwright.ground.geometry import Floats
from pixwright.words.nearest import vector_of

FAR = 0.35
"""Cosine of two names up to which they have nothing in common: it is told as 0."""
STEPS = 255
"""Steps between FAR and 1 in which the table tells a cosine."""


@dataclass(frozen=True, eq=False)
class NearClasses:
    """Noun `rows[noun]` = i is near to `classes[starts[i]:starts[i + 1]]`, (k,) uint16, by `steps`, (k,) uint8 from FAR to 1."""

    rows: dict[str, int]
    starts: NDArray[np.int64]
    classes: NDArray[np.uint16]
    steps: NDArray[np.uint8]
    made_of: str
    """What the cosines are of: sha256 of the network and of the classes' vectors."""

    def of(self, noun: str) -> Floats | None:
        """(1000,) cosines, 0 up to FAR; None for a noun that is not in the table."""
        row = self.rows.get(noun)
        if row is None:
            return None
        held = slice(self.starts[row], self.starts[row + 1])
        out = np.zeros(len(class_vectors()), np.float32)
        out[self.classes[held]] = FAR + self.steps[held] * np.float32((1 - FAR) / STEPS)
        return out


def class_likeness(noun: str, encoders: Encoders) -> Floats:
    """(1000,) in [0, 1]: cosine of a noun with each class's name, 0 up to FAR. All 0 for a noun out of the table where the text encoder is missing."""
    known = near_classes().of(noun)
    if known is not None:
        return known
    try:
        cosines = class_vectors() @ np.asarray(encoders.text.embed([noun])[0], np.float32)
    except PixwrightError:
        return np.zeros(len(class_vectors()), np.float32)
    return np.asarray(np.where(cosines > FAR, cosines, 0), np.float32)


def word_of(noun: str, encoders: Encoders) -> Floats | None:
    """(384,) sentence embedding of a noun, the stored one if it has one. None for one that has none where the text encoder is missing."""
    stored = vector_of(noun)
    try:
        return stored if stored is not None else np.asarray(encoders.text.embed([noun])[0], np.float32)
    except PixwrightError:
        return None


@lru_cache(maxsize=1)
def class_vectors() -> Floats:
    """(1000, 384): the sentence embedding of each ImageNet class's name (recipes/convert/class_vectors.py)."""
    with files(__package__).joinpath("class_vectors.npy").open("rb") as stored:
        return np.asarray(np.load(stored), np.float32)


@lru_cache(maxsize=1)
def near_classes() -> NearClasses:
    """The table, made by recipes/convert/near_classes.py."""
    with files(__package__).joinpath("near_classes.npz").open("rb") as stored, np.load(stored) as table:
        nouns = bytes(table["nouns"]).decode("utf-8").splitlines()
        starts = np.concatenate([[0], np.cumsum(table["counts"], dtype=np.int64)])
        rows = {noun: row for row, noun in enumerate(nouns)}
        return NearClasses(rows, starts, table["classes"], table["steps"], str(table["made_of"]))
