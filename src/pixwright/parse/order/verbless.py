"""Sentences that leave out their verb, or say it behind everything else: "behind her a rainy street", "red eyes look awful can you fix them", "their ties, green", "somebody riding the camel"."""

from __future__ import annotations

from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.nouns import DEFINITE, Noun, Reader
from pixwright.parse.tokens import Token, words_of
from pixwright.parse.wholes.scenes import named_place
from pixwright.words import lexicon
from pixwright.words.colours import colour_at

_NEW = frozenset("a an some two three another".split())
_STATES = frozenset("is are was were look looks seem seems".split())
_ASKS = phrases("please can you|please could you|can you please|could you please|can you|could you|please")
_MENDS = frozenset("fix remove delete erase sort hide lose change".split())
_THEM = frozenset("it them this that these those".split())
_SOMEBODY = phrases("somebody|someone|a person|a man|a woman|a boy|a girl|a kid|a child")
_ON = frozenset("riding sitting standing lying".split())
_SELVES = frozenset("herself himself itself themselves myself ourselves".split())
_LIKE = phrases("like|as if|as though|just like|kind of like|sort of like|a bit like")
_IS_SO = phrases("she is|he is|it is|they are")
_WHO = frozenset("i we you they he she who people i'd would not really".split())
_OTHERS = phrases("others|other ones|the others|the other ones|all the others|all others")
_KEEPS = phrases("i only want|we only want|only want|just want|i just want|keep|keep only|only keep|just keep")
_FOR = frozenset("my our his her their the a an".split())


def _said(text: str) -> list[Token]:
    return [Token(word, "word") for word in text.split()]


def _whole_noun(tokens: list[Token]) -> Noun | None:
    return next((noun for end, noun in Reader(tuple(tokens)).ends(0, "list") if end == len(tokens)), None)


def _ended(tokens: list[Token]) -> list[Token]:
    """Without full stops and their like at the end."""
    end = len(tokens)
    while end and tokens[end - 1].kind == "stop":
        end -= 1
    return tokens[:end]


def newly_placed(tokens: list[Token]) -> list[Token]:
    """ "Behind her a rainy street at night" as "add a rainy street at night behind her"."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    if not words or words[0] in COMMANDS:
        return tokens
    for at in range(1, len(tokens) - 1):
        if words[at] not in _NEW:
            continue
        before = tokens[: at - 1] if words[at - 1] == "\0" else tokens[:at]
        clause = Clause(tuple(before), "")
        if not before or not any(end == len(before) for end, _ in NONTERMINALS["place"](clause, 0)):
            return tokens
        if words[0] == "behind" and words[at] in ("a", "an") and named_place(words[at:]).known:
            return [*_said("replace the background with"), *tokens[at:]]
        return [*_said("add"), *tokens[at:], *before]
    return tokens


def fixed_behind(tokens: list[Token]) -> list[Token]:
    """ "Red eyes look awful can you fix them" as "fix red eyes"."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    if len(words) < 5 or words[-1] not in _THEM or words[-2] not in _MENDS:
        return tokens
    states = next((at for at in range(1, len(words) - 2) if words[at] in _STATES), 0)
    ask = next(
        (at for at in range(states + 1, len(words) - 1) for lead in _ASKS if words[at : at + len(lead)] == lead), 0
    )
    noun = _whole_noun(tokens[:states]) if states and ask else None
    if noun is None or noun.pronoun or lexicon().look(noun.thing.head) is None:
        return tokens
    return [tokens[-2], *tokens[:states]]


def coloured_behind(tokens: list[Token]) -> list[Token]:
    """ "Their ties and scarves, green" as "make their ties and scarves green"."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    at = next((i for i, word in enumerate(words) if word == "\0"), 0)
    size = colour_at(list(words), at + 1) if 0 < at < len(words) - 1 else 0
    if not size or at + 1 + size != len(words) or words[0] in COMMANDS:
        return tokens
    noun = _whole_noun(tokens[:at])
    if (
        noun is None
        or noun.pronoun
        or noun.indefinite
        or lexicon().look(noun.thing.parts[-1].head if noun.thing.parts else noun.thing.head) is None
    ):
        return tokens
    return [*_said("make"), *tokens[:at], *tokens[at + 1 :]]


def somebody_there(tokens: list[Token]) -> list[Token]:
    """ "Somebody riding the big camel, with a turban" as "add a person with a turban on the big camel"."""
    words = words_of(_ended(tokens), "number")
    who = next((lead for lead in _SOMEBODY if words[: len(lead)] == lead), ())
    if not who or words[len(who) : len(who) + 1] == () or words[len(who)] not in _ON:
        return tokens
    rest = _ended(tokens)[len(who) + 1 :]
    comma = next((i for i, t in enumerate(rest) if t.text == ","), len(rest))
    where, more = rest[:comma], rest[comma + 1 :]
    if words[len(who)] == "riding":
        where = [*_said("on"), *where]
    if not where or (more and more[0].text not in ("with", "wearing", "in", "holding")):
        return tokens
    person = _said("a person") if who[0] not in _NEW else list(tokens[: len(who)])
    return [*_said("add"), *person, *more, *where]


def unlikened(tokens: list[Token]) -> list[Token]:
    """ "One eye blue, like a husky" without what it is likened to, and "make it knitted itself" without the last word."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    if words and words[-1] in _SELVES and len(words) > 3:
        return unlikened(tokens[:-1])
    is_so = next((i for i in range(2, len(words) - 3) if words[i] == "like" and words[i + 1 : i + 3] in _IS_SO), 0)
    if is_so and words[is_so - 1] in ("look", "looks"):
        return [*tokens[:is_so], *tokens[is_so + 3 :]]  # "look like she is knitted"
    for at in range(2, len(words) - 1):
        lead = next((lead for lead in _LIKE if words[at : at + len(lead)] == lead), None)
        if (
            lead == ("like",)
            and words[at - 1] != "\0"
            and (lexicon().singular(words[at - 1])[1] or words[at - 1] in _WHO)
        ):
            continue  # "pigs like mud"
        looks = words[at - 1] in ("look", "looks", "looking", "feel", "feels", "something", "more", "be")
        if lead and not looks:
            return tokens[: at - (words[at - 1] == "\0")]
    return tokens


def others_gone(tokens: list[Token]) -> list[Token]:
    """ "Only want the yellow fish, get rid of the other ones" as "remove all fish except the yellow fish"."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    lead = next((lead for lead in sorted(_KEEPS, key=len, reverse=True) if words[: len(lead)] == lead), None)
    tail = next(
        (t for t in sorted(_OTHERS, key=len, reverse=True) if len(words) > len(t) and words[-len(t) :] == t), None
    )
    comma = next((i for i, word in enumerate(words) if word in ("\0", "and")), 0)
    if lead is None or tail is None or comma <= len(lead) or words[comma + 1 : comma + 2] == ():
        return tokens
    verb = words[comma + 1 : len(words) - len(tail)]
    verb = verb[:-1] if verb[-1:] == ("the",) else verb
    noun = _whole_noun(tokens[len(lead) : comma])
    if noun is None or not noun.definite or LEXICON.classes["remove"].whole(verb) is None:
        return tokens
    return [*_said(f"remove all {lexicon().plural(noun.thing.head)} except"), *noun.tokens]


def parts_alone(tokens: list[Token]) -> list[Token]:
    """ "Just her head and shoulders", "face only" as a crop: of a body a part is what is to be seen."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    only = frozenset(("only", "just"))
    if len(words) < 2 or not (words[0] in only or words[-1] in only):
        return tokens
    named = tokens[1:] if words[0] in only else tokens[:-1]
    noun = _whole_noun(named)
    if noun is None or noun.indefinite or noun.pronoun:
        return tokens
    return (
        [*_said("crop to"), *named]
        if all(lexicon().is_(one.thing.head, "part") for one in noun.parts or (noun,))
        else tokens
    )


def doing_last(tokens: list[Token]) -> list[Token]:
    """ "A goalkeeper on the right trying to stop him" without what somebody does there."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    if not words or words[0] not in ("a", "an"):
        return tokens
    at = next((i for i in range(3, len(words)) if words[i].endswith("ing") and not lexicon().knows(words[i])), 0)
    return (
        tokens[:at]
        if at and words[at - 1] in ("right", "left", "middle", "foreground", "background", "front", "back")
        else tokens
    )


def without_lead(tokens: list[Token]) -> list[Token]:
    """ "For my shop I need the boot on a rock" without what it is for."""
    words = words_of(tokens, "number")
    if words[:1] != ("for",) or words[1:2] == () or words[1] not in _FOR:
        return tokens
    at = next((i for i in range(3, min(len(words) - 2, 7)) if words[i] in ("i", "we", "please", "can")), 0)
    return tokens[at:] if at else tokens


def merged_one(tokens: list[Token]) -> list[Token]:
    """ "The lady's jacket, blue one, make it yellow" as "the lady's blue jacket, make it yellow"."""
    words = words_of(tokens, "number")
    commas = [i for i, word in enumerate(words) if word == "\0"]
    if len(commas) < 2 or words[commas[1] - 1] not in ("one", "ones"):
        return tokens
    first, second = commas[:2]
    said = [t for t in tokens[first + 1 : second - 1] if t.text not in ("the", "a", "an")]
    noun = _whole_noun(tokens[:first])
    if noun is None or noun.core != noun.tokens or not 0 < len(said) <= 2:
        return tokens
    return [*tokens[: first - 1], *said, tokens[first - 1], *tokens[second:]]


_OVER = {
    "underneath": "bottom",
    "below": "bottom",
    "beneath": "bottom",
    "under": "bottom",
    "above": "top",
    "over": "top",
}


def written_there(tokens: list[Token]) -> list[Token]:
    """ "Underneath: "besties" in small letters" as "write "besties" at the bottom in small letters"."""
    tokens, words = _ended(tokens), words_of(tokens, "number")
    at = [i for i, token in enumerate(tokens) if token.kind == "quote"]
    if len(at) != 1 or not COMMANDS.isdisjoint(words):
        return tokens
    before = [t for t in tokens[: at[0]] if t.kind == "word" and t.text not in ("the", "text", "words", "caption")]
    if len(before) == 1 and before[0].text in _OVER:
        before = _said(f"at the {_OVER[before[0].text]}")
    elif before:
        clause = Clause(tuple(before), "")
        if not any(end == len(before) for name in ("place", "corner") for end, _ in NONTERMINALS[name](clause, 0)):
            return tokens
    return [*_said("write"), tokens[at[0]], *before, *tokens[at[0] + 1 :]]


def levelled(tokens: list[Token]) -> list[Token]:
    """ "Turn it till the roof is level" as "straighten it"."""
    comma = next((i for i in range(len(tokens) - 1, -1, -1) if tokens[i].text == ","), -1)
    if comma >= 0:
        last = levelled(tokens[comma + 1 :])
        return [*tokens[: comma + 1], *last] if last != tokens[comma + 1 :] else tokens
    tokens, words = _ended(tokens), words_of(tokens, "number")
    if not words or words[-1] not in ("level", "straight", "horizontal", "even") or words[0] not in _TURNS:
        return tokens
    at = next((i for i in range(2, len(words) - 2) if words[i] in ("till", "until", "so")), 0)
    return [*_said("straighten"), *tokens[1:at]] if at else tokens


_TURNS = frozenset("turn rotate tilt straighten twist level".split())


def should_be(tokens: list[Token]) -> list[Token]:
    """ "The grass is brown, should be green" as "the grass should be green"."""
    words = words_of(tokens, "number")
    comma = next((i for i, word in enumerate(words) if word == "\0"), 0)
    if words[comma + 1 : comma + 3] not in (("should", "be"), ("must", "be")) or not comma:
        return tokens
    states = next((at for at in range(1, comma) if words[at] in _STATES), 0)
    noun = _whole_noun(tokens[:states]) if states else None
    return tokens if noun is None else [*tokens[:states], *tokens[comma + 1 :]]


def no_more(tokens: list[Token]) -> list[Token]:
    """ "A sheepdog here and not a pig" as "replace the pig with a sheepdog"."""
    words = words_of(_ended(tokens), "number")
    at = next(
        (
            i
            for i in range(2, len(words) - 1)
            if words[i] == "not" and words[i + 1] in ("a", "an", "the", "this", "that")
        ),
        0,
    )
    lead = next(
        (
            lead
            for lead in phrases("i need|i want|we need|we want|i would like|there should be")
            if words[: len(lead)] == lead
        ),
        None,
    )
    if not at or lead is None:
        return tokens
    new = list(tokens[len(lead) : at])
    while new and new[-1].text in (",", "and", "but", "here", "there"):
        new = new[:-1]
    if not new or new[0].text in DEFINITE:
        return tokens
    return [*_said("replace the"), *tokens[at + 2 :], *_said("with"), *new]
