"""When a new piece or a new section begins: heard on features, as the sound comes in.

A piece begins with sound after silence. A section begins where the last seconds differ from those before by more than these differ among themselves, in timbre (mel bands),
harmony (chroma) and loudness: a novelty curve after Foote (2000), computed from the past alone.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.signal import RATE, chroma, mel_spectrogram
from pixwright.records.instruction import Samples

Floats = NDArray[np.float64]

SECOND = RATE
"""Samples of one look."""
SILENT = 1e-3
"""Root mean square under which a second is silence: -60 decibels of full scale."""
NEW, OLD = 4, 8
"""Seconds that are compared with those before them, and how many of these."""
THRESHOLD = 1.6
"""Distance of the two, in deviations of the older ones, from which a section is new; found on composed pieces that were joined (tests/live)."""
APART = 12
"""Seconds that two beginnings are apart, at least."""
_BANDS = 12
"""Groups of mel bands."""
_FLOOR = 1e-7
_EVEN = 0.35
"""Least deviation that is counted: a held note must not make every breath a section."""
_HARMONY, _LOUD = 6.0, 0.08
"""Weights of chroma (shares) and of decibels beside the logarithm of bands."""


@dataclass(frozen=True)
class Began:
    """Something new began."""

    at: float
    """Seconds since the listening began."""
    what: Literal["piece", "section"]


class ChangeDetector:
    """Hears mono sound at 16 kHz, second by second, and says what began. What it remembers are the features of the last seconds."""

    def __init__(self) -> None:
        self._looks: deque[Floats] = deque(maxlen=NEW + OLD)
        self._rest: Samples = np.zeros(0, np.float32)
        self._second = 0
        self._last = -math.inf
        self._silent = True
        self.silent = True
        """Whether the last whole second was silence."""

    def hear(self, block: Samples) -> list[Began]:
        """The next samples, any number of them -> what began in them, oldest first."""
        self._rest = np.concatenate([self._rest, block])
        found = []
        while len(self._rest) >= SECOND:
            second, self._rest = self._rest[:SECOND], self._rest[SECOND:]
            began = self._look(second)
            self._second += 1
            found += [began] if began else []
        return found

    def _look(self, second: Samples) -> Began | None:
        self.silent = bool(np.sqrt(np.mean(np.square(second))) < SILENT)
        if self.silent:
            self._looks.clear()
            self._silent = True
            return None
        self._looks.append(features(second))
        if self._silent:
            self._silent = False
            self._last = self._second
            return Began(float(self._second), "piece")
        if len(self._looks) < NEW + OLD or self._second - self._last < APART:
            return None
        if novelty(np.stack(self._looks)) < THRESHOLD:
            return None
        self._last = self._second
        return Began(float(self._second + 1 - NEW), "section")


def features(second: Samples) -> Floats:
    """(25,) of a second at 16 kHz: log bands without their mean, chroma, loudness; weighted so that each counts."""
    bands = mel_spectrogram(second).mean(0).reshape(_BANDS, -1).mean(1)
    log = np.log10(bands + _FLOOR)
    level = 20 * math.log10(max(float(np.sqrt(np.mean(np.square(second)))), SILENT))
    return np.concatenate([log - log.mean(), _HARMONY * chroma(second), [_LOUD * level]])


def novelty(looks: Floats) -> float:
    """(NEW + OLD, 25) features, oldest first -> how far the newest are from the others, in the others' own spread."""
    old, new = looks[:-NEW], looks[-NEW:]
    spread = np.linalg.norm(old - old.mean(0), axis=1).mean()
    return float(np.linalg.norm(new.mean(0) - old.mean(0)) / max(spread, _EVEN))
