"""How much: "slightly", "30%", "by half", "twice", "by 30 degrees counterclockwise", "100 pixels".

`<measure:..>` is a number with its unit, `<extent:..>` a word of degree, `<amount:..>` either, all as `records.Amount` (an extent as STRENGTH).
"""

from __future__ import annotations

from pixwright.parse.grammar import NONTERMINALS, Clause, Found, nonterminal
from pixwright.parse.lexicon import LEXICON
from pixwright.records.plan import Amount, Unit

UNSTATED = Amount(value=0.6, unit=Unit.STRENGTH)
"""The strength of "make it brighter" with nothing said about how much."""

_UNITS = {
    "percent": Unit.PERCENT,
    "percents": Unit.PERCENT,
    "degrees": Unit.DEGREES,
    "degree": Unit.DEGREES,
    "pixels": Unit.PIXELS,
    "pixel": Unit.PIXELS,
    "times": Unit.FACTOR,
    "fold": Unit.FACTOR,
}
_MULTIPLES = {
    "twice": 2.0,
    "double": 2.0,
    "triple": 3.0,
    "thrice": 3.0,
    "quadruple": 4.0,
    "doubled": 2.0,
    "tripled": 3.0,
}
_SHARES = {
    ("half",): 50.0,
    ("a", "half"): 50.0,
    ("one", "half"): 50.0,
    ("a", "third"): 100 / 3,
    ("one", "third"): 100 / 3,
    ("two", "thirds"): 200 / 3,
    ("a", "quarter"): 25.0,
    ("one", "quarter"): 25.0,
    ("three", "quarters"): 75.0,
    ("a", "fifth"): 20.0,
    ("a", "tenth"): 10.0,
}
_LEADING = frozenset("by about around roughly approximately another exactly some only at of an to".split())
_TURNS = {
    ("a", "quarter", "turn"): 90.0,
    ("a", "quarter", "of", "a", "turn"): 90.0,
    ("a", "half", "turn"): 180.0,
    ("half", "a", "turn"): 180.0,
    ("a", "right", "angle"): 90.0,
    ("a", "full", "turn"): 360.0,
}


def strength(extent: str) -> Amount:
    """The amount of an `<extent:..>`."""
    return Amount(value=float(extent), unit=Unit.STRENGTH)


def signed(amount: Amount | None, sign: int) -> Amount:
    """`amount`, or the unstated strength, with the direction of the change as its sign."""
    amount = amount or UNSTATED
    return Amount(value=abs(amount.value) * sign, unit=amount.unit)


@nonterminal("count")
def count(clause: Clause, i: int) -> Found:
    """A number, also in several words ("forty five", "one and a half")."""
    words = clause.words
    if words[i] == "minus" and i + 1 < len(words):
        return [(end, -value) for end, value in count(clause, i + 1)]
    value = LEXICON.number(words[i])
    if value is None:
        return []
    if words[i + 1 : i + 4] == ("and", "a", "half"):
        return [(i + 4, value + 0.5)]
    following = LEXICON.number(words[i + 1]) if i + 1 < len(words) and words[i + 1].isalpha() else None
    if following is not None and value in range(20, 100, 10) and 0 < following < 10:
        return [(i + 2, value + following)]
    if following == 100 and value < 10:
        return [(i + 2, value * 100)]
    return [(i + 1, value)]


@nonterminal("measure")
def measure(clause: Clause, i: int) -> Found:
    """A number with its unit; `by` and the like may stand before it."""
    words = clause.words
    found: Found = []
    j = i
    while j < len(words) - 1 and words[j] in _LEADING:
        j += 1
    if words[j : j + 3] == ("a", "factor", "of") or words[j : j + 2] == ("factor", "of"):
        for end, value in (
            count(clause, j + (3 if words[j] == "a" else 2)) if j + 3 < len(words) + (words[j] != "a") else []
        ):
            found.append((end, Amount(value=value, unit=Unit.FACTOR)))
        return found
    for table, unit in ((_TURNS, Unit.DEGREES), (_SHARES, Unit.PERCENT)):
        for phrase, value in table.items():
            if words[j : j + len(phrase)] == phrase:
                found.append((j + len(phrase), Amount(value=value, unit=unit)))
    if words[j] in _MULTIPLES:
        found.append((j + 1, Amount(value=_MULTIPLES[words[j]], unit=Unit.FACTOR)))
    for end, value in count(clause, j):
        if end < len(words) and words[end] in _UNITS and abs(value) <= 10_000:
            found.append((end + 1, Amount(value=value, unit=_UNITS[words[end]])))
    return sorted(found, key=lambda item: -item[0])


@nonterminal("extent_amount")
def _extent_amount(clause: Clause, i: int) -> Found:
    """A word of degree as an amount, "by" before it allowed ("by a little")."""
    start = i + 1 if clause.words[i] == "by" and i + 1 < len(clause.words) else i
    return [(end, strength(word)) for end, word in NONTERMINALS["extent"](clause, start)]


@nonterminal("amount")
def _amount(clause: Clause, i: int) -> Found:
    return [*measure(clause, i), *_extent_amount(clause, i)]


@nonterminal("size")
def _size(clause: Clause, i: int) -> Found:
    """A size relative to what it was: "twice as large", "half the size", "half its size", "three times bigger", "50% smaller", "much bigger"."""
    words = clause.words
    bigger, smaller = LEXICON.raw["bigger"], LEXICON.raw["smaller"]
    found: Found = []
    j = i + 1 if words[i] in ("to", "at") and i + 1 < len(words) else i
    for end, amount in [*_amount(clause, j), (j, None)]:
        found += [(stop, _scaled(amount, sign)) for stop, sign in _comparative(words, end, bigger, smaller)]
        if amount is not None and amount.unit in (Unit.FACTOR, Unit.PERCENT):
            factor = amount.value if amount.unit is Unit.FACTOR else amount.value / 100
            for stop in _as_large(words, end, bigger, smaller):
                less = factor > 1 and not set(smaller).isdisjoint(words[end:stop])  # "twice as small" is half
                found.append((stop, Amount(value=round(1 / factor if less else factor, 4), unit=Unit.FACTOR)))
    for end, extent in NONTERMINALS["extent"](clause, j):
        for stop, sign in _comparative(words, end, bigger, smaller):
            found.append((stop, _scaled(strength(extent), sign)))
    return found


def _comparative(words: tuple[str, ...], at: int, bigger: list[str], smaller: list[str]) -> list[tuple[int, int]]:
    """(end, sign) of "bigger", "more large", "larger in size" at a place."""
    if at >= len(words):
        return []
    step = at + 1 if words[at] in ("in", "more") and at + 1 < len(words) else at
    sign = 1 if words[step] in bigger else -1 if words[step] in smaller else 0
    if not sign:
        return []
    end = step + 1
    return [(end + 2, sign), (end, sign)] if words[end : end + 2] == ("in", "size") else [(end, sign)]


def _as_large(words: tuple[str, ...], at: int, bigger: list[str], smaller: list[str]) -> list[int]:
    """Ends of "as large (as before)", "the size", "its (original) size", "of its size"."""
    if at >= len(words):
        return []
    ends: list[int] = []
    if words[at] == "as" and at + 1 < len(words) and words[at + 1] in (*bigger, *smaller):
        ends = [at + 2]
        for tail in (
            ("as", "before"),
            ("as", "now"),
            ("as", "it", "is"),
            ("as", "it", "is", "now"),
            ("as", "it", "was"),
            ("as", "they", "are"),
        ):
            if words[at + 2 : at + 2 + len(tail)] == tail:
                ends.insert(0, at + 2 + len(tail))
    step = at + 1 if words[at] == "of" else at
    if words[step : step + 1] and words[step] in ("the", "its", "their", "his", "her"):
        middle = (
            step + 2
            if words[step + 1 : step + 2] and words[step + 1] in ("original", "current", "present")
            else step + 1
        )
        if words[middle : middle + 1] and words[middle] in ("size", "height", "width", "scale"):
            ends.append(middle + 1)
    if words[step : step + 1] == ("size",):
        ends.append(step + 1)
    return ends


def _scaled(amount: Amount | None, sign: int) -> Amount:
    """A comparative's amount: a factor above or below 1, a signed percentage, or a signed strength."""
    if amount is None:
        return signed(None, sign)
    if amount.unit is Unit.FACTOR:
        return Amount(value=round(amount.value if sign > 0 else 1 / max(amount.value, 0.01), 4), unit=Unit.FACTOR)
    return signed(amount, sign)
