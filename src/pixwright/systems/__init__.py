"""The named systems: each a parser, a grounder, an editor and a judge. Built parts go in; nothing is looked up later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.ground import Scene, ground, ground_step, look
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import StepReport

Parse: TypeAlias = Callable[[Instruction, Array | None], Plan]
Find: TypeAlias = Callable[[Array, str], Region]
Edit: TypeAlias = Callable[[Array, Step, Region, Context], Proposal]
Judge: TypeAlias = Callable[[Array, Array, Step, Region, Array, Evidence, Find], StepReport]


class Eyes(Protocol):
    """Finds phrases during one edit. Grounder, editors and judge look at the same few pictures: each is looked at once."""

    def find(self, picture: Array, phrase: str) -> Region:
        """Where the phrase is in the picture HxWx3."""
        ...

    def find_step(self, picture: Array, step: Step, user: Region | None) -> Region:
        """The region that a step edits."""
        ...


_WEIGHTS = {
    "picture": ("efficientnet-lite2", "efficientnet-lite2-classifier"),
    "text": ("minilm",),
    "music": ("musicnn-mtt", "musicnn-msd"),
    "reader": ("ppocr-det", "ppocr-rec"),
    "detector": ("nanodet",),
    "people": ("pose", "face-finder", "face-mesh"),
}
"""Part of `Encoders` -> the registry's names of what it loads."""


@dataclass(frozen=True)
class System:
    """One way through the house."""

    name: str
    encoders: Encoders
    parse: Parse
    eyes: Callable[[], Eyes]
    """New eyes for an edit; what they remember ends with it."""
    edit: Edit
    judge: Judge

    def weights_used(self) -> dict[str, str]:
        """Name -> sha256 of every packaged weight file that was loaded so far."""
        from pixwright.weights.registry import entry

        loaded = [name for key in sorted(vars(self.encoders)) for name in _WEIGHTS.get(key, ())]
        return {name: entry(name).sha256 for name in loaded}


def local(encoders: Encoders | None = None) -> System:
    """The embedded default: rules, the packaged backbone, and editors at full resolution. No torch, no download."""
    from pixwright.edit import dispatch
    from pixwright.judge import judge_step
    from pixwright.parse import parse

    enc = encoders or Encoders()
    return System(
        name="local",
        encoders=enc,
        parse=lambda instruction, picture: parse(instruction, picture, enc),
        eyes=lambda: _Looks(enc),
        edit=dispatch.edit,
        judge=lambda before, after, step, region, mask, evidence, find: judge_step(
            before, after, step, region, mask, evidence, encoders=enc, ground=find
        ),
    )


class _Looks:
    """The embedded grounder, with the scenes and sightings of the edit so far."""

    def __init__(self, encoders: Encoders) -> None:
        self._encoders = encoders
        self._scenes: dict[int, Scene] = {}
        self._found: dict[tuple[int, str], Region] = {}

    def find(self, picture: Array, phrase: str) -> Region:
        scene = self._scene(picture)
        key = (id(scene), phrase)
        if key not in self._found:
            self._found[key] = ground(scene, phrase, self._encoders)
        return self._found[key]

    def find_step(self, picture: Array, step: Step, user: Region | None) -> Region:
        return ground_step(self._scene(picture), step, self._encoders, user)

    def _scene(self, picture: Array) -> Scene:
        """A scene holds its picture, so an id in the table cannot be another array's."""
        scene = self._scenes.get(id(picture))
        if scene is None or scene.picture is not picture:
            scene = look(picture, self._encoders)
            self._scenes[id(picture)] = scene
        return scene


BUILDERS: dict[str, Callable[[Encoders | None], System]] = {"local": local}


def build(name: str, encoders: Encoders | None = None) -> System:
    """The system of that name. Raises InvalidOption for an unknown one."""
    if name not in BUILDERS:
        raise InvalidOption(f"no system is called {name!r}; there is: {', '.join(BUILDERS)}")
    return BUILDERS[name](encoders)
