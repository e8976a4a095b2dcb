"""Whatever else is said around a quotation: one text is new, of two texts one is old. Tried where no rule of `text.py` reads the clause."""

from __future__ import annotations

from itertools import pairwise

from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.making import resolve
from pixwright.parse.nouns import DEFINITE, Noun
from pixwright.records.kind import EditType
from pixwright.records.plan import Step, Where

_OLD_BEFORE = frozenset(
    "instead replace erase remove change not than delete swap fix correct rename from was typo word text".split()
)
_WRITES = frozenset(
    "scribble scrawl spray draw etch tattoo write written print printed letter lettered title titled rename call label caption say says read reads spell spells display show put add stamp sign engrave "
    "paint carve inscribe type name be is become becomes with saying reading text words word change replace update set make let turn swap have".split()
)
_ON = frozenset("on across over onto in at under of".split())
_EXCHANGED = frozenset("not but instead than should must to into with it".split())
_NO_CARRIER = frozenset(
    "text word words title caption label lettering typo bottom top middle letters corner center writing style font number name left right".split()
)


def quoted(clause: Clause) -> list[Step] | None:
    """The change of text that a clause with one or two quotations asks for; None if no verb writes."""
    at = [i for i, token in enumerate(clause.tokens) if token.kind == "quote"]
    if not 0 < len(at) <= 2 or _WRITES.isdisjoint(clause.words):
        return None
    if (
        len(at) == 2
        and {"and", ","} & set(between := clause.words[at[0] + 1 : at[1]])
        and _EXCHANGED.isdisjoint(between)
    ):
        return None  # two texts, not one for another
    new, old = (at[0], None) if len(at) == 1 else _told_apart(clause, at)
    behind = clause.words[at[-1] + 1 :]
    if any(one in ("and", ",", "plus") and two in DEFINITE for one, two in pairwise(behind)):
        return None  # and something else is to be done to another thing
    if not clause.tokens[new].text or (old is not None and not clause.tokens[old].text):
        return None
    carrier = _carrier(clause)
    return [
        Step(
            type=EditType.TEXTUAL_CHANGE,
            instruction=clause.sentence,
            target=resolve(clause, carrier) if carrier else None,
            value=clause.tokens[new].text,
            old_text=None if old is None else clause.tokens[old].text,
            where=None if carrier else _spot(clause),
        )
    ]


def _spot(clause: Clause) -> Where | None:
    """The part of the picture that is named anywhere: "bottom left", "on top"."""
    for at in range(len(clause)):
        for name in ("spot_place", "corner"):
            for _, place in NONTERMINALS[name](clause, at):
                return Where(relation=place.relation)
    return None


def _told_apart(clause: Clause, at: list[int]) -> tuple[int, int]:
    """(new, old): "instead of A ... B", "A should be B", "B instead of A"."""
    first, second = at
    between = clause.words[first + 1 : second]
    if "instead" in between or "than" in between or ("not" in between and "but" not in between):
        return first, second
    return second, first


def _carrier(clause: Clause) -> Noun | None:
    """The definite thing that bears the text: behind "on" and the like, else the first that is named."""
    found: list[tuple[bool, Noun]] = []
    i = 0
    while i < len(clause):
        if clause.words[i] in DEFINITE and clause.tokens[i].kind == "word":
            ends = [
                (end, noun)
                for end, noun in clause.reader.ends(i, "simple")
                if not any(t.kind == "quote" for t in noun.tokens)
            ]
            verbs = [k for k in range(i, ends[0][0]) if clause.words[k] in _WRITES] if ends else []
            ends = [(end, noun) for end, noun in ends if not verbs or end <= verbs[0]]
            if ends and ends[0][1].head not in _NO_CARRIER:
                found.append((i > 0 and clause.words[i - 1] in _ON, ends[0][1]))
                i = ends[0][0]
                continue
        i += 1
    return next((noun for on, noun in found if on), found[0][1] if found else None)
