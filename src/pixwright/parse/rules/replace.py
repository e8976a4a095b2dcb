"""replace and relation by exchange: "replace A with B", "substitute B for A", "swap the cat and the dog"."""

from __future__ import annotations

from pixwright.parse.complements import become
from pixwright.parse.effects import replaced, retext
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve
from pixwright.parse.nouns import Noun
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.words import lexicon, read


def _replace(clause: Clause, caught: Caught) -> list[Step] | None:
    old, new = caught["old"], caught["new"]
    if old.head in ("color", "material", "texture", "pattern", "style") and "of" in old.words:
        return None
    if "with" in old.words and "with" in clause.words[len(old.words) + 1 :] and not _has(old):
        return None  # "replace the car with a truck with big wheels"
    if _season(old) and (season := _season(new)):
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=season)]
    if "for" in old.words and clause.words[0] in LEXICON.classes["swap"].by_first:
        return None  # "swap the rock for a chest with coins"
    if any(map(is_background, new.parts[1:])):
        return None  # "for a blazer, plain background"
    if len(new.words) > 2 and new.words[-2] == "on" and new.words[-1] in ("me", "us", "him", "her", "them"):
        new = Noun(new.tokens[:-2])
    if old.words[-1] == "one" and len(old.tokens) > 1:
        old = Noun((*old.tokens[:-1], new.core[-1]))
        again = Clause(new.core, clause.sentence, clause.attachments, clause.memory)
        if found := become(again, 0, old, "make"):
            return found
    if any(t.kind == "ref" for t in new.tokens) or new.pronoun or (len(old.parts) > 1 and "with" in old.parts[0].words):
        return None
    if len(new.parts) == 1 and new.tokens[-1].kind == "quote" and len(new.tokens) <= 3:
        return retext(clause, old, new.tokens[-1].text)
    if is_background(old) or resolve(clause, old) is None:
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, old, "into")
    if "to" in clause.words or "into" in clause.words or new.words[-1] in ("one", "ones"):
        return become(Clause(new.tokens, clause.sentence, clause.attachments, clause.memory), 0, old, "into")
    return replaced(clause, old, new)


def _has(old: Noun) -> bool:
    """Whether what stands behind its "with" is what somebody has: "the man with a hat"."""
    at = len(old.words) - 1 - old.words[::-1].index("with")
    return not is_background(old) and lexicon().is_(Noun(old.tokens[at + 1 :]).thing.head, "wearable", "held", "part")


def _season(noun: Noun) -> str | None:
    """The season, hour or weather that the noun is, and no thing."""
    names = ("season", "time", "weather")
    found = (one for name in names for one in LEXICON.values[name].matches(noun.words, 0))
    return next((value for end, value in found if end == len(noun.words)), None)


def _instead(clause: Clause, caught: Caught) -> list[Step] | None:
    return _replace(clause, caught) if clause.wish or "instead" in clause.words else None


def _exchange(clause: Clause, caught: Caught) -> list[Step] | None:
    """Two things that are both there change places: both definite, or their "places" named."""
    pair: Noun | None = caught.get("pair")
    one, other = (
        (pair.parts if pair and len(pair.parts) == 2 else (None, None)) if pair else (caught["one"], caught["other"])
    )
    if one is None or other is None:
        return _among(clause, pair)
    if not {"for", "with", "by"}.isdisjoint(one.words):
        return None  # "swap the jacket for a blazer, ..."
    both = {"around", "round", "over"} & set(clause.words[-1:])  # "swap lamp and vase round"
    if not caught.get("places") and not both and not (one.definite and other.definite):
        return None
    first, second = resolve(clause, one), resolve(clause, other)
    if not first or not second:
        return None
    return [
        Step(
            type=EditType.RELATION_CHANGE,
            instruction=clause.sentence,
            target=first,
            where=Where(relation=Relation.SWAP, anchor=second),
        )
    ]


def _among(clause: Clause, several: Noun | None) -> list[Step] | None:
    """ "swap the two chairs": of one kind, so that they need no second name."""
    if several is None or len(several.parts) != 1 or several.pronoun or several.whole or not several.definite:
        return None
    plural = several.thing.plural and not {"for", "with", "by"} & set(several.words)  # those say what comes instead
    if not plural or several.words[0] in ("this", "that", "each", "every"):
        return None
    swap = Where(relation=Relation.SWAP)
    return [
        Step(type=EditType.RELATION_CHANGE, instruction=clause.sentence, target=read(several.uncounted), where=swap)
    ]


def _places(clause: Clause, caught: Caught) -> list[Step] | None:
    return _exchange(clause, {**caught, "places": True})


def _texts(clause: Clause, caught: Caught) -> list[Step] | None:
    return [
        Step(type=EditType.TEXTUAL_CHANGE, instruction=clause.sentence, old_text=caught["from"], value=caught["into"])
    ]


def _made_one(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Make it a white tiger", "could you make it a goat": what is shown gets the colour that is said, or is that animal."""
    new: Noun = caught["new"]
    if clause.memory.targets or not lexicon().is_(new.thing.head, "animal"):
        return None
    if new.thing.colours:
        shown = read(new.thing.head)
        return [Step(type=EditType.COLOR_ALTER, instruction=clause.sentence, target=shown, value=new.thing.colours[0])]
    if clause.words[0] != "make" or "into" in clause.words:
        return None  # what "it" is, the picture or its description may tell
    return [Step(type=EditType.REPLACE, instruction=clause.sentence, target=read("animal"), value=new.bare)]


_PLACES = "(the)? (places/positions/place/position/locations/spots/seats/location)"

RULES: tuple[Rule, ...] = (
    rule("(make|turn|change|have) it (into)? (a/an) <noun:new>", _made_one),
    rule("(@turn|@change|@replace|@color_verb) <snp:target> from (<hue>|<stuff>|<finish>) (to|into) <rest>", lambda c, k: become(c, k["rest"], k["target"], "into")),
    rule(f"@swap {_PLACES} of <np:pair>", _places),
    rule("@swap (the)? (places/positions/place/position/locations/spots/location) (between)? <np:pair>", _places),
    rule(f"@swap <np:pair> ({_PLACES})? (around/round/over)?", _exchange),
    rule("(make|have|let) <np:pair> (to)? (swap/switch/exchange/trade/change/interchange) (their)? (places/positions/place/position/spots/seats/locations)", _places),
    rule("(make|have|let|get)? <np:pair> (should|to|must|could|can|shall)? (swap|switch|exchange|trade|change|interchange|have swapped|swapped|switched|exchanged|traded) (their)? (places/positions/place/position/spots/seats/locations)", _places),
    rule("(make|have|let)? <one> (should|to|must|could|can|shall)? (swap|switch|exchange|trade|change|swapped|switched) (their/its/his/her)? (places/positions/place/position) with <one:other>", _places),
    rule("@swap (the)? (places/positions/place/position/location) of <one> (and/with) <one:other>", _places),
    rule("@swap <one> (and/with) <one:other> (around)?", _exchange),
    rule("@swap <one> and <one:other> with each other", _places),
    rule("put <one> where <one:other> (is/was/are) (and vice versa)?", _exchange),
    rule("(substitute) <np:new> (for|in place of|instead of) <np:old>", _replace),
    rule("(put|use|place|insert|have|show|give me|want|draw|add|see|with) <np:new> (instead of|in place of|in the place of|rather than|where) <np:old> (is/are/was)?", _replace),
    rule("(put|place|have|want|add) <np:new> where <np:old> (is|are|was|were) <place>?", _replace),
    rule("(let|make|have)? <snp> (should|must|could)? (to)? (be)? (hold|wear|have|carry|drink|eat|ride|play|holding|wearing|carrying|drinking|eating|riding|playing) (up)? <np:new> (instead of|rather than|in place of|not|and not) <np:old>", _replace),
    rule("<np:new> than <np:old>", lambda c, k: _replace(c, k) if c.wish == "want" and k["new"].indefinite else None),
    rule("<np:new> where <np:old> (is|are|was|were)", lambda c, k: _replace(c, k) if k["new"].indefinite and k["old"].definite else None),
    rule("<np:new> (instead of|in place of|in the place of|rather than) <np:old>", _instead),
    rule("(can|could|should|must|would) <np:old> be (replaced|substituted|swapped|exchanged|swapped out) (with|by|for) <np:new>", _replace),
    rule("(instead of|in place of) <np:old> (i want|i would like|put|use|show|have|there should be|make it|i need|place|add|,)? (,)? (i want to see|i would like to see|i would like to have|i would love to see|i would love|i would prefer|i prefer|i want|i would like|put|use|show|have|there should be|make it|i need|place|add)? <np:new>", _replace),
    rule("@replace <np:old> (with|by|for|to|into|against|using) <np:new> (instead)?", _replace),
    rule("change <np:old> (with|for|by) <np:new>", lambda c, k: _replace(c, k) if not k["new"].definite else None),
    rule("@replace <np:old> (out)? (with|by|for|to) <np:new>", _replace),
    rule("<np:old> (should|must|shall|could|can|needs to|has to|ought to|to)? (be)? (replaced|substituted|swapped|exchanged|swapped out) (with|by|for) <np:new>", _replace),
    rule("(make/have/let/get/want) <np:old> (be)? (replaced|substituted|swapped|exchanged) (with|by|for) <np:new>", _replace),
    rule("(change|replace|turn|swap|switch|edit|convert|make|alter|correct|update|fix|substitute) (the)? (@text_noun)? <quote:from> (with|by|to|into|for|say|read|to say|to read|so that it says|so it reads|so it says) (the)? (@text_noun)? <quote:into>", _texts),
)  # fmt: skip
