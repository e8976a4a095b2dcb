"""The owner of the process that edits: hands it one job after another, keeps the books, and starts it anew when it dies."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from ctypes import c_bool
from pathlib import Path
from typing import Any, TypeVar

from pixwright.errors import Refused
from pixwright.serve import work
from pixwright.serve.bell import Bell
from pixwright.serve.child import Child, ChildDied
from pixwright.serve.errors import CODES, STATUS, body, is_full
from pixwright.serve.settings import Bounds
from pixwright.serve.store import JobRow, Store, Stored
from pixwright.serve.versions import note_of

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_FULL_SECONDS = 2.0
"""After which a write to a full disk is tried again."""
_TICK = 0.2
"""Seconds after which a running job's bounds are looked at again."""
_LOOKED_AT = 4
"""Jobs whose pictures on the way are held for streams that are slower than the work."""
CANCEL_GRACE = 20.0
"""Seconds that a cancelled step may still take; then its process is ended."""
_FAILED = 500


class Queue:
    """One job at a time, the oldest first."""

    def __init__(self, store: Store, bell: Bell, threads: int, bounds: Bounds, editing: c_bool) -> None:
        self._store, self._bell, self._threads, self._bounds = store, bell, threads, bounds
        self._editing = editing
        """True while a job runs, for the process that answers clicks."""
        self.progress: dict[str, dict[str, Any]] = {}
        """Of the running job; what nobody needs after a crash is not in the store."""
        self.looks: dict[str, list[dict[str, Any]]] = {}
        """Pictures on the way, of the newest jobs whose streams asked for them."""
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._child: Child | None = None
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Take up what a crash left, and work."""
        for id in self._store.running():
            self._store.again(
                id, _error("interrupted", "the server ended twice while this job ran; it is not tried again")
            )
        self._thread.start()

    def wake(self) -> None:
        """There is a job, or one was cancelled."""
        self._news.set()

    def stop(self) -> None:
        """Stop at once: the running job is taken up at the next start."""
        self._stopping.set()
        self._news.set()
        self._thread.join(timeout=CANCEL_GRACE)

    def _work(self) -> None:
        self._start_child()
        while not self._stopping.is_set():
            self._news.clear()
            job = self._noted(self._store.claim)
            if job is None:
                self._news.wait()
                continue
            self._bell.ring(job.id)
            self._editing.value = True
            self._run(job)
            self._editing.value = False
            self.progress.pop(job.id, None)
            self._bell.ring(job.id)
        if self._child is not None:
            self._child.kill()

    def _noted(self, write: Callable[[], T]) -> T | None:
        """A write to the store, again and again while the disk is full: what is not noted did not happen. None where the server stops."""
        while True:
            try:
                return write()
            except sqlite3.OperationalError as error:
                if not is_full(error):
                    raise
            if self._stopping.wait(_FULL_SECONDS):
                return None

    def _start_child(self) -> Child:
        if self._child is None or not self._child.alive:
            self._child = Child(work.edits, self._threads)
        return self._child

    def _run(self, job: JobRow) -> None:
        try:
            answer = self._answer(job)
        except ChildDied as died:
            self._drop()
            if self._stopping.is_set():
                self._store.release(job.id)
                return
            why = f"{died}; it was tried {job.tries} times, and is not tried again"
            error = _error("worker_died", f"the process that edits died over this job: {why}")
            self._noted(lambda: self._store.again(job.id, error))
            return
        self._noted(lambda: self._end(job, answer))

    def _end(self, job: JobRow, answer: dict[str, Any]) -> None:
        if "done" in answer:
            self._keep(job, answer["done"])
        elif "cancelled" in answer:
            self._store.end(job.id, "cancelled")
        else:
            code, message = answer["failed"]["code"], answer["failed"]["message"]
            if code == Refused.code:
                # Neither the words nor the picture: who runs the server learns that, and why, and no more.
                _LOG.warning("%s was refused: %s", job.id, message)
            self._store.end(job.id, "failed", _error(code, message))
        if job.request["work"]["session"] is not None:
            note_of(job.request["work"] | {"id": job.id}).unlink(missing_ok=True)

    def _answer(self, job: JobRow) -> dict[str, Any]:
        """The last message about the job. Raises ChildDied, also where the server stops."""
        child = self._start_child()
        child.send({"job": {"id": job.id, **job.request["work"]}})
        film = job.request["work"].get("kind") is not None
        most = self._bounds.film_seconds if film else self._bounds.job_seconds
        deadline, told = time.monotonic() + most, False
        while True:
            if child.wait(_TICK):
                message = child.receive()
                if "look" in message:
                    self._look(job.id, message["look"])
                elif "progress" in message:
                    self._note(job.id, message["progress"])
                else:
                    return message
            if self._stopping.is_set():
                raise ChildDied("the server stops")
            if not told and self._store.job(job.id).cancel:
                child.send({"cancel": job.id})
                told, deadline = True, time.monotonic() + CANCEL_GRACE
            if time.monotonic() > deadline:
                self._drop()
                if told:
                    return {"cancelled": job.id}
                seconds = f"{most:g}"
                return {
                    "failed": {
                        "code": "too_slow",
                        "message": f"it took longer than {seconds} s, the server's bound for a job",
                    }
                }

    def _note(self, id: str, progress: dict[str, Any]) -> None:
        lines = progress.pop("understood")
        if id not in self.progress:
            self._noted(lambda: self._store.understood(id, lines))
        self.progress[id] = progress
        self._bell.ring(id)

    def _look(self, id: str, look: dict[str, Any]) -> None:
        self.looks.setdefault(id, []).append(look)
        while len(self.looks) > _LOOKED_AT:
            del self.looks[next(iter(self.looks))]
        self._bell.ring(id)

    def _keep(self, job: JobRow, done: dict[str, Any]) -> None:
        if "said" in done:
            self._store.complete(job.id, done["said"], [])
            return
        files: list[Stored] = []
        pictures: list[dict[str, Any]] = []
        ids: list[str] = job.request["results"]
        for id, made in zip(ids, done["pictures"], strict=True):
            file = None if made["file"] is None else Path(made["file"])
            files.append(Stored(id, file, made | {"source": job.request["work"]["picture"]}))
            pictures.append(shown(id, made))
        self._store.complete(job.id, {"pictures": pictures}, files)

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
        self._child = None


def shown(id: str, made: Mapping[str, Any]) -> dict[str, Any]:
    """A result as a job's record shows it."""
    report = made["report"]
    at = None if made["file"] is None else f"/v1/results/{id}"
    still = at if made.get("kind") is None else None
    return {
        "id": id,
        "url": at,
        "preview": still and f"{still}/preview",
        "difference": still and f"{still}/difference",
        "name": at and Path(made["file"]).name,
        "format": at and Path(made["file"]).suffix.lstrip("."),
        "width": made["width"],
        "height": made["height"],
        "transparent": made["transparent"],
        "verdict": report["verdict"],
        "plan": made["plan"],
        "reasons": made["reasons"],
        "steps": made["steps"],
        "outside_changed": report["outside_max_difference"],
        "changed_share": report["changed_fraction"],
        "seed": report["seed"],
        "notes": made["notes"],
        "regions": made["regions"],
        "report": report,
        "version": None,
    }


def _error(code: str, message: str) -> dict[str, Any]:
    error: dict[str, Any] = body(
        STATUS.get(code, 400) if code not in _OURS else _FAILED, CODES.get(code, code), message
    )["error"]
    return error


_OURS = frozenset({"worker_died", "interrupted", "too_slow", "disk_full", "internal", "out_of_memory"})
"""Codes of jobs that failed for another reason than what they asked for."""
