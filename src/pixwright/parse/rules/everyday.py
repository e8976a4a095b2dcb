"""Looser sentences, tried after all other rules: "get that out of there", "give it a warm old feel", "could the moon go more to the left"."""

from __future__ import annotations

from pixwright.parse.effects import background, is_place, is_whole
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps, where
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit

_FEELS = frozenset(
    "feel look vibe mood atmosphere touch tone glow light lighting aura ambience ambiance feeling".split()
)


def mood_words(
    words: tuple[str, ...], names: tuple[str, ...] = ("season", "time", "weather", "look", "mood")
) -> str | None:
    """The first season, time, weather, look or mood that is said anywhere in the words, in this order of lists."""
    for name in names:
        for at in range(len(words)):
            if found := LEXICON.values[name].matches(words, at):
                return found[0][1]
    return None


def _felt(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "give it a warm old feel", "make it feel like a cold winter morning"."""
    if not is_whole(clause, caught["who"]) and caught["who"].words[0] not in ("it", "this", "that"):
        return None
    words = clause.words[caught["rest"] :]
    listed = (
        ("look", "mood", "time", "season", "weather")
        if words[-1] in _FEELS
        else ("season", "weather", "time", "look", "mood")
    )
    value = mood_words(words, listed) if words[-1] in _FEELS or "like" in clause.words else None
    return None if value is None else steps(clause, EditType.TONE_TRANSFER, None, value=value)


def _gone(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    return None if is_whole(clause, target) or is_background(target) else steps(clause, EditType.REMOVE, target)


def _in_colour(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "both umbrellas in purple"."""
    target: Noun = caught["target"]
    if not target.definite or target.pronoun or is_whole(clause, target):
        return None
    return (
        background(clause, caught["hue"])
        if is_background(target)
        else steps(clause, EditType.COLOR_ALTER, target, value=caught["hue"])
    )


def _made_of(material: str) -> object:
    return lambda clause, caught: (
        steps(clause, EditType.MATERIAL_CHANGE, caught["target"], value=material) if caught["target"].definite else None
    )


def _tilts(clause: Clause, caught: Caught) -> list[Step] | None:
    asked = clause.wish or clause.words[0] in ("let", "make", "have", "can", "could", "should", "get")
    return steps(clause, EditType.ACTION_CHANGE, caught["target"], value=caught["@lean"]) if asked else None


def _goes(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    asked = (
        clause.wish
        or clause.words[0] in ("let", "make", "have", "can", "could", "should", "get")
        or "should" in clause.words
    )
    if not asked or not target.definite or is_whole(clause, target):
        return None
    return steps(clause, EditType.MOVEMENT, target, where=where(clause, caught["place"]))


def _posed(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "let a squirrel sit on the sill" adds one; "let the donkey stand in front of the barn" puts it there."""
    target: Noun = caught["target"]
    place: Place = caught["place"]
    if target.pronoun in ("it", "this", "that") or is_whole(clause, target):
        return None
    if target.indefinite:
        return [
            Step(
                type=EditType.ADD,
                instruction=clause.sentence,
                value=target.uncounted,
                count=target.count,
                where=where(clause, place),
            )
        ]
    if place.anchor is not None and place.anchor.indefinite and is_place(place.anchor):
        return background(clause, place.anchor.bare)
    if place.anchor is None or clause.words[0] != "let" or not {"stand", "hang", "be", "rest"} & set(clause.words):
        return None
    return steps(clause, EditType.RELATION_CHANGE, target, where=where(clause, place))


def _elsewhere(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "as if we were in Paris", "set the scene in a library": whatever the place is, it is the background."""
    noun: Noun = caught["spot"]
    if noun.pronoun or (noun.definite and not is_place(noun)) or any(t.kind != "word" for t in noun.tokens):
        return None
    if (
        "who" in caught
        and not is_whole(clause, caught["who"])
        and caught["who"].head not in ("scene", "setting", "action", "story")
    ):
        return None
    if "who" not in caught and clause.wish != "if":
        return None
    return background(clause, noun.bare)


def _larger(clause: Clause, caught: Caught) -> list[Step] | None:
    amount: Amount = caught["size"]
    if amount.unit is Unit.STRENGTH or is_whole(clause, caught["target"]):
        return None
    return steps(clause, EditType.RESIZE, caught["target"], amount=amount)


def _multiplied(clause: Clause, caught: Caught) -> list[Step] | None:
    factor = {"double": 2.0, "triple": 3.0, "halve": 0.5}[clause.words[0]]
    return steps(clause, EditType.COUNTING, caught["target"], amount=Amount(value=factor, unit=Unit.FACTOR))


def _room(clause: Clause, caught: Caught) -> list[Step] | None:
    side = Relation.TOP if {"above", "over"} & set(clause.words) else Relation.BOTTOM
    return [Step(type=EditType.OUTPAINT, instruction=clause.sentence, where=where(clause, Place(side)))]


_MORE = "(a bit|a little|slightly|somewhat|much|way|far|more|further)?"

ROOM: tuple[Rule, ...] = (
    rule(f"(add|put|leave|make|give|need|want|have) (me|us|it)? (some|more|extra|a bit of|a little)? {_MORE} (empty|free|blank|white)? (space|room|canvas|margin) (above|below|over|under|beneath|underneath) (the|this|my)? (@picture|it)", _room),
)  # fmt: skip
"""Before the rules that add things: room is none."""
RULES: tuple[Rule, ...] = (
    rule("(get/take/move/throw) <np:target> (out/off/away) (of (here|there|it|this|sight|the way|the picture))?", _gone),
    rule("(give|lend) <snp:who> <rest>", _felt),
    rule("(@make|have|let|turn|want)? <snp:who> (to)? (feel|look|seem|be)? <rest>", _felt),
    rule("<np:target> in (a|the)? <hue>", _in_colour),
    rule("(knit/crochet) <np:target>", _made_of("knit")),  # type: ignore[arg-type]
    rule("(gild) <np:target>", _made_of("gold")),  # type: ignore[arg-type]
    rule("(petrify) <np:target>", _made_of("stone")),  # type: ignore[arg-type]
    rule("(sepia) <np:target>", lambda c, k: steps(c, EditType.TONE_TRANSFER, None, value="sepia") if is_whole(c, k["target"]) else None),
    rule("(make|let|have|could|can|should|would|get)? <snp:target> (should|to)? @lean <extent_amount:amount>? ((to|towards) (the|one|its)? (side|left|right))?", _tilts),
    rule(f"(make|let|have|could|can|should|get)? <snp:target> (should|to)? (go|move|shift|slide|come|be moved|sit|be) {_MORE} <way:place>", _goes),
    rule(f"@move <snp:target> {_MORE} <way:place>", lambda c, k: _goes(c, k) if c.wish else steps(c, EditType.MOVEMENT, k["target"], where=where(c, k["place"])) if k["target"].definite and resolve(c, k["target"]) else None),
    rule("(we|i|they|he|she|it|you) (was|were|is|are|am) (in|at|on) <one:spot>", _elsewhere),
    rule("(set|place|put|shoot|stage) <snp:who> (in|at|on) <one:spot>", _elsewhere),
    rule("<size> <np:target>", _larger),
    rule("(double/triple/halve) (the)? (number/count/amount) of <np:target>", _multiplied),
)  # fmt: skip
POSED: tuple[Rule, ...] = (
    rule("(let|have|make) <snp:target> (to)? (sit|stand|hang|rest|lie|lean|float|swim|be|fly|walk|perch|sleep|grow|run|wait|play) <place>", _posed),
)  # fmt: skip
"""Before the rules of change, for which "sit on the sill" is an action."""
