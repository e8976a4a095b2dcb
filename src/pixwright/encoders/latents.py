"""What the aligned encoder sees and hears: a picture, a sound or a piece of music as one row of numbers, before any head has learnt from it.

A picture's are EfficientNet-Lite2's features. Sounds and music hold musicnn's penultimate layers, which know instruments and timbre. A sound has besides them how its log-mel bands are spread, how they change and how
fast they tremble (its modulation spectrum); music has the facts of the signal: tempo, onsets, loudness, brightness, mode.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.music import MusicTagger, excerpt
from pixwright.encoders.picture import PictureEncoder
from pixwright.encoders.signal import RATE, mel_spectrogram, music_facts
from pixwright.records.instruction import Array, Samples, SoundAttachment

Floats = NDArray[np.float32]

PICTURE_WIDTH, SOUND_WIDTH, MUSIC_WIDTH = 1280, 1664, 808
"""Numbers of the three kinds of latent."""
SEEN = 256
"""Longer side, in pixels, at which a picture is looked at."""
HEARD = 10.0
"""Seconds of a sound that are listened to: its loudest part."""
_FLOOR, _LOUDNESS = 1e-6, 0.1
"""Power below which a mel band is silent; root mean square that every sound is brought to, so that distance does not matter."""
_SHARES = (10, 50, 90)
"""Percentiles of a band over time."""
_GROUP, _TREMBLES = 8, 16
"""Bands that are averaged for the modulation spectrum; its bands, evenly spaced in the logarithm of the rate."""
_SLOWEST, _FASTEST = 0.5, 30.0
"""Hertz: the rates of change that it covers."""
_FRAMES = 62.5
"""Frames a second of `mel_spectrogram`."""
_SHORTEST = 128
"""Frames: a shorter sound is repeated."""
_USUAL_TEMPO, _USUAL_LOUDNESS, _USUAL_BRIGHTNESS, _USUAL_ONSETS = 120.0, -20.0, 2000.0, 3.0
"""Middles about which the facts are written, in beats a minute, decibels, hertz and onsets a second."""


def picture_latent(picture: Array, encoder: PictureEncoder) -> Floats:
    """(PICTURE_WIDTH,) of a picture HxWx3 uint8: the square root of each feature's mean over the picture, so that few strong ones do not drown the others."""
    grid = encoder.features(picture, SEEN).grid
    return np.asarray(np.sqrt(np.maximum(grid.mean((0, 1)), 0)), np.float32)


def sound_latent(samples: Samples, rate: int, tagger: MusicTagger) -> Floats:
    """(SOUND_WIDTH,) of mono `samples` at `rate` Hz. The same for a louder or quieter copy."""
    heard = _levelled(_loudest(excerpt(SoundAttachment("", samples, rate))))
    mel = mel_spectrogram(heard)
    if len(mel) < _SHORTEST:
        mel = np.resize(mel, (_SHORTEST, mel.shape[1]))
    bands = np.log10(mel + _FLOOR).astype(np.float32)
    change = np.abs(np.diff(bands, axis=0))
    spread = [bands.mean(0), bands.std(0), *np.percentile(bands, _SHARES, axis=0), change.mean(0), change.std(0)]
    features = tagger.features(heard)
    return np.concatenate([*spread, _trembling(bands), features.mean(0), features.max(0)]).astype(np.float32)


def music_latent(samples: Samples, rate: int, tagger: MusicTagger) -> Floats:
    """(MUSIC_WIDTH,) of mono `samples` at `rate` Hz: means and spreads of musicnn's features over three-second patches, then the facts."""
    heard = excerpt(SoundAttachment("", samples, rate))
    features = tagger.features(heard)
    facts = music_facts(heard)
    # Tempo is written as an angle too, in which 60 and 120 are the same: octave errors of the estimate then matter less.
    octaves = np.log2(max(facts.tempo_bpm, 1.0) / _USUAL_TEMPO)
    minor = facts.mode_margin * (1 if facts.mode == "minor" else -1)
    row = [
        octaves,
        np.cos(2 * np.pi * octaves),
        np.sin(2 * np.pi * octaves),
        np.log2((facts.onset_rate + 0.5) / _USUAL_ONSETS),
        (facts.loudness - _USUAL_LOUDNESS) / 10,
        np.log2((facts.brightness + 1) / _USUAL_BRIGHTNESS),
        10 * minor,
        float(minor > 0),
    ]
    return np.concatenate([features.mean(0), features.std(0), np.asarray(row)]).astype(np.float32)


def _loudest(samples: Samples) -> Samples:
    """The `HEARD` seconds with the most energy."""
    length = int(HEARD * RATE)
    if len(samples) <= length:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]


def _levelled(samples: Samples) -> Samples:
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    return np.asarray(samples * (_LOUDNESS / max(rms, _FLOOR)), np.float32)


def _trembling(bands: Floats) -> Floats:
    """Log power of the changes of each group of bands, by their rate: (12 * _TREMBLES,)."""
    groups = bands.reshape(len(bands), -1, _GROUP).mean(2)
    power = np.abs(np.fft.rfft((groups - groups.mean(0)) * np.hanning(len(groups))[:, None], axis=0)) ** 2 / len(groups)
    rates = np.fft.rfftfreq(len(groups), 1 / _FRAMES)
    edges = np.geomspace(_SLOWEST, _FASTEST, _TREMBLES + 1)
    rows = []
    for low, high in pairwise(edges):
        inside = (rates >= low) & (rates < high)
        # A short sound has no line in the narrow slow bands: the nearest one stands for them.
        chosen = inside if inside.any() else np.arange(len(rates)) == np.argmin(np.abs(rates - low))
        rows.append(np.log10(power[chosen].mean(0) + _FLOOR))
    return np.asarray(np.stack(rows, 1).ravel(), np.float32)
