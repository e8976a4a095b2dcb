"""Example: one edit that a benchmark asks for, whatever its files look like."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from pixwright.errors import InvalidOption
from pixwright.media import load_picture
from pixwright.records.instruction import Array, Attachment, PictureAttachment

Held: TypeAlias = Path | bytes | Array
"""A picture: a file, an encoded one, or HxWx3 uint8 sRGB."""


@dataclass(frozen=True, eq=False)
class BenchmarkExample:
    """What is asked, what there is to compare with, and which rows of the tables it belongs to."""

    key: str
    """Unique in its suite, and stable."""
    instruction: str
    source: Held
    target: Held | None = None
    """The ground truth, where the benchmark has one."""
    caption: str = ""
    """What the edited picture shows."""
    source_caption: str = ""
    subject: str = ""
    """The phrase that finds the subject in the result."""
    reference: Array | None = None
    """The subject's own picture."""
    mask: Array | None = None
    """HxW uint8 of the source's size, 255 where the edit is meant to be; None where sizes change or nobody says."""
    attachments: tuple[Attachment, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    """Such as `type` -> `remove`: the tables by group."""
    cluster: str = ""
    """What shares a picture (a session's turns) is drawn together by the bootstrap; empty: the example stands alone."""
    output: str = ""
    """The result's file in the benchmark's own layout, relative to the folder of results; empty: KEY.png."""
    previous: str = ""
    """Key of the example whose *own result* is edited here instead of `source` (a chain of turns)."""
    note: str = ""
    """What is odd about the row, such as a mask that was left out."""
    counted: bool = True
    """False for a step on the way of a chain whose last turn alone is scored."""

    @property
    def file(self) -> str:
        """Where the result lies. Raises `InvalidOption` for a name that leads out of the folder."""
        name = self.output or re.sub(r"[^A-Za-z0-9._-]", "_", self.key) + ".png"
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise InvalidOption(f"example '{self.key}' names its result {name!r}; it must stay inside the folder")
        return name

    def fingerprint(self) -> str:
        """A hash of all that an edit depends on besides the system, the seed and, in a chain, its predecessor's result."""
        digest = hashlib.sha256(f"{self.instruction}\0{self.previous}\0".encode())
        digest.update(_bytes(self.source))
        for one in self.attachments:
            digest.update((one.pixels if isinstance(one, PictureAttachment) else one.samples).tobytes())
        return digest.hexdigest()[:24]


def pixels_of(held: Held) -> Array:
    """HxWx3 uint8 sRGB. Raises what `load_picture` raises."""
    found = held if isinstance(held, np.ndarray) else load_picture(held).pixels
    return np.ascontiguousarray(found[..., :3])


def _bytes(held: Held) -> bytes:
    if isinstance(held, Path):
        try:
            return held.read_bytes()
        except OSError as problem:
            raise InvalidOption(f"{held} cannot be read ({problem.strerror}); complete the data set") from problem
    return held if isinstance(held, bytes) else held.tobytes()
