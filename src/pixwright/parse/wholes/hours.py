"""Weather, season and hour that are said of the whole picture: one light, made once, in however many words it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.wholes.roles import roles
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.vocabulary import CLEAR_SKY, SEASONS, TIMES, WEATHERS
from pixwright.words import lexicon, read

_NIGHT, _DAY = "night", "noon"
_BY_LAMPS = (_NIGHT, "blue hour")
"""Hours at which what can shine does."""
_SUN, _CLOUDS = "sunny", "cloudy"
_GLOWING = "glowing"
_SNOWED, _SNOWY = ("winter", "snow"), "snow covered"
"""Season and weather that bring snow, and the look of a thing on which it lies."""
_SHADOWS = re.compile(r"\b(?:(?:very|really) )?(?:long|longer|short|shorter) shadows?\b")
_BEHIND, _SKY = "behind", "sky"
_SUBJECT = "subject"
_BY_LAMPLIGHT = Amount(value=0.8, unit=Unit.STRENGTH)
"""How much a room is lit whose lamps are switched on: what is dark in it; what shines already stays."""
_WEATHER = frozenset(WEATHERS) - {_SUN}
"""Weather that an hour may have; of a sunny hour the hour alone says it."""


def in_one_light(instruction: str, steps: Sequence[Step]) -> list[Step]:
    """The steps, in which the hour is a condition of the weather or the season that was said with it, and lamps that are lit belong to the night."""
    said = _words(instruction)
    steps = [_of_the_land(_without_outline(step), said) for step in steps]
    return _at_their_hour(_snowed_once(_one_weather(_by_lamps(steps, said), said)), said)


def _without_outline(step: Step) -> Step:
    """The hour of a street or of its windows is everything's, and so is the weather between trees, over a town or on a man: none of it ends at an outline."""
    target = step.target
    if step.type is not EditType.TONE_TRANSFER or target is None or not target.head:
        return step
    lamp = target.head.split()[-1] in roles().classes["lamps"]
    if step.value in TIMES:
        wide = lexicon().is_(target.head, "place", "building", "structure") or lamp
    else:
        part = lexicon().is_(target.head, "setting", "sky", "picture") or lamp
        wide = step.value in _WEATHER and not (part or target.places or target.whole)
    return step.model_copy(update={"target": None}) if wide else step


def _of_the_land(step: Step, said: tuple[str, ...]) -> Step:
    """ "Sunset behind the mountains" is the hour, and no picture that is put behind them."""
    target = step.target
    if step.type is not EditType.BACKGROUND_CHANGE or (target is not None and target.head != _SKY):
        return step
    hour = hour_in(_words(step.value or ""))
    at = said.index(_BEHIND) if _BEHIND in said else len(said)
    there = any(lexicon().is_(word, "landscape", "place", "building", "tree") for word in said[at + 1 : at + 4])
    if hour is None or not there or hour_in(said[:at]) != hour or read(step.value or "").colours:
        return step  # a pink sky is more than its hour
    return Step(type=EditType.TONE_TRANSFER, instruction=step.instruction, value=hour, why=step.why)


def _snowed_once(steps: list[Step]) -> list[Step]:
    """In a snowfall, and in winter, snow lies on all that faces up: "winter, snow on the rocks" is one light."""
    if not any(_whole(step, _SNOWED) for step in steps):
        return steps
    return [step for step in steps if not (step.type is EditType.APPEARANCE_ALTER and step.value == _SNOWY)]


def _one_weather(steps: list[Step], said: tuple[str, ...]) -> list[Step]:
    """What falls comes out of clouds: "overcast and rainy" is rain; an hour that was said twice is one; and day has a clear sky of its own, in which there may be clouds unless they are forbidden."""
    unsaid = {"cloud", "clouds"}.isdisjoint(said)
    by_day = unsaid and any(_whole(step, (_DAY, _SUN)) for step in steps)
    falls = any(_whole(step, _WEATHER - {_CLOUDS}) for step in steps)
    out: list[Step] = []
    for step in steps:
        twice = _whole(step, TIMES) and any(_whole(one, (step.value or "",)) for one in out)
        same = (falls and _whole(step, (_CLOUDS,))) or (by_day and _whole(step, (CLEAR_SKY,)))
        if not twice and not same:
            out.append(step)
    return out


def _words(sentence: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z'-]+", sentence.lower()))


def _whole(step: Step, values: Collection[str]) -> bool:
    return step.type is EditType.TONE_TRANSFER and step.target is None and step.value in values


def _by_lamps(steps: list[Step], said: tuple[str, ...]) -> list[Step]:
    """By night the lamps and windows shine without a step of their own; and "at night with the windows lit" is a night."""
    dark = any(_whole(step, TIMES) and step.value in _BY_LAMPS for step in steps)
    named = hour_in(said) in _BY_LAMPS
    lamps = named and not roles().classes["lamps"].isdisjoint(said)
    shining = [step for step in steps if _shines(step) or (lamps and _glows(step))]
    if not shining or not (dark or named):
        return steps
    others = [step for step in steps if not any(step is one for one in shining)]
    if dark:
        return others
    night = Step(type=EditType.TONE_TRANSFER, instruction=shining[0].instruction, value=hour_in(said))
    return [night, *others]


def _shines(step: Step) -> bool:
    """Whether lamps or windows, or what nobody named, shall shine."""
    if not _glows(step) or step.target is None:
        return False
    return step.target.head == _SUBJECT or step.target.head.split()[-1] in roles().classes["lamps"]


def _glows(step: Step) -> bool:
    return step.type is EditType.APPEARANCE_ALTER and step.value == _GLOWING and step.target is not None


def _at_their_hour(steps: list[Step], said: tuple[str, ...]) -> list[Step]:
    """The season first, then the weather; whichever is last has the hour."""
    hours = [step for step in steps if _whole(step, TIMES)]
    seasons, weathers = ([step for step in steps if _whole(step, names)] for names in (SEASONS, _WEATHER))
    lit = [*seasons, *weathers]
    if not lit or len(hours) > 1 or any(_whole(step, (_SUN,)) for step in steps):
        return steps
    own = said if len(steps) == 1 else _words(lit[-1].instruction)
    hour = hours[0].value if hours else hour_in(own)
    if not hour or (hour == _DAY and not hours):
        return steps
    last = lit[-1].model_copy(update={"conditions": None if hour == _DAY else hour})
    changed = [*lit[:-1], last]
    out: list[Step] = []
    for step in steps:
        if any(step is one for one in (*lit, *hours)):
            out, changed = [*out, *changed], []
        else:
            out.append(step)
    return out


def shadows_unmade(instruction: str, steps: Sequence[Step]) -> tuple[str, ...]:
    """The words for shadows of another length that are said with an hour or a weather: light is changed, but no shadow is drawn anew."""
    if not any(_whole(step, (*TIMES, *SEASONS, *WEATHERS)) for step in steps):
        return ()
    return tuple(found[0] for found in _SHADOWS.finditer(instruction.lower()))


def hour_in(words: Sequence[str]) -> str | None:
    """The hour of the day, one of `vocabulary.TIMES`, that is named there; None where two are, or where it is said what it was before."""
    said = tuple(words)
    if not roles().classes["before"].isdisjoint(said):
        return None
    # "It snowed all night" says how long, and not that it is night.
    at_all = (at for at in range(len(said)) if not at or said[at - 1] not in ("all", "whole", "last"))
    found = {match[0][1] for at in at_all if (match := LEXICON.values["time"].matches(said, at))}
    found -= {_DAY}
    return str(found.pop()) if len(found) == 1 else None


def switched_on(step: Step, said: tuple[str, ...]) -> Step:
    """ "Turn on the lights in the hall": of a room it is its light that is wanted, and no lamp is looked for."""
    target = step.target
    if not _shines(step) or target is None or target.head == _SUBJECT or _NIGHT in said:
        return step
    inside = target.link.to[0].head if target.link is not None else ""
    of_room = inside in roles().classes["insides"] or lexicon().is_(inside, "place")
    if not (of_room or (target.link is None and target.owner is None and target.head == "light" and "on" in said)):
        return step
    lit = {"type": EditType.TONE_TRANSFER, "target": None, "value": "shadows", "amount": _BY_LAMPLIGHT}
    return step.model_copy(update=lit)
