"""What a noun means to the networks: by the lexicon, else by what its name is near to, else by its kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.ground.evidence import CLASSES
from pixwright.ground.geometry import Floats
from pixwright.ground.meaning.classes import FAR, class_likeness
from pixwright.records.thing import Thing
from pixwright.words import NounEntry, lexicon
from pixwright.words.lexicon import TELLING

NEAR, MEANT = 0.75, 0.55
"""Cosine of sentence embeddings at which two nouns mean the same; and below which they have nothing but letters in common ("palm" and "lumbermill")."""
OF_ITS_KIND = 0.5
"""Weight of a class that is of the same kind as a noun that no network knows: garlic is food, and what looks like food may be it."""

TALL = 4.0
"""Metres from which a thing is mostly seen as a whole, and its parts stand out by themselves."""


@dataclass(frozen=True, eq=False)
class Sense:
    """What a noun means to the networks: the detector's kinds, those that it is mistaken for, and weights (1000,) over the classifier's classes."""

    kinds: tuple[str, ...]
    alike: tuple[str, ...]
    weights: Floats
    exact: bool

    @property
    def classes(self) -> bool:
        """Whether the classifier knows anything of the sort."""
        return bool(self.weights.any())


def sense_of(thing: Thing, encoders: Encoders) -> Sense:
    """The sense of a thing's noun; of a noun without classes, by the meaning of its words."""
    entry = lexicon().look(thing.head)
    weights = np.zeros(CLASSES, np.float32)
    if entry is not None:
        for index, weight in entry.imagenet:
            weights[index] = weight
    kinds = entry.coco if entry else ()
    alike = entry.alike if entry else ()
    exact = bool(entry and entry.exact and entry.imagenet)
    if not weights.any() and not kinds:
        weights = _by_meaning(thing.name, encoders)
    if not weights.any() and not kinds and entry is not None:
        weights = _by_kind(entry, encoders)
    return Sense(kinds, alike, weights, exact)


def _by_meaning(noun: str, encoders: Encoders) -> Floats:
    """Weights (1000,) of the classes whose names are near to a noun's. All 0 without the text encoder."""
    likeness = class_likeness(noun, encoders)
    near = np.clip((likeness - FAR) / (NEAR - FAR), 0, 1)
    near[(near < 0.5 * near.max()) | (likeness < MEANT)] = 0
    return np.asarray(near, np.float32)


def _by_kind(entry: NounEntry, encoders: Encoders) -> Floats:
    """Weights (1000,) of the classes that are of the first telling kind that a noun is of. All 0 for a noun without one."""
    kind = next((kind for kind in TELLING if entry.is_(kind)), "")
    return np.array([OF_ITS_KIND * (kind in kinds) for kinds in _kinds_of(encoders.picture.class_names)], np.float32)


@lru_cache(maxsize=1)
def _kinds_of(classes: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """What kinds each of the classifier's classes is of, by the lexicon's row of its name."""
    rows = (lexicon().look(name) for name in classes)
    return tuple(row.kinds if row is not None else frozenset() for row in rows)


def towers(thing: Thing) -> bool:
    """Whether a thing is so tall that it fills pictures rather than sitting on something in them."""
    entry = lexicon().look(thing.head)
    return entry is not None and entry.size is not None and entry.size[0] >= TALL
