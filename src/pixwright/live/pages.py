"""A small server on loopback: one page, the newest picture as a stream (multipart, motion JPEG), and files that it was told of."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from PIL import Image

from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array

HOST = "127.0.0.1"
"""Nobody outside of this machine is answered."""
_EDGE = "picture"
_QUALITY = 90
"""Of a JPEG that is streamed."""
_PATIENCE = 5.0
"""Seconds after which the newest picture is sent again: a browser that joins late must not wait for the next section."""


class Feed:
    """The newest picture and what is said of it; whoever waits is told of the next one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.number = 0
        """Of the newest picture; 0 before the first."""
        self.jpeg = b""
        self.state: dict[str, Any] = {}
        self.closed = False

    def put(self, picture: Array, state: dict[str, Any]) -> None:
        """A new picture HxWx3 uint8."""
        buffer = io.BytesIO()
        Image.fromarray(picture[..., :3]).save(buffer, "JPEG", quality=_QUALITY)
        with self._changed:
            self.number, self.jpeg, self.state = self.number + 1, buffer.getvalue(), state
            self._changed.notify_all()

    def after(self, number: int, patience: float = _PATIENCE) -> tuple[int, bytes]:
        """The first picture after `number`, or the newest again where none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self.number > number or self.closed, patience)
            return self.number, self.jpeg

    def close(self) -> None:
        """Let go of whoever waits."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()


Answer = Callable[[str], tuple[str, bytes] | None]
"""Path of a request -> (media type, content), or None where nothing lies there."""


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, page: str, feed: Feed | None, answer: Answer, *given: Any) -> None:
        self._page, self._feed, self._answer = page, feed, answer
        super().__init__(*given)

    def do_GET(self) -> None:
        """/ is the page, /state what is said of the newest picture, /stream.mjpg the stream."""
        path = unquote(self.path.partition("?")[0])
        if path == "/":
            self._send("text/html; charset=utf-8", self._page.encode())
        elif path == "/stream.mjpg" and self._feed is not None:
            self._stream(self._feed)
        elif path == "/state" and self._feed is not None:
            self._send("application/json", json.dumps(self._feed.state).encode())
        elif found := self._answer(path):
            self._send(*found)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, kind: str, content: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, feed: Feed) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_EDGE}")
        self.end_headers()
        number = 0
        try:
            while not feed.closed:
                number, jpeg = feed.after(number)
                if jpeg:
                    head = f"--{_EDGE}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            return  # the browser went away

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal shows the performance."""


def serve(port: int, page: str, feed: Feed | None = None, answer: Answer = lambda path: None) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 that runs until `shutdown`; port 0 takes a free one (`server_port`). Raises InvalidOption for a port that is taken."""
    try:
        server = ThreadingHTTPServer((HOST, port), partial(_Handler, page, feed, answer))
    except OSError as problem:
        raise InvalidOption(f"port {port} cannot be used ({problem.strerror}); give another with --port") from problem
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
