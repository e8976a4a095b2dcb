"""What is said of a picture's light beside the step itself: the colour of a cast, corners that are dark, a room from inside, a storm that is only coming, a sky without clouds; and two colours of one thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pixwright.parse.amounts import UNSTATED, signed
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.wholes.hours import in_one_light, switched_on
from pixwright.parse.wholes.roles import roles
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import BROODING, CLEAR_SKY
from pixwright.words import lexicon, read
from pixwright.words.colours import kind_of

_BALANCED = "auto white balance"
_NAMELESS = "object"
"""Head of a noun phrase whose words are all adjectives: "the faded brown"."""
_GREY = "black and white"
_LIT = ("brightness", "exposure", "shadows", "bright", "auto exposure")
_VIGNETTE = "vignette"
_AWAY = signed(UNSTATED, -1)
_STRONGER = {"vivid": 1, "contrast": 1, "saturation": 1, "haze": -1}
"""What makes a flat picture stronger, and the sign in which it does."""
_PART = Amount(value=0.35, unit=Unit.STRENGTH)
_THIN = Amount(value=0.45, unit=Unit.STRENGTH)
"""How much of each of several of them that are asked for at once."""
_BEFORE = 4
"""Words before "hazy" in which it is said that the picture is so."""
_SUN = "sunny"
_BY_SUN = {"sunrise": _SUN, "noon": _SUN, "sunset": "sunset", "golden hour": "golden hour"}
"""What a sunny hour is: a sunny morning is sun, a sunny evening its hour."""


def with_lights(instruction: str, steps: Iterable[Step]) -> list[Step]:
    """The steps, as the other words of the instruction tell them more exactly."""
    said = tuple(re.findall(r"[a-z'-]+", instruction.lower()))
    out: list[Step] = []
    for step in steps:
        for reading in _READINGS:
            step = reading(step, said)
        if step.value != CLEAR_SKY or all(one.value != CLEAR_SKY for one in out):
            out.append(step)
    return in_one_light(instruction, _together(_sunny(_hidden(_said_once(_two_colours(out, said), said), said))))


def left_unread(steps: Iterable[Step], unread: Iterable[str]) -> tuple[str, ...]:
    """What nothing was made of, without what `with_lights` did read."""
    steps = tuple(steps)
    values = " ".join(step.value or "" for step in steps)
    table = roles()
    told: set[str] = set()
    if "cast" in values:
        told |= set(table.casts)
    if any(step.value == "haze" and _lessened(step) for step in steps):
        told |= _haze()
    if any("night" in (step.value, step.conditions) for step in steps):
        told |= table.classes["lamps"]
    if CLEAR_SKY in values:
        told |= table.classes["cloudless"]
    if "night" in values:
        told |= table.classes["moonlight"]
    return tuple(words for words in unread if told.isdisjoint(re.findall(r"[a-z'-]+", words.lower())))


def _cast(step: Step, said: tuple[str, ...]) -> Step:
    """ "The lamps made this really yellow, make it look normal": the light's colour is known, and only how much of it there is is measured."""
    table = roles()
    tinted = not table.classes["tints"].isdisjoint(said)
    target = step.target
    tint = target is not None and target.owner is None and _tinting(target)
    if step.type is EditType.REMOVE and target is not None:
        colour = _cast_named(target.colours) if tint else ""
    elif step.type is EditType.TONE_TRANSFER and (target is None or tint):
        faulty = (tinted or not table.classes["too"].isdisjoint(said)) and table.classes["warmth"].isdisjoint(said)
        meant = step.value == _BALANCED or (step.value == "warmth" and step.amount in (_AWAY, UNSTATED) and faulty)
        colour = _cast_named(said) if meant else ""
        if meant and not colour and target is not None:
            return step.model_copy(update={"target": None})
    else:
        return step
    if not colour:
        return step
    return step.model_copy(
        update={"type": EditType.TONE_TRANSFER, "target": None, "amount": None, "value": f"{colour} cast"}
    )


def _tinting(target: Thing) -> bool:
    """Whether it is no thing but a colour of the light: an "orange cast", "the faded brown", the white balance."""
    nameless = target.head == _NAMELESS and not target.plural and bool(target.states)
    return bool(target.colours) and (nameless or target.head in roles().classes["tints"])


_COMPLAINT = re.compile(
    r"\b(?:(?:makes?|made|making|turns|turned) (?:this|it|everything|the (?:whole )?(?:thing|photo|picture|image|pic|shot))(?: look)?"
    r"|(?:this|it|everything|light|lighting|colors|photo|picture|image|pic|shot|walls|whites) (?:'s|is|are|looks?|has|have|came out|comes out|turned out|turned)|its)"
    r"(?: (?:all|way|really|so|too|very|much|quite|a|an|bit|strong|slight|weird|horrible|ugly|super|looking))* ([a-z]+)\b"
)
"""What is said of the light of all of the picture; its last word is a colour where it is a complaint of a cast."""
_REMEDY = re.compile(
    r"\b(?:fix|correct|adjust|normal|normally|natural|neutral|white balance|remove|rid|bring back|restore|original|(?:fix|correct) the colors?)\b"
)


def light_complained_of(sentence: str) -> list[Step] | None:
    """The step of "the lamps made everything orange, fix that": a cast that is named, and a remedy that is not; None for anything else."""
    for found in _COMPLAINT.finditer(sentence):
        tinted = bool(kind_of(found[1])) or found[1].endswith("ed")
        colour = roles().casts.get(found[1], "") if tinted else ""
        if colour and _REMEDY.search(sentence, found.end()):
            return [Step(type=EditType.TONE_TRANSFER, instruction=sentence[:1000], value=f"{colour} cast")]
    return None


def _cast_named(words: Iterable[str]) -> str:
    """The colour that the words give a cast: said outright, or by what lights so."""
    found = [roles().casts[word] for word in words if word in roles().casts]
    plain = [colour for word, colour in zip((w for w in words if w in roles().casts), found) if kind_of(word)]
    return (plain or found or [""])[0]


def _vignette(step: Step, said: tuple[str, ...]) -> Step:
    """Corners and edges of the picture that are too dark."""
    target = step.target
    if target is None or target.link is not None or not _of_picture(target.owner):
        return step
    table = roles().classes
    head = target.head.split()[-1:]
    rim = target.plural and bool(head) and head[0] in table["rims"]
    dark = not table["dim"].isdisjoint(said)
    lit = (
        step.type is EditType.TONE_TRANSFER and (step.value in _LIT or step.value == _BALANCED) and not _lessened(step)
    )
    gone = step.type is EditType.REMOVE and (dark if rim else target.head.split()[:1] in (["vignette"], ["vignetting"]))
    complained = step.value == _VIGNETTE and not table["seems"].isdisjoint(said)
    softened = step.value == "sharpness" and _lessened(step)
    if gone or (rim and lit and (dark or step.value != _BALANCED)) or (rim and dark and (complained or softened)):
        return step.model_copy(
            update={"type": EditType.TONE_TRANSFER, "target": None, "value": _VIGNETTE, "amount": _AWAY}
        )
    if rim and (step.value == _VIGNETTE or (step.value == "brightness" and _lessened(step))):
        amount = step.amount if step.value == _VIGNETTE or step.amount is None else signed(step.amount, 1)
        return step.model_copy(update={"target": None, "value": _VIGNETTE, "amount": amount})
    return step


def _room(step: Step, said: tuple[str, ...]) -> Step:
    """A room that is brightened is all that is seen: it has no outline."""
    target = step.target
    lit = step.type is EditType.TONE_TRANSFER and step.value in _LIT and not _lessened(step)
    if target is None or not lit or target.link is not None or target.places or target.order is not None:
        return step
    inside = target.head in roles().classes["insides"]
    room = lexicon().is_(target.head, "place") and lexicon().is_(target.head, "structure")
    return step.model_copy(update={"target": None}) if inside or room else step


def _brooding(step: Step, said: tuple[str, ...]) -> Step:
    """Of a storm, or rain, that is only coming nothing falls yet."""
    coming = step.value in ("storm", "rain") and not roles().classes["coming"].isdisjoint(said)
    return step.model_copy(update={"value": BROODING}) if coming and step.type is EditType.TONE_TRANSFER else step


def _thin(step: Step, said: tuple[str, ...]) -> Step:
    """Mist is a thin fog, and so is a light one: what it lies over is still seen."""
    table = roles().classes
    fog = step.type is EditType.TONE_TRANSFER and step.value == "fog" and step.amount is None
    thin = fog and not table["thin"].isdisjoint(said) and table["dense"].isdisjoint(said)
    return step.model_copy(update={"amount": _THIN}) if thin else step


def _clear_sky(step: Step, said: tuple[str, ...]) -> Step:
    """The sky, or its clouds, of which no cloud shall be left."""
    target, value = step.target, (step.value or "").split()
    table = roles().classes
    by_day = table["nightly"].isdisjoint(said)
    none = not table["cloudless"].isdisjoint(said) or _no_clouds(said)
    head = target.head if target is not None else ""
    if step.type is EditType.REMOVE:
        clear = head == "cloud" and target is not None and target.plural and target.count is None and not target.places
    elif step.type is EditType.ADD:
        clear = value[-1:] in (["cloud"], ["clouds"]) and _no_clouds(said)
    else:
        # What comes instead of the clouds is another sky, and not the same without them.
        fine = "clear" in said and "instead" not in said and not {"blue", "clear", "noon", _SUN}.isdisjoint(value)
        of_sky = head == "sky" or (target is None and value == [_SUN] and "sky" in said and _SUN not in said)
        clear = of_sky and by_day and (none or fine)
    if not clear:
        return step
    return Step(type=EditType.TONE_TRANSFER, instruction=step.instruction, value=CLEAR_SKY, why=step.why)


def _no_clouds(said: tuple[str, ...]) -> bool:
    return any(
        one in ("no", "without", "zero") and "cloud" in " ".join(said[at + 1 : at + 4]) for at, one in enumerate(said)
    )


def _hazy(step: Step, said: tuple[str, ...]) -> Step:
    """ "It is hazy and flat" asks for no fog, and smog is no thing that is cut out."""
    seems = roles().classes["seems"]
    if step.type is EditType.REMOVE:
        wrong = step.target is not None and step.target.head in _haze()
    else:
        wrong = step.type is EditType.TONE_TRANSFER and step.value == "fog" and step.target is None
        before = (said[max(0, at - _BEFORE) : at] for at, word in enumerate(said) if word in _haze())
        wrong = wrong and any("with" not in words and not seems.isdisjoint(words) for words in before)
    return _clear_air(step) if wrong else step


def _clear_air(step: Step) -> Step:
    return step.model_copy(update={"type": EditType.TONE_TRANSFER, "target": None, "value": "haze", "amount": _AWAY})


def _hidden(steps: list[Step], said: tuple[str, ...]) -> list[Step]:
    """ "The mist hides the mountains, make it clearer": what it hides is clear once the air is."""
    if len(steps) != 1 or _haze().isdisjoint(said):
        return steps
    step = steps[0]
    meant = step.type is EditType.TONE_TRANSFER and step.target is None and step.value in roles().classes["flat"]
    return [_clear_air(step)] if meant and not _lessened(step) else steps


def _haze() -> frozenset[str]:
    """The words for air that one sees."""
    return frozenset(word for word, fault in roles().faults.items() if fault.name == "haze" and not fault.weak)


def _said_once(steps: list[Step], said: tuple[str, ...]) -> list[Step]:
    """What is said of the whole picture twice ("it is too dark, brighten it but keep the sky") is done once, as it was said more exactly; and of a grey picture no cast is taken away, but its contrast may be asked for."""
    out: list[Step] = []
    grey = any(step.value == _GREY and step.target is None for step in steps)
    for step in steps:
        if grey and (step.value or "").endswith(" cast"):
            continue
        same = [at for at, one in enumerate(out) if _as_much(one, step)]
        if not same:
            out.append(step)
        elif step.protect is not None:
            out[same[0]] = step
    if len(out) == 1 and grey and "contrast" in said and "less" not in said:
        out.append(out[0].model_copy(update={"value": "contrast", "amount": UNSTATED}))
    return out


def _as_much(one: Step, other: Step) -> bool:
    whole = one.type is other.type is EditType.TONE_TRANSFER and one.target is None and other.target is None
    return whole and (one.value, one.amount) == (other.value, other.amount)


def _sky_spared(step: Step, said: tuple[str, ...]) -> Step:
    """ "Without ruining the sunset": an hour that shall stay is a sky."""
    kept = step.protect
    if kept is None or LEXICON.values["time"].whole(tuple(kept.head.split())) is None:
        return step
    return step.model_copy(update={"protect": read("the sky")})


_READINGS: tuple[Callable[[Step, tuple[str, ...]], Step], ...] = (
    _cast,
    _vignette,
    _room,
    _brooding,
    _thin,
    _clear_sky,
    _hazy,
    switched_on,
    _sky_spared,
)


def _lessened(step: Step) -> bool:
    return step.amount is not None and step.amount.value < 0


def _of_picture(owner: Thing | None) -> bool:
    return owner is None or owner.whole or owner.head in roles().classes["picture"]


def _two_colours(steps: list[Step], said: tuple[str, ...]) -> list[Step]:
    """ "Make the fish yellow and black": two colours of one thing are one value, and no second coat over the first."""
    out: list[Step] = []
    for step in steps:
        last = out[-1] if out else None
        both = last is not None and last.type is step.type is EditType.COLOR_ALTER and last.target == step.target
        if both and last is not None and last.value and step.value and step.target is not None:
            names = [*last.value.split()[-1:], "and", *step.value.split()[:1]]
            if _in_a_row(names, said) and last.value != step.value:
                out[-1] = last.model_copy(update={"value": f"{last.value} and {step.value}"})
                continue
        out.append(step)
    return out


def _in_a_row(words: list[str], said: tuple[str, ...]) -> bool:
    return any(list(said[at : at + len(words)]) == words for at in range(len(said)))


def _sunny(steps: list[Step]) -> list[Step]:
    """Of a weather and an hour that were said together one light."""
    hours = [step.value for step in steps if step.type is EditType.TONE_TRANSFER and step.value in _BY_SUN]
    suns = [step for step in steps if step.type is EditType.TONE_TRANSFER and step.value == _SUN]
    if len(hours) != 1 or len(suns) != 1 or any(step.target for step in suns):
        return steps
    kept = _BY_SUN[hours[0] or ""]
    return [
        step.model_copy(update={"value": kept}) if step is suns[0] else step for step in steps if step.value != hours[0]
    ]


def _together(steps: list[Step]) -> list[Step]:
    """Several complaints about one flat picture: each cure by a part, since they add up."""
    cures = [step for step in steps if _strengthens(step)]
    if len(cures) < 2:
        return steps
    return [
        step.model_copy(update={"amount": signed(_PART, _STRONGER[step.value or ""])}) if _strengthens(step) else step
        for step in steps
    ]


def _strengthens(step: Step) -> bool:
    if step.type is not EditType.TONE_TRANSFER or step.target is not None or step.value not in _STRONGER:
        return False
    return step.amount in (None, signed(UNSTATED, _STRONGER[step.value]))
