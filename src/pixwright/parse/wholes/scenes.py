"""A new place behind everything, in any verb: "adapt the surroundings to evoke an alpine vista", "rearrange the elements to portray a dune backdrop"."""

from __future__ import annotations

from typing import NamedTuple

from pixwright.parse.effects import background
from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import steps
from pixwright.parse.wholes.roles import roles
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import lexicon
from pixwright.words.colours import is_colour
from pixwright.words.inflection import bases

_ARTICLES = frozenset("a an the some this that my our your its".split())
_INTO, _WITH = frozenset(("to", "into")), frozenset(("with", "so", "such", "by"))
_STANDING = frozenset("that it be is set placed shot in as if were into to look looks like".split())
"""Words between "to" and the place: "to be set in", "so that it looks like"."""
_TAILS = frozenset("with that where which while featuring including filled full near under by at and of".split())
"""Words behind the name of a place that say what else is there."""
_AMID = frozenset("in into to amid against before at".split())
_THERE = frozenset("the this that my our his her their him me us it them".split())
"""First words of what is in the picture already."""
_PREPOSITIONS = frozenset("in of for from on around behind surrounding within".split())
_LONGEST = 200
"""Characters of a value."""
_WIDE = ("landscape", "ground", "water", "heaven")
"""Kinds of places that a whole background can be."""


class NamedPlace(NamedTuple):
    """What shall be seen. `scenic`: "scene", "ambiance" or the like stood behind it; `shown`: a verb of showing before it; `within`: "set in" did."""

    words: str
    scenic: bool
    shown: bool = False
    within: bool = False
    tail: str = ""
    """What else is to be there: "with palm trees"."""

    @property
    def known(self) -> bool:
        """Whether it is a place by what it is called: its last word is one, or a background that can be painted."""
        words = tuple(self.words.split())
        return bool(words) and (_painted(words) or lexicon().is_(words[-1], "place", *_WIDE))

    @property
    def wide(self) -> bool:
        """Whether a whole background can be that: a dune can, a church cannot."""
        words = tuple(self.words.split())
        return bool(words) and (_painted(words) or lexicon().is_(words[-1], *_WIDE))


def scenery(clause: Clause) -> list[Step] | None:
    """The step of a sentence that gives the picture another place; None for any other sentence."""
    words = tuple(token.text for token in clause.tokens)
    if any(token.kind not in ("word", "stop") for token in clause.tokens):
        return None
    if place := _set_down(words):
        return _behind(clause, place)
    start = _changing(words)
    for at in range(start + 1, len(words) - 1) if start else ():
        if words[at] == "with" and "with" in words[start:at]:
            break  # "with a beach with palm trees"
        if words[at] in _INTO or (words[at] in _WITH and _INTO.isdisjoint(words[at + 1 :])):
            place = _new(words, at + 1)
            if _asked(words[start:at], place, words[at] in _WITH):
                return _behind(clause, place, tonal="background" not in words[start:at])
    return None


def _changing(words: tuple[str, ...]) -> int:
    """Where the object of a verb of change begins: behind "refashion", "make adjustments to". 0 for any other sentence."""
    table = roles().classes
    if words[:1] == ("make",) and len(words) > 3 and words[1] in table["adjustments"] and words[2] in ("to", "in"):
        return 3
    return 1 if words and any(one in table["change"] for one in bases(words[0])) else 0


def _set_down(words: tuple[str, ...]) -> NamedPlace | None:
    """The place of "put the dog in a snowy landscape", where what is there already is put before some scene."""
    if len(words) < 5 or words[0] not in roles().classes["set_down"] or words[1] not in _THERE:
        return None
    at = next((i for i in range(2, len(words) - 1) if words[i] in _AMID and words[i + 1] in ("a", "an", "some")), 0)
    place = named_place(words[at + 1 :]) if at else None
    return place if place is not None and place.scenic and (place.wide or place.known) else None


def _new(words: tuple[str, ...], at: int) -> NamedPlace:
    """The place that is named from `at` on; without words where none is."""
    end, begun = len(words), at
    while at < end and words[at] in _STANDING:
        at += 1
    within = "in" in words[begun:at]
    shown = at < end and any(one in roles().classes["depict"] for one in bases(words[at]))
    while at + shown < end and words[at + shown] in ("like", *_ARTICLES):
        at += 1
    named = named_place(words[at + shown :])
    return named._replace(shown=shown, within=within)


def _asked(thing: tuple[str, ...], new: NamedPlace, beside: bool) -> bool:
    """Whether `thing` is what the picture is set in and `new` a place for it. `beside`: it is joined by "with"."""
    table = roles().classes
    held = _held(thing)
    if not new.words or not held or is_colour(new.words):
        return False
    rest, head = thing[len(thing) - len(_rest(thing)) :], held[-1]
    if (beside and not _of_picture(rest)) or any(word in table["picture"] for word in held[:-1]):
        return False
    if head in ("background", "backdrop"):
        return new.shown or new.scenic or len(held) > 1 or rest[:1] == ("from",) or (new.known and _described(new.tail))
    if head in table["ground"] or (head in table["parts"] and len(held) == 1 and _of_picture(rest)):
        return new.scenic or new.known or (new.shown and head in table["ground"])
    was = named_place(rest[rest.index("from") + 1 :]) if "from" in rest else None
    if (was is not None and (was.scenic or was.known)) or new.within:
        return new.scenic or new.known
    lies = lexicon().is_(head, "place", "landscape") or "background" in rest
    return lies and new.wide and (new.scenic or "background" in rest or _land(head))


def _described(tail: str) -> bool:
    """Whether what stands behind a place says what it has, and no more: "with palm trees"."""
    return tail.startswith("with ") and COMMANDS.isdisjoint(tail.split())


def _land(head: str) -> bool:
    """Whether a noun is a landscape that is more than its ground: hills are, a lawn is a surface that gets another cover."""
    return lexicon().is_(head, "landscape") and not lexicon().is_(head, "surface", "ground")


def _held(thing: tuple[str, ...]) -> tuple[str, ...]:
    """The noun phrase at the beginning, without its article: "garden environment" of "the garden environment in the picture"; "background" of "background color"."""
    words = thing[1:] if thing and thing[0] in _ARTICLES else thing
    words = words[: len(words) - len(_rest(thing))]
    return words[:-1] if words[-2:] in (("background", "color"), ("backdrop", "color")) else words


def _rest(thing: tuple[str, ...]) -> tuple[str, ...]:
    """What stands behind the noun phrase at the beginning; that the field is full of poppies belongs to the phrase."""
    last = next((i for i in range(len(thing) - 1, -1, -1) if thing[i] in roles().classes["ground"]), 0)
    first = next((i for i, word in enumerate(thing) if word in _PREPOSITIONS), len(thing))
    with_ = next((i for i, word in enumerate(thing) if word == "with"), len(thing))
    return thing[first:] if first < last and with_ > last else thing[max(first, last + 1 if with_ < last else 0) :]


def _of_picture(rest: tuple[str, ...]) -> bool:
    """Whether what follows a noun says that it is the picture's: "in this image"; so does nothing."""
    return all(word in roles().classes["picture"] | _PREPOSITIONS | _ARTICLES for word in rest)


def named_place(words: tuple[str, ...]) -> NamedPlace:
    """The place that a phrase names, without "scene" or "ambiance" behind it; the place of an adjective ("glacial"). Without words where it names none."""
    table = roles()
    while words and words[0] in _ARTICLES:
        words = words[1:]
    cut = next((i for i, word in enumerate(words) if word in _TAILS), len(words))
    core = tuple(word for word in words[:cut] if word not in (",", "covered"))
    scenic = len(core) > 1 and core[-1] in table.classes["scenes"]
    while core and core[-1] in table.classes["scenes"] and core[-1] != "world":
        core = core[:-1]
    if not core:
        return NamedPlace("", False)
    said = " ".join((*core[:-1], _of_adjective(core[-1])))
    return NamedPlace(said.replace(" 's", "'s"), scenic, tail=" ".join(words[cut:]).replace(" ,", ","))


def _of_adjective(word: str) -> str:
    """ "meadow" of "meadowed", "beach" of "beachy", "glacier" of "glacial"; any other word as it is."""
    if word in roles().places:
        return roles().places[word]
    painted = LEXICON.values["background"].whole((word,)) or LEXICON.values["weather"].whole((word,))
    if painted in ("snow", "underwater") or lexicon().is_(word, "place", *_WIDE):
        return painted or word
    for end in ("y", "ed", "-like", "like", "ish", "al"):
        stem = word[: -len(end)]
        for one in (stem, f"{stem}e", stem[:-1]) if word.endswith(end) and len(stem) > 2 else ():
            if lexicon().is_(one, "place", *_WIDE):
                return one
    return word


def _painted(words: tuple[str, ...]) -> bool:
    """Whether the words end in a background that can be painted."""
    return any(LEXICON.values["background"].whole(words[at:]) for at in range(len(words)))


def _behind(clause: Clause, place: NamedPlace, tonal: bool = False) -> list[Step]:
    """The place behind everything. `tonal`: a season, a time or a weather that was called a setting is no place, but snow."""
    said = tuple(place.words.split())
    tones = [LEXICON.values[name].whole(said) for name in ("season", "time", "weather")] if tonal else []
    if tone := next((value for value in tones if value and value != "snow"), None):
        return steps(clause, EditType.TONE_TRANSFER, None, value=tone)
    found = background(clause, place.words)
    return [step.model_copy(update={"value": f"{step.value} {place.tail}".strip()[:_LONGEST]}) for step in found]
