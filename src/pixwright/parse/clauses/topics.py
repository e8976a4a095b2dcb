"""What a statement is about, for the pronoun of the command behind it: "the sky is dull, make it pink", "my husband left his socks on the sofa. Remove them"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from pixwright.parse.effects import LIGHTS
from pixwright.parse.grammar import Memory
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS, Noun, Reader
from pixwright.parse.rules.remarks import STATES, WISHES
from pixwright.parse.tokens import Token
from pixwright.records.thing import Thing
from pixwright.words import lexicon, read

_ONE, _SEVERAL = frozenset(("it", "its")), frozenset("them their they these those".split())
_LIVING = frozenset("him her his he she".split())
POINTING = _ONE | _SEVERAL | _LIVING
"""Pronouns of a command that mean what was told of."""
_THERE = (*product(("there", "what", "who"), ("is", "are")), ("i", "see"), ("you", "see"))
"""What points at a thing: "there is a bin, ...", "what is that by the door, ..."."""
_MANY = (["too", "many"], ["so", "many"])


def _points(tokens: Sequence[Token]) -> bool:
    return tuple(t.text for t in tokens[:2]) in _THERE


@dataclass(frozen=True)
class _Named:
    noun: Noun
    subject: bool
    """Whether the statement says how it is: "the sofa is old"."""


@dataclass(frozen=True)
class Statement:
    """A clause of which nothing was made: its tokens, how it was written, and whether it was a command."""

    tokens: tuple[Token, ...]
    sentence: str
    command: bool

    @cached_property
    def named(self) -> list[_Named]:
        """The things that it names."""
        if not _points(self.tokens):
            return _named(self.tokens)
        named = _named(self.tokens[2:])
        pointed = _pointed_at(self.tokens[2:])
        # What it points at comes first, with all that is said of where it is: "there is a man behind her on the left".
        return named if pointed is None or named[:1] == [] else [_Named(pointed, named[0].subject)]

    def meant_by(self, tokens: list[Token]) -> tuple[Memory, bool] | None:
        """What the pronoun of a command means, and whether that is what the statement says something about ("the sofa is old"); None if nothing, or two things."""
        pronouns = {t.text for t in tokens if t.kind == "word"} & POINTING
        named = [one for one in self.named if _agrees(one.noun.thing, pronouns)] if pronouns else []
        named = [one for one in named if one.noun.thing.head not in LIGHTS]  # "he looks sad in the light, ..."
        if not named:
            return None
        subject = next((one for one in named if one.subject), None)
        # Of "my husband left his socks" the socks are told of: what somebody did something with.
        others = [
            one
            for one in named
            if one.noun.tokens[0] is not self.tokens[0] or len(self.named) == 1 or pronouns & _LIVING
        ]
        if subject is None and (not others or (len(others) > 1 and not self.command)):
            return None
        thing = (subject or others[0]).noun.thing
        return Memory((thing,), thing), subject is not None

    def shown(self, tokens: list[Token]) -> list[Token]:
        """ "(The ring is silver,) show me in rose gold" as "make it rose gold"."""
        about = [one for one in self.named if one.subject and not lexicon().is_(one.noun.thing.head, "person")]
        if not about or [t.text for t in tokens[:3]] != ["show", "me", "in"]:
            return tokens
        them = "them" if about[0].noun.thing.plural else "it"
        return [Token("make", "word", tokens[0].raw), Token(them, "word", tokens[1].raw), *tokens[2:]]


def _pointed_at(tokens: tuple[Token, ...]) -> Noun | None:
    """The phrase that is all of the words; None where they are more than one."""
    return next((noun for end, noun in Reader(tokens).ends(0, "phrase") if end == len(tokens)), None)


def _agrees(thing: Thing, pronouns: set[str]) -> bool:
    living = lexicon().is_(thing.head, "person", "animal")
    if pronouns & _SEVERAL:
        return thing.plural or len(thing.parts) > 1
    if pronouns & _LIVING:
        return living
    return not thing.plural and not lexicon().is_(thing.head, "person")


def _named(tokens: tuple[Token, ...]) -> list[_Named]:
    """The things that a statement names, in order; a noun without determiner only where it begins or ends a phrase."""
    reader = Reader(tokens)
    found: list[_Named] = []
    whole = next((noun for end, noun in reader.ends(0, "phrase") if end == len(tokens)), None)
    if whole is not None and whole.core != whole.tokens and not whole.pronoun and _heads(tokens[0].text):
        return [_Named(whole, True)]  # "writing on the wall: get rid of it"
    at = 0
    while at < len(tokens):
        end, noun = _noun_at(reader, tokens, at)
        if noun is None:
            at += 1
            continue
        states = end < len(tokens) and (tokens[end].text in STATES or tokens[end].text in ("'s", "needs", "need"))
        found.append(_Named(noun, states))
        at = end
    return [one for one in found if not one.noun.whole]


def _heads(word: str) -> bool:
    return not LEXICON.begins(word) or word in LEXICON.classes["lettering"].by_first


def _noun_at(reader: Reader, tokens: tuple[Token, ...], at: int) -> tuple[int, Noun | None]:
    """The longest phrase at a place whose last word is a noun that is known."""
    word = tokens[at]
    if word.kind != "word" or (word.text in LEXICON.function_words and word.text not in DETERMINERS):
        return at, None
    for end, noun in reader.ends(at, "phrase"):
        bare = word.text not in DETERMINERS
        if bare and at and tokens[at - 1].text in LEXICON.function_words:
            break  # "it looks so flat"
        if noun.pronoun or _acts(noun) or (bare and (LEXICON.begins(word.text) or not _is_noun(noun))):
            continue
        if _is_noun(noun) or _must_be(noun, tokens[end].text if end < len(tokens) else ""):
            return end, noun
    return at, None


def _acts(noun: Noun) -> bool:
    """ "His neighbour parked a car": a participle with an object is the verb."""
    words = noun.words
    return any(word.endswith("ed") and after in DETERMINERS for word, after in pairwise(words))


def _is_noun(noun: Noun) -> bool:
    """Whether the last word before what is attached is a noun that is known."""
    return lexicon().look(noun.thing.head) is not None and lexicon().look(noun.core[-1].text) is not None


def _must_be(noun: Noun, following: str) -> bool:
    """Whether an unknown last word must be the noun: its verb follows ("the thingy is"), or it is made of one and nothing follows that it would act on ("the wood panelling")."""
    if following in STATES:
        return True
    return len(noun.core) > 1 and noun.core[-1].text.endswith("ing") and following not in DETERMINERS


def topic(tokens: list[Token], following: list[Token]) -> Memory | None:
    """What "the sky, make it pink" and "there is a bin, remove it" name first for the pronoun that comes; None if they name nothing, or no pronoun comes."""
    there = _points(tokens)
    tokens = tokens[2:] if there else tokens
    if tokens and tokens[0].text in ("keep", "leave") and not there:
        tokens = tokens[1:]
    if [t.text for t in tokens[:2]] in _MANY:
        tokens, there = tokens[2:], True
    at = next((i for i, t in enumerate(tokens[:6]) if t.text in DETERMINERS), 0) if _speaks(tokens) else 0
    named = next(
        (
            noun
            for end, noun in (Reader(tuple(tokens)).ends(at, "phrase") if tokens else [])
            if noun.pronoun is None
            and (there or noun.definite or tokens[end : end + 1] == [Token("would", "word", "would")] or _known(noun))
            and (
                end == len(tokens)
                or tokens[end].text in STATES | {"would"}
                or _does(tokens[end], tokens[end + 1 : end + 2])
            )
        ),
        None,
    )
    points = (
        {t.text for t in following if there and LEXICON.number(t.text)}
        or {t.text for t in following} & {"it", "them", "its", "their", "him", "her", "his"}
        or {"only", "one"} & {t.text for t in following[:2]}
    )
    if named is None or not points:
        return None
    named = _without_verb(named)
    entry = lexicon().look(named.thing.head)
    if (
        entry is not None
        and not entry.is_("person", "animal")
        and not {t.text for t in following} & (_ONE | _SEVERAL)
        and not there
    ):
        return None  # "the background is white, put her on a sofa"
    thing = read(named.uncounted) if there else named.thing
    return Memory() if named.whole else Memory((thing,), thing)


def _without_verb(noun: Noun) -> Noun:
    """ "The red frames clash" without what they do: an unknown word behind a known plural."""
    before = Noun(noun.tokens[:-1]) if len(noun.tokens) > 1 and noun.core == noun.tokens else noun
    clashes = lexicon().look(noun.tokens[-1].text) is None and noun.tokens[-1].kind == "word"
    return before if clashes and before.thing.plural and _is_noun(before) else noun


def _known(noun: Noun) -> bool:
    """ "Grass is brown", "stray hairs around her head": a noun that needs no article."""
    return not LEXICON.begins(noun.words[0]) and not noun.indefinite and _is_noun(noun)


def _speaks(tokens: list[Token]) -> bool:
    """ "I hate that billboard"."""
    return len(tokens) > 2 and tokens[0].text in ("i", "we") and tokens[1].text not in WISHES | {"'d"}


def _does(token: Token, following: list[Token]) -> bool:
    """Whether it may be a verb that states what a thing does: the "leans" of "the tower leans to the right"."""
    word = token.text
    if word[-1:] != "s" or word[-2:-1] == "s" or lexicon().knows(word):
        return False
    return word[:-1] in LEXICON.known or any(t.text in DETERMINERS | POINTING for t in following)  # "spoils it"
