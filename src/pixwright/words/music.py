"""What music feels like, by its words: `music.tsv`, a row a word, as valence and arousal in Russell's circumplex. One table for music that is heard and music that is only spoken of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Played:
    """`valence` -1 sad to 1 happy, `arousal` -1 calm to 1 excited; `sort`: "genre", "form" ("waltz"), "instrument", "sound", "manner" ("slow"), "music" ("song"), "tone" (of a picture; written "=calm"), or "both".

    "both" is music only beside another word of music: "rock", "march".
    """

    valence: float
    arousal: float
    sort: str
    tag: bool = False
    """Whether the tagger of sounds knows it."""


@cache
def music() -> dict[str, Played]:
    """Word -> what it feels like."""
    text = resources.files("pixwright.words").joinpath("music.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {word: Played(float(v), float(a), sort, bool(tag)) for word, v, a, sort, *tag in rows}


@cache
def felt_by_tags() -> dict[str, tuple[float, float]]:
    """(valence, arousal) of the tagger's tags that have any."""
    return {word: (row.valence, row.arousal) for word, row in music().items() if row.tag}


def nearest_tone(valence: float, arousal: float) -> str:
    """The tone of a picture that feels the likest."""
    tones = {word[1:]: row for word, row in music().items() if row.sort == "tone"}
    return min(tones, key=lambda tone: (tones[tone].valence - valence) ** 2 + (tones[tone].arousal - arousal) ** 2)
