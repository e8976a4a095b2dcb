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
        before = out[-1] if out else None
        said = next((each for mean in _MEANT if (each := mean(step, before)) is not None), step)
        if said.type is EditType.BACKGROUND_CHANGE:
            said = _cut_along(said)
        one = next((each for join in _JOINED if before and (each := join(before, said, step)) is not None), None)
        if one is None:
            out.append(said)
        else:
            out[-1] = one
    return out


def _replaced(step: Step, before: Step | None) -> Step | None:
    """What lies behind somebody, or a wall, makes way for something else."""
    if step.type is not EditType.REPLACE or step.reference is not None or step.target is None or not step.value:
        return None
    return _instead(step, step.target, step.value)


def _laid(step: Step, before: Step | None) -> Step | None:
    """A surface gets another substance."""
    if step.type is not EditType.MATERIAL_CHANGE or step.target is None or not step.value:
        return None
    return _covered(step, step.target, step.value)


def _put(step: Step, before: Step | None) -> Step | None:
    """What is put behind somebody has no end there."""
    if step.type is not EditType.ADD or not _fills(step):
        return None
    return _behind(step, step.value or "", step.where.anchor if step.where else None)


def _blurred(step: Step, before: Step | None) -> Step | None:
    """The place that the step before brings shall be out of focus."""
    blurs = step.type is EditType.TONE_TRANSFER and step.value == "blur"
    return _behind(step, BLURRED) if blurs and before is not None and _names(before, step.target) else None


_MEANT = (_replaced, _laid, _put, _blurred)
"""What a step is where it is about a ground, given the step before it; the first that is not None counts, and without any it stays as it is."""


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


def _goes_with(before: Step, said: Step, step: Step) -> Step | None:
    """What is added is a part of the new background before it: "a street at night, blurred lights behind her"."""
    there = step.where is not None and step.where.relation is Relation.BEHIND
    many = (
        step.type is EditType.ADD and step.reference is None and step.count is None and read(step.value or "it").plural
    )
    new = before.type is EditType.BACKGROUND_CHANGE and bool(before.value)
    return _saying(before, f"{before.value} with {step.value}") if new and there and many else None


def _nothing_new(before: Step, said: Step, step: Step) -> Step | None:
    """A background says of the one before it only what it has not: "dunes, no forest no rocks"."""
    both = said.type is before.type is EditType.BACKGROUND_CHANGE
    return before if both and (said.value or "").split(" ")[0] in _NOT else None


def _unsharp(before: Step, said: Step, step: Step) -> Step | None:
    """The new background before it shall be out of focus: "a park, out of focus", "a hotel lobby, slightly blurred"."""
    new = before.type is EditType.BACKGROUND_CHANGE and before.value and not before.value.startswith(BLURRED)
    blurred = said.type is EditType.BACKGROUND_CHANGE and said.value == BLURRED
    toned = said.type is EditType.TONE_TRANSFER and said.value == "blur" and said.target is None
    soft = new and before.reference is None and (blurred or toned)
    return _saying(before, f"{BLURRED} {before.value}") if soft else None


def _makes_room(before: Step, said: Step, step: Step) -> Step | None:
    """A removal is of what the new background takes the place of: "get rid of the messy room behind me and put a gradient"."""
    old = before.target
    gone = before.type is EditType.REMOVE and old is not None and _lies_behind(old) and _is_ground(old)
    return said if said.type is EditType.BACKGROUND_CHANGE and gone else None


def _of_one(before: Step, said: Step, step: Step) -> Step | None:
    """Two backgrounds were asked for in one sentence: a wall and the pavement before it."""
    both = said.type is before.type is EditType.BACKGROUND_CHANGE and said.instruction == before.instruction
    made = said is not step and said.value != BLURRED and bool(before.value and said.value)
    return _saying(before, f"{before.value} and {said.value}") if both and made else None


_JOINED = (_goes_with, _nothing_new, _unsharp, _makes_room, _of_one)
"""What becomes of a step and the next one where they are one: `said` is the next as it is meant, `step` as it was read. The first that is not None counts."""


def _saying(step: Step, value: str) -> Step:
    return step.model_copy(update={"value": value[:_LONGEST]})


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
