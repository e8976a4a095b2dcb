"""Where: "on the table", "to the left of the dog", "in the top left corner", "between the cup and the plate", "up".

`<place:..>` is a relation with its anchor or a spot in the picture, `<direction:..>` only a way to go; both read as `records.Where` without resolving pronouns:
the anchor is kept as a `Noun` in a `Place` until the rule builds its step. What only the picture can decide, whether "on the beach" is a place in it or another
that it shall show, is decided by `settled`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pixwright.parse.grammar import NONTERMINALS, Clause, Found, nonterminal
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import STRESS, Noun
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Relation, Step
from pixwright.records.thing import Thing
from pixwright.words import lexicon, read


@dataclass(frozen=True)
class Place:
    """A `Where` whose anchors are still noun phrases."""

    relation: Relation
    anchor: Noun | None = None
    second: Noun | None = None


_SPOT_LEADS = (
    ("in", "the"), ("on", "the"), ("at", "the"), ("to", "the"), ("into", "the"), ("onto", "the"), ("towards", "the"), ("toward", "the"), ("near", "the"), ("along", "the"),
    ("over", "to", "the"), ("from", "the"), ("up", "to", "the"), ("down", "to", "the"), ("over", "the"), ("by", "the"), ("closer", "to", "the"), ("further", "to", "the"), ("across", "the"),
    ("in",), ("on",), ("at",), ("to",), ("off", "to", "the"), ("more", "in", "the"), ("closer", "to", "the"), ("on", "its"), ("on", "his"), ("on", "her"), ("more", "to", "the"), ("far", "to", "the"), ("for", "the"), ("all", "the", "way", "to", "the"),
)  # fmt: skip


@nonterminal("spot_place")
def spot_place(clause: Clause, i: int) -> Found:
    """A place within the picture, with no anchor."""
    words = clause.words
    found: Found = []
    for lead in _SPOT_LEADS:
        if words[i : i + len(lead)] != lead:
            continue
        for end, spot in LEXICON.values["spot"].matches(words, i + len(lead)):
            if lead[-1] in ("his", "her") and spot in ("background", "foreground"):
                continue  # "on his back"
            if len(lead) == 1 and spot not in (
                "background",
                "foreground",
                "center",
                "left",
                "right",
                "every_side",
                "both_sides",
                *(("top",) if lead == ("on",) else ("bottom", "top") if lead == ("at",) else ()),
            ):
                continue
            if end < len(words) and words[end] == "of":
                if (
                    words[end + 1 : end + 3]
                    and words[end + 2 : end + 3]
                    and words[end + 2] in ("picture", "photo", "image", "frame", "scene", "canvas", "shot")
                ):
                    found.append((end + 3, Place(Relation(spot))))
                continue
            found.append((end, Place(Relation(spot))))
    return found


@nonterminal("corner")
def corner(clause: Clause, i: int) -> Found:
    """A corner without a preposition: "top right"."""
    found = LEXICON.values["spot"].matches(clause.words, i)
    return [(end, Place(Relation(spot))) for end, spot in found if end - i > 1]


_SPOTS = frozenset("left right middle center foreground".split())
"""Words after "the" that begin a spot, not an anchor; "the left hand" is lost with them."""


def _sided(words: tuple[str, ...], at: int) -> bool:
    """Whether a thing on that side is meant: "(the) right chair", not "(the) right side" or "(the) right of"."""
    noun = words[at + 1 : at + 2]
    spots = any(end > at + 1 for end, _ in LEXICON.values["spot"].matches(words, at))
    return bool(noun) and not spots and noun[0] not in LEXICON.function_words and lexicon().knows(noun[0])


@nonterminal("relative_place")
def relative_place(clause: Clause, i: int) -> Found:
    """A place relative to an anchor."""
    words = clause.words
    found: Found = []
    if words[i] in ("between", "in-between") or words[i : i + 2] == ("in", "between"):
        start = i + 1 if words[i] != "in" else i + 2
        for end, noun in clause.reader.ends(start, "list") if start < len(words) else []:
            if len(noun.parts) == 2:
                found.append((end, Place(Relation.BETWEEN, noun.parts[0], noun.parts[1])))
            elif len(noun.parts) == 1:
                found.append((end, Place(Relation.BETWEEN, noun)))
        return found
    for after, relation in LEXICON.values["relation"].matches(words, i):
        if after >= len(words) or (
            words[after] == "the"
            and words[after + 1 : after + 2]
            and words[after + 1] in _SPOTS
            and words[after + 2 : after + 3] != ("'s",)
            and not _sided(words, after + 1)
            and not (words[after - 1] == "near" and words[after + 2 : after + 3] == ("of",))
        ):
            continue
        found += [(end, Place(Relation(relation), noun)) for end, noun in clause.reader.ends(after, "phrase")]
    for lead in (("in", "the"), ("at", "the"), ("on", "the"), ("to", "the")):
        if words[i : i + 2] != lead:
            continue
        for end, spot in LEXICON.values["spot"].matches(words, i + 2):
            if end + 1 < len(words) and words[end] == "of":
                relation = {
                    "center": "inside",
                    "top": "on",
                    "bottom": "below",
                    "foreground": "in_front",
                    "background": "behind",
                }.get(spot, spot)
                if relation in ("left", "right", "on", "below", "inside", "in_front", "behind"):
                    found += [
                        (stop, Place(Relation(relation), noun)) for stop, noun in clause.reader.ends(end + 1, "phrase")
                    ]
    return found


_NO_STRESS = (("out", "of"), ("right", "of"), ("up", "to"), ("down", "to"), ("far", "left"), ("far", "right"))


@nonterminal("place")
def place(clause: Clause, i: int) -> Found:
    """Either; a spot first, for "in the background" is no thing called background."""
    if clause.words[i] == "across" and clause.words[i + 1 : i + 2] in (("between",), ("over",), ("above",)):
        i += 1  # "hanging across between the houses"
    while clause.words[i] in STRESS and i + 1 < len(clause) and clause.words[i : i + 2] not in _NO_STRESS:
        i += 1
    spots = spot_place(clause, i)
    ends = {end for end, _ in spots}
    return spots + [(end, where) for end, where in relative_place(clause, i) if end not in ends]


@nonterminal("way")
def way(clause: Clause, i: int) -> Found:
    """A direction of movement as a Place without anchor."""
    return [(end, Place(Relation(side))) for end, side in NONTERMINALS["direction"](clause, i)]


@nonterminal("side")
def side(clause: Clause, i: int) -> Found:
    """A side, with or without "the": "left", "to the left", "on all sides", "the top"."""
    words = clause.words
    start = i
    for lead in (
        ("on", "the"),
        ("at", "the"),
        ("to", "the"),
        ("towards", "the"),
        ("toward", "the"),
        ("from", "the"),
        ("on",),
        ("in",),
        ("to",),
        ("the",),
        ("at",),
    ):
        if words[i : i + len(lead)] == lead:
            start = i + len(lead)
            break
    found = [
        (end, Place(Relation(spot)))
        for end, spot in LEXICON.values["spot"].matches(words, start)
        if spot not in ("background", "foreground")
    ]
    return found + [(end, Place(Relation(spot))) for end, spot in LEXICON.values["direction"].matches(words, start)]


_THERE = (Relation.ON, Relation.INSIDE, Relation.BESIDE, Relation.IN_FRONT)
"""Relations that say in which place something is."""


def settled(plan: Plan, shows: Callable[[Thing], bool], animal: Callable[[], bool] = lambda: False) -> Plan:
    """The plan with places that the picture does not show as its new background; `shows` says whether it shows a thing, `animal` whether "him" can only be an animal there."""
    plan = _of_animals(plan, animal)
    return plan.model_copy(update={"steps": tuple(_settled(step, shows) for step in plan.steps)})


_SOMEBODY = frozenset("him he his her she hers".split())
_WHO = re.compile(r"\b(?:man|woman)\b")
_WHOSE = re.compile(r"^(?:his|her)\b")


def _of_animals(plan: Plan, animal: Callable[[], bool]) -> Plan:
    """ "Take the collar off him" of a picture of a dog: the animal's collar."""
    words = set(re.findall(r"[a-z]+", plan.instruction.lower()))
    named = any(lexicon().is_(word, "person", "animal") for word in words - _SOMEBODY)
    if named or words.isdisjoint(_SOMEBODY) or not any(_about_somebody(step) for step in plan.steps):
        return plan
    if not animal():
        return plan
    return plan.model_copy(update={"steps": tuple(map(_of_animal, plan.steps))})


def _about_somebody(step: Step) -> bool:
    things = (step.target, step.where and step.where.anchor)
    return any(_WHO.search(thing.text) or _WHOSE.match(thing.text) for thing in things if thing)


def _of_animal(step: Step) -> Step:
    where = step.where
    if where is not None and where.anchor is not None:
        where = where.model_copy(update={"anchor": _as_animal(where.anchor)})
    return step.model_copy(update={"target": step.target and _as_animal(step.target), "where": where})


def _as_animal(thing: Thing) -> Thing:
    said = _WHOSE.sub("the animal's", _WHO.sub("animal", thing.text))
    return thing if said == thing.text else read(said)


_DOES_THERE = re.compile(r" (?:on|in|at|along|through|across) (?P<place>.+)$")
"""Where somebody does something: "run on the beach"."""


_SOME_PLACES, _BUILT = ("place", "landscape", "heaven"), ("structure", "building")
"""Kinds of nouns that are places; and that are such where some one is meant, which cannot be there yet: "in a bar", but not "on the bar"."""


def _settled(step: Step, shows: Callable[[Thing], bool]) -> Step:
    place = None
    if step.type is EditType.ACTION_CHANGE and (does := _DOES_THERE.search(step.value or "")):
        place = read(does["place"])
    elif step.type is EditType.RELATION_CHANGE and step.where is not None and step.where.relation in _THERE:
        place = step.where.anchor
    if place is None:
        return step
    inside = step.where is not None and step.where.relation is Relation.INSIDE
    some = inside and not place.definite and lexicon().is_(place.head, *_BUILT)
    if not some and (not lexicon().is_(place.head, *_SOME_PLACES) or shows(place)):
        return step
    why = f"the picture shows no {place.name}: it becomes the background"
    value, conditions = place_and_time(place.text.removeprefix("the "))
    return step.model_copy(
        update={
            "type": EditType.BACKGROUND_CHANGE,
            "target": None,
            "where": None,
            "amount": None,
            "value": value,
            "conditions": conditions,
            "why": step.why or why,
        }
    )


def place_and_time(value: str) -> tuple[str, str | None]:
    """A place that can be painted, and its season, time or weather, one of `vocabulary.CONDITIONS`; the value as it was and None where it is not both."""
    words = tuple(value.split())
    if len(words) < 2 or any(end == len(words) for end, _ in LEXICON.values["background"].matches(words, 0)):
        return value, None
    for at in range(len(words)):
        for name in ("season", "time", "weather"):
            for end, when in LEXICON.values[name].matches(words, at):
                rest = tuple(word for word in (*words[:at], *words[end:]) if word not in _JOINTS)
                places = (place for stop, place in LEXICON.values["background"].matches(rest, 0) if stop == len(rest))
                if rest and (place := next(places, None) or _somewhere(" ".join(rest))):
                    return place, when
    return value, None


def _somewhere(words: str) -> str:
    """The words, if what they name is a place: a mountain road. Empty where it is none."""
    return words if lexicon().is_(read(words).head, "place", "landscape") else ""


_JOINTS = frozenset("a an the in at on during of".split())
"""Small words between a place and its season."""
