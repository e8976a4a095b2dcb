"""Many edits in one run: resumable, and a failure is a row with a reason.

The journal is `results.jsonl` in the output folder: one line an ended job, appended and synced before the next job starts. The same command
again skips what the journal holds, so a run that was killed goes on where it was. No picture that is read is ever written over, and no result of
another job.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pixwright.encoders.lean import give_back
from pixwright.errors import InvalidOption, OutputExists, PixwrightError
from pixwright.files import Done, Job, UserPlace, edit_file
from pixwright.journal import Journal, read_journal
from pixwright.media import check_target, read_record
from pixwright.media.formats.sniff import SUFFIXES
from pixwright.records.result import Record, Verdict
from pixwright.smaller import ran_out
from pixwright.systems import System, build
from pixwright.weights.store import digest

PICTURES = frozenset(SUFFIXES)
"""Endings of the files of a folder that are pictures."""
JOURNAL = "results.jsonl"
_FIELDS = {
    *("picture", "instruction", "output", "attachments", "mask", "box", "point", "mask_limits"),
    *("seed", "n", "controls"),
}
_SHOWN = 200
"""Characters of a line, and of a reason, that a row keeps."""
_KEY = 16
"""Hexadecimal digits of a job's key."""
_LARGEST_LINE = 1_000_000
"""Characters of a job: what is longer is none."""
_BOX = 4
"""Numbers of a box."""


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
    missed: int = 0
    """Steps that were not done."""


@dataclass(frozen=True)
class Common:
    """What holds for every job that does not say otherwise."""

    output: Path
    """The folder of the results."""
    instruction: str | None = None
    seed: int = 0
    system: str = "local"
    options: Mapping[str, str] | None = None
    force: bool = False
    recursive: bool = False
    """Of a folder: its sub-folders too; the results lie in sub-folders of the same names."""
    mask: Path | None = None
    """One mask for all, or a folder with a mask of each picture's name (whatever its ending)."""
    box: str | None = None
    mask_limits: bool = True
    """Whether a mask or box is the limit of every change, and not only the place."""


@dataclass(frozen=True)
class Todo:
    """The jobs in order, and what was left out of a folder, for the user."""

    jobs: tuple[Job | BatchRow, ...]
    left_out: tuple[str, ...] = ()


def jobs_from(source: Path, common: Common) -> Todo:
    """The jobs of a JSONL file (paths relative to it) or, with one instruction for all, of a folder of pictures.

    A line that is no job becomes an `error` row at once. Raises InvalidOption when the source itself cannot be used, or when a result would be written over a
    picture that is read: then nothing was written.
    """
    todo = _of_folder(source, common) if source.is_dir() else _of_lines(source, common)
    jobs = [one for one in todo.jobs if isinstance(one, Job)]
    inputs = {_identity(file) for job in jobs for file in job.inputs if file.exists()}
    for job in jobs:
        output = _target(job)
        if output.exists() and _identity(output) in inputs:
            raise InvalidOption(
                f"'{output}' is a picture that is read, and inputs are never overwritten: choose another folder with -o"
            )
    return todo


def _identity(path: Path) -> tuple[int, int]:
    """The same for every spelling of a file and every link to it."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _of_folder(source: Path, common: Common) -> Todo:
    if not common.instruction:
        raise InvalidOption(
            f'{source} is a folder; give the instruction: pixwright batch {source} "INSTRUCTION" -o OUT'
        )
    inside = sorted(source.rglob("*") if common.recursive else source.iterdir())
    results = common.output.resolve()
    if source.resolve() in results.parents:  # earlier results are no pictures to edit
        inside = [path for path in inside if results not in (path.resolve(), *path.resolve().parents)]
    files = [path for path in inside if path.suffix.lower() in PICTURES and path.is_file()]
    if not files:
        raise InvalidOption(f"{source} holds no picture ({', '.join(sorted(PICTURES))})")
    chosen = set(files)
    left_out = [str(path.relative_to(source)) for path in inside if path not in chosen and path.is_file()]
    if not common.recursive:
        left_out += [f"{path.name}/ (a folder: add --recursive)" for path in inside if path.is_dir()]
    masks = _masks_by_name(common.mask)
    jobs = [
        Job(
            file,
            common.instruction,
            common.output / file.relative_to(source),
            place=UserPlace(mask=_mask_of(file, common.mask, masks, source), box=common.box, limits=common.mask_limits),
            seed=common.seed,
            force=common.force,
            system=common.system,
            options=common.options or {},
        )
        for file in files
    ]
    return Todo(tuple(_one_name_each(jobs)), tuple(left_out))


def _masks_by_name(folder: Path | None) -> dict[str, list[Path]]:
    """The pictures of a folder and its sub-folders by their names without ending ("a", "sub/a"); nothing where it is no folder."""
    found: dict[str, list[Path]] = {}
    if folder is None or not folder.is_dir():
        return found
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICTURES:
            found.setdefault(path.relative_to(folder).with_suffix("").as_posix(), []).append(path)
    return found


def _mask_of(
    picture: Path, given: Path | None, by_name: Mapping[str, list[Path]], root: Path | None = None
) -> Path | None:
    """The mask of a picture: the one for all, or the file of the picture's name in that folder, in the same sub-folder (of `root`) if there is one. Raises InvalidOption."""
    if given is None or not given.is_dir():
        return given
    own = picture.relative_to(root).with_suffix("").as_posix() if root is not None else picture.stem
    found = by_name.get(own) or by_name.get(picture.stem, [])
    if len(found) != 1:
        raise InvalidOption(f"{given} holds {len(found)} masks named '{picture.stem}'; there must be one a picture")
    return found[0]


def _one_name_each(jobs: list[Job]) -> Iterator[Job]:
    """The jobs with outputs that differ in more than upper and lower case: on some disks those are one file."""
    taken: set[str] = set()
    for job in jobs:
        output, number = _target(job), 1
        while str(output).casefold() in taken:
            number += 1
            output = _target(job).with_name(f"{_target(job).stem}-{number}{_target(job).suffix}")
        taken.add(str(output).casefold())
        yield replace(job, output=output)


def _of_lines(source: Path, common: Common) -> Todo:
    if not source.is_file():
        raise InvalidOption(f"{source} does not exist; give a JSONL file or a folder of pictures")
    # Not `splitlines`: it also breaks a line at characters that JSON allows inside a text.
    lines = source.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    numbered = [(i, line.strip()) for i, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise InvalidOption(f'{source} holds no job; a line is {{"picture": ..., "instruction": ...}}')
    jobs: list[Job | BatchRow] = []
    owner: dict[str, int] = {}
    masks = _masks_by_name(common.mask)
    for number, line in numbered:
        job = _job(line, number, source.parent, common, masks)
        if isinstance(job, Job):
            first = owner.setdefault(str(_target(job)).casefold(), number)
            if first != number:
                job = _bad(line, number, f"'output' is the one of line {first} too; give each job its own")
        jobs.append(job)
    return Todo(tuple(jobs))


def run(jobs: tuple[Job | BatchRow, ...], output: Path, system: System | None = None) -> Iterator[BatchRow]:
    """Run what is not yet in the journal, and yield every job's row, old ones included, in order. Raises InvalidOption if the folder cannot be written."""
    path = _journal_in(output)
    known = {field.name for field in fields(BatchRow)}
    ended = {row["key"]: BatchRow(**row) for row in read_journal(path) if row.keys() == known}
    built = system
    with Journal(path) as journal:
        for job in jobs:
            key = job.key if isinstance(job, BatchRow) else _key(job)
            old = ended.get(key)
            if old is not None and old.status != "error" and (old.output is None or Path(old.output).exists()):
                yield old
                continue
            if isinstance(job, Job):
                built = built or build(job.system, None, job.options)
                row = _run_one(job, key, built)
                give_back()
            else:
                row = job
            if row != old:  # an error is tried again, and noted again only if it is another one
                journal.append([vars(row)])
            yield row


def exit_code(rows: list[BatchRow]) -> int:
    """2 if any job had bad input, else 3 if a step of any was not done, else 0."""
    return 2 if any(row.status == "error" for row in rows) else 3 if any(row.missed for row in rows) else 0


def _journal_in(output: Path) -> Path:
    path = output / JOURNAL
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidOption(
            f"'{output}' cannot be the folder of the results ({error.strerror}); choose another -o"
        ) from error
    check_target(path, force=True)
    return path


def _run_one(job: Job, key: str, system: System) -> BatchRow:
    def ended(status: str, output: str | None, reason: str, missed: int = 0) -> BatchRow:
        return BatchRow(key, str(job.picture), job.instruction, status, output, reason[: 4 * _SHOWN], missed)

    try:
        _target(job).parent.mkdir(parents=True, exist_ok=True)
        done: Done = edit_file(_again(job), system)
    except PixwrightError as error:
        return ended("error", None, f"{error.code}: {error}")
    except Exception as error:  # noqa: BLE001 - the batch runner's promise: one job never ends the run
        kind = "out_of_memory" if ran_out(error) else f"internal: {type(error).__name__}"
        return ended("error", None, f"{kind}: {error}")
    report = done.result.report
    reason = "; ".join(report.reasons) if report.verdict is not Verdict.DONE else ""
    written = None if done.output is None else str(done.output)
    return ended(str(report.verdict), written, reason, report.missed)


def _again(job: Job) -> Job:
    """The job, allowed to replace its own result: what a killed run wrote and could not note in the journal."""
    output = _target(job)
    if job.force or not output.is_file():
        return job
    try:
        text = read_record(output)
        record = Record.model_validate_json(text) if text else None
    except ValueError:
        record = None
    own = (
        record is not None
        and record.plan.instruction == job.instruction
        and record.source_sha256 == digest(job.picture)
        and record.system == job.system
        and (record.seed - job.seed) in range(job.n)
        and record.override == job.place.record()
        and (record.options.get("mask_limits") != "no") == job.place.limits
        and record.controls == dict(job.controls)
    )
    if not own:
        raise OutputExists(
            f"{output} is there already, from another run; choose another folder with -o, or add --force"
        )
    return replace(job, force=True)


def _target(job: Job) -> Path:
    assert job.output is not None, "a batch names every output"
    return job.output


def _bad(line: bytes, number: int, reason: str) -> BatchRow:
    key = hashlib.sha256(b"%d:%b" % (number, line)).hexdigest()[:_KEY]
    return BatchRow(key, f"line {number}", line[:_SHOWN].decode("utf-8", "replace"), "error", None, reason)


def _job(line: bytes, number: int, base: Path, common: Common, masks: Mapping[str, list[Path]]) -> Job | BatchRow:
    try:
        data: Any = json.loads(line.decode("utf-8")) if len(line) <= _LARGEST_LINE else None
    except (ValueError, RecursionError):
        return _bad(line, number, "not JSON in UTF-8")
    if not isinstance(data, dict) or set(data) - _FIELDS or not isinstance(data.get("picture"), str):
        return _bad(
            line, number, f"a job is an object with 'picture', 'instruction' and any of {', '.join(sorted(_FIELDS))}"
        )
    text = data.get("instruction", common.instruction)
    attachments = data.get("attachments", [])
    if not isinstance(text, str) or not isinstance(attachments, list):
        return _bad(line, number, "'instruction' must be text and 'attachments' a list of files")
    name = str(data.get("output") or f"{number:05d}-{Path(data['picture']).name}")
    if Path(name).name != name:
        return _bad(line, number, f"'output' is {name[:_SHOWN]!r}; it must be a file name without a folder")
    try:
        mask = base / _text(data, "mask") if data.get("mask") else _mask_of(Path(data["picture"]), common.mask, masks)
        box = _numbers(data, "box", "X0,Y0,X1,Y1", _BOX) or common.box
        point = _numbers(data, "point", "X,Y", 2)
        return Job(
            base / data["picture"],
            text,
            common.output / name,
            tuple(base / str(a) for a in attachments),
            UserPlace(mask, box, (point,) if point else (), limits=_yes(data, "mask_limits", common.mask_limits)),
            common.system,
            _whole(data, "seed", common.seed),
            _whole(data, "n", 1),
            force=common.force,
            options=common.options or {},
            controls=_controls(data),
        )
    except PixwrightError as error:
        return _bad(line, number, str(error))


def _text(data: dict[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise InvalidOption(f"{name!r} is {_shown(value)}; it must be a text")
    return value


def _whole(data: dict[str, Any], name: str, default: int) -> int:
    value = data.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidOption(f"{name!r} is {_shown(value)}; it must be a whole number")
    return value


def _yes(data: dict[str, Any], name: str, default: bool) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise InvalidOption(f"{name!r} is {_shown(value)}; it must be true or false")
    return value


def _numbers(data: dict[str, Any], name: str, usage: str, count: int) -> str | None:
    """A place as the command line takes it; JSON may also give it as a list of numbers."""
    value = data.get(name)
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, list) and len(value) == count and all(_is_number(one) for one in value):
        return ",".join(str(round(one)) for one in value)
    raise InvalidOption(f'{name!r} is {_shown(value)}; it must be "{usage}" or a list of {count} numbers')


def _controls(data: dict[str, Any]) -> dict[str, float]:
    value = data.get("controls", {})
    if not isinstance(value, dict) or not all(_is_number(one) for one in value.values()):
        raise InvalidOption(f"'controls' is {_shown(value)}; it must be an object of names and numbers")
    return {name: float(one) for name, one in value.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST_LINE


def _shown(value: object) -> str:
    return json.dumps(value)[:_SHOWN]


def _key(job: Job) -> str:
    """A job is the same when its words, options and the picture's bytes are."""
    parts = [job.instruction, str(job.output), str(job.place), str(job.seed), str(job.n), *map(str, job.attachments)]
    if job.system != "local":
        parts += [job.system, *(f"{name}={value}" for name, value in sorted(job.options.items()))]
    parts += [f"{name}={value}" for name, value in sorted(job.controls.items())]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape"))
    with suppress(OSError):  # the edit will say what is wrong with the file
        digest.update(job.picture.read_bytes())
    return digest.hexdigest()[:_KEY]
