"""A study on disk: one SQLite file with its pictures, its design, its raters and one row an answer."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.evaluate.study.design import arrangement, assign

VERSION = 1
TIE = -1
"""The answer "no difference". Other answers are a place on the screen, from 0, or for Likert 1 to 5."""
RATER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
MOST_RATERS = 2000
MOST_MS = 24 * 3600 * 1000

SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files(id INTEGER PRIMARY KEY, type TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE items(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, instruction TEXT NOT NULL,
  source INTEGER NOT NULL REFERENCES files, refs TEXT NOT NULL);
CREATE TABLE units(id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items, systems TEXT NOT NULL, files TEXT NOT NULL,
  grp INTEGER NOT NULL, rank INTEGER NOT NULL, good INTEGER);
CREATE TABLE raters(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at TEXT NOT NULL);
CREATE TABLE trials(id INTEGER PRIMARY KEY, rater INTEGER NOT NULL REFERENCES raters, position INTEGER NOT NULL,
  unit INTEGER NOT NULL REFERENCES units, places TEXT NOT NULL, UNIQUE(rater, position), UNIQUE(rater, unit));
CREATE TABLE answers(trial INTEGER NOT NULL REFERENCES trials, question TEXT NOT NULL, value INTEGER NOT NULL,
  ms INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY(trial, question)) WITHOUT ROWID;
CREATE INDEX trials_by_unit ON trials(unit);
"""
"""`units.good` is NULL but for attention checks: there the index of the intact picture, or 0 for a broken one to be rated.
`trials.places[p]` is the index in `units.systems` of what stood in place p: the recorded order."""


@dataclass(frozen=True)
class About:
    """What holds for the whole study."""

    title: str
    protocol: str
    seed: int
    systems: tuple[str, ...]
    questions: tuple[dict[str, str], ...]
    ties: bool
    per_rater: int | None
    token: str
    """Secret in the address, and for posts from the page itself."""


class Study:
    """One connection to a study; closed by `with opened(path)`. Every method that writes has committed when it returns."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self.base = base
        self.about = _about(dict(base.execute("SELECT key, value FROM meta")))

    def join(self, name: str) -> int:
        """The rater's number; a new name is given its trials first.

        Raises `InvalidOption` for a name that is not 1 to 40 of A-Z a-z 0-9 _ -, or when there are too many raters.
        """
        if not RATER.fullmatch(name):
            raise InvalidOption(
                "a rater's name has 1 to 40 letters without accents, digits, - or _; choose such a name"
            )
        with self._writing():
            known = self.base.execute("SELECT id FROM raters WHERE name = ?", (name,)).fetchone()
            if known:
                return int(known[0])
            number = int(self.base.execute("SELECT COUNT(*) FROM raters").fetchone()[0])
            if number >= MOST_RATERS:
                raise InvalidOption(f"the study has {MOST_RATERS} raters, which is the most; ask who runs it")
            self.base.execute("INSERT INTO raters VALUES(?, ?, ?)", (number + 1, name, now()))
            self._give(number + 1)
        return number + 1

    def _give(self, rater: int) -> None:
        rows = self.base.execute(
            "SELECT u.id, u.grp, u.rank, u.systems, COUNT(t.id), u.good FROM units u LEFT JOIN trials t ON t.unit = u.id"
            " GROUP BY u.id ORDER BY u.id"
        ).fetchall()
        plain, checks = [row for row in rows if row[5] is None], [row for row in rows if row[5] is not None]
        order = assign(self.about.seed, rater, [row[4] for row in plain], self.about.per_rater, len(checks))
        trials = []
        for position, index in enumerate(order):
            unit, group, rank, systems, shown, _ = plain[index] if index >= 0 else checks[-1 - index]
            places = arrangement(self.about.seed, group, rank, len(json.loads(systems)), shown)
            trials.append((rater, position, unit, json.dumps(places)))
        self.base.executemany("INSERT INTO trials(rater, position, unit, places) VALUES(?, ?, ?, ?)", trials)

    def state(self, rater: int, position: int | None = None) -> dict[str, Any]:
        """What the page shows: the trial at `position`, at most the first that lacks an answer (the default); `trial` is None at the end.

        Nothing in it names a system, an item or a file: pictures are "trial/place", places are in the recorded order.
        """
        total, done = self._progress(rater)
        position = done if position is None else min(max(position, 0), done)
        found: dict[str, Any] = {"total": total, "done": done, "position": position, "trial": None, "next": []}
        if position < total:
            found |= self._trial(rater, position)
        if position + 1 < total:
            found["next"] = self._trial(rater, position + 1)["pictures"]
        return found

    def _progress(self, rater: int) -> tuple[int, int]:
        """(number of trials, position of the first that lacks an answer)."""
        rows = self.base.execute(
            "SELECT COUNT(a.trial) FROM trials t LEFT JOIN answers a ON a.trial = t.id WHERE t.rater = ?"
            " GROUP BY t.id ORDER BY t.position",
            (rater,),
        ).fetchall()
        asked = len(self.about.questions)
        return len(rows), next((place for place, (count,) in enumerate(rows) if count < asked), len(rows))

    def _trial(self, rater: int, position: int) -> dict[str, Any]:
        trial, instruction, refs, places = self.base.execute(
            "SELECT t.id, i.instruction, i.refs, t.places FROM trials t JOIN units u ON u.id = t.unit"
            " JOIN items i ON i.id = u.item WHERE t.rater = ? AND t.position = ?",
            (rater, position),
        ).fetchone()
        kinds = [
            self.base.execute("SELECT type FROM files WHERE id = ?", (file,)).fetchone()[0].split("/")[0]
            for file in json.loads(refs)
        ]
        given = self.base.execute("SELECT question, value FROM answers WHERE trial = ?", (trial,))
        return {
            "trial": trial,
            "instruction": instruction,
            "source": f"{trial}/s",
            "references": [{"kind": kind, "name": f"{trial}/r{number}"} for number, kind in enumerate(kinds)],
            "pictures": [f"{trial}/{place}" for place in range(len(json.loads(places)))],
            "answers": dict(given.fetchall()),
        }

    def answer(self, rater: int, trial: int, answers: Mapping[str, int], ms: int) -> int:
        """Keep the answers to all questions of a trial, replacing earlier ones; the trial's position.

        Raises `InvalidOption` if the trial is not the rater's or lies ahead, a question is missing or unknown, or a value is not allowed.
        """
        with self._writing():
            row = self.base.execute(
                "SELECT position, places FROM trials WHERE id = ? AND rater = ?", (trial, rater)
            ).fetchone()
            if row is None or row[0] > self._progress(rater)[1]:
                raise InvalidOption(f"trial {trial} is not to be answered now; load the page again")
            if set(answers) != {question["key"] for question in self.about.questions}:
                raise InvalidOption("an answer to each question is needed; answer them all")
            allowed = self._allowed(len(json.loads(row[1])))
            for value in answers.values():
                if value not in allowed:
                    raise InvalidOption(f"answer {value}; allowed are {sorted(allowed)}")
            at, ms = now(), min(max(ms, 0), MOST_MS)
            self.base.executemany(
                "INSERT OR REPLACE INTO answers VALUES(?, ?, ?, ?, ?)",
                [(trial, question, value, ms, at) for question, value in answers.items()],
            )
        return int(row[0])

    def _allowed(self, places: int) -> set[int]:
        if self.about.protocol == "likert":
            return set(range(1, 6))
        return set(range(places)) | ({TIE} if self.about.ties else set())

    def file(self, trial: int, place: str) -> tuple[str, bytes] | None:
        """(media type, bytes) of "s" (source), "r0" (a reference) or "0" (a place) of a trial, or None if there is no such thing."""
        row = self.base.execute(
            "SELECT i.source, i.refs, u.files, t.places FROM trials t JOIN units u ON u.id = t.unit"
            " JOIN items i ON i.id = u.item WHERE t.id = ?",
            (trial,),
        ).fetchone()
        if row is None:
            return None
        source, refs, files, places = row[0], *map(json.loads, row[1:])
        names = {"s": source} | {f"r{number}": file for number, file in enumerate(refs)}
        names |= {str(number): files[index] for number, index in enumerate(places)}
        if place not in names:
            return None
        found: tuple[str, bytes] = self.base.execute(
            "SELECT type, bytes FROM files WHERE id = ?", (names[place],)
        ).fetchone()
        return found

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction that holds the write lock from its start, so that two raters who join at once are given different work."""
        self.base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.base.commit()
        finally:
            if self.base.in_transaction:
                self.base.rollback()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Study]:
    """A study's file. Raises `InvalidOption` if it is missing or is not one."""
    if not path.is_file():
        raise InvalidOption(f"there is no study at {path}; make one with create_study")
    base = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        try:
            settings(base)
            study = Study(base)
        except (sqlite3.DatabaseError, KeyError) as error:
            raise InvalidOption(f"{path} is not a study ({error}); make one with create_study") from error
        yield study
    finally:
        base.close()


def settings(base: sqlite3.Connection) -> None:
    """Write-ahead log, and a commit is on the disk before it returns: an answer that the page has shown as kept survives kill -9."""
    # The file keeps this mode. To set it again would ask for the file alone, and not wait for others who have it open.
    if base.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("PRAGMA foreign_keys = ON")


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _about(meta: dict[str, str]) -> About:
    if int(meta["version"]) != VERSION:
        raise InvalidOption(
            f"the study is of version {meta['version']}, this program reads {VERSION}; use its own version"
        )
    values = {key: json.loads(meta[key]) for key in ("systems", "questions", "ties", "per_rater", "seed")}
    return About(
        title=meta["title"],
        protocol=meta["protocol"],
        seed=values["seed"],
        systems=tuple(values["systems"]),
        questions=tuple(values["questions"]),
        ties=values["ties"],
        per_rater=values["per_rater"],
        token=meta["token"],
    )
