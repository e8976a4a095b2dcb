"""What people call a tone, a style or a background -> the canonical word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from pixwright.edit.contract import Context
from pixwright.words.colours import is_colour

FLOOR = 0.6
"""Least cosine between a free description and a listed one (MiniLM); below it the word is refused rather than guessed."""


@cache
def _aliases(kind: str) -> dict[str, str]:
    table = json.loads(files("pixwright.edit").joinpath("data/aliases.json").read_text("utf-8"))[kind]
    return {alias: name for name, others in table.items() for alias in others}


def canonical(words: str, names: Sequence[str], kind: str, context: Context) -> str | None:
    """The one of `names` that `words` mean: itself, an alias of data/aliases.json[`kind`], or the nearest in meaning; None if none is near.

    A colour is none of them: "purple" is near "vivid", and it is not what was asked."""
    words = " ".join(words.lower().split())
    if not words or is_colour(words):
        return None
    if words in names:
        return words
    aliases = {a: n for a, n in _aliases(kind).items() if n in names}
    if words in aliases:
        return aliases[words]
    choices = [*names, *aliases]
    vectors = context.encoders.text.embed([words, *choices])
    likeness = vectors[1:] @ vectors[0]
    best = int(likeness.argmax())
    if float(likeness[best]) < FLOOR:
        return None
    return aliases.get(choices[best], choices[best])
