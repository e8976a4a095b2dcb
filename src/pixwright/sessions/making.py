"""A job becomes a version: the edit runs in a hidden folder, which then joins the tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pixwright.files import Done, Job, edit_file
from pixwright.flow import Watch, unwatched
from pixwright.media import free_path, save_plain, write_atomically
from pixwright.pointing import FILES
from pixwright.records.plan import Plan
from pixwright.records.region import Region
from pixwright.sessions.records import EditedPlace, Session, Version
from pixwright.sessions.store import INPUTS, Sessions, fresh, kept, now
from pixwright.systems import System

REPORT = "report.json"


@dataclass(frozen=True, eq=False)
class MadeEdit:
    """What became of one edit: the session with the new version as its current one, or as it was where nothing was changed."""

    session: Session
    version: Version | None
    done: Done


def make(
    store: Sessions,
    session: Session,
    job: Job,
    base: Version,
    parent: Version,
    system: System | None = None,
    plan: Plan | None = None,
    said: str | None = None,
    watch: Watch = unwatched,
) -> MadeEdit:
    """Edit `base` as the job says (its picture and output are set here), and add the result below `parent`. `said`: the words as the user gave them.

    What was not done makes no version. Raises what `files.edit_file` raises; then nothing has changed.
    """
    with store.draft(session) as folder:
        job = _with_own_files(replace(job, picture=store.picture(session, base), output=None, folder=folder), folder)
        done = edit_file(job, system, plan, watch=watch)
        if done.output is None or done.record is None:
            return MadeEdit(session, None, done)
        picture = done.output.rename(folder / f"picture{done.output.suffix}")
        done = replace(done, output=Path(picture.name))
        write_atomically(folder / REPORT, (done.account() + "\n").encode("utf-8", "backslashreplace"))
        height, width = done.result.picture.shape[:2]
        version = Version(
            id=fresh("ver"),
            number=0,
            parent=parent.id,
            base=base.id,
            instruction=said if said is not None else job.instruction,
            created=now(),
            picture=kept(picture),
            width=width,
            height=height,
            format=base.format if picture.suffix == Path(base.picture.file).suffix else picture.suffix[1:].upper(),
            verdict=done.result.report.verdict,
            record=done.record,
            inputs=tuple(kept(path) for path in dict.fromkeys(job.inputs[1:])),
            places=tuple(_place(region, folder / f"region-{n}.png") for n, region in enumerate(done.result.regions, 1)),
            report=kept(folder / REPORT),
        )
        session = store.add(session, folder, version)
    return MadeEdit(session, session.now, replace(done, output=store.picture(session, session.now)))


def _with_own_files(job: Job, folder: Path) -> Job:
    """The job with copies of its attachments and masks in the version's folder, under their own names."""
    inside = folder / INPUTS
    copies: dict[Path, Path] = {}

    def own(path: Path | None) -> Path | None:
        if path is None:
            return None
        if path not in copies:
            inside.mkdir(exist_ok=True)
            copies[path] = free_path(inside / path.name.lstrip("."))
            write_atomically(copies[path], path.read_bytes())
        return copies[path]

    attachments = tuple(copy for path in job.attachments if (copy := own(path)) is not None)
    places: dict[str, Any] = {kind: own(getattr(job.place, kind)) for kind in (*FILES, "protect")}
    return replace(job, attachments=attachments, place=replace(job.place, **places))


def _place(region: Region, target: Path) -> EditedPlace:
    """Where a step edited, with the mask of what was found as a file; the whole picture needs none."""
    found = region.found and region.source in ("phrase", "user")
    if found:
        save_plain(region.mask, target)
    return EditedPlace(
        phrase=region.phrase[:400],
        score=region.score,
        boxes=region.boxes[:1000],
        guess=region.guess,
        mask=kept(target) if found else None,
    )
