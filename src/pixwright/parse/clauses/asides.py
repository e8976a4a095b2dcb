"""What stands behind a comma and is no command: "yellow ones", "both of them", "nothing too heavy", "short and neat", "looking over the wall"."""

from __future__ import annotations

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS
from pixwright.parse.rules.remarks import idle, remark
from pixwright.parse.tokens import Token
from pixwright.records.kind import Aspect
from pixwright.records.plan import Step
from pixwright.words import lexicon, read

_VAGUE = frozenset(
    "something nothing anything not looking just only rather say ideally preferably like both want see to".split()
)
"""Words that begin no thing of their own."""
_SPEAKING = frozenset("i we you it he she they there that".split())
"""Words that begin a sentence of its own."""
_PURPOSES = frozenset("for as because since so like rather without".split())
_THEM = frozenset("both all each every three four of them these those it lot".split())
_BY_IT = frozenset("leaving keeping adding".split())
"""What a command does besides: "trim it, leaving a margin"."""
_MOST = 8
"""Words of a description."""


def restates(tokens: list[Token], head: list[Token]) -> bool:
    """Whether a piece only says more of what the clause `head` before it names, so that it is no further thing of a list."""
    words = [t.text for t in tokens]
    if idle(tokens) or words[0] in ("something", "nothing", "not") or _THEM.issuperset(words):
        return True
    brings = any(head[0].text in LEXICON.classes[name].by_first for name in ("add", "put")) or head[0].text in _GIVES
    return len(words) <= _MOST and (one_of(words) is not None or (brings and qualities(words)))


_GIVES = frozenset("give lend hand want need".split())


def complains(tokens: list[Token], following: list[Token]) -> bool:
    """ "It is hazy", "it looks so flat", "too many people": how the picture is, if nothing that follows means what is named."""
    words = tuple(t.text for t in tokens[:2])
    if remark([t.text for t in tokens]) and words[0].endswith("ing"):
        return True  # "selling this on ebay, ..."
    only = {"only", "just"} & {t.text for t in tokens[1:4]} and words[0] == "there"
    if only and not LEXICON.classes["remove"].by_first.keys().isdisjoint(t.text for t in following[:2]):
        return True  # "there should only be the swing, remove the chairs"
    if words in _TOO_MUCH and _POINTS.isdisjoint(t.text for t in following):
        return True
    if words[0] in ("looks", "look", "seems", "feels") and len(tokens) <= _FEW:
        return True
    return words in _HOW_IT_IS and len(tokens) <= _MOST and not any(t.kind == "quote" for t in tokens)


_TOO_MUCH = (("too", "many"), ("too", "much"), ("so", "many"), ("so", "much"), ("way", "too"))
_POINTS = frozenset("one ones it its them their they these those him her his he she some".split())
_FEW = 5
"""Words of "looks a bit too flat"."""
_HOW_IT_IS = tuple((who, verb) for who in ("it", "this", "that") for verb in ("is", "looks", "was", "looked", "feels"))


def one_of(words: list[str]) -> tuple[list[str], list[str]] | None:
    """What "(the) yellow ones in front" says before and behind "ones"; None if it is no such words, or they say nothing."""
    at = next((i for i, word in enumerate(words) if word in ("one", "ones")), None)
    begun = words[0] in ("a", "an", "some", "the", "those") or (at is not None and at + 1 == len(words))
    if at is None or not begun or (at == 0 and words[0] == "one"):
        return None
    before = [word for word in words[:at] if word not in DETERMINERS]
    if at == 1 and words[0] in ("another", "other", "more"):
        return None
    if words[0] not in DETERMINERS and LEXICON.begins(words[0]):
        return None  # "enlarge the right one"
    if words[at + 1 : at + 2] and words[at + 1] not in _PLACING:
        return None  # "the green ones yellow"
    said = [*before, *words[at + 1 :]]
    verbs = any(word in LEXICON.function_words and word not in _PLACING for word in said)
    return (before, words[at + 1 :]) if said and not verbs else None


_PLACING = frozenset("in on at the of to with behind under above near next and left right from out".split())


def qualities(words: list[str]) -> bool:
    """Whether the words are adjectives and no more: "short and neat", "small"."""
    bare = [word for word in words if word not in ("and", "but", "very", "quite", "really", ",")]
    if not bare or not LEXICON.function_words.isdisjoint(bare):
        return False
    return sum(not _is_quality(word) for word in bare) <= words.count("and") and _is_quality(bare[0])


def _is_quality(word: str) -> bool:
    thing = read(f"{word} object")
    return word in _SHAPES or word in LEXICON.adjectives or bool(thing.sizes or thing.states or thing.ages)


_SHAPES = frozenset("round square oval long short thin thick curly straight".split())


def says_itself(tokens: list[Token]) -> bool:
    """Whether a piece says all of it: "the balloons white", "mountains clearer", "a soft misty light" are no rest of another sentence."""
    last = tokens[-1].text
    if len(tokens) < 2:
        return False
    return tokens[0].text in ("a", "an") or last in LEXICON.predicates or last in LEXICON.raw["graded"]


def may_borrow(tokens: list[Token], head: list[Token]) -> bool:
    """Whether a piece may take its verb from the clause before: "the saucer blue" may, "for a passport" and "looking over the wall" may not."""
    words = [t.text for t in tokens]
    if (
        words[0] in _SPEAKING
        or words[0] in _VAGUE
        or (words[0] in _PURPOSES and words[0] not in {t.text for t in head})
    ):
        return False
    if words[:2] in (["at", "least"], ["at", "most"]):
        return False
    if words[0].endswith("ed") and words[1:] and words[1] in LEXICON.function_words and not lexicon().knows(words[0]):
        return False  # "parked by the road"
    participle = words[0].endswith("ing") and not lexicon().knows(words[0]) and words[0] not in LEXICON.known
    return (not participle or words[0] in _BY_IT) and not _THEM.issuperset(words)


def brought_by(tokens: list[Token], steps: list[Step]) -> bool:
    """Whether what a borrowed verb adds, removes or replaces is named by the piece itself as a thing: "transparent" is none."""
    if all(step.type.traits.changes is not Aspect.THING for step in steps) or tokens[0].text in DETERMINERS:
        return True
    if any(t.kind != "word" for t in tokens):
        return True
    named = read(" ".join(t.text for t in tokens))
    return all(lexicon().look(one.head) is not None and one.head != "object" for one in named.parts or (named,))
