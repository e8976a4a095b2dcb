"""A small additive synthesiser: what plays when no soundfont has been fetched. Recognisable, not beautiful."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.build.music.compose import Note, instruments
from pixwright.records.instruction import Samples

Floats = NDArray[np.float64]


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
        length = note.length + 0.25 if sustained else max(note.length + 0.3, min(2.5, 3 * voice["decay"]))
        t = np.arange(int(length * self.rate)) / self.rate
        tone = self._sustained(voice, note, t) if sustained else self._struck(voice, note, t)
        return np.asarray(tone * (note.velocity / 127) ** 1.5, np.float32)

    def _partials(self, voice: dict[str, Any], hertz: float) -> NDArray[np.int64]:
        numbers = np.arange(1, voice["partials"] + 1, dtype=np.int64)
        numbers = numbers[::2] if voice.get("odd") else numbers
        return numbers[numbers * hertz < 0.45 * self.rate]

    def _struck(self, voice: dict[str, Any], note: Note, t: Floats) -> Floats:
        hertz = _hertz(note.pitch)
        out = np.zeros_like(t)
        decay = voice["decay"] * (220 / hertz) ** 0.35
        bell = voice["family"] == "bell"
        for n in self._partials(voice, hertz):
            # Stiff strings and bars are sharp in their upper partials.
            ratio = n * np.sqrt(1 + 0.0004 * n * n) if not bell else 1 + 2.76 * (n - 1)
            if ratio * hertz < 0.45 * self.rate:
                out += np.sin(2 * np.pi * ratio * hertz * t) * np.exp(-t * (0.6 + 0.4 * n) / decay) / n**1.2
        damp = np.clip((note.length + 0.25 - t) / 0.25, 0, 1) if not bell else 1.0
        return np.asarray(out * np.minimum(t / 0.004, 1) * damp * 0.5)

    def _sustained(self, voice: dict[str, Any], note: Note, t: Floats) -> Floats:
        hertz = _hertz(note.pitch)
        wobble = voice.get("vibrato", 0) * np.minimum(t / 0.5, 1) * np.cos(2 * np.pi * 5.3 * t) / (2 * np.pi * 5.3)
        phase = 2 * np.pi * hertz * (t + wobble)
        out = np.zeros_like(t)
        for n in self._partials(voice, hertz):
            out += np.sin(n * phase) * voice["roll"] ** (n - 1) / n**0.5
        if voice.get("drive"):
            out = np.tanh(voice["drive"] * out)
        envelope = np.minimum(t / voice["attack"], 1) * np.clip((note.length + 0.25 - t) / 0.25, 0, 1)
        fall = np.exp(-t / voice["decay"]) if voice["decay"] else 1.0
        return np.asarray(out * envelope * fall * 0.3)

    def _drum(self, note: Note) -> Samples:
        rng = np.random.default_rng(note.pitch)
        t = np.arange(int(0.6 * self.rate)) / self.rate
        noise = rng.standard_normal(len(t))
        bright = np.diff(noise, prepend=0.0)
        match note.pitch:
            case 36:
                out = np.sin(2 * np.pi * (50 * t + 4 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.12)
            case 47:
                out = np.sin(2 * np.pi * (90 * t + 3 * (1 - np.exp(-t / 0.05)))) * np.exp(-t / 0.2)
            case 42 | 37:
                out = 0.3 * bright * np.exp(-t / 0.03)
            case 46 | 49:
                out = 0.3 * bright * np.exp(-t / (0.12 if note.pitch == 46 else 0.3))
            case _:
                out = (0.5 * noise + np.sin(2 * np.pi * 185 * t)) * np.exp(-t / 0.09) * 0.6
        return np.asarray(out * (note.velocity / 127) ** 1.5, np.float32)


def _hertz(pitch: int) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))
