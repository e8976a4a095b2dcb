"""A session as one `.pixwright` file or as a folder, and back.

    pixwright.json                    what it is, the tree, and which picture is which
    00-original.jpg, 01-make-the-cup-blue.jpg, ...      the pictures, in order, for people too
    more/ver_.../                     masks, reports and, under `inputs/`, attachments

A `.pixwright` file is a zip of that. Whatever comes in is a stranger's: its tree goes through the closed schema, every file must have the recorded hash, no name
leads out of the folder, and all ids are given anew.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Annotated, Literal

from pydantic import Field, ValidationError

from pixwright.errors import InvalidOption, InvalidRecord
from pixwright.media import check_target, load_picture
from pixwright.records.thing import Frozen
from pixwright.sessions.records import FileName, KeptFile, Session, Version, VersionId
from pixwright.sessions.store import INPUTS, VERSIONS, Sessions, fresh, kept

SUFFIX = ".pixwright"
INDEX, MORE = "pixwright.json", "more"
LARGEST = 20_000_000_000
"""Bytes of all files of a session that is imported."""
MOST_FILES = 20_000
_LARGEST_INDEX = 50_000_000
_WORDS = 40
"""Characters of an instruction that a picture's name keeps."""
_CHUNK = 1 << 20
_YEAR_ZERO = (1980, 1, 1, 0, 0, 0)
"""A zip's earliest time: the same session gives the same bytes."""
_RIGHTS = (stat.S_IFREG | 0o644) << 16


class Index(Frozen):
    """What `pixwright.json` holds."""

    what: Literal["pixwright session"] = "pixwright session"
    format: Literal[1] = 1
    session: Session
    pictures: Annotated[dict[VersionId, FileName], Field(max_length=1_000)]


def export(store: Sessions, session: Session, target: Path, *, force: bool = False) -> Path:
    """Write the session: a zip where the name ends in `.pixwright`, else a new folder. Whole or not at all. Raises InvalidOption or OutputExists."""
    if target.suffix == SUFFIX:
        check_target(target, force=force)
        with _beside(target) as part:
            with part.open("wb") as stream:
                pack(store, session, stream)
            part.replace(target)
        return target
    if target.exists():
        raise InvalidOption(f"'{target}' is there already; choose a new folder, or a name that ends in {SUFFIX}")
    with _beside(target) as part:
        part.mkdir()
        for name, source in _files(store, session):
            inside = part / name
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, inside) if isinstance(source, Path) else inside.write_bytes(source)
        part.rename(target)
    return target


def pack(store: Sessions, session: Session, stream: IO[bytes]) -> None:
    """Write the session as a zip. Pictures are compressed already, so they are stored as they are."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as held:
        for name, source in _files(store, session):
            entry = zipfile.ZipInfo(name, _YEAR_ZERO)
            entry.external_attr = _RIGHTS
            with held.open(entry, "w", force_zip64=True) as inside:
                if isinstance(source, bytes):
                    inside.write(source)
                else:
                    with source.open("rb") as file:
                        shutil.copyfileobj(file, inside, _CHUNK)


def unpack(store: Sessions, source: Path) -> Session:
    """A new session from a `.pixwright` file or an exported folder. Raises InvalidRecord where it is not whole and sound; then nothing was kept."""
    if source.is_dir():
        return _unpacked(store, lambda name: (source / name).open("rb"), str(source))
    try:
        with zipfile.ZipFile(source) as held:
            infos = held.infolist()
            if len(infos) > MOST_FILES or sum(one.file_size for one in infos) > LARGEST:
                raise InvalidRecord(f"'{source}' holds more than a session can: {MOST_FILES} files, {LARGEST:,} bytes")
            return _unpacked(store, held.open, str(source))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InvalidRecord(f"'{source}' is no {SUFFIX} file, or was cut off; export it again") from error
    except OSError as error:
        raise InvalidRecord(
            f"'{source}' cannot be read ({error.strerror}); give a {SUFFIX} file or a folder"
        ) from error


def _files(store: Sessions, session: Session) -> Iterator[tuple[str, Path | bytes]]:
    """Every file of an export: its name, and where it is or what it holds."""
    pictures = {version.id: _called(version) for version in session.versions}
    index = Index(session=session, pictures=pictures)
    yield INDEX, (index.model_dump_json(indent=1, exclude_none=True) + "\n").encode("utf-8", "backslashreplace")
    for version in session.versions:
        yield pictures[version.id], store.picture(session, version)
        for one in version.results[1:]:
            yield f"{MORE}/{version.id}/{one.file}", store.file(session, version, one)
        for one in version.inputs:
            yield f"{MORE}/{version.id}/{INPUTS}/{one.file}", store.input(session, version, one)


def _called(version: Version) -> str:
    """A picture's name in an export: `01-make-the-cup-blue.jpg`."""
    words = re.sub(r"[^a-z0-9]+", "-", version.title.lower())[:_WORDS].strip("-") or "version"
    return f"{version.number:02d}-{words}{Path(version.picture.file).suffix}"


def _unpacked(store: Sessions, open_: Callable[[str], IO[bytes]], label: str) -> Session:
    index = _index(open_, label)
    ids = {one.id: fresh("ver") for one in index.session.versions}
    session = _with_ids(index.session, ids).model_copy(update={"name": store.free_name(index.session.name)})
    left = LARGEST
    with store.unfinished(session.id) as folder:
        for old, new in zip(index.session.versions, session.versions):
            inside = folder / VERSIONS / new.id
            (inside / INPUTS).mkdir(parents=True) if new.inputs else inside.mkdir(parents=True)
            wanted = [(index.pictures.get(old.id, ""), inside, new.picture)]
            wanted += [(f"{MORE}/{old.id}/{one.file}", inside, one) for one in new.results[1:]]
            wanted += [(f"{MORE}/{old.id}/{INPUTS}/{one.file}", inside / INPUTS, one) for one in new.inputs]
            for name, place, one in wanted:
                left -= _taken(open_, name, place / one.file, one, left, label)
            height, width = load_picture(inside / new.picture.file).size
            if (height, width) != (new.height, new.width):
                raise InvalidRecord(f"'{label}': version {new.number} is not the picture that its record tells of")
        return store.finish(folder, session)


def _index(open_: Callable[[str], IO[bytes]], label: str) -> Index:
    try:
        with open_(INDEX) as held:
            text = held.read(_LARGEST_INDEX + 1)
        if len(text) > _LARGEST_INDEX:
            raise InvalidRecord(f"'{label}' has an index larger than any session's")
        return Index.model_validate_json(text)
    except (KeyError, FileNotFoundError):
        raise InvalidRecord(f"'{label}' is no session: it holds no {INDEX}") from None
    except ValidationError as error:
        raise InvalidRecord(f"'{label}' was changed, or is of another version of pixwright; export it again") from error


def _taken(
    open_: Callable[[str], IO[bytes]], name: str, target: Path, expected: KeptFile, left: int, label: str
) -> int:
    """Copy one file; the bytes that it has. Raises InvalidRecord where it is missing, too large or another one."""
    size = 0
    try:
        with open_(str(PurePosixPath(name))) as source, target.open("xb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > left:
                    raise InvalidRecord(f"'{label}' holds more than {LARGEST:,} bytes")
                out.write(chunk)
    except (KeyError, FileNotFoundError, IsADirectoryError):
        raise InvalidRecord(f"'{label}' is not whole: {name or 'a picture'} is missing; export it again") from None
    except FileExistsError:
        raise InvalidRecord(f"'{label}' names {expected.file} twice; export it again") from None
    if kept(target) != expected:
        raise InvalidRecord(f"'{label}': {name} was changed since it was made; export it again")
    return size


def _with_ids(session: Session, ids: dict[str, str]) -> Session:
    """The session with new ids: an id is a key to a version, and nobody else may have it."""
    versions = [
        one.model_copy(update={"id": ids[one.id], "parent": ids.get(one.parent or ""), "base": ids.get(one.base or "")})
        for one in session.versions
    ]
    changed = {"id": fresh("ses"), "current": ids[session.current], "undone": tuple(ids[one] for one in session.undone)}
    return session.model_copy(update={**changed, "versions": tuple(versions)})


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A hidden name beside the target; what is left of it at the end is removed. Raises InvalidOption."""
    part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield part
    except OSError as error:
        raise InvalidOption(f"'{target}' cannot be written ({error.strerror}); choose another place") from error
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)
