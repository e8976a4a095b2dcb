"""Where files go: whole or not at all, never over an input, over what is there only when asked, and never onto a device or through a link."""

from __future__ import annotations

import io
import os
import re
import secrets
import stat
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PIL import Image

from pixwright.errors import InvalidOption, OutputExists
from pixwright.records.instruction import Array

_NAMED = 100
"""Characters of the target's name that an unfinished file bears."""
_PART = re.compile(r"\.(\d+)-[0-9a-f]{8}\.part$")
"""The end of an unfinished file's name: the process that writes it, and chance."""
_NEW_FILE = 0o666
"""The rights that a new file asks for; the user's mask takes some away."""


def check_target(target: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Raises InvalidOption where `target` must not or cannot be written; it is asked before the work begins.

    Whatever `force` says: `inputs` are never written over, in whatever spelling or link, nor is a device, and a link is not written through.
    Raises OutputExists where only `force` is missing.
    """
    try:
        found = _lstat(target)
        folder = target.parent
        if not folder.is_dir():
            raise InvalidOption(f"'{folder}' is not a folder that exists; make it first, or choose another -o")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InvalidOption(f"'{target}' cannot be written (no right to write in its folder); choose another place")
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidOption):
            raise
        raise InvalidOption(f"'{_short(target)}' cannot be written ({_reason(error)}); choose another name") from error
    if found is None:
        return
    if stat.S_ISLNK(found.st_mode):
        raise InvalidOption(f"'{target}' is a link; links are not written through: name the file that it leads to")
    if stat.S_ISDIR(found.st_mode):
        raise InvalidOption(f"'{target}' is a folder; give a file name")
    if not stat.S_ISREG(found.st_mode):
        raise InvalidOption(f"'{target}' is no regular file; give a file name")
    for one in inputs:
        if one.exists() and os.path.samestat(one.stat(), found):
            raise InvalidOption(f"'{target}' is the input {one.name}; inputs are never overwritten: choose another -o")
    if not force:
        raise OutputExists(f"{target} exists and is not overwritten; choose another -o, or add --force")


def write_atomically(target: Path, data: bytes, *, replace: bool = True) -> None:
    """Whole or not at all: an unfinished neighbour under another name first, which then takes the name.

    A file that is replaced hands on its rights. Without `replace`, raises OutputExists where another process was quicker. Raises InvalidOption.
    """
    if target.is_dir():
        raise InvalidOption(f"'{target}' is a folder; give a file name")
    part = target.parent / f".{target.name[:_NAMED]}.{os.getpid()}-{secrets.token_hex(4)}.part"
    try:
        rights = stat.S_IMODE(target.stat().st_mode) if replace and target.is_file() else None
        _clean(target.parent)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_FILE), "wb") as held:
                held.write(data)
                held.flush()
                os.fsync(held.fileno())
            if rights is not None:
                part.chmod(rights)
            if replace:
                part.replace(target)
            else:
                _take_name(part, target)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError as error:
        raise OutputExists(f"{target} exists and is not overwritten; choose another -o, or add --force") from error
    except OSError as error:
        raise InvalidOption(f"'{_short(target)}' cannot be written ({_reason(error)}); choose another place") from error


def save_plain(pixels: Array, target: Path, *, replace: bool = True) -> None:
    """Write HxW, HxWx3 or HxWx4 uint8 as PNG without a photograph's past (a mask, a comparison), as `write_atomically` does."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=3)
    write_atomically(target, out.getvalue(), replace=replace)


def free_path(path: Path) -> Path:
    """`path`, or the first of path-2, path-3, ... that does not exist."""
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _take_name(part: Path, target: Path) -> None:
    """Give a finished file its name, unless that is taken: at once, so that of two processes one is told. Raises FileExistsError."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: the name is taken first, then filled
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_FILE))
        part.replace(target)


@cache
def _clean(folder: Path) -> None:
    """Remove what killed processes left unfinished in the folder: once a process, since a folder may be large."""
    for left in folder.glob(".*.part"):
        found = _PART.search(left.name)
        if found is not None and not runs(int(found[1])):
            left.unlink(missing_ok=True)


def runs(process: int) -> bool:
    """Whether a process of that number runs: what a dead one left unfinished may be removed."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 2 * _NAMED else text[: 2 * _NAMED] + "..."
