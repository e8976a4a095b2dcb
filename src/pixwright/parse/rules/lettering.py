"""How letters look, said anywhere beside a quotation: "in big white letters", "a large green title", "in bold"; and texts on several lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pixwright.parse.grammar import Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.tokens import Token
from pixwright.records.plan import Lettering
from pixwright.words.colours import colour_at, is_colour

_LOOKS: dict[str, tuple[str, Any]] = {
    word: (field, value)
    for field, value, words in (
        ("size", "large", "big large huge giant enormous tall oversized massive gigantic bigger larger"),
        ("size", "small", "small tiny little mini smaller"),
        ("bold", True, "bold thick heavy fat"),
        ("thin", True, "thin slim slender fine delicate skinny"),
        ("italic", True, "italic italics slanted"),
        ("face", "handwritten", "handwritten handwriting cursive script brush"),
        ("face", "serif", "serif roman"),
        ("face", "sans", "sans sans-serif"),
        ("face", "mono", "monospace monospaced typewriter mono"),
    )
    for word in words.split()
}
_LETTERS = frozenset(
    "letters letter lettering font fonts type typeface print writing text ink paint color colors characters".split()
)
"""Nouns that may end what is said of letters."""
_SMALL = frozenset("a an the and very really nice".split())
_SAID_BEFORE = frozenset(
    "text title caption heading headline words word lettering letters writing message slogan".split()
)


def take_lettering(clause: Clause) -> tuple[Clause, Lettering | None]:
    """The clause without what it says of the letters' looks, and that; (the clause, None) where it says nothing of them."""
    tokens, looks, i = list(clause.tokens), dict[str, Any](), 0
    tokens = _in_lines(tokens)
    comma = next(
        (k for k in range(len(tokens) - 1, 0, -1) if tokens[k] == Token(",", "stop", tokens[k].raw)), len(tokens)
    )
    if told := looks_said(tokens[comma + 1 :]):  # "..., handwritten"
        looks |= told
        del tokens[comma:]
    while i < len(tokens):
        end = _end(tokens, i + 1, looks) if tokens[i].text in ("in", "with") else _before_noun(tokens, i, looks)
        if end > i:
            del tokens[i:end]
        else:
            i += 1
    if not looks and len(tokens) == len(clause.tokens):
        return clause, None
    return replace(clause, tokens=tuple(tokens)), Lettering(**looks) if looks else None


def looks_said(tokens: list[Token]) -> dict[str, Any]:
    """What tokens that only say how letters look say of them ("handwritten", "in bold red"); nothing if they say more than that."""
    tokens = tokens[1:] if len(tokens) > 1 and tokens[0].text in ("in", "with") else tokens
    found, i = dict[str, Any](), 0
    while i < len(tokens):
        size = _look(tokens, i, found) or (1 if tokens[i].text in _LETTERS and found else 0)
        if not size:
            return {}
        i += size
    return found


def _end(tokens: list[Token], start: int, looks: dict[str, Any]) -> int:
    """Where "in big white letters" ends, its looks taken down; 0 if it is something else ("in the red box")."""
    i, found = start, dict[str, Any]()
    noun = next((k for k in range(start, min(start + 5, len(tokens))) if tokens[k].text in _LETTERS), start)
    while i < len(tokens) and (size := _look(tokens, i, found) or (i < noun and _other(tokens[i], found))):
        i += size
    named = i < len(tokens) and tokens[i].text in _LETTERS
    while i < len(tokens) and tokens[i].text in _LETTERS:
        i += 1
    following = tokens[i] if i < len(tokens) else None
    goes_on = following is not None and following.kind == "word" and following.text not in LEXICON.function_words
    if not found or (goes_on and not named):
        return 0
    looks |= found
    return i


def _before_noun(tokens: list[Token], start: int, looks: dict[str, Any]) -> int:
    """Where the adjectives of "a large green title" end, which stand before a noun of text."""
    if start == 0 or tokens[start].text in _SMALL:
        return 0
    i, found = start, dict[str, Any]()
    while i < len(tokens) and (size := _look(tokens, i, found)):
        i += size
    if not found or i >= len(tokens) or tokens[i].text not in _SAID_BEFORE:
        return 0
    looks |= found
    return i


def _look(tokens: list[Token], i: int, found: dict[str, Any]) -> int:
    """How many tokens from `i` say one look, which is taken down; 0 if none."""
    words = [t.text if t.kind == "word" else "" for t in tokens[i : i + 2]]
    if words[0] in _SMALL:
        return 1
    if words[0] in _LOOKS:
        field, value = _LOOKS[words[0]]
        found[field] = value
        return 1
    size = max(colour_at(words, 0), 1 if is_colour(words[0]) else 0)
    if size and "colour" not in found:
        found["colour"] = " ".join(words[:size])
        return size
    return 0


def _other(token: Token, found: dict[str, Any]) -> int:
    """1 for another word that is said of letters ("in fancy letters"), which is taken down as such."""
    if token.kind != "word" or token.text in LEXICON.function_words:
        return 0
    found["said"] = (*found.get("said", ()), token.text)
    return 1


def _in_lines(tokens: list[Token]) -> list[Token]:
    """Two quotations that are said to be lines, as one text."""
    if not {"line", "lines", "rows"} & {t.text for t in tokens}:
        return tokens
    out: list[Token] = []
    for token in tokens:
        joint = len(out)
        while joint and out[joint - 1].text in ("and", ",") and out[joint - 1].kind != "quote":
            joint -= 1
        if token.kind == "quote" and joint and out[joint - 1].kind == "quote":
            first = out[joint - 1]
            out[joint - 1 :] = [Token(f"{first.text}\n{token.text}", "quote", f"{first.raw} {token.raw}")]
        else:
            out.append(token)
    words = [t.text for t in out]
    if (at := next((k for k in range(len(words)) if words[k] in ("lines", "rows")), 0)) and at >= 1:
        of = words[at + 1 : at + 3] == ["of", "text"]
        if LEXICON.number(words[at - 1]) is not None:
            out[at - 1 : at + (3 if of else 1)] = [Token("text", "word")]
    return out
