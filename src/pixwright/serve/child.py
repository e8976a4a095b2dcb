"""A process of ours that may die: messages as JSON over a pipe, never pickled objects, since what it decodes came from strangers."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

_GRACE = 5.0
"""Seconds for a process to end by itself."""


class ChildDied(Exception):
    """The process ended before it answered."""


class Child:
    """One process that runs `body(pipe, *arguments)`, which must be a function of a module. Not for several threads at once, but for `send`."""

    def __init__(self, body: Callable[..., None], *arguments: object) -> None:
        fresh = multiprocessing.get_context("spawn")
        self._pipe, theirs = fresh.Pipe()
        self._process = fresh.Process(target=body, args=(theirs, *arguments), daemon=True)
        self._process.start()
        # With our copy of its end closed, its death is the end of the pipe.
        theirs.close()

    @property
    def pid(self) -> int | None:
        """Of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def send(self, message: dict[str, Any]) -> None:
        """Raises ChildDied."""
        try:
            self._pipe.send_bytes(json.dumps(message).encode())
        except (OSError, ValueError) as error:
            raise ChildDied(str(error)) from error

    def wait(self, seconds: float) -> bool:
        """Whether a message, or the end, is there within so many seconds. Raises ChildDied."""
        try:
            return self._pipe.poll(max(0.0, seconds))
        except OSError as error:
            raise ChildDied(str(error)) from error

    def receive(self) -> dict[str, Any]:
        """The next message. Raises ChildDied."""
        message: dict[str, Any] = json.loads(self.receive_bytes())
        return message

    def receive_bytes(self) -> bytes:
        """The next message as it is. Raises ChildDied."""
        try:
            return self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            self._process.join(_GRACE)
            raise ChildDied(f"its process ended (exit code {self._process.exitcode})") from error

    def kill(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.join(_GRACE)
        self._pipe.close()

    def close(self) -> None:
        """Let it end by itself: the end of the pipe tells it to."""
        self._pipe.close()
        self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()


def tell(pipe: Connection, message: dict[str, Any]) -> None:
    """From the child to its owner; where that is gone nobody waits, and the child ends."""
    try:
        pipe.send_bytes(json.dumps(message).encode())
    except OSError:
        os._exit(0)
