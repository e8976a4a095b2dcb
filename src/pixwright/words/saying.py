"""Noun phrases as one says them: "a cat", "some bread", "three cats", "two loaves of bread"."""

from __future__ import annotations

from pixwright.words import inflection
from pixwright.words.lexicon import lexicon
from pixwright.words.numbers import spelled


def article(noun: str) -> str:
    """The noun phrase as one says it first: "a cat", "an old car", "an hourglass", "grapes", "some bread"."""
    if not noun:
        return noun
    if is_mass(noun):
        return f"some {noun}"
    return noun if is_plural(noun) else f"{inflection.article(noun)} {noun}"


def is_mass(noun: str) -> bool:
    """Whether it is not counted, as bread."""
    found = lexicon().entry(head_of(noun))
    return found is not None and found.is_("mass") and found.noun == head_of(noun)


def is_plural(noun: str) -> bool:
    """Whether a noun phrase is spoken of as several: plurals, and pairs such as scissors."""
    head = head_of(noun)
    return lexicon().singular(head)[1] or lexicon().is_(head, "pair")


def plural(noun: str) -> str:
    """The plural of a noun phrase: "red cars", "glasses of milk"; what is plural or not counted stays."""
    first, of, rest = min((noun.partition(word) for word in (" of ", " with ")), key=lambda parts: len(parts[0]))
    if " and " in first:
        return " and ".join(map(plural, first.split(" and "))) + of + rest
    return noun if is_plural(first) or is_mass(first) else lexicon().plural(first) + of + rest


def counted(noun: str, count: int) -> str:
    """ "a cat", "three cats", "two loaves of bread"."""
    if count == 1:
        return article(noun)
    return f"{spelled(count)} {plural(noun)}" if not is_mass(noun) else f"{spelled(count)} pieces of {noun}"


def head_of(noun: str) -> str:
    """The last word of the phrase before "that", "with" and "of", in lower case."""
    return noun.partition(" that ")[0].partition(" with ")[0].partition(" of ")[0].split(" ")[-1].lower()
