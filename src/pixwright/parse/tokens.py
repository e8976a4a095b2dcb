"""Text -> tokens: one spelling of spaces, quotes, units, contractions and attachment marks.

Whatever bytes arrive, the answer is a list of tokens: control and zero-width characters, emoji and direction marks vanish, quoted text is kept letter for
letter and is never read as words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pixwright.parse.lexicon import LEXICON, Phrases
from pixwright.words import lexicon

SIDES = re.compile(r"(\d+)(x|:)(\d+)")
"""The text of the one token that "1200 by 628" (1200x628) or "16:9" is."""

Kind: TypeAlias = Literal["word", "number", "quote", "ref", "stop"]


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is lower case (a quote's is as written, without its marks); `ref` holds the attachment's number in `text`."""

    text: str
    kind: Kind
    raw: str = ""
    """As written, for messages; empty for a token that was not in the text."""


_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'"}
)
_NOTATION = re.compile(r"\[\s*(image|picture|photo|audio|sound|music)\s*:\s*([^\[\]]{1,200})\]", re.IGNORECASE)
_ATTACHED = re.compile(
    r"\[\s*(?:(?:image|picture|photo|audio|sound|attachment|ref(?:erence)?)\s*)?#?(\d{1,2})\s*\]"
    r"|\b(?:attachment|picture|image|photo|sound|reference)\s+#?(\d{1,2})\b(?![.,]\d)(?!\s*(?:%|percent|degrees|pixels|px|times|°|x\b))",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r'(?P<quote>"[^"]{0,200}"|(?<!\w)\'(?:[^\']|(?<=\w)\'(?=\w)){1,200}\'(?!\w))'
    r"|(?P<base>⟦)"
    r"|(?P<colour>#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\brgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\))"
    r"|\[(?P<ref>\d{1,2})\]"
    r"|(?P<sides>(?<![\w.])\d{1,6} ?(?:[x×:] ?| by )\d{1,6}(?![\w%]))"
    r"|(?P<share>(?<![\w./])[1-9]/[1-9]\d?(?![\w./%]))"
    r"|(?P<number>(?<![\w.])[-+]?\d{1,15}(?:,\d{3})*(?:\.\d{1,6})?)"
    r"|(?P<word>'s\b|[bB][&/][wW]\b|[^\W\d_]+(?:['-][^\W\d_]+)*(?:(?<=s)'(?=\s+\w))?)"
    r"|(?P<unit>[%°×])"
    r"|(?P<stop>[,;.!?:&\n]|--|(?<!\S)[-*+](?!\S))"
)
HEARD = frozenset(("audio", "sound", "music"))
"""The kinds of the notation that name a sound."""
BASE = "[image:base]"
"""The `raw` of the two words that stand for the notation `[image:base:...]`."""
_UNITS = {
    "%": "percent",
    "°": "degrees",
    "×": "times",
    "px": "pixels",
    "deg": "degrees",
    "x": "times",
    "pct": "percent",
}


def normalise(text: str) -> str:
    """One line of plain characters: NFKC, straight quotes, no control, format, symbol or surrogate characters."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES)
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\r\n" or category in ("Zl", "Zp"):
            kept.append("\n")
        elif char == "°":
            kept.append(char)
        elif category == "Cf" or "\ufe00" <= char <= "\ufe0f":
            continue
        else:
            kept.append(" " if category[0] in "CZ" or category in ("So", "Sk") else char)
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\s*\n\s*", "\n", "".join(kept))).strip()


def tokenise(text: str, names: tuple[str, ...] = (), sounds: frozenset[int] = frozenset()) -> list[Token]:
    """Tokens of `text`; `names` are the attachments' names and `sounds` the numbers of those that are sounds, so that `[image:NAME]` finds its own."""
    text, notations = _number_notation(normalise(text), names, sounds)
    text = _ATTACHED.sub(lambda m: f" [{int(m[1] or m[2])}] " if m[1] or int(m[2]) <= len(names) else m[0], text)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        group, raw = match.lastgroup, match.group()
        if group == "quote":
            tokens.append(Token(raw[1:-1].strip(), "quote", raw))
        elif group == "base":
            tokens += [Token("the", "word", BASE), Token("picture", "word", BASE)]
        elif group == "ref":
            tokens.append(Token(match["ref"], "ref", notations.get(int(match["ref"]), raw)))
        elif group == "number":
            tokens.append(Token(raw.replace(",", ""), "number", raw))
        elif group == "share":
            part, whole = map(int, raw.split("/"))
            tokens += [Token(f"{100 * part / whole:.6g}", "number", raw), Token("percent", "word")]
        elif group == "colour":
            tokens.append(Token(raw.lower(), "word", raw))
        elif group == "sides":
            tokens.append(Token(re.sub(r"x|×|by", "x", raw.replace(" ", "")), "word", raw))
        elif group == "unit":
            tokens.append(Token(_UNITS[raw], "word", raw))
        elif group == "stop":
            tokens.append(
                Token(
                    "and" if raw in "&+" else "," if raw == "--" else "." if raw in "\n-*" else raw,
                    "word" if raw in "&+" else "stop",
                    raw,
                )
            )
        else:
            tokens.extend(_words(raw, bool(tokens) and tokens[-1].kind == "number"))
    return _shouted(_greeting(_headline(_owners(_dozens(tokens)))))


_HEADLINE = 3
"""Letters of a word in capitals that is text by itself."""


def _headline(tokens: list[Token]) -> list[Token]:
    """ "GOAL!!! in huge letters across the top", "50% OFF bottom left": text first, and behind it where it stands or how it looks."""
    end = 0
    while end < len(tokens) and (
        _capital(tokens[end]) or tokens[end].kind == "number" or tokens[end].raw in ("%", "!", "?")
    ):
        end += 1
    said, rest = tokens[:end], [t.text for t in tokens[end:]]
    words = [t for t in said if _capital(t)]
    if not rest or not any(len(t.raw) >= _HEADLINE for t in words) or any(_capital(t) for t in tokens[end:]):
        return tokens
    lettered = not _LETTERED.isdisjoint(rest)
    placed = rest[0] in _WHERE | {"left", "right"} or (lettered and "," not in rest[:1])
    lone = len(said) == 1 and not lettered and lexicon().knows(said[0].text)
    if (
        lone
        or not (placed or not _WHERE.isdisjoint(rest))
        or LEXICON.begins(words[0].text)
        or {"is", "are", "the"} & set(rest[:1])
    ):
        return tokens
    return [Token("write", "word"), Token(as_written(said), "quote", as_written(said)), *tokens[end:]]


_GREETINGS = Phrases.of({phrase: phrase for phrase in LEXICON.raw["greetings"]})


def _commands(word: str) -> bool:
    return any(word in LEXICON.classes[name].by_first for name in ("add", "put", "make", "turn", "remove", "move"))


def _greeting(tokens: list[Token]) -> list[Token]:
    """ "Greetings from Toronto across the top" as "write" and that, quoted: what begins as people greet each other, and stands somewhere, is text."""
    words = words_of(tokens)
    greeted = next((end for end, _ in _GREETINGS.matches(words, 0)), 0)
    end = next((i for i in range(max(greeted, 1), len(words)) if words[i] in _WHERE or words[i] == "\0"), 0)
    if not greeted or not end or words[end] == "\0" or any(_commands(word) for word in words[greeted:end]):
        return tokens
    said = as_written(tokens[:end])
    return [Token("write", "word"), Token(said[:1].upper() + said[1:], "quote", said), *tokens[end:]]


def _capital(token: Token) -> bool:
    return token.kind == "word" and len(token.raw) > 1 and token.raw.isupper()


_LETTERED = frozenset("letters lettering font text writing type caps handwriting".split())


_DOZENS = {("half", "a", "dozen"): 6, ("half", "dozen"): 6, ("a", "dozen"): 12, ("dozen",): 12, ("two", "dozen"): 24}


def _dozens(tokens: list[Token]) -> list[Token]:
    """ "Half a dozen eggs" and "a dozen of eggs" with their number in figures."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        words = tuple(t.text for t in tokens[i : i + 3] if t.kind == "word")
        said = next((phrase for phrase in _DOZENS if words[: len(phrase)] == phrase), None)
        if said is None:
            out.append(tokens[i])
            i += 1
            continue
        out.append(Token(str(_DOZENS[said]), "number", " ".join(t.raw for t in tokens[i : i + len(said)])))
        i += len(said)
        if i < len(tokens) and tokens[i].text == "of":
            i += 1
    return out


_OWNED = frozenset("the a an his her my your our their this that its".split())


def _owners(tokens: list[Token]) -> list[Token]:
    """ "The dogs head" is the dog's: somebody in the plural right before a part of a body, whose apostrophe was not typed."""
    table = lexicon()
    out: list[Token] = []
    for i, token in enumerate(tokens):
        behind = tokens[i + 1].text if i + 1 < len(tokens) else ""
        one, many = table.singular(token.text) if i and tokens[i - 1].text in _OWNED else ("", False)
        part = table.look(behind) if many and table.is_(one, "animal", "person") else None
        if part is not None and part.part and not table.knows(f"{token.text} {behind}"):
            out += [Token(one, "word", token.raw[:-1]), Token("'s", "word", "'s")]
        else:
            out.append(token)
    return out


_TEXT_BEFORE = frozenset("word words text says say saying reads read reading letters label caption title".split())


_RENAMES = frozenset("rename retitle relabel call name".split())
"""Verbs by which a text becomes another."""


_WRITES, _WHERE = (
    frozenset("put write add stamp print with".split()),
    frozenset("across on at in inside into within along over under above below top bottom".split()),
)


def _is_written(tokens: list[Token], capitals: list[bool], i: int) -> bool:
    """Whether capitals are text by where they stand: "put SOLD across the house", "with SURF CLUB at the bottom"."""
    first = i
    while first and capitals[first - 1]:
        first -= 1
    end = i + 1
    while end < len(tokens) and capitals[end]:
        end += 1
    placed = end < len(tokens) and tokens[end].text in _WHERE
    if not capitals[i] or not first or tokens[first - 1].text not in _WRITES or not placed:
        return False
    return end - first > 1 or (tokens[first - 1].text not in ("add", "with") and not lexicon().knows(tokens[i].text))


def _announced(tokens: list[Token], i: int) -> bool:
    """Whether what stands before token `i` says that it is text: "it should say ...", "call it ..."."""
    return tokens[i - 1].text in _TEXT_BEFORE or (
        tokens[i - 1].text == "it" and i > 1 and tokens[i - 2].text in _RENAMES
    )


def _with_figures(tokens: list[Token], capitals: list[bool]) -> list[bool]:
    """The capitals, and the figures behind them that measure nothing: "ABC 123", "HAPPY 1"."""
    out = list(capitals)
    for i, token in enumerate(tokens[1:], 1):
        behind = tokens[i + 1].text if i + 1 < len(tokens) else ""
        measures = behind in _UNITS.values() or (behind and tokens[i + 1].kind == "word" and not capitals[i + 1])
        out[i] = out[i] or (out[i - 1] and token.kind == "number" and (not measures or behind in _WHERE))
    return out


def _whole_words(tokens: list[Token]) -> list[Token]:
    """Words in capitals between others that are not, with what their apostrophe parted: "FOSTER'S", "DON'T"."""
    if not any(t.kind == "word" and t.raw.islower() and t.raw != "'s" for t in tokens):
        return tokens  # who shouts all of it owns things in capitals as well
    out: list[Token] = []
    for i, token in enumerate(tokens):
        if i and _capital(tokens[i - 1]) and token.kind == "word" and token.raw in ("'S", ""):
            raw = out[-1].raw + token.raw
            out[-1] = Token(raw.lower(), "word", raw)
        else:
            out.append(token)
    return out


def _shouted(tokens: list[Token]) -> list[Token]:
    """Text in capitals needs no quotes where it is named as text: "the word STOP with GO"."""
    tokens = _whole_words(tokens)
    capitals = [_capital(t) for t in tokens]
    exchanged = any(
        one and other and tokens[i + 1].text in ("to", "into", "with", "by", "for") and tokens[i + 1].raw.islower()
        for i, (one, other) in enumerate(zip(capitals, capitals[2:]))
    )
    written = [_is_written(tokens, capitals, i) for i in range(len(tokens))]
    capitals = written if any(written) else capitals
    named = {t.text for t in tokens} & (_TEXT_BEFORE | _RENAMES) and any(
        c and i and tokens[i - 1].text in ("to", "into", "with", "by") for i, c in enumerate(capitals)
    )
    told = any(c and i and not capitals[i - 1] and _announced(tokens, i) for i, c in enumerate(capitals))
    shouts = sum(capitals) * 2 > len(tokens) and not (told or (exchanged and not capitals[0]))
    if not any(capitals) or shouts or not (exchanged or any(written) or named or told):
        return tokens
    capitals = _with_figures(tokens, capitals)
    out: list[Token] = []
    for i, token in enumerate(tokens):
        if capitals[i] and i and capitals[i - 1]:
            out[-1] = Token(f"{out[-1].text} {token.raw}", "quote", f"{out[-1].raw} {token.raw}")
        else:
            out.append(Token(token.raw, "quote", token.raw) if capitals[i] else token)
    return out


def _words(raw: str, after_number: bool) -> list[Token]:
    """A written word as one or more tokens: contractions opened, possessive split off, unit names spelt out."""
    low = raw.lower()
    if after_number and low in _UNITS:
        return [Token(_UNITS[low], "word", raw)]
    if opened := LEXICON.spellings.get(low):
        first, *rest = opened.split()
        return [Token(first, "word", raw), *(Token(word, "word") for word in rest)]
    if low.endswith("'s") and len(low) > 2:
        return [*_words(raw[:-2], False), Token("'s", "word", raw[-2:])]
    if low.endswith("s'"):
        return [Token(low[:-1], "word", raw[:-1]), Token("'s", "word", "'")]
    return [Token(low, "word", raw)]


def _number_notation(text: str, names: tuple[str, ...], sounds: frozenset[int]) -> tuple[str, dict[int, str]]:
    """`[image:base:X]` becomes "the picture"; `[image:X]` and `[audio:X]` become `[n]`: by name, else the next attachment of the kind, else a number
    that no attachment has. Also the notation that each such number stands for."""
    keys = {_key(match): match[0] for match in _NOTATION.finditer(text) if not _is_base(match)}
    numbers = {key: n for key in keys if (n := _named(key[1], names))}
    taken = {*numbers.values(), *(int(match[1] or match[2]) for match in _ATTACHED.finditer(text))}
    for key in keys:
        if key not in numbers:
            heard = key[0] in HEARD
            free = (n for n in range(1, len(names) + 1) if n not in taken and (n in sounds) is heard)
            numbers[key] = next(free, None) or max((len(names), *taken)) + 1
            taken.add(numbers[key])

    def number(match: re.Match[str]) -> str:
        return " ⟦ " if _is_base(match) else f" [{numbers[_key(match)]}] "

    text = _NOTATION.sub(number, text)
    return text, {n: keys[key] for key, n in numbers.items() if not key[1].isdigit()}


def _key(match: re.Match[str]) -> tuple[str, str]:
    return match[1].lower(), match[2].strip().lower()


def _is_base(match: re.Match[str]) -> bool:
    return match[2].strip().lower().startswith("base:") or match[2].strip().lower() == "base"


def _named(name: str, names: tuple[str, ...]) -> int | None:
    if name.isdigit() and len(name) <= 2:
        return int(name)
    return next((i for i, given in enumerate(names, 1) if _same_name(given, name)), None)


def notation(token: Token) -> tuple[str, str] | None:
    """(kind, caption) of a reference that was written in the notation `[kind:caption]`."""
    match = _NOTATION.fullmatch(token.raw)
    return (match[1].lower(), match[2].strip()) if match else None


def is_file_name(name: str) -> bool:
    """Whether this is a file's name rather than a caption."""
    return re.search(r"\.[A-Za-z0-9]{2,4}$", name.strip()) is not None


def _same_name(given: str, named: str) -> bool:
    last = re.split(r"[:/\\]", named)[-1].strip().lower()
    given = re.split(r"[/\\]", given)[-1].lower()
    if last in (given, given.rsplit(".", 1)[0]):
        return True
    plain = re.sub(r"[_\s-]+", " ", given.rsplit(".", 1)[0])
    return re.sub(r"^(?:(?:the )?sound of )?(?:an? |the )?", "", last) == re.sub(r"^(?:an? |the )", "", plain)


def words_of(tokens: Sequence[Token], *others: str) -> tuple[str, ...]:
    """The words by place; "\\0", which no word is, for what is neither a word nor of a kind in `others`."""
    return tuple(token.text if token.kind == "word" or token.kind in others else "\0" for token in tokens)


def spell_out(tokens: list[Token] | tuple[Token, ...]) -> str:
    """The tokens as one readable phrase."""
    out = ""
    for token in tokens:
        piece = f'"{token.text}"' if token.kind == "quote" else f"[{token.text}]" if token.kind == "ref" else token.text
        piece = "'" if token.text == "'s" and token.raw == "'" else piece  # "the kids' bikes"
        out += piece if not out or piece in ("'s", "'", ",", ".", ";", "?", "!", ":") else f" {piece}"
    return out


def as_written(tokens: list[Token]) -> str:
    """The tokens as the user wrote them, misspellings included."""
    out = ""
    for token in tokens:
        piece = token.raw if token.raw else "" if any(t.raw for t in tokens) else token.text
        glue = (
            ""
            if not out or piece.lower() in ("'s", "'", ",", ".", ";", "?", "!", ":", "%", "°") or out.endswith("-")
            else " "
        )
        out += glue + piece if piece and piece != BASE else ""
    return out
