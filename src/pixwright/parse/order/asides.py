"""What is asked for that is done anyway: "ensuring it blends naturally", "to bring the scene to life", "including its full body"."""

from __future__ import annotations

from pixwright.parse.lexicon import LEXICON, phrases
from pixwright.parse.tokens import Token
from pixwright.words.adjectives import PICTURES

_ASSURING = phrases(
    "ensuring that|ensuring|making sure that|making sure|making certain that|so that|and ensure that|and ensure|and make sure that|and make sure|"
    "taking care that|such that|guaranteeing that|to ensure that|to ensure"
)
_FITS = frozenset(
    "blend blends blending blended natural naturally seamless seamlessly realistic realistically harmonious harmoniously harmonize harmonizes consistent convincingly believable "
    "believably cohesive smoothly organically".split()
)
"""What every edit is to be: fitting."""
_BLENDS = frozenset("blends blend harmonizes harmonize integrates integrate".split())
_STAYS = frozenset("intact unaffected undisturbed unchanged untouched same original".split())
_AROUND = frozenset("background surroundings environment surrounding scene rest else other".split())
_FITTING = frozenset(
    "blending matching integrating fitting harmonizing merging maintaining keeping preserving retaining".split()
)
_PURPOSE = frozenset(
    "enhance diversify enliven emphasize complement accentuate enrich liven balance complete highlight bring add create give blend".split()
)
_EFFECTS = frozenset(
    "scene scenery image picture photo composition life liveliness charm appeal color interest depth atmosphere mood character touch burst beauty variety sweetness contrast "
    "theme whimsy vibrancy dynamism warmth feel vibe setting landscape effect environment flair".split()
)
"""Nouns of what a thing is said to bring: no thing."""
_BRINGING = frozenset("adding inviting bringing creating giving lending infusing enhancing making evoking".split())
_BRINGS = frozenset(word for name in ("add", "put") for word in LEXICON.classes[name].by_first)
_ASKING = phrases(
    "make sure that|make sure|ensure that|ensure|please ensure|please make sure|be sure that|make certain that|see that|see to it that"
)
_MODALS = frozenset("should must has have needs need ought".split())
_MATCHES = frozenset(
    "match matches blend blends fit fits integrate integrates harmonize harmonizes suit suits complement complements".split()
)
_SEEMS = frozenset("look looks appear appears seem seems be feel feels is are".split())
_SURROUNDS = (
    _AROUND | _EFFECTS | PICTURES | frozenset("lighting light perspective style scale shadows tone tones room".split())
)
"""What a new thing fits into."""
_SUBJECT = 6
"""Words of the thing that is to fit, with its verb."""
_WITH_IT = phrases(
    "including all|including any|including every|including its|including his|including her|including their|with its|focusing on|with a focus on|such as|with special attention to|with attention to"
)
"""What belongs to the thing, or is an example of what stays."""
_ITS, _CUTS = phrases("including the"), frozenset(("extract", "isolate"))
_MORE = frozenset("added extra more additional some".split())
_MOST = 12
"""Words of a purpose."""


def without_purpose(tokens: list[Token]) -> list[Token]:
    """ "Add a bench, to create a cozy scene": what it is for is no second thing."""
    words = tuple(t.text for t in tokens)
    fits = next((i for i in range(3, len(words) - 1) if words[i] in ("that", "which") and words[i + 1] in _BLENDS), 0)
    if fits and "," not in words[fits:]:
        return tokens[:fits]
    for at in range(3, len(words) - 1) if words and words[0] in _BRINGS else ():
        to = at + (words[at] == ",")
        ends = words[-1] in _EFFECTS and "," not in words[to:]
        if words[to] == "for" and words[to + 1] in _MORE and words[-1] in _EFFECTS - PICTURES:
            return tokens[:at]
        if words[to : to + 1] == ("to",) and words[to + 1 : to + 2] and words[to + 1] in _PURPOSE and ends:
            return tokens[:at]
    return tokens


def without_asides(tokens: list[Token]) -> list[Token]:
    """The tokens of a sentence without what is done anyway."""
    words = tuple(t.text if t.kind == "word" else t.text if t.text == "," else "\0" for t in tokens)
    for at in range(2, len(words)):
        start = at + (words[at] in (",", "while", "and", "thereby"))
        start += start > at and start < len(words) and words[start] in ("while", "thereby", "and")
        end = next((i for i in range(start, len(words)) if words[i] == "," and i > start), len(words))
        if words[start : start + 2] == ("such", "as") or (
            start > at
            and any(
                words[start : start + len(lead)] == lead for lead in (*_WITH_IT, *(_ITS if words[0] in _CUTS else ()))
            )
        ):
            return without_asides(_up_to_verb(tokens, at, start))
        if start < end and _is_aside(words[start:end], behind_comma=start > at):
            return without_asides([*tokens[:at], *tokens[end:]])
    return tokens


def fits_in(tokens: list[Token]) -> bool:
    """Whether a sentence asks of a thing only that it fits in: "the hut should match the lighting of the scene", "make sure it looks realistic"."""
    words = tuple(t.text for t in tokens if t.kind == "word")
    lead = next((lead for lead in _ASKING if words[: len(lead)] == lead), ())
    rest = words[len(lead) :]
    at = next((i for i, word in enumerate(rest[:_SUBJECT]) if word in _MATCHES | _SEEMS | _MODALS), 0)
    if not at or not (lead or rest[at] in _MODALS):
        return False
    behind = rest[at + (rest[at] in _MODALS) :]
    behind = behind[1:] if behind[:1] == ("to",) else behind
    if behind[:1] and behind[0] in _SEEMS:
        return not _FITS.isdisjoint(behind[1:])
    return bool(behind) and behind[0] in _MATCHES and not (_SURROUNDS | _FITS).isdisjoint(behind)


def _up_to_verb(tokens: list[Token], at: int, start: int) -> list[Token]:
    """Without the list that begins at `start`, up to a "while"."""
    end = next((i for i in range(start, len(tokens)) if tokens[i].text == "while"), len(tokens))
    return [*tokens[:at], *tokens[end:]]


def _is_aside(words: tuple[str, ...], behind_comma: bool) -> bool:
    lead = next((lead for lead in _ASSURING if words[: len(lead)] == lead), None)
    if (lead or words[0] in _FITTING or words[0] in ("partially", "blended")) and not _FITS.isdisjoint(words):
        return True
    if words[:2] in (("so", "it"), ("so", "they"), ("so", "that")) and {"like", "as"} & set(words[2:6]):
        return not {"look", "looks"}.isdisjoint(words[2:5])  # "so it looks like she is singing": what for
    if words[0] in ("separating", "isolating", "cutting") and "background" in words:
        return True  # what cutting out is
    if lead and not _STAYS.isdisjoint(words) and not _AROUND.isdisjoint(words):
        return True
    if behind_comma and words[0] in _BRINGING and not _EFFECTS.isdisjoint(words[1:]) and len(words) <= _MOST:
        return True
    purpose = words[0] == "to" and not _PURPOSE.isdisjoint(words[1:2])
    return purpose and len(words) <= _MOST and not _EFFECTS.isdisjoint(words)
