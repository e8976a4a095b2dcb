"""Nouns that no table knows: the sentence embedding says which ImageNet classes are closest, and the picture which of those it holds."""

from __future__ import annotations

import numpy as np

from pixwright.errors import PixwrightError
from pixwright.ground.lexicon import Meaning, lexicon
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.ground.things import Sight, find_things

CLOSEST = 8
NEAR = 0.45
"""Cosine similarity below which a class name says nothing about a phrase."""


def find_unnamed(scene: Scene, query: Query) -> Sight:
    """Things of the classes whose names mean most nearly the same. Nothing near: nothing found."""
    names = lexicon().names
    phrase = " ".join((*query.adjectives, query.head))
    try:
        vectors = scene.encoders.text.embed([phrase, *names])
    except PixwrightError:
        return Sight([], 0.0, "the text encoder is not there")
    likeness = vectors[1:] @ vectors[0]
    best = np.argsort(-likeness)[:CLOSEST]
    near = tuple((int(i), float(likeness[i])) for i in best if likeness[i] > NEAR)
    if not near:
        return Sight([], 0.1)
    sight = find_things(scene, Meaning("things", query.head, near, exact=False), query)
    return Sight(sight.found, sight.presence * float(min(1.0, likeness[best[0]] / 0.7)))
