"""Many edits in one run: resumable, and a failure is a row with a reason.

The journal is `results.jsonl` in the output folder: one line an ended job, appended and synced before the next job starts. The same command
again skips what the journal holds, so a run that was killed goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption, PixwrightError
from pixwright.files import Done, Job, UserPlace, edit_file
from pixwright.journal import Journal, read_journal
from pixwright.records.result import Verdict
from pixwright.systems import System, build

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
JOURNAL = "results.jsonl"
_FIELDS = {"picture", "instruction", "output", "attachments", "mask", "box", "point", "seed", "n", "controls"}


@dataclass(frozen=True)
class BatchRow:
    """What became of one job."""

    key: str
    picture: str
    instruction: str
    status: str
    """`done`, `partly`, `not_done`, or `error`."""
    output: str | None
    reason: str


def jobs_from(
    source: Path,
    instruction: str | None,
    output: Path,
    seed: int = 0,
    system: str = "local",
    options: Mapping[str, str] | None = None,
) -> list[Job | BatchRow]:
    """The jobs of a JSONL file (paths relative to it) or, with one instruction for all, of a folder of pictures.

    A line that is no job becomes an `error` row at once. Raises InvalidOption when the source itself cannot be used.
    """
    if source.is_dir():
        if not instruction:
            raise InvalidOption(
                f'{source} is a folder; give the instruction: pixwright batch {source} "INSTRUCTION" -o OUT'
            )
        files = sorted(p for p in source.iterdir() if p.suffix.lower() in PICTURES)
        if not files:
            raise InvalidOption(f"{source} holds no picture ({', '.join(sorted(PICTURES))})")
        return [
            Job(f, instruction, output / f.name, seed=seed, force=True, system=system, options=options or {})
            for f in files
        ]
    if not source.is_file():
        raise InvalidOption(f"{source} does not exist; give a JSONL file or a folder of pictures")
    lines = source.read_text(encoding="utf-8").splitlines()
    numbered = [(i, line) for i, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise InvalidOption(f'{source} holds no job; a line is {{"picture": ..., "instruction": ...}}')
    jobs = [_job(line, number, source.parent, output, instruction, seed) for number, line in numbered]
    return [replace(job, system=system, options=options or {}) if isinstance(job, Job) else job for job in jobs]


def run(jobs: list[Job | BatchRow], output: Path, system: System | None = None) -> Iterator[BatchRow]:
    """Run what is not yet in the journal, and yield every job's row, old ones included, in order."""
    path = output / JOURNAL
    known = {field.name for field in fields(BatchRow)}
    ended = {row["key"]: BatchRow(**row) for row in read_journal(path) if row.keys() == known}
    built = system
    with Journal(path) as journal:
        for job in jobs:
            key = job.key if isinstance(job, BatchRow) else _key(job)
            old = ended.get(key)
            if old is not None and (old.output is None or Path(old.output).exists()):
                yield old
                continue
            if isinstance(job, Job):
                built = built or build(job.system, None, job.options)
                row = _run_one(job, key, built)
            else:
                row = job
            journal.append([vars(row)])
            yield row


def exit_code(rows: list[BatchRow]) -> int:
    """2 if any job had bad input, else 3 if any was not done, else 0."""
    statuses = {row.status for row in rows}
    return 2 if "error" in statuses else 3 if "not_done" in statuses else 0


def _run_one(job: Job, key: str, system: System) -> BatchRow:
    try:
        done: Done = edit_file(job, system)
    except PixwrightError as error:
        return BatchRow(key, str(job.picture), job.instruction, "error", None, f"{error.code}: {error}")
    except Exception as error:  # noqa: BLE001 - the batch runner's promise: one job never ends the run
        return BatchRow(
            key, str(job.picture), job.instruction, "error", None, f"internal: {type(error).__name__}: {error}"
        )
    report = done.result.report
    reason = "; ".join(report.reasons) if report.verdict is not Verdict.DONE else ""
    output = None if done.output is None else str(done.output)
    return BatchRow(key, str(job.picture), job.instruction, str(report.verdict), output, reason)


def _job(line: str, number: int, base: Path, output: Path, instruction: str | None, seed: int) -> Job | BatchRow:
    def bad(reason: str) -> BatchRow:
        key = hashlib.sha256(f"{number}:{line}".encode()).hexdigest()[:16]
        return BatchRow(key, f"line {number}", line[:200], "error", None, reason)

    try:
        data: Any = json.loads(line)
    except ValueError:
        return bad("not JSON")
    if not isinstance(data, dict) or set(data) - _FIELDS or not isinstance(data.get("picture"), str):
        return bad(f"a job is an object with 'picture', 'instruction' and any of {', '.join(sorted(_FIELDS))}")
    text = data.get("instruction", instruction)
    attachments = data.get("attachments", [])
    controls = data.get("controls", {})
    if not isinstance(text, str) or not isinstance(attachments, list):
        return bad("'instruction' must be text and 'attachments' a list of files")
    name = str(data.get("output") or f"{number:05d}-{Path(data['picture']).name}")
    if Path(name).name != name:
        return bad(f"'output' is {name!r}; it must be a file name without a folder")
    try:
        point = data.get("point")
        place = UserPlace(base / data["mask"] if data.get("mask") else None, data.get("box"), (point,) if point else ())
        return Job(
            base / data["picture"], text, output / name, tuple(base / str(a) for a in attachments), place,
            seed=int(data.get("seed", seed)), n=int(data.get("n", 1)), force=True,
            controls={str(name): float(value) for name, value in controls.items()},
        )  # fmt: skip
    except (PixwrightError, AttributeError, TypeError, ValueError) as error:
        return bad(str(error))


def _key(job: Job) -> str:
    """A job is the same when its words, options and the picture's bytes are."""
    parts = [job.instruction, str(job.output), str(job.place), str(job.seed), str(job.n), *map(str, job.attachments)]
    if job.system != "local":
        parts += [job.system, *(f"{name}={value}" for name, value in sorted(job.options.items()))]
    parts += [f"{name}={value}" for name, value in sorted(job.controls.items())]
    digest = hashlib.sha256("\0".join(parts).encode())
    if job.picture.is_file():
        digest.update(job.picture.read_bytes())
    return digest.hexdigest()[:16]
