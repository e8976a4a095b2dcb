"""A picture that shall be like music: "make it fit a cheerful waltz", "the mood of a funeral march", "as if heavy metal was playing".

Only where every word has a role: "put a trumpet on the table" has a table in it. What the music feels like is `words.music`'s, as for music that is heard.
"""

from __future__ import annotations

from itertools import pairwise

from pixwright.parse.grammar import Clause
from pixwright.parse.heard import known_sound
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.wholes.roles import roles
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import lexicon
from pixwright.words.music import Played, music, nearest_tone

_HEARD = ("genre", "form", "sound")
"""Sorts of words that are heard by themselves; "rock" and "piano" only are beside one of them, or where something plays."""
_OWN_WORD = 1.5
"""Weight of a word that says how it feels ("slow", "cheerful"), where that of a kind of music is 1."""


def sounded(clause: Clause) -> list[Step] | None:
    """The tone of a sentence that likens the picture to music or to a sound; None for any other sentence."""
    if any(token.kind not in ("word", "stop") for token in clause.tokens):
        return None
    table = roles().classes
    words = _joined([word for word in clause.words if word not in (",", "'s")])
    likens = not (table["likens"] | table["plays"]).isdisjoint(words)
    rest = [word for word in words if word not in table["likens"] | table["plays"] | table["aside"] | table["picture"]]
    if not likens or not rest:
        return None
    rows = [row for word in rest if (row := _row(word))]
    if len(rows) < len(rest):
        weather = {sound[0] for word in rest if (sound := known_sound(word)) and sound[1]}
        known = len(weather) == 1 and all(_row(word) or known_sound(word) for word in rest)
        tone = weather.pop() if known else None
    else:
        tone = _tone(rows, plays=not table["plays"].isdisjoint(words))
        moods = {mood for word in rest if (mood := LEXICON.values["mood"].whole((word,)))}
        tone = moods.pop() if tone and len(moods) == 1 else tone  # "as sad as a country ballad"
    return None if tone is None else [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value=tone)]


def _joined(words: list[str]) -> list[str]:
    """ "Heavy metal" is one word of the table, and so is "hard rock"."""
    out = list(words)
    for at, (one, two) in enumerate(pairwise(words)):
        if one + two in music():
            out[at : at + 2] = [one + two, ""]
    return [word for word in out if word]


def _row(word: str) -> Played | None:
    """How a word of music feels, in the singular or plural; of a mood ("cheerful") what its tone does."""
    mood = LEXICON.values["mood"].whole((word,))
    if mood is not None:
        return music().get(f"={mood}")
    return music().get(word) or music().get(lexicon().singular(word)[0])


def _tone(rows: list[Played], plays: bool) -> str | None:
    """The tone that is nearest to all of them; None where they name no music, or say nothing of it."""
    sorts = {row.sort for row in rows}
    named = not sorts.isdisjoint(_HEARD) or ((plays or "music" in sorts) and len(sorts - {"music"}) > 0)
    weights = [0.0 if row.sort == "music" else _OWN_WORD if row.sort in ("manner", "tone") else 1.0 for row in rows]
    total = sum(weights)
    if not named or not total:
        return None
    valence = sum(row.valence * weight for row, weight in zip(rows, weights, strict=True)) / total
    arousal = sum(row.arousal * weight for row, weight in zip(rows, weights, strict=True)) / total
    return nearest_tone(valence, arousal)
