"""The last pass over a command that no rule reads: what kind of edit it is by its meaning, and then said again in words that the rules do read.

`typed.py` predicts the type; the clause is tried without its trailing adjuncts, with the plain verb of that type, and as a plain sentence made of what it
names (a thing, a colour, a style, a mood). A reading counts only if the rules give it the predicted type. What is neither a command nor a wish is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from pixwright.errors import PixwrightError
from pixwright.parse.frames import COMMANDS, frames
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DEFINITE, INDEFINITE, Reader
from pixwright.parse.rules import parse_rules
from pixwright.parse.rules.everyday import mood_words
from pixwright.parse.tokens import Token, as_written, spell_out, tokenise
from pixwright.parse.typed import predict_type
from pixwright.records.instruction import Attachment, Instruction
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Step
from pixwright.words import lexicon, read
from pixwright.words.adjectives import POSTURES, PREPOSITIONS

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders

LIKELY, ASKED = 0.3, 0.6
"""Least probability of the type, and of any edit being asked for at all."""


_LONGEST = 40
"""Words of a clause that is tried again without its end."""


class Manner(StrEnum):
    """How a clause comes along."""

    COMMAND = "command"
    """It begins with a verb that the rules know, or wishes for something."""
    PERHAPS = "perhaps"
    """It begins with an open word that may be a verb."""
    STATEMENT = "statement"


def manner_of(sentence: str) -> Manner:
    """By the first word, once politeness is taken off."""
    framed = frames(tokenise(sentence))[0]
    words = [t.text for t in framed.tokens]
    if not words:
        return Manner.STATEMENT
    known = any(words[0] in phrases.by_first for name, phrases in LEXICON.classes.items() if name not in _NO_COMMANDS)
    if framed.wish == "want" or (known and words[0] not in LEXICON.classes["modal"].by_first):
        return Manner.COMMAND
    return (
        Manner.PERHAPS
        if len(words) > 3 and words[0] not in LEXICON.function_words | DEFINITE | INDEFINITE
        else Manner.STATEMENT
    )


_WISHES = re.compile(
    r"^no |^(please|kindly) (?!help|fix|do\b|make|improve|enhance)[a-z]+ (the|a|an|all|only|its|his|her|their)\b|\b(must|should|shall|ought to|needs? to|has to|have to|is to|are to) be [a-z]+ed\b|^background from |\bso that\b|\b(except|exept|excluding|instead of|rather than|i'?d (like|love|prefer) (?!to)|i'?d (rather|hang)|i would (?!like to)|i fancy|what would [a-z ]+ look|would (he|she|they) (suit|look)"
    r"|(can|could) (you|we|i|it|that|this|he|she|they|the)|ought to|(?<!he )(?<!it )(?<!i )needs an?|try the|there should|would (be|look)"
    r"|have (one|some|him|her|them|it))\b|please$"
)
_HELP = re.compile(
    r"(please )?\b(can|could|would) you (please )?(fix|help|do|improve|sort|correct)( (it|this|that|something))?( out)?\b"
)
"""A request that does not say for what."""
_COMMANDED = re.compile(
    r"(?:, |; | - | so |^)(?:so |and |then )?(?P<verb>[a-z]+) (?:the|a|an|his|her|its|their|my|it|them|him|me|us|up|some|in)\b"
)
_PLACED = re.compile(
    r"(?!the |for |in |on |at |like |as |from |with |before |after |when |just |by )(?P<what>(?:[a-z'-]+ ){1,9})(?:for|on|at|behind) (?:the|her|his|my|its)\b"
)


def asks(sentence: str) -> bool:
    """Whether a sentence says outright what is wanted, and is no situation of which to think: a wish, a contrast, a command behind a comma, "terracotta for the walls"."""
    said = _HELP.sub("", sentence.lower().replace("’", "'").rstrip(" .!?"))
    if _WISHES.search(said) or any(found["verb"] in COMMANDS | _DOING for found in _COMMANDED.finditer(said)):
        return True
    placed = _PLACED.match(said)
    return (
        placed is not None
        and mood_words(tuple(placed["what"].split())) is None
        and _VERBAL.isdisjoint(re.split(r"[^a-z]+", said))
    )


_DOING = frozenset("make give put let turn change add remove replace".split())
_VERBAL = frozenset(
    "is are was were be been s re m has have had do does did i we he she it they you who that can could should would will may might must".split()
)
"""Words of a sentence that has a verb."""


_NO_COMMANDS = frozenset(
    (
        "please",
        "gerund",
        "subjunctive",
        "picture",
        "det",
        "kind",
        "gone",
        "text_noun",
        "look_like",
        "look",
        "modal",
        "be",
        "say",
    )
)
"""Classes of words that begin no command."""


_TAILS = frozenset(
    "with so since because its as while where when who that which whose than like if until although though unless someone somebody he she they i we you it for to there up down just only whenever after before".split()
)
"""Words that begin what may be left away at the end: a reason, a purpose, a comparison, a clause about the thing."""
_TELLING = frozenset("so since because its as while like if until although though unless for to just only".split())
"""Those of them behind which nothing tells which thing is meant."""


def shortened(sentence: str, attachments: tuple[Attachment, ...]) -> tuple[tuple[Step, ...], str] | None:
    """The steps of a command without what stands at its end and no rule reads, and those words where they may have told which thing is meant."""
    tokens = frames(tokenise(sentence, tuple(a.name for a in attachments)))[0].tokens
    for cut in range(len(tokens) - 1, 1, -1) if len(tokens) <= _LONGEST else ():
        token = tokens[cut]
        doing = token.text.endswith(("ing", "ed")) and token.text not in LEXICON.known
        if token.kind != "word" or not (doing or token.text in _TAILS):
            continue
        try:
            steps = parse_rules(spell_out(tokens[:cut]), attachments).steps
        except PixwrightError:
            continue
        if token.text == "with" and not steps[-1].type.traits.surface:
            continue  # "make it night with lights in the windows": something is to be added
        if all(map(known, steps)):
            left = "" if token.text in _TELLING else as_written(tokens[cut:])
            return tuple(step.model_copy(update={"instruction": sentence[:1000]}) for step in steps), left
    return None


def loosely(
    sentence: str, attachments: tuple[Attachment, ...], encoders: Encoders
) -> tuple[tuple[Step, ...], str] | None:
    """The steps of a clause that asks for an edit of a known type in unknown words, and the things in it of which nothing was made; None if that is not sure."""
    ranked = predict_type(Instruction(sentence, attachments), None, encoders)
    if not ranked or sum(p for _, p in ranked) < ASKED:
        return None
    likely = [kind for kind, p in ranked[:2] if p >= LIKELY and kind is not EditType.IMPLICIT_CHANGE]
    if not likely or ranked[0][0] is EditType.IMPLICIT_CHANGE:
        return None
    names = tuple(a.name for a in attachments)
    tokens = frames(tokenise(sentence, names))[0].tokens
    likely = [kind for kind in likely if kind.traits.changes not in _TURNING or (tokens and tokens[0].text in _TURNERS)]
    for kind in likely:
        for said in _said_again(tokens, kind):
            try:
                steps = parse_rules(said, attachments).steps
            except PixwrightError:
                continue
            if len(steps) == 1 and steps[0].type is kind and known(steps[0]):
                left = _left(tokens, said) if steps[0].target is not None else _with(tokens, said)
                return (steps[0].model_copy(update={"instruction": sentence[:1000]}),), left
    return None


_TURNING = (Aspect.ANGLE, Aspect.PLACE, Aspect.SIZE)
_TURNERS = frozenset(
    word
    for name in ("rotate", "move", "put", "enlarge", "shrink", "crop", "flip")
    for word in LEXICON.classes[name].by_first
)
"""Only a verb that says so turns a thing or takes it elsewhere: a wrong guess ruins the picture."""


def _left(tokens: list[Token], said: str) -> str:
    """Things that the clause names and that are not in what it was read as: "the saucer" of "make the cup the saucer blue"."""
    words = said.split()
    reader = Reader(tuple(tokens))
    left = []
    for i, token in enumerate(tokens):
        if token.text not in DEFINITE or token.kind != "word" or i == 0:
            continue
        if tokens[i - 1].kind == "word" and (tokens[i - 1].text in PREPOSITIONS or tokens[i - 1].text == "of"):
            continue  # it only says where, or whose
        ends = reader.ends(i, "simple")
        nouns = [noun for _, noun in ends if noun.pronoun is None and noun.head not in LEXICON.predicates]
        if nouns and not nouns[0].whole and nouns[0].head not in words:
            left.append(nouns[0].text)
    return ", ".join(left)


def _with(tokens: list[Token], said: str) -> str:
    """What a look of the whole picture was to come with, where that is not in what was read: "with lights in the windows"."""
    at = next((i for i, token in enumerate(tokens) if token.text == "with" and token.kind == "word" and i > 0), None)
    if at is None or tokens[at + 1 :] == [] or tokens[at + 1].text in said.split():
        return ""
    # A storm has dark clouds anyhow, and a night a moon.
    named = read(spell_out(tokens[at + 1 :]))
    return "" if lexicon().is_(named.head, "heaven", "sky") else as_written(tokens[at:])


def known(step: Step) -> bool:
    """Whether what it is about, and what is new, are things that the noun table has: "the thingy flurb" is none."""
    things = [step.target, read(step.value) if step.value and _brings_thing(step) else None]
    if step.type is EditType.REMOVE and step.target and step.target.head == "object" and step.target.link:
        return False  # "mark the way in the maze"
    return all(lexicon().look(thing.head) is not None or thing.parts for thing in things if thing is not None)


def _brings_thing(step: Step) -> bool:
    """Whether the step's value names a thing."""
    return step.type.traits.changes is Aspect.THING


def _said_again(tokens: list[Token], kind: EditType) -> Iterator[str]:
    """Ways to say the clause that the rules may know, the nearest to its own words first."""
    yield from _trimmed(tokens, kind)
    start = next(
        (i for i, t in enumerate(tokens) if t.text in DEFINITE | INDEFINITE or t.kind in ("quote", "ref", "number")),
        None,
    )
    if start is not None and not (
        start > 1 and tokens[start - 1].text in PREPOSITIONS | {"so", "like", "as", "looking"}
    ):
        for verb in dict.fromkeys((kind.traits.example.split()[0].lower(), "make", "put")):
            if kind is not EditType.REMOVE or tokens[0].text not in LEXICON.classes["make"].by_first:
                yield from _trimmed([Token(verb, "word"), *tokens[start:]], kind, whole=True)
    if not any(t.text in (",", "so", "too") for t in tokens):  # how it is, not how it shall be
        yield from _plainly(tokens, kind)


def _trimmed(tokens: list[Token], kind: EditType, whole: bool = False) -> Iterator[str]:
    """The tokens without their last adjunct, then without the last two."""
    if whole:
        yield spell_out(tokens)
    cuts = [
        i
        for i in range(3, len(tokens))
        if tokens[i].text in PREPOSITIONS | POSTURES | {"like", "so", "because"} and tokens[i].kind == "word"
    ]
    narrowed = kind in (EditType.REMOVE, EditType.REPLACE)
    for cut in reversed(cuts[-2:]) if not narrowed else ():  # where it is tells which is meant
        yield spell_out(tokens[:cut])


def _plainly(tokens: list[Token], kind: EditType) -> Iterator[str]:
    """A plain sentence of what the clause names."""
    words = tuple(t.text if t.kind == "word" else "\0" for t in tokens)
    aspect = kind.traits.changes
    if aspect is Aspect.TONE and (tone := mood_words(words)):
        yield f"make it {tone}"
    said = mood_words(words, (aspect.value,)) if aspect.value in LEXICON.values else None
    if said is None:
        return
    if aspect is Aspect.STYLE:
        yield f"turn it into {said}"
    named = _named(tokens)
    if named is not None and said not in named:
        yield f"make {named} {'out of ' if aspect is Aspect.MATERIAL else ''}{said}"


def _named(tokens: list[Token]) -> str | None:
    """The first definite noun phrase without modifiers."""
    reader = Reader(tuple(tokens))
    for i, token in enumerate(tokens):
        if token.text in DEFINITE and token.kind == "word":
            ends = [
                (end, noun)
                for end, noun in reader.ends(i, "simple")
                if noun.pronoun is None and noun.head not in LEXICON.predicates
            ]
            if ends:
                return (
                    ends[-1][1].text
                    if len(ends) == 1
                    else next((n.text for _, n in ends if n.thing.head in n.text), ends[0][1].text)
                )
    return None
