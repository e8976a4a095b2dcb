"""Which files a model was read from, by their sha256. A file is hashed when someone asks, once a process: published weights have gigabytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pixwright.errors import WeightsCorrupt
from pixwright.weights import store


class Digests(Mapping[str, str]):
    """Name -> sha256 of the files, as they were when this was made.

    Asking for the digest of a file that has changed since raises WeightsCorrupt: what was read cannot be named any more.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = {name: (path, _state(path)) for name, path in files.items()}

    def __getitem__(self, name: str) -> str:
        path, state = self._files[name]
        if _state(path) != state:
            raise WeightsCorrupt(f"{path} has changed since it was read; open the model again")
        return _digest(path, state)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, -1)
    return found.st_mtime_ns, found.st_size


@lru_cache(4096)
def _digest(path: Path, state: tuple[int, int]) -> str:
    return store.digest(path)
