"""What pulled networks did in an edit: lines for its report. Who listens hears what is said inside; elsewhere nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listening: ContextVar[list[str] | None] = ContextVar("_listening", default=None)
"""The lines of whoever listens in this thread or task."""


@contextmanager
def heard() -> Iterator[list[str]]:
    """The lines that are said while the context lasts, each once, in order."""
    lines: list[str] = []
    before = _listening.set(lines)
    try:
        yield lines
    finally:
        _listening.reset(before)


def tell(line: str) -> None:
    """Say a line to whoever listens."""
    lines = _listening.get()
    if lines is not None and line not in lines:
        lines.append(line)
