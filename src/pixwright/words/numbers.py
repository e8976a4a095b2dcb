"""Numbers and ordinals, in words or digits."""

from __future__ import annotations

import re

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS: dict[str, int] = (
    {word: n for n, word in enumerate(_ONES)}
    | {word: 10 * n for n, word in enumerate(_TENS, 2)}
    | {"hundred": 100, "dozen": 12, "couple": 2, "pair": 2, "trio": 3}
)
"""Number word -> value."""
VAGUE: dict[str, int] = {"few": 3, "several": 3, "some": 3, "many": 6}
"""How many are drawn where no number is said."""
_ORDINAL = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
ORDINALS: dict[str, int] = {word: n for n, word in enumerate(_ORDINAL, 1)} | {"last": -1}
"""Ordinal -> n; the last is -1."""


def number(word: str) -> int | None:
    """ "three", "3", "a dozen"'s "dozen", "twenty-one"; None if it is no whole number."""
    if word in NUMBERS:
        return NUMBERS[word]
    if re.fullmatch(r"\d{1,4}", word):
        return int(word)
    tens, _, ones = word.partition("-")
    return NUMBERS[tens] + NUMBERS[ones] if tens in _TENS and ones in _ONES[1:10] else None


def ordinal(word: str) -> int | None:
    """ "second", "2nd", "last" (-1), "second-to-last" (-2); None if it is no ordinal."""
    if word in ORDINALS:
        return ORDINALS[word]
    if word.endswith("-to-last"):
        return -(ordinal(word.removesuffix("-to-last")) or 1)
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", word)
    return int(found[1]) or None if found else None


def spelled(value: int) -> str:
    """The number in words up to twelve, else in digits."""
    return _ONES[value] if 0 <= value <= 12 else str(value)


def spelled_ordinal(n: int) -> str:
    """ "third" for 3, "last" for -1; up to twelve."""
    return "last" if n == -1 else _ORDINAL[n - 1]
