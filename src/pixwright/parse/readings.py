"""What a thing can become: nonterminals that read a colour, material, tone, style, appearance, action or background with the small words around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pixwright.parse.grammar import Clause, Found, nonterminal
from pixwright.parse.lexicon import LEXICON, Phrases
from pixwright.records.vocabulary import OPPOSITES
from pixwright.words import lexicon
from pixwright.words.colours import canonical, colour_at, is_colour

_SHADES = frozenset(
    "warmer cooler softer richer paler warm cool cold bright vivid deep dark light pale neon pastel solid plain soft rich pure uniform simple bold all completely entirely darker lighter brighter deeper nice".split()
)
_KEPT_SHADES = frozenset("dark deep light pale bright vivid neon".split())
_COMPARED = {"darker": "dark", "lighter": "light", "brighter": "bright", "deeper": "deep"}
_SHADE_OF = frozenset("shade shades tone tint of the".split())
"""What may stand between a depth and its colour: "a darker shade of brown"."""
_COLOUR_NOUNS = frozenset("color colored shade hue tone tint coat of paint job".split())
_TONE_LEADS = frozenset(
    "a an the in at like early late deep mid during on it is with more very as to be being were was if really quite some into taken under by of".split()
)
_TONE_NOUNS = frozenset(
    "scene day time season weather picture photo image look mood feel feeling vibe vibes atmosphere lighting light landscape version film print portrait photography outside outdoors there here conditions shot setting style filter effect tone tones hour colors color palette ambience ambiance heavily hard lightly instead now photograph view climate effects theme".split()
)
_ART_LEADS = frozenset(
    "a an the in as like something style of by painted drawn made with look picture photo image painting drawing artwork classic classical traditional japanese real detailed simple it is were was some from beautiful hand using portrait work piece movie still scene photograph frame panel page".split()
)
_ART_NOUNS = frozenset(
    "mood vibe vibes feel feeling atmosphere panel page strip rendering render colors strokes style art painting drawing picture image photo effect filter look version illustration sketch artwork print rendering piece scene aesthetic portrait poster design work render technique paint window movie film cover 's manner character animation game photograph frame would did".split()
)
_FINISH_LEADS = frozenset(
    "a an the with in some look looking very more really have having all extremely its and quite much bit little so completely of has than it is was covered patterned as".split()
)
_FINISH_NOUNS = frozenset(
    "pattern patterns print texture design looking look appearance skin all over again instead on it surface patterned motif coat finish".split()
)
_ACT_LEADS = frozenset("be to is are being start look doing were was seem appear now also like it".split())
_AFTER_ACT = frozenset(
    "on in at over into with to from through across under next toward towards along by around up down for onto like a an the its his her off out".split()
)
_ARTICLES = frozenset("a an the its his her".split())
_SETTING_LEADS = frozenset("a an the of to in at with on be some look like more".split())
_SETTING_NOUNS = frozenset("background backdrop scene one setting landscape view".split())
_KNOB_LEADS = frozenset("the its their a some overall more any of level amount all global general in my".split())
_KNOB_NOUNS = frozenset("level levels effect value setting slider filter".split())
AMBIGUOUS_METALS = frozenset(("gold", "silver", "bronze", "copper"))
"""Colours that are materials too: "gold" alone is the colour, "made of gold" the material."""


def _skip(words: tuple[str, ...], i: int, skipped: frozenset[str]) -> int:
    while i < len(words) and words[i] in skipped:
        i += 1
    return i


def _tails(words: tuple[str, ...], end: int, allowed: frozenset[str]) -> list[int]:
    """`end` and every place behind it that is reached over allowed words, the furthest first."""
    ends = [end]
    while end < len(words) and words[end] in allowed:
        end += 1
        ends.insert(0, end)
    return ends


def _shade_of(words: tuple[str, ...]) -> bool:
    """ "Dark cherry": with a shade, a name that is a thing's as well is a colour."""
    return len(words) == 2 and words[0] in _KEPT_SHADES and is_colour(words[1])


def _called(clause: Clause, start: int) -> Found:
    """The rest of a clause as a colour that a thing lends its name to ("make the car tomato"), or whose first word nobody knows ("farrow green")."""
    words = clause.words
    if is_colour(" ".join(words[start:])):
        return [(len(words), " ".join(words[start:]))]
    behind = words[start:-1]
    if not 0 < len(behind) <= _LONGEST_SHADE or not is_colour(words[-1]) or colour_at(words, len(words) - 2) > 1:
        return []
    if any(token.kind != "word" for token in clause.tokens[start : start + len(behind)]):
        return []
    grammar = {behind[0], behind[0].removesuffix("s")} & LEXICON.commands
    alone = len(behind) == 1 and not _named(behind[0]) and not grammar
    return [(len(words), words[-1])] if alone or shades_of(words[: start + len(behind)]) == len(behind) else []


_LONGEST_SHADE = 2
"""Words before a colour, at most, that say which it is: "crystal clear blue"."""


def _named(word: str) -> bool:
    return any(lexicon().knows(form) for form in (word, word.removesuffix("s")))


def shades_of(words: Sequence[str]) -> int:
    """How many of the last words say nothing of the thing that stands before them, so that they belong to the colour behind: "the leaves autumn", "the sky clear".

    The thing is a noun that is known, none of them is one, and the last is a word that the rules know for a season, a look or a deed.
    """
    for many in range(min(_LONGEST_SHADE, len(words) - 1), 0, -1):
        shade = words[-many:]
        says = shade[-1] in (LEXICON.commands | LEXICON.adjectives) - LEXICON.function_words - {"one", "ones"}
        plain = says and not any(map(_named, shade))
        if (
            plain
            and _named(words[-many - 1])
            and not is_colour(words[-many - 1])
            and not lexicon().knows(" ".join(words[-many - 1 :]))
        ):
            return many
    return 0


@nonterminal("hue")
def hue(clause: Clause, i: int) -> Found:
    """A colour: "red", "a bright red", "the color red", "in blue", "light blue color"."""
    words = clause.words
    start = _skip(
        words,
        i,
        frozenset(
            "a an the in color of shade shades tones into to with more very much even bit little slightly lot way tad touch".split()
        ),
    )
    if start > i and colour_at(words, start - 1):
        start -= 1  # "very light blue"
    found: Found = []
    shaded = _skip(words, start, _SHADES)
    nested = _skip(words, shaded, _SHADE_OF) if shaded > start else shaded
    for at in dict.fromkeys((start, shaded, nested)):
        shade = words[min(at, shaded) - 1] if at > start else ""
        shade = _COMPARED.get(shade, shade if shade in _KEPT_SHADES else "")
        for end, colour in LEXICON.values["colour"].matches(words, at):
            colour = canonical(colour)
            value = f"{shade} {colour}" if shade and not colour.startswith(shade) else colour
            found += [(stop, value) for stop in _tails(words, end, _COLOUR_NOUNS)]
        size = max(colour_at(words, at), 2 * _shade_of(words[at : at + 2]))
        if size and all(end < at + size for end, _ in found):
            named = canonical(" ".join(words[at : at + size]))
            found += [(stop, named) for stop in _tails(words, at + size, _COLOUR_NOUNS)]
    if not found and words[i:start] in ((), ("in",)):
        found += _called(clause, start)
    unknown = words[start - 1 : start] in (("a",), ("an",)) and words[start + 1 : start + 2] in (("color",), ("shade",))
    if not found and unknown and clause.tokens[start].kind == "word":
        found.append((start + 2, words[start]))
    return found


_STUFF_LEADS = frozenset("a an some solid pure real polished shiny the dark light pale rough smooth".split())


@nonterminal("stuff")
def stuff(clause: Clause, i: int) -> Found:
    """A material: "wooden", "made of solid gold", "out of glass". The value is (name, whether "made of" or the like stood before it)."""
    words = clause.words
    j = _skip(
        words, i, frozenset(("look", "like", "it", "is", "are", "were", "was", "they", "as", "if", "be", "being"))
    )
    marked = False
    for lead in (("consist", "of"),
        ("consisting", "of"),
        ("made", "out", "of"), ("made", "entirely", "of"), ("made", "up", "of"), ("made", "of"), ("made", "from"), ("made", "with"), ("built", "of"), ("built", "from"), ("built", "out", "of"), ("carved", "from"), ("carved", "out", "of"), ("constructed", "of"), ("cast", "in"), ("out", "of"), ("of",), ("in",), ("from",)):  # fmt: skip
        if words[j : j + len(lead)] == lead:
            j, marked = j + len(lead), lead != ("in",)
            if lead == ("in",):
                j = _skip(words, j, _STUFF_LEADS)
            break
    j = _skip(words, j, _STUFF_LEADS) if marked else j
    found: Found = []
    if not marked and words[j : j + 1] in (("a",), ("an",)) and j + 1 < len(words):
        for end, name in LEXICON.values["material"].matches(words, j + 1):
            found += [
                (stop, (name, True))
                for stop in _tails(words, end, frozenset(("material", "texture", "finish", "look", "surface")))
                if stop > end
            ]
    for end, name in LEXICON.values["material"].matches(words, j):
        found += [
            (stop, (name, marked))
            for stop in _tails(
                words, end, frozenset(("material", "texture", "metal", "instead", "blocks", "bricks", "pieces"))
            )
        ]
    if words[j : j + 1] == ("golden",):
        found.append((j + 1, ("gold", marked)))
    return found


def _scan(words: tuple[str, ...], starts: Iterable[int], names: tuple[str, ...], tails: frozenset[str]) -> Found:
    """Every value of the lists `names` at one of `starts`, alone and with the words that may follow it, the longest first."""
    found = [
        (stop, value)
        for start in dict.fromkeys(starts)
        for name in names
        for end, value in LEXICON.values[name].matches(words, start)
        for stop in _tails(words, end, tails)
    ]
    return sorted(found, key=lambda item: -item[0])


@nonterminal("tone")
def tone(clause: Clause, i: int) -> Found:
    """A season, time of day, weather, look or mood: "winter", "a rainy day", "at night", "a cozy mood". The value is the canonical word."""
    starts = (i, _skip(clause.words, i, _TONE_LEADS))
    said = [
        _scan(words, starts, ("season", "time", "weather", "look", "mood"), _TONE_NOUNS)
        for words in (clause.words, tuple(map(_positive, clause.words)))
    ]
    return said[0] or said[1]


def _positive(word: str) -> str:
    """ "moody" of "moodier", "eerie" stays."""
    return f"{word[:-3]}y" if word.endswith("ier") else word


@nonterminal("opposite")
def opposite(clause: Clause, i: int) -> Found:
    """What is less of a tone: "less gloomy", "not so cold"."""
    words = clause.words
    lead = next((lead for lead in (("less",), ("not", "so"), ("not", "as")) if words[i : i + len(lead)] == lead), None)
    if lead is None or i + len(lead) >= len(words):
        return []
    return [(end, OPPOSITES[value]) for end, value in tone(clause, i + len(lead)) if value in OPPOSITES]


def colour_and_material(words: tuple[str, ...]) -> tuple[str, str] | None:
    """The two that words say if they say nothing else: "red leather", "polished black marble". "Rose gold" is a colour with a name of its own."""
    if is_colour(" ".join(words)):
        return None
    for end, material in (found for at in range(len(words)) for found in _materials(words, at)):
        before = words[: len(words) - end]
        for at in range(len(before)):
            colour = " ".join(before[at:])
            if is_colour(colour) and all(map(_is_finish, before[:at])):
                return colour, material
    return None


def _is_finish(word: str) -> bool:
    """Whether a word says how a surface is worked: "polished", "shiny"."""
    return not is_colour(word) and (word.endswith("ed") or word in LEXICON.adjectives)


def _materials(words: tuple[str, ...], at: int) -> Iterable[tuple[int, str]]:
    """(length, name) of a material that the words from `at` to the end are."""
    return [(len(words) - at, name) for end, name in LEXICON.values["material"].matches(words, at) if end == len(words)]


@nonterminal("art")
def art(clause: Clause, i: int) -> Found:
    """A style of drawing: "an oil painting", "watercolor style", "a painting by van gogh", "in the style of picasso"."""
    starts = range(i, _skip(clause.words, i, _ART_LEADS) + 1)
    return [(end, value.replace(" 's", "'s")) for end, value in _scan(clause.words, starts, ("style",), _ART_NOUNS)]


@nonterminal("finish")
def finish(clause: Clause, i: int) -> Found:
    """An appearance: "striped", "with polka dots", "a checkered pattern", "covered in snow", "very old"."""
    start = _skip(clause.words, i, _FINISH_LEADS)
    hue = start + max(colour_at(list(clause.words[start : start + 2]), 0), 0)
    return _scan(clause.words, (i, start, hue), ("appearance",), _FINISH_NOUNS)


@nonterminal("act")
def act(clause: Clause, i: int) -> Found:
    """An action as its verb phrase: the canonical word, followed by what else is said ("eat an apple")."""
    words = clause.words
    start = _skip(words, i, _ACT_LEADS)
    found: Found = []
    for at in dict.fromkeys((start, i)):
        for end, value in LEXICON.values["action"].matches(words, at):
            if end == len(words):
                found.append((end, value))
            elif clause.tokens[end].kind == "word" and words[end] in _ADVERBS and end + 1 == len(words):
                found.append((end + 1, value))
            elif value in _SELF_CONTAINED and words[end] in _AFTER_ACT - _ARTICLES:
                found += [(stop, value) for stop, _ in _after_action(clause, end)]
            else:
                found += [(stop, f"{value} {tail}") for stop, tail in _after_action(clause, end)]
    return found


_SELF_CONTAINED = frozenset(("lie down", "stand up", "tilt", "lean"))
"""Actions of which where they are done says nothing more."""
_ADVERBS = frozenset(
    "happily sadly quickly slowly high fast away now up down instead loudly gently again together outside nicely broadly quietly around forward back there peacefully softly upright straight joyfully calmly".split()
)


def _after_action(clause: Clause, end: int) -> Found:
    """An object or a place behind the verb."""
    words = clause.words
    at = end + 1 if words[end] in _ADVERBS else end
    if at < len(words) and words[at] in _AFTER_ACT:
        at = at if words[at] in _ARTICLES else at + 1
        at = at + 1 if at < len(words) and words[at] in ("to", "of") else at
    if at >= len(words):
        return []
    return [(stop, " ".join(t.text for t in clause.tokens[end:stop])) for stop, _ in clause.reader.ends(at, "phrase")]


@nonterminal("setting")
def setting(clause: Clause, i: int) -> Found:
    """A background that can be painted: "a beach", "the mountains", "a blurry one", "a plain white one"."""
    return _scan(clause.words, (_skip(clause.words, i, _SETTING_LEADS),), ("background",), _SETTING_NOUNS)


@nonterminal("knob")
def knob(clause: Clause, i: int) -> Found:
    """A photographic control's name: "the brightness", "color temperature"."""
    return _scan(clause.words, (_skip(clause.words, i, _KNOB_LEADS),), ("control",), _KNOB_NOUNS)


GRADED = Phrases.of({phrase: f"{name}:{sign}" for phrase, (name, sign) in LEXICON.raw["graded"].items()})


@nonterminal("graded")
def graded(clause: Clause, i: int) -> Found:
    """A comparative of a control as (control, sign): "brighter", "less saturated"."""
    found = []
    for end, value in GRADED.matches(clause.words, i):
        name, _, sign = value.partition(":")
        found.append((end, (name, int(sign))))
    return found


_MORE = frozenset("more higher increased high stronger better".split())
_LESS = frozenset("less lower reduced low weaker".split())


@nonterminal("less")
def _less(clause: Clause, i: int) -> Found:
    """ "More" or "less": whether it is less."""
    at = i + (clause.words[i] in ("have", "with", "of"))
    word = clause.words[at] if at < len(clause) else ""
    return [(at + 1, word in _LESS)] if word in _MORE | _LESS else []
