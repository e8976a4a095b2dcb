"""Pickle that a paper published -> safetensors, read where it can do no harm.

A child process reads the file with torch's `weights_only` (an allow-list of what tensors need), without the network, without further processes, and with limits on
memory, time and what it may write (`unpickle`). What comes back is tensors; the file says which pickle they are from.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pixwright.errors import InvalidOption, MissingExtra, WeightsCorrupt
from pixwright.extras import require
from pixwright.weights import unpickle
from pixwright.weights.store import digest

SECONDS = 900
"""Longest that the reading may take."""


def converted(pickled: Path) -> Path:
    """Where the safetensors of a pickle go unless something else is said: beside it."""
    return pickled.with_suffix(".safetensors")


def convert(pickled: Path, target: Path) -> dict[str, str]:
    """Write the tensors of `pickled` to `target`; returns the sha256 of both, `{"pickle": ..., "safetensors": ...}`.

    Raises `InvalidOption` (no such file, not to be written), `WeightsCorrupt` (it holds more than tensors, or is none), `MissingExtra`.
    """
    if not pickled.is_file():
        raise InvalidOption(f"{pickled} is no file; name a .bin, .pt, .pth or .ckpt file")
    require(("torch", "safetensors"), "reading pickle", "torch")
    unfinished = target.with_name(f".{target.name}.part")
    source = digest(pickled)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        told = _read(pickled.resolve(), unfinished.resolve(), source)
        if told.get("error"):
            raise WeightsCorrupt(f"{pickled} was not converted: {told['error']}; it was not trusted, nothing was run")
        unfinished.replace(target)
    except OSError as problem:
        raise InvalidOption(f"{target} cannot be written ({problem.strerror}); choose another place") from problem
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return {"pickle": source, "safetensors": digest(target)}


def _read(pickled: Path, target: Path, sha256: str) -> dict[str, str]:
    """Let the child do it; what it says, or how it ended."""
    # -I: no module of the current folder, and nothing of the user's own, is imported in there.
    command = [sys.executable, "-I", str(Path(unpickle.__file__)), str(pickled), str(target), sha256]
    kept = {
        name: os.environ[name]
        for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH")
        if name in os.environ
    }
    try:
        done = subprocess.run(
            command,
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=pickled.parent,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"reading took more than {SECONDS} seconds"}
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    try:
        said = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {"error": f"the reader ended with {done.returncode} (memory or time ran out, or it was forbidden)"}
    if said.get("missing"):
        raise MissingExtra(f"reading pickle needs {said['missing']}: pip install 'pixwright[torch]'")
    return {str(name): str(value) for name, value in said.items()}
