"""What the server must not forget: pictures, regions, jobs and results in one SQLite file beside their files.

A write is on the disk before its call returns (WAL, synchronous FULL). A file is written whole before its row is, so a row never names a file that is not there;
files without a row are swept away at the next start.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.serve.errors import Rejected, no_room, not_found, too_many

MOST_TRIES = 2
"""At a job: one that ends its process twice is not tried again."""
ID_BYTES = 16
"""Of chance in an id."""
LISTED = 100
"""Jobs that a list shows, the newest first."""
_BUSY_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (id TEXT PRIMARY KEY, file TEXT NOT NULL, about TEXT NOT NULL, created REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS regions (id TEXT PRIMARY KEY, file TEXT NOT NULL, about TEXT NOT NULL, created REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS results (id TEXT PRIMARY KEY, job TEXT NOT NULL, file TEXT, about TEXT NOT NULL, created REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, status TEXT NOT NULL, request TEXT NOT NULL, created REAL NOT NULL, started REAL,
  completed REAL, tries INTEGER NOT NULL DEFAULT 0, cancel INTEGER NOT NULL DEFAULT 0, understood TEXT NOT NULL DEFAULT '[]', result TEXT, error TEXT,
  key TEXT UNIQUE, print TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS waiting ON jobs (status, number);
"""
_LIVE = "status IN ('queued', 'running')"


@dataclass(frozen=True)
class Stored:
    """A row of pictures, regions or results: the file (None where a result changed nothing) and what is known of it."""

    id: str
    file: Path | None
    about: dict[str, Any]

    @property
    def path(self) -> Path:
        """The file. Raises Rejected (404) where nothing was written."""
        if self.file is None:
            raise not_found("file: nothing was changed, so nothing was written")
        return self.file


@dataclass(frozen=True)
class JobRow:
    """A row of jobs. `ahead`: how many live jobs are before it."""

    id: str
    status: str
    request: dict[str, Any]
    created: float
    started: float | None
    completed: float | None
    tries: int
    cancel: bool
    understood: list[str]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    ahead: int

    @property
    def ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.status not in ("queued", "running")


def new_id(prefix: str) -> str:
    """Nobody guesses it."""
    return f"{prefix}_{secrets.token_urlsafe(ID_BYTES)}"


class Store:
    """Open for the life of the server; every method may be called from any thread. Raises InvalidOption where the folder cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        try:
            for part in ("pictures", "regions", "results"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            # isolation_level None: every statement is its own transaction, unless BEGIN was said.
            self._db = sqlite3.connect(
                folder / "jobs.sqlite", check_same_thread=False, isolation_level=None, timeout=_BUSY_SECONDS
            )
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise InvalidOption(
                f"'{folder}' cannot hold the server's data ({error}); choose another --data DIR"
            ) from error

    def close(self) -> None:
        """No more calls."""
        with self._lock:
            self._db.close()

    # Pictures, regions, results

    def keep(self, table: str, kept: Stored) -> None:
        """Note a picture or a region whose file is written."""
        with self._lock:
            self._db.execute(
                f"INSERT INTO {table} VALUES (?, ?, ?, ?)",
                (kept.id, kept.path.name, json.dumps(kept.about), time.time()),
            )

    def stored(self, table: str, id: str, what: str) -> Stored:
        """The row. Raises Rejected (404)."""
        with self._lock:
            row = self._db.execute(f"SELECT id, file, about FROM {table} WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise not_found(what)
        return Stored(
            row["id"], None if row["file"] is None else self.folder / table / row["file"], json.loads(row["about"])
        )

    def about_of(self, path: Path) -> dict[str, Any] | None:
        """What is known of a posted picture, by its file; None for another file."""
        with self._lock:
            row = self._db.execute("SELECT about FROM pictures WHERE file = ?", (path.name,)).fetchone()
        about: dict[str, Any] | None = None if row is None else json.loads(row["about"])
        return about

    def sweep(self) -> None:
        """Remove files that no row names: what a kill left."""
        for table in ("pictures", "regions", "results"):
            with self._lock:
                known = {row["file"] for row in self._db.execute(f"SELECT file FROM {table}")}
            for path in (self.folder / table).iterdir():
                if path.is_file() and path.name not in known:
                    path.unlink(missing_ok=True)

    def forget(self, before: float) -> int:
        """Remove pictures, regions, results and ended jobs older than `before` (seconds since 1970), but for what a live job uses. How many rows went."""
        gone = 0
        with self._lock:
            live = "".join(row["request"] for row in self._db.execute(f"SELECT request FROM jobs WHERE {_LIVE}"))
            for table in ("pictures", "regions", "results"):
                rows = self._db.execute(f"SELECT id, file FROM {table} WHERE created < ?", (before,)).fetchall()
                for row in rows:
                    if row["id"] in live:
                        continue
                    self._db.execute(f"DELETE FROM {table} WHERE id = ?", (row["id"],))
                    if row["file"] is not None:
                        (self.folder / table / row["file"]).unlink(missing_ok=True)
                    gone += 1
            ended = self._db.execute(f"DELETE FROM jobs WHERE NOT {_LIVE} AND completed < ?", (before,))
            return gone + ended.rowcount

    # Jobs

    def submit(self, request: Mapping[str, Any], key: str | None, print: str, most: int) -> tuple[JobRow, bool]:
        """The job, on the disk, and whether it is new: the same key with the same request is the same job.

        Raises Rejected: 409 for a key that was used for another request, 429 when `most` jobs wait.
        """
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            old = self._db.execute("SELECT id, print FROM jobs WHERE key = ?", (key,)).fetchone()
            if old is not None and old["print"] != print:
                raise Rejected(409, "idempotency_conflict", "this Idempotency-Key was used for another request")
            waiting = self._db.execute("SELECT count(*) FROM jobs WHERE status = 'queued'").fetchone()[0]
            if old is None and waiting >= most:
                raise too_many(f"{waiting} jobs wait already, at most {most} may; come again later")
            id = old["id"] if old is not None else new_id("job")
            if old is None:
                self._db.execute(
                    "INSERT INTO jobs (id, status, request, created, key, print) VALUES (?, 'queued', ?, ?, ?, ?)",
                    (id, json.dumps(request), time.time(), key, print),
                )
        return self.job(id), old is None

    def job(self, id: str) -> JobRow:
        """The job. Raises Rejected (404)."""
        with self._lock:
            row = self._db.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise not_found("job")
            return self._row(row)

    def jobs(self) -> list[JobRow]:
        """The newest, newest first."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM jobs ORDER BY number DESC LIMIT ?", (LISTED,)).fetchall()
            return [self._row(row) for row in rows]

    def waiting(self) -> int:
        """How many jobs wait."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM jobs WHERE status = 'queued'").fetchone()[0])

    def _row(self, row: sqlite3.Row) -> JobRow:
        before = f"SELECT count(*) FROM jobs WHERE {_LIVE} AND number < ?"
        ahead = self._db.execute(before, (row["number"],)).fetchone()[0] if row["status"] == "queued" else 0
        loaded = {name: json.loads(row[name]) if row[name] else None for name in ("request", "result", "error")}
        return JobRow(
            row["id"],
            row["status"],
            loaded["request"] or {},
            row["created"],
            row["started"],
            row["completed"],
            row["tries"],
            bool(row["cancel"]),
            json.loads(row["understood"]),
            loaded["result"],
            loaded["error"],
            ahead,
        )

    def claim(self) -> JobRow | None:
        """The oldest job that waits, now running; its try is counted before the work begins."""
        with self._lock:
            row = self._db.execute(
                "UPDATE jobs SET status = 'running', tries = tries + 1, started = ? WHERE number = "
                "(SELECT min(number) FROM jobs WHERE status = 'queued') RETURNING id",
                (time.time(),),
            ).fetchall()
            return self.job(row[0]["id"]) if row else None

    def understood(self, id: str, lines: Sequence[str]) -> None:
        """What a running job's words mean."""
        with self._lock:
            self._db.execute("UPDATE jobs SET understood = ? WHERE id = ?", (json.dumps(list(lines)), id))

    def complete(self, id: str, result: Mapping[str, Any], files: Sequence[Stored]) -> None:
        """The job and all of its results at once."""
        now = time.time()
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for stored in files:
                name = None if stored.file is None else stored.file.name
                self._db.execute(
                    "INSERT INTO results VALUES (?, ?, ?, ?, ?)", (stored.id, id, name, json.dumps(stored.about), now)
                )
            self._db.execute(
                "UPDATE jobs SET status = 'completed', result = ?, completed = ? WHERE id = ?",
                (json.dumps(result), now, id),
            )

    def end(self, id: str, status: str, error: Mapping[str, Any] | None = None) -> None:
        """A job that failed or was cancelled."""
        with self._lock:
            self._db.execute(
                f"UPDATE jobs SET status = ?, error = ?, completed = ? WHERE id = ? AND {_LIVE}",
                (status, json.dumps(error) if error else None, time.time(), id),
            )

    def again(self, id: str, error: Mapping[str, Any]) -> None:
        """A running job whose process ended: it waits once more, or has failed after its last try."""
        row = self.job(id)
        if row.tries >= MOST_TRIES:
            self.end(id, "failed", error)
        elif row.cancel:
            self.end(id, "cancelled")
        else:
            with self._lock:
                self._db.execute("UPDATE jobs SET status = 'queued', started = NULL WHERE id = ?", (id,))

    def release(self, id: str) -> None:
        """A running job that its server stopped in good order: it waits again, and the try does not count."""
        with self._lock:
            self._db.execute(
                "UPDATE jobs SET status = 'queued', started = NULL, tries = tries - 1 WHERE id = ? AND status = 'running'",
                (id,),
            )

    def cancel(self, id: str) -> JobRow:
        """A job that waits is cancelled at once; one that runs is marked, and whoever runs it ends it. Raises Rejected (404)."""
        with self._lock:
            self.job(id)
            self._db.execute("UPDATE jobs SET cancel = 1 WHERE id = ?", (id,))
            self._db.execute(
                "UPDATE jobs SET status = 'cancelled', completed = ? WHERE id = ? AND status = 'queued'",
                (time.time(), id),
            )
            return self.job(id)

    def running(self) -> list[str]:
        """The jobs that are marked as running."""
        with self._lock:
            return [row["id"] for row in self._db.execute("SELECT id FROM jobs WHERE status = 'running'")]


def check_room(folder: Path, least: int) -> None:
    """Raises Rejected (507) where the disk has less than `least` bytes."""
    if shutil.disk_usage(folder).free < least:
        raise no_room()
