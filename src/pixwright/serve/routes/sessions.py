"""`/v1/sessions` and `/v1/versions`: editing in turns. What words do to a session is a job; what a person does to it directly is here."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import Field

from pixwright.serve.files import Form, Side, converted, made, media_type, preview, sent
from pixwright.serve.services import Served, Services
from pixwright.serve.shapes import ErrorBody, Id, Strict
from pixwright.serve.store import check_room
from pixwright.serve.versions import outcome
from pixwright.sessions.converse import back, forward
from pixwright.sessions.pack import SUFFIX, pack, unpack
from pixwright.sessions.records import Session, Version

router = APIRouter(prefix="/v1", tags=["sessions"], responses={"4XX": {"model": ErrorBody}})
FullForm = Annotated[Form | None, Query(alias="format")]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class SessionAsked(Strict):
    """A posted picture that a session begins with."""

    picture: Id
    name: Name | None = None


class SessionChange(Strict):
    """What is to be otherwise."""

    name: Name | None = None
    current: Id | None = None


class VersionChange(Strict):
    """Another name."""

    name: Name


def shown(session: Session) -> dict[str, Any]:
    """A session as clients see it."""
    versions = [
        {
            "id": one.id,
            "number": one.number,
            "parent": one.parent,
            "base": one.base,
            "name": one.name,
            "instruction": one.instruction,
            "verdict": one.verdict,
            "created": one.created,
            "format": one.format,
            "width": one.width,
            "height": one.height,
            "preview": f"/v1/versions/{one.id}/preview",
        }
        for one in session.versions
    ]
    return {
        "id": session.id,
        "name": session.name,
        "created": session.created,
        "current": session.current,
        "undone": session.undone,
        "versions": versions,
    }


def _found(services: Services, id: str) -> tuple[Session, Version, Path]:
    """A version, its session, and its picture's file. Raises UnknownSession."""
    session = services.sessions.holder(id)
    version = session.version(id)
    return session, version, services.sessions.picture(session, version)


@router.post("/sessions", status_code=201)
def create(asked: SessionAsked, services: Served) -> dict[str, Any]:
    """A session of a copy of the picture."""
    check_room(services.store.folder, services.bounds.free_bytes)
    name = services.sessions.free_name(asked.name) if asked.name else None
    return shown(services.sessions.create(services.picture(asked.picture).path, name))


@router.get("/sessions")
def every(services: Served) -> list[dict[str, Any]]:
    """All, the one that was changed last first."""
    return [shown(one) for one in services.sessions.all()]


@router.post("/sessions/import", status_code=201)
def take_in(file: UploadFile, services: Served) -> dict[str, Any]:
    """A session from a `.pixwright` file, checked as a stranger's."""
    check_room(services.store.folder, services.bounds.free_bytes)
    with tempfile.NamedTemporaryFile(dir=services.store.folder, prefix=".import-", suffix=SUFFIX) as held:
        while chunk := file.file.read(1 << 20):
            held.write(chunk)
        held.flush()
        return shown(unpack(services.sessions, Path(held.name)))


@router.get("/sessions/{id}")
def get(id: str, services: Served) -> dict[str, Any]:
    """One, with all its versions."""
    return shown(services.sessions.get(id))


@router.patch("/sessions/{id}")
def change(id: str, asked: SessionChange, services: Served) -> dict[str, Any]:
    """Another name, another current version, or both."""
    session = services.sessions.get(id)
    if asked.name is not None:
        session = services.sessions.rename(id, asked.name)
    if asked.current is not None:
        session = services.sessions.go(id, asked.current)
    return shown(session)


@router.delete("/sessions/{id}", status_code=204)
def delete(id: str, services: Served) -> None:
    """The session and all its files."""
    services.sessions.delete(id)


@router.post("/sessions/{id}/undo")
def undo(id: str, services: Served) -> dict[str, Any]:
    """One version back. 409 `nothing_to_undo` at the original."""
    session = services.sessions.get(id)
    version, undone = back(session, session.now, 1)
    return shown(services.sessions.go(id, version.id, undone))


@router.post("/sessions/{id}/redo")
def redo(id: str, services: Served) -> dict[str, Any]:
    """One version forward. 409 `nothing_to_undo` where there is none."""
    session = services.sessions.get(id)
    version, undone = forward(session, session.now, 1)
    return shown(services.sessions.go(id, version.id, undone))


@router.get("/sessions/{id}/export", response_class=FileResponse)
def give_out(id: str, services: Served, later: BackgroundTasks) -> FileResponse:
    """The whole session as one `.pixwright` file."""
    session = services.sessions.get(id)
    check_room(services.store.folder, services.bounds.free_bytes)
    with tempfile.NamedTemporaryFile(dir=services.store.folder, prefix=".export-", delete=False) as held:
        pack(services.sessions, session, held)
    later.add_task(Path(held.name).unlink)
    return FileResponse(held.name, media_type="application/zip", filename=f"{session.name}{SUFFIX}", background=later)


@router.patch("/versions/{id}")
def rename(id: str, asked: VersionChange, services: Served) -> dict[str, Any]:
    """Another name; nothing else of a version ever changes."""
    return shown(services.sessions.rename_version(id, asked.name))


@router.delete("/versions/{id}")
def discard(id: str, services: Served) -> dict[str, Any]:
    """A version and all that came of it; not the original."""
    return shown(services.sessions.delete_version(id))


@router.get("/versions/{id}/picture", response_class=Response)
def picture(id: str, services: Served, form: FullForm = None, download: bool = False) -> Response:
    """The whole file, with its record; with `format` coded anew in another one, full size, without record."""
    session, version, path = _found(services, id)
    name = f"{session.name}-{version.number}" if version.parent else session.name
    if form is None or media_type(path) == f"image/{form}":
        return sent(path, media_type(path), download, name + path.suffix)
    data = converted(services, path, (version.width, version.height), form, None)
    return made(data, f"image/{form}", f"{name}.{form}" if download else None)


@router.get("/versions/{id}/preview", response_class=Response)
def small(id: str, services: Served, side: Side = 1600, form: Form = "webp") -> Response:
    """Its longer side shrunk to at most `side`."""
    return preview(services, _found(services, id)[2], side, form)


@router.get("/versions/{id}/difference", response_class=Response)
def difference(id: str, services: Served, side: Side = 1600) -> Response:
    """PNG: what changed since the version that it was made from, in magenta, all else transparent."""
    session, version, path = _found(services, id)
    before = services.sessions.picture(session, session.version(version.base or id))
    question = {"before": str(before), "after": str(path), "side": side}
    return made(services.looks.picture("difference", question), "image/png")


@router.get("/versions/{id}/report")
def report(id: str, services: Served) -> dict[str, Any]:
    """What became of the edit that made it, as a job's result tells it."""
    session, version, _ = _found(services, id)
    return outcome(services.sessions, session, version)
