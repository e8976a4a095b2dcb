"""What a target is said to become: the part behind "make the car ...", "the car should be ...", "turn the car into ...".

`become(clause, start, target, frame)` reads the rest of the clause as exactly one kind of change. The frame says what the verb allows: "make" anything, "into"
also a new object, "state" (a wished statement) also a place.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pixwright.parse import amounts, places, readings
from pixwright.parse.complements import outcomes
from pixwright.parse.effects import (
    figure,
    is_whole,
)
from pixwright.parse.grammar import Caught, Clause, RuleSet, rule
from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.making import is_background, parts, resolve, steps, where
from pixwright.parse.nouns import POSSESSIVES, Noun, predicated
from pixwright.parse.places import Place
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step
from pixwright.words import lexicon, owned, read
from pixwright.words.colours import is_colour

__all__ = ["become"]

Frame: TypeAlias = Literal["make", "into", "state"]

_READERS = (amounts, places, readings)
"""Imported for the nonterminals that they register."""

_PICTURE_WIDE = frozenset(
    "style|art style|look|overall look|overall style|colors|all colors|tones|color|overall tone|color palette".split(
        "|"
    )
)
_BECOMES = phrases(
    "become|becomes|turn into|change into|turned into|turns into|be turned into|be changed into|be changed to|transform into"
)
_BE_MADE, _NOT_BE_MADE = phrases("be made|be painted|be colored|be dyed"), (*phrases("of|from|out|to|into|up"), ())


def become(clause: Clause, start: int, target: Noun | None, frame: Frame) -> list[Step] | None:
    """The steps that bring about what the tokens from `start` to the end say of `target`; None if they say nothing that can be edited."""
    if start >= len(clause) or (target is not None and (predicated(target) or target.words[-1] in ("whole", "entire"))):
        return None
    if (target is not None and target.words[-1] in ("color", "material")) or (
        target is not None and target.core[-1].text in ("color", "material", "texture", "number")
    ):
        return None
    if target is not None and is_background(target) and "with" in target.words and clause.words[start - 1] == "with":
        return None  # "replace the background with a beach with palm trees"
    if target is not None and target.words in (("back",), ("up",), ("down",), ("out",)):
        return None  # "bring back some clouds"
    if target is not None and target.bare in _PICTURE_WIDE:
        target = None
    if target is not None and LEXICON.number(target.bare) is not None:
        return None  # "make two cups"
    last = clause.tokens[-1].text
    if both := _both(clause, start, target, last):
        return both
    first = start + (clause.words[start] in ("a", "an", "the"))
    again = target is not None and last == target.head and clause.words[start] != "the"
    if ((last in ("one", "ones") and first > start) or again) and len(clause) - first > 1:
        shorter = Clause(clause.tokens[:-1], clause.sentence, clause.attachments, clause.memory, clause.wish)
        looks = _RULES.apply(shorter, first, {"target": target, "frame": "make", "start": first})
        poses = looks and looks[0].type is EditType.ACTION_CHANGE  # "a bow tie" does not bow
        if (looks and not poses) or not (again and frame == "into"):
            return looks
    for lead in _BECOMES:
        at = start + len(lead)
        if clause.words[start:at] == lead and at < len(clause):
            return _RULES.apply(clause, at, {"target": target, "frame": "into", "start": at})
    if clause.words[start : start + 2] in _BE_MADE and clause.words[start + 2 : start + 3] not in _NOT_BE_MADE:
        made = {"target": target, "frame": "make", "start": start + 2}
        if found := _RULES.apply(clause, start + 2, made):
            return found
    return _RULES.apply(clause, start, {"target": target, "frame": frame, "start": start})


def _both(clause: Clause, start: int, target: Noun | None, last: str) -> list[Step] | None:
    """ "A red leather jacket" of a jacket, "white marble": a material and a colour."""
    if target is None or is_whole(clause, target) or is_background(target):
        return None
    words = clause.words[start:]
    words = words[1:] if words[0] in ("a", "an") else words
    while words and words[0] in _MADE:
        words = words[1:]
    looks = readings.colour_and_material(words[:-1] if last in (target.head, "one", "ones") else words)
    if looks is None:
        return None
    colour, material = looks
    return [
        *steps(clause, EditType.MATERIAL_CHANGE, target, value=material),
        *steps(clause, EditType.COLOR_ALTER, target, value=colour),
    ]


_MADE = frozenset("be look made built carved out of from in solid pure".split())


def _wearing(clause: Clause, caught: Caught) -> list[Step] | None:
    return worn(clause, caught["target"], caught["new"])


ATTRIBUTE_NOUNS = frozenset(
    "complexion tan expression pose haircut hairstyle pattern look print texture finish color appearance style feel mood vibe tone atmosphere effect filter lighting shade makeover tint stripes dots spots design skin hue".split()
)
"""What something "has" that is no thing beside it."""


COVERINGS = {
    "snow": "snow covered",
    "moss": "mossy",
    "mud": "muddy",
    "dust": "dusty",
    "ice": "frozen",
    "frost": "frozen",
    "glitter": "glittery",
    "rust": "rusty",
    "dirt": "dirty",
    "ivy": "mossy",
    "water": "wet",
}


_SHADES = frozenset("a an the darker lighter brighter deeper bright dark light deep nice".split())


def _colour_only(word: str) -> bool:
    return word in _SHADES or is_colour(word)


def worn(clause: Clause, wearer: Noun | None, new: Noun) -> list[Step] | None:
    """Something new on somebody: "wear a hat", "give him sunglasses"; "give her red hair" is the colour of what she has."""
    if (
        wearer is None
        or is_whole(clause, wearer)
        or new.pronoun
        or new.words[0] in POSSESSIVES
        or any(part.definite for part in new.parts[1:])
    ):
        return None
    if new.words[0] == "no" and len(new.tokens) > 1:
        return steps(clause, EditType.REMOVE, Noun(new.tokens[1:]))  # "make the street with no cars"
    if lexicon().is_(new.thing.head, "part") and new.thing.colours and not new.thing.count:
        of = resolve(clause, wearer)
        named = lexicon().counted(new.thing.head, new.thing.plural)
        its = owned(of, named) if of is not None else read(named)
        return [Step(type=EditType.COLOR_ALTER, instruction=clause.sentence, target=its, value=new.thing.colours[0])]
    if is_background(wearer) or all(_colour_only(word) for word in new.words):
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, wearer, "make")
    if new.words[-2:] in (("of", "paint"), ("paint", "job")):
        coat = tuple(t for t in new.tokens if t.text not in ("coat", "of", "paint", "job", "fresh", "new"))
        return become(Clause(coat, clause.sentence, clause.attachments, clause.memory), 0, wearer, "make")
    if new.parts[0].words[-1] in ATTRIBUTE_NOUNS and new.parts[0].words[0] not in ("the", "his", "her", "its"):
        rest = Clause(new.tokens, clause.sentence, clause.attachments, clause.memory)
        return become(rest, 0, wearer, "make")
    out: list[Step] = []
    for part in parts(wearer):
        for thing in new.parts or (new,):
            place = where(clause, Place(Relation.ON, part))
            out.append(
                Step(
                    type=EditType.ADD,
                    instruction=clause.sentence,
                    value=thing.uncounted,
                    count=thing.count,
                    where=place,
                )
            )
    return out


_RULES = RuleSet(
    (
        rule("@gone", outcomes.gone),
        rule("(@look)? <size> <amount>?", outcomes.size),
        rule("(@look)? <size>", outcomes.size),
        rule("(@look)? <setting>", outcomes.setting),
        rule(
            "(@look)? <setting> (at|in|on|during) (the|a)? (<time:when>|<season:when>|<weather:when>)",
            lambda c, k: outcomes.setting(c, {**k, "setting": f"{k['setting']} at {k['when']}"}),
        ),
        rule("(@look)? <amount> <graded>", outcomes.graded),
        rule("(@look)? <graded> <amount>", outcomes.graded),
        rule("(@look)? <graded>", outcomes.graded),
        rule("(@look)? <amount>? <less> <knob> <amount>?", outcomes.more_of),
        rule("@say <quote>", outcomes.says),
        rule("<quote>", outcomes.says),
        rule("(@look)? <hue>", outcomes.hue),
        rule("(@look)? <hue> (instead of|rather than|not) <one:old>", outcomes.hue),
        rule("(@look)? <stuff> (instead of|rather than|not) <one:old>", outcomes.stuff),
        rule("(@look)? (dark/light/solid/plain/polished/rough/smooth/fine/rustic)? <stuff>", outcomes.stuff),
        rule("<noun>", lambda c, k: figure(c, k["target"], k["noun"]) if k["frame"] == "into" else None),
        rule("(@look)? (made/out/built/carved) (out/up)? of <noun>", outcomes.made_of),
        rule(
            "(be/is/are/were/was)? (made/built/carved) (entirely/out/up/completely)? (of/from) <noun>", outcomes.made_of
        ),
        rule(
            "(be)? (sit/stand/hang/rest/lie/sitting/standing/hanging/lying/lean/leaning/parked/floating/swimming) <relative_place:place>",
            outcomes.placed,
        ),
        rule("(@look)? <act>", outcomes.act),
        rule("(@look_like)? <tone>", outcomes.tone),
        rule("(@look)? (<amount>)? <tone>", outcomes.tone),
        rule("(@look)? <tone> <amount>", outcomes.tone),
        rule("(@look)? <amount>? <opposite:tone>", outcomes.tone),
        rule("(@look)? <tone> (and)? <tone:second>", outcomes.tone),
        rule(
            "(@look_like)? (a/an)? (old/vintage)? (photo/picture/photograph) (from/of) the <number> s",
            lambda c, k: outcomes.art(c, {**k, "art": "vintage photo"}),
        ),
        rule(
            "(@look_like)? (it was/they were)? (taken/shot/made/photographed)? (in/from)? the <number> s",
            lambda c, k: outcomes.art(c, {**k, "art": "vintage photo"}) if 10 <= k["number"] < 2000 else None,
        ),
        rule(
            "(@look_like)? (it was/they were)? (taken/shot/made/photographed/captured) (in/at/on/during)? <tone>",
            outcomes.tone,
        ),
        rule("(@look_like)? <art>", outcomes.art),
        rule("(@look)? <art>", outcomes.art),
        rule("<setting>", outcomes.elsewhere),
        rule(
            "(be)? (taken/shot/set/located/photographed) (in/at/on/under) <setting>",
            lambda c, k: outcomes.elsewhere(c, {**k, "frame": "into"}),
        ),
        rule("(@look)? <finish> (and/but) (a bit/quite/very)? <finish:second>", outcomes.finish),
        rule("(@look)? <finish> (and/but) (a bit/quite/very)? <word>", outcomes.finish),
        rule("(@look|@look_like)? <finish>", outcomes.finish),
        rule("(@look)? <mood>", outcomes.mood_of),
        rule("(wear/wearing/wears/have/hold/carry/holding/carrying) <things:new>", _wearing),
        rule("(be)? (located/placed/positioned/standing)? <place>", outcomes.placed),
        rule("@look_like <noun>", outcomes.like),
        rule("(@be)? <noun>", outcomes.setting_noun),
        rule("(be)? (a)? <one:noun>", outcomes.object),
    )
)
