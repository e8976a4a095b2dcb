"""add: "put a bird on the branch", "three more cups", "give him sunglasses", "let there be a rainbow"."""

from __future__ import annotations

from pixwright.parse.complements import ATTRIBUTE_NOUNS, COVERINGS, become, worn
from pixwright.parse.effects import background, control, is_place, put, tonal
from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps, where
from pixwright.parse.nouns import Noun
from pixwright.parse.order.seated import POSES, seated
from pixwright.parse.places import Place
from pixwright.parse.rules.everyday import mood_words
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.words import lexicon, read
from pixwright.words.adjectives import ARTICLES, INDEFINITE
from pixwright.words.colours import is_colour

_CONTROL_NOUNS = frozenset(
    "vignette grain noise blur contrast warmth saturation brightness sharpness haze exposure highlights clarity vibrance".split()
)
_EVENTS = frozenset("coming everywhere cut earthquake flood accident emergency war outage blackout".split())
_SHADES = frozenset("color colors tone tones shade shades hue hues".split())
"""No things: "pop art, four colors"."""
_WEATHER = frozenset(
    "rain snow fog mist snowfall rainfall storm thunderstorm lightning snowflakes sunshine sandstorm haze raindrops blizzard".split()
)


def place_new(clause: Clause, new: Noun, place: Place | None) -> list[Step] | None:
    """The steps that bring each conjunct of `new` into the picture."""
    out: list[Step] = []
    for thing in new.parts or (new,):
        if thing.pronoun or thing.whole or thing.words[-1] in _EVENTS or thing.thing.head in _SHADES:
            return None
        if len(thing.tokens) > 2 and thing.words[-1].endswith("ly") and lexicon().look(thing.words[-1]) is None:
            thing = Noun(thing.tokens[:-1])  # "a cup carefully"
        if place is not None and len(thing.tokens) > 1 and thing.words[-1] in POSES:
            thing = Noun(_posed(thing.tokens))
        if thing.words[0] == "more" and tonal(thing):
            return None
        if (
            (thing.words[0] in ("one", "another") and "more" in thing.words[:2])
            or thing.words[1:2] == ("more",)
            or thing.words[0] == "more"
        ):
            count = LEXICON.number(thing.words[0]) if thing.words[0] not in ("another", "more") else 1
            out.append(
                Step(
                    type=EditType.COUNTING,
                    instruction=clause.sentence,
                    target=read(thing.uncounted),
                    amount=Amount(value=count or 1, unit=Unit.ITEMS),
                    where=where(clause, place),
                )
            )
            continue
        if (
            not thing.definite
            and lexicon().is_(thing.thing.head, "sky")
            and (place is None or clause.words[0] in ("give", "get"))
        ):
            # "Give me a blue sky with a few clouds": there is one.
            sky = read(thing.thing.head)
            out.append(Step(type=EditType.REPLACE, instruction=clause.sentence, target=sky, value=thing.uncounted))
            continue
        value = (
            thing.uncounted
            if thing.count is not None or thing.words[0] in ("one", "several", "few", "another", "many", "some", "more")
            else thing.bare
        )
        out.append(
            Step(
                type=EditType.ADD,
                instruction=clause.sentence,
                value=value,
                count=thing.count,
                where=where(clause, place),
            )
        )
    return out


_POSED = frozenset("sitting flying".split())
"""Of what things do where they are put, what changes how they look."""


def _posed(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """ "A person sitting (on the bench)" as "a sitting person"; that a boat is floating on water goes without saying."""
    lead = 1 if tokens[0].text in ARTICLES | INDEFINITE or LEXICON.number(tokens[0].text) is not None else 0
    pose = tokens[-1:] if tokens[-1].text in _POSED else ()
    return (*tokens[:lead], *pose, *tokens[lead:-1])


def _is_spot(noun: Noun) -> bool:
    """Whether it is a place in the picture and no thing: "upper left"."""
    words = noun.words[1:] if noun.indefinite else noun.words
    return bool(words) and any(end == len(words) for end, _ in LEXICON.values["spot"].matches(words, 0))


_MOODS = frozenset("mood vibe feel feeling atmosphere look style".split())
"""Nouns of no thing: "I want a film noir mood"."""


def _add(clause: Clause, caught: Caught) -> list[Step] | None:
    if LEXICON.values["style"].matches(clause.words, 0):
        return None  # "pop art, four colors"
    new, place = seated(caught["new"], caught.get("place"))
    caught = {**caught, "new": new, "place": place}
    if found := _backdrop(clause, caught) or _misty(clause, new, place):
        return found
    if (
        place is not None
        and new.words[0] in ("the", "this", "that", "these", "those")
        and clause.words[0] in ("hang", "stick", "position", "park", "plant", "seat", "attach")
    ):
        return put(clause, new, place)
    if new.words[0] == "more" and is_colour(new.words[-1]):
        return None  # a colour is no thing of which there are more
    if any(map(_is_spot, new.parts[1:])):
        return None  # "an eagle, upper left" is no list
    if new.words[:2] == ("a", "second"):
        # One more of what is there: "a second cup next to the first one" stands beside the cup.
        new = Noun((new.tokens[0], *new.tokens[2:]))
        if place is not None and place.anchor is not None and place.anchor.head in ("one", "other"):
            place = Place(place.relation, Noun((Token("the", "word"), *new.tokens[1:])), place.second)
    if place is not None and place.relation is Relation.INSIDE and _clothes(place.anchor):
        assert place.anchor is not None
        new, place = Noun((*new.tokens, Token("in", "word"), *place.anchor.tokens)), None
    if place is None and (shines := _sunlight(clause, new)):
        return shines
    behind_all = place is not None and place.anchor is None and place.relation is Relation.BACKGROUND
    nowhere = place is None or behind_all or (place.anchor is not None and resolve(clause, place.anchor) is None)
    if nowhere and (special := _atmosphere(clause, new)):
        return special
    if any(t.kind == "ref" for t in new.tokens):
        return None
    if nowhere and clause.wish and new.words[-1] in _MOODS:
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, None, "make")
    if (
        place is not None
        and is_background(place.anchor)
        and place.anchor is not None
        and place.anchor.head == "background"
        and place.relation in (Relation.INSIDE, Relation.ON)
    ):
        place = Place(Relation.BACKGROUND)
    if (
        place is not None
        and clause.words[0] not in ("add", "insert", "include", "draw")
        and place.relation in (Relation.BEHIND, Relation.BACKGROUND)
    ):
        words = tuple(w for w in new.words if w not in ("a", "an", "some", "the"))
        scenery = next(
            (value for end, value in LEXICON.values["background"].matches(words, 0) if end == len(words)), None
        )
        if scenery:
            return background(clause, scenery)
        appears = lexicon().is_(new.thing.head, "heaven")  # a rainbow, a moon: in the sky that is there
        if new.words[0] in ("a", "an") and is_place(new) and not appears and place.anchor is not None:
            return background(clause, new.bare)
    if new.words[-1] == "text" or any(t.kind == "quote" for t in new.tokens):
        return None
    return place_new(clause, new, place)


_SUN = frozenset("sun sunshine sunlight daylight".split())


def _misty(clause: Clause, new: Noun, place: Place | None) -> list[Step] | None:
    """ "A morning mist with low sun"."""
    beside = place is not None and place.anchor is not None and place.relation is Relation.BESIDE
    if not beside or place is None or place.anchor is None or place.anchor.head not in _SUN:
        return None
    mist = _atmosphere(clause, new)
    light = "golden hour" if "low" in place.anchor.words else "sunny"
    return mist and [*mist, Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=light)]


def _sunlight(clause: Clause, new: Noun) -> list[Step] | None:
    """ "Some warm afternoon sun coming in from the left", "give me sun": light, and no ball in the sky."""
    if new.definite or not _SUN.intersection(new.core[-1].text.split()):
        return None
    value = mood_words(tuple(new.words), ("look", "time")) or "sunny"
    return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=value)]


_SMALL = frozenset(
    "overhead outside everywhere a an some more the falling of lot bit little effect heavy light thick dense subtle slight strong soft film gentle bad".split()
)
_MANNERS = frozenset("tone filter look mood atmosphere feel vibe weather lighting effect style".split())


def _atmosphere(clause: Clause, new: Noun) -> list[Step] | None:
    """ "add fog", "add a vignette", "add a sepia tone": no object, but a tone."""
    words = [w for w in new.words if w not in _SMALL]
    if len(words) > 1 and words[-1] in _WEATHER and LEXICON.values["time"].whole(tuple(words[:-1])):
        words = words[-1:]  # "a morning mist"
    hour = LEXICON.values["time"].matches(tuple(words), 0)
    if hour and hour[0][0] == len(words):
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=hour[0][1])]
    amount = None
    if new.words[0] in ("slight", "subtle") or set(new.words[:2]) & {
        "slight",
        "subtle",
        "little",
        "bit",
        "soft",
        "gentle",
    }:
        amount = Amount(value=0.3, unit=Unit.STRENGTH)
    if len(words) == 1 and words[0] in _CONTROL_NOUNS:
        name = LEXICON.values["control"].matches((words[0],), 0)[0][1]
        return control(clause, None, name, 1, amount)
    if words and all(w in _WEATHER or w == "and" for w in words):
        values = [
            LEXICON.values["weather"].matches((w,), 0) or LEXICON.values["look"].matches((w,), 0)
            for w in words
            if w != "and"
        ]
        return [
            Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=v[0][1], amount=amount)
            for v in values
            if v
        ]
    looks = [one for name in ("look", "mood") for one in LEXICON.values[name].matches(tuple(words), 0)]
    if not new.indefinite or new.words[0] in ("some", "more"):
        for end, look in looks:
            if end == len(words):
                return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=look, amount=amount)]
    if new.words[-1] in ("light", "lighting", "glow", "haze") and (value := mood_words(tuple(words[:-1]))):
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=value, amount=amount)]
    if new.words[-1] in _MANNERS:
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, None, "make")
    return None


def _add_to(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "add a hat to the man": on him; "add snow to the scene": to the whole."""
    new, anchor = caught["new"], caught["anchor"]
    if resolve(clause, anchor) is None:
        return _add(clause, {"new": new})
    if new.bare in COVERINGS and new.bare not in ("snow", "water", "ice") and not is_background(anchor):
        return steps(clause, EditType.APPEARANCE_ALTER, anchor, value=COVERINGS[new.bare])
    if is_background(anchor):
        return _add(clause, {"new": new, "place": Place(Relation.BACKGROUND)})
    return _add(clause, {"new": new, "place": Place(Relation.INSIDE if _is_roomy(anchor) else Relation.ON, anchor)})


def _is_roomy(noun: Noun) -> bool:
    """Whether one is in it rather than on it."""
    return noun.head in ("air", "background", "water") or lexicon().is_(noun.thing.head, "place", "sky", "water")


def _put(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "put a hat on the man" adds; "put the hat on the man" moves what is there."""
    new: Noun = caught["new"]
    if any(t.kind in ("ref", "quote") for t in new.tokens):
        return None
    if new.definite:
        return put(clause, new, caught["place"])
    return _add(clause, caught)


def clothed(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Put him in a suit", "a woman in a summer dress": clothes are no place."""
    new: Noun = caught["new"]
    who: Noun = caught["who"]
    known = who.definite or who.pronoun or who.words[:2] == ("one", "of")
    return worn(clause, who, new) if new.indefinite and _clothes(new) and known else None


def _clothes(noun: Noun | None) -> bool:
    return noun is not None and not noun.definite and lexicon().is_(noun.thing.head, "wearable")


def _give(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "give the man a hat"; "give the shirt a checkered pattern" is an appearance, "give it a warm look" a tone."""
    who, new = caught["who"], caught["new"]
    if any(t.kind == "ref" for t in new.tokens):
        return None
    if who.pronoun == "them" and not clause.memory.targets:
        who = Noun((Token("people", "word"),))
    if new.parts[0].words[-1] in ATTRIBUTE_NOUNS:
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, who, "make")
    if is_background(new):
        return become(Clause(new.tokens[:-1], clause.sentence), 0, new, "make") if len(new.tokens) > 2 else None
    if who.pronoun in ("me", "us") and (new.thing.head in _SUN or lexicon().is_(new.thing.head, "sky", "heaven")):
        return _add(clause, {"new": new})
    if new.words[-2:] in (("more", "contrast"), ("more", "saturation")) or new.words[0] == "more":
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, who, "make")
    return worn(clause, who, new)


def _needs(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "the shirt needs stripes"; that somebody needs a thing is a situation, not an edit."""
    found = _give(clause, caught) if caught["who"].definite else None
    return found if found and found[0].type is EditType.APPEARANCE_ALTER else None


def _exists(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "there should be a cat": add; "three cats": a count; "three cats on the sofa": add three."""
    new: Noun = caught["new"]
    compared = (
        new.words[1:2]
        and new.words[1].endswith("er")
        and new.words[1] in (*LEXICON.raw["bigger"], *LEXICON.raw["smaller"])
    )
    if new.pronoun or compared:
        return None  # "a smaller hat": the one that is there
    place: Place | None = caught.get("place")
    if place is not None and place.anchor is not None and place.relation is Relation.ON:
        marks = LEXICON.values["appearance"].matches(new.words, 0)
        if marks and marks[0][0] == len(new.words) and new.words[-1].endswith("s"):
            return steps(clause, EditType.APPEARANCE_ALTER, place.anchor, value=marks[0][1])
    one = len(new.parts or (new,)) == 1
    if one and new.count is not None and caught.get("place") is None and new.words[1] not in ("more", "fewer", "less"):
        return [
            Step(
                type=EditType.COUNTING,
                instruction=clause.sentence,
                target=read(new.uncounted),
                count=min(new.count, 100),
            )
        ]
    if new.definite and caught.get("place"):
        return put(clause, new, caught["place"])
    if new.definite:
        return None
    return _add(clause, caught)


def _having(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "what if the man had a beard": what is worn or held; that he has a headache, or has arrived, is a situation."""
    new: Noun = caught["new"]
    if not clause.wish or (
        clause.wish == "if" and not all(lexicon().is_(part.thing.head, "wearable", "held") for part in new.parts)
    ):
        return None
    return worn(clause, caught["who"], new)


def _backdrop(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "a sunny meadow behind the dog": a place that is to be behind somebody is his background."""
    new: Noun = caught["new"]
    place: Place | None = caught.get("place")
    if place is None or place.anchor is None or place.relation is not Relation.BEHIND or new.definite:
        return None
    kind = lexicon().look(new.thing.head)
    living = place.anchor.pronoun or lexicon().is_(place.anchor.thing.head, "person", "animal")
    wide = kind is not None and (bool(kind.stuff) or (new.thing.plural and kind.is_("landscape")))
    setting = wide and kind is not None and kind.is_("place", "landscape")
    if not (living and setting):
        # What it is put behind is what the picture shows anyway.
        named = Noun(new.tokens[:-1]) if is_background(new) else new
        fits = is_background(new) or _paintable(new)
        said = named.tokens and named.words[-1] not in ("a", "an", "some", "another")
        return background(clause, named.bare) if fits and said else None
    who = resolve(clause, place.anchor)
    return [step.model_copy(update={"target": who}) for step in background(clause, new.bare)]


def _paintable(new: Noun) -> bool:
    """Whether it ends with the name of a background: "a red brick wall", "an office"."""
    names = LEXICON.values["background"]
    return any(end == len(new.words) for start in range(len(new.words)) for end, _ in names.matches(new.words, start))


def _wish(clause: Clause, caught: Caught) -> list[Step] | None:
    """A bare "a hat on the man" is an edit only as a wish ("I want ...", "how about ..."); a place behind somebody always is."""
    new: Noun = caught["new"]
    if found := _backdrop(clause, caught):
        return found
    if clause.wish == "want" and (found := _background_of(clause, caught)):
        return found
    if (
        not (clause.wish == "want" or clause.words[0] == "have")
        or not (new.indefinite or caught.get("place"))
        or new.definite
    ):
        return None
    return _exists(clause, caught)


def _background_of(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "use a blue background", "add a beach background"."""
    new: Noun = caught["new"]
    if not is_background(new) or len(new.tokens) < 2 or new.pronoun:
        return None
    before = new.core[:-1]
    if before and before[0].text in COMMANDS and before[0] is clause.tokens[0]:
        return None
    before = before[1:] if before and before[0].text in ("a", "an", "the", "some", "another") else before
    if not before:
        return None
    clause_before = Clause(tuple(before), clause.sentence, clause.attachments, clause.memory)
    return become(clause_before, 0, new, "make") or background(clause, Noun(tuple(before)).text)


def _as_background(clause: Clause, caught: Caught) -> list[Step] | None:
    new: Noun = caught["new"]
    if any(t.kind == "ref" for t in new.tokens) or new.pronoun:
        return None
    found = LEXICON.values["background"].matches(tuple(w for w in new.words if w not in ("a", "an", "the", "some")), 0)
    whole = [value for end, value in found if end == len([w for w in new.words if w not in ("a", "an", "the", "some")])]
    return background(clause, whole[0] if whole else new.bare)


def _into_setting(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "set the scene in paris": the whole goes somewhere else."""
    who: Noun = caught["who"]
    placed = clause.words[0] in ("transport", "teleport", "send", "put", "place") and who.definite
    sent = clause.words[0] in ("send", "transport", "teleport")
    elsewhere = placed and (sent or "the" not in clause.words[len(who.tokens) + 1 :])
    return background(clause, caught["setting"]) if who.whole or elsewhere else None


def _described(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "there is a pot of gold" tells what is there; "there should be one", or a wish, asks for it."""
    asked = (
        clause.wish
        or clause.words[0] != "there"
        or set(clause.words[1:4]) & {"should", "must", "shall", "could", "ought", "needs", "has"}
    )
    return _exists(clause, caught) if asked else None


_FINE = (
    "(lovely/nice/great/good/cool/perfect/amazing/awesome/wonderful/fun/sweet/fab/adorable/cute/better/fantastic/ideal)"
)
RULES: tuple[Rule, ...] = (
    rule("(needs/wants/misses) <things:new> <place>?", lambda c, k: _add(c, k) if k["new"].indefinite else None),
    rule("<things:new> <place>? would (give|make|suit|help|go|work|fit|add|round|complete|finish|fill) <rest>?", lambda c, k: _add(c, k) if k["new"].indefinite else None),
    rule(f"<things:new> <place>? (would|might) (be|look) (so|really|very|just)? {_FINE} (here|there)?", lambda c, k: _add(c, k) if k["new"].indefinite else None),
    rule("(@add|@put|use|have|give|want|with|set|apply|choose|insert|make|need|show|on|against|prefer|get) <noun:new>", _background_of),
    rule("<noun:new>", lambda c, k: _background_of(c, k) if k["new"].words[0] not in ("the", "this", "my") else None),
    rule("(give) (it/him/her/them) <noun:new>", _background_of),
    rule("(@add|@put|use|have|set|take|choose|make) <noun:new> (as/for) (the/a/its)? (new)? (background/backdrop)", _as_background),
    rule("(have|with) <noun:new> (in/as) the background", _as_background),
    rule("<np:new> (as|for) (the|a|my|its)? (new)? (background/backdrop)", lambda c, k: None if k["new"].definite else _as_background(c, k)),
    rule("(give|lend|@have|get) <snp:who> <noun:new> (as|for) (the/a/an/its/his/her/their)? (new)? (background/backdrop)", _as_background),
    rule("(@put|move|take|bring|transport|send|show|teleport) <snp:who> (in front of|in|on|into|at|against|onto|to) <setting>", _into_setting),
    rule("(@put|dress|get|have|show|see) <snp:who> (up)? (in|into) <np:new>", clothed),
    rule("@add <things:new> to <spot_place:place>", _add),
    rule("@add <things:new> <place>", _add),
    rule("@add <things:new> (to|into|onto) <one:anchor>", _add_to),
    rule("bring <things:new> (in|into|to) <np:whole>", lambda c, k: place_new(c, k["new"], None) if k["whole"].whole and k["new"].indefinite else None),
    rule("(let|make|have) <things:new> (appear|show up|turn up|pop up|come in|enter) (there|here)? <place>?", lambda c, k: place_new(c, k["new"], k.get("place")) if k["new"].indefinite else None),
    rule("<things:new> (is|are|appears|appear|shows up) (there|here|in it)?", lambda c, k: place_new(c, k["new"], None) if c.wish and k["new"].indefinite else None),
    rule("@add (to|on) <one:anchor> <things:new>", _add_to),
    rule("(@add|have|want) <things:new> <corner:place>", lambda c, k: place_new(c, k["new"], k["place"]) if k["new"].indefinite else None),
    rule("@add <np:new>", lambda c, k: None if any(part.definite for part in k["new"].parts[1:]) and not k["new"].definite else _add(c, k)),
    rule("@put (down)? <things:new> <place>", _put),
    rule("@put <place> <things:new>", _put),
    rule("(put/place) (in)? <things:new>", lambda c, k: _add(c, k) if not k["new"].definite else None),
    rule("@put <np:new> to <one:anchor>", lambda c, k: None if k["new"].definite else _add_to(c, k)),
    rule("(@put|give|lend|hand) (on)? <things:new> (to|on|onto) <one:who>", lambda c, k: None if k["new"].definite else worn(c, k["who"], k["new"])),
    rule("(give|lend|hand|get|equip|fit|provide|decorate|adorn|dress|crown|top|fill|furnish|garnish|outfit|accessorize) <snp:who> (with|up with|in|up in) <np:new>", _give),
    rule("(give|lend|hand|get|buy|offer) <snp:who> <np:new>", _give),
    rule("(give|lend|hand|get|buy|offer) her <np:new>", lambda c, k: _give(c, {**k, "who": Noun((Token("her", "word"),))})),
    rule("<snp:who> (needs|could use|deserves|wants|should get) <np:new>", _needs),
    rule("(@have|see) <snp:who> (to)? (wear/wearing/hold/holding/carry/carrying/have/with) <np:new>", lambda c, k: worn(c, k["who"], k["new"])),
    rule("<snp:who> (should/must/shall/could/needs/has/ought/can/will) (to)? (be)? (wear/wearing/hold/holding/carry/carrying/have) <np:new>", lambda c, k: worn(c, k["who"], k["new"])),
    rule("(i|we) (am|are|was|were) (holding|wearing|carrying) <np:new>", lambda c, k: worn(c, Noun((Token("me", "word"),)), k["new"]) if c.wish else None),
    rule("<snp:who> (to)? (be)? (wear/wearing/hold/holding/carry/carrying/have) <np:new>", _having),
    rule("<snp:who> (wore|was wearing|were wearing|is wearing|wears|had|held|was holding|were holding|carried|is holding|has|was carrying|were carrying) <np:new>", _having),
    rule("(@make|want|wish|for)? there (to)? (should|must|shall|could|can|would|ought to|needs to|has to)? (be|were|was|is|are|been) (a total of|exactly|only|just)? <things:new> <place>", _described),
    rule("(@make|want|wish|for)? there (to)? (should|must|shall|could|can|would|ought to|needs to|has to)? (be|were|was|is|are|been) (a total of|exactly|only|just)? <np:new>", _described),
    rule("(have|see|imagine|exactly|only|want)? <things:new> <place>", _wish),
    rule("(have|see|imagine|exactly|only|want)? <things:new>", _wish),
)  # fmt: skip
