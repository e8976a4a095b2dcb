"""What becomes of a ground: a surface gets another substance, or the picture another place behind its subject. The kinds of the old and the new noun decide, here alone, whoever read the words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pixwright.parse.effects import BLURRED
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import BACKGROUND
from pixwright.parse.nouns import DEFINITE
from pixwright.parse.places import place_and_time
from pixwright.parse.wholes.roles import roles
from pixwright.parse.wholes.skies import conditions_of
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step
from pixwright.records.thing import Thing, Tie
from pixwright.records.vocabulary import MATERIAL_ALIASES, MATERIALS, WEATHERS, material_in
from pixwright.words import lexicon, read

_LIES_BEHIND = re.compile(r" behind \w+(?: \w+)?$")
"""Where a place is, said of it: every background is behind somebody."""
_STANDS = re.compile(r" (?:on|in|at|against) (?P<ground>(?:an?|the) .+)$")
"""What something stands on: "(the) shoes on a lawn"."""
_HAS = re.compile(r" (?:with|of|full|in|that) ")
_NOT = ("no", "without", "not")
_OUTSIDE = ("landscape", "place", "ground")
SKY = "sky"
_LONGEST = 200
"""Characters of a value."""


def with_grounds(steps: Iterable[Step]) -> list[Step]:
    """The steps, in which what lies behind somebody, or a wall, makes way for a place by a new background, and a floor for another floor by a new substance."""
    out: list[Step] = []
    for step in steps:
        said = step
        if step.type is EditType.REPLACE and step.reference is None and step.target is not None and step.value:
            said = _instead(step, step.target, step.value)
        elif step.type is EditType.MATERIAL_CHANGE and step.target is not None and step.value:
            said = _covered(step, step.target, step.value) or step
        elif out and _goes_with(out[-1], step):
            out[-1] = out[-1].model_copy(update={"value": f"{out[-1].value} with {step.value}"[:_LONGEST]})
            continue
        elif step.type is EditType.ADD and _fills(step):
            said = _behind(step, step.value or "", step.where.anchor if step.where else None)
        elif step.type is EditType.TONE_TRANSFER and step.value == "blur" and out and _names(out[-1], step.target):
            said = _behind(step, BLURRED)
        if said.type is EditType.BACKGROUND_CHANGE:
            said = _cut_along(said)
        if said.type is EditType.BACKGROUND_CHANGE and out and _nothing_new(out[-1], said):
            continue
        if out and _unsharp(out[-1], said):
            out[-1] = out[-1].model_copy(update={"value": f"{BLURRED} {out[-1].value}"[:_LONGEST]})
            continue
        if out and said.type is EditType.BACKGROUND_CHANGE and _makes_room(out[-1]):
            out[-1] = said
        elif said is not step and said.value != BLURRED and out and _of_one(out[-1], said):
            out[-1] = out[-1].model_copy(update={"value": f"{out[-1].value} and {said.value}"[:_LONGEST]})
        else:
            out.append(said)
    return out


def _instead(step: Step, old: Thing, value: str) -> Step:
    """A replacement, or what it is where a ground is replaced."""
    if (stands := _STANDS.search(value)) and _is_there(step, value):
        new = read(stands["ground"])
        if lexicon().is_(new.head, "place", "landscape", "ground", "surface"):
            return _behind(step, stands["ground"].split(" ", 1)[1])
    bare = _LIES_BEHIND.sub("", value)
    new = read(bare)
    known = lexicon().look(old.head) is not None
    if (_is_ground(old) or not known) and (covered := _covered(step, old, bare)):
        return covered
    if not _is_ground(old):
        return step
    behind = bare != value or _lies_behind(old) or lexicon().is_(old.head, "wall", "setting")
    if _is_place(new, bare) and (behind or _is_scene(old, new)):
        return _behind(step, bare)
    return _behind(step, bare) if _lies_behind(old) and not lexicon().is_(new.head, "person", "animal") else step


def _is_there(step: Step, value: str) -> bool:
    """Whether the instruction names what shall come as something that is there: "the shoes on a lawn"."""
    before = step.instruction.lower().partition(value)[0].split()
    return bool(before) and before[-1] in DEFINITE


def _covered(step: Step, old: Thing, value: str) -> Step | None:
    """The new substance of a surface for which another surface, or planks or tiles of some material, are named; None where the new thing is none of it."""
    new, kinds = read(value), lexicon()
    surface = kinds.is_(old.head, "surface", "wall")
    if value in MATERIALS or kinds.is_(old.head, "furniture", "setting") or kinds.is_(new.head, "furniture"):
        return None
    if kinds.is_(new.head, "surface", "wall"):
        stuff = material_in(value)
    else:
        stuff = _substance(new) if surface else None
    if stuff is None:
        return None
    # What lies on a floor is found as the floor: a carpet has no place of its own.
    floor = kinds.is_(new.head, "ground") and not kinds.is_(old.head, "ground", "wall")
    target = read(new.head) if floor or not surface else old
    return step.model_copy(update={"type": EditType.MATERIAL_CHANGE, "target": target, "value": stuff})


def _substance(thing: Thing) -> str | None:
    """The material of planks and tiles, which have no size of their own; a table has, and "replace the lawn with a wooden table" puts a thing there."""
    kind = lexicon().look(thing.head)
    made = thing.materials if kind is None or kind.size is None else ()
    named = (thing.head, f"{thing.head}s", *made)
    return next((known for name in named if (known := MATERIAL_ALIASES.get(name, name)) in MATERIALS), None)


def _fills(step: Step) -> bool:
    """Whether something is added behind somebody that has no end there: a wall, a pavement, a forest."""
    where, new = step.where, read(step.value or "it")
    if where is None or where.relation is not Relation.BEHIND or step.count is not None or step.reference is not None:
        return False
    ground = lexicon().is_(new.head, "wall", "ground") and not lexicon().is_(new.head, "plant")
    someone = where.anchor is not None and lexicon().is_(where.anchor.head, "person", "animal")
    return (
        ground
        or (someone and _last_word(step.value or "it") in roles().classes["walls"])
        or (_is_place(new, step.value or "") and not lexicon().is_(new.head, "building", "structure", "heaven"))
    )


def _last_word(value: str) -> str:
    """The noun of a phrase as it is written, without what it has: "board" of "board full of formulas", "leaves", not "leaf"."""
    return _HAS.split(value)[0].split()[-1]


def _behind(step: Step, place: str, subject: Thing | None = None) -> Step:
    """The step that puts a place behind the subject."""
    value, conditions = place_and_time(place)
    said = {"value": value[:_LONGEST], "conditions": conditions, "target": subject, "where": None, "amount": None}
    return step.model_copy(update={"type": EditType.BACKGROUND_CHANGE, **said})


def _cut_along(step: Step) -> Step:
    """A sky that becomes the background takes the place of the sky, where one is seen and the whole background is not named: whatever stands before it stays. A storm or a mist is a weather of it."""
    value = step.value or "it"
    all_of_it = not BACKGROUND.isdisjoint(step.instruction.lower().split())
    if all_of_it or not lexicon().is_(read(value).head, SKY):
        return step
    painted = LEXICON.values["background"].whole(tuple(value.split())) is not None
    weather = step.conditions or (None if painted else conditions_of(value))
    if weather in WEATHERS and weather != "sunny":
        return step.model_copy(update={"type": EditType.REPLACE, "target": read(SKY), "conditions": weather})
    return step.model_copy(update={"target": read(SKY)})


def _goes_with(before: Step, step: Step) -> bool:
    """Whether what is added is a part of the new background before it: "a street at night, blurred lights behind her"."""
    there = step.where is not None and step.where.relation is Relation.BEHIND
    many = (
        step.type is EditType.ADD and step.reference is None and step.count is None and read(step.value or "it").plural
    )
    return before.type is EditType.BACKGROUND_CHANGE and bool(before.value) and there and many


def _nothing_new(before: Step, step: Step) -> bool:
    """Whether a background says of the one before it only what it has not: "dunes, no forest no rocks"."""
    return before.type is EditType.BACKGROUND_CHANGE and (step.value or "").split(" ")[0] in _NOT


def _unsharp(before: Step, step: Step) -> bool:
    """Whether the new background before it shall be out of focus: "a park, out of focus", "a hotel lobby, slightly blurred"."""
    new = before.type is EditType.BACKGROUND_CHANGE and before.value and not before.value.startswith(BLURRED)
    blurred = step.type is EditType.BACKGROUND_CHANGE and step.value == BLURRED
    toned = step.type is EditType.TONE_TRANSFER and step.value == "blur" and step.target is None
    return bool(new) and before.reference is None and (blurred or toned)


def _makes_room(before: Step) -> bool:
    """Whether a removal is of what the new background takes the place of: "get rid of the messy room behind me and put a gradient"."""
    old = before.target
    return before.type is EditType.REMOVE and old is not None and _lies_behind(old) and _is_ground(old)


def _of_one(before: Step, step: Step) -> bool:
    """Whether two backgrounds were asked for in one sentence: a wall and the pavement before it."""
    both = step.type is before.type is EditType.BACKGROUND_CHANGE
    return both and step.instruction == before.instruction and bool(before.value and step.value)


def _names(before: Step, thing: Thing | None) -> bool:
    """Whether a thing is the place that the step before brings: "a bookshelf, a bit out of focus"."""
    return before.type is EditType.BACKGROUND_CHANGE and thing is not None and str(thing) == before.value


def _is_ground(thing: Thing) -> bool:
    """Whether it is a surface, or lies behind somebody and is nobody."""
    kinds = lexicon()
    if kinds.is_(thing.head, "person", "animal", "furniture", "wearable", "water", "sky"):
        return False
    return _lies_behind(thing) or kinds.is_(thing.head, "surface", "wall", "setting", "mass", "place")


def _lies_behind(thing: Thing) -> bool:
    return thing.link is not None and thing.link.tie is Tie.BEHIND


def _is_place(thing: Thing, words: str) -> bool:
    """Whether one can be there, or it can be painted as a background."""
    painted = LEXICON.values["background"].whole(tuple(words.split()))
    return painted is not None or lexicon().is_(thing.head, "place", "landscape")


def _is_scene(old: Thing, new: Thing) -> bool:
    """Whether one landscape makes way for another; a pool in a yard, or a river for a road, is a part of it."""
    return lexicon().is_(old.head, *_OUTSIDE) and not lexicon().is_(new.head, "water", "structure", "building")
