"""Sample: one row of a data set; and the assets that scenes are made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from pixwright.records.instruction import Array, Samples
from pixwright.records.kind import EditType
from pixwright.records.plan import Step


class Split(StrEnum):
    """Who may look at an asset."""

    TRAIN = "train"
    TEST = "test"


AssetKind: TypeAlias = Literal["cutout", "background", "sound", "music"]


def split_of(name: str) -> Split:
    """The split of whatever is named by the file `name`: test if the MD5 of its stem in lower case begins with 0 or 1 (one in eight).

    This is the only place where the rule is written down.
    """
    digest = hashlib.md5(PurePosixPath(name).stem.lower().encode(), usedforsecurity=False).hexdigest()
    return Split.TEST if digest[0] in "01" else Split.TRAIN


@dataclass(frozen=True)
class Asset:
    """A cut-out, a background, a sound or a piece of music that samples are made from."""

    key: str
    """Unique and stable: `source/name`, such as `stamps/cow`."""
    kind: AssetKind
    name: str
    """Noun phrase without an article: "black cow"; for music its mood and instruments."""
    caption: str
    """A sentence or a phrase that says what it is."""
    category: str
    """A coarse class: animal, food, plant, vehicle, person, household, ..."""
    licence: str
    origin: str
    """Package or folder, with its version."""
    path: str
    """The file, relative to its source's folder."""
    sha256: str
    photographic: bool = False
    size_m: float | None = None
    """Real height in metres, if known."""
    sound: str | None = None
    """Key of the sound that it makes, if there is one."""
    tags: tuple[str, ...] = ()

    @property
    def part(self) -> Part:
        """Where it comes from, as rows record it."""
        return Part(self.key, self.origin, self.licence, self.sha256)

    @property
    def split(self) -> Split:
        """From the file's own name, so that the same thing falls the same way in every source."""
        return split_of(self.path)


@dataclass(frozen=True, eq=False)
class Reference:
    """What `[number]` names in a sample's instruction: a picture (`pixels`, HxWx3 or HxWx4 uint8) or a sound (`samples`, mono float32)."""

    number: int
    name: str
    caption: str
    pixels: Array | None = None
    samples: Samples | None = None
    rate: int = 0


@dataclass(frozen=True)
class Part:
    """Where one ingredient of a sample came from."""

    key: str
    origin: str
    licence: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Sample:
    """One row: before, after, and the words between them.

    `source` HxWx3 and `edited` H'xW'x3 uint8 sRGB; sizes differ only for `outpaint`, whose `canvas` says where the source lies in the
    edited picture. `mask` is H'xW' uint8, 255 where the edit is, or None for an edit of the whole picture.
    """

    id: str
    dataset: str
    type: EditType
    source: Array
    edited: Array
    instruction: str
    """The direct instruction; `[1]` names `references[0]`."""
    step: Step
    """What the instruction means: the ground truth for a parser."""
    source_caption: str
    edited_caption: str
    reasoning: str = ""
    """An indirect instruction for the same edit, where the data set has one."""
    multimodal: str = ""
    """The paper's interleaved notation, `[image:base:...]`, `[audio:...]`, where the data set has one."""
    target: str = ""
    """The control tokens that a multi-modal model shall answer: `[base] [sub].. [gen]`."""
    mask: Array | None = None
    canvas: tuple[int, int, int, int] | None = None
    references: tuple[Reference, ...] = ()
    parts: tuple[Part, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    """Measurements; what is not measured is absent, never 0."""
    rejected: str = ""
    """The first filter that the sample fails and why, or empty for a sample that is kept."""
    extra: dict[str, str] = field(default_factory=dict)
