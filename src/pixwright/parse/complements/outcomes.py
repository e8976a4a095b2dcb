"""What becomes of a target, one builder a kind of change: gone, of another size, colour, material, tone, style, appearance, pose, place or kind."""

from __future__ import annotations

from pixwright.parse import readings
from pixwright.parse.effects import (
    all_but,
    atmospheric,
    background,
    control,
    is_whole,
    put,
    replaced,
    retext,
    size_change,
)
from pixwright.parse.grammar import Caught, Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps
from pixwright.parse.nouns import Noun
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.vocabulary import LOOKS, SEASONS
from pixwright.words import lexicon, read
from pixwright.words.colours import is_colour

_LOOKS_OF_THINGS = frozenset(("dark", "bright", "warm", "cool", "vivid", "faded", "black and white", "sepia"))


def gone(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "The car should be gone": it is taken away; a background becomes transparent."""
    if tuple(clause.words) == ("let", "us", "go"):
        return None
    target = caught["target"]
    if is_whole(clause, target):
        return None
    if is_background(target):
        return [Step(type=EditType.BACKGROUND_CHANGE, instruction=clause.sentence, value="transparent")]
    return steps(clause, EditType.REMOVE, target)


def size(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Twice as big"."""
    return size_change(clause, caught["target"], caught["size"])


def graded(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "A bit brighter", "half as bright"."""
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


def more_of(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(With) more contrast"."""
    sign = -1 if caught["less"] else 1
    return control(clause, caught["target"], caught["knob"], sign, caught.get("amount"))


def setting(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(The background) a beach"."""
    if not is_background(caught["target"]):
        return None
    return background(clause, caught["setting"])


def elsewhere(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "change the scene to a desert": the whole goes elsewhere."""
    target = caught["target"]
    scene = (
        target is None
        or is_whole(clause, target)
        or target.head in ("location", "place", "setting", "surroundings", "environment")
    )
    return background(clause, caught["setting"]) if scene and caught["frame"] == "into" else None


def setting_noun(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(The background should be) a messy kitchen": any noun."""
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


def hue(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(In) bright red"."""
    if (
        caught["frame"] == "into"
        and clause.words[caught["start"]] in ("a", "an")
        and clause.words[caught["start"] + 1 :] in _FRUIT
    ):
        return None
    if caught["target"] is not None and readings.shades_of(caught["target"].words):
        return None  # "the leaves autumn"
    if is_background(caught["target"]):
        return background(clause, caught["hue"])
    into = (
        caught["frame"] == "into" and clause.words[caught["start"] - 1] == "into" and caught["start"] + 1 == len(clause)
    )
    if caught["hue"] in readings.AMBIGUOUS_METALS and ("solid" in clause.words or into):
        return None
    return steps(clause, EditType.COLOR_ALTER, caught["target"], value=caught["hue"])


def says(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(The sign) says 'OPEN'"."""
    return retext(clause, caught["target"], caught["quote"])


def stuff(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(Made of) glass"."""
    (name, marked), target, frame = caught["stuff"], caught["target"], caught["frame"]
    if is_whole(clause, target) and target is not None and not marked and frame != "into":
        return None
    if (
        name in readings.AMBIGUOUS_METALS
        and is_colour(clause.words[-1])
        and not (marked or frame == "into" or {"solid", "pure", "real"} & set(clause.words))
    ):
        return None
    if is_background(target):
        return None
    return steps(clause, EditType.MATERIAL_CHANGE, target, value=name)


def made_of(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Made of" something that is no material of the list."""
    noun: Noun = caught["noun"]
    if noun.pronoun or is_whole(clause, caught["target"]) or noun.definite:
        return None
    return steps(clause, EditType.MATERIAL_CHANGE, caught["target"], value=noun.bare)


def tone(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Winter", "at night", "moody": of the picture, or of a thing where a thing can look so."""
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


def art(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(Like) an oil painting"."""
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


def finish(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Striped", "rusty and old"."""
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
    found = [each for look in looks for each in steps(clause, EditType.APPEARANCE_ALTER, target, value=look)]
    if is_colour(hue := caught.get("word", "")):
        found += steps(clause, EditType.COLOR_ALTER, target, value=hue)  # "long and blonde"
    return found


def mood_of(clause: Clause, caught: Caught) -> list[Step] | None:
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


def act(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Jump", "look at the camera"."""
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


def placed(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(Should be) on the table"."""
    target: Noun | None = caught["target"]
    if target is None or not (target.definite or target.whole):
        return None
    found = put(clause, target, caught["place"])
    elsewhere = found is not None and found[0].type is EditType.BACKGROUND_CHANGE
    return found if caught["frame"] != "make" or elsewhere else None


def object(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(Should be) a cat": another thing."""
    target, new, frame = caught["target"], caught["noun"], caught["frame"]
    if target is None or is_whole(clause, target) or (frame != "into" and not (new.indefinite or several(target, new))):
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


def several(target: Noun, new: Noun) -> bool:
    """ "Let the pigeons be parrots": one kind of several things for another."""
    return (
        target.thing.plural
        and new.thing.plural
        and not new.definite
        and len(new.tokens) == 1
        and lexicon().knows(new.thing.head)
    )


def like(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "look like a wolf": the thing stays, its appearance changes."""
    target, new = caught["target"], caught["noun"]
    if target is None or is_whole(clause, target) or new.pronoun or is_background(target):
        return None
    named = resolve(clause, target)
    if (
        new.indefinite
        and named
        and lexicon().is_(named.head, "place", "landscape")
        and lexicon().is_(new.thing.head, "place", "landscape", "building")
    ):
        return background(clause, new.bare)  # "(my bedroom) like a nice cafe"
    return steps(clause, EditType.APPEARANCE_ALTER, target, value=new.bare)
