"""A bar for a person who waits: places done, row by row, time left, samples a second, rejects."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_LOOKS_EVERY = 0.5
"""Seconds."""


class Counted:
    """How many places of a shard are done, told by its worker to whoever looks into the folder. Use it in a `with`: the count goes with the shard."""

    SUFFIX = ".places.part"

    def __init__(self, folder: Path, stem: str) -> None:
        self._path = folder / f".{stem}{self.SUFFIX}"
        self._told = time.monotonic()
        self._began = time.process_time()
        self._count = 0
        self.first = 0.0
        """Processor seconds until the first place was done: what is loaded once is among them."""

    def __enter__(self) -> Counted:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._path.unlink(missing_ok=True)

    def one_more(self) -> None:
        """A place is done; it is told at most twice a second."""
        self._count += 1
        if self._count == 1:
            self.first = time.process_time() - self._began
        if time.monotonic() - self._told >= _LOOKS_EVERY:
            self._path.write_text(str(self._count))
            self._told = time.monotonic()


def _count_in(path: Path) -> int:
    """What a worker has told; 0 where it is just being told or taken away."""
    try:
        return int(path.read_text() or 0)
    except (OSError, ValueError):
        return 0


class ProgressBar:
    """Counts places, kept rows and rejects; draws on standard error where `show` is set. Use it in a `with`."""

    def __init__(self, total: int, *, done: int = 0, show: bool = True, folder: Path | None = None) -> None:
        """folder: where workers count the places of the shards that they are at (`Counted`); the bar looks there twice a second."""
        from tqdm import tqdm

        self._folder = folder if show else None
        self._places = done
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

        self._kept = self._rejects = 0
        self._began = time.perf_counter()
        form = "{desc} {percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"
        self._bar: Any = tqdm(
            total=total,
            initial=done,
            desc="rows",
            disable=not show,
            bar_format=form,
            file=sys.stderr,
            dynamic_ncols=True,
        )

    def __enter__(self) -> ProgressBar:
        if self._folder is not None:
            self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self._bar.close()

    @property
    def places(self) -> int:
        """How many places the bar shows as done."""
        return int(self._bar.n)

    def add(self, places: int, kept: int, rejects: int) -> None:
        """A shard is finished."""
        self._kept += kept
        self._rejects += rejects
        rate = self._kept / max(time.perf_counter() - self._began, 1e-9)
        self._bar.set_postfix_str(f"{rate:.1f} samples/s, {self._rejects} rejected", refresh=False)
        self._places += places
        self._draw(0)

    def _watch(self) -> None:
        while not self._over.wait(_LOOKS_EVERY):
            assert self._folder is not None
            self._draw(sum(map(_count_in, self._folder.glob(f".*{Counted.SUFFIX}"))))

    def _draw(self, under_way: int) -> None:
        self._bar.n = max(self._bar.n, min(self._places + under_way, self._bar.total))
        self._bar.refresh()

    def say(self, line: str) -> None:
        """A line above the bar."""
        self._bar.write(line, file=sys.stderr)
