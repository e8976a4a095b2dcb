"""What a picture, a sound or a piece of music is, in words: tags with likelihoods, and a plain sentence of them.

The tags come from what the packaged networks know: the detector's kinds, the aligned encoder's vocabulary of things, places, sounds and moods, musicnn's tags, the facts
of the signal. The sentence says no more than they do. A language model that sees (`Teller`) may write a better one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.aligned import likelihoods
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.music import excerpt
from pixwright.encoders.signal import MusicFacts, chroma
from pixwright.records.description import SourceDescription, Tag
from pixwright.records.instruction import Array, Samples, SoundAttachment
from pixwright.words import inflection, lexicon
from pixwright.words.saying import article, counted

Floats = NDArray[np.float32]

SURE, LIKELY, FAINT = 0.45, 0.3, 0.03
"""Scores: of a detection that is said as it is, of a thing or place that is said at all, and of a tag that is listed."""
MOST = 8
"""Tags of a kind that are listed."""
_SLOW, _FAST = 84, 112
"""Beats a minute: below is slow, from there on fast."""
_INSTRUMENTS = 2
"""Instruments that a sentence names."""
_PIECE, _TONAL, _SCALE = 8.0, 0.7, 7
"""A sound of so many seconds or more is music where seven of the twelve tones, a scale, hold this share of its energy. Of 25 composed pieces 24 do; of nine
recordings of animals and things of six seconds or more, three, of which one is as long as that."""
NOTHING = "A picture of something that none of the known names fits."


class Teller(Protocol):
    """A language model that sees or hears through vectors of the aligned encoder."""

    def tell(self, kind: str, vector: Floats, tags: Sequence[Tag]) -> str:
        """A sentence about a picture, a sound or a piece of music; empty where it has nothing to say."""
        ...


class Describer:
    """Stateless: may be used from several threads."""

    def __init__(self, encoders: Encoders, teller: Teller | None = None) -> None:
        self._encoders, self._teller = encoders, teller

    @property
    def digests(self) -> dict[str, str]:
        """Weights beyond the packaged ones: none."""
        return {}

    def describe(self, picture: Array, target: str = "") -> str:
        """A caption of HxWx3 uint8 for InstructEdit's processor; empty where no name fits. `target` changes nothing: tags know no details."""
        caption = self.picture(picture).caption
        return "" if caption == NOTHING else caption

    def picture(self, picture: Array) -> SourceDescription:
        """What a picture HxWx3 uint8 shows."""
        seen = [one for one in self._encoders.detector.detect(picture) if one.score >= SURE]
        counts = Counter(one.kind for one in seen)
        vector = self._encoders.aligned.picture(picture)
        things = self._ranked(vector, "things")
        places = self._ranked(vector, "places")
        best: dict[str, float] = {}
        for one in seen:
            best[one.kind] = max(best.get(one.kind, 0.0), float(one.score))
        named = [Tag(kind, score, "thing") for kind, score in best.items()]
        named += [one for one in things if one.name not in best]
        tags = (*sorted(named, key=lambda one: -one.likelihood)[:MOST], *places[:MOST])
        said = [counted(kind, number) for kind, number in counts.most_common()]
        if not said and things and things[0].likelihood >= LIKELY:
            said = [article(things[0].name)]
        place = places[0].name if places and places[0].likelihood >= LIKELY else ""
        sentence = _of_picture(said, place)
        return self._told("picture", vector, sentence, tags, {})

    def sound(self, samples: Samples, rate: int) -> SourceDescription:
        """What makes a sound: mono float32 in [-1, 1] at `rate` Hz."""
        vector = self._encoders.aligned.sound(samples, rate)
        tags = tuple(self._ranked(vector, "sounds")[:MOST])
        if tags and tags[0].likelihood >= LIKELY:
            sentence = f"The sound of {article(tags[0].name)}."
        else:
            sentence = "A sound that none of the known ones is like." if not tags else _perhaps(tags)
        return self._told("sound", vector, sentence, tags, {})

    def music(self, samples: Samples, rate: int) -> SourceDescription:
        """Tempo, key, mood and instruments of a piece: mono float32 in [-1, 1] at `rate` Hz."""
        heard = SoundAttachment("", samples, rate)
        facts = self._encoders.music.facts(heard)
        vector = self._encoders.aligned.music(samples, rate)
        moods = self._ranked(vector, "moods")
        listed = self._encoders.music.tags(heard)
        played = [Tag(name, value, "instrument") for name, value in listed.items() if lexicon().is_(name, "instrument")]
        others = [Tag(name, value, "tag") for name, value in listed.items() if not lexicon().is_(name, "instrument")]
        tags = (*moods[:MOST], *[one for one in played if one.likelihood >= FAINT][:MOST], *others[:MOST])
        sentence = _of_music(facts, moods[0].name if moods else "", [one.name for one in played[:_INSTRUMENTS]])
        return self._told("music", vector, sentence, tags, _facts(facts))

    def heard(self, samples: Samples, rate: int) -> SourceDescription:
        """A sound or a piece of music, whichever it seems to be."""
        return self.music(samples, rate) if seems_music(samples, rate) else self.sound(samples, rate)

    def _ranked(self, vector: Floats, kind: str) -> list[Tag]:
        names, vectors = self._encoders.aligned.vocabulary(kind)
        odds = likelihoods(vectors @ vector)
        order = np.argsort(-odds, kind="stable")[:MOST]
        return [Tag(names[k], float(odds[k]), kind.removesuffix("s")) for k in order if odds[k] >= FAINT]

    def _told(
        self, kind: str, vector: Floats, sentence: str, tags: tuple[Tag, ...], facts: dict[str, str | float]
    ) -> SourceDescription:
        told = self._teller.tell(kind, vector, tags).strip() if self._teller is not None else ""
        return SourceDescription(kind, told or sentence, tags, facts, "model" if told else "tags")


def seems_music(samples: Samples, rate: int) -> bool:
    """Whether a sound is long enough and keeps to a scale: a guess, which `--as` of the command overrides."""
    if len(samples) < _PIECE * rate:
        return False
    tones = np.sort(chroma(excerpt(SoundAttachment("", samples, rate))))[::-1]
    return float(tones[:_SCALE].sum()) >= _TONAL


def _of_picture(things: list[str], place: str) -> str:
    if not things:
        return (
            f"A picture of {article(place)}." if place else "A picture of something that none of the known names fits."
        )
    listed = things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"
    return f"A picture of {listed}{f'; setting: {place}' if place else ''}."


def _perhaps(tags: Sequence[Tag]) -> str:
    first, *others = tags
    second = f" or {article(others[0].name)}" if others else ""
    return f"Perhaps the sound of {article(first.name)}{second}."


def _of_music(facts: MusicFacts, mood: str, instruments: list[str]) -> str:
    """Such as "A slow sad piece for piano, about 66 beats a minute, in C minor."."""
    pace = (
        "" if not facts.tempo_bpm else "slow" if facts.tempo_bpm < _SLOW else "fast" if facts.tempo_bpm >= _FAST else ""
    )
    kind = " ".join(filter(None, (pace, mood, "piece")))
    played = f" for {' and '.join(instruments)}" if instruments else ""
    beats = f", about {facts.tempo_bpm:.0f} beats a minute" if facts.tempo_bpm else ", without a clear beat"
    return f"{with_article(kind)}{played}{beats}, in {facts.key} {facts.mode}."


def with_article(phrase: str) -> str:
    """The phrase with "A" or "An" before it."""
    return f"{inflection.article(phrase).capitalize()} {phrase}"


def _facts(facts: MusicFacts) -> dict[str, str | float]:
    return {
        "tempo_bpm": round(facts.tempo_bpm, 1),
        "key": facts.key,
        "mode": facts.mode,
        "loudness_db": round(facts.loudness, 1),
        "onsets_per_second": round(facts.onset_rate, 2),
    }
