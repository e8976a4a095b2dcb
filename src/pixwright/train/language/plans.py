"""Rows of the knowledge file as wishes and plans: what is wished for and what is shown -> explicit steps in words that the grammar reads, and why."""

from __future__ import annotations

import hashlib

import numpy as np

from pixwright.parse.implicit import Row, asked, knowledge, plan_words
from pixwright.train.language.rows import LanguageRow

_RESERVED = "01"
"""A situation whose MD5 begins with one of these is kept for measuring."""


def plan_rows(count: int, seed: int, *, kept: bool = False) -> list[LanguageRow]:
    """`count` rows, every situation about as often as every other; a wish for nothing is answered by nothing. `kept`: of the situations that are never trained on."""
    rows = [row for row in knowledge() if reserved(row.situation) == kept]
    order = np.random.default_rng([seed, len(rows)]).permutation(max(count, len(rows)))[:count] % len(rows)
    return [
        LanguageRow("plan", asked(one.situation, shown_as(one)), {}, said=plan_words(one))
        for one in map(rows.__getitem__, order)
    ]


def reserved(situation: str) -> bool:
    """Whether a situation is never trained on."""
    return hashlib.md5(situation.encode(), usedforsecurity=False).hexdigest()[0] in _RESERVED


def shown_as(row: Row) -> str:
    """What the picture shows, as far as the row says it."""
    return "" if row.when == "any" else row.when
