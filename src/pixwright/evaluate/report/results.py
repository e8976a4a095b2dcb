"""What a finished (or unfinished) run says: values by example, means with intervals, comparisons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.contract import Description
from pixwright.evaluate.readers.files import read_lines
from pixwright.evaluate.report.statistics import Difference, Interval, Matrix, differences, intervals
from pixwright.evaluate.run.components import ComponentReport, ComponentVerdict, component_accuracy
from pixwright.evaluate.run.task import EDITS, JUDGEMENTS, SCORES, read_record
from pixwright.journal import read_journal
from pixwright.records.kind import EditType

VERDICTS = "verdicts.jsonl"
"""What people said of the parts: lines of {"key", "language", "segmenter", "editor"}, each true, false or null."""


@dataclass(frozen=True)
class ResultRow:
    """One counted example."""

    key: str
    instruction: str
    status: str
    reason: str
    failed: bool
    """No picture was made, or a blackened one."""
    seconds: float
    cpu: float
    file: str
    cluster: str
    groups: dict[str, str]
    input: str
    values: dict[str, float | None]


@dataclass(frozen=True, eq=False)
class Results:
    """A folder of results, read."""

    folder: Path
    record: dict[str, Any]
    about: dict[str, Description]
    rows: tuple[ResultRow, ...]
    edits: tuple[dict[str, Any], ...]
    """Every edit's last row, the steps on the way of chains included."""
    tokens: dict[str, int]
    """What language models that judged were given and gave."""

    @property
    def name(self) -> str:
        """The system with its options."""
        given = sorted(self.record["options"].items())
        options = ", ".join(f"{key} {value if isinstance(value, str) else format(value, 'g')}" for key, value in given)
        return str(self.record["system"]) + (f" ({options})" if options else "")

    @property
    def metrics(self) -> tuple[str, ...]:
        """Those of the judges that scored last, in their order."""
        return tuple(self.about)

    def matrix(self, rows: Sequence[ResultRow] | None = None) -> Matrix:
        """NxM values, NaN where one is missing."""
        chosen = self.rows if rows is None else rows
        table = [[_number(row.values.get(name)) for name in self.metrics] for row in chosen]
        return np.array(table, np.float64).reshape(len(chosen), len(self.metrics))


@dataclass(frozen=True)
class RowMeans:
    """The means over some rows."""

    intervals: dict[str, Interval]
    rows: int
    failed: int
    statuses: dict[str, int]


def read_results(folder: Path) -> Results:
    """The run in a folder. Raises `InvalidOption` for a folder without one, or one without a scored example."""
    record = read_record(folder)
    about = {name: Description(**told) for judge in record["judges"].values() for name, told in judge.items()}
    edits = {row["key"]: row for row in read_journal(folder / EDITS) if "key" in row}
    values: dict[str, dict[str, float | None]] = {}
    black: set[str] = set()
    for score in read_journal(folder / SCORES):
        edit = edits.get(score.get("key", ""))
        if edit is None or score.get("made") != edit["sha256"] or score.get("judge") not in record["judges"]:
            continue
        values.setdefault(edit["key"], {}).update(score["values"])
        if score.get("black"):
            black.add(edit["key"])
    rows = tuple(
        _row(edit, values[key], key in black) for key, edit in edits.items() if edit["counted"] and key in values
    )
    if not rows:
        raise InvalidOption(f"{folder} holds no scored example yet; run the same command again")
    return Results(folder, record, about, rows, tuple(edits.values()), _tokens(folder))


def summarise(results: Results, rows: Sequence[ResultRow] | None = None) -> RowMeans:
    """Means, intervals and verdicts of all rows, or of some."""
    chosen = results.rows if rows is None else tuple(rows)
    found = intervals(results.matrix(chosen), [row.cluster for row in chosen])
    statuses: dict[str, int] = {}
    for row in chosen:
        statuses[row.status] = statuses.get(row.status, 0) + 1
    return RowMeans(
        dict(zip(results.metrics, found, strict=True)), len(chosen), sum(row.failed for row in chosen), statuses
    )


def grouped(results: Results, group: str) -> dict[str, RowMeans]:
    """A summary for each value of a group, edit types in AnyEdit's order, numbers as numbers; empty if no row has it."""
    parts: dict[str, list[ResultRow]] = {}
    for row in results.rows:
        if row.groups.get(group):
            parts.setdefault(row.groups[group], []).append(row)
    return {name: summarise(results, parts[name]) for name in sorted(parts, key=_place)}


def cost(results: Results) -> dict[str, float]:
    """Seconds and processor seconds an edit (mean and 95th percentile of the seconds), and the judges' tokens, over all edits of the run."""
    seconds = np.array([edit["seconds"] for edit in results.edits])
    cpu = np.array([edit["cpu"] for edit in results.edits])
    return {
        "edits": float(len(seconds)),
        "seconds_mean": float(seconds.mean()),
        "seconds_p95": float(np.quantile(seconds, 0.95)),
        "cpu_seconds_mean": float(cpu.mean()),
        **{f"judge_{name}": float(count) for name, count in results.tokens.items()},
    }


def compare(a: Results, b: Results) -> tuple[dict[str, Difference], int]:
    """(b - a for each metric that both have, how many examples both have). Rows are joined by key; what went in must be the same.

    Raises `InvalidOption` for runs of different suites, or of different examples under the same keys.
    """
    if a.record["suite"] != b.record["suite"]:
        raise InvalidOption(
            f"{a.folder} is of {a.record['suite']!r}, {b.folder} of {b.record['suite']!r}; compare runs of one suite"
        )
    theirs = {row.key: row for row in b.rows}
    both = [(row, theirs[row.key]) for row in a.rows if row.key in theirs]
    # In a chain the input holds the system's own earlier result behind a dash: that differs by right.
    other = [x.key for x, y in both if x.input.partition("-")[0] != y.input.partition("-")[0]]
    if other:
        raise InvalidOption(f"example {other[0]!r} is another one in {b.folder}; compare runs of the same data")
    if not both:
        raise InvalidOption(f"{a.folder} and {b.folder} have no example in common")
    names = [name for name in a.metrics if name in b.metrics and a.about[name] == b.about[name]]
    if not names:
        raise InvalidOption(f"{a.folder} and {b.folder} have no metric with the same backbone in common")
    mine, yours = (np.array([[_number(pair[i].values.get(n)) for n in names] for pair in both]) for i in (0, 1))
    found = differences(mine, yours, [row.cluster for row, _ in both])
    return dict(zip(names, found, strict=True)), len(both)


def components(results: Results) -> ComponentReport | None:
    """InstructEdit's component accuracies, from `verdicts.jsonl` in the run's folder; None without it. Raises `InvalidOption` for a wrong line."""
    path = results.folder / VERDICTS
    if not path.exists():
        return None
    keys = {row.key for row in results.rows}
    found = []
    for row in read_lines(path, "verdicts of people"):
        parts = [row.get(name) for name in ("language", "segmenter", "editor")]
        if row.get("key") not in keys or any(part not in (True, False, None) for part in parts):
            raise InvalidOption(
                f"{path}: {json.dumps(row)[:120]} names no example of the run, or a verdict is not true, false or null"
            )
        found.append(ComponentVerdict(*parts))
    return component_accuracy(found)


def as_json(results: Results, groups: Sequence[str]) -> dict[str, Any]:
    """Everything that the tables say, and what it was computed with."""
    parts = components(results)
    return {
        **{name: value for name, value in results.record.items() if name != "judges"},
        "metrics": {name: asdict(about) for name, about in results.about.items()},
        "overall": _told(summarise(results)),
        "groups": {group: {name: _told(one) for name, one in grouped(results, group).items()} for group in groups},
        "cost": cost(results),
        "components": None if parts is None else asdict(parts),
    }


def _told(summary: RowMeans) -> dict[str, Any]:
    values = {name: asdict(one) | {"margin": one.margin} for name, one in summary.intervals.items()}
    return {"rows": summary.rows, "failed": summary.failed, "statuses": summary.statuses, "values": values}


def _row(edit: dict[str, Any], values: dict[str, float | None], black: bool) -> ResultRow:
    names = ("key", "instruction", "status", "reason", "seconds", "cpu", "file", "cluster", "groups", "input")
    return ResultRow(**{name: edit[name] for name in names}, failed=bool(edit["failed"] or black), values=values)


def _tokens(folder: Path) -> dict[str, int]:
    total: dict[str, int] = {}
    for row in read_journal(folder / JUDGEMENTS):
        for name, count in (row.get("tokens") or {}).items():
            total[name] = total.get(name, 0) + int(count)
    return total


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _place(name: str) -> tuple[int, int, str]:
    order = [str(kind) for kind in EditType]
    if name in order:
        return 0, order.index(name), ""
    return (1, int(name), "") if name.isdecimal() else (2, 0, name)
