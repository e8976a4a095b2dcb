"""What a target is said to become: the part behind "make the car ...", "the car should be ...", "turn the car into ...".

`become(clause, start, target, frame)` reads the rest of the clause as exactly one kind of change. The frame says what the verb allows: "make" anything, "into"
also a new object, "state" (a wished statement) also a place.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pixwright.parse import amounts, places, readings
from pixwright.parse.effects import (
    all_but,
    atmospheric,
    background,
    control,
    figure,
    is_whole,
    put,
    replaced,
    retext,
    size_change,
)
from pixwright.parse.grammar import Caught, Clause, RuleSet, rule
from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.making import is_background, parts, resolve, steps, where
from pixwright.parse.nouns import Noun, predicated
from pixwright.parse.places import Place
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.vocabulary import LOOKS, SEASONS
from pixwright.words import lexicon, read
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
_LOOKS_OF_THINGS = frozenset(("dark", "bright", "warm", "cool", "vivid", "faded", "black and white", "sepia"))


_BECOMES = phrases(
    "become|becomes|turn into|change into|turned into|turns into|be turned into|be changed into|be changed to|transform into"
)
_BE_MADE, _NOT_BE_MADE = phrases("be made|be painted|be colored|be dyed"), (*phrases("of|from|out|to|into|up"), ())


def become(clause: Clause, start: int, target: Noun | None, frame: Frame) -> list[Step] | None:
    """The steps that bring about what the tokens from `start` to the end say of `target`; None if they say nothing that can be edited."""
    if start >= len(clause) or (target is not None and predicated(target)):
        return None
    if (target is not None and target.words[-1] in ("color", "material")) or (
        target is not None and target.core[-1].text in ("color", "material", "texture", "number")
    ):
        return None
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


def _gone(clause: Clause, caught: Caught) -> list[Step] | None:
    if tuple(clause.words) == ("let", "us", "go"):
        return None
    target = caught["target"]
    if is_whole(clause, target):
        return None
    if is_background(target):
        return [Step(type=EditType.BACKGROUND_CHANGE, instruction=clause.sentence, value="transparent")]
    return steps(clause, EditType.REMOVE, target)


def _size(clause: Clause, caught: Caught) -> list[Step] | None:
    return size_change(clause, caught["target"], caught["size"])


def _graded(clause: Clause, caught: Caught) -> list[Step] | None:
    target = caught["target"]
    if (
        clause.words[-1] in ("blurry", "sharp", "blurred", "noisy", "grainy")
        and clause.words[-2:-1] != ("more",)
        and not is_whole(clause, target)
        and not is_background(target)
    ):
        return None
    (name, sign), amount = caught["graded"], caught.get("amount")
    if "as" in clause.words and amount is not None and amount.unit is Unit.PERCENT and amount.value < 100:
        return control(clause, target, name, -sign, Amount(value=100 - amount.value, unit=Unit.PERCENT))
    return control(clause, target, name, sign, amount)


def _more_of(clause: Clause, caught: Caught) -> list[Step] | None:
    sign = -1 if caught["less"] else 1
    return control(clause, caught["target"], caught["knob"], sign, caught.get("amount"))


def _setting(clause: Clause, caught: Caught) -> list[Step] | None:
    if not is_background(caught["target"]):
        return None
    return background(clause, caught["setting"])


def _elsewhere(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "change the scene to a desert": the whole goes elsewhere."""
    target = caught["target"]
    scene = (
        target is None
        or is_whole(clause, target)
        or target.head in ("location", "place", "setting", "surroundings", "environment")
    )
    return background(clause, caught["setting"]) if scene and caught["frame"] == "into" else None


def _setting_noun(clause: Clause, caught: Caught) -> list[Step] | None:
    noun: Noun = caught["noun"]
    if caught["frame"] == "state" and clause.wish == "if" and noun.words[0] not in ("a", "an", "the", "some"):
        return None
    if not is_background(caught["target"]) or noun.pronoun or any(word in LEXICON.raw["graded"] for word in noun.words):
        return None
    return background(clause, noun.bare)


_FRUIT = frozenset(
    (word,)
    for word in "lemon orange rose peach chestnut olive lime plum apricot tangerine coral ruby sapphire emerald violet".split()
)


def _hue(clause: Clause, caught: Caught) -> list[Step] | None:
    if (
        caught["frame"] == "into"
        and clause.words[caught["start"]] in ("a", "an")
        and clause.words[caught["start"] + 1 :] in _FRUIT
    ):
        return None
    if is_background(caught["target"]):
        return background(clause, caught["hue"])
    if "solid" in clause.words and caught["hue"] in readings.AMBIGUOUS_METALS:
        return None
    return steps(clause, EditType.COLOR_ALTER, caught["target"], value=caught["hue"])


def _says(clause: Clause, caught: Caught) -> list[Step] | None:
    return retext(clause, caught["target"], caught["quote"])


def _stuff(clause: Clause, caught: Caught) -> list[Step] | None:
    (name, marked), target, frame = caught["stuff"], caught["target"], caught["frame"]
    if is_whole(clause, target) and target is not None and not marked and frame != "into":
        return None
    if name in readings.AMBIGUOUS_METALS and not (
        marked or frame == "into" or {"solid", "pure", "real"} & set(clause.words)
    ):
        return None
    if is_background(target):
        return None
    return steps(clause, EditType.MATERIAL_CHANGE, target, value=name)


def _made_of(clause: Clause, caught: Caught) -> list[Step] | None:
    noun: Noun = caught["noun"]
    if noun.pronoun or is_whole(clause, caught["target"]) or noun.definite:
        return None
    return steps(clause, EditType.MATERIAL_CHANGE, caught["target"], value=noun.bare)


def _tone(clause: Clause, caught: Caught) -> list[Step] | None:
    target, values = caught["target"], [caught["tone"], *([caught["second"]] if "second" in caught else [])]
    amount: Amount | None = caught.get("amount")
    if atmospheric(clause, target):
        if len(values) == 2 and values[0] in _LOOKS_OF_THINGS and values[1] not in LOOKS and "and" not in clause.words:
            values = values[1:]
        if len(values) == 2 and set(values) & {"snow", "cool"} and "winter" in values:
            values = ["winter"]
        return [
            Step(
                type=EditType.TONE_TRANSFER,
                instruction=clause.sentence,
                value=value,
                amount=amount,
                protect=all_but(target),
            )
            for value in dict.fromkeys(values)
        ]
    if values[0] in SEASONS and target is not None and lexicon().is_(target.thing.head, "plant"):
        # The season of trees is that of the picture: the rest of the foliage has it as well.
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=values[0], amount=amount)]
    if (
        len(values) == 1
        and caught["frame"] == "make"
        and values[0] in _LOOKS_OF_THINGS
        and target is not None
        and not is_background(target)
    ):
        return steps(clause, EditType.TONE_TRANSFER, target, value=values[0], amount=amount)
    return None


def _art(clause: Clause, caught: Caught) -> list[Step] | None:
    target = caught["target"]
    if is_background(target) and caught["frame"] != "make":
        return None
    if target is not None and target.pronoun in ("it", "this", "that"):
        target = None
    return steps(clause, EditType.STYLE_CHANGE, target, value=caught["art"])


_INNER = frozenset(
    "tired sleepy exhausted angry surprised pregnant dead full bored sick healthy rich poor proud nervous confused lazy strong weak mean evil".split()
)
"""States of mind and fortune: what they look like is for the knowledge of situations to say."""


def _finish(clause: Clause, caught: Caught) -> list[Step] | None:
    target = caught["target"]
    if target is None or is_whole(clause, target):
        aged = caught["finish"] == "old" and caught["frame"] == "make"
        return steps(clause, EditType.STYLE_CHANGE, None, value="vintage photo") if aged else None
    if (
        caught["frame"] == "into"
        and clause.words[caught["start"]] in ("a", "an")
        and clause.words[-1] not in ("pattern", "print", "look", "design", "texture", "finish", "one")
    ):
        return None
    if caught["frame"] == "state" and clause.wish == "if" and caught["finish"] in _INNER:
        return None
    looks = dict.fromkeys((caught["finish"], caught.get("second", caught["finish"])))
    return [each for look in looks for each in steps(clause, EditType.APPEARANCE_ALTER, target, value=look)]


def _mood_of(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "make the man happy": a look of the thing, not of the picture."""
    target = caught["target"]
    if target is None or is_whole(clause, target) or is_background(target):
        return None
    return steps(clause, EditType.APPEARANCE_ALTER, target, value=caught["mood"])


_FALLING = {
    "snow": "snow",
    "rain": "rain",
    "sun": "sunny",
    "snowflakes": "snow",
    "raindrops": "rain",
    "night": "night",
    "darkness": "night",
}


def _act(clause: Clause, caught: Caught) -> list[Step] | None:
    target, action = caught["target"], caught["act"]
    if target is not None and action.split()[-1] == target.head:
        return None  # a tie that becomes a bow tie does not bow
    if (
        target is not None
        and target.bare in _FALLING
        and action.split()[0] in ("fall", "shine", "blow", "rise", "falling", "shining", "blowing", "rising")
    ):
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=_FALLING[target.bare])]
    if target is not None and target.pronoun in ("them", "they") and not clause.memory.targets:
        return [Step(type=EditType.ACTION_CHANGE, instruction=clause.sentence, target=read("people"), value=action)]
    if target is None or is_whole(clause, target) or is_background(target) or Noun(target.core).whole:
        return None
    if target.words[0] in ("a", "an") and clause.words[0] in (
        "have",
        "let",
    ):  # "have a dog chase the ball": there is none yet
        return [Step(type=EditType.ADD, instruction=clause.sentence, value=target.uncounted)]
    return steps(clause, EditType.ACTION_CHANGE, target, value=action)


def _placed(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught["target"]
    if target is None or not (target.definite or target.whole):
        return None
    found = put(clause, target, caught["place"])
    elsewhere = found is not None and found[0].type is EditType.BACKGROUND_CHANGE
    return found if caught["frame"] != "make" or elsewhere else None


def _object(clause: Clause, caught: Caught) -> list[Step] | None:
    target, new, frame = caught["target"], caught["noun"], caught["frame"]
    if (
        target is None
        or is_whole(clause, target)
        or (frame != "into" and not (new.indefinite or _several(target, new)))
    ):
        return None
    if (target.pronoun in ("him", "her", "me", "he", "she") and frame != "into") or (
        frame == "state" and not target.definite
    ):
        return None
    if new.head in ("left", "right", "top", "bottom", "side", "middle", "front", "back") or new.words[0] in (
        "more",
        "many",
        "few",
        "several",
        "any",
    ):
        return None
    if new.pronoun or (new.definite and frame != "into") or is_background(target):
        return None
    return replaced(clause, target, new)


def _several(target: Noun, new: Noun) -> bool:
    """ "Let the pigeons be parrots": one kind of several things for another."""
    return (
        target.thing.plural
        and new.thing.plural
        and not new.definite
        and len(new.tokens) == 1
        and lexicon().knows(new.thing.head)
    )


def _like(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "look like a wolf": the thing stays, its appearance changes."""
    target, new = caught["target"], caught["noun"]
    if target is None or is_whole(clause, target) or new.pronoun or is_background(target):
        return None
    return steps(clause, EditType.APPEARANCE_ALTER, target, value=new.bare)


def _wearing(clause: Clause, caught: Caught) -> list[Step] | None:
    return worn(clause, caught["target"], caught["new"])


ATTRIBUTE_NOUNS = frozenset(
    "pattern look print texture finish color appearance style feel mood vibe tone atmosphere effect filter lighting shade makeover tint stripes dots spots design skin hue".split()
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
    if wearer is None or is_whole(clause, wearer) or new.pronoun or any(part.definite for part in new.parts[1:]):
        return None
    if lexicon().is_(new.thing.head, "part") and new.thing.colours and not new.thing.count:
        of = resolve(clause, wearer)
        named = lexicon().plural(new.thing.head) if new.thing.plural else new.thing.head
        its = read(f"{of}'s {named}")
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
        rule("@gone", _gone),
        rule("(@look)? <size> <amount>?", _size),
        rule("(@look)? <size>", _size),
        rule("(@look)? <setting>", _setting),
        rule(
            "(@look)? <setting> (at|in|on|during) (the|a)? (<time:when>|<season:when>|<weather:when>)",
            lambda c, k: _setting(c, {**k, "setting": f"{k['setting']} at {k['when']}"}),
        ),
        rule("(@look)? <amount> <graded>", _graded),
        rule("(@look)? <graded> <amount>", _graded),
        rule("(@look)? <graded>", _graded),
        rule("(@look)? <amount>? <less> <knob> <amount>?", _more_of),
        rule("@say <quote>", _says),
        rule("<quote>", _says),
        rule("(@look)? <hue>", _hue),
        rule("(@look)? <hue> (instead of|rather than|not) <hue:old>", _hue),
        rule("(@look)? <stuff> (instead of|rather than|not) <stuff:old>", _stuff),
        rule("(@look)? (dark/light/solid/polished/rough/smooth/fine/rustic)? <stuff>", _stuff),
        rule("<noun>", lambda c, k: figure(c, k["target"], k["noun"]) if k["frame"] == "into" else None),
        rule("(@look)? (made/out/built/carved) (out/up)? of <noun>", _made_of),
        rule("(be/is/are/were/was)? (made/built/carved) (entirely/out/up/completely)? (of/from) <noun>", _made_of),
        rule(
            "(be)? (sit/stand/hang/rest/lie/sitting/standing/hanging/lying/lean/leaning/parked/floating/swimming) <relative_place:place>",
            _placed,
        ),
        rule("(@look)? <act>", _act),
        rule("(@look_like)? <tone>", _tone),
        rule("(@look)? (<amount>)? <tone>", _tone),
        rule("(@look)? <tone> <amount>", _tone),
        rule("(@look)? <amount>? <opposite:tone>", _tone),
        rule("(@look)? <tone> (and)? <tone:second>", _tone),
        rule(
            "(@look_like)? (a/an)? (old/vintage)? (photo/picture/photograph) (from/of) the <number> s",
            lambda c, k: _art(c, {**k, "art": "vintage photo"}),
        ),
        rule(
            "(@look_like)? (it was/they were)? (taken/shot/made/photographed)? (in/from)? the <number> s",
            lambda c, k: _art(c, {**k, "art": "vintage photo"}) if 10 <= k["number"] < 2000 else None,
        ),
        rule(
            "(@look_like)? (it was/they were)? (taken/shot/made/photographed/captured) (in/at/on/during)? <tone>", _tone
        ),
        rule("(@look_like)? <art>", _art),
        rule("(@look)? <art>", _art),
        rule("<setting>", _elsewhere),
        rule(
            "(be)? (taken/shot/set/located/photographed) (in/at/on/under) <setting>",
            lambda c, k: _elsewhere(c, {**k, "frame": "into"}),
        ),
        rule("(@look)? <finish> (and/but) (a bit/quite/very)? <finish:second>", _finish),
        rule("(@look)? <finish> (and/but) (a bit/quite/very)? <word>", _finish),
        rule("(@look|@look_like)? <finish>", _finish),
        rule("(@look)? <mood>", _mood_of),
        rule("(wear/wearing/wears/have/hold/carry/holding/carrying) <things:new>", _wearing),
        rule("(be)? (located/placed/positioned/standing)? <place>", _placed),
        rule("@look_like <noun>", _like),
        rule("(@be)? <noun>", _setting_noun),
        rule("(be)? (a)? <one:noun>", _object),
    )
)
