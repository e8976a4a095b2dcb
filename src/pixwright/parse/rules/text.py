"""textual_change: 'change the text "A" to "B"', 'make the sign say "B"', 'write "B" on the wall', "remove the text"."""

from __future__ import annotations

from dataclasses import replace

from pixwright.parse.effects import retext
from pixwright.parse.grammar import Caught, Clause, Found, Rule, nonterminal, rule
from pixwright.parse.making import resolve, steps, where
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place
from pixwright.parse.tokens import as_written
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.words import lexicon
from pixwright.words.colours import is_colour


def _change(clause: Clause, caught: Caught) -> list[Step] | None:
    if caught.get("old") is not None:
        return _texted(clause, caught.get("carrier"), caught["new"], old_text=caught["old"])
    return retext(clause, caught.get("target"), caught["new"])


def _texted(
    clause: Clause, carrier: Noun | None, new: str, *, old_text: str | None = None, where: Where | None = None
) -> list[Step]:
    return [
        step.model_copy(update={"target": resolve(clause, carrier), "old_text": old_text})
        for step in steps(clause, EditType.TEXTUAL_CHANGE, None, value=new, where=where)
    ]


def _unstyled(carrier: Noun) -> Noun:
    """The carrier without how the letters look: "the cake in big white letters", "the awning in red"."""
    for at in range(len(carrier.tokens) - 1, 0, -1):
        tail = carrier.words[at + 1 :]
        styled = tail and (tail[-1] in _LETTERS or is_colour(" ".join(tail)) or is_colour(tail[-1]))
        if carrier.words[at] == "in" and styled:
            return Noun(carrier.tokens[:at])
    return carrier


_LETTERS = frozenset("letters font type print writing capitals caps script handwriting text".split())


def _write(clause: Clause, caught: Caught) -> list[Step] | None:
    """New text: on a thing (its target), or somewhere in the picture."""
    place: Place | None = caught.get("place")
    font: Noun | None = caught.get("font")
    if (font and font.head not in _LETTERS) or (place and place.anchor and place.anchor.core[-1].text in _LETTERS):
        return None
    if place and place.anchor:
        place = replace(place, anchor=_unstyled(place.anchor))
    target: Noun | None = (
        place.anchor if place and place.relation in (Relation.ON, Relation.INSIDE) else caught.get("carrier")
    )
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


@nonterminal("words")
def _words(clause: Clause, i: int) -> Found:
    """Text without quotes, letter for letter: every run of words from here, the longest first."""
    last = next((k for k in range(i, len(clause)) if clause.tokens[k].kind == "quote"), len(clause))
    return [(end, as_written(list(clause.tokens[i:end]))) for end in range(min(last, i + 12), i, -1)]


def _unquoted(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "write Happy Birthday on the cake": what stands between the verb and the place."""
    place: Place = caught["place"]
    return _write(clause, caught) if place.anchor is None or resolve(clause, place.anchor) else None


def _spoken(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "the sign should say Welcome Home": capitals, where people do not speak."""
    target: Noun = caught["target"]
    titled = all(word[:1].isupper() for word in caught["new"].split())
    return (
        _change(clause, caught)
        if titled and not target.pronoun and not lexicon().is_(target.thing.head, "person", "animal")
        else None
    )


_WRITE = "(write|print|type|engrave|put|place|paint|add|insert|spell|draw|include|letter|carve|overlay|display|stamp|set|show|give)"
_TEXT = "(out)? (the|a)? (@text_noun)? (saying/that)? (says)? <quote:new> (in <noun:font>)?"
_CHANGE = "(change|replace|turn|switch|swap|edit|convert|alter|correct|update|fix|make|set|modify|substitute|rewrite|let|have|get|put)"
_TO = "(to|with|by|into|so it says|so that it says|so it reads|so that it reads|say|to say|to read|read|be|to be|spell|display|show|so it says|into the word|to the word|with the word|with the text|to the text|as|that says)"

RULES: tuple[Rule, ...] = (
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
    rule("(write|print|type|paint|engrave) <place> (the)? (@text_noun)? <quote:new>", _write),
    rule("(label|caption|title|mark) <one:carrier> (as|with)? <quote:new>", _write),
    rule("(give) <one:carrier> (the|a)? (@text_noun) (saying/that)? (says)? <quote:new>", _write),
    rule("(@add|@put|have|there should be|want|hang) <thing> (saying|reading|that says|that reads|with the text|with the words|with the word|which says|labeled|with) <quote:new> <place>?", _saying),
)  # fmt: skip
UNQUOTED: tuple[Rule, ...] = (
    rule(
        "(change|set|make|switch|update) (the)? (number/date/year/time/price/score/text/word/name/title) (on|in|at) <one:carrier> (to|say|read|into) <words:new>",
        lambda c, k: _texted(c, k["carrier"], k["new"]) if resolve(c, k["carrier"]) else None,
    ),
    rule("(make|let|have|get|change) <one:target> (to)? (say|read|spell) <words:new>", _spoken),
    rule("<one:target> (should|must|needs to|has to) (say|read|spell) <words:new>", _spoken),
    rule("(write/engrave/inscribe/scribble/carve) (out)? (the)? (@text_noun)? <words:new> <place>", _unquoted),
)
