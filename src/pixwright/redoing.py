"""A result made again from the record in its file, byte for byte where the program and its weights are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pixwright import __version__
from pixwright.errors import InvalidRecord
from pixwright.files import FRAME, LIMITS, PARTS, SET, Done, Job, edit_file
from pixwright.media import Limits, free_path, load_picture, read_record
from pixwright.pointing import FILES, UserPlace, file_digest
from pixwright.provenance import carried
from pixwright.records.result import Record
from pixwright.systems import BUILDERS
from pixwright.systems.local import EMBEDDED

_SHOWN = 20
"""Letters of a wrong value that a message shows."""


def redo(
    result: Path,
    output: Path | None = None,
    source: Path | None = None,
    options: Mapping[str, str] | None = None,
    controls: Mapping[str, float] | None = None,
    given: tuple[Path, ...] = (),
) -> tuple[Path, bool, tuple[str, ...]]:
    """Make a result again from its record: (the new file, whether it equals the old one byte for byte, what to know where it does not).

    The source, attachments and mask are looked for by the recorded hashes: among `given`, then beside `result` (or `source`'s folder), whatever their names are now.
    The system's options are the recorded ones; `options` takes the place of some, since a record names folders of weights without saying where they lie.
    `controls` are other values for the controls that its report lists; what was set the first time stays set.
    Raises InvalidRecord when there is no record, or a file is missing or another one.
    """
    record = _read(result)
    folders = [p.parent for p in (source, result) if p is not None]
    picture = source or _recorded_file(given, folders, record.source_name, record.source_sha256)
    if file_digest(picture) != record.source_sha256:
        raise InvalidRecord(f"{picture} is not the picture that {result.name} was made from (other sha256)")
    target = output or free_path(result.with_name(f"{result.stem}-redo{result.suffix}"))
    job = recorded_job(record, picture, folders, given)
    job = replace(
        job, output=target, options={**job.options, **(options or {})}, controls={**job.controls, **(controls or {})}
    )
    done = edit_file(job, plan=record.plan, recorded=record)
    if done.output is None:
        raise InvalidRecord(f"{result.name} could not be made again: {'; '.join(done.result.report.reasons)}")
    return done.output, *compared(result, done, record)


def compared(result: Path, done: Done, record: Record) -> tuple[bool, tuple[str, ...]]:
    """Whether what was made again equals the result byte for byte, and what to know where it does not."""
    assert done.output is not None, "it was made"
    old, new = result.read_bytes(), done.output.read_bytes()
    if carried.carries(old) and old != new:
        # A signature is another one each time: of a signed result the samples are compared.
        same = np.array_equal(load_picture(result).source.native, load_picture(done.output).source.native)
        told = ("it was signed and the new file is not: the samples were compared",)
        return same, told if same else _differences(record, done)
    return old == new, () if old == new else _differences(record, done)


def recorded_job(record: Record, picture: Path, folders: list[Path], given: tuple[Path, ...] = ()) -> Job:
    """The job that a record tells of, on `picture`. Its other files are looked for by their hashes among `given`, then in `folders`.

    Raises InvalidRecord when one is missing.
    """
    return Job(
        picture=picture,
        instruction=record.plan.instruction,
        attachments=tuple(_recorded_file(given, folders, name, sha) for name, sha in record.attachments),
        place=replace(
            _recorded_place(given, folders, record.override),
            limits=record.options.get(LIMITS) != "no",
            protect=None if record.protect is None else _recorded_file(given, folders, *record.protect),
        ),
        system=record.system,
        seed=record.seed,
        library=_recorded_folder(folders, record.options.get("library")),
        keep_gps=record.options.get("keep_gps") == "yes",
        options=_recorded_options(record),
        controls=record.controls,
        sign=False,
        mark=record.options.get("mark") != "no",
        frame=_recorded_frame(record),
    )


def _read(result: Path) -> Record:
    text = read_record(result)
    if text is None:
        raise InvalidRecord(
            f"{result} carries no pixwright record; only files that `pixwright edit` wrote can be redone"
        )
    try:
        return Record.model_validate_json(text)
    except ValueError as error:
        raise InvalidRecord(
            f"{result} carries a record that cannot be read: it was changed or is of another version"
        ) from error


def _differences(record: Record, done: Done) -> tuple[str, ...]:
    """Why a result may differ from the recorded one."""
    notes = []
    if record.version != __version__:
        notes.append(f"it was made by version {record.version}; this is {__version__}")
    now = done.record.weights if done.record is not None else {}
    other = sorted(name for name, sha in record.weights.items() if now.get(name) != sha)
    if other:
        notes.append(f"other weights are used now: {', '.join(other)}")
    return tuple(notes)


def _recorded_file(given: tuple[Path, ...], folders: list[Path], name: str, sha256: str) -> Path:
    """The file with that hash: one that was given, the one of that name, or one that was renamed."""
    if Path(name).name != name:
        raise InvalidRecord(f"the record names {name!r}; a record may only name a file, without a folder")
    named = [folder / name for folder in folders]
    renamed = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix == Path(name).suffix]
    for path in (*given, *named, *renamed):
        if path.is_file() and file_digest(path) == sha256:
            return path
    raise InvalidRecord(
        f"{name} (sha256 {sha256[:12]}..) is not in {folders[0]}; put it there, or give it with --source or --attach"
    )


def _recorded_options(record: Record) -> dict[str, str]:
    """The system's options; a record that names no pulled networks was made without any, whatever was pulled since."""
    said = {name.removeprefix(SET): value for name, value in record.options.items() if name.startswith(SET)}
    known = BUILDERS.get(record.system)
    return {PARTS: EMBEDDED, **said} if known and PARTS in known.options.model_fields else said


def _recorded_frame(record: Record) -> int | None:
    """The frame that alone was edited. Raises InvalidRecord."""
    said = record.options.get(FRAME)
    if said is None:
        return None
    if not said.isdecimal() or not 0 < int(said) <= Limits().max_frames:
        raise InvalidRecord(f"the record names frame {said[:_SHOWN]!r}, which is no number of a frame")
    return int(said)


def _recorded_folder(folders: list[Path], name: str | None) -> Path | None:
    """The library of cut-outs that the record names, beside the result or its source."""
    if name is None:
        return None
    if Path(name).name != name:
        raise InvalidRecord(f"the record names {name!r}; a record may only name a folder's own name")
    for folder in folders:
        if (folder / name).is_dir():
            return folder / name
    raise InvalidRecord(
        f"the folder of cut-outs '{name}' is not in {folders[0]}; put it there, or name the source with --source"
    )


def _recorded_place(given: tuple[Path, ...], folders: list[Path], override: str | None) -> UserPlace:
    kind, _, rest = (override or "").partition(":")
    if kind in FILES:
        name, _, sha = rest.rpartition(":")
        place: dict[str, Any] = {kind: _recorded_file(given, folders, name, sha)}
        return UserPlace(**place)
    if kind == "point":
        signed = rest.split(";")
        at = tuple(text for text in signed if not text.startswith("!"))
        return UserPlace(points=at, not_points=tuple(text[1:] for text in signed if text.startswith("!")))
    if override is not None and kind != "box":
        raise InvalidRecord(f"the record says that the user pointed with {kind!r}, which this version does not know")
    return UserPlace(box=rest) if kind == "box" else UserPlace()
