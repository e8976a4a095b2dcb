"""Where sound comes from: a file as if it were played, a microphone, or raw samples from a pipe. Mono float32 at 16 kHz, in blocks of half a second."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from pixwright.encoders.signal import RATE, resample
from pixwright.errors import InvalidOption, InvalidSound
from pixwright.media.sound import load_sound
from pixwright.records.instruction import Samples

BLOCK = RATE // 2
"""Samples of a block."""
_BYTES = 2
_FULL = 32768.0
"""Bytes of a raw sample (signed, little-endian), and its full scale."""
MICROPHONE, PIPE = "microphone", "-"
"""What `--music` calls them."""
_RECORDERS = {
    "linux": (
        ("arecord", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1"),
        ("pw-record", "--rate", str(RATE), "--channels", "1", "--format", "s16", "-"),
        ("parec", "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le"),
        ("ffmpeg", "-loglevel", "error", "-f", "alsa", "-i", "default", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"),
    ),
    "darwin": (
        ("rec", "-q", "-t", "raw", "-e", "signed", "-b", "16", "-r", str(RATE), "-c", "1", "-"),
        ("ffmpeg", "-loglevel", "error", "-f", "avfoundation", "-i", ":0", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"),
    ),
}  # fmt: skip
"""Programs that write a microphone's raw samples, by platform, the usual one first."""


def blocks_of(source: str, paced: bool = True) -> Iterator[Samples]:
    """Blocks of what `source` names: "microphone", "-" (raw signed 16 bits, mono, 16 kHz, on standard input), or a sound file.

    A file comes at the speed of playing, unless not `paced`. Raises InvalidSound (what `load_sound` raises, a microphone that ends at once) or InvalidOption (no program that records).
    Silence in it is no error: it is no instruction.
    """
    if source == MICROPHONE:
        with _recording() as stream:
            yield from raw_blocks(stream)
        return
    if source == PIPE:
        yield from raw_blocks(sys.stdin.buffer)
        return
    sound = load_sound(Path(source))
    yield from played(resample(sound.samples, sound.rate), time.sleep if paced else None)


def played(samples: Samples, wait: Callable[[float], None] | None) -> Iterator[Samples]:
    """Samples at 16 kHz in blocks; with `wait`, each comes when it would have been heard."""
    started = time.monotonic()
    for first in range(0, len(samples), BLOCK):
        block = samples[first : first + BLOCK]
        if wait is not None:
            wait(max(0.0, started + (first + len(block)) / RATE - time.monotonic()))
        yield block


def raw_blocks(stream: IO[bytes]) -> Iterator[Samples]:
    """Signed 16-bit samples of a pipe until it ends; the last block may be short. Raises InvalidSound for a pipe with no sample."""
    some = False
    while data := stream.read(BLOCK * _BYTES):
        whole = len(data) // _BYTES * _BYTES
        some = some or whole > 0
        yield np.frombuffer(data[:whole], "<i2").astype(np.float32) / np.float32(_FULL)
    if not some:
        raise InvalidSound("no sound came in; check the microphone, or give a file with --music FILE")


def recorder() -> tuple[str, ...]:
    """The command that records here. Raises InvalidOption where there is none."""
    known = _RECORDERS.get(sys.platform, ())
    found = next((command for command in known if shutil.which(command[0])), None)
    if found is None:
        names = ", ".join(command[0] for command in known) or "a pipe of your own"
        raise InvalidOption(
            f"--music microphone needs a program that records ({names}); install one, or pipe raw 16 kHz samples to --music -"
        )
    return found


@contextmanager
def _recording() -> Iterator[IO[bytes]]:
    with subprocess.Popen(recorder(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.terminate()
