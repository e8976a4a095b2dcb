"""A sentence that no rule reads: whether it is a command or asks for anything outright, and what is read of a command without its end."""

from __future__ import annotations

import re

from pixwright.errors import PixwrightError
from pixwright.parse.frames import COMMANDS, frames
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.rules import parse_rules
from pixwright.parse.rules.everyday import mood_words
from pixwright.parse.tokens import Token, as_written, spell_out, tokenise
from pixwright.records.instruction import Attachment
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Step
from pixwright.words import lexicon, read

_LONGEST = 40
"""Words of a clause that is tried again without its end."""


def commands(sentence: str) -> bool:
    """Whether a sentence begins with a verb that the rules know, or wishes for something, once politeness is taken off."""
    framed = frames(tokenise(sentence))[0]
    if not framed.tokens or framed.wish == "want":
        return bool(framed.tokens)
    first = framed.tokens[0].text
    verb = any(first in phrases.by_first for name, phrases in LEXICON.classes.items() if name not in _NO_COMMANDS)
    return verb and first not in LEXICON.classes["modal"].by_first


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


_COMPLAINTS = re.compile(
    r"^(?:(?:it|this|that|everything|he|she|they|(?:the|this|that|my|our|his|her) [a-z]+(?: [a-z]+)?) )?(?:(?:just|all|only|now|always|somehow) )?"
    r"(?:looks?|feels?|seems?|appears?|comes across as)\b"
    r"|\b(?:but|yet|and) (?:(?:now|here|then) )?(?:(?:it|this|that|everything) (?:just |only |all )?(?:looks?|feels?|seems?)|(?:all|the only things?) (?:that )?(?:you|we|i|one) (?:can )?see)\b"
)
"""How a picture is said to be what it should not be: "looks a bit spooky", "but all you see are the stones"."""


def complains(sentence: str) -> bool:
    """Whether a sentence says how the picture looks and not how it should: what it says of it is hardly the wish."""
    return _COMPLAINTS.search(sentence.lower().replace("’", "'").strip()) is not None


_DOING = frozenset("make give put let turn change add remove replace".split())
_VERBAL = frozenset(
    "is are was were be been s re m has have had do does did i we he she it they you who that can could should would will may might must".split()
)
"""Words of a sentence that has a verb."""


_NO_COMMANDS = frozenset(
    "please gerund subjunctive picture det kind gone text_noun look_like look modal be say".split()
)
"""Classes of words that begin no command."""


_TAILS = frozenset(
    "with so since because its as while where when who that which whose than like if until although though unless someone somebody he she they i we you it for to there up down just only whenever after before by more".split()
)
"""Words that begin what may be left away at the end: a reason, a purpose, a comparison, a clause about the thing."""
_TELLING = frozenset("so since because its as while like if until although though unless for to just only more".split())
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
        traits = steps[-1].type.traits
        if token.text == "with" and not (traits.surface or traits.finish):
            continue
        if all(map(known, steps)):
            silent = token.text in _TELLING or (traits.finish and _in_the_sky(tokens[cut + 1 :]))
            left = "" if silent else as_written(tokens[cut:])
            return tuple(step.model_copy(update={"instruction": sentence[:1000]}) for step in steps), left
    return None


def _in_the_sky(tokens: list[Token]) -> bool:
    """A storm has dark clouds anyhow, and a night a moon and moonlight."""
    head = read(spell_out(tokens)).head
    return lexicon().is_(head.removesuffix("light") or head, "heaven", "sky")


def known(step: Step) -> bool:
    """Whether what it is about, and what is new, are things that the noun table has: "the thingy flurb" is none."""
    things = [step.target, read(step.value) if step.value and step.type.traits.changes is Aspect.THING else None]
    if step.type is EditType.REMOVE and step.target and step.target.head == "object" and step.target.link:
        return False  # "mark the way in the maze"
    return all(lexicon().look(thing.head) is not None or thing.parts for thing in things if thing is not None)
