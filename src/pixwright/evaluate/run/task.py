"""A task: examples, a system, judges. `run` works through it and can be killed at any moment; the same call goes on where it was.

The folder of a run:

    run.json          suite, data, system, options, seed, versions, git commit, judges and weights with their hashes
    edits.jsonl       a line an edit: verdict, reason, seconds, the hash of what went in and of what came out
    scores.jsonl      a line an edit and judge: its values
    judgements.jsonl  what judges keep besides: prompts, raw replies, retries
    pictures/         the results, in the benchmark's own layout
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from pixwright import __version__
from pixwright.build.run.manifest import locked
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.evaluate.metrics.score import BATCH
from pixwright.evaluate.run.editors import Made, SystemUnderTest, attempt
from pixwright.evaluate.run.example import BenchmarkExample, pixels_of
from pixwright.evaluate.run.judging import Asked, Judge, Judged, identity
from pixwright.journal import Journal, read_journal
from pixwright.media import save_plain, write_atomically
from pixwright.records.instruction import Array

EDITS, SCORES, JUDGEMENTS, RECORD = "edits.jsonl", "scores.jsonl", "judgements.jsonl", "run.json"
_FIXED = ("suite", "data", "system", "options", "seed")
"""What a folder of results cannot change its mind about."""


@dataclass(frozen=True, eq=False)
class EvaluationTask:
    """What is to be evaluated. `samples` gives the examples anew at each call; a chain's turns come in order."""

    samples: Callable[[], Iterable[BenchmarkExample]]
    system: SystemUnderTest
    judges: tuple[Judge, ...]
    seed: int = 0
    name: str = "task"
    data: str = ""
    options: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskStep:
    """An edit was made now (`fresh`), or found in the folder."""

    key: str
    fresh: bool
    edit: dict[str, Any]


def run(task: EvaluationTask, folder: Path, limit: int | None = None) -> Iterator[TaskStep]:
    """Edit and judge the first `limit` examples: a step for each edit; a batch is judged after its last one.

    Raises `InvalidOption` if the folder holds another task's results or another process works there, and what reading the data raises.
    """
    stream = iter(task.samples() if limit is None else islice(task.samples(), limit))
    # What the data lack is found before the folder is claimed for them.
    stream = chain(list(islice(stream, 1)), stream)
    with locked(folder):
        record = _claim(task, folder)
        left_out: dict[str, str] = record["left_out"]
        known = {row["key"]: row for row in read_journal(folder / EDITS) if "key" in row}
        scored = {(row.get("key"), row.get("judge"), row.get("made")) for row in read_journal(folder / SCORES)}
        keys: set[str] = set()
        with (
            Journal(folder / EDITS) as edits,
            Journal(folder / SCORES) as scores,
            Journal(folder / JUDGEMENTS) as kept,
        ):
            while part := list(islice(stream, BATCH)):
                done = []
                for example in part:
                    if flaw := _flaw(example, left_out):
                        left_out[example.key] = flaw
                        continue
                    if example.note:
                        record["notes"][example.key] = example.note
                    row, fresh = _edited(task, example, folder, known, edits, keys)
                    done.append((example, row))
                    yield TaskStep(example.key, fresh, row)
                for judge in task.judges:
                    _judge(judge, done, folder, scored, scores, kept)
        _finish(task, folder, record)


def _flaw(example: BenchmarkExample, left_out: Mapping[str, str]) -> str:
    """Why a row cannot take part: one of its pictures cannot be read, or it follows such a row; else "". One odd row does not end a run."""
    if example.previous in left_out:
        return f"it follows '{example.previous}', which is left out"
    try:
        for held in (example.source, example.target):
            if held is not None:
                pixels_of(held)
    except PixwrightError as problem:
        return str(problem)
    return ""


def _edited(
    task: EvaluationTask,
    example: BenchmarkExample,
    folder: Path,
    known: dict[str, dict[str, Any]],
    journal: Journal,
    keys: set[str],
) -> tuple[dict[str, Any], bool]:
    """The example's row and whether it was made now. A row is used again if what went in is the same and the picture is whole."""
    if example.key in keys:
        raise InvalidOption(f"two examples are called {example.key!r}; keys must be unique")
    keys.add(example.key)
    before = known.get(example.previous) if example.previous else None
    if example.previous and before is None:
        raise InvalidOption(f"example '{example.key}' follows '{example.previous}', which comes later or not at all")
    given = example.fingerprint() + ("" if before is None else f"-{before['sha256'][:16]}")
    old, path = known.get(example.key), folder / "pictures" / example.file
    if old is not None and old.get("input") == given and _hash(path) == old.get("sha256"):
        return old, False
    source = pixels_of(example.source) if before is None else pixels_of(folder / "pictures" / before["file"])
    started, worked = time.perf_counter(), time.process_time()
    made = attempt(task.system, example, source, task.seed)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    path.parent.mkdir(parents=True, exist_ok=True)
    save_plain(_kept(made, source), path)
    row: dict[str, Any] = {
        "key": example.key,
        "input": given,
        "status": made.status,
        "failed": made.picture is None,
        "reason": made.reason,
        "seconds": round(seconds, 4),
        "cpu": round(cpu, 4),
        "file": example.file,
        "before": "" if before is None else before["file"],
        "sha256": _hash(path),
        "counted": example.counted,
        "cluster": example.cluster,
        "groups": dict(example.groups),
        "instruction": example.instruction,
    }
    journal.append([row])
    known[example.key] = row
    return row, True


def _kept(made: Made, source: Array) -> Array:
    """What counts: the result, or the unchanged picture where there is none."""
    return np.ascontiguousarray((source if made.picture is None else made.picture)[..., :3])


def _judge(
    judge: Judge,
    edits: list[tuple[BenchmarkExample, dict[str, Any]]],
    folder: Path,
    scored: set[tuple[Any, Any, Any]],
    scores: Journal,
    kept: Journal,
) -> None:
    name = identity(judge)
    todo = [(e, row) for e, row in edits if e.counted and (e.key, name, row["sha256"]) not in scored]
    if not todo:
        return
    asked = [
        Asked(
            e, folder / "pictures" / row["file"], folder / "pictures" / row["before"] if row.get("before") else e.source
        )
        for e, row in todo
    ]
    found: list[Judged] = judge.judge(asked)
    # The record first: a score whose reply was lost could not be looked into.
    records = [
        {"key": e.key, "judge": name, "made": row["sha256"], **one.record}
        for (e, row), one in zip(todo, found, strict=True)
        if one.record
    ]
    if records:
        kept.append(records)
    scores.append(
        {"key": e.key, "judge": name, "made": row["sha256"], "black": one.black, "values": one.values}
        for (e, row), one in zip(todo, found, strict=True)
    )
    scored.update((e.key, name, row["sha256"]) for e, row in todo)


def _claim(task: EvaluationTask, folder: Path) -> dict[str, Any]:
    """Write down what is done here. Raises `InvalidOption` if the folder holds something else."""
    path = folder / RECORD
    fresh: dict[str, Any] = {
        "suite": task.name,
        "data": task.data,
        "system": task.system.name,
        "options": dict(task.options),
        "seed": task.seed,
        "pixwright": __version__,
        "python": sys.version.split()[0],
        "git": git_commit(),
        "judges": {
            identity(judge): {name: asdict(about) for name, about in judge.about().items()} for judge in task.judges
        },
        "weights": {},
        "left_out": {},
        "notes": {},
    }
    if path.exists():
        held = read_record(folder)
        for name in _FIXED:
            if held.get(name) != fresh[name]:
                raise InvalidOption(
                    f"{folder} holds results of {name} {held.get(name)!r}, not {fresh[name]!r}; give another -o"
                )
        fresh["weights"] = held.get("weights", {})
        if held.get("git") != fresh["git"]:
            fresh["git_before"] = sorted({*held.get("git_before", []), str(held.get("git"))} - {str(fresh["git"])})
    elif (folder / EDITS).exists():
        raise InvalidOption(f"{folder} holds results without {RECORD}; give another -o")
    _write(path, fresh)
    return fresh


def _finish(task: EvaluationTask, folder: Path, record: dict[str, Any]) -> None:
    record["weights"] |= task.system.weights()
    for judge in task.judges:
        record["weights"] |= judge.weights()
    _write(folder / RECORD, record)


def read_record(folder: Path) -> dict[str, Any]:
    """A run's record. Raises `InvalidOption` for a folder without one."""
    try:
        found = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError) as problem:
        raise InvalidOption(f"{folder} holds no results; give a folder that `pixwright evaluate` wrote") from problem
    if not isinstance(found, dict):
        raise InvalidOption(f"{folder / RECORD} is not a record of results; give another folder")
    return found


def git_commit() -> str | None:
    """The commit of the code at work, `+` behind it if files were changed since; None outside of a repository."""
    place = Path(__file__).parent
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=place, capture_output=True, text=True, timeout=10, check=True
        )
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no", "."],
            cwd=place.parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")


def _write(path: Path, record: dict[str, Any]) -> None:
    write_atomically(path, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())


def _hash(path: Path) -> str | None:
    try:
        with path.open("rb") as held:
            return hashlib.file_digest(held, "sha256").hexdigest()
    except OSError:
        return None
