"""What is said of marks: one mark on several places, and marks of skin, which go when the skin is evened out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pixwright.parse.nouns import POSSESSIVES
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.thing import Thing
from pixwright.words import lexicon, owned, read
from pixwright.words.lettering import bearer
from pixwright.words.marking import goes_with_retouching, is_mark, is_skin, of_skin

SMOOTH = "smooth"
_ON_FACES = frozenset("cheek forehead chin".split())
"""Places of a face that have no outline of their own: what is on them goes with what is on the face."""
_WORD = re.compile(r"[a-z]+")


def with_blemishes(instruction: str, steps: Iterable[Step]) -> list[Step]:
    """The steps, in which a mark that is on several places is taken from each of them ("the spots on her cheek and chin": nobody's chin goes), and marks of skin go by evening the skin."""
    out: list[Step] = []
    before: Step | None = None
    for step in steps:
        shared = step if before is None else _shared(before, step, instruction.lower())
        before = shared
        step = _evened(shared, instruction.lower())
        if not any(_said_before(one, step) for one in out):
            out.append(step)
    return out


def evened(what: Thing, place: Thing | None) -> Thing | None:
    """The skin that is evened out where marks `what` on a place of somebody shall go; None where they are no marks of skin."""
    if not all(map(goes_with_retouching, what.parts or (what,))) or what.places:
        return None
    if place is not None:
        face = read(f"{str(place).rpartition(' ')[0] or 'the'} face")
        if is_skin(place):
            return face if place.head in _ON_FACES else place
        if of_skin(what) and place.owner is not None and lexicon().is_(place.head, "part"):
            return face  # wrinkles around the eyes
    somebody = place is not None and lexicon().is_(place.head, "person")
    if not (somebody or (place is None and of_skin(what))):
        return None
    whose = str(what).split()[0]
    if place is None:
        return read("the skin")
    return read(f"{whose} skin") if whose in POSSESSIVES else owned(place, "skin")


def _shared(before: Step, step: Step, said: str) -> Step:
    """The second place of a mark that was said once is no thing that goes: "stains on the shirt and trousers"."""
    mark, other = before.target, step.target
    if before.type is not EditType.REMOVE or step.type is not before.type or mark is None or other is None:
        return step
    on = bearer(mark)
    if on is None or bearer(other) is not None or not _is_any_mark(mark) or _is_any_mark(other):
        return step
    first = re.escape(str(on).split()[-1])
    article = "(?:the )?" if lexicon().is_(other.head, "wearable", "part") else ""
    if not re.search(rf"\b{first} (?:and|or) {article}{re.escape(str(other))}\b", said):
        return step  # "and the cup" is a thing that goes, too
    lead = str(mark)
    return step.model_copy(update={"target": read(f"{lead[: lead.rindex(str(on).split()[-1])]}{other}")})


def _is_any_mark(thing: Thing) -> bool:
    return is_mark(thing) or goes_with_retouching(thing)


def _evened(step: Step, said: str) -> Step:
    """A mark of skin is not cut out; nor is a place of skin, where such a mark was spoken of before it."""
    target = step.target
    if step.type is not EditType.REMOVE or target is None:
        return step
    where = evened(target, bearer(target)) if bearer(target) is not None else None
    if where is None and is_skin(target) and _marks_in(said):
        where = evened(read(_marks_in(said)[0]), target)
    if where is None:
        return step
    return step.model_copy(update={"type": EditType.APPEARANCE_ALTER, "target": where, "value": SMOOTH})


def _marks_in(said: str) -> list[str]:
    """The nouns in a text for what goes with retouching."""
    return [word for word in _WORD.findall(said) if goes_with_retouching(read(word))]


def _said_before(one: Step, step: Step) -> bool:
    """Whether a skin is evened once more, or its look was taken for a thing that is to be there ("... on his forehead and around his eyes")."""
    if one.type is not EditType.APPEARANCE_ALTER or one.value != SMOOTH or step.value != SMOOTH:
        return False
    same = one.target is not None and step.target is not None and one.target.head == step.target.head
    return step.type is EditType.ADD or (step.type is one.type and same)
