"""Nouns that no table knows: the sentence embedding says which ImageNet classes are closest, and the picture which of those it holds."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np

from pixwright.errors import PixwrightError
from pixwright.ground.geometry import Floats
from pixwright.ground.lexicon import Meaning
from pixwright.ground.objects import instances, named
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene
from pixwright.ground.things import KNOWN, Sight, find_things

CLOSEST = 8
NEAR = 0.45
"""Cosine similarity below which a class name says nothing about a phrase."""


@lru_cache(maxsize=1)
def class_vectors() -> Floats:
    """(1000, 384): the sentence embedding of each class's name (made by recipes/convert/class_vectors.py)."""
    with files("pixwright.ground").joinpath("class_vectors.npy").open("rb") as stored:
        return np.asarray(np.load(stored), np.float32)


def find_unnamed(scene: Scene, query: Query) -> Sight:
    """Things of the classes whose names mean most nearly the same. Nothing near: nothing found."""
    boxes = named(scene, Meaning("unknown", query.head), query)
    if boxes and boxes[0].score > KNOWN:
        return Sight(instances(scene, boxes, query), boxes[0].score)
    phrase = " ".join((*query.adjectives, query.head))
    try:
        likeness = class_vectors() @ scene.encoders.text.embed([phrase])[0]
    except PixwrightError:
        return Sight([], 0.0, "the text encoder is not there")
    best = np.argsort(-likeness)[:CLOSEST]
    near = tuple((int(i), float(likeness[i])) for i in best if likeness[i] > NEAR)
    if not near:
        return Sight([], 0.1)
    sight = find_things(scene, Meaning("things", query.head, near, exact=False), query)
    return Sight(sight.found, sight.presence * float(min(1.0, likeness[best[0]] / 0.7)))
