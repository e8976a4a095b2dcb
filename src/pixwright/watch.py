"""A folder that is watched: pictures are edited as they come, each when its file is whole, and never twice.

What was done stands in the journal of `batch`, in the output folder, so that a watch that was ended goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pixwright.batch import PICTURES, BatchRow, Common, jobs_from, run
from pixwright.errors import InvalidOption
from pixwright.files import Job

INTERVAL = 1.0
"""Seconds between two looks into the folder. A file is whole when its size and time are the same at both."""


@dataclass(frozen=True)
class Pace:
    """How often is looked, in seconds, and for how long without a new picture; None: until it is ended."""

    interval: float = INTERVAL
    idle: float | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


_USUAL = Pace()


def watch(folder: Path, common: Common, pace: Pace = _USUAL) -> Iterator[BatchRow]:
    """Edit what is in the folder and what comes into it, and yield the row of each picture that is edited, or could not be.

    Raises InvalidOption where `batch` would: no such folder, no instruction, results that would lie over what is read.
    """
    if not folder.is_dir():
        raise InvalidOption(f"'{folder}' is no folder; name one whose new pictures shall be edited")
    before: dict[Path, tuple[int, int]] = {}
    done: dict[Path, tuple[int, int]] = {}
    last = pace.clock()
    while True:
        now = _stamps(folder, common)
        ready = {path for path, stamp in now.items() if before.get(path) == stamp and done.get(path) != stamp}
        if ready:
            yield from _edited(folder, common, ready)
            done |= {path: now[path] for path in ready}
            last = pace.clock()
        elif now != before:
            last = pace.clock()  # something is being written
        elif pace.idle is not None and pace.clock() - last >= pace.idle:
            return
        before = now
        pace.sleep(pace.interval)


def _edited(folder: Path, common: Common, ready: set[Path]) -> Iterator[BatchRow]:
    """The rows of the pictures that are ready; other rows of the folder are not made yet."""
    todo = jobs_from(folder, common)
    jobs = tuple(job for job in todo.jobs if isinstance(job, Job) and job.picture in ready)
    yield from run(jobs, common.output)


def _stamps(folder: Path, common: Common) -> dict[Path, tuple[int, int]]:
    """Size and time of every picture in the folder, the results left out; a file that goes meanwhile is none."""
    results = common.output.resolve()
    inside = folder.rglob("*") if common.recursive else folder.iterdir()
    found = {}
    for path in sorted(inside):
        if path.suffix.lower() not in PICTURES or path.name.startswith("."):
            continue
        if folder.resolve() in results.parents and results in path.resolve().parents:
            continue
        try:
            state = path.stat()
        except OSError:
            continue
        if path.is_file():
            found[path] = (state.st_size, state.st_mtime_ns)
    return found


def with_instruction(common: Common, instruction: str) -> Common:
    """`common` for one instruction. Raises InvalidOption where it is empty: a watch would do nothing, for ever."""
    if not instruction.strip():
        raise InvalidOption("the instruction is empty; say what is to be done with every new picture")
    return replace(common, instruction=instruction)
