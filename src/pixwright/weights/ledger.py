"""What the weights on this machine were measured to be: a file is hashed when it is first used, and again when its size or its time is another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pixwright.errors import InvalidOption
from pixwright.media import write_atomically
from pixwright.weights.registry import home

LEDGER = "measured.json"
_measured: dict[tuple[str, str], str] = {}
"""(path, stamp) -> sha256, of this process: a store that cannot be written is measured once a process."""


def measured(where: Path, digest: Callable[[Path], str]) -> str:
    """The sha256 of a file or folder by `digest`, taken now or when it last had this size and time."""
    key, stamp = str(where.resolve()), _stamp(where)
    if (key, stamp) not in _measured:
        known = _read().get(key, {})
        if known.get("stamp") == stamp and isinstance(known.get("sha256"), str):
            _measured[key, stamp] = known["sha256"]
        else:
            _measured[key, stamp] = digest(where)
            _note(key, stamp, _measured[key, stamp])
    return _measured[key, stamp]


def _stamp(where: Path) -> str:
    """Size and time of a file; of a folder, of all files in it."""
    files = sorted(where.rglob("*")) if where.is_dir() else [where]
    lines = [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files if file.is_file()]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _read() -> dict[str, dict[str, str]]:
    """What is noted; a file that cannot be read is as none: it only saves work."""
    try:
        read = json.loads((home() / LEDGER).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: row for key, row in read.items() if isinstance(row, dict)} if isinstance(read, dict) else {}


def _note(key: str, stamp: str, sha256: str) -> None:
    rows = _read() | {key: {"stamp": stamp, "sha256": sha256}}
    with suppress(OSError, InvalidOption):
        home().mkdir(parents=True, exist_ok=True)
        write_atomically(home() / LEDGER, json.dumps(rows, indent=1, sort_keys=True).encode())
