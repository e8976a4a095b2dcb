"""Notes -> sound: every note is played by a voice, mixed, given a little room and brought to a common loudness."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pixwright.build.music.compose import Note, Piece
from pixwright.records.instruction import Samples

RATE = 16_000
_LOUDNESS = {"quiet": 0.05, "usual": 0.09, "loud": 0.16}
"""Root mean square of full scale, by how hard the notes are struck."""


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
        key = (note.track, note.pitch, note.velocity, round(note.length * 1000))
        if key not in made:
            made[key] = player.play(piece.tracks[note.track], note)
        start = round(note.start * player.rate)
        sound = made[key][: max(0, length - start)]
        mix[start : start + len(sound)] += sound * (1.3 if note.track == 0 else 1.0)
    mix = _heard(mix, player.rate)
    fade = int(0.3 * player.rate)
    mix[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    velocity = float(np.mean([note.velocity for note in piece.notes]))
    wanted = _LOUDNESS["quiet" if velocity < 66 else "loud" if velocity > 95 else "usual"]
    mix *= wanted / max(float(np.sqrt(np.mean(mix**2))), 1e-6)
    # The few peaks above the knee are rounded off instead of clipped.
    return np.asarray(
        np.where(np.abs(mix) > 0.8, np.sign(mix) * (0.8 + 0.2 * np.tanh((np.abs(mix) - 0.8) / 0.2)), mix), np.float32
    )


def _heard(dry: Samples, rate: int) -> Samples:
    """With reverberation - convolution with a second of noise that dies away (Moorer 1979) - and without what lies under 30 Hz."""
    t = np.arange(rate) / rate
    tail = np.random.default_rng(0).standard_normal(rate) * np.exp(-t / 0.25)
    tail *= 0.18 / np.sqrt(np.sum(tail**2))
    tail[0] += 1
    size = 1 << (len(dry) + rate - 1).bit_length()
    below = (np.fft.rfftfreq(size, 1 / rate) / 30) ** 4
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(tail, size) * (below / (1 + below)), size)
    return np.asarray(wet[: len(dry)], np.float32)
