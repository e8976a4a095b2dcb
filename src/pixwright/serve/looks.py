"""The owner of the process that answers clicks: one question at a time, bounded in time, and a new process where one died."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from ctypes import c_bool
from typing import Any

from pixwright.serve import looking
from pixwright.serve.child import Child, ChildDied
from pixwright.serve.errors import Rejected, of_code, too_many
from pixwright.serve.settings import Bounds


class Looks:
    """May be asked from any thread; the process starts with `start`, or with the first question."""

    def __init__(self, threads: int, bounds: Bounds, editing: c_bool) -> None:
        self._threads, self._bounds, self._editing = threads, bounds, editing
        self._child: Child | None = None
        self._turn = threading.Lock()

    def start(self) -> None:
        """Start the process, so that the first question need not wait for it."""
        with self._turn:
            if self._child is None or not self._child.alive:
                self._child = Child(looking.looks, self._threads, self._editing)

    def ask(self, what: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer. Raises Rejected: what the question's typed error becomes, 429 when others wait too long, 503 when the process died."""
        return self._asked(what, asked)[0]

    def picture(self, what: str, asked: Mapping[str, Any]) -> bytes:
        """An answer that is a file."""
        return self._asked(what, asked)[1]

    def close(self) -> None:
        """End the process."""
        with self._turn:
            if self._child is not None:
                self._child.kill()
                self._child = None

    def _asked(self, what: str, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        if not self._turn.acquire(timeout=self._bounds.look_seconds):
            raise too_many("too many pictures are being looked at; come again later")
        try:
            return self._answer(what, asked)
        finally:
            self._turn.release()

    def _answer(self, what: str, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        if self._child is None or not self._child.alive:
            self._child = Child(looking.looks, self._threads, self._editing)
        try:
            self._child.send({"what": what, **asked})
            if not self._child.wait(self._bounds.look_seconds):
                self._drop()
                raise Rejected(
                    503, "too_slow", f"it took longer than {self._bounds.look_seconds:g} s; try a smaller picture"
                )
            answer = self._child.receive()
            data = self._child.receive_bytes() if "bytes" in answer.get("ok", {}) else b""
        except ChildDied as died:
            self._drop()
            raise Rejected(503, "worker_died", f"the process that looks at pictures ended: {died}") from died
        if "error" in answer:
            raise of_code(answer["error"]["code"], answer["error"]["message"])
        return answer["ok"], data

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
        self._child = None
