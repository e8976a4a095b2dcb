"""musicnn: equal to the original; tempo, key and loudness of sounds that are made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.encoders.music import MusicTagger, patches
from pixwright.encoders.signal import RATE, mel_filters, mel_spectrogram, music_facts, resample
from pixwright.records.instruction import SoundAttachment
from pixwright.weights.session import open_session

GOLDEN = Path(__file__).parents[1] / "golden/encoders/music.npz"


@pytest.fixture(scope="module")
def tagger():
    return MusicTagger.load()


def note(midi: float, seconds: float, rate: int = RATE, decay: float = 3.0) -> np.ndarray:
    """A plucked tone with eight partials."""
    t = np.arange(int(seconds * rate)) / rate
    hz = 440 * 2 ** ((midi - 69) / 12)
    tone = sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 9) if hz * k < rate / 2)
    return (0.15 * tone * np.exp(-decay * t) * np.minimum(1, t * 200)).astype(np.float32)


def tune(chords: list[list[int]], bpm: float, times: int = 4) -> np.ndarray:
    """Chords as broken triads, one note a beat."""
    return np.concatenate(
        [note(chord[i % len(chord)], 60 / bpm) for _ in range(times) for chord in chords for i in range(4)]
    )


@pytest.mark.parametrize("kind", ["mtt", "msd"])
def test_outputs_equal_the_originals(kind):
    with np.load(GOLDEN) as golden:
        tags = open_session(f"musicnn-{kind}").run(["tags"], {"mel": golden["mel"].astype(np.float32)})[0]
        assert np.abs(tags - golden[kind]).max() < 5e-4
        assert golden[kind].max() > 0.5


def test_tags_are_ordered_likelihoods_of_both_sets(tagger):
    tags = tagger.tags(SoundAttachment("tune", tune([[60, 64, 67]], 100), RATE))
    assert {"piano", "guitar", "happy", "sad", "mellow", "slow", "hip-hop"} <= tags.keys()
    assert len(tags) == 92
    values = list(tags.values())
    assert values == sorted(values, reverse=True) and values[-1] >= 0 and values[0] <= 1


def test_a_beat_is_heard_as_fast_electronic_music_and_a_soft_tone_is_not(tagger):
    rng = np.random.default_rng(1)
    kick = np.concatenate([0.9 * np.sin(2 * np.pi * 60 * np.arange(3000) / RATE), np.zeros(4500)]).astype(np.float32)
    hat = np.zeros(7500, np.float32)
    hat[3750:4300] = rng.normal(0, 0.3, 550)
    bass = np.tile(note(33, 7500 / RATE / 4), 4)[:7500]
    beat = tagger.tags(SoundAttachment("beat", np.tile(kick + hat + np.pad(bass, (0, 7500 - len(bass))), 16), RATE))
    soft = tagger.tags(SoundAttachment("soft", 0.2 * tune([[57, 60, 64]], 50, 2), RATE))
    assert beat["techno"] > 5 * soft["techno"]
    assert soft["slow"] > 2 * beat["slow"]
    assert soft["mellow"] / soft["party"] > beat["mellow"] / beat["party"]


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 22051])
def test_resampling_keeps_a_tone(rate):
    t = np.arange(2 * rate) / rate
    envelope = np.hanning(len(t))
    out = resample((np.sin(2 * np.pi * 1234 * t) * envelope).astype(np.float32), rate)
    u = np.arange(len(out)) / RATE
    assert len(out) == 2 * RATE
    assert np.abs(out - np.sin(2 * np.pi * 1234 * u) * np.interp(u, t, envelope)).max() < 1e-4


def test_resampling_removes_what_the_lower_rate_cannot_hold():
    t = np.arange(88200) / 44100
    assert np.abs(resample((np.sin(2 * np.pi * 12000 * t) * np.hanning(len(t))).astype(np.float32), 44100)).max() < 1e-3


def test_mel_filters_have_equal_area_and_rising_centres():
    filters = mel_filters()
    assert filters.shape == (96, 257)
    assert (np.diff(filters.argmax(1)) >= 0).all()
    area = filters.sum(1) * RATE / 512
    assert np.abs(area[20:] - 1).max() < 0.1


def test_a_tone_falls_into_its_mel_band():
    t = np.arange(RATE) / RATE
    band = mel_spectrogram(np.sin(2 * np.pi * 1000 * t).astype(np.float32)).mean(0).argmax()
    centre = mel_filters()[band] @ (np.arange(257) * RATE / 512) / mel_filters()[band].sum()
    assert centre == pytest.approx(1000, abs=35)


@pytest.mark.parametrize("bpm", [75, 100, 140])
def test_tempo_of_clicks(bpm):
    clicks = np.concatenate([note(76, 60 / bpm, decay=25)] * 30)
    assert music_facts(clicks).tempo_bpm == pytest.approx(bpm, rel=0.03)


@pytest.mark.parametrize("root", [0, 5, 9])
def test_key_and_mode(root):
    major = tune(
        [[60 + root, 64 + root, 67 + root], [65 + root, 69 + root, 72 + root], [67 + root, 71 + root, 74 + root]],
        120,
        2,
    )
    minor = tune(
        [[60 + root, 63 + root, 67 + root], [65 + root, 68 + root, 72 + root], [67 + root, 70 + root, 74 + root]],
        120,
        2,
    )
    tonic = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")[root]
    assert (music_facts(major).key, music_facts(major).mode) == (tonic, "major")
    assert (music_facts(minor).key, music_facts(minor).mode) == (tonic, "minor")


def test_loudness_and_brightness():
    t = np.arange(RATE) / RATE
    low, high = (np.sin(2 * np.pi * hz * t).astype(np.float32) for hz in (200, 4000))
    assert music_facts(low).loudness == pytest.approx(-3.01, abs=0.05)
    assert music_facts(0.1 * low).loudness == pytest.approx(-23.01, abs=0.05)
    assert music_facts(low).brightness == pytest.approx(200, rel=0.1)
    assert music_facts(high).brightness == pytest.approx(4000, rel=0.05)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 60_000), st.sampled_from([8000, 16000, 44100]))
def test_any_length_is_taken(length, rate):
    samples = np.random.default_rng(length).normal(0, 0.1, length).astype(np.float32)
    mono = resample(samples, rate)
    assert patches(mono).shape[1:] == (187, 96)
    assert np.isfinite(patches(mono)).all()
    facts = music_facts(mono)
    assert all(np.isfinite(value) for value in (facts.tempo_bpm, facts.loudness, facts.brightness, facts.mode_margin))


def test_silence_has_no_tempo():
    facts = music_facts(np.zeros(RATE, np.float32))
    assert facts.tempo_bpm == facts.onset_rate == 0 and facts.loudness <= -100
