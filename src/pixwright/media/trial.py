"""A picture file that asks for far more work than its bytes let one expect is first read in a process of its own, with bounds on memory and time.

What breaks a decoder there breaks nothing else. Ordinary files are not tried: a process takes half a second. The server, which reads strangers' files only,
tries each (`serve.decode`), with the same bounds set in the same way.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pixwright.errors import ImageTooLarge, PixwrightError

SECONDS, MEMORY = 20, 4_000_000_000
"""Of a processor, and bytes of addresses, that reading one picture may take: ten times what the largest picture of a camera takes."""
_WAIT = 120.0
"""Seconds until a process that neither reads nor ends is ended."""
_SCANS = 30
"""Of a JPEG from which it is odd: cameras and web sites need ten at most."""
_PIXELS, _RATIO = 20_000_000, 300
"""A picture of so many pixels is odd if it has so many for each byte of its file: what a photograph shows takes a byte for five to fifty."""
_FILES = 64
"""Open files."""
_READ = "read"
"""What the process says when it came to an end, good or bad, within its bounds."""


def is_odd(pixels: int, size: int, scans: int) -> bool:
    """Whether a file of `size` bytes that shows so many pixels, a JPEG in so many scans, had better be tried."""
    return scans > _SCANS or (pixels >= _PIXELS and pixels > _RATIO * size)


def tried(path: Path, label: str) -> None:
    """Read the file in a process with bounds. Raises ImageTooLarge where that does not end well; what else is wrong with it, whoever reads it next finds out."""
    command = [sys.executable, "-m", __name__, str(path), str(MEMORY), str(SECONDS)]
    said = ""
    with suppress(subprocess.TimeoutExpired):
        said = subprocess.run(command, capture_output=True, text=True, timeout=_WAIT, check=False).stdout
    if said.strip() != _READ:
        raise ImageTooLarge(
            f"{label}: it takes more than {SECONDS} seconds or {MEMORY / 1e9:g} GB to read; save the picture again"
        )


def bind(memory: int, seconds: int) -> None:
    """From now on this process takes no more memory (bytes) and processor time, writes no file, and leaves no image of its memory behind."""
    if sys.platform == "win32":
        return
    import resource

    wanted = {
        "RLIMIT_AS": memory,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": _FILES,
    }
    for name, most in wanted.items():
        with suppress(ValueError, OSError, AttributeError):  # not every system has all of them
            resource.setrlimit(getattr(resource, name), (most, most))


def _main(path: str, memory: str, seconds: str) -> None:
    from pixwright.media.load import load_picture

    bind(int(memory), int(seconds))
    try:
        load_picture(Path(path).read_bytes())
    except ImageTooLarge as error:
        if isinstance(error.__cause__, MemoryError):
            return
    except PixwrightError:
        pass
    except MemoryError:
        return
    sys.stdout.write(_READ)


if __name__ == "__main__":
    _main(*sys.argv[1:])
