"""Studies with people: the three protocols of the papers, made, served and counted from one SQLite file. See docs/study.md."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

import numpy as np

from pixwright.errors import InvalidOption
from pixwright.evaluate.study import items as study_items
from pixwright.evaluate.study import store as study_store
from pixwright.evaluate.study.design import Protocol, StudyUnit, make_units
from pixwright.evaluate.study.items import Item, check_items, read_items


@dataclass(frozen=True)
class Options:
    """What may be chosen for a study. The defaults are those of AnyEdit's appendix H, with ties."""

    questions: str = "anyedit"
    """A row of study/questions.json: anyedit, instructany2pix, instructedit, reasonpix2pix."""
    ties: bool | None = None
    """Whether "no difference" may be answered; None: in `pair` yes, in `choice` no, as in the papers that chose among many."""
    against: str | None = None
    """Only the pairs with this system."""
    limit: int | None = None
    """This many items, drawn at random by the seed."""
    per_rater: int | None = None
    """This many trials a rater, spread evenly; None: everything."""
    checks: int = 0
    """Attention checks a rater: scrambled pictures that nobody who looks would prefer."""
    title: str = "Which edit is better?"


def question_sets() -> dict[str, list[dict[str, str]]]:
    """The questions by the paper that asked them; `choice`, `pair` and `likert` hold the words of each protocol."""
    text = resources.files("pixwright.evaluate").joinpath("study", "questions.json").read_text(encoding="utf-8")
    return {name: row["questions"] for name, row in json.loads(text).items()}


def create_study(
    path: Path,
    items: Path | Sequence[Item],
    protocol: Protocol,
    seed: int = 0,
    options: Options = Options(),
) -> int:
    """Write a study of `items` (a JSON-lines file, or items) to the new file `path`, whole or not at all: the number of its trials.

    Every picture is decoded and coded anew without metadata, so that the file needs nothing else and names nobody.
    Raises `InvalidOption` for options that do not fit, and what `load_picture` raises for a picture that cannot be read.
    """
    if path.exists():
        raise InvalidOption(f"{path} exists; choose another name, a study is never overwritten")
    found = list(items) if not isinstance(items, Path) else read_items(items)
    systems = check_items(found)
    asked = _questions(options, protocol)
    found = _drawn(found, options, seed)
    units = make_units(protocol, len(found), systems, seed, options.against)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    base = sqlite3.connect(partial, isolation_level=None)
    try:
        base.executescript("BEGIN;" + study_store.SCHEMA)
        meta = {
            "version": str(study_store.VERSION),
            "title": options.title,
            "protocol": protocol,
            "token": secrets.token_urlsafe(24),
            "made": study_store.now(),
            "systems": json.dumps(systems),
            "questions": json.dumps(asked),
            "seed": json.dumps(seed),
            "per_rater": json.dumps(options.per_rater),
            "ties": json.dumps(protocol == "pair" if options.ties is None else options.ties),
        }
        base.executemany("INSERT INTO meta VALUES(?, ?)", meta.items())
        _Writer(base, seed).write(found, units, protocol, options.checks)
        base.commit()
        study_store.settings(base)  # so that of several who open it at once none has to change it
    finally:
        base.close()
    partial.replace(path)
    return len(units)


def _questions(options: Options, protocol: Protocol) -> list[dict[str, str]]:
    known = question_sets()
    if options.questions not in known:
        raise InvalidOption(f"questions {options.questions!r}; allowed are {', '.join(known)}")
    if protocol == "likert" and options.ties:
        raise InvalidOption("ties with likert; a rating compares nothing, leave ties out")
    for name, value, least in (
        ("limit", options.limit, 1),
        ("per_rater", options.per_rater, 1),
        ("checks", options.checks, 0),
    ):
        if value is not None and value < least:
            raise InvalidOption(f"{name} {value}; at least {least} is needed")
    return [
        {"key": row["key"], "text": row[protocol], "low": row["low"], "high": row["high"]}
        for row in known[options.questions]
    ]


def _drawn(items: list[Item], options: Options, seed: int) -> list[Item]:
    if options.limit is None or options.limit >= len(items):
        return items
    kept = np.random.default_rng([seed, 4]).choice(len(items), options.limit, replace=False)
    return [items[index] for index in sorted(int(value) for value in kept)]


class _Writer:
    """Fills a study's tables. A picture that comes twice is kept once."""

    def __init__(self, base: sqlite3.Connection, seed: int) -> None:
        self._base, self._seed = base, seed
        self._known: dict[str, int] = {}

    def write(self, items: Sequence[Item], units: Sequence[StudyUnit], protocol: Protocol, checks: int) -> None:
        made: list[dict[str, int]] = []
        for number, item in enumerate(items):
            source = self._file(study_items.picture_bytes(item.source))
            refs = [self._file(data, kind) for kind, data in map(study_items.reference_bytes, item.references)]
            row = (number, item.key, item.instruction, source, json.dumps(refs))
            self._base.execute("INSERT INTO items VALUES(?, ?, ?, ?, ?)", row)
            made.append({name: self._file(_made(item, path)) for name, path in item.systems.items()})
        for unit in units:
            files = [made[unit.item][name] for name in unit.systems]
            self._unit(unit.item, unit.systems, files, unit.group, unit.rank, None)
        groups = 1 + max(unit.group for unit in units)
        drawn = np.random.default_rng([self._seed, 5]).permutation(len(items))
        for check in range(checks):
            number = int(drawn[check % len(items)])
            self._check(number, items[number], len(units[0].systems), protocol, groups, check)

    def _check(self, number: int, item: Item, count: int, protocol: Protocol, group: int, check: int) -> None:
        """Scrambled pictures of the item's source, beside the source itself where pictures are compared."""
        broken = count if protocol == "likert" else count - 1
        rngs = [np.random.default_rng([self._seed, 6, check, place]) for place in range(broken)]
        files = [] if protocol == "likert" else [self._file(study_items.picture_bytes(item.source))]
        files += [self._file(study_items.scrambled_bytes(item.source, rng)) for rng in rngs]
        names = tuple(f"check {place}" for place in range(len(files)))
        self._unit(number, names, files, group, check, 0)

    def _unit(
        self, item: int, systems: Sequence[str], files: Sequence[int], group: int, rank: int, good: int | None
    ) -> None:
        row = (item, json.dumps(systems), json.dumps(files), group, rank, good)
        self._base.execute("INSERT INTO units(item, systems, files, grp, rank, good) VALUES(?, ?, ?, ?, ?, ?)", row)

    def _file(self, data: bytes, kind: str = "image/png") -> int:
        key = sha256(data).hexdigest()
        if key not in self._known:
            self._known[key] = len(self._known) + 1
            self._base.execute("INSERT INTO files VALUES(?, ?, ?)", (self._known[key], kind, data))
        return self._known[key]


def _made(item: Item, path: Path | None) -> bytes:
    return study_items.black_bytes(item.source) if path is None else study_items.picture_bytes(path)
