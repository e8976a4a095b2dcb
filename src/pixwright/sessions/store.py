"""Sessions on the disk: whole at every instant, whoever is killed when.

    ROOT/ses_.../session.json          the tree; replaced at once, never changed in place
    ROOT/ses_.../versions/ver_.../     a version's files; written under a hidden name, then renamed
    ROOT/ses_.../lock                  held while the tree changes

A version is there when the tree names it. A folder that the tree does not name is what a killed process left: the next change removes it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pixwright.errors import InvalidOption, InvalidRecord, UnknownSession
from pixwright.journal import lock
from pixwright.media import load_picture, runs, write_atomically
from pixwright.sessions.records import SESSION_ID, VERSION_ID, KeptFile, Name, Session, Version
from pixwright.weights.store import digest

TREE, VERSIONS, INPUTS, LOCK = "session.json", "versions", "inputs", "lock"
LARGEST_TREE = 50_000_000
"""Bytes of a tree that are read."""
_TOKEN_BYTES = 16
_NAMED = 80
"""Characters of a session's name."""
_NUMBERED = 5
"""Of these, for the number of one that is called like another."""
_PART = re.compile(r"^\.(?:ses_.*\.)?(\d+)-[0-9a-f]{8}\.part$")
"""What is not finished: the process that works at it, and chance."""


def data_folder() -> Path:
    """Where sessions, and what the server keeps, lie unless another folder is named: `PIXWRIGHT_DATA`, else the user's data folder."""
    if given := os.environ.get("PIXWRIGHT_DATA"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "pixwright"


def fresh(prefix: str) -> str:
    """A new id that nobody guesses, such as `ver_...`."""
    return f"{prefix}_{secrets.token_urlsafe(_TOKEN_BYTES)}"


def now() -> str:
    """This second in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def kept(path: Path) -> KeptFile:
    """A file that is in its place, with its hash."""
    return KeptFile(file=path.name, sha256=digest(path))


def ending(format: str) -> str:
    """The usual end of a file's name: `.jpg` for JPEG."""
    return "." + format.lower().replace("jpeg", "jpg")


class Sessions:
    """All sessions of one folder. Several processes may use it at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def all(self) -> tuple[Session, ...]:
        """Every session, the one that was changed last first. One that cannot be read is left out."""
        found = []
        for tree in self.root.glob(f"ses_*/{TREE}"):
            with suppress(InvalidRecord, UnknownSession, OSError):
                found.append((tree.stat().st_mtime_ns, self.get(tree.parent.name)))
        return tuple(session for _, session in sorted(found, key=lambda one: one[0], reverse=True))

    def get(self, id: str) -> Session:
        """The session of that id. Raises UnknownSession, or InvalidRecord where its tree was damaged."""
        tree = self._folder(id) / TREE
        try:
            if tree.stat().st_size > LARGEST_TREE:
                raise InvalidRecord(f"'{tree}' is larger than any session; move it away")
            return Session.model_validate_json(tree.read_bytes())
        except FileNotFoundError:
            raise UnknownSession(f"there is no session {id!r}; see: pixwright session list") from None
        except ValidationError as error:
            raise InvalidRecord(f"'{tree}' was changed or is of another version; move it away") from error

    def holder(self, version: str) -> Session:
        """The session that a version belongs to. Raises UnknownSession."""
        if re.fullmatch(VERSION_ID, version):
            for folder in self.root.glob(f"ses_*/{VERSIONS}/{version}"):
                session = self.get(folder.parents[1].name)
                if any(one.id == version for one in session.versions):
                    return session
        raise UnknownSession(f"there is no version {version[:_NAMED]!r}; it may have been deleted")

    def file(self, session: Session, version: Version, one: KeptFile) -> Path:
        """Where a file of a version lies."""
        return self._folder(session.id) / VERSIONS / version.id / one.file

    def input(self, session: Session, version: Version, one: KeptFile) -> Path:
        """Where an attachment or a mask of a version lies."""
        return self._folder(session.id) / VERSIONS / version.id / INPUTS / one.file

    def picture(self, session: Session, version: Version) -> Path:
        """Where a version's picture lies."""
        return self.file(session, version, version.picture)

    def create(self, picture: Path, name: str | None = None) -> Session:
        """A new session of a copy of the picture; without a name it gets the file's. Raises InvalidOption, and what a picture that cannot be read raises."""
        loaded = load_picture(picture)
        called = checked_name(name) if name else self.free_name(picture.stem)
        session, version = fresh("ses"), fresh("ver")
        with self.unfinished(session) as folder:
            inside = folder / VERSIONS / version
            inside.mkdir(parents=True)
            copy = inside / f"picture{ending(loaded.source.format)}"
            write_atomically(copy, picture.read_bytes())
            height, width = loaded.size
            original = Version(
                id=version,
                number=0,
                created=now(),
                picture=kept(copy),
                width=width,
                height=height,
                format=loaded.source.format,
            )
            return self.finish(
                folder, Session(id=session, name=called, created=now(), current=version, versions=(original,))
            )

    @contextmanager
    def unfinished(self, session: str) -> Iterator[Path]:
        """A hidden folder for a session that is being made; `finish` gives it its name, and what is left at the end is removed."""
        folder = self.root / f".{session}.{_mark()}"
        try:
            folder.mkdir(parents=True)
            for left in self.root.glob(".ses_*.part"):
                _remove_dead(left)
            yield folder
        except OSError as error:
            raise InvalidOption(
                f"'{self.root}' cannot be written ({error.strerror}); make room or choose another folder"
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def finish(self, folder: Path, session: Session) -> Session:
        """Put a session that was made in an `unfinished` folder among the others."""
        _write(folder, session)
        folder.rename(self.root / session.id)
        return session

    @contextmanager
    def draft(self, session: Session) -> Iterator[Path]:
        """A hidden folder for a version that is being made; what is left in it at the end is removed."""
        versions = self._folder(session.id) / VERSIONS
        folder = versions / f".{_mark()}"
        try:
            folder.mkdir()
        except FileNotFoundError:
            raise UnknownSession(f"session '{session.name}' was deleted meanwhile") from None
        except OSError as error:
            raise InvalidOption(
                f"'{versions}' cannot be written ({error.strerror}); make room or choose another place"
            ) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, session: Session, draft: Path, version: Version) -> Session:
        """Put a finished draft into the tree, as the current version; its number is given here. Returns the session as it is then."""
        with self._changing(session.id) as held_:
            for needed in (version.parent, version.base):
                held_.version(needed or "")  # may have been deleted meanwhile
            draft.rename(draft.parent / version.id)
            numbered = version.model_copy(update={"number": held_.next_number})
            return self._put(
                held_,
                versions=(*held_.versions, numbered),
                current=version.id,
                undone=(),
                next_number=held_.next_number + 1,
            )

    def go(self, session: str, version: str, undone: tuple[str, ...] = ()) -> Session:
        """Make a version the current one. `undone`: what redo then goes to, the next one last."""
        with self._changing(session) as held_:
            return self._put(held_, current=held_.version(version).id, undone=undone)

    def rename(self, session: str, name: str) -> Session:
        """Give the session another name. Raises InvalidOption."""
        with self._changing(session) as held_:
            return self._put(held_, name=checked_name(name))

    def rename_version(self, version: str, name: str) -> Session:
        """Give a version a name. Raises InvalidOption or UnknownSession."""
        with self._changing(self.holder(version).id) as held_:
            named = held_.version(version).model_copy(update={"name": checked_name(name)})
            return self._put(held_, versions=tuple(named if one.id == version else one for one in held_.versions))

    def delete(self, session: str) -> None:
        """Remove a session and all its files."""
        with self._changing(session) as held_:
            gone = self.root / f".{held_.id}.{_mark()}"
            self._folder(session).rename(gone)  # at once: a kill in the middle leaves no half session
        shutil.rmtree(gone, ignore_errors=True)

    def delete_version(self, version: str) -> Session:
        """Remove a version and all that came of it. Raises InvalidOption for the original, which is the session itself."""
        with self._changing(self.holder(version).id) as held_:
            top = held_.version(version)
            if top.parent is None:
                raise InvalidOption(
                    "the original cannot be deleted; delete the whole session: pixwright session delete"
                )
            gone = {one.id for one in held_.below(version)}
            left = self._put(
                held_,
                versions=tuple(one for one in held_.versions if one.id not in gone),
                current=top.parent if held_.current in gone else held_.current,
                undone=tuple(one for one in held_.undone if one not in gone),
            )
            self._clean(left)
            return left

    def free_name(self, wanted: str) -> str:
        """The wanted name, made valid, with a number where another session has it."""
        base = "".join(one for one in wanted if one.isprintable()).strip()[: _NAMED - _NUMBERED] or "picture"
        taken = {session.name.casefold() for session in self.all()}
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        return name

    def _folder(self, id: str) -> Path:
        """The folder of a session. Raises UnknownSession for what is no id, so that no id leads elsewhere."""
        if not re.fullmatch(SESSION_ID, id):
            raise UnknownSession(f"there is no session {id[:_NAMED]!r}; see: pixwright session list")
        return self.root / id

    @contextmanager
    def _changing(self, id: str) -> Iterator[Session]:
        """The session as it is now, while no other process can change it."""
        self.get(id)
        with (self._folder(id) / LOCK).open("a+b") as file:
            lock(file.fileno(), wait=True)
            session = self.get(id)
            self._clean(session)
            yield session

    def _put(self, session: Session, **changed: object) -> Session:
        """Write the session with other fields, all of it checked again."""
        whole = session.model_dump() | {
            name: [one.model_dump() for one in value] if name == "versions" else value  # type: ignore[attr-defined]
            for name, value in changed.items()
        }
        try:
            done = Session.model_validate(whole)
        except ValidationError as error:
            raise InvalidOption(
                f"session '{session.name}' cannot hold that: {error.errors()[0]['msg'].lower()}"
            ) from error
        _write(self._folder(session.id), done)
        return done

    def _clean(self, session: Session) -> None:
        """Remove what killed processes left: folders that the tree does not name. Only while the session is held."""
        named = {one.id for one in session.versions}
        for left in (self._folder(session.id) / VERSIONS).iterdir():
            if re.fullmatch(VERSION_ID, left.name) and left.name not in named:
                shutil.rmtree(left, ignore_errors=True)
            else:
                _remove_dead(left)


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises InvalidOption."""
    try:
        return TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise InvalidOption(
            f"the name {name[:_NAMED]!r} must have 1 to {_NAMED} characters, all of them visible"
        ) from None


def _write(folder: Path, session: Session) -> None:
    write_atomically(
        folder / TREE, session.model_dump_json(indent=1, exclude_none=True).encode("utf-8", "backslashreplace")
    )


def _mark() -> str:
    """The end of an unfinished folder's name."""
    return f"{os.getpid()}-{secrets.token_hex(4)}.part"


def _remove_dead(left: Path) -> None:
    """Remove an unfinished folder whose process is gone."""
    found = _PART.match(left.name)
    if found is not None and not runs(int(found[1])):
        shutil.rmtree(left, ignore_errors=True)
