"""What a session is, as frozen values: a tree of immutable versions, one of them current."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from pixwright.errors import InvalidOption
from pixwright.records.plan import MAX_INSTRUCTION
from pixwright.records.region import Box
from pixwright.records.result import Record, Verdict
from pixwright.records.thing import Frozen

MOST_VERSIONS = 1_000
"""Of one session."""
_TOKEN = r"[A-Za-z0-9_-]{22}"
SESSION_ID, VERSION_ID = rf"^ses_{_TOKEN}$", rf"^ver_{_TOKEN}$"
"""A prefix and 128 bits of chance: nobody guesses one."""
ORIGINAL = "original"
"""What the first version of a session is called."""

SessionId = Annotated[str, StringConstraints(pattern=SESSION_ID)]
VersionId = Annotated[str, StringConstraints(pattern=VERSION_ID)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
FileName = Annotated[str, StringConstraints(pattern=r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,199}$")]
"""A file's own name: no folder, no control character, nothing hidden."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class KeptFile(Frozen):
    """A file of a version: its name in the version's folder, and the hash of its bytes."""

    file: FileName
    sha256: Sha256


class EditedPlace(Frozen):
    """Where a step of a version edited: what was found for its words. `mask` is a grey PNG of the picture's size before the step; null where nothing was."""

    phrase: Annotated[str, StringConstraints(max_length=400)]
    score: float
    boxes: Annotated[tuple[Box, ...], Field(max_length=1_000)] = ()
    guess: bool = False
    mask: KeptFile | None = None


class Version(Frozen):
    """One picture of a session and all that it was made with. Only its name ever changes."""

    id: VersionId
    number: Annotated[int, Field(ge=0)]
    """0 is the original; then in the order of making. A number is never given twice."""
    parent: VersionId | None = None
    """Where undo goes: the version that was current when this one was asked for; null for the original."""
    base: VersionId | None = None
    """The version whose picture was edited: the parent, or, where an edit was made anew ("a bit less"), an ancestor of it."""
    name: Name | None = None
    instruction: Annotated[str, StringConstraints(max_length=MAX_INSTRUCTION)] = ""
    """As it was said; empty for the original."""
    created: str
    """UTC, ISO 8601."""
    picture: KeptFile
    width: int
    height: int
    format: str
    verdict: Verdict | None = None
    record: Record | None = None
    """What makes the picture again, byte for byte, from the base's; null for the original."""
    inputs: Annotated[tuple[KeptFile, ...], Field(max_length=32)] = ()
    """Attachments and masks that the record names, by their hashes."""
    places: Annotated[tuple[EditedPlace, ...], Field(max_length=16)] = ()
    """One for each step."""
    report: KeptFile | None = None
    """The whole account, as `--json` prints it."""

    @property
    def title(self) -> str:
        """What a list calls it: its name, else its words."""
        return self.name or self.instruction or ORIGINAL

    @property
    def results(self) -> tuple[KeptFile, ...]:
        """Every file of its folder but the inputs: the picture first."""
        masks = tuple(place.mask for place in self.places if place.mask is not None)
        return (self.picture, *masks, *((self.report,) if self.report is not None else ()))


class Session(Frozen):
    """A picture's history: `versions` in the order of making, the original first; `current` is what the next words edit."""

    format: Literal[1] = 1
    """Of this record; one that an older program cannot read will have another number."""
    id: SessionId
    name: Name
    created: str
    current: VersionId
    undone: tuple[VersionId, ...] = ()
    """What redo goes to, the next one last."""
    versions: Annotated[tuple[Version, ...], Field(min_length=1, max_length=MOST_VERSIONS)]
    next_number: int = 1

    @model_validator(mode="after")
    def _one_tree(self) -> Session:
        known: set[str] = set()
        for one in self.versions:
            root = not known
            if one.id in known or (one.parent is None) is not root or (one.base is None) is not root:
                raise ValueError(f"version {one.id} does not fit into a tree")
            if not root and (one.record is None or not {one.parent, one.base} <= known):
                raise ValueError(f"version {one.id} hangs in the air")
            known.add(one.id)
        if self.current not in known or not known.issuperset(self.undone):
            raise ValueError("the current version is not there")
        return self

    @property
    def original(self) -> Version:
        """The picture that it began with."""
        return self.versions[0]

    @property
    def now(self) -> Version:
        """The current version."""
        return self.version(self.current)

    def version(self, id: str) -> Version:
        """The version of that id. Raises InvalidOption."""
        found = next((one for one in self.versions if one.id == id), None)
        if found is None:
            raise InvalidOption(f"{id!r} is no version of session '{self.name}'; see: pixwright session show")
        return found

    def children(self, id: str) -> tuple[Version, ...]:
        """What was asked for while that version was current, in order."""
        return tuple(one for one in self.versions if one.parent == id)

    def path(self, id: str) -> tuple[Version, ...]:
        """From the original to that version, both included."""
        way = [self.version(id)]
        while way[-1].parent is not None:
            way.append(self.version(way[-1].parent))
        return tuple(reversed(way))

    def below(self, id: str) -> tuple[Version, ...]:
        """That version and all that came of it."""
        found = {id}
        for one in self.versions:  # a parent always stands before its children
            if one.parent in found:
                found.add(one.id)
        return tuple(one for one in self.versions if one.id in found)
