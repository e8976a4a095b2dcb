"""Where something new is, said within its own phrase: "a man walking on the path in the center", "a bicycle in the foreground near the fence"."""

from __future__ import annotations

from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place
from pixwright.parse.tokens import Token
from pixwright.records.plan import Relation

POSES = frozenset(
    "flying sitting standing lying floating hanging parked resting walking running sleeping swimming placed located leaning playing grazing driving perched growing seated crouching kneeling "
    "dancing jumping crossing strolling wandering drifting positioned situated riding sailing swinging climbing hovering soaring waiting rising shining".split()
)
"""What something does in a place."""
_GOING = frozenset(("towards", "toward", "to", "into"))
"""Where it goes, which is not where it is."""
_THROUGH = frozenset("across over around out up down".split())
"""Words that only stress the place behind a pose: "hanging across between the houses"."""
_BEGINS = frozenset("in at on to near".split())
_SAID = {Relation.BESIDE: "near", Relation.ON: "on", Relation.INSIDE: "in", Relation.BEHIND: "behind"}


def seated(new: Noun, place: Place | None) -> tuple[Noun, Place | None]:
    """The phrase without the places in it, and the place: of several the one that names a thing, which stands in the others."""
    if len(new.parts) > 1:
        return new, place
    clause = Clause(new.tokens, "")
    for at in range(1, len(new.tokens) - 1):
        posed = new.words[at] in POSES
        start = at + 1 if posed else at
        start += posed and new.words[start] in _THROUGH and start + 1 < len(new.words)
        if not posed and new.words[at] not in _BEGINS:
            continue
        places = _chain(clause, start)
        if not places or not (posed or places[0].anchor is None):
            continue
        where = _one([*places, *([place] if place else [])])
        if where is not None:
            return Noun(new.tokens[: at + int(posed)]), where
    return new, place


def _chain(clause: Clause, at: int) -> list[Place]:
    """The places that the tokens from `at` to the end are; empty if they are anything else."""
    if at >= len(clause):
        return []
    found = sorted(NONTERMINALS["place"](clause, at), key=lambda item: -item[0])
    for end, place in found:
        if place.anchor is not None and (place.anchor.indefinite or clause.words[at] in ("with", "by")):
            continue
        if end == len(clause):
            return [] if clause.words[at] in _GOING else [place]
        if rest := _chain(clause, end):
            return [place, *rest]
        if clause.words[end] in _GOING:
            return [place]
    return []


def _one(places: list[Place]) -> Place | None:
    """One place of several; None where they cannot be said as one."""
    main = next((one for one in places if one.anchor is not None), places[0])
    if main.anchor is None:
        return main
    anchor = main.anchor
    sides = [one.relation for one in places if one.anchor is None and one.relation in (Relation.LEFT, Relation.RIGHT)]
    if main.relation is Relation.BESIDE and len(places) == 2 and sides:
        return Place(sides[0], anchor, main.second)  # "next to him on the right"
    for other in places:
        if other is main:
            continue
        said = _said(other)
        if said is None or anchor.thing.places or anchor.thing.link:
            return None if other.anchor is not None else main
        anchor = Noun((*anchor.tokens, *said))
    return Place(main.relation, anchor, main.second)


def _said(place: Place) -> list[Token] | None:
    if place.anchor is not None:
        word = _SAID.get(place.relation)
        return [Token(word, "word"), *place.anchor.tokens] if word else None
    words = ("in", "the", *str(place.relation.value).split("_"))
    return [Token(word, "word") for word in words]
