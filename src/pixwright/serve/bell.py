"""Who waits for news of a job is woken: threads ring, coroutines wait."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class Bell:
    """One for all jobs."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}
        self._lock = threading.Lock()

    def ring(self, id: str) -> None:
        """From any thread: there is news of the job."""
        with self._lock:
            for loop, event in self._waiting.get(id, ()):
                with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
                    loop.call_soon_threadsafe(event.set)

    async def wait(self, seen: asyncio.Event, seconds: float) -> bool:
        """Whether news came within so many seconds."""
        try:
            await asyncio.wait_for(seen.wait(), seconds)
        except TimeoutError:
            return False
        seen.clear()
        return True

    def enter(self, id: str) -> asyncio.Event:
        """What is set at every ring, until `leave`."""
        event = asyncio.Event()
        with self._lock:
            self._waiting.setdefault(id, set()).add((asyncio.get_running_loop(), event))
        return event

    def leave(self, id: str, event: asyncio.Event) -> None:
        """No longer."""
        with self._lock:
            left = {pair for pair in self._waiting.get(id, set()) if pair[1] is not event}
            if left:
                self._waiting[id] = left
            else:
                self._waiting.pop(id, None)
