"""The run folder: what is finished, and what a killed run may have left.

    recipe.json          the recipe, its hash, and the versions that made it; another recipe is refused
    lock                 held while a run works here
    shard-00012.parquet  (or .tar), rejected-00012.parquet
    shard-00012.json     the shard's manifest: hashes, counts, seconds. Renamed last: its presence means that the shard is finished.

Every file is written under another name, synced and renamed. The data files of a run that was killed and resumed are those of an
undisturbed run, byte for byte; only the seconds in the manifests differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pixwright.build.run.recipe import Recipe, canonical_json
from pixwright.errors import InvalidOption
from pixwright.journal import lock
from pixwright.media import write_atomically
from pixwright.records.thing import Frozen
from pixwright.weights.store import digest

_MADE_BY = ("pixwright", "numpy", "opencv-python-headless", "onnxruntime", "pillow", "pyarrow", "soundfile")


class File(Frozen):
    """A finished file."""

    sha256: str
    bytes: int


class Seconds(Frozen):
    """What a shard cost. `rows`: making and encoding them; `files`: putting them into files; `cpu`: processor seconds of both; `first`: of them, those until
    the first place was done, in which a process that has just begun loads its networks."""

    rows: float
    files: float
    cpu: float
    first: float = 0.0


class ShardManifest(Frozen):
    """A finished shard: places start..stop-1, made by a recipe and by versions whose hash is `identity`."""

    shard: int
    start: int
    stop: int
    identity: str
    files: dict[str, File]
    """Every data file by its name."""
    types: dict[str, int]
    """Kept rows per edit type."""
    rejected: dict[str, dict[str, int]]
    """Edit type -> code of the reason -> rows."""
    quarantined: dict[str, int]
    """Code of the reason -> rows."""
    seconds: Seconds

    @property
    def kept(self) -> int:
        """Rows that belong to the data set."""
        return sum(self.types.values())

    @property
    def rejects(self) -> int:
        """Rejected and quarantined rows."""
        return sum(sum(codes.values()) for codes in self.rejected.values()) + sum(self.quarantined.values())


def shard_stem(shard: int) -> str:
    """`shard-00012`."""
    return f"shard-{shard:05d}"


@lru_cache(maxsize=1)
def made_by() -> dict[str, str]:
    """The versions that decide the bytes. Packages that are not installed are left out."""
    found = {}
    for name in _MADE_BY:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def identity(recipe: Recipe) -> str:
    """Hash of all that decides a shard's bytes besides its span: the recipe without its length, and the versions at work here."""
    return hashlib.sha256(f"{recipe.rows_sha256()} {canonical_json(made_by())}".encode()).hexdigest()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the run folder. The system frees the lock of a process that dies, so that no lock is ever stale.

    Raises `InvalidOption` while another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as held:
        try:
            lock(held.fileno(), wait=False)
        except OSError:
            held.seek(0)
            raise InvalidOption(
                f"'{folder}' is being built by process {held.read(40).strip() or '?'}; wait for it or give another folder"
            ) from None
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        yield


def open_run(folder: Path, recipe: Recipe, *, force: bool = False) -> list[int]:
    """Make the folder ready for the recipe, under its lock; the shards that are still to be made, in order.

    A shard is finished if its manifest is of these rows and every file has the manifest's hash. With `force`, shards of another recipe
    are made again, and those that the recipe does not have are deleted. Raises `InvalidOption` if the folder holds something else.
    """
    _claim(folder, recipe, force)
    for left in folder.glob(".*.part"):
        left.unlink(missing_ok=True)
    wanted = range(recipe.shards)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda shard: finished(folder, recipe, shard), wanted))
    keep = {name for one in done if one for name in one.files} | {
        f"{shard_stem(one.shard)}.json" for one in done if one
    }
    for pattern in ("shard-*.json", "shard-*.parquet", "shard-*.tar", "rejected-*.parquet"):
        for path in folder.glob(pattern):
            if path.name not in keep:
                path.unlink()
    return [shard for shard in wanted if done[shard] is None]


def finished(folder: Path, recipe: Recipe, shard: int) -> ShardManifest | None:
    """The shard's manifest if it is finished and whole, else None."""
    try:
        found = read_manifest(folder / f"{shard_stem(shard)}.json")
    except InvalidOption:
        return None
    if (found.shard, found.start, found.stop) != (shard, *recipe.span(shard)) or found.identity != identity(recipe):
        return None
    whole = all(_sha256(folder / name) == held.sha256 for name, held in found.files.items())
    return found if whole else None


def write_shard_files(folder: Path, manifest: ShardManifest, contents: dict[str, bytes]) -> None:
    """The data files, then the folder's entries, then the manifest."""
    for name, data in contents.items():
        write_atomically(folder / name, data)
    _sync(folder)
    write_atomically(folder / f"{shard_stem(manifest.shard)}.json", manifest.model_dump_json(indent=1).encode())
    _sync(folder)


def described(contents: dict[str, bytes]) -> dict[str, File]:
    """Hash and size of files that are about to be written."""
    return {name: File(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data)) for name, data in contents.items()}


def read_manifest(path: Path) -> ShardManifest:
    """Raises `InvalidOption` if it is not there or not a manifest."""
    try:
        return ShardManifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as problem:
        raise InvalidOption(f"'{path}' is not a shard's manifest; run the build again") from problem


def read_run(folder: Path) -> tuple[Recipe, list[ShardManifest]]:
    """The recipe of a run folder and the manifests of its finished shards, in order; files are not hashed.

    Raises `InvalidOption` for a folder that is not a run's.
    """
    try:
        recipe = Recipe.model_validate(json.loads((folder / "recipe.json").read_bytes())["recipe"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InvalidOption(f"'{folder}' holds no run; give a folder that `pixwright build` wrote") from problem
    return recipe, [read_manifest(path) for path in sorted(folder.glob("shard-*.json"))]


def _claim(folder: Path, recipe: Recipe, force: bool) -> None:
    path = folder / "recipe.json"
    fresh = {"made_by": made_by(), "recipe": recipe.model_dump(mode="json"), "sha256": recipe.sha256()}
    if path.exists() and not force:
        try:
            held = json.loads(path.read_bytes())
            assert isinstance(held, dict)
        except (ValueError, AssertionError) as problem:
            raise InvalidOption(f"'{path}' is not a recipe; give another folder, or --force to begin anew") from problem
        if changed := _differences(held, fresh):
            raise InvalidOption(
                f"'{folder}' was begun with another recipe: {'; '.join(changed)}; "
                "give another folder, or --force to make its shards again"
            )
    elif not path.exists() and any(folder.glob("shard-*")) and not force:
        raise InvalidOption(
            f"'{folder}' holds shards but no recipe.json; give another folder, or --force to begin anew"
        )
    write_atomically(path, (json.dumps(fresh, indent=1, sort_keys=True) + "\n").encode())


def _differences(held: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    """`count: 500 -> 600` for every field that differs."""
    found = []
    for part in ("recipe", "made_by"):
        old, new = held.get(part) or {}, fresh[part]
        for name in sorted(old.keys() | new.keys()):
            before, after = (canonical_json(one.get(name)) for one in (old, new))
            if before != after:
                found.append(f"{name}: {before[:60]} -> {after[:60]}")
    return found


def _sha256(path: Path) -> str | None:
    return digest(path) if path.is_file() else None


def _sync(folder: Path) -> None:
    """A rename is safe from a power cut once the folder itself is synced."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
