"""Sound -> mood -> grade. The mood is a point in Russell's circumplex (valence, arousal); genre and instruments give the palette."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np

from pixwright.edit.toning.grade import Cast, Grade, between
from pixwright.records.instruction import SoundAttachment
from pixwright.words.music import felt_by_tags

_MUSICAL = 0.25
"""Least likelihood of the likeliest tag that names a genre, instrument or voice, for a sound to count as music (noise, wind and clicks
stay below; they are called fast, loud or ambient, which says nothing)."""


class Facts(Protocol):
    """What is measured on the signal (`encoders.signal.MusicFacts`)."""

    @property
    def tempo_bpm(self) -> float: ...
    @property
    def onset_rate(self) -> float: ...
    @property
    def loudness(self) -> float: ...
    @property
    def brightness(self) -> float: ...
    @property
    def mode(self) -> str: ...
    @property
    def mode_margin(self) -> float: ...


class Tagger(Protocol):
    """`encoders.music.MusicTagger`, or a test's own."""

    def tags(self, sound: SoundAttachment) -> dict[str, float]:
        """Tag -> likelihood."""
        ...

    def facts(self, sound: SoundAttachment) -> Facts:
        """Measured on the signal."""
        ...


@dataclass(frozen=True)
class Mood:
    """`valence` -1 sad to 1 happy, `arousal` -1 calm to 1 excited; `palette` the name of the genre's colours or ""; `heard` its reasons."""

    valence: float
    arousal: float
    palette: str
    heard: tuple[str, ...]
    musical: bool
    likeness: float = 0.0
    """Likelihood of the likeliest genre, instrument or voice."""


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files("pixwright.edit").joinpath("data/music.json").read_text("utf-8"))
    return data


def mood_of(sound: SoundAttachment, tagger: Tagger) -> Mood:
    """Listen. Tags say genre and mood, the signal says pace, loudness, brightness and mode; a sound that is no music is judged by
    loudness and brightness alone."""
    tags, facts = tagger.tags(sound), tagger.facts(sound)
    loud = float(np.clip((facts.loudness + 20) / 10, -1, 1))
    bright = float(np.clip(np.log2(max(facts.brightness, 50) / 1000) / 1.6, -1, 1))
    best = sorted(tags.items(), key=lambda item: -item[1])[:6]
    likeness = max((v for name, v in tags.items() if name not in _data()["unmusical"]), default=0.0)
    if likeness < _MUSICAL:
        return Mood(
            0.25 * bright,
            0.6 * loud + 0.4 * bright,
            "",
            (_word(loud, "quiet", "loud"), _word(bright, "dark", "bright")),
            False,
            likeness,
        )
    pace = float(np.clip((facts.onset_rate - 2.4) / 2.6, -1, 1))
    if facts.tempo_bpm > 0:
        pace = 0.65 * pace + 0.35 * float(np.clip((facts.tempo_bpm - 105) / 50, -1, 1))
    tag_valence, tag_arousal = _from_tags(tags)
    mode = {"major": 1.0, "minor": -1.0}.get(facts.mode, 0.0) * float(np.clip(facts.mode_margin / 0.12, 0.25, 1))
    arousal = 0.40 * pace + 0.25 * tag_arousal + 0.20 * loud + 0.15 * bright
    valence = 0.42 * mode + 0.30 * tag_valence + 0.28 * pace
    heard = (_word(pace, "slow", "fast"), _word(loud, "quiet", "loud"), facts.mode, *[name for name, _ in best[:3]])
    said = tuple(dict.fromkeys(h for h in heard if h))
    return Mood(_spread(valence), _spread(arousal), _palette(tags), said, True, likeness)


def _spread(x: float) -> float:
    return float(np.tanh(2.0 * x))


def _word(x: float, low: str, high: str) -> str:
    return low if x < -0.25 else high if x > 0.25 else ""


def _from_tags(tags: dict[str, float]) -> tuple[float, float]:
    """Mean valence and arousal of the likeliest tags that have any, weighted by likelihood; happy against sad counts by ratio."""
    moods = felt_by_tags()
    total = sum(tags.get(name, 0.0) for name in moods) or 1.0
    valence = sum(tags.get(name, 0.0) * v for name, (v, _) in moods.items()) / total
    arousal = sum(tags.get(name, 0.0) * a for name, (_, a) in moods.items()) / total
    ratio = np.log((tags.get("happy", 0.0) + 2e-3) / (tags.get("sad", 0.0) + 2e-3))
    return float(np.clip(0.9 * valence + 0.5 * np.tanh(ratio), -1, 1)), float(np.clip(1.8 * arousal, -1, 1))


def _palette(tags: dict[str, float]) -> str:
    palettes = _data()["palettes"]
    scores = {
        name: sum(sorted((tags.get(t, 0.0) for t in row["tags"]), reverse=True)[:3]) for name, row in palettes.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0.2 else ""


@cache
def _corner(name: str) -> Grade:
    row = _data()["corners"][name]
    make: Any = Grade
    grade: Grade = make(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})
    return grade


def grade_of(mood: Mood) -> Grade:
    """The four corners of the circumplex, mixed by the mood, with the genre's colours in its shadows and lights."""
    v, a = (1 + mood.valence) / 2, (1 + mood.arousal) / 2
    calm = between(_corner("sad"), _corner("calm"), v)
    wild = between(_corner("fierce"), _corner("happy"), v)
    grade = between(calm, wild, a)
    if not mood.palette:
        return grade
    row = _data()["palettes"][mood.palette]
    shadows: Cast = tuple(row["shadows"])
    lights: Cast = tuple(row["lights"])
    return between(grade, replace(grade, shadows=shadows, lights=lights), 0.42)


def describe(mood: Mood) -> str:
    """One line for the user: what was heard and what it became."""
    heard = ", ".join(mood.heard) or "nothing distinct"
    feeling = ("happy" if mood.valence > 0 else "sad") if abs(mood.valence) > 0.2 else "neutral"
    energy = ("lively" if mood.arousal > 0 else "calm") if abs(mood.arousal) > 0.2 else "moderate"
    if not mood.musical:
        return f"no music was recognised in the sound; its loudness and brightness alone ({heard}) set the tone"
    colours = f" in the colours '{mood.palette}'" if mood.palette else ""
    return f"heard {heard}: {feeling} (valence {mood.valence:+.2f}) and {energy} (arousal {mood.arousal:+.2f}){colours}"
