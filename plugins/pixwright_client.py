"""A client of the pixwright server in the standard library alone, for programs that bring their own Python.

    answer = Server().edit(png_bytes, "make the left car red", mask=png_bytes_or_none)
    answer.picture, answer.verdict, answer.lines

`plugins/install.py` puts a copy of this file beside each plug-in.
"""

from __future__ import annotations

import json
import os
import struct
import time
import urllib.error
import urllib.request
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass

ADDRESS = "http://127.0.0.1:8080"
"""Where `pixwright serve` listens unless told otherwise; `PIXWRIGHT_SERVER` names another place, `PIXWRIGHT_TOKEN` the token that it asks for."""
PAUSE = 0.2
"""Seconds between two questions whether a job is done."""
PATIENCE = 30.0
"""Seconds that the server may take to answer one question."""
_DONE = ("completed", "failed", "cancelled")


class ServerError(Exception):
    """One line for a person: what went wrong, and what to do."""


@dataclass(frozen=True)
class Answer:
    """What became of an edit. `picture`: PNG bytes, or None where nothing was changed; `lines`: for a person."""

    picture: bytes | None
    verdict: str
    lines: tuple[str, ...]
    width: int = 0
    height: int = 0


class Server:
    """The server at an address."""

    def __init__(self, address: str | None = None, token: str | None = None) -> None:
        self.address = (address or os.environ.get("PIXWRIGHT_SERVER") or ADDRESS).rstrip("/")
        self.token = token or os.environ.get("PIXWRIGHT_TOKEN")

    def edit(
        self,
        picture: bytes,
        instruction: str,
        mask: bytes | None = None,
        seed: int = 0,
        watch: Callable[[str, float], bool] | None = None,
    ) -> Answer:
        """Edit a picture (the bytes of a file) as the words say, only where `mask` (a PNG) is white.

        `watch` is told what is being done and how much of it (0 to 1), and stops the edit by answering False. Raises ServerError.
        """
        asked = {"picture": self.post_picture(picture), "instruction": instruction, "seed": seed, "format": "png"}
        if mask is not None:
            asked["mask"] = self.post_picture(mask)
        job = self._json("POST", "/v1/jobs", asked)
        while job["status"] not in _DONE:
            if watch is not None and not watch(*_progress(job)):
                self._json("POST", f"/v1/jobs/{job['id']}/cancel", {})
                raise ServerError("the edit was stopped")
            time.sleep(PAUSE)
            job = self._json("GET", f"/v1/jobs/{job['id']}")
        if job["status"] != "completed":
            raise ServerError((job.get("error") or {}).get("message") or "the edit was stopped")
        one = job["result"]["pictures"][0]
        lines = tuple(line for step in one["steps"] for line in (f"{step['verdict']}: {step['words']}", *step["told"]))
        lines += tuple(f"note: {note}" for note in one.get("notes", ()))
        if one["verdict"] == "not_done" or not one.get("url"):
            return Answer(None, "not_done", lines or tuple(one["reasons"]))
        data = self._ask("GET", one["url"], None, {})
        return Answer(data, one["verdict"], lines, one["width"], one["height"])

    def post_picture(self, data: bytes) -> str:
        """Hand a picture over; its id."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return str(json.loads(self._ask("POST", "/v1/pictures", body, kind))["id"])

    def _json(self, method: str, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        found: dict = json.loads(self._ask(method, path, data, {"Content-Type": "application/json"}))
        return found

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        if self.token:
            headers = {**headers, "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                data: bytes = answer.read()
                return data
        except urllib.error.HTTPError as error:
            raise ServerError(_told(error.read()) or f"the server answered {error.code}") from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            why = getattr(error, "reason", error)
            raise ServerError(f"no server at {self.address} ({why}); start it: pixwright serve") from None


def png(width: int, height: int, pixels: bytes) -> bytes:
    """Rows of 8-bit samples (grey, RGB or RGBA, by their number) as a PNG file."""
    channels = len(pixels) // (width * height)
    kind = {1: 0, 3: 2, 4: 6}[channels]
    row = width * channels
    raw = b"".join(b"\0" + pixels[i : i + row] for i in range(0, row * height, row))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def _progress(job: dict) -> tuple[str, float]:
    now = job.get("progress")
    if not now:
        return ("waiting" if job["status"] == "queued" else "reading the words"), 0.0
    return str(now["what"]), (now["step"] - 1) / max(now["steps"], 1)


def _told(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""
