"""A noun phrase, understood: "the second red cup from the left", "the hat of the man on the right"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from pixwright.ground.lexicon import Lexicon, lexicon
from pixwright.records.vocabulary import COLOURS, MATERIAL_ALIASES, MATERIALS

Place: TypeAlias = Literal["left", "right", "top", "bottom", "middle", "background", "foreground"]
Rank: TypeAlias = Literal["largest", "smallest", "nearest", "farthest", "tallest", "widest", "brightest", "darkest"]
Link: TypeAlias = Literal[
    "left", "right", "above", "below", "on", "inside", "beside", "behind", "in_front", "between", "around", "of", "with"
]


@dataclass(frozen=True)
class Query:
    """One noun phrase.

    `head` is a singular noun (may be of two words); `places` where in the picture; `order` = (n, side): the n-th counted from a side, n = -1
    the last; `link` relates it to `anchor` (and `second`, for `between`). `several`: every instance is meant. `inverted`: all but this.
    """

    head: str
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    order: tuple[int, str] | None = None
    rank: Rank | None = None
    several: bool = False
    count: int | None = None
    link: Link | None = None
    anchor: Query | None = None
    second: Query | None = None
    inverted: bool = False

    @property
    def selective(self) -> bool:
        """Whether position, order, size or a relation picks among instances."""
        return bool(self.places or self.order or self.rank or self.link)


DETERMINERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "his",
        "her",
        "its",
        "their",
        "our",
        "some",
        "any",
    ]
)
NUMBERS = {
    w: i for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
ORDINALS = {
    w: i + 1
    for i, w in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
    )
} | {"last": -1}
PLACES: dict[str, tuple[Place, ...]] = {
    "left": ("left",),
    "leftmost": ("left",),
    "lefthand": ("left",),
    "left-hand": ("left",),
    "right": ("right",),
    "rightmost": ("right",),
    "right-hand": ("right",),
    "righthand": ("right",),
    "top": ("top",),
    "topmost": ("top",),
    "upper": ("top",),
    "highest": ("top",),
    "bottom": ("bottom",),
    "bottommost": ("bottom",),
    "lower": ("bottom",),
    "lowest": ("bottom",),
    "middle": ("middle",),
    "center": ("middle",),
    "centre": ("middle",),
    "central": ("middle",),
    "background": ("background",),
    "foreground": ("foreground",),
    "front": ("foreground",),
    "back": ("background",),
}
RANKS: dict[str, Rank] = {
    **dict.fromkeys(["big", "bigger", "biggest", "large", "larger", "largest", "huge", "main", "giant"], "largest"),
    **dict.fromkeys(["small", "smaller", "smallest", "little", "tiny", "tiniest", "littlest"], "smallest"),
    **dict.fromkeys(["tall", "taller", "tallest"], "tallest"),
    **dict.fromkeys(["wide", "wider", "widest"], "widest"),
    **dict.fromkeys(["close", "closer", "closest", "near", "nearest", "nearer", "frontmost"], "nearest"),
    **dict.fromkeys(["far", "farther", "farthest", "further", "furthest", "distant"], "farthest"),
    **dict.fromkeys(["bright", "brighter", "brightest"], "brightest"),
    **dict.fromkeys(["dark", "darker", "darkest"], "darkest"),
}
MEASURES = frozenset(
    ["sheet", "piece", "slice", "group", "bunch", "pair", "row", "pile", "stack", "body", "pack", "loaf"]
)
"""What "of" follows without naming a part."""
_SIDE = (
    r"(?:left|right|top|bottom|upper|lower|middle|cent(?:er|re)|far left|far right|foreground|background|front|back)"
)
_LOCATED = re.compile(
    rf"\b(?:(?:that|which) (?:is|are) )?(?:on|at|in|to|towards?|near) (?:the |its )?(?:very )?({_SIDE}(?:[ -]{_SIDE})?)"
    r"(?:[ -]?hand)?(?: side| edge| half| part| corner)?(?: of (?:the |this )?(?:picture|image|photo|photograph|scene|frame|shot))?(?! of\b)(?=$|[ ,])"
)
_FROM = re.compile(r"\b(?:counting )?from (?:the )?(left|right|top|bottom|front|back)\b")
_LINKS: tuple[tuple[str, Link], ...] = (
    (r"(?:on|to|at) (?:the |its )?left(?: side)? of|left of", "left"),
    (r"(?:on|to|at) (?:the |its )?right(?: side)? of|right of", "right"),
    (r"in front of", "in_front"),
    (r"in between|between", "between"),
    (r"on top of|sitting on|lying on|standing on|resting on|onto|upon|atop|on", "on"),
    (r"next to|beside|besides|adjacent to|alongside|closest to|nearest to|close to|near|by", "beside"),
    (r"above|over", "above"),
    (r"underneath|beneath|below|under", "below"),
    (r"behind", "behind"),
    (r"inside of|inside|within|in", "inside"),
    (r"around|surrounding", "around"),
    (r"wearing|holding|carrying|with", "with"),
    (r"of|belonging to|worn by|held by", "of"),
)
_LINK = re.compile(r"\b(?:(?:that|which|who) (?:is|are) )?(?:" + "|".join(f"({p})" for p, _ in _LINKS) + r")\b ")
_BUT = re.compile(
    r"^(?:everything|anything|all|the rest)(?: of the (?:picture|image|photo))? (?:except|but|other than|apart from|besides)(?: for)? (.+)$"
)
_WHOLE = frozenset(
    (
        "picture",
        "image",
        "photo",
        "photograph",
        "scene",
        "frame",
        "shot",
        "everything",
        "whole picture",
        "entire picture",
        "whole image",
        "entire image",
        "whole thing",
    )
)


def is_whole(phrase: str) -> bool:
    """Whether the phrase means the whole picture."""
    words = [
        w for w in _tidy(phrase).split() if w not in DETERMINERS and w not in ("whole", "entire", "full", "complete")
    ]
    return " ".join(words) in _WHOLE


def parse_phrase(phrase: str) -> tuple[Query, ...]:
    """Noun phrases joined by "and" or commas give several queries, whose regions are united. Never empty."""
    text = _tidy(phrase)
    words = lexicon()
    return tuple(_query(part, words) for part in _conjuncts(text, words)) or (Query(text),)


def _tidy(phrase: str) -> str:
    text = re.sub(r"[^\w\s,'-]", " ", phrase.lower().replace("’", "'").replace("grey", "gray"))
    return re.sub(r"\s+", " ", text).strip(" ,")


def _conjuncts(text: str, words: Lexicon) -> list[str]:
    """Split at "and" and commas, but not "black and white cat", "between A and B", nor a compound that is a noun itself."""
    parts: list[str] = []
    for piece in re.split(r"\s*,\s*(?:and )?|\s+(?:and|plus|as well as)\s+", text):
        if not piece:
            continue
        last = parts[-1] if parts else ""
        if parts and (_only_adjectives(last, words) or ("between " in last and " and " not in last)):
            parts[-1] = f"{last} and {piece}"
        else:
            parts.append(piece)
    return parts


def _only_adjectives(piece: str, words: Lexicon) -> bool:
    tokens = [t for t in piece.split() if t not in DETERMINERS]
    return bool(tokens) and all(
        t in COLOURS or t in RANKS or (t in PLACES and t not in ("background", "foreground")) for t in tokens
    )


def _query(text: str, words: Lexicon) -> Query:
    if excepted := _BUT.match(text):
        return replace(_query(excepted[1], words), inverted=True)
    order_side, places = "", tuple[Place, ...]()
    if counted := _FROM.search(text):
        order_side = counted[1]
        text = _cut(text, counted)
    anchor: Query | None = None
    second: Query | None = None
    link: Link | None = None
    located = _LOCATED.search(text)
    first = _first_link(text)
    if located and located.start() > 0 and (not first or located.start() <= first.start()):
        places = _places(located[1])
        text = _cut(text, located)
        first = _first_link(text)
    if first and first.start() > 0:
        link = next(kind for (_, kind), group in zip(_LINKS, first.groups(), strict=True) if group)
        rest = text[first.end() :]
        text = text[: first.start()].strip()
        if link == "between" and " and " in rest:
            rest, _, other = rest.partition(" and ")
            second = _query(other, words)
        anchor = _query(rest, words)
        if anchor.head in ("two", "three", "pair"):
            link, anchor = None, None
    elif "'s " in text or "s' " in text:
        owner, _, text = text.replace("s' ", "s's ").rpartition("'s ")
        link, anchor = "of", _query(owner, words)
    read = _head(
        text,
        words,
        Query(
            "", places=places, order=(1, order_side) if order_side else None, link=link, anchor=anchor, second=second
        ),
    )
    return _measured(read)


def _measured(query: Query) -> Query:
    """ "Sheets of paper" are paper, several of it; "a slice of the orange" is looked for as an orange."""
    if query.link == "of" and query.anchor is not None and query.head in MEASURES:
        inner = query.anchor
        several = query.several or inner.several or query.head in ("group", "bunch", "pair", "row", "pile")
        return replace(
            query, head=inner.head, colours=query.colours + inner.colours, several=several, link=None, anchor=None
        )
    return query


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()].strip()} {text[found.end() :].strip(' ,')}".strip()


def _first_link(text: str) -> re.Match[str] | None:
    for found in _LINK.finditer(text):
        if found.start() > 0:
            return found
    return None


def _places(words: str) -> tuple[Place, ...]:
    out: list[Place] = []
    for word in re.split(r"[ -]", words):
        out += [p for p in PLACES.get(word, ()) if p not in out]
    return tuple(out)


def _head(text: str, words: Lexicon, base: Query) -> Query:
    """Read the adjectives from the left; what remains is the noun."""
    tokens = [t for t in text.split() if t not in DETERMINERS and t != "very"]
    query, adjectives = base, list[str]()
    while tokens:
        token, pair = tokens[0], " ".join(tokens[:2])
        noun_left = len(tokens) > 1
        if not noun_left or (
            words.knows(words.singular(" ".join(tokens))[0]) and token not in COLOURS and len(tokens) < 4
        ):
            break
        if pair in COLOURS and len(tokens) > 2:
            query, taken = replace(query, colours=(*query.colours, pair)), 2
        elif updated := _adjective(token, query):
            query, taken = updated, 1
        else:
            adjectives, taken = [*adjectives, token], 1
            if words.knows(words.singular(" ".join(tokens[1:]))[0]):
                query = replace(query, adjectives=(*query.adjectives, token))
            elif len(tokens) <= 2:
                break
        tokens = tokens[taken:]
    if (
        len(tokens) == 1
        and (tokens[0] in PLACES or tokens[0] in COLOURS or tokens[0] in RANKS)
        and tokens[0] not in ("background", "foreground", "orange")
    ):
        query = _adjective(tokens[0], query) or query
        tokens = ["object"]
    noun = " ".join(tokens) or "object"
    head, plural = words.singular(noun)
    several = query.several or plural
    if query.order or query.rank or (query.count or 0) == 1:
        several = query.several
    return replace(query, head=head, several=several)


def _adjective(token: str, query: Query) -> Query | None:
    """The query with this adjective added, or None if the word is no adjective that we know."""
    if token in COLOURS:
        return replace(query, colours=(*query.colours, token))
    if token in ("all", "every", "each", "both"):
        return replace(query, several=True)
    if token in ORDINALS or re.fullmatch(r"[0-9]{1,3}(st|nd|rd|th)", token):
        n = ORDINALS.get(token) or int(token[:-2])
        return replace(query, order=(n, query.order[1] if query.order else "left"))
    if token in NUMBERS or re.fullmatch("[0-9]{1,3}", token):
        return replace(query, count=NUMBERS[token] if token in NUMBERS else int(token))
    if token in PLACES:
        return replace(query, places=(*query.places, *PLACES[token]))
    if token in RANKS:
        return replace(query, rank=RANKS[token])
    if token in MATERIALS or token in MATERIAL_ALIASES:
        return replace(query, materials=(*query.materials, token))
    if token in ("of", "and", "one", "only", "single", "same", "other"):
        return query
    return None
