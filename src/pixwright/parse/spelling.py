"""Repair of misspelt words of the grammar.

Only a word that is neither known to the grammar nor an English word is repaired, and only when exactly one known word is nearest: one edit away
for four letters or more, two for seven or more (optimal string alignment: insert, delete, change, or exchange two neighbours). Quoted text is never touched.

`protected.txt` holds the English words that lie so near to a word of the grammar that they would be taken for it ("tape" is not "cape"); it is made from
SCOWL by `recipes/parse_words.py`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.tokens import Token
from pixwright.parse.wholes.roles import spoken
from pixwright.words import lexicon
from pixwright.words.inflection import bases
from pixwright.words.music import music

SHORTEST = 4
_FEWEST = 3
"""Words of a text whose language can be told."""


def repair(tokens: list[Token]) -> list[Token]:
    """The tokens with misspelt words of the grammar put right; everything else as it was."""
    return [_repaired(token) if token.kind == "word" and not _is_known(token.text) else token for token in tokens]


def is_foreign(text: str) -> bool:
    """Whether the text seems to be in another language: hardly a letter is Latin, or of three words or more none is one of English grammar and few are English at all."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return False
    if sum(char.isascii() for char in letters) < len(letters) / 2:
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    english = sum(word in LEXICON.known or word in _protected() or lexicon().knows(word) for word in words)
    return len(words) >= _FEWEST and LEXICON.function_words.isdisjoint(words) and english <= len(words) / 2


def nearest(word: str) -> str | None:
    """The one known word that `word` is a misspelling of, or None."""
    limit = reach(len(word))
    mask, best = _letters(word), limit
    found: list[str] = []
    for candidate, letters in _by_size().get(len(word), ()):
        if (mask ^ letters).bit_count() > 2 * best:
            continue
        distance = edits(word, candidate, best)
        if distance < best:
            best, found = distance, [candidate]
        elif distance == best <= limit:
            found.append(candidate)
    return _likeliest(word, found)


def reach(length: int) -> int:
    """How many edits a word of `length` letters may be away from the word that was meant."""
    return 0 if length < SHORTEST else 1 if length < 7 else 2


def edits(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance, or `limit` + 1 where it is larger."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _likeliest(word: str, found: list[str]) -> str | None:
    """Of words equally near the one that a slip makes most easily: letters exchanged, doubled or dropped, both ends kept; None (no guess) on a draw."""
    if len(found) < 2:
        return found[0] if found else None

    def ease(candidate: str) -> tuple[bool, bool, bool, bool, bool]:
        exchanged = sorted(candidate) == sorted(word)
        doubled = _single(candidate) == _single(word)
        ends = candidate[0] == word[0] and candidate[-1] == word[-1]
        return (
            exchanged or doubled,
            ends,
            candidate[0] == word[0],
            candidate in LEXICON.commands,
            len(candidate) > len(word),
        )

    first, second = sorted(found, key=ease, reverse=True)[:2]
    return None if ease(first) == ease(second) else first


def _single(word: str) -> str:
    return "".join(char for char, before in zip(word, " " + word) if char != before)


def _exchanged(word: str) -> str | None:
    """The one word of three letters of which two neighbours were exchanged: "dgo"."""
    turned = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    found = [one for one in turned - {word} if lexicon().look(one) is not None]
    return found[0] if len(found) == 1 else None


def _repaired(token: Token) -> Token:
    if len(token.text) < SHORTEST:
        found = _exchanged(token.text)
        return Token(found, "word", token.raw) if found else token
    found = nearest(token.text) if token.text.isascii() and token.text.isalpha() else None
    return Token(found, "word", token.raw) if found else token


def _is_known(word: str) -> bool:
    if len(word) < SHORTEST - 1 or word in LEXICON.known or word in _protected() or lexicon().knows(word):
        return True
    if word in music() or not spoken().isdisjoint(bases(word)):
        return True
    if any(
        word.endswith(end) and f"{word[: -len(end)]}{word[-len(end) - 1]}{end}" in LEXICON.known
        for end in ("y", "ed", "ing", "er")
    ):
        return False  # "blury": the letter that should be twice
    return any(
        word.endswith(end) and word[: -len(end)] in LEXICON.known and word[-len(end) - 1 : -len(end)] != end[0]
        for end in ("s", "es", "ed", "d", "ing", "er", "ly", "y")
    )


def _letters(word: str) -> int:
    mask = 0
    for char in word:
        mask |= 1 << (ord(char) & 31)
    return mask


@cache
def _by_size() -> dict[int, list[tuple[str, int]]]:
    """For each length of a written word, the known words that can be meant."""
    known = sorted(word for word in LEXICON.known if len(word) >= SHORTEST)
    sizes = range(SHORTEST, max(map(len, known)) + 3)
    return {size: [(word, _letters(word)) for word in known if abs(len(word) - size) <= reach(size)] for size in sizes}


@cache
def _protected() -> frozenset[str]:
    text = resources.files(__package__).joinpath("protected.txt").read_text("ascii")
    return frozenset(line for line in text.split("\n") if line and line[0] != "#")
