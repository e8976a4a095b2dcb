"""The known noun that comes closest to an unknown one, by sentence embedding, with the head noun as a second chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.words.lexicon import NounEntry, lexicon
from pixwright.words.vectors import unit_rows

Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]
"""`TextEncoder.embed`: n texts -> n x 384 unit vectors."""
SURE = 0.55
"""Least cosine for two nouns to be taken for each other."""


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The nouns that `vectors.npy` has a row for, in its order: those that a network can find."""
    table = lexicon()
    rows = ((noun, table.entry(noun)) for noun in table.nouns)
    return tuple(
        noun
        for noun, row in rows
        if row and (row.coco or row.stuff or row.part or (row.imagenet and row.exact)) and "person" not in row.kinds
    )


@lru_cache(maxsize=1)
def vectors() -> NDArray[np.float32]:
    """(nouns, 384) unit vectors of `names()`, stored in 8 bits by `recipes/convert/lexicon_vectors.py`."""
    return unit_rows(__package__, "vectors.npy")


@lru_cache(maxsize=1)
def _rows() -> dict[str, int]:
    return {noun: row for row, noun in enumerate(names())}


def vector_of(noun: str) -> NDArray[np.float32] | None:
    """(384,) the stored sentence embedding of one of `names()`; None for another."""
    row = _rows().get(noun)
    return None if row is None else vectors()[row]


def nearest(noun: str, embed: Embed, least: float = SURE) -> tuple[NounEntry, float] | None:
    """The closest known noun and its cosine; of a compound, its last word is tried if the whole is not close enough. None if neither is."""
    for tried in dict.fromkeys((noun, noun.rpartition(" ")[2])):
        if found := lexicon().entry(tried):
            return found, 1.0
        scores = vectors() @ np.asarray(embed([tried]), np.float32)[0]
        best = int(scores.argmax())
        if scores[best] >= least and (entry := lexicon().entry(names()[best])):
            return entry, float(scores[best])
    return None
