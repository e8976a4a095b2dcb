"""A recording as it would sound elsewhere: another pitch, another room, other noise, another place in it. And a picture as bad as it may come."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.encoders.signal import RATE, resample
from pixwright.records.instruction import Array, Samples

_SEMITONES = 3.0
"""Pitch and speed change together, by at most so much either way."""
_PART = (0.5, 1.0)
"""Share of the recording that is heard."""
_SHORTEST = 0.6
"""Seconds that are heard at the least."""
_DYING = (0.05, 0.6)
"""Seconds in which a room's sound falls to a third."""
_WET = (0.0, 0.5)
_NOISE = (8.0, 40.0)
"""Decibels by which the sound is louder than the noise."""
_COLOUR = (0.0, 1.0)
"""Noise falls with the frequency to this power: white to pink."""
_TILT = 6.0
"""Decibels an octave by which a microphone may favour high or low tones, at most, over three octaves."""
_OCTAVES = 3
_TINY = 1e-9
_SOFT, _GRAIN, _POOR, _COARSE = (0.5, 3.0), (5.0, 30.0), (6, 40), (2.0, 5.0)
"""Of a worse picture: sigma of its blur in pixels, of its noise in grey levels, its JPEG quality, how often fewer pixels it had."""
_WAYS = 5
"""Blur, noise, JPEG, few pixels, or nothing at all."""


def heard_otherwise(samples: Samples, rate: int, rng: np.random.Generator) -> tuple[Samples, int]:
    """Mono samples at 16 kHz."""
    sound = resample(samples, rate, RATE)
    sound = _part(sound, rng)
    factor = 2 ** (rng.uniform(-_SEMITONES, _SEMITONES) / 12)
    at = np.arange(0, len(sound) - 1, factor)
    sound = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    sound = _tilted(_in_room(sound, rng), rng)
    return _noisy(sound, rng), RATE


def _part(sound: Samples, rng: np.random.Generator) -> Samples:
    length = max(int(len(sound) * rng.uniform(*_PART)), min(len(sound), int(_SHORTEST * RATE)))
    tries = rng.integers(len(sound) - length + 1, size=2)
    # Of two places the louder: a part of a recording may be silent.
    return max((sound[start : start + length] for start in tries), key=lambda part: float(np.square(part).sum()))


def _in_room(sound: Samples, rng: np.random.Generator) -> Samples:
    dying = float(rng.uniform(*_DYING))
    tail = rng.standard_normal(int(RATE * min(2 * dying, 0.6))) * np.exp(
        -np.arange(int(RATE * min(2 * dying, 0.6))) / RATE / dying
    )
    tail *= rng.uniform(*_WET) / np.sqrt(np.sum(tail**2))
    tail[0] += 1
    size = 1 << (len(sound) + len(tail)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: len(sound)], np.float32)


def _tilted(sound: Samples, rng: np.random.Generator) -> Samples:
    spectrum = np.fft.rfft(sound)
    hertz = np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 1.0)
    octaves = np.clip(np.log2(hertz / 1000), -_OCTAVES, _OCTAVES)
    gain = 10 ** (rng.uniform(-_TILT, _TILT) / 20 * octaves / _OCTAVES * 2)
    return np.asarray(np.fft.irfft(spectrum * gain, len(sound)), np.float32)


def _noisy(sound: Samples, rng: np.random.Generator) -> Samples:
    spectrum = np.fft.rfft(rng.standard_normal(len(sound)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** (rng.uniform(*_COLOUR) / 2)
    noise = np.fft.irfft(spectrum, len(sound))
    loud, quiet = np.sqrt(np.mean(np.square(sound, dtype=np.float64))), np.sqrt(np.mean(noise**2))
    level = 10 ** (-rng.uniform(*_NOISE) / 20) * loud / max(float(quiet), _TINY)
    return np.asarray(sound + level * noise, np.float32)


def worsened(picture: Array, rng: np.random.Generator) -> Array:
    """A picture HxWx3 uint8 in any quality: blurred, noisy, packed hard, enlarged, or as it is."""
    way = int(rng.integers(_WAYS))
    if way == 0:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(*_SOFT)), np.uint8)
    if way == 1:
        noisy = picture + rng.normal(0, rng.uniform(*_GRAIN), picture.shape)
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)
    if way == 2:
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*_POOR))])[1]
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    if way == 3:
        height, width = picture.shape[:2]
        share = 1 / rng.uniform(*_COARSE)
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return picture
