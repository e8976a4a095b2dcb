"""A study as a local web page: known pictures by number, small JSON posts, nothing else."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pixwright.errors import InvalidOption
from pixwright.evaluate.study.store import Study, opened

LOCAL = ("127.0.0.1", "localhost", "::1")
MOST_BYTES = 4096
"""Of a post; the largest honest one has about 200."""
PAGES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "study.css": ("study.css", "text/css; charset=utf-8"),
    "study.js": ("study.js", "text/javascript; charset=utf-8"),
}
_PICTURE = re.compile(r"picture/([0-9]{1,9})/(s|r[0-9]{1,2}|[0-9]{1,2})")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _Post(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    rater: str = Field(max_length=40)


class _Look(_Post):
    position: int | None = Field(default=None, ge=0, le=10**7)


class _Answer(_Post):
    trial: int = Field(ge=1, le=10**9)
    answers: dict[str, int] = Field(max_length=20)
    ms: int = Field(ge=0)


class _Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class StudyServer(ThreadingHTTPServer):
    """Serves one study. Raises `InvalidOption` for a file that is no study, or an address that cannot be had.

    Bound to this machine only, the address has no secret and other host names are refused (DNS rebinding); bound to anything else, all
    of it lies under the study's secret, which stays the same when the server is started again.
    """

    daemon_threads = True

    def __init__(self, db: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        with opened(db) as study:
            self.token = study.about.token
        self.db, self.local = db, host in LOCAL
        self.prefix = "/" if self.local else f"/{self.token}/"
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            raise InvalidOption(f"cannot listen on {host}:{port} ({error}); choose another host or port") from error

    @property
    def address(self) -> str:
        """What a rater opens."""
        host, port = self.server_address[:2]
        host = _own_address() if host in ("0.0.0.0", "::") else host
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}{self.prefix}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of a picture is no error worth a trace; a full disk is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def serve_study(db: Path, host: str = "127.0.0.1", port: int = 8000) -> Iterator[str]:
    """The line with the address; asked for the next one, it serves until interrupted. Raises what `StudyServer` raises."""
    with StudyServer(db, host, port) as server:
        yield f"{db}: open {server.address} (Ctrl-C stops; every answer is kept as it comes)"
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    server: StudyServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "study", ""
    timeout = 30
    """Seconds that a client may stay silent."""

    def do_GET(self) -> None:
        self._reply(self._get)

    def do_POST(self) -> None:
        self._reply(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses of raters are nobody's business."""

    def _reply(self, make: Callable[[str], tuple[str, bytes, str]]) -> None:
        status, cache = HTTPStatus.OK, "no-store"
        try:
            kind, data, cache = make(self._path())
        except _Refused as refused:
            status, kind, data = refused.status, "application/json", _json({"error": str(refused)})
            # What was not read of a refused post must not be taken for the next request.
            self.close_connection = True
        except ValueError:
            status, kind, data = (
                HTTPStatus.BAD_REQUEST,
                "application/json",
                _json({"error": "not a request of this page"}),
            )
            self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", cache)
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def _path(self) -> str:
        """The path below the prefix, without its query."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        if self.server.local and host not in LOCAL:
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST, "this study is served to this machine only")
        prefix, path = self.server.prefix, urlsplit(self.path).path
        if not secrets.compare_digest(path[: len(prefix)].encode(), prefix.encode()):
            raise _Refused(HTTPStatus.NOT_FOUND, "no such page")
        return path[len(prefix) :]

    def _get(self, path: str) -> tuple[str, bytes, str]:
        if path in PAGES:
            name, kind = PAGES[path]
            here = resources.files("pixwright.evaluate").joinpath("study", name)
            return kind, here.read_bytes(), "no-cache"
        with opened(self.server.db) as study:
            if path == "study.json":
                return "application/json", _json(_public(study)), "no-store"
            asked = _PICTURE.fullmatch(path)
            file = study.file(int(asked[1]), asked[2]) if asked else None
        if file is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "no such page")
        return *file, "private, max-age=86400, immutable"

    def _post(self, path: str) -> tuple[str, bytes, str]:
        body = self._body()
        try:
            with opened(self.server.db) as study:
                if path == "look":
                    look = _Look.model_validate_json(body)
                    state = study.state(study.join(look.rater), look.position)
                elif path == "answer":
                    given = _Answer.model_validate_json(body)
                    rater = study.join(given.rater)
                    place = study.answer(rater, given.trial, given.answers, given.ms)
                    state = study.state(rater, place + 1)
                else:
                    raise _Refused(HTTPStatus.NOT_FOUND, "no such page")
        except ValidationError as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, "not a post of this page") from error
        except InvalidOption as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
        return "application/json", _json(state), "no-store"

    def _body(self) -> bytes:
        """The post's body, once it is plain that our own page sent it."""
        token, origin = self.headers.get("X-Study-Token", ""), self.headers.get("Origin")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.FORBIDDEN, "posts come from the study's own page; load it again")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            raise _Refused(HTTPStatus.FORBIDDEN, "posts come from the study's own page; load it again")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or not length.isascii() or "Transfer-Encoding" in self.headers:
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "a post needs its length")
        if len(length) > 9 or int(length) > MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a post has at most {MOST_BYTES} bytes")
        return self.rfile.read(int(length))


def _own_address() -> str:
    """This machine's address in its network: that of the socket that would lead out of it. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _public(study: Study) -> dict[str, Any]:
    """What the browser may know of the study: no system, no seed, no item."""
    about = study.about
    keys = ("title", "protocol", "questions", "ties", "token")
    return {key: getattr(about, key) for key in keys}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
