"""Sound files -> mono samples. Silence is an error: it is not an instruction, and no network should be asked what it hears in it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile

from pixwright.errors import InvalidSound, SilentSound
from pixwright.media.formats import sniff
from pixwright.records.instruction import SoundAttachment

ACCEPTED_SOUND = "accepted: WAV, FLAC, OGG, MP3"
MAX_SECONDS = 15 * 60
MIN_SECONDS = 0.1
MAX_BYTES = 600_000_000
_RATES = (4_000, 192_000)
_SILENT_PEAK, _SILENT_RMS = 3e-3, 3e-4
"""-50 and -70 decibels of full scale: below what a microphone's own noise reaches."""
_BLOCK = 1 << 18


def load_sound(source: Path | bytes) -> SoundAttachment:
    """Mono float32 in [-1, 1] at the file's own rate; several channels are averaged.

    Raises InvalidSound (no such file, another format, corrupt, shorter than 0.1 s or longer than 15 minutes) and SilentSound.
    """
    name = source.name if isinstance(source, Path) else ""
    label = ascii(name) if name else "sound"
    data = _bytes(source, label) if isinstance(source, Path) else source
    if not data:
        raise InvalidSound(f"{label}: the file is empty; {ACCEPTED_SOUND}")
    if sniff.sound_format(data[:64]) is None:
        raise InvalidSound(f"{label}: not a sound that is read; {ACCEPTED_SOUND}")
    try:
        samples, rate = _decoded(data, label)
    except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
        raise InvalidSound(f"{label}: damaged sound ({str(error)[:80]}); {ACCEPTED_SOUND}; save it again") from error
    if len(samples) < MIN_SECONDS * rate:
        raise InvalidSound(f"{label}: {len(samples) / rate:.2f} s of sound; at least {MIN_SECONDS} s are needed")
    if not np.isfinite(samples).all():
        raise InvalidSound(f"{label}: damaged sound (samples that are no numbers); save it again")
    if np.abs(samples).max() < _SILENT_PEAK or float(np.sqrt(np.mean(np.square(samples)))) < _SILENT_RMS:
        raise SilentSound(f"{label}: only silence; record it again, nearer or louder")
    samples = np.clip(samples, -1, 1)
    samples.setflags(write=False)
    return SoundAttachment(name, samples, rate)


def _bytes(path: Path, label: str) -> bytes:
    try:
        if not path.is_file():
            raise InvalidSound(
                f"{ascii(str(path))[:300]} {'is no file' if path.exists() else 'does not exist'}; check the path"
            )
        if path.stat().st_size > MAX_BYTES:
            raise InvalidSound(f"{label}: {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are read; shorten it")
        return path.read_bytes()
    except OSError as error:
        raise InvalidSound(f"{label} cannot be read ({error.strerror or error}); check its rights") from error


def _decoded(data: bytes, label: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.float32]], int]:
    with soundfile.SoundFile(io.BytesIO(data)) as held:
        rate = int(held.samplerate)
        if not _RATES[0] <= rate <= _RATES[1]:
            raise InvalidSound(f"{label}: {rate} Hz; {_RATES[0]:,} to {_RATES[1]:,} are read")
        # A compressed file's header may lie about its length, so what is read is counted too.
        if held.frames > MAX_SECONDS * rate:
            raise InvalidSound(
                f"{label}: {held.frames / rate / 60:.1f} minutes; at most {MAX_SECONDS // 60} are read; shorten it"
            )
        parts, total = [], 0
        for block in held.blocks(_BLOCK, dtype="float32", always_2d=True):
            parts.append(block.mean(1, dtype=np.float32))
            total += len(block)
            if total > MAX_SECONDS * rate:
                raise InvalidSound(f"{label}: more than {MAX_SECONDS // 60} minutes; shorten it")
    return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), rate
