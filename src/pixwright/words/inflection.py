"""Singular and plural of words that the noun table does not know, whose own rows carry their plurals; and the verbs of -ing, -ed and -s.

The `inflect` package made the table's plurals, but is not needed to run: it takes two seconds to import and reads "bus", "lens" and "asparagus" as plurals.
"""

from __future__ import annotations

IRREGULAR = {
    "men": "man", "women": "woman", "people": "person", "children": "child", "feet": "foot", "teeth": "tooth", "geese": "goose", "mice": "mouse",
    "lice": "louse", "oxen": "ox", "dice": "die", "cacti": "cactus", "fungi": "fungus", "larvae": "larva", "knives": "knife", "wives": "wife",
    "lives": "life", "leaves": "leaf", "loaves": "loaf", "wolves": "wolf", "calves": "calf", "halves": "half", "shelves": "shelf", "scarves": "scarf",
    "hooves": "hoof", "elves": "elf", "thieves": "thief", "sheaves": "sheaf", "kitties": "kitty", "hypotheses": "hypothesis",
}  # fmt: skip
"""Plural -> singular."""
UNCHANGED = frozenset("sheep fish deer moose bison shrimp salmon squid aircraft spacecraft series species".split())
_NO_PLURAL = ("ss", "us", "is", "ics", "ous")
_SIBILANT = ("s", "x", "z", "ch", "sh")
_SHORTEST_STEM = 2
"""Letters of a verb before its ending."""


def forms(word: str) -> list[str]:
    """What a word would be the plural of, likeliest first: "bushes" -> bush, bushe. Empty if it cannot be a plural."""
    if word in IRREGULAR:
        return [IRREGULAR[word]]
    for plural, one in IRREGULAR.items():  # "policemen", "snowmen"
        if len(plural) > 2 and word.endswith(plural) and plural in ("men", "women", "children", "people", "wolves"):
            return [word[: -len(plural)] + one]
    if not word.endswith("s") or word.endswith(_NO_PLURAL) or len(word) < 4:
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("es") and word[:-2].endswith(_SIBILANT):
        return [word[:-2], word[:-1]]
    if word.endswith("oes"):
        return [word[:-2], word[:-1]]
    return [word[:-1]]


def bases(word: str) -> tuple[str, ...]:
    """The word, and the verbs that it may be a form of: "removing" -> "remov", "remove"; "trimmed" -> "trimm", "trim"."""
    found = [word]
    for end in ("ing", "ed", "es", "s"):
        stem = word[: -len(end)]
        if word.endswith(end) and len(stem) >= _SHORTEST_STEM:
            found += [stem, f"{stem}e", *([stem[:-1]] if stem[-1] == stem[-2] else [])]
            found += [f"{stem[:-1]}y"] if stem[-1] == "i" else []
    return tuple(found)


def singular_of(word: str) -> str:
    """The singular of a plural by rule; "" if the word is no plural."""
    return next(iter(forms(word)), "")


def plural_of(noun: str) -> str:
    """The plural by rule; only the last word changes."""
    lead, _, last = noun.rpartition(" ")
    lead += " " if lead else ""
    for plural, one in IRREGULAR.items():
        if last == one:
            return lead + plural
    if last in UNCHANGED:
        return noun
    if last.endswith("y") and last[-2:-1] not in ("a", "e", "o", "u"):
        return f"{lead}{last[:-1]}ies"
    return lead + last + ("es" if last.endswith(_SIBILANT) else "s")


def article(phrase: str) -> str:
    """ "a" or "an" for a phrase, by its first sound."""
    low = phrase.lower()
    silent = low.startswith(("hour", "honest", "heir", "x-ray", "mp3", "suv"))
    you = low.startswith(("uni", "use", "usu", "euro", "one", "ute", "ufo", "ukulele", "eu")) and not low.startswith(
        ("unin", "unim")
    )
    return "an" if silent or (low[:1] in tuple("aeiou") and not you) else "a"
