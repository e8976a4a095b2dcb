"""Notes -> sound: every note is played by a voice, mixed, given a little room and brought to a common loudness."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pixwright.build.music.compose import Note, Piece
from pixwright.records.instruction import Samples

RATE = 16_000
_LOUDNESS = {"quiet": 0.05, "usual": 0.09, "loud": 0.16}
"""Root mean square of full scale, by how hard the notes are struck."""

_QUIET, _LOUD = 66, 95
"""Mean velocities below and above which a piece is quiet or loud."""
_LEAD, _FADE, _KNEE = 1.3, 0.3, 0.8
"""The melody's part of the mix, the last seconds that fade, and the height from which peaks are rounded off."""
_DYING, _WET = 0.25, 0.18
"""Seconds in which a room's sound falls to a third, and its part of the sound."""
_LOWEST, _STEEP = 30, 4
"""Hertz under which nothing is kept, and how steeply."""
_MILLI, _TINY = 1000, 1e-6


class Player(Protocol):
    """Whatever can play a note."""

    rate: int

    def play(self, instrument: str, note: Note) -> Samples:
        """One note at `rate`, mono float32."""
        ...


def render(piece: Piece, player: Player) -> Samples:
    """The piece as mono float32 in [-1, 1] at the player's rate, `piece.seconds` long."""
    length = int(piece.seconds * player.rate)
    mix = np.zeros(length, np.float32)
    made: dict[tuple[int, int, int, int], Samples] = {}
    for note in piece.notes:
        key = (note.track, note.pitch, note.velocity, round(note.length * _MILLI))
        if key not in made:
            made[key] = player.play(piece.tracks[note.track], note)
        start = round(note.start * player.rate)
        sound = made[key][: max(0, length - start)]
        mix[start : start + len(sound)] += sound * (_LEAD if note.track == 0 else 1.0)
    mix = _heard(mix, player.rate)
    fade = int(_FADE * player.rate)
    mix[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    velocity = float(np.mean([note.velocity for note in piece.notes]))
    wanted = _LOUDNESS["quiet" if velocity < _QUIET else "loud" if velocity > _LOUD else "usual"]
    mix *= wanted / max(float(np.sqrt(np.mean(mix**2))), _TINY)
    # The few peaks above the knee are rounded off instead of clipped.
    size, above = np.abs(mix), 1 - _KNEE
    rounded = np.sign(mix) * (_KNEE + above * np.tanh((size - _KNEE) / above))
    return np.asarray(np.where(size > _KNEE, rounded, mix), np.float32)


def _heard(dry: Samples, rate: int) -> Samples:
    """With reverberation - convolution with a second of noise that dies away (Moorer 1979) - and without what lies under 30 Hz."""
    t = np.arange(rate) / rate
    tail = np.random.default_rng(0).standard_normal(rate) * np.exp(-t / _DYING)
    tail *= _WET / np.sqrt(np.sum(tail**2))
    tail[0] += 1
    size = 1 << (len(dry) + rate - 1).bit_length()
    below = (np.fft.rfftfreq(size, 1 / rate) / _LOWEST) ** _STEEP
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(tail, size) * (below / (1 + below)), size)
    return np.asarray(wet[: len(dry)], np.float32)
