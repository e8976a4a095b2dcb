"""Words that name nothing: "any instances of", "the presence of", "that may be present"; a gathering of eight birds is eight birds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.nouns import DETERMINERS
from pixwright.parse.tokens import Token
from pixwright.words.adjectives import EVERY, MEASURES, PICTURES

_INSTANCES = frozenset("instance instances trace traces occurrence occurrences remnant remnants sign signs".split())
_PRESENCE = frozenset("presence essence addition inclusion".split())
_SHOWN = frozenset("depicted present shown featured visible pictured displayed seen found".split())
_MAY_BE = phrases("that may be|that might be|that could be|that can be|that happens to be|that happen to be")
_ITS_WHOLE = frozenset("composition scene scenery setting frame content contents".split())
_WAYS = frozenset("out over up down back right in".split())
_PLACED = frozenset("on in at by near behind under above between beside next among across".split())
_INTO = frozenset("in into within to from on of".split())


def emptied(tokens: list[Token]) -> list[Token]:
    """The tokens without words that name nothing."""
    for drop in (
        _without_instances,
        _without_presence,
        _counted,
        _of_picture,
        _without_shown,
        _pointed,
        _coloured,
        _sided,
    ):
        tokens = drop(tokens)
    return tokens


def _text(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) and tokens[at].kind in ("word", "number") else ""


def _dropped(tokens: list[Token], width: Callable[[int], int]) -> list[Token]:
    """The tokens without as many as `width` says at each place."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        if wide := width(at):
            at += wide
        else:
            out.append(tokens[at])
            at += 1
    return out


def _without_instances(tokens: list[Token]) -> list[Token]:
    """ "Any instances of smoke", "all traces of paint"."""

    def width(at: int) -> int:
        if (
            _text(tokens, at) == "every"
            and _text(tokens, at + 1) in ("last", "single")
            and _text(tokens, at + 2) in _INSTANCES
        ):
            return 4 if _text(tokens, at + 3) == "of" else 0
        every = _text(tokens, at) in EVERY | {"any"} and _text(tokens, at + 1) in _INSTANCES
        if every and _text(tokens, at + 2) == "of" and _text(tokens, at + 3) in DETERMINERS:
            return 3
        named = _text(tokens, at) in _INSTANCES and _text(tokens, at + 1) == "of"
        return 2 if named and _text(tokens, at - 1) in EVERY | {"any"} else 0

    return _dropped(tokens, width)


def _without_presence(tokens: list[Token]) -> list[Token]:
    """ "The presence of a melon", "an owl presence"."""

    def width(at: int) -> int:
        lead = 1 if _text(tokens, at) == "the" else 0
        if _text(tokens, at + lead) in _PRESENCE and _text(tokens, at + lead + 1) == "of":
            return lead + 2
        behind = _text(tokens, at - 1) not in DETERMINERS | LEXICON.function_words | {""}
        return int(_text(tokens, at) == "presence" and behind)

    return _dropped(tokens, width)


def _counted(tokens: list[Token]) -> list[Token]:
    """ "A gathering of eight birds": the number says how many."""

    def width(at: int) -> int:
        lead = 1 if _text(tokens, at) in ("a", "an") else 0
        while lead and _text(tokens, at + lead + 1) in MEASURES:
            lead += 1  # "a lively gathering of ..."
        grouped = _text(tokens, at + lead) in MEASURES and _text(tokens, at + lead + 1) == "of"
        counts = LEXICON.number(_text(tokens, at + lead + 2)) is not None if grouped else False
        return lead + 2 if lead and counts else 0

    return _dropped(tokens, width)


def _of_picture(tokens: list[Token]) -> list[Token]:
    """ "Into the image's composition" and "the scenery of the picture" are the picture."""

    def width(at: int) -> int:
        if _text(tokens, at) == "'s" and _text(tokens, at - 1) in PICTURES and _text(tokens, at + 1) in _ITS_WHOLE:
            return 2
        of = _text(tokens, at + 1) == "of" and _text(tokens, at + 2) == "the" and _text(tokens, at + 3) in PICTURES
        return 3 if of and _text(tokens, at) in _ITS_WHOLE and _text(tokens, at - 1) == "the" else 0

    return _dropped(tokens, width)


def _without_shown(tokens: list[Token]) -> list[Token]:
    """ "No bottles depicted in the image", "any pears that may be present"."""
    words = tuple(t.text for t in tokens)
    last = len(tokens) - 1
    while last >= 0 and tokens[last].kind == "stop":
        last -= 1

    def width(at: int) -> int:
        for lead in _MAY_BE:
            if words[at : at + len(lead)] == lead:
                return len(lead) + int(_text(tokens, at + len(lead)) in _SHOWN)
        behind = at == last or (_text(tokens, at + 1) in _INTO and _text(tokens, at + 3) in PICTURES)
        negated = "no" in words[:at] or "any" in words[:at]
        there = words[at] == "present" and at != last and _text(tokens, at - 1) not in DETERMINERS
        return int(words[at] in _SHOWN and tokens[at].kind == "word" and (negated or there) and behind)

    return _dropped(tokens, width)


def _pointed(tokens: list[Token]) -> list[Token]:
    """ "A boat (out there) on the sea", "the kite (up there) in the sky": what points says less than the place that follows."""

    def width(at: int) -> int:
        there = _text(tokens, at) in _WAYS and _text(tokens, at + 1) in ("there", "here")
        return 2 if there and at > 0 and _text(tokens, at + 2) in _PLACED else 0

    return _dropped(tokens, width)


def _sided(tokens: list[Token]) -> list[Token]:
    """ "To the man's right side" is to the right of him; "left of to the sink" and "right to the sink" are slips of the same."""
    words = [t.text if t.kind == "word" else "" for t in tokens]
    if words[:2] in (["right", "to"], ["left", "to"]) and words[2:3] == ["the"]:
        return [*(Token(word, "word") for word in ("to", "the", words[0], "of")), *tokens[2:]]
    owned = next((at for at in range(3, len(words) - 1) if words[at] == "'s" and words[at + 1] in ("left", "right")), 0)
    start = next((at for at in range(owned - 2, 0, -1) if words[at : at + 2] in (["to", "the"], ["on", "the"])), 0)
    ends = words[owned + 2 : owned + 3] in (["side"], [""], [])
    if owned and start and ends and len(words) <= owned + 4:
        side = (Token(word, "word") for word in ("to", "the", words[owned + 1], "of"))
        return [*tokens[:start], *side, *tokens[start + 1 : owned]]
    slips = (["of", "to", "the"], ["to", "the", "between"], ["to", "the", "behind"], ["to", "the", "above"])
    if at := next((i for i in range(2, len(words) - 1) if words[i - 1 : i + 2] in slips), 0):
        return tokens[:at] + tokens[at + 1 :] if words[at] == "to" else tokens[: at - 1] + tokens[at + 1 :]
    return tokens


def _coloured(tokens: list[Token]) -> list[Token]:
    """ "The van's hue" and "the hue of the van" are its colour."""
    out = list(tokens)
    for at, (before, after) in enumerate(pairwise([Token("", "stop"), *tokens])):
        owned = (before.text == "'s" and _text(tokens, at + 1)) or (
            _text(tokens, at + 1) == "of" and before.text == "the"
        )
        if after.text in ("hue", "hues") and owned:
            out[at] = Token("color", "word", after.raw)
    return out
