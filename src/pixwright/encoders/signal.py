"""Facts of a sound that need no network: resampling, mel spectrogram, tempo, loudness, brightness, key and mode."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Samples

Floats: TypeAlias = NDArray[np.float32]
Mode: TypeAlias = Literal["major", "minor"]
RATE = 16_000
FFT, HOP, MELS = 512, 256, 96
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# How well each of the twelve tones fits a key, as rated by listeners (Krumhansl & Kessler 1982).
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True)
class MusicFacts:
    """What the signal itself says."""

    tempo_bpm: float
    """Beats a minute, 40 to 220; 0 where nothing recurs. Slow music with many notes may count its notes: see `onset_rate` too."""
    onset_rate: float
    """Notes or beats that begin, a second."""
    loudness: float
    """Root mean square in dB below full scale: 0 is the loudest, -60 or less is silence."""
    brightness: float
    """Mean spectral centroid in Hz, weighted by energy: 300 dark, 1,000 medium, 3,000 bright."""
    key: str
    """Tonic: "C", "C#", ... "B"."""
    mode: Mode
    mode_margin: float
    """How much better the best key of that mode fits than the best of the other: difference of correlations, 0 to 1; below 0.05 is a guess."""


def resample(samples: Samples, rate: int, target: int = RATE) -> Samples:
    """`samples` at `target` Hz, through the frequency domain: flat up to the lower of the two Nyquist limits, nothing above."""
    if rate == target or not len(samples):
        return samples.astype(np.float32, copy=False)
    unit = rate // math.gcd(rate, target)
    padded = -(-len(samples) // unit) * unit
    length = padded // unit * (target // math.gcd(rate, target))
    spectrum = np.fft.rfft(samples, padded)[: length // 2 + 1]
    out = np.fft.irfft(spectrum, length) * (length / padded)
    return np.asarray(out[: math.ceil(len(samples) * target / rate)], np.float32)


def spectrogram(samples: Samples, fft: int = FFT, hop: int = HOP) -> Floats:
    """Power of the short-time Fourier transform, centred frames, periodic Hann window: (frames, fft / 2 + 1)."""
    padded = np.pad(samples, fft // 2)
    window = np.hanning(fft + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, fft)[::hop]
    return np.asarray(np.abs(np.fft.rfft(frames * window, axis=1)) ** 2, np.float32)


def mel_spectrogram(samples: Samples) -> Floats:
    """96 mel bands of power at 16 kHz, 62.5 frames a second: (frames, 96)."""
    return np.asarray(spectrogram(samples) @ mel_filters().T, np.float32)


@cache
def mel_filters() -> Floats:
    """(96, 257) triangular filters of equal area on Slaney's scale (Auditory Toolbox: linear below 1 kHz, 27 steps to 6.4 kHz above)."""
    edges = mel_to_hz(np.linspace(0, hz_to_mel(RATE / 2), MELS + 2))
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0, np.minimum(rise, fall)) * area[:, None], np.float32)


def hz_to_mel(hz: float) -> float:
    """Slaney's mel: 3 for each 200 Hz up to 1 kHz, then logarithmic."""
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of `hz_to_mel`."""
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))


def music_facts(samples: Samples) -> MusicFacts:
    """Facts of mono `samples` in [-1, 1] at 16 kHz."""
    power = spectrogram(samples)
    total = float(power.sum())
    centroid = float((power @ np.arange(FFT // 2 + 1)).sum() / total * RATE / FFT) if total > 0 else 0.0
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
    novelty = onset_strength(power)
    key, mode, margin = key_of(samples)
    return MusicFacts(
        tempo_bpm=tempo(novelty),
        onset_rate=onset_rate(novelty),
        loudness=20 * math.log10(max(rms, 1e-6)),
        brightness=centroid,
        key=key,
        mode=mode,
        mode_margin=margin,
    )


def onset_strength(power: Floats) -> Floats:
    """How much louder the bands of each frame are than those of the one before, in log power, averaged: (frames,), >= 0."""
    log_mel = np.log10(power @ mel_filters().T + 1e-5)
    rise = np.maximum(np.diff(log_mel, axis=0, prepend=log_mel[:1]), 0).mean(1)
    return np.asarray(rise, np.float32)


def tempo(novelty: Floats) -> float:
    """Beats a minute: the strongest recurrence of onsets, weighted towards 120 (Ellis 2007, "Beat tracking by dynamic programming", eq. 7)."""
    frames_a_minute = 60 * RATE / HOP
    lags = np.arange(round(frames_a_minute / 220), round(frames_a_minute / 40) + 1)
    centred = novelty - novelty.mean() if len(novelty) else novelty
    if len(novelty) <= lags[-1] or not float(np.abs(centred).max()) > 1e-6:
        return 0.0
    spectrum = np.fft.rfft(centred, 2 * len(centred))
    same = np.fft.irfft(np.abs(spectrum) ** 2)[: lags[-1] + 2]
    same /= np.arange(len(centred), len(centred) - len(same), -1)
    if same[lags].max() < 0.05 * same[0]:
        return 0.0
    prior = np.exp(-0.5 * (np.log2(frames_a_minute / lags / 120) / 0.9) ** 2)
    best = int(lags[np.argmax(same[lags] * prior)])
    before, here, after = (float(same[best + d]) for d in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(frames_a_minute / (best + min(max(shift, -0.5), 0.5)))


def onset_rate(novelty: Floats) -> float:
    """Peaks of `novelty` a second that stand out: the highest within 50 ms to either side, and not mere vibrato."""
    clear = stand_out(novelty)
    if not clear.any():
        return 0.0
    around = np.lib.stride_tricks.sliding_window_view(np.pad(clear, 3), 7).max(1)
    return float(((clear > 0) & (clear == around)).sum() * RATE / HOP / len(novelty))


def stand_out(novelty: Floats) -> Floats:
    """`novelty` with everything set to zero that is small beside its own strongest onsets; all zero where there is none."""
    if not len(novelty):
        return novelty
    limit = max(float(novelty.mean() + novelty.std()), 0.3 * float(np.percentile(novelty, 99)), 0.02)
    return np.where(novelty > limit, novelty, np.float32(0))


def chroma(samples: Samples) -> NDArray[np.float64]:
    """Energy of each of the twelve tones, C first, from 65 to 2,100 Hz: (12,), sums to 1; all equal for silence."""
    fft = 8192
    loud = np.sqrt(spectrogram(samples, fft, fft // 2))
    hz = np.arange(fft // 2 + 1) * RATE / fft
    use = (hz > 65) & (hz < 2100)
    # Only local peaks: the skirts of a low tone would otherwise fill its neighbours.
    peak = np.zeros_like(loud, bool)
    peak[:, 1:-1] = (loud[:, 1:-1] > loud[:, :-2]) & (loud[:, 1:-1] >= loud[:, 2:])
    tone = np.rint(12 * np.log2(hz[use] / 440) + 9).astype(int) % 12
    weight = (loud * peak)[:, use].sum(0)
    out = np.bincount(tone, weight, 12)
    return np.asarray(out / out.sum() if out.sum() > 0 else np.full(12, 1 / 12), np.float64)


def key_of(samples: Samples) -> tuple[str, Mode, float]:
    """Tonic, mode and margin by correlation with the 24 rated profiles."""
    tones = chroma(samples)
    if not np.ptp(tones):
        return "C", "major", 0.0
    best: dict[Mode, tuple[float, int]] = {}
    modes: tuple[tuple[Mode, tuple[float, ...]], ...] = (("major", MAJOR), ("minor", MINOR))
    for mode, profile in modes:
        fits = [float(np.corrcoef(tones, np.roll(profile, shift))[0, 1]) for shift in range(12)]
        best[mode] = (max(fits), int(np.argmax(fits)))
    mode = "major" if best["major"][0] >= best["minor"][0] else "minor"
    return KEYS[best[mode][1]], mode, abs(best["major"][0] - best["minor"][0])
