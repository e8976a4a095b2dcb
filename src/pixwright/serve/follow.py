"""Waiting for a job, for routes that answer with its result or with its every change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from pixwright.records.result import Verdict
from pixwright.serve.errors import CODES, STATUS, Rejected
from pixwright.serve.services import Services
from pixwright.serve.shapes import JobAsked
from pixwright.serve.store import JobRow

HEARTBEAT = 15.0
"""Seconds of silence after which a stream of events sends a comment, so that nobody between takes it for dead."""
_LOOK = 1.0
"""Seconds after which it is looked whether the client still waits."""
_GONE, _FAILED, _CANCELLED, _NOT_DONE = 499, 500, 409, 422


async def changes(services: Services, id: str, beat: float = HEARTBEAT) -> AsyncIterator[JobRow | None]:
    """A job's row now and at every change, to its end; None where `beat` seconds brought nothing."""
    heard = services.bell.enter(id)
    try:
        while True:
            row = await run_in_threadpool(services.store.job, id)
            yield row
            if row.ended:
                return
            while not await services.bell.wait(heard, beat):
                yield None
    finally:
        services.bell.leave(id, heard)


async def wait_for(services: Services, request: Request, id: str) -> list[dict[str, Any]]:
    """The pictures of a job that was done at least partly. A client that goes away cancels it. Raises Rejected for every other end."""
    async for row in changes(services, id, _LOOK):
        if row is not None and row.ended:
            return pictures_of(row)
        if await request.is_disconnected():
            await run_in_threadpool(services.cancel, id)
    raise Rejected(_GONE, "cancelled", "the client went away")


async def done(services: Services, request: Request, asked: JobAsked) -> list[dict[str, Any]]:
    """Submit, and wait."""
    row, _ = await run_in_threadpool(services.submit, asked)
    return await wait_for(services, request, row.id)


def pictures_of(row: JobRow) -> list[dict[str, Any]]:
    """Those of a job that ended well. Raises Rejected: what a client that waits is told, never to be tried again by itself."""
    final = {"x-should-retry": "false"}
    if row.error is not None:
        code = row.error["code"]
        known = {CODES.get(one, one): status for one, status in STATUS.items()}
        ours = row.error["type"] == "server_error"
        status = known.get(code, _FAILED if ours else 400)
        raise Rejected(status, code, row.error["message"], row.error["param"], headers=final)
    if row.result is None:
        raise Rejected(_CANCELLED, "cancelled", "the job was cancelled", headers=final)
    made: list[dict[str, Any]] = [one for one in row.result["pictures"] if one["verdict"] != Verdict.NOT_DONE]
    if not made:
        first: Mapping[str, Any] = row.result["pictures"][0]
        reasons = "; ".join(first["reasons"]) or "it could not be done"
        told = {"verdict": first["verdict"], "reasons": first["reasons"], "understood": row.understood}
        raise Rejected(_NOT_DONE, "not_done", f"nothing was changed: {reasons}", "prompt", final, {"pixwright": told})
    return made
