"""JSON lines that survive a kill: each row is on the disk before the next one begins, and a torn last line is passed over. And locks that die with their holder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from pixwright.errors import InvalidOption


class Journal:
    """An append-only file of JSON objects, open while it is used as a context."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
            if _torn(path):
                self._file.write(b"\n")
        except OSError as error:
            raise InvalidOption(f"'{path}' cannot be written ({error.strerror}); choose another folder") from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write the rows and wait until the disk has them. Raises InvalidOption when it cannot, such as on a full disk."""
        # What is no text (a file name's stray byte) is written as JSON's own escape.
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "backslashreplace")
        try:
            self._file.write(lines)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise InvalidOption(
                f"'{self.path}' cannot be written ({error.strerror}); make room, and run the same command again"
            ) from error


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Its rows in order; nothing where there is no such file, and lines that are no JSON objects are left out."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_bytes().split(b"\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the line that a kill tore: what it stood for is done again
        if isinstance(row, dict):
            rows.append(row)
    return rows


def lock(descriptor: int, *, wait: bool) -> None:
    """Hold an open file against other processes until it is closed. The system frees it when its holder dies, so that no lock is ever stale.

    Raises OSError where another process holds it: at once, or with `wait` on Windows after ten seconds, elsewhere never.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _torn(path: Path) -> bool:
    with path.open("rb") as held:
        if held.seek(0, os.SEEK_END) == 0:
            return False
        held.seek(-1, os.SEEK_END)
        return held.read(1) != b"\n"
