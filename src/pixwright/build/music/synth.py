"""A small additive synthesiser: what plays when no soundfont has been fetched. Recognisable, not beautiful."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.build.music.compose import LOUDEST, OCTAVE, Note, instruments
from pixwright.records.instruction import Samples

Floats = NDArray[np.float64]

_A, _A_PITCH = 440, 69
"""The concert pitch in hertz, and its number in MIDI."""
_RELEASE, _RINGS, _LONGEST, _DRUM = 0.25, 0.3, 2.5, 0.6
"""Seconds: how a note ends, how long a struck one rings on at the least, its longest, and a drum's."""
_TOUCH, _AUDIBLE = 1.5, 0.45
"""Power of the velocity that loudness is; partials above this share of the sampling rate are left out."""
_LOW_RINGS, _HIGH_DIE, _STRUCK_ROLL, _STRIKE = 0.35, 0.4, 1.2, 0.004
"""Struck strings: how much longer low ones ring, how much sooner high partials die, how weak they are, and the strike's seconds."""
_STIFFNESS, _BAR = 0.0004, 2.76
"""Stiff strings and bars are sharp in their upper partials."""
_VIBRATO, _LEVEL = 5.3, 0.3
"""Hertz; and how loud a sustained tone or a metal is beside a string."""
_SKINS = {36: (50, 4, 0.03, 0.12), 47: (90, 3, 0.05, 0.2)}
"""Bass drum and tom: hertz at the end, periods that the fall from the strike adds, its seconds, and the sound's."""
_METALS = {42: 0.03, 37: 0.03, 46: 0.12, 49: 0.3}
"""Closed hat, stick, open hat and crash: seconds in which they die away."""
_SNARE = (0.6, 185, 0.09)
"""Level, hertz of its skin, and seconds."""


class Synth:
    """Sums of partials with envelopes; noise and falling sines for drums. `play` returns one note, mono, about 1 at full velocity."""

    def __init__(self, rate: int) -> None:
        self.rate = rate

    def play(self, instrument: str, note: Note) -> Samples:
        """One note at the synthesiser's rate, its release included."""
        voice = instruments()[instrument]
        if voice["family"] == "drums":
            return self._drum(note)
        sustained = voice["family"] == "sustained"
        length = note.length + _RELEASE if sustained else max(note.length + _RINGS, min(_LONGEST, 3 * voice["decay"]))
        t = np.arange(int(length * self.rate)) / self.rate
        tone = self._sustained(voice, note, t) if sustained else self._struck(voice, note, t)
        return np.asarray(tone * (note.velocity / LOUDEST) ** _TOUCH, np.float32)

    def _partials(self, voice: dict[str, Any], hertz: float) -> NDArray[np.int64]:
        numbers = np.arange(1, voice["partials"] + 1, dtype=np.int64)
        numbers = numbers[::2] if voice.get("odd") else numbers
        return numbers[numbers * hertz < _AUDIBLE * self.rate]

    def _struck(self, voice: dict[str, Any], note: Note, t: Floats) -> Floats:
        hertz = _hertz(note.pitch)
        out = np.zeros_like(t)
        decay = voice["decay"] * (_A / 2 / hertz) ** _LOW_RINGS
        bell = voice["family"] == "bell"
        for n in self._partials(voice, hertz):
            # Stiff strings and bars are sharp in their upper partials.
            ratio = n * np.sqrt(1 + _STIFFNESS * n * n) if not bell else 1 + _BAR * (n - 1)
            if ratio * hertz < _AUDIBLE * self.rate:
                out += (
                    np.sin(2 * np.pi * ratio * hertz * t)
                    * np.exp(-t * (1 - _HIGH_DIE + _HIGH_DIE * n) / decay)
                    / n**_STRUCK_ROLL
                )
        damp = np.clip((note.length + _RELEASE - t) / _RELEASE, 0, 1) if not bell else 1.0
        return np.asarray(out * np.minimum(t / _STRIKE, 1) * damp * 0.5)

    def _sustained(self, voice: dict[str, Any], note: Note, t: Floats) -> Floats:
        hertz = _hertz(note.pitch)
        wobble = (
            voice.get("vibrato", 0) * np.minimum(t / 0.5, 1) * np.cos(2 * np.pi * _VIBRATO * t) / (2 * np.pi * _VIBRATO)
        )
        phase = 2 * np.pi * hertz * (t + wobble)
        out = np.zeros_like(t)
        for n in self._partials(voice, hertz):
            out += np.sin(n * phase) * voice["roll"] ** (n - 1) / n**0.5
        if voice.get("drive"):
            out = np.tanh(voice["drive"] * out)
        envelope = np.minimum(t / voice["attack"], 1) * np.clip((note.length + _RELEASE - t) / _RELEASE, 0, 1)
        fall = np.exp(-t / voice["decay"]) if voice["decay"] else 1.0
        return np.asarray(out * envelope * fall * _LEVEL)

    def _drum(self, note: Note) -> Samples:
        rng = np.random.default_rng(note.pitch)
        t = np.arange(int(_DRUM * self.rate)) / self.rate
        noise = rng.standard_normal(len(t))
        bright = np.diff(noise, prepend=0.0)
        if note.pitch in _SKINS:
            hertz, drop, fast, decay = _SKINS[note.pitch]
            out = np.sin(2 * np.pi * (hertz * t + drop * (1 - np.exp(-t / fast)))) * np.exp(-t / decay)
        elif note.pitch in _METALS:
            out = _LEVEL * bright * np.exp(-t / _METALS[note.pitch])
        else:
            level, hertz, decay = _SNARE
            out = (0.5 * noise + np.sin(2 * np.pi * hertz * t)) * np.exp(-t / decay) * level
        return np.asarray(out * (note.velocity / LOUDEST) ** _TOUCH, np.float32)


def _hertz(pitch: int) -> float:
    return float(_A * 2 ** ((pitch - _A_PITCH) / OCTAVE))
