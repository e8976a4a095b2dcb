"""pixwright: edit a picture by instruction, and say what changed.

    from pixwright import edit, plan, mask

The product is one sentence, in `pixwright.flow`: instruction + picture -> parse -> ground -> edit -> judge -> result.
Importing this package loads nothing heavy: what is exported is imported when it is first asked for. See docs/python.md.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixwright.api import PictureLike, cut, describe, edit, mask, plan
    from pixwright.errors import (
        ImageTooLarge,
        InvalidAttachment,
        InvalidImage,
        InvalidMask,
        InvalidOption,
        InvalidRecord,
        InvalidSound,
        MissingExtra,
        NothingFound,
        PixwrightError,
        SilentSound,
        TruncatedImage,
        UnclearInstruction,
        UnsupportedImage,
        WeightsCorrupt,
        WeightsMissing,
    )
    from pixwright.records.plan import Plan
    from pixwright.records.region import Region
    from pixwright.records.result import Report, Result, Verdict

__version__ = "0.1.0"
__all__ = [
    "ImageTooLarge",
    "InvalidAttachment",
    "InvalidImage",
    "InvalidMask",
    "InvalidOption",
    "InvalidRecord",
    "InvalidSound",
    "MissingExtra",
    "NothingFound",
    "PictureLike",
    "PixwrightError",
    "Plan",
    "Region",
    "Report",
    "Result",
    "SilentSound",
    "TruncatedImage",
    "UnclearInstruction",
    "UnsupportedImage",
    "Verdict",
    "WeightsCorrupt",
    "WeightsMissing",
    "cut",
    "describe",
    "edit",
    "mask",
    "plan",
]

_HOMES = {
    **dict.fromkeys(("PictureLike", "cut", "describe", "edit", "mask", "plan"), "api"),
    "Plan": "records.plan",
    "Region": "records.region",
    **dict.fromkeys(("Report", "Result", "Verdict"), "records.result"),
}
"""Where an exported name is defined; all others are errors."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


class _Package(ModuleType):
    """The import system names each room on the package, and the room `edit` would hide the function. Imports find rooms without that name."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "edit":
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
