"""What `pixwright evaluate ...` does, and the lines that it says."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.backbones import Backbones
from pixwright.evaluate.report import page as report
from pixwright.evaluate.report import tables
from pixwright.evaluate.report.curve import curve
from pixwright.evaluate.report.results import Results, as_json, compare, read_results, summarise
from pixwright.evaluate.run.editors import Options, editor
from pixwright.evaluate.run.judging import Judge, MetricJudge, resolve
from pixwright.evaluate.run.suites import Opened, open_suite
from pixwright.evaluate.run.task import EvaluationTask, run
from pixwright.evaluate.run.track import Track
from pixwright.media import write_atomically

MAX_POINTS = 64
"""Points of a sweep."""


def evaluate(
    suite: str,
    *,
    system: str,
    data: Path | None = None,
    output: Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    metrics: str | None = None,
    weights: Path | None = None,
    judges: Sequence[str] = (),
    settings: Sequence[str] = (),
    sweep: Sequence[str] = (),
    trackers: Sequence[str] = (),
    show: bool = True,
) -> Iterator[str]:
    """Run a suite, at each point of a sweep if there is one, and write tables and report: the lines to be said.

    Raises `InvalidOption` for what is unknown or out of range, before anything is edited.
    """
    if limit is not None and limit < 1:
        raise InvalidOption(f"--limit is {limit}; allowed: 1 or more")
    if not 0 <= seed < 2**32:
        raise InvalidOption(f"--seed is {seed}; allowed: 0 to {2**32 - 1}")
    opened = open_suite(suite, data)
    points = _points(settings, sweep)
    backbones = Backbones(weights)
    names = metrics.split(",") if metrics else opened.metrics
    found, notes = resolve(names, backbones)
    panel: tuple[Judge, ...] = (MetricJudge(found, backbones),) if found else ()
    if judges:
        from pixwright.evaluate.run.vlm import vlm_judge

        panel += tuple(vlm_judge(name) for name in judges)
    if not panel:
        raise InvalidOption(f"no metric of {suite} can be computed here: {'; '.join(notes)}")
    folder = output or Path("out") / "evaluate" / f"{opened.title.replace(' (mini split)', '-mini')}-{_slug(system)}"
    editors = [editor(system, point) for point in points]
    for note in notes:
        yield f"note: {note}"
    done: list[Results] = []
    for point, one in zip(points, editors, strict=True):
        place = folder / _point_name(point, sweep) if sweep else folder
        task = EvaluationTask(opened.examples, one, panel, seed, opened.title, opened.identity, point)
        _work(task, place, limit, tuple(trackers), show)
        done.append(read_results(place))
        yield from write(done[-1], opened, notes)
    if sweep:
        yield from _swept(done, opened, folder)


def write(results: Results, opened: Opened, notes: Sequence[str] = ()) -> Iterator[str]:
    """Tables as Markdown, LaTeX and JSON, and the HTML report, into the run's folder: the table and where the rest is."""
    groups = opened.suite.tables
    folder = results.folder
    odd = [f"row {key} is left out: {why}" for key, why in results.record.get("left_out", {}).items()]
    odd += [f"row {key}: {why}" for key, why in results.record.get("notes", {}).items()]
    yield from (f"note: {line}" for line in odd)
    notes = (*notes, *odd)
    write_atomically(folder / "table.md", tables.page(results, groups, notes).encode())
    write_atomically(folder / "table.tex", tables.latex([results]).encode())
    write_atomically(folder / "table.json", _json(as_json(results, groups)))
    index = report.write_report(results, opened.examples)
    yield tables.overview([results])
    yield f"{folder / 'table.md'}\n{index}"


def table(runs: Sequence[Path], form: str, group: str | None = None) -> str:
    """One table of several runs, as markdown, latex or json; with `group`, one of each run broken up by it.

    Raises `InvalidOption` for another form, runs of different suites, or a group that no row has.
    """
    found = [read_results(run) for run in runs]
    if form == "json":
        return _json([as_json(one, [group] if group else ()) for one in found]).decode()
    if form not in ("markdown", "latex"):
        raise InvalidOption(f"--format is {form!r}; allowed: markdown, latex, json")
    if group is None:
        return tables.overview(found) if form == "markdown" else tables.latex(found)
    if form == "latex":
        raise InvalidOption("--by is for markdown and json; leave one of the two out")
    parts = [(one.name, tables.by_group(one, group)) for one in found]
    if not any(text for _, text in parts):
        known = sorted({name for one in found for row in one.rows for name in row.groups})
        raise InvalidOption(f"no row has the group {group!r}; there are: {', '.join(known) or 'none'}")
    return "\n".join(f"{name}\n\n{text}" for name, text in parts)


def compared(a: Path, b: Path, form: str) -> str:
    """Paired differences of two runs. Raises `InvalidOption` where they cannot be compared."""
    mine, theirs = read_results(a), read_results(b)
    if form == "markdown":
        return tables.difference_table(mine, theirs)
    if form != "json":
        raise InvalidOption(f"--format is {form!r}; allowed: markdown, json")
    found, count = compare(mine, theirs)
    return _json(
        {"a": mine.name, "b": theirs.name, "examples": count, "differences": {k: vars(v) for k, v in found.items()}}
    ).decode()


def _work(task: EvaluationTask, folder: Path, limit: int | None, trackers: tuple[str, ...], show: bool) -> None:
    from tqdm import tqdm

    failed, seconds, edits = 0, 0.0, 0
    config: dict[str, Any] = {"suite": task.name, "system": task.system.name, "seed": task.seed, **task.options}
    with Track(folder, trackers, config) as track:
        bar: Iterable[Any] = tqdm(run(task, folder, limit), total=limit, unit="edit", file=sys.stderr, disable=not show)
        for number, step in enumerate(bar, 1):
            failed += bool(step.edit["failed"])
            if step.fresh:
                seconds, edits = seconds + step.edit["seconds"], edits + 1
                track.log({"seconds": step.edit["seconds"], "failed": failed, "failed_share": failed / number}, number)
        results = read_results(folder)
        means = {name: one.mean for name, one in summarise(results).intervals.items() if one.mean is not None}
        track.log({f"mean/{name}": value for name, value in means.items()}, len(results.edits))


def _points(settings: Sequence[str], sweep: Sequence[str]) -> list[Options]:
    """Every combination of the swept values over the fixed settings."""
    fixed: dict[str, float | str] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidOption(f"--set {text!r} is not NAME=VALUE, such as --set steps=20")
        fixed[name] = _value(value)
    axes = dict(_axis(text) for text in sweep)
    points = [fixed | dict(zip(axes, one, strict=True)) for one in product(*axes.values())]
    if len(points) > MAX_POINTS:
        raise InvalidOption(f"this sweep has {len(points)} points; allowed: up to {MAX_POINTS}")
    return list(points)


def _value(text: str) -> float | str:
    """A number where the text is one."""
    try:
        return float(text)
    except ValueError:
        return text


def _axis(text: str) -> tuple[str, list[float]]:
    name, equals, values = text.partition("=")
    try:
        found = [float(value) for value in values.split(",")]
    except ValueError:
        found = []
    if not equals or not name or not found:
        raise InvalidOption(f"{text!r} is no sweep; write NAME=NUMBER,NUMBER,..., such as picture=1.0,1.5,2.0")
    return name, found


def _point_name(point: Options, sweep: Sequence[str]) -> str:
    axes = [text.partition("=")[0] for text in sweep]
    return "_".join(f"{name}={point[name]:g}" for name in axes)


def _swept(done: Sequence[Results], opened: Opened, folder: Path) -> Iterator[str]:
    """The table of all points, and the two metrics against each other, a line for each value of the second axis."""
    text = tables.overview(done)
    write_atomically(folder / "sweep.md", f"# {opened.title}: a sweep of {done[0].record['system']}\n\n{text}".encode())
    write_atomically(folder / "sweep.json", _json([as_json(one, ()) for one in done]))
    yield text
    drawn = curve(done, opened.suite.curve)
    if drawn:
        write_atomically(folder / "sweep.svg", drawn.encode())
        yield str(folder / "sweep.svg")
    yield str(folder / "sweep.md")


def _slug(system: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "-" for c in system)[-60:]


def _json(found: Any) -> bytes:
    return (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()
