"""musicnn: a piece of music -> how much each of 92 tags (genre, instrument, mood) fits it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.signal import RATE, MusicFacts, mel_spectrogram, music_facts, resample
from pixwright.records.instruction import Samples, SoundAttachment
from pixwright.weights.session import open_session

Floats = NDArray[np.float32]
PATCH = 187
"""Frames of one look, three seconds."""
LONGEST = 45.0
"""Seconds that are listened to: the middle of a longer piece."""


class MusicTagger:
    """Stateless: may be used from several threads."""

    def __init__(self, sessions: dict[str, Any], names: dict[str, list[str]]) -> None:
        self._sessions = sessions
        self._names = names

    @classmethod
    def load(cls) -> MusicTagger:
        """The two packaged networks (MagnaTagATune's and the Million Song Dataset's tags). Raises `WeightsMissing` or `WeightsCorrupt`."""
        names = json.loads(files("pixwright.encoders").joinpath("data/music_tags.json").read_text("utf-8"))
        return cls({kind: open_session(f"musicnn-{kind}") for kind in names}, names)

    def tags(self, sound: SoundAttachment) -> dict[str, float]:
        """Tag -> likelihood in [0, 1], the mean over three-second patches; of a tag that both sets know, the mean of the two. Likeliest first.

        Likelihoods are small where a tag is rare in the training data: compare tags by rank, moods with moods.
        """
        look = patches(excerpt(sound))
        found: dict[str, list[float]] = {}
        for kind, session in self._sessions.items():
            mean = session.run(["tags"], {"mel": look})[0].mean(0)
            for name, value in zip(self._names[kind], mean, strict=True):
                found.setdefault(name, []).append(float(value))
        merged = {name: sum(values) / len(values) for name, values in found.items()}
        return dict(sorted(merged.items(), key=lambda item: -item[1]))

    def features(self, samples: Samples) -> Floats:
        """The penultimate layers of both networks side by side, (patches, 400), >= -1: what the tags are read from. `samples` at 16 kHz."""
        look = patches(samples)
        return np.concatenate(
            [session.run(["features"], {"mel": look})[0] for session in self._sessions.values()], axis=1
        )

    def facts(self, sound: SoundAttachment) -> MusicFacts:
        """Tempo, onsets, loudness, brightness, key and mode, from the signal itself."""
        return music_facts(excerpt(sound))


def excerpt(sound: SoundAttachment) -> Samples:
    """The middle 45 s at most, at 16 kHz."""
    longest = int(LONGEST * sound.rate)
    start = max(0, (len(sound.samples) - longest) // 2)
    return resample(sound.samples[start : start + longest], sound.rate, RATE)


def patches(samples: Samples) -> Floats:
    """log10(10000 mel + 1) in patches of 187 frames: (n, 187, 96), n >= 1; a shorter sound is repeated."""
    mel = np.log10(10_000 * mel_spectrogram(samples) + 1)
    if len(mel) < PATCH:
        mel = np.resize(mel, (PATCH, mel.shape[1]))
    count = len(mel) // PATCH
    return np.ascontiguousarray(mel[: count * PATCH].reshape(count, PATCH, -1), np.float32)
