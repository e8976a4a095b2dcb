"""The patterns of moves. What a frame is made of (please, could you, now) is taken off before; the first pattern that covers all words decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pixwright.parse.grammar import NONTERMINALS, Caught, Clause, Found, nonterminal, readings
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import Noun
from pixwright.parse.turns.moves import Again, Another, Dose, GoTo, Move, Redo, Undo
from pixwright.records.plan import Amount, Unit
from pixwright.words.numbers import ordinal

UNSTATED = 0.5
"""How much more "more" is, as a share of what it was."""
_MOST = 100
"""Steps that words can count."""
_PERCENT = 100.0

_UNDO = "(undo/revert/reverse/unmake/cancel/discard/scrap/forget/retract|roll back|rollback|take back|step back from|back out of)"
_IT = "(it|that|this|those|them)"
_EDITS = "(one/ones/edit/edits/change/changes/step/steps/thing/action/modification/modifications/version/versions|things you did|thing you did|thing i said)"
_PICTURE = "(one/version/picture/photo/image/photograph/edit/result/step/state/try/attempt)"
_BACK = "(go back to|come back to|get back to|back to|return to|revert to|switch to|switch back to|jump to|jump back to|take me back to|take me to|go to|bring back|restore|show me|show|i want|i prefer|i liked|i like|let us use|use|keep|continue with|continue from|go on with|go on from|work on|edit)"
_ORIGINAL = "(the/my)? (original/beginning/start/unedited/untouched/input|very beginning|very start|way it was|state it was in) (one/version/picture/photo/image/photograph)? (it was)?"
_SAME = "(the same|the same thing|same|same thing|that|this|it|likewise)"
_ONTO = "(to/for/with/on|of)"


def _one_step(clause: Clause, caught: Caught) -> Move:
    return Undo(caught.get("n", 1))


FORMS: list[tuple[str, Callable[[Clause, Caught], Move | None]]] = [
    # back to the original
    (f"{_UNDO} (it all|everything|all|all of it|all of that|all of them|all edits|all changes|all the edits|all the changes|every edit|every change|all you did|everything you did)", lambda c, f: Undo(None)),
    ("(start over|start again|start afresh|start anew|start from scratch|start over from scratch|reset|reset it|reset everything|reset all|reset the picture|begin again|go back to square one)", lambda c, f: Undo(None)),
    (f"(undo|revert|reset|{_BACK}) (it)? (to)? {_ORIGINAL}", lambda c, f: GoTo(0)),
    (f"{_ORIGINAL} (was better/nicer|please|again)", lambda c, f: GoTo(0)),
    # back by steps
    (f"{_UNDO} ({_IT})? (again)?", _one_step),
    (f"{_UNDO} (the/my/your)? (last/previous/latest/preceding|most recent) <many:n>? {_EDITS}?", _one_step),
    ("(remove/delete|get rid of) (the/my/your)? (last/previous/latest|most recent) <many:n>? (edit/edits/change/changes/step/steps/modification/modifications/version/versions)", _one_step),
    (f"{_UNDO} (the)? <many:n> {_EDITS}?", _one_step),
    (f"{_UNDO} {_IT} <many:n>", _one_step),
    ("(go/step/move) back (a/one)? (step/version/edit)?", _one_step),
    ("(go/step/move) back <many:n> (steps/versions/edits/times)?", _one_step),
    ("(take/put/turn) (it|that) back", _one_step),
    (f"{_BACK} (the)? (previous/preceding/former|one before) {_PICTURE}? (better/more|again)?", _one_step),
    (f"(the)? (previous/former|one before) {_PICTURE}? (was better/nicer)", _one_step),
    ("(do not do that|do not do it|do not want that|i do not want that|never mind|nevermind)", _one_step),
    # forward
    ("undo (the/that/your/my)? (undo/undoing)", lambda c, f: Redo(1)),
    (f"redo ({_IT})? (the)? (last/next)? {_EDITS}?", lambda c, f: Redo(1)),
    ("redo (the)? (last)? <many:n> (steps/edits/changes)?", lambda c, f: Redo(f["n"])),
    ("redo (everything/all|all of it|it all)", lambda c, f: Redo(None)),
    ("(go/step) forward (a/one)? (step/version)?", lambda c, f: Redo(1)),
    ("(go/step) forward <many:n> (steps/versions)?", lambda c, f: Redo(f["n"])),
    # to a version
    (f"{_BACK} (version/step/edit/number|version number) <nth:n> (better/more|again)?", lambda c, f: GoTo(f["n"])),
    ("(version/edit|version number) <nth:n>", lambda c, f: GoTo(f["n"])),
    (f"{_BACK} (the)? <ordinal:n> {_PICTURE} (better/more|again)?", lambda c, f: GoTo(f["n"])),
    ("(go/come/get|switch)? back to (the)? <ordinal:n> (again)?", lambda c, f: GoTo(f["n"])),
    ("(return/revert/switch) to (the)? <ordinal:n>", lambda c, f: GoTo(f["n"])),
    (f"{_BACK} (the)? (version/one|version called|one called|version named)? <quote:name>", lambda c, f: GoTo(name=f["name"])),
    # the last edit, made anew with other chances
    ("(try again|try it again|try that again|try once more|have another go|another try|another attempt|one more try)", lambda c, f: Another()),
    ("(do/try|give me|show me|i want|make)? (it)? (another/different|a different) (version/variant/variation/result/try/take|way|one please)", lambda c, f: Another()),
    ("(do/try/make) (it|that) (differently|another way|in another way|a different way|in a different way)", lambda c, f: Another()),
    ("(vary it|vary that|not like that|not like this|surprise me again)", lambda c, f: Another()),
    # the last edit once more
    ("(do|do it|do that|do this|same|the same|the same thing|do the same|do the same thing) again", lambda c, f: Again()),
    ("(again|once more|one more time|repeat|repeat it|repeat that|repeat this|repeat the last one|repeat the last edit|same again|another one|one more|and another|and another one|and again|do it once more|do that once more)", lambda c, f: Again()),
    (f"(do/apply/repeat/make)? {_SAME} {_ONTO} <np:np> (too|as well|also)?", lambda c, f: _to(f)),
    (f"(do/apply/repeat) {_SAME} <np:np> (too|as well|also)", lambda c, f: _to(f)),
    (f"(repeat/apply) (the)? (last/previous)? {_EDITS} {_ONTO} <np:np>", lambda c, f: _to(f)),
    ("(and|also|now|and now|then) (for|to|with|on)? <np:np>", lambda c, f: _to(f)),
    ("(and|also|now|and now)? <np:np> (too|as well|also|next)", lambda c, f: _to(f)),
    # the last edit, stronger or weaker
    ("(make it|push it|turn it|take it|go)? (even|still)? <share:by>? (more/stronger/further|more of it|more of that|more like that|more so|more pronounced|more intense|up|harder) (still|again)?", lambda c, f: _more(f)),
    ("(make it|turn it|dial it|tone it|take it)? (even|still)? <share:by>? (less/weaker/softer/subtler|less of it|less of that|less so|less strong|less intense|more subtle|down|back) (still)?", lambda c, f: _less(f)),
    ("(make it|turn it|dial it|tone it|take it|push it) (more/further|up|down|back) <share:by>", lambda c, f: _less(f) if {"down", "back"} & set(c.words) else _more(f)),
    ("(it is|that is|this is|that was|it was)? (not enough|too little|too weak|too subtle|too faint|not strong enough)", lambda c, f: _more(f)),
    ("(it is|that is|this is|that was|it was)? <share:by>? (too much|too strong|too intense|not so much|not that much|not so strong|not so strongly|overdone|exaggerated)", lambda c, f: _less(f)),
    ("(twice/double) (as much|as strong|that|it)?", lambda c, f: Dose(2.0)),
    ("(half (as much|as strong|that|of it|of that)|only half)", lambda c, f: Dose(0.5)),
]  # fmt: skip
"""In the order in which they are tried."""


def _more(found: Caught) -> Dose:
    return Dose(1 + found.get("by", UNSTATED))


def _less(found: Caught) -> Dose:
    return Dose(1 / (1 + found.get("by", UNSTATED)))


def _to(found: Caught) -> Again | None:
    noun: Noun = found["np"]
    return None if noun.pronoun or noun.whole or not (noun.definite or noun.words[0] == "both") else Again(noun.thing)


@nonterminal("many")
def _many(clause: Clause, i: int) -> Found:
    """How many: "two", "3", "twice"."""
    word = clause.words[i]
    value = {"once": 1.0, "twice": 2.0, "thrice": 3.0}.get(word) or LEXICON.number(word)
    if value is None or value != int(value) or not 1 <= value <= _MOST:
        return []
    end = i + 2 if clause.words[i + 1 : i + 2] == ("times",) else i + 1
    return [(end, int(value))]


@nonterminal("nth")
def _nth(clause: Clause, i: int) -> Found:
    """The number of a version: "2", "two"; 0 is the original."""
    value = LEXICON.number(clause.words[i])
    return [(i + 1, int(value))] if value is not None and value == int(value) and 0 <= value <= _MOST else []


@nonterminal("ordinal")
def _ordinal(clause: Clause, i: int) -> Found:
    """ "First" is 1, "last" is -1."""
    words = ("latest", "newest")
    value = -1 if clause.words[i] in words else ordinal(clause.words[i])
    return [(i + 1, value)] if value is not None else []


@nonterminal("share")
def _share(clause: Clause, i: int) -> Found:
    """A word of degree or a percentage, as a share of what it was: "a bit", "a lot", "20%"."""
    found: list[tuple[int, Amount]] = NONTERMINALS["amount"](clause, i)
    shares = {Unit.PERCENT: 1 / _PERCENT, Unit.STRENGTH: 1.0}
    return [(end, abs(amount.value) * shares[amount.unit]) for end, amount in found if amount.unit in shares]


@dataclass(frozen=True)
class _Form:
    read: Callable[[Clause], Iterator[Caught]]
    build: Callable[[Clause, Caught], Move | None]


_COMPILED = [_Form(readings(pattern), build) for pattern, build in FORMS]


def move_of(clause: Clause) -> Move | None:
    """The move that the whole clause is, or None."""
    for form in _COMPILED:
        for caught in form.read(clause):
            move = form.build(clause, caught)
            if move is not None:
                return move
    return None
