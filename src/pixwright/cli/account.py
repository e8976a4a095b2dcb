"""What became of an edit, for a person and for a program."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import typer
from tqdm import tqdm

from pixwright.batch import JOURNAL, Common, exit_code, jobs_from, run
from pixwright.cli.say import say, say_json
from pixwright.cli.watching import tell_found
from pixwright.compare import comparison
from pixwright.files import Done
from pixwright.media import save_plain, write_atomically
from pixwright.watch import Pace, watch

_NEARLY_ALL = 0.999
"""What is shown of a share that is not quite all."""


def write_accounts(done: Done, report: Path | None, compare: Path | None, *, replace: bool) -> None:
    """The account as JSON, and before and after side by side as a picture, where a file is named for them."""
    if report is not None:
        write_atomically(report, (done.account() + "\n").encode("utf-8", "backslashreplace"), replace=replace)
    if compare is not None:
        save_plain(comparison(done.original.pixels, done.result), compare, replace=replace)


def show(done: Done, *, as_json: bool, quiet: bool, verbose: bool, shown: str = "") -> None:
    """Print what became of it (`shown`: what the output is called, if not by its name), and end with exit code 3 where a step was not done."""
    if verbose and not quiet:
        tell_found(done)
    if as_json:
        say(done.account())
    elif not quiet:
        tell(done, shown)
    if done.result.report.missed:
        raise typer.Exit(3)


def tell(done: Done, shown: str = "") -> None:
    """What became of it, for a person (`shown`: what the output is called, if not by its name)."""
    report = done.result.report
    for note in done.notes:
        say(f"note: {note}", err=True)
    plan = done.result.plan
    for step, told, outcome in zip(plan.steps, plan.told, report.steps, strict=True):
        why = f" ({step.why})" if step.why else ""
        say(f"{outcome.verdict}: {step.type}: {told}{why}")
        for line in outcome.lines():
            say(f"  {line}")
    if done.output is None:
        say("nothing was changed, and nothing was written", err=True)
    else:
        outside = report.file_outside_max_difference
        kept = "" if outside is None else f", largest difference outside the edit {outside}"
        if report.file_blocks_kept is not None:
            kept += f"; {_share(report.file_blocks_kept)} of the JPEG's blocks are the input's own"
        say(f"{shown or done.output} ({report.changed_fraction:.1%} of the pixels changed{kept})")


def _share(part: float) -> str:
    """A share in percent, never rounded up to all of it."""
    return "all" if part >= 1 else f"{min(part, _NEARLY_ALL):.1%}"


def show_batch(source: Path, common: Common, *, quiet: bool, as_json: bool = False) -> None:
    """Run the jobs, with progress where somebody watches, print what was not done, and end with the exit code of all."""
    todo = jobs_from(source, common)
    if not quiet:
        for name in todo.left_out:
            say(f"left out: {name}", err=True)
    watched = sys.stderr.isatty() and not quiet
    steps = run(todo.jobs, common.output)
    rows = list(tqdm(steps, total=len(todo.jobs), unit="picture", file=sys.stderr, disable=not watched))
    if as_json:
        say_json([vars(row) for row in rows])
    for row in () if as_json else rows:
        if row.status != "done":
            say(f"{row.status}: {row.picture}: {row.reason}")
    if not quiet and not as_json:
        counts = Counter(row.status for row in rows)
        ended = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        say(f"{ended}; see {common.output / JOURNAL}")
    raise typer.Exit(exit_code(rows))


def show_watch(folder: Path, common: Common, idle: float | None, *, quiet: bool) -> None:
    """Edit what comes into the folder, print a line for each picture, and end, where it ends, with the exit code of all."""
    rows = []
    for row in watch(folder, common, Pace(idle=idle)):
        rows.append(row)
        if row.status != "done" or not quiet:
            say(f"{row.status}: {row.picture}" + (f": {row.reason}" if row.reason else f" -> {row.output}"))
    raise typer.Exit(exit_code(rows))
