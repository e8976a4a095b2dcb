"""A bar for a person who waits: shards done, time left, samples a second, rejects."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any


class ProgressBar:
    """Counts places, kept rows and rejects; draws on standard error where `show` is set. Use it in a `with`."""

    def __init__(self, total: int, *, done: int = 0, show: bool = True) -> None:
        from tqdm import tqdm

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
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def add(self, places: int, kept: int, rejects: int) -> None:
        """A shard is finished."""
        self._kept += kept
        self._rejects += rejects
        rate = self._kept / max(time.perf_counter() - self._began, 1e-9)
        self._bar.set_postfix_str(f"{rate:.1f} samples/s, {self._rejects} rejected", refresh=False)
        self._bar.update(places)

    def say(self, line: str) -> None:
        """A line above the bar."""
        self._bar.write(line, file=sys.stderr)
