"""What a row is of, and whether that may be learnt: rows are split by concept as well as by file."""

from __future__ import annotations

from functools import lru_cache

from pixwright.records.sample import Asset, Split, split_of
from pixwright.words import lexicon, read


@lru_cache(maxsize=65536)
def concept_of(name: str) -> str:
    """The noun that a name's head stands for, singular, a synonym as its row's own: "tamworth pig" is a pig."""
    head = read(name).head or name.lower()
    entry = lexicon().look(head)
    return entry.noun if entry is not None else head


def reserved_concept(concept: str) -> bool:
    """Whether no row of this concept is ever trained: the files' own rule (`split_of`), on the noun. One in eight."""
    return split_of(concept) is Split.TEST


def trainable(asset: Asset, concepts: tuple[str, ...]) -> bool:
    """Whether a row of this asset and these concepts may be trained."""
    return asset.split is Split.TRAIN and not any(map(reserved_concept, concepts))
