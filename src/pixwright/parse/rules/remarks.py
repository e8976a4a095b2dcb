"""What is said beside a command and asks for nothing: praise, reasons, statements, greetings."""

from __future__ import annotations

import re

from pixwright.parse.grammar import Understood
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.tokens import Token
from pixwright.words import lexicon

_IDLE = re.compile(
    r"(many |big |huge |ok |okay )?(thanks|thank you|thx|cheers)\b.*|"
    r"(please )?(do|change|fix|try) something (about|with|on) .*|"
    r"(very |quite )?(far away|far off|close up|in the distance)|"
    r"(and )?nothing (else|more|(too |very |that )?\w+)( please)?|(both|all)( \w+)? of (them|those|these|it)|(one|both|all) of each|"
    r"(in |with )?(the )?(exact )?same (kind|style|color|size|frame|type|place|one|pose|position|angle|spot|shape|length|way|view|view from \w+|amount|expression)|"
    r"(but |and |still |keep it |keep them |make it )*(natural|subtle|realistic|believable)( looking| please)?|"
    r"(please |but |just )*leave (it|them|that|those) (in|on|at|around|behind) .*|"
    r"(for )?(the )?(whole|entire) (row|lot|bunch|set|group|line|pile|pack|crew|gang|stack|collection)|"
    r"(please )?(replace|change|fix|swap|do|edit) (it|that|this|them)( please| for me)?|"
    r"((hey|hi|hello|ok|okay|so)( ,)? )?(a |just )?(quick|one|small|little|another) (one|thing|question|request|edit|favor)|"
    r"((it|this|that) is |i (like|love) it |looks? |love it )?(fine|nice|good|great|ok|okay|cool|perfect|almost perfect|lovely)( photo| picture| shot| pic)?( so far| as it is)?"
    r"|(please |just )*(leave|keep|do not (touch|change|alter|modify)) (all |everything |anything )?(the )?(rest|everything|anything|other things|others|else)( of it| of the picture)?"
    r"( else)?( alone| as it is| as is| unchanged| untouched| the same| like it is| in place)*"
)
"""Remarks that ask for nothing: praise, and that the rest shall stay."""


def idle(tokens: list[Token]) -> bool:
    """Whether the tokens are a remark and no more."""
    return _IDLE.fullmatch(" ".join(t.text for t in tokens)) is not None


def reasons(parts: list[Understood]) -> list[Understood]:
    """Without what is said beside a command as its reason: "the sky is boring, make it stormy", "lose the mailbox, it distracts"."""
    if all(part.steps is None for part in parts):
        return parts
    return [part for part in parts if part.steps is not None or not remark(part.sentence.lower().split())]


def remark(words: list[str]) -> bool:
    """Whether an unread part states something, or is a mere word between commas; a wish ("it should ...") is neither."""
    words = words[1:] if words[0] == "just" and len(words) > 1 else words
    if words[0] in ("looks", "seems", "feels") or (words[0] in _PLANS and words[1:2] and words[1] in _THESE):
        return True  # "looks a bit dead", "selling this on ebay"
    if _TOO.fullmatch(" ".join(words)) or " ".join(words) in _ASIDES or words[0] in _BECAUSE or words[0] == "not":
        return True
    return stated(words)


def stated(words: list[str]) -> bool:
    """Whether the words state something: "my friend hates muffins"."""
    if len(words) in (3, 4) and words[1] in _LIKES and lexicon().singular(words[0])[1]:
        return True  # "pigs like mud"
    if words[0] not in _SUBJECTS or not WISHES.isdisjoint(words[1:4]):
        return False
    doing = (word for word in words[2:-1] if len(word) > 3 and word != "ones" and word[-1] == "s" and word[-2] != "s")
    return (
        words[0] in _SPEAKERS
        or not STATES.isdisjoint(words[1:6])
        or any(not lexicon().knows(word) and word not in LEXICON.known for word in doing)
    )


def tells(sentence: str) -> bool:
    """Whether what stands behind a command tells its reason ("buyers don't need to see it"): it has a verb of its own, and wishes for nothing."""
    words = sentence.lower().replace("n't", " not").split()
    wishes = not WISHES.isdisjoint(words) and "not" not in words
    return not {*STATES, "not"}.isdisjoint(words[1:]) and not wishes and words[0] not in ("make", "let", "have")


_TOO = re.compile(r"(a )?((tiny )?bit|little|way|far|much) too \w+( for me| for my taste)?")
"""A complaint that the command beside it answers."""
_PLANS = frozenset(
    "selling posting printing sending using showing uploading listing sharing giving hanging framing".split()
)
"""What somebody does with a picture: "selling this on ebay"."""
_THESE = frozenset("this it these them my our".split())
_LIKES = frozenset("like love hate need eat have".split())
_SUBJECTS = frozenset(
    "the this that these those it its it's my his her he she they i we there there's that's he's she's they're we're i'm we've i've you".split()
)
_SPEAKERS = frozenset("you it it's he she they i we that that's he's she's they're we're i'm we've i've this".split())
STATES = frozenset("is are was were look looks seem seems feel feels has have had does do did".split())
WISHES = frozenset("should must want need needs could can may might shall 'd wish ought".split())
_BECAUSE = frozenset("because since when so as although though who which where for like unless otherwise".split())
_ASIDES = frozenset(
    (
        "sorry",
        "why not",
        "thanks a bunch",
        "haha",
        "lol",
        "you know",
        "honestly",
        "obviously",
        "no offense",
        "if possible",
        "hey",
        "hi",
        "well",
        "quick one",
        "hey quick one",
    )
)
"""Words between commas that ask for nothing."""
GREETING = frozenset("please thanks thank you hi hello hey ok okay now so yes sure dear".split())
