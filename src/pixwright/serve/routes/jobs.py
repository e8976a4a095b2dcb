"""`/v1/jobs`: edits that survive the server."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from pixwright.serve.follow import changes
from pixwright.serve.services import Served, Services
from pixwright.serve.shapes import ErrorBody, JobAsked, JobOut
from pixwright.serve.store import JobRow

router = APIRouter(
    prefix="/v1/jobs", tags=["jobs"], responses={"4XX": {"model": ErrorBody}, "507": {"model": ErrorBody}}
)
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


def shown(services: Services, row: JobRow) -> dict[str, Any]:
    """The job's record as clients see it."""
    progress = services.queue.progress.get(row.id) if row.status == "running" else None
    if progress is not None:
        progress = progress | {
            "candidates": len(row.request["results"]),
            "elapsed": round(time.time() - (row.started or row.created), 2),
        }
    return {
        "id": row.id,
        "kind": row.request["work"].get("kind", "edit"),
        "status": row.status,
        "created": row.created,
        "started": row.started,
        "completed": row.completed,
        "tries": row.tries,
        "queue_position": row.ahead if row.status == "queued" else None,
        "progress": progress,
        "understood": row.understood,
        "instruction": row.request["asked"]["instruction"],
        "result": row.result,
        "error": row.error,
    }


@router.post("", status_code=202, response_model=JobOut)
def submit(asked: JobAsked, services: Served, response: Response, key: Key = None) -> dict[str, Any]:
    """Take a job. The answer comes after it is on the disk. The same Idempotency-Key with the same body is the same job."""
    row, _ = services.submit(asked, key)
    response.headers["Location"] = f"/v1/jobs/{row.id}"
    return shown(services, row)


@router.get("", response_model=list[JobOut])
def recent(services: Served) -> list[dict[str, Any]]:
    """The newest hundred, newest first."""
    return [shown(services, row) for row in services.store.jobs()]


@router.get("/{id}", response_model=JobOut)
def get(id: str, services: Served) -> dict[str, Any]:
    """A job's record."""
    return shown(services, services.store.job(id))


@router.post("/{id}/cancel", response_model=JobOut)
def cancel(id: str, services: Served) -> dict[str, Any]:
    """A job that waits is cancelled at once, one that runs before its next step; one that has ended stays as it is."""
    return shown(services, services.cancel(id))


@router.get("/{id}/events", response_class=StreamingResponse)
async def events(id: str, services: Served) -> StreamingResponse:
    """Server-sent events `status` with the job's record: at once, at every change, and the last one when it has ended."""
    await run_in_threadpool(services.store.job, id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(services, id), media_type="text/event-stream", headers=headers)


async def _events(services: Services, id: str) -> AsyncIterator[str]:
    async for row in changes(services, id):
        yield ": still there\n\n" if row is None else f"event: status\ndata: {json.dumps(shown(services, row))}\n\n"
