"""Sound -> mood -> look: opposite pieces give opposite pictures; what is no music is said to be none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from skimage import data

from pixwright.edit.contract import Context
from pixwright.edit.editors.visual import style_transfer
from pixwright.edit.toning.mood import grade_of, mood_of
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import whole

RATE = 16_000
ENCODERS = Encoders()


def note(frequency, seconds, volume, decay):
    t = np.arange(int(RATE * seconds)) / RATE
    partials = sum(np.sin(2 * np.pi * frequency * k * t) * 0.65**k for k in range(1, 7))
    return volume * partials * np.exp(-t * decay)


def piece(chords, beat, volume, drums, seconds=9):
    """Broken chords, four notes each, with a drum on the beat or without."""
    out = np.zeros(RATE * seconds + RATE * 5)
    hit = np.random.default_rng(0).standard_normal(800) * np.exp(-np.arange(800) / 250)
    for k in range(int(seconds / beat)):
        chord = chords[k // 4 % len(chords)]
        at = int(k * beat * RATE)
        for sound in (
            note(chord[k % 3] * 2, min(2.0, beat * 2), volume, 2.0),
            note(chord[0], min(3.0, beat * 4), volume / 2, 1.0),
        ):
            out[at : at + len(sound)] += sound
        if drums:
            out[at : at + len(hit)] += hit * volume * 1.3
    return SoundAttachment("piece", np.clip(out[: RATE * seconds], -1, 1).astype(np.float32), RATE)


A_MINOR = ((220.0, 261.6, 329.6), (146.8, 174.6, 220.0), (164.8, 196.0, 246.9))
C_MAJOR = ((261.6, 329.6, 392.0), (349.2, 440.0, 523.3), (392.0, 493.9, 587.3))
SAD = piece(A_MINOR, 1.1, 0.10, False)
HAPPY = piece(C_MAJOR, 0.21, 0.40, True)


def fitted(sound):
    picture = np.ascontiguousarray(cv2.resize(data.coffee(), (160, 120), interpolation=cv2.INTER_AREA))
    context = Context(1, ENCODERS, lambda p, _: whole(*p.shape[:2]), attachments=(sound,))
    return style_transfer.edit(
        picture, Step(type=EditType.STYLE_TRANSFER, instruction="", reference=1), whole(120, 160), context
    )


def test_a_slow_sad_and_a_fast_happy_piece_look_different():
    sad, happy = fitted(SAD), fitted(HAPPY)
    assert "sad" in sad.notes[0] and "happy" in happy.notes[0]
    hsv = [cv2.cvtColor(p.picture, cv2.COLOR_RGB2HSV).reshape(-1, 3).mean(0) for p in (sad, happy)]
    assert hsv[1][1] > 1.4 * hsv[0][1], "the happy one is more colourful"
    assert hsv[1][2] > 1.15 * hsv[0][2], "and lighter"
    warmth = [float(p.picture[..., 0].mean()) - float(p.picture[..., 2].mean()) for p in (sad, happy)]
    assert warmth[1] > warmth[0] + 15


def test_noise_is_no_music():
    noise = (np.random.default_rng(0).standard_normal(RATE * 6) * 0.2).astype(np.float32)
    assert "no music" in fitted(SoundAttachment("noise", noise, RATE)).notes[0]


@dataclass(frozen=True)
class Heard:
    tempo_bpm: float = 100.0
    onset_rate: float = 2.4
    loudness: float = -20.0
    brightness: float = 1000.0
    mode: str = "major"
    mode_margin: float = 0.2


@dataclass(frozen=True)
class Told:
    """A tagger that was told what it hears."""

    heard: Heard
    likely: dict

    def tags(self, sound):
        return self.likely

    def facts(self, sound):
        return self.heard


def test_each_fact_moves_the_mood_its_own_way():
    base = Told(Heard(), {"piano": 0.4, "classical": 0.3})

    def mood(likely=None, **changed):
        return mood_of(SAD, Told(replace(base.heard, **changed), base.likely | (likely or {})))

    still = mood()
    assert mood(mode="minor").valence < still.valence
    assert mood(onset_rate=6.0).arousal > still.arousal > mood(onset_rate=0.5).arousal
    assert mood(loudness=-6.0).arousal > still.arousal
    assert mood({"happy": 0.5}).valence > still.valence > mood({"sad": 0.5}).valence
    assert mood({"metal": 0.9}).arousal > still.arousal
    assert mood({"jazz": 0.9, "blues": 0.5}).palette == "smoke and amber"


def test_look_follows_the_mood():
    sad = grade_of(mood_of(SAD, Told(Heard(60, 0.6, -32, 400, "minor"), {"sad": 0.3, "piano": 0.5})))
    glad = grade_of(mood_of(SAD, Told(Heard(150, 6.0, -8, 2500, "major"), {"happy": 0.3, "pop": 0.5})))
    assert glad.saturation > sad.saturation + 0.4 and glad.gamma < sad.gamma and glad.contrast > sad.contrast
