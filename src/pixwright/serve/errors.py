"""The one place where what went wrong becomes a status and a body: `{"error": {"message", "type", "param", "code"}}`, as OpenAI has it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pixwright.errors import PixwrightError, without_options

STATUS: Mapping[str, int] = {
    "image_too_large": 413,
    "unsupported_image": 415,
    "unsupported_video": 415,
    "unknown_session": 404,
    "nothing_to_undo": 409,
    "unclear_instruction": 422,
    "nothing_found": 422,
    "missing_extra": 501,
    "weights_missing": 501,
    "weights_corrupt": 500,
}
"""Of the typed errors whose status is not 400."""
KINDS: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
"""`type` by status; others below 500 are `invalid_request_error`, the rest `server_error`."""
CODES: Mapping[str, str] = {"unclear_instruction": "not_understood"}
"""What the typed errors are called here, where that is not their own code."""
PASSING = frozenset({408, 429, 500, 502, 503, 507})
"""Statuses after which the same request may succeed; after any other one the client is told not to try again."""
RETRY_AFTER = 5
"""Seconds that a client is asked to wait when the queue is full."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_INTERNAL, _NO_ROOM = 500, 507


class Rejected(HTTPException):
    """An answer other than the one that was asked for."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, message, dict(headers or {}))
        self.code, self.param, self.message, self.extra = code, param, message, dict(extra or {})


def not_found(what: str) -> Rejected:
    """404."""
    return Rejected(404, "not_found", f"there is no such {what}")


def too_many(message: str) -> Rejected:
    """429, with when to come again."""
    return Rejected(429, "queue_full", message, headers={"retry-after": str(RETRY_AFTER)})


def no_room() -> Rejected:
    """507: nothing was taken."""
    return Rejected(_NO_ROOM, "disk_full", "the server's disk is full: nothing was taken; make room and ask again")


def of_code(code: str, message: str, param: str | None = None) -> Rejected:
    """What a typed error's code becomes."""
    return Rejected(STATUS.get(code, 400), CODES.get(code, code), message, param)


def body(status: int, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """The body of an answer that refuses."""
    kind = KINDS.get(status, "invalid_request_error" if status < _INTERNAL else "server_error")
    return {"error": {"message": without_options(message), "type": kind, "param": param, "code": code}}


def answer(refused: Rejected) -> JSONResponse:
    """The answer."""
    headers = dict(refused.headers or {})
    if refused.status_code not in PASSING:
        headers.setdefault("x-should-retry", "false")
    content = body(refused.status_code, refused.code, refused.message, refused.param)
    content["error"] |= refused.extra
    return JSONResponse(content, refused.status_code, headers)


def is_full(error: Exception) -> bool:
    """Whether the disk has no room."""
    if isinstance(error, sqlite3.OperationalError):
        return "full" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL


def install(app: FastAPI) -> None:
    """Let every error of every route end here."""

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error, Rejected):
            return answer(error)
        known = {404: "not_found", 405: "method_not_allowed"}
        code = known.get(error.status_code, "invalid_request")
        return answer(Rejected(error.status_code, code, str(error.detail), headers=error.headers))

    @app.exception_handler(RequestValidationError)
    async def of_request(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
        return answer(Rejected(400, "invalid_request", f"{where or 'the body'}: {first['msg'].lower()}", where or None))

    @app.exception_handler(PixwrightError)
    async def of_ours(_: Request, error: PixwrightError) -> JSONResponse:
        return answer(of_code(error.code, str(error)))

    @app.exception_handler(OSError)
    @app.exception_handler(sqlite3.OperationalError)
    async def of_disk(_: Request, error: Exception) -> JSONResponse:
        if is_full(error):
            return answer(no_room())
        return answer(_ours(error))

    @app.exception_handler(Exception)
    async def of_us(_: Request, error: Exception) -> JSONResponse:
        """The framework writes the trace into the log."""
        return answer(_ours(error))


def _ours(error: Exception) -> Rejected:
    """Without the message: it may name files of this machine."""
    return Rejected(_INTERNAL, "internal", f"{type(error).__name__}: this is the server's fault; its log says where")
