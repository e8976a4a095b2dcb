"""Jobs of sessions: words are said to a session, and what becomes of them is told as of any other job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidRecord
from pixwright.files import UserPlace
from pixwright.flow import Watch
from pixwright.media import write_atomically
from pixwright.records.plan import Plan
from pixwright.records.result import Report
from pixwright.serve.work import account
from pixwright.sessions.converse import Saying, say
from pixwright.sessions.records import Session, Version
from pixwright.sessions.store import Sessions
from pixwright.systems import System


def spoken(job: Mapping[str, Any], place: UserPlace, system: System, watch: Watch) -> dict[str, Any]:
    """Say a job's words to its session: what was made, as a job's result has it, and what was done in the session besides.

    Raises what `converse.say` raises.
    """
    store = Sessions(Path(job["sessions"]))
    saying = Saying(
        job["instruction"],
        tuple(Path(path) for path in job["attachments"]),
        place,
        job["version"],
        job["system"],
        job["options"],
        job["controls"],
        job["seed"],
        candidates=len(job["outputs"]),
        policy=True,
    )
    before = _before(store, job)
    answer = None
    try:
        answer = say(store, job["session"], saying, system, watch)
    finally:
        if answer is None:
            _take_back(store, before, saying.words)
    pictures = []
    for made in answer.made:
        if made.version is None:
            result = made.done.result
            height, width = result.picture.shape[:2]
            told = _told(result.plan, result.report, made.done.notes)
            pictures.append(
                told | {"id": None, "version": None, "width": width, "height": height, "instruction": saying.words}
            )
        else:
            pictures.append(outcome(store, answer.session, made.version))
    # The page shows the best first: it is the current version.
    pictures.sort(key=lambda one: one["version"] != answer.session.current)
    return {
        "pictures": pictures,
        "told": list(answer.told),
        "session": answer.session.id,
        "current": answer.session.current,
    }


def note_of(job: Mapping[str, Any]) -> Path:
    """Where it is noted what a session was like before a job, until the job's result is noted: then a job that is tried again after a crash makes nothing twice."""
    return Path(job["sessions"]) / f".{job['id']}.before"


def _before(store: Sessions, job: Mapping[str, Any]) -> Session:
    """The session as it was before the job's first try; what a try that was killed had made is taken back."""
    note = note_of(job)
    try:
        before = Session.model_validate_json(note.read_bytes())
    except FileNotFoundError:
        before = store.get(job["session"])
        write_atomically(note, before.model_dump_json().encode())
        return before
    _take_back(store, before, job["instruction"])
    return before


def _take_back(store: Sessions, before: Session, words: str) -> None:
    """Some of several candidates may have been made when a job was cancelled, failed or was killed: all of a job's versions are there, or none."""
    known = {one.id for one in before.versions}
    made = [one for one in store.get(before.id).versions if one.id not in known and one.instruction == words]
    for version in reversed(made):
        store.delete_version(version.id)
    if made:
        store.go(before.id, before.current, before.undone)


def outcome(store: Sessions, session: Session, version: Version) -> dict[str, Any]:
    """What became of the edit that made a version. Raises InvalidRecord for the original and where the account was damaged."""
    if version.report is None:
        raise InvalidRecord("the original was not made by an edit; there is no report of it")
    try:
        account = json.loads(store.file(session, version, version.report).read_bytes())
        told = _told(Plan.model_validate(account["plan"]), Report.model_validate(account["report"]), account["notes"])
    except (OSError, ValueError, KeyError) as error:
        raise InvalidRecord(
            f"the report of version {version.number} cannot be read; edit the picture afresh"
        ) from error
    at = f"/v1/versions/{version.id}"
    return told | {
        "id": version.id,
        "version": version.id,
        "url": f"{at}/picture",
        "preview": f"{at}/preview",
        "difference": f"{at}/difference",
        "name": f"{session.name}-{version.number}{Path(version.picture.file).suffix}",
        "format": version.format.lower(),
        "width": version.width,
        "height": version.height,
        "instruction": version.instruction,
    }


def _told(plan: Plan, report: Report, notes: Any) -> dict[str, Any]:
    """The parts of a result that its report holds."""
    return {
        "url": None,
        "preview": None,
        "difference": None,
        "name": None,
        "format": None,
        "verdict": report.verdict.value,
        "outside_changed": report.outside_max_difference,
        "changed_share": report.changed_fraction,
        "seed": report.seed,
        "report": report.model_dump(mode="json"),
    } | account(plan, report, notes)
