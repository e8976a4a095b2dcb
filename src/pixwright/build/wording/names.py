"""How instructions call things: what `build.scene.captions` says, and what only an instruction needs."""

from __future__ import annotations

import numpy as np

from pixwright.build.contract import LayeredScene
from pixwright.build.scene.captions import name_of
from pixwright.words import read
from pixwright.words.naming import last_noun
from pixwright.words.numbers import ORDINALS
from pixwright.words.saying import article, is_plural

_EDGE = 0.36
"""A thing whose middle lies within this share of the width from an edge may be called "on the left" or "on the right"."""
_ROW = frozenset(("left", "right", "leftmost", "rightmost", "middle", *ORDINALS))
"""Words for a place in a row, which hold only where the things stand clearly apart."""
_ASIDE = 0.15
"""How often a side is given although the name alone would do."""


def head(name: str) -> str:
    """The noun of a phrase, singular: "black cow on the left" -> "cow"."""
    return last_noun(read(name))


def countable(name: str) -> bool:
    """Whether one can say "three ..." of it: neither a plural nor a mass, which `article` would call "some"."""
    return not is_plural(name) and not article(name).startswith("some ") and " of " not in name and " and " not in name


def alike(scene: LayeredScene, index: int) -> list[int]:
    """The layers that share this one's noun, itself included, from left to right."""
    noun = head(scene.layers[index].name)
    same = [i for i, layer in enumerate(scene.layers) if head(layer.name) == noun]
    return sorted(same, key=lambda i: scene.layers[i].x)


def phrase_for(scene: LayeredScene, index: int, rng: np.random.Generator) -> str | None:
    """A noun phrase without article that names this layer and no other; None if there is no plain one.

    Where the name alone does, a side is still given now and then, as people do.
    """
    layer = scene.layers[index]
    same = alike(scene, index)
    phrase = name_of(scene, index).removeprefix("the ")
    in_row = phrase.split()[0] in _ROW
    if in_row and len(same) > 1 and float(np.diff([scene.layers[i].x for i in same]).min()) < 0.1:
        return None
    if phrase != layer.name or rng.random() > _ASIDE:
        return phrase
    place = layer.x * scene.height / scene.width
    if _EDGE < place < 1 - _EDGE:
        return phrase
    return f"{phrase} on the {'left' if place < 0.5 else 'right'}"
