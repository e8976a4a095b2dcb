"""Nouns for what is written: it is found by reading, not by its look."""

from __future__ import annotations

from pixwright.records.thing import Thing

_WRITTEN = frozenset(
    "lettering writing inscription text wording caption slogan typography print script handwriting engraving".split()
)
_MANY = frozenset(("letter", "word", "digit", "number", "numeral", "character"))
"""Of these one alone is rather something else: a letter is mail."""


def is_lettering(thing: Thing) -> bool:
    """Whether a thing is letters: "the letters", "the writing on the wall", "the sign's lettering"."""
    head = thing.head.split()[-1:] or [""]
    return head[0] in _WRITTEN or (head[0] in _MANY and thing.plural)


def bearer(thing: Thing) -> Thing | None:
    """What the words say that the letters are on, or of."""
    link = thing.link.to[0] if thing.link is not None else None
    return thing.owner or thing.of or link
