"""Every version can be made again: from the picture that it was made of, by its record. `verify` does so, and compares byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pixwright.errors import InvalidRecord
from pixwright.files import edit_file
from pixwright.redoing import compared, recorded_job
from pixwright.sessions.records import Session, Version
from pixwright.sessions.store import Sessions, kept
from pixwright.systems import System, build


@dataclass(frozen=True)
class Checked:
    """One version, made again."""

    version: Version
    same: bool
    """Whether it is the kept picture, byte for byte."""
    notes: tuple[str, ...] = ()
    """Where it is not: why."""


def verify(store: Sessions, session: Session, versions: tuple[Version, ...] = ()) -> Iterator[Checked]:
    """Make the versions again (all where none is named), each from the kept picture of its base, in a folder that then vanishes.

    The original is compared with its own hash. A version whose files are missing or damaged is not the same, and its note says which.
    """
    system: System | None = None
    for version in versions or session.versions:
        try:
            damaged = [one.file for one in version.results if kept(store.file(session, version, one)) != one]
            damaged += [one.file for one in version.inputs if kept(store.input(session, version, one)) != one]
        except OSError as error:
            yield Checked(version, False, (f"a file is missing: {error.filename}",))
            continue
        if damaged or version.record is None or version.base is None:
            yield Checked(version, not damaged, tuple(f"{name} was changed since it was made" for name in damaged))
            continue
        if system is None or system.name != version.record.system:
            system = build(version.record.system, None if system is None else system.encoders)
        yield _again(store, session, version, system)


def _again(store: Sessions, session: Session, version: Version, system: System) -> Checked:
    record = version.record
    assert record is not None and version.base is not None, "an edit has both"
    given = tuple(store.input(session, version, one) for one in version.inputs)
    base = store.picture(session, session.version(version.base))
    with store.draft(session) as folder:
        picture = folder / "again"
        try:
            job = replace(
                recorded_job(record, base, [], given),
                output=picture.with_suffix(store.picture(session, version).suffix),
            )
            done = edit_file(job, system if not job.options else None, record.plan, record)
        except InvalidRecord as error:
            return Checked(version, False, (str(error),))
        if done.output is None:
            return Checked(version, False, ("it was not done this time", *done.result.report.reasons))
        return Checked(version, *compared(store.picture(session, version), done, record))
