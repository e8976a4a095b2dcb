"""Packages that only some parts need: imported when they are used, and an error of one line where they are missing."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pixwright.errors import MissingExtra

_OURS = ("torch", "train", "data", "cluster", "eval", "serve", "mcp", "provenance", "heif", "video")


def optional(module: str, who: str, extra: str) -> Any:
    """The module, typed as anything. Raises MissingExtra, which says `who` needs it and how to install `extra`: one of ours, or a package."""
    try:
        return import_module(module)
    except ImportError as problem:
        raise _missing(module.partition(".")[0], who, extra) from problem


def require(packages: Iterable[str], who: str, extra: str) -> None:
    """Raises MissingExtra unless all of the packages are installed. None is imported."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise _missing(", ".join(missing), who, extra)


def _missing(packages: str, who: str, extra: str) -> MissingExtra:
    what = f"'pixwright[{extra}]'" if extra in _OURS else extra
    return MissingExtra(f"{who} needs {packages}: pip install {what}")
