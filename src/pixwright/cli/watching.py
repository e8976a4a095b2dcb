"""What a long edit is doing, on standard error: one line that changes where somebody watches, lines that stay with --verbose."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pixwright.cli.say import plain, say
from pixwright.files import Done
from pixwright.flow import Progress, Watch, unwatched

_SAID = {
    "parse": "reading the words",
    "ground": "looking for what is meant",
    "edit": "editing",
    "judge": "looking at the result",
    "write": "writing the file",
}
_WIDTH = 78
"""Columns of the line."""
_BOXES = 6
"""Boxes of one step that are named."""
_PATIENCE = 1.0
"""Seconds until the line is shown: a short edit needs none."""


@contextmanager
def watching(*, quiet: bool, verbose: bool) -> Iterator[Watch]:
    """What an edit tells its progress to. Nothing is printed with `quiet`, nor where standard error is no terminal and nothing was asked for."""
    if verbose and not quiet:
        yield lambda progress: say(line(progress), err=True)
    elif quiet or not sys.stderr.isatty():
        yield unwatched
    else:
        start = time.monotonic()

        def show(progress: Progress) -> None:
            if time.monotonic() - start >= _PATIENCE:
                over(line(progress))

        try:
            yield show
        finally:
            if time.monotonic() - start >= _PATIENCE:
                over("")


def over(text: str) -> None:
    """Write over the line on standard error; an empty text wipes it out."""
    sys.stderr.write(f"\r{plain(text)[:_WIDTH]:{_WIDTH}}\r")
    sys.stderr.flush()


def line(progress: Progress) -> str:
    """One line for a person: "2 of 3, editing: make the cup red"."""
    doing = _SAID.get(progress.stage, progress.stage)
    working = progress.working
    if working is not None:
        doing = working.words or f"{doing}, {working.done} of {working.of}"
    at = f"{progress.step} of {progress.steps}, " if progress.step else ""
    return f"{at}{doing}" + (f": {progress.words}" if progress.words else "")


def tell_found(done: Done) -> None:
    """What each step found, and how long each stage took."""
    for step, region in zip(done.result.plan.steps, done.result.regions, strict=False):
        if region.source == "whole":
            found = "the whole picture"
        elif region.found:
            boxes = " ".join(",".join(map(str, box)) for box in region.boxes[:_BOXES])
            more = f" and {len(region.boxes) - _BOXES} more" if len(region.boxes) > _BOXES else ""
            found = f"{region.phrase or region.source!r} at {boxes}{more}, score {region.score:.2f}"
        else:
            found = region.note or "nothing"
        say(f"{step.type}: found {found}", err=True)
    for check in (check for step in done.result.report.steps for check in step.checks):
        why = "" if check.passed else f": {check.reason}"  # what a witness says is its objection
        name = check.name.replace("_", " ")
        say(f"  {'ok' if check.passed else 'no'}: {name} {check.value:g}, limit {check.threshold:g}{why}", err=True)
    took = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in done.result.report.timings.items())
    say(f"took: {took}", err=True)
