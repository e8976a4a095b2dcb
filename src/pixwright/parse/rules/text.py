"""textual_change: 'change the text "A" to "B"', 'make the sign say "B"', 'write "B" on the wall', "remove the text"."""

from __future__ import annotations

from pixwright.parse.effects import retext
from pixwright.parse.grammar import Caught, Clause, Found, Rule, nonterminal, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import resolve, steps, where
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place
from pixwright.parse.tokens import as_written
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.words import lexicon
from pixwright.words.adjectives import PLACES, PREPOSITIONS


def _change(clause: Clause, caught: Caught) -> list[Step] | None:
    if caught.get("old"):
        return _texted(clause, caught.get("carrier"), caught["new"], old_text=caught["old"])
    return retext(clause, caught.get("target"), caught["new"])


def _texted(
    clause: Clause, carrier: Noun | None, new: str, *, old_text: str | None = None, where: Where | None = None
) -> list[Step] | None:
    """The change to `new`; where that is empty the old text is taken away."""
    if (not new and not old_text) or (new and old_text and _CHANGES.isdisjoint(clause.words)):
        return None  # 'write "A", and below it "B"': no text for another
    return [
        step.model_copy(update={"target": resolve(clause, carrier), "old_text": old_text})
        for step in steps(clause, EditType.TEXTUAL_CHANGE, None, value=new or None, where=where)
    ]


_CHANGES = frozenset("to with into by as instead place be become read say says from rather for".split())
"""Words of a sentence in which one text takes the place of another."""


def _wiped(clause: Clause, caught: Caught) -> list[Step] | None:
    """Lettering that goes: which, and on what or in which corner it is."""
    place: Place | None = caught.get("place")
    spot = where(clause, place) if place else None
    carrier = resolve(clause, caught["carrier"]) if "carrier" in caught else None
    return [
        step.model_copy(update={"target": carrier, "old_text": caught.get("old") or None})
        for step in steps(clause, EditType.TEXTUAL_CHANGE, None, where=spot)
    ]


def _write(clause: Clause, caught: Caught) -> list[Step] | None:
    """New text: on a thing (its target), or somewhere in the picture."""
    place: Place | None = caught.get("place")
    target: Noun | None = (
        place.anchor if place and place.relation in (Relation.ON, Relation.INSIDE) else caught.get("carrier")
    )
    if target is not None and resolve(clause, target) is None:
        target = None
    spot = where(clause, place) if place and target is None else None
    return _texted(clause, target, caught["new"], where=spot)


_WRITTEN = frozenset("text word words caption title writing label inscription message lettering slogan".split())


def _saying(clause: Clause, caught: Caught) -> list[Step] | None:
    """'add a sign saying "OPEN"': a new thing with text on it."""
    noun: Noun = caught["thing"]
    if noun.definite or noun.pronoun:
        return None
    if noun.head in _WRITTEN:
        return _write(clause, caught)
    value = f'{noun.uncounted} saying "{caught["new"]}"'
    return [Step(type=EditType.ADD, instruction=clause.sentence, value=value, where=where(clause, caught.get("place")))]


def _uttered(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "A speech bubble coming out of his mouth saying "hi"": it is beside him."""
    return _saying(clause, {**caught, "place": Place(Relation.BESIDE, caught["from"])})


@nonterminal("words")
def _words(clause: Clause, i: int) -> Found:
    """Text without quotes, letter for letter: every run of words from here, the longest first."""
    last = next((k for k in range(i, len(clause)) if clause.tokens[k].kind == "quote"), len(clause))
    return [(end, as_written(list(clause.tokens[i:end]))) for end in range(min(last, i + 12), i, -1)]


@nonterminal("digits")
def _digits(clause: Clause, i: int) -> Found:
    """A number that is written in figures, as such: "2024"."""
    token = clause.tokens[i]
    return [(i + 1, token.raw)] if token.kind == "number" and token.raw[:1].isdigit() else []


def _unquoted(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "write Happy Birthday on the cake": what stands between the verb and the place."""
    place: Place = caught["place"]
    written = caught["new"].lower().split()
    if written[-1] in LEXICON.function_words:
        return None  # "HELLO on the" of "HELLO on the left wall"
    if _in_spot(written):
        return None  # "HELLO in the top" of "HELLO in the top left corner"
    return _write(clause, caught) if place.anchor is None or resolve(clause, place.anchor) else None


def _in_spot(written: list[str]) -> bool:
    """Whether the words end in the beginning of a place: "in the top"."""
    return len(written) > 3 and written[-3] in ("in", "at", "on") and written[-2] == "the" and written[-1] in PLACES


def _worded(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "add the text happy birthday at the top": what stands behind the word for text."""
    first, last = (caught["new"].lower().split()[at] for at in (0, -1))
    if {first, last} & (LEXICON.function_words | PREPOSITIONS):
        return None
    return _write(clause, caught)


def _spoken(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "the sign should say Welcome Home": capitals, where people do not speak; any words where nothing but text is said."""
    target: Noun = caught["target"]
    if target.pronoun not in (None, "it") or lexicon().is_(target.thing.head, "person", "animal"):
        return None
    said = _titled(caught["new"]) or target.pronoun == "it" or _bears(target)
    return _change(clause, caught) if said else None


def _titled(words: str) -> bool:
    """Whether each word has a capital or is a number, small ones between them aside: "Bar and Grill"."""
    written = words.split()
    inner = (word[:1].isupper() or word[:1].isdigit() or word in LEXICON.function_words for word in written[1:-1])
    return all(word[:1].isupper() or word[:1].isdigit() for word in (written[0], written[-1])) and all(inner)


def _bears(target: Noun) -> bool:
    """Whether a thing does nothing but bear text."""
    return target.head.split()[-1:] == ["plate"] or target.head in LEXICON.classes["text_noun"].words


def _plated(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Change the plate to ABC 123", "the headline to Good News": a name or figures for what does nothing but bear text."""
    target: Noun = caught["target"]
    figures = caught["new"][:1].isdigit() or caught["new"].isupper()
    return _spoken(clause, caught) if _bears(target) and (figures or _titled(caught["new"])) else None


def _exchanged(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Change Foster's to Freddy's", "rename Lakeview as Hilltop": one name for another, and neither is a thing that pictures show."""
    old, new = caught["old"], caught["new"]
    shown = any(lexicon().knows(words.lower()) for words in (old, new))
    if shown or clause.tokens[0].raw.isupper() or old.split()[0].lower() in LEXICON.function_words:
        return None
    return _texted(clause, None, new, old_text=old) if _titled(old) and _titled(new) else None


def _worded_anew(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Change the word open to closed": what stands behind the word for text is the old text, whatever its letters."""
    old, new = (caught[name].lower().split() for name in ("old", "new"))
    ends = {old[0], old[-1], new[0], new[-1]}
    if ends & (LEXICON.function_words | PREPOSITIONS) or not _PLACED.isdisjoint(old):
        return None
    return _texted(clause, caught.get("carrier"), caught["new"], old_text=caught["old"])


def _figured(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Update the price to 3.99": figures, where they are written."""
    return _texted(clause, None, caught["new"]) if caught["new"][:1].isdigit() else None


def _instead(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Make it say sale instead of open": two texts, and what bears them."""
    target: Noun = caught["target"]
    if target.pronoun not in (None, "it") or lexicon().is_(target.thing.head, "person", "animal"):
        return None
    return _texted(clause, None if target.pronoun else target, caught["new"], old_text=caught["old"])


_PLACED = frozenset("on in at of from".split())
"""Words behind which a text's bearer is named."""


WRITES = frozenset("write engrave inscribe scribble carve".split())
"""Verbs behind which text may stand without quotes."""
_WRITE = "(write|print|type|engrave|put|place|paint|add|insert|spell|draw|include|letter|carve|overlay|display|stamp|set|show|give)"
_TEXT = "(out)? (the|a)? (@text_noun)? (saying/that)? (says)? <quote:new>"
_CHANGE = "(change|replace|turn|switch|swap|edit|convert|alter|correct|update|fix|make|set|modify|substitute|rewrite|let|have|get|put)"
_TO = "(to|with|by|into|so it says|so that it says|so it reads|so that it reads|say|to say|to read|read|be|to be|spell|display|show|so it says|into the word|to the word|with the word|with the text|to the text|as|that says)"

_SAYING = "(saying|that says|which says|with the text|with the words|with|reading)"
_OFF = "(<spot_place:place>|in (the|one)? (corner/side/margin)|(on|from|in|at|of|off|off of|out of|across|over) <one:carrier>)?"

RULES: tuple[Rule, ...] = (
    rule(f"(@add|@put|have|draw) <noun:thing> (coming/popping/rising/floating) (out|up|from)? (of|from)? <one:from> {_SAYING} <quote:new>", _uttered),
    rule(f"(@add|@put|have|draw) <noun:thing> {_SAYING} <quote:new> (coming/popping/rising/floating) (out|up|from)? (of|from)? <one:from>", _uttered),
    rule("<noun:thing> <place> (saying|reading|that says|which says|that reads) <quote:new>", lambda c, k: _saying(c, k) if k["place"].anchor else None),
    rule(f"@remove (all|the|any)? (the)? (@text_noun)? (saying/reading|that says|that reads)? <quote:old> {_OFF}", _wiped),
    rule(f"{_CHANGE} (the)? (@text_noun)? <quote:old> {_TO} <quote:new> (on|in|of|at|from) <one:carrier>", _change),
    rule(f"{_CHANGE} (the)? @text_noun (from)? <quote:old> (on|in|of|at|from) <one:carrier> {_TO} <quote:new>", _change),
    rule(f"{_CHANGE} (the)? (@text_noun)? from <quote:old> {_TO} <quote:new>", _change),
    rule(f"{_CHANGE} (the)? @text_noun (on|in|of) <one:carrier> from <quote:old> {_TO} <quote:new>", _change),
    rule(f"{_CHANGE} <quote:old> (on|in|of|at|from) <one:carrier> {_TO} <quote:new>", _change),
    rule(f"{_CHANGE} (what)? <one:target> (says)? (from <quote:old>)? {_TO} (the @text_noun)? <quote:new> (instead)?", _change),
    rule("(make|let|have|get|change|want) <one:target> (to)? (say|read|spell|show|display|to say|to read|says|reads) (the @text_noun)? <quote:new> (instead)? (of <quote:old>)?", _change),
    rule("<one:target> (should|must|shall|could|can|needs to|has to|ought to|to)? (now)? @say (the @text_noun)? <quote:new> (instead)? (of <quote:old>)?", _change),
    rule("(should|must|could|can) <one:target> @say <quote:new>", _change),
    rule("(should|must)? <quote:old> (should|must|shall|could|needs to|has to|ought to)? (be|become|be changed to|be replaced with|be replaced by|read|say|turn into|change to|now read|now say) <quote:new>", _change),
    rule("(use|put|write|have|show|print) <quote:new> (instead of|in place of|rather than) <quote:old>", _change),
    rule(f"{_WRITE} {_TEXT} <place>", _write),
    rule(f"{_WRITE} {_TEXT} to (<spot_place:place>|<one:carrier>)", _write),
    rule(f"{_WRITE} {_TEXT} (as)? (a)? (caption|title|headline|text|watermark)?", _write),
    rule(f"{_WRITE} (the|a)? (@text_noun)? <place> (the)? (@text_noun)? <quote:new>", _write),
    rule("(label|caption|title|mark) <one:carrier> (as|with)? <quote:new> <place>?", _write),
    rule("(give) <one:carrier> (the|a)? (@text_noun) (saying/that)? (says)? <quote:new>", _write),
    rule("(@add|@put|have|there should be|want|hang) <thing> (saying|reading|that says|that reads|with the text|with the words|with the word|which says|labeled|with) <quote:new> <place>?", _saying),
)  # fmt: skip
WIPED: tuple[Rule, ...] = (
    rule(f"@remove (all|every|any)? (of)? (the|this|that|these)? @lettering (and|or) (the|all|any)? @lettering {_OFF}", _wiped),
    rule(f"@remove (all|every|any)? (of)? (the|this|that|these)? @lettering {_OFF}", _wiped),
    rule("(change/replace/correct/turn/update/make) (the)? (number/year/date/price)? <digits:old> (to|with|into|by) <digits:new>", lambda c, k: _texted(c, None, k["new"], old_text=k["old"])),
    rule("(the) (number/date/year/price/score) (on|in|at) <one:carrier> (should|must|shall|needs to|has to|ought to) (be|become|say|read|show) <digits:new>", lambda c, k: _texted(c, k["carrier"], k["new"]) if resolve(c, k["carrier"]) else None),
    rule("(change/replace/correct/turn/update/make) (the)? (number)? <digits:old> (on|of|at|from) <one:carrier> (to|with|into|by) <digits:new>", lambda c, k: _texted(c, k["carrier"], k["new"], old_text=k["old"])),
    rule("(put/print/write/add/stick/paint) (a|the)? number <digits:new> <place>", _write),
    rule("(the)? (number/date/year/price/text/name) (on|of|at) <one:carrier> (should|must|needs to|has to) (be|say|read) <digits:new>", lambda c, k: _texted(c, k["carrier"], k["new"])),
    rule("(put/print/write/add/place) (my/the/our/his/her) name <words:new> <place>", _unquoted),
    rule("(make|let|have|get|change|want) <one:target> (to)? @say <words:new> (instead of|in place of|rather than|and not|not) <words:old>", _instead),
    rule("<one:target> (should|must|needs to|has to) @say <words:new> (instead of|in place of|rather than|and not|not) <words:old>", _instead),
    rule(f"{_CHANGE} (the) (word/words/text/name/lettering/phrase/slogan) <words:old> (to|with|into|by|for) (the word)? <words:new>", _worded_anew),
    rule(f"{_CHANGE} (the) (word/words/text/name/lettering/phrase/slogan) <words:old> (on|in|of|at) <one:carrier> (to|with|into|by|for) (the word)? <words:new>", _worded_anew),
    rule("(change|set|make|switch|update|replace) (the) (price/time/date/year/score/number) (to|with|into|say|read)? <words:new>", _figured),
    rule("(change|replace|turn|switch|swap|rename|retitle|relabel) <words:old> (to|with|into|by|for|as) <words:new>", _exchanged),
    rule("(change|set|make|switch|update|turn|replace) <one:target> (to|into|with) <words:new>", _plated),
    rule("(take/get/wipe/clean) (all)? (of)? (the|this|that)? @lettering (off|away from|out of|off of|from) <one:carrier>", _wiped),
)  # fmt: skip
"""Before the rules that remove, replace and move things: text is found by reading."""
UNQUOTED: tuple[Rule, ...] = (
    rule(
        "(change|set|make|switch|update|replace) (the)? (number/date/year/time/price/score/text/word/words/name/title/writing/lettering/headline/slogan) (on|in|at|of) <one:carrier> (to|say|read|into|with) <words:new>",
        lambda c, k: _texted(c, k["carrier"], k["new"]) if resolve(c, k["carrier"]) else None,
    ),
    rule(
        "(the) (number/date/year/time/price/score/text/word/name/title) (on|in|at) <one:carrier> (should|must|shall|needs to|has to|ought to) (be|become|say|read|show) <words:new>",
        lambda c, k: _texted(c, k["carrier"], k["new"]) if resolve(c, k["carrier"]) else None,
    ),
    rule(
        "(make|let|have|get|change) <one:target> (to)? (say|read|spell|so it says|so that it says|so it reads|so that it reads) <words:new>",
        _spoken,
    ),
    rule(
        "(edit|alter|modify|fix|update) <one:target> (to say|to read|so it says|so that it says|so it reads|so that it reads) <words:new>",
        _spoken,
    ),
    rule("<one:target> (should|must|needs to|has to) (say|read|spell) <words:new>", _spoken),
    rule("(rename/retitle/relabel/call/name) <one:target> (to|as|into)? <words:new>", _spoken),
    rule("(write/engrave/inscribe/scribble/carve) (out)? (the)? (@text_noun)? <words:new> <place>", _unquoted),
    rule("(put/add/place/print/stamp) (a|an|the)? (@text_noun)? <digits:new> <spot_place:place>", _write),
    rule(
        "(put/add/place/print/insert/include/overlay) (a|the) (text/caption/title/heading/headline/words) (saying|that says|which says)? <words:new> <place>",
        _worded,
    ),
    rule(
        "(put/add/place/print/insert/include/overlay) (a|the) (text/caption/title/heading/headline/words) (saying|that says|which says)? <words:new>",
        _worded,
    ),
)
