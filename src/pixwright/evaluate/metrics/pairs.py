"""What belongs together: pictures of two folders by session and turn, rows of two tables by what they say.

Never by position in a listing: folders are listed in any order, "10" sorts before "2", and public sets have swapped their splits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from pixwright.errors import InvalidOption

Setting: TypeAlias = Literal["single-turn", "multi-turn", "every-turn"]
"""Every edit from the truth of the turn before; the last edit of a chain; every edit of a chain (MagicBrush, `evaluation/image_eval.py`)."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_NAME = re.compile(r"(?P<session>.+?)[-_](?P<kind>[a-z]+)?[-_]?(?P<turn>\d+)")
T = TypeVar("T")


@dataclass(frozen=True)
class Turn:
    """A file's place: `kind` is `output`, `inde`, `iter`, ... or empty, `number` the turn, from 1."""

    session: str
    kind: str
    number: int
    path: Path


@dataclass(frozen=True)
class PairedEdit:
    """One edit: `made` is None where the system left no picture, which counts as a failure."""

    session: str
    number: int
    made: Path | None
    target: Path


def read_turns(folder: Path) -> list[Turn]:
    """The pictures in the folder and its folders whose names end in a turn (`ID_1`, `ID_inde_2`, `ID-output10`), in order of turn.

    The session is the folder's name where there is one. Raises `InvalidOption` if there is no such folder.
    """
    if not folder.is_dir():
        raise InvalidOption(f"{folder} is not a folder; give the folder that holds the pictures")
    found = []
    for path in folder.rglob("*"):
        name = _NAME.fullmatch(path.stem)
        if path.suffix.lower() in SUFFIXES and name:
            session = path.parent.relative_to(folder).as_posix()
            found.append(
                Turn(name["session"] if session == "." else session, name["kind"] or "", int(name["turn"]), path)
            )
    return sorted(found, key=lambda turn: (turn.session, turn.number, turn.kind))


def pairs(made: Path, truth: Path, setting: Setting = "single-turn") -> list[PairedEdit]:
    """What was made for each true picture, in MagicBrush's layout: truth `ID/ID-outputN`, results `ID/ID_1`, `ID/ID_inde_N`, `ID/ID_iter_N`.

    The truth decides what there is: a missing result is a `PairedEdit` without a picture. Raises `InvalidOption` for a session that the truth does not
    have, for two files of one turn, or if the truth is empty.
    """
    wanted = _unique([turn for turn in read_turns(truth) if turn.kind == "output"])
    if not wanted:
        raise InvalidOption(f"{truth} holds no pictures called ID-outputN; give the folder with the true pictures")
    chained = "iter" if setting != "single-turn" else "inde"
    have = _unique([t for t in read_turns(made) if t.kind == (chained if t.number > 1 else "")])
    strangers = sorted({session for session, _ in have} - {session for session, _ in wanted})
    if strangers:
        raise InvalidOption(
            f"{made} has session {strangers[0]!r}, which {truth} has not; is it the result of another split?"
        )
    last: dict[str, int] = {}
    for session, number in wanted:
        last[session] = max(number, last.get(session, 0))
    return [
        PairedEdit(session, number, have.get((session, number)), target)
        for (session, number), target in wanted.items()
        if setting != "multi-turn" or number == last[session]
    ]


def pair_rows(truth: Sequence[T], made: Iterable[T], key: Callable[[T], Hashable]) -> list[tuple[T, T | None]]:
    """Rows of `made` beside the rows of `truth` that say the same (`key`: instruction and identity, not the position).

    Raises `InvalidOption` if a key occurs twice in one table, or if no row fits: then the other table is another split.
    """
    rows: dict[Hashable, T] = {}
    for row in made:
        if (name := key(row)) in rows:
            raise InvalidOption(f"two results are called {name!r}; a key must name one row; add a field to the key")
        rows[name] = row
    names = [key(row) for row in truth]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidOption(f"two true rows are called {twice!r}; a key must name one row; add a field to the key")
    strangers = [name for name in rows if name not in set(names)]
    if truth and strangers:
        raise InvalidOption(
            f"{len(strangers)} of {len(rows)} results belong to no true row, such as {strangers[0]!r}; are the splits swapped?"
        )
    return [(row, rows.get(name)) for row, name in zip(truth, names, strict=True)]


def _unique(turns: Sequence[Turn]) -> dict[tuple[str, int], Path]:
    found: dict[tuple[str, int], Path] = {}
    for turn in turns:
        if (turn.session, turn.number) in found:
            raise InvalidOption(f"{turn.path} and {found[turn.session, turn.number].name} are the same turn; keep one")
        found[turn.session, turn.number] = turn.path
    return found
