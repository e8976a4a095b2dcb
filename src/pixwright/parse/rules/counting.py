"""counting: "there should be four dogs", "two fewer candles", "set the number of cups to 3", "one more dog"."""

from __future__ import annotations

from pixwright.parse.effects import tonal
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.making import resolve, where
from pixwright.parse.nouns import Noun
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.words import lexicon, read
from pixwright.words.colours import is_colour

_UNITS = frozenset(
    "year years day days month months week weeks hour hours decade decades century centuries minute minutes percent degrees pixels times time size room space canvas margin".split()
)


def _step(clause: Clause, target: Noun, count: float | None = None, more: float | None = None) -> list[Step] | None:
    named = (
        resolve(clause, target)
        if target.pronoun
        else read(target.uncounted)
        if target.words[0] in ("the", "of", "a")
        else target.thing
    )
    if (
        named is None
        or target.whole
        or set(named.text.split()) & _UNITS
        or (count is not None and not 0 <= count <= 100)
    ):
        return None
    amount = Amount(value=more, unit=Unit.ITEMS) if more is not None else None
    return [
        Step(
            type=EditType.COUNTING,
            instruction=clause.sentence,
            target=named,
            count=None if count is None else int(count),
            amount=amount,
        )
    ]


def _left(clause: Clause, number: float) -> list[Step] | None:
    """ "Too many buoys, keep only one": of what was spoken of."""
    if not clause.memory.targets or number != int(number):
        return None
    return [
        Step(type=EditType.COUNTING, instruction=clause.sentence, target=clause.memory.targets[-1], count=int(number))
    ]


def _to(clause: Clause, caught: Caught) -> list[Step] | None:
    """As many as are said; "three, not two" says as well how many are there."""
    made = _step(clause, caught["target"], count=caught["count"])
    there = caught.get("number")
    if not made or there is None or there == caught["count"]:
        return made
    amount = Amount(value=caught["count"] - there, unit=Unit.ITEMS)
    return [step.model_copy(update={"amount": amount}) for step in made]


def _more(clause: Clause, caught: Caught) -> list[Step] | None:
    target = caught["target"]
    return None if tonal(target) or is_colour(target.bare) else _step(clause, target, more=caught.get("count", 1))


def _fewer(clause: Clause, caught: Caught) -> list[Step] | None:
    return _step(clause, caught["target"], more=-caught.get("count", 1))


def _copied(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "copy the bird to the right": one more of it, there."""
    found = _step(clause, caught["target"], more=1)
    return found and [step.model_copy(update={"where": where(clause, caught["place"])}) for step in found]


def _another(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(There should be two books,) put another one on the table": one more of what was spoken of, there."""
    if not clause.memory.targets or (thing := clause.memory.targets[-1]).parts or thing.link or not thing.head:
        return None
    one = lexicon().singular(thing.text)[0]
    return [Step(type=EditType.ADD, instruction=clause.sentence, value=one, where=where(clause, caught["place"]))]


def _only(clause: Clause, caught: Caught) -> list[Step] | None:
    return (
        _to(clause, caught)
        if clause.wish or clause.words[0] in ("make", "have", "let", "only", "exactly", "just", "keep", "leave", "show")
        else None
    )


_HAVE = "(make|have|let|get|show|give me|need|want|see|add|keep|leave|put|place|insert|include|draw|i want|there should be|there must be|there were|there could be|let there be|use)"

RULES: tuple[Rule, ...] = (
    rule("(only|just|exactly) <count> (of)? <np:target> (should|must|shall|may|can|is to|are to) (remain|stay|be left|be there|be seen|be visible)", _to),
    rule("(make|let|have) (it|them) (be)? (only|just|exactly)? <count>", lambda c, k: _left(c, k["count"])),
    rule("(only|just|exactly) <count> (of)? <np:target>", _to),
    rule("(only|just) (a single|one single|a|an) <np:target>", lambda c, k: _step(c, k["target"], count=1)),
    rule("(keep|leave|show) (only|just)? <count> (of (them|these|those))?", lambda c, k: _left(c, k["count"])),
    rule("(make|have|let|get) (it|that) <count> <noun:target> (instead of|rather than|not) <number>", _to),
    rule("(change|set|adjust|make|bring|alter|modify|reduce|increase|raise|lower|decrease|turn|get|put|update|cut|limit|expand) (the)? (number|count|amount|quantity|total) of <np:target> (from <number>)? (to be|to|into|be|down to|up to|equal to|=)? <count>", _to),
    rule("(the)? (number|count|amount|quantity) of <np:target> (should|must|shall|needs to|has to|could) (be|become|equal) (exactly)? <count>", _to),
    rule("(increase|raise|boost) (the)? (number|count|amount|quantity) of <np:target> (by <count>)?", _more),
    rule("(there)? (should|must|shall) not be more than <count> <np:target>", _to),
    rule("(have|show|keep|leave|i want)? at most <count> <np:target>", _to),
    rule("<count> (of (them|these|those))?", lambda c, k: _left(c, k["count"]) if c.wish == "want" else None),
    rule("(decrease|reduce|lower|cut|drop) (the)? (number|count|amount|quantity) of <np:target> (by <count>)?", _fewer),
    rule("(cut|bring|get|reduce|take|trim|thin|limit) <np:target> (down|back) to <count>", _to),
    rule(f"{_HAVE}? (in total)? <count> (more/extra/additional/further) <np:target>", _more),
    rule(f"{_HAVE}? (one more/another/an extra/an additional/one extra/one additional|a further) <np:target>", _more),
    rule("(add|insert|include|put in|draw|place|create) (one|an|a)? (more/another/extra/additional) (one)? <np:target>", _more),
    rule("(add/put/place/insert/draw) (another one|one more|another) <place>", _another),
    rule(f"{_HAVE}? <count> (fewer/less) <np:target>", _fewer),
    rule(f"{_HAVE}? (one fewer|one less) <np:target>", _fewer),
    rule("(fewer) <np:target>", _fewer),
    rule(f"{_HAVE} <count> <noun:target> (more)", _more),
    rule(f"{_HAVE} <count> <noun:target> (less|fewer)", _fewer),
    rule("<count> <noun:target> (less|fewer)", _fewer),
    rule("<count> <noun:target> more", _more),
    rule("(make|have|let|turn|change|get|transform|convert) (the|these|those|this)? (one|two|three|four|five|six|seven|eight|nine|ten)? <np> (into|to) (a total of|exactly)? <count> <np:target>", lambda c, k: _to(c, k) if k["np"].words[-1][:3] == k["target"].words[-1][:3] else None),
    rule("(duplicate|clone) <np:target>", _more),
    rule("(copy/clone/duplicate/repeat) <snp:target> <place>", _copied),
    rule("(repeat|copy|clone|duplicate) <snp:target> <count> times", _more),
    rule("(make|get|create) <count> <noun:target> (out of|from) (it|this|that|the one|the single one|this one|that one|<number>)", _to),
    rule("(turn|make|change|multiply) <np:target> (into|to) <count>", _to),
    rule("(make|have|let|get|keep|leave|show|there should be|there must be|there were|want|see)? (it|that|there be|there are|there to be)? (exactly|only|just|a total of|in total|precisely) <count> (of)? <np:target> (left|in total|remaining)?", _to),
    rule(f"{_HAVE}? (be)? <count> <noun:target> (there|here)? (instead of|rather than|not|and not) <number> (of them)?", _to),
    rule("(make|have|let|get) (it|that|there be|there) <count> <np:target>", _to),
    rule("(keep|leave|show) (only|just|exactly)? <count> (of)? <np:target> (only)?", _to),
    rule("<count> <noun:target> (in total|only|altogether)", _only),
    rule("<np:target> should (be|number|total) (exactly|only)? <count> (in number|in total)?", _to),
    rule("(make|have|let) <np:target> (be)? <count> (in number|in total)", _to),
    rule("make <count> <noun:target>", lambda c, k: _to(c, k) if lexicon().knows(k["target"].thing.head) and not is_colour(k["target"].bare) else None),
)  # fmt: skip
