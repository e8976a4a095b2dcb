"""A model hub over HTTP: what a repository holds at a revision, and its files one by one, each continued where it broke off.

The hub is Hugging Face's, or a mirror that speaks as it does (`HF_ENDPOINT`). Written here because its own client begins a broken file again from zero. Addresses
and headers: `/api/models/REPO/revision/REV?blobs=true` and `/REPO/resolve/COMMIT/FILE`, `X-Error-Code`; from the client's `hf_api.py` and `utils/_http.py`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from types import TracebackType
from urllib.parse import quote

import httpx

from pixwright.errors import AccessDenied, NoRoom, WeightsCorrupt, WeightsMissing

HUB = "https://huggingface.co"
TRIES = 3
"""So often a broken connection is taken up again that brought nothing new."""
SPARE = 64 << 20
"""Bytes that stay free on the disk beyond what is fetched."""
WAIT = httpx.Timeout(30.0, connect=10.0)
"""Seconds without a byte, and without a connection, after which a try has failed."""
_DENIED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_YES = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class Held:
    """A file in a repository: its size in bytes, and what the hub says of its content (sha256 of large files, git's sha1 of small ones; may be empty)."""

    name: str
    size: int
    sha256: str = ""
    git: str = ""


@dataclass(frozen=True)
class Snapshot:
    """A repository at one commit."""

    repo: str
    commit: str
    files: tuple[Held, ...]

    def matching(self, patterns: tuple[str, ...]) -> tuple[Held, ...]:
        """The files whose whole path fits one of the patterns (`*` crosses folders)."""
        return tuple(held for held in self.files if any(fnmatch(held.name, pattern) for pattern in patterns))


def offline() -> bool:
    """Whether nothing may be fetched: `PIXWRIGHT_OFFLINE`, or `HF_HUB_OFFLINE`, is 1."""
    return any(os.environ.get(name, "").lower() in _YES for name in ("PIXWRIGHT_OFFLINE", "HF_HUB_OFFLINE"))


def endpoint() -> str:
    """The hub's address: `HF_ENDPOINT`, or Hugging Face's own."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def token() -> str:
    """The user's token: `HF_TOKEN`, or the file that the hub's own client leaves after its login; empty without one."""
    said = os.environ.get("HF_TOKEN", "").strip()
    if said:
        return said
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    file = Path(os.environ.get("HF_TOKEN_PATH") or home / "token").expanduser()
    try:
        return file.read_text("utf-8").strip()
    except OSError:
        return ""


class Hub:
    """A connection to the hub, as a context. Raises `WeightsMissing` where the offline switch is on."""

    def __init__(self) -> None:
        if offline():
            raise WeightsMissing(
                "nothing is fetched offline; unset PIXWRIGHT_OFFLINE and HF_HUB_OFFLINE, or copy the store"
            )
        self._address, self._token = endpoint(), token()
        head = {"authorization": f"Bearer {self._token}"} if self._token else {}
        # httpx drops the token itself where an answer leads to another host.
        self._client = httpx.Client(timeout=WAIT, follow_redirects=True, headers=head)

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def look(self, repo: str, revision: str) -> Snapshot:
        """What the repository holds. Raises `AccessDenied`, `WeightsMissing`."""
        address = f"{self._address}/api/models/{repo}/revision/{quote(revision, safe='')}?blobs=true"
        try:
            answer = self._client.get(address)
        except httpx.HTTPError as problem:
            raise self._unreached(problem) from problem
        self._check(answer, f"{repo}@{revision}")
        try:
            said = answer.json()
            files = tuple(_held(row) for row in said["siblings"])
            return Snapshot(repo, str(said["sha"]), files)
        except (ValueError, KeyError, TypeError) as problem:
            raise WeightsMissing(
                f"{self._address} does not answer as a model hub does ({type(problem).__name__}); correct HF_ENDPOINT"
            ) from problem

    def fetch(self, snapshot: Snapshot, held: Held, target: Path, told: Callable[[int], object]) -> None:
        """One file to `target`; what is there of it already is kept. `told` hears of new bytes.

        Raises `AccessDenied`, `NoRoom`, `WeightsMissing` (then the part stays, and the next call goes on from there) and `WeightsCorrupt` (then nothing stays).
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        begun = target.stat().st_size if target.exists() else 0
        if begun > held.size:
            target.unlink()
            begun = 0
        told(begun)
        failed = 0
        while begun < held.size or not target.exists():
            try:
                now = self._stream(snapshot, held, target, begun, told)
            except httpx.HTTPError as problem:
                now = target.stat().st_size if target.exists() else 0
                failed = 0 if now > begun else failed + 1
                if failed == TRIES:
                    raise self._broken(held, now, problem) from problem
            except OSError as problem:
                raise _no_room(held, target, problem) from problem
            else:
                failed = 0 if now > begun else failed + 1
                if failed == TRIES:
                    raise self._broken(held, now, None)
            begun = now
        _compare(held, target)

    def _stream(self, snapshot: Snapshot, held: Held, target: Path, begun: int, told: Callable[[int], object]) -> int:
        """Write what comes behind `begun`; returns the size now. A hub that does not continue files sends all of it again."""
        address = f"{self._address}/{snapshot.repo}/resolve/{snapshot.commit}/{quote(held.name)}"
        head = {"accept-encoding": "identity"} | ({"range": f"bytes={begun}-"} if begun else {})
        with self._client.stream("GET", address, headers=head) as answer:
            self._check(answer, f"{held.name} of {snapshot.repo}")
            goes_on = begun and answer.status_code == httpx.codes.PARTIAL_CONTENT
            if begun and not goes_on:
                told(-begun)
            with target.open("ab" if goes_on else "wb") as out:
                # As it comes: what waited in memory for a larger piece would be lost with the line.
                for part in answer.iter_raw():
                    out.write(part)
                    told(len(part))
        return target.stat().st_size

    def _check(self, answer: httpx.Response, what: str) -> None:
        """Raise what an answer's status says in words of what to do."""
        if answer.is_success:
            return
        code = answer.headers.get("x-error-code", "")
        if code == "GatedRepo" or (answer.status_code == httpx.codes.FORBIDDEN and code != "RepoNotFound"):
            page = f"{HUB}/{what.split('@')[0].split(' ')[-1]}"
            raise AccessDenied(
                f"{what} is gated: accept its terms at {page}, then set HF_TOKEN to a token of that account"
            )
        if answer.status_code in _DENIED:
            have = "the token (HF_TOKEN) is not accepted" if self._token else "it is private, or there is none"
            raise AccessDenied(f"{what} was refused: {have}; check the name, or set HF_TOKEN to a valid token")
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise WeightsMissing(
                f"{self._address} has no {what}; correct the registry, or HF_ENDPOINT if it is a mirror"
            )
        raise WeightsMissing(f"{self._address} answered {answer.status_code} for {what}; try again later")

    def _unreached(self, problem: Exception) -> WeightsMissing:
        reason = (str(problem).splitlines() or [type(problem).__name__])[0] or type(problem).__name__
        return WeightsMissing(
            f"{self._address} cannot be reached ({reason}); check the network, or name a mirror in HF_ENDPOINT"
        )

    def _broken(self, held: Held, now: int, problem: Exception | None) -> WeightsMissing:
        why = f" ({type(problem).__name__})" if problem else ""
        return WeightsMissing(
            f"{held.name} broke off at {now} of {held.size} bytes{why}; run the same command again: it goes on from there"
        )


def room_for(needed: int, folder: Path) -> None:
    """Raises `NoRoom` unless the folder's disk holds so many bytes more."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise NoRoom(
            f"{megabytes(needed)} do not fit on the disk of {folder} ({megabytes(free)} free); make room, or set PIXWRIGHT_HOME"
        )


def megabytes(size: int) -> str:
    """A size in bytes for a person."""
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def _held(row: dict[str, object]) -> Held:
    large = row.get("lfs")
    large = large if isinstance(large, dict) else {}
    size = large.get("size") or row.get("size") or 0
    name = PurePosixPath(str(row["rfilename"]))
    if name.is_absolute() or ".." in name.parts:
        raise ValueError("a file outside of its repository")
    return Held(str(name), int(str(size)), str(large.get("sha256") or ""), str(row.get("blobId") or ""))


def _compare(held: Held, target: Path) -> None:
    """Raise `WeightsCorrupt`, and delete the file, where it is not what the hub says that it is."""
    if held.sha256:
        with target.open("rb") as stream:
            right = hashlib.file_digest(stream, "sha256").hexdigest() == held.sha256
    elif held.git:
        content = target.read_bytes()
        right = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == held.git
    else:
        right = target.stat().st_size == held.size
    if not right:
        target.unlink()
        raise WeightsCorrupt(f"{held.name} came damaged or changed on its way and was deleted; pull it again")


def _no_room(held: Held, target: Path, problem: OSError) -> Exception:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoom(f"the disk is full after a part of {held.name}; make room and pull again: it goes on from there")
    return WeightsMissing(f"{target} cannot be written ({problem.strerror}); set PIXWRIGHT_HOME to another folder")
