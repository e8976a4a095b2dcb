"""`read_turn`: words, with what went before, -> moves. And the steps of those moves that change the last edit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pixwright.parse.frames import frames
from pixwright.parse.grammar import Clause, readings
from pixwright.parse.nouns import Noun
from pixwright.parse.spelling import repair
from pixwright.parse.tokens import Token, as_written, tokenise
from pixwright.parse.turns.forms import move_of
from pixwright.parse.turns.moves import Again, Fresh, GoTo, Instead, Move, Redo, Undo
from pixwright.parse.turns.reference import spoken_of, with_nouns
from pixwright.records.plan import Step
from pixwright.records.thing import Thing


@dataclass(frozen=True)
class Past:
    """What went before: the steps of every turn up to the current version, oldest first, and what versions are called."""

    turns: tuple[tuple[Step, ...], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def last(self) -> tuple[Step, ...]:
        """The steps of the last turn; none at the original."""
        return self.turns[-1] if self.turns else ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of all turns."""
        return tuple(step for turn in self.turns for step in turn)


def read_turn(words: str, past: Past) -> tuple[Move, ...]:
    """What the words ask for, in order; at most the last move makes a picture."""
    tokens = tokenise(words)
    if not tokens:
        return (Fresh(words),)
    if found := _whole(tokens, past):
        named = _whole(with_nouns(tokens, spoken_of(past.last)), past) if isinstance(found, Again) else None
        return (named or found,)
    for first, rest in _parted(tokens):
        found = _whole(first, past)
        if isinstance(found, Undo | Redo | GoTo):
            return (found, *read_turn(as_written(rest), past))
    corrected = _without_marks(tokens)
    if corrected and past.last:
        rest, sure = corrected
        if found := _whole(rest, past):
            return (found,)
        return (Instead(_named(rest, past), sure),)
    if past.last and _other(tokens, with_nouns(tokens, spoken_of(past.last))):
        return (Instead(_named(tokens, past), sure=True),)
    return (Fresh(_named(tokens, past, words)),)


def _whole(tokens: list[Token], past: Past) -> Move | None:
    """The move that all of the words are, as written or with a frame taken off or the spelling mended."""
    for body in _bodies(tokens):
        clause = Clause(tuple(body), "")
        move = move_of(clause) or _of_thing(clause, past) or _of_name(clause, past)
        if move is not None:
            return move
    return None


def _bodies(tokens: list[Token]) -> Iterator[list[Token]]:
    nouns = ("left", "right")
    for written in (tokens, repair(tokens)):
        yield written
        yield from (framed.tokens for framed in frames(written) if framed.tokens and framed.tokens[0].text not in nouns)


_TAKEN_BACK = readings(
    "(undo/revert/cancel/restore/unmake|bring back|put back|take back) (what (you did|was done) to|the? (change/changes/edit/edits) (to/of/on/in/with))? <one:thing> (back)?"
)
_PUT_BACK = readings("(bring/put) <one:thing> back")


def _of_thing(clause: Clause, past: Past) -> Undo | None:
    """ "Undo the sky", "bring the dog back": where something was done to it."""
    for caught in (*_TAKEN_BACK(clause), *_PUT_BACK(clause)):
        noun: Noun = caught["thing"]
        if noun.pronoun is None and any(is_about(step, noun.thing) for step in past.steps):
            return Undo(thing=noun.thing)
    return None


def is_about(step: Step, thing: Thing) -> bool:
    """Whether a step edited that thing, or brought it."""
    named = [one for one in (step.target, step.where.anchor if step.where else None) if one is not None]
    heads = {part.head for one in named for part in (one.parts or (one,))}
    value = (step.value or "").split()
    return thing.head in heads or (not named and thing.head == "picture") or thing.head in value


def _of_name(clause: Clause, past: Past) -> GoTo | None:
    """ "Go back to blue sky", where a version is called so."""
    for caught in _TO_NAMED(clause):
        said = " ".join(clause.words[caught["name"] :])
        for name in past.names:
            if name.casefold() in (said, said.removeprefix("the ")):
                return GoTo(name=name)
    return None


_TO_NAMED = readings("(go/come/switch/get/jump|take me)? (back)? (to/use/show/restore) <rest:name>")


def _parted(tokens: list[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """ "Undo that and make it blue": what stands before and after each place where it may be cut."""
    for i, token in enumerate(tokens[:-1]):
        if i and token.kind != "quote" and token.text in ("and", "then", "but", ",", ".", ";", "!"):
            rest = tokens[i + 1 :]
            while len(rest) > 1 and rest[0].text in ("and", "then", "but", ",", "instead"):
                rest = rest[1:]
            yield tokens[:i], rest


_WRONG = readings(
    "(no/nope/wrong/oops/nah/sorry|not that|not that one|not this one|not it|i meant|i mean|i said) <rest:rest>"
)
_RATHER = readings("(actually/rather/hmm/instead|or rather|better|on second thought|on second thoughts) <rest:rest>")
_GOES_ON = frozenset("the that this make put not it i them".split())
"""What may follow a "no" that corrects, without a comma: "no the other one", but not "no clouds"."""
_ADDING = frozenset("too also well additionally".split())


def _without_marks(tokens: list[Token]) -> tuple[list[Token], bool] | None:
    """ "No, ...", "actually ...", "... instead" without the mark, and whether it says that the last edit was wrong; None without one."""
    marked = sure = False
    while tokens:
        clause = Clause(tuple(tokens), "")
        following = tokens[1] if len(tokens) > 1 else tokens[0]
        if (tokens[0].text == "no" and following.kind != "stop" and following.text not in _GOES_ON) or (
            tokens[0].text == "instead" and following.text == "of"
        ):
            break  # "no clouds", "instead of the candle a lantern"
        caught = next(_WRONG(clause), None)
        sure = sure or caught is not None
        caught = caught or next(_RATHER(clause), None)
        if caught is not None:
            tokens, marked = tokens[caught["rest"] :], True
        elif marked and tokens[0].kind == "stop":
            tokens = tokens[1:]
        elif len(tokens) > 1 and tokens[-1].text in ("instead", "rather", "actually"):
            tokens, marked = tokens[:-1], True
        else:
            break
    if not marked or not tokens or (not sure and _ADDING & {token.text for token in tokens}):
        return None
    return tokens, sure


def _other(tokens: list[Token], named: list[Token]) -> bool:
    """Whether the words are one thing only, picked from those that were spoken of: "the other cup", "the left one"."""
    nouns = Clause(tuple(named), "").reader.ends(0, "phrase")
    whole = next((noun for end, noun in nouns if end == len(named) and noun.definite), None)
    return whole is not None and (named != tokens or whole.thing.other)


def _named(tokens: list[Token], past: Past, words: str = "") -> str:
    """The words with "one" given its noun, and without the "even" of "even darker"; as they were where there is neither."""
    named = with_nouns(_unstressed(tokens) if past.last else tokens, spoken_of(past.last))
    return words if named == tokens and words else as_written(named)


def _unstressed(tokens: list[Token]) -> list[Token]:
    """ "Even darker", "darker still": what says that it is so already asks for nothing more."""
    out = []
    for i, token in enumerate(tokens):
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        before = tokens[i - 1].text if i else ""
        more = following.endswith("er") or following in ("more", "less", "a", "much")
        if not (token.text in ("even", "still", "yet") and (more or (not following and before.endswith("er")))):
            out.append(token)
    return out
