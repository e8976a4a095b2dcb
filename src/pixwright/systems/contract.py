"""What a system is: a parser, a grounder, an editor and a judge. Built parts go in; nothing is looked up later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeAlias

from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Box, Region
from pixwright.records.result import StepReport
from pixwright.records.thing import Thing

Parse: TypeAlias = Callable[[Instruction, Array | None], Plan]
Find: TypeAlias = Callable[[Array, str | Thing], Region]
Edit: TypeAlias = Callable[[Array, Step, Region, Context], Proposal]

NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


class Eyes(Protocol):
    """Finds phrases during one edit. Grounder, editors and judge look at the same few pictures: each is looked at once."""

    def find(self, picture: Array, phrase: str | Thing) -> Region:
        """Where the phrase is in the picture HxWx3."""
        ...

    def find_step(self, picture: Array, step: Step, user: Region | None) -> Region:
        """The region that a step edits."""
        ...

    def find_other(self, picture: Array, step: Step, besides: Region) -> Region:
        """What else the step may mean, if `besides` was not it. Nothing is found where there is nothing else."""
        ...

    def salient(self, picture: Array) -> Array:
        """What stands out of the picture HxWx3, whatever it is: HxW uint8."""
        ...

    def people(self, picture: Array) -> Array:
        """Everybody who is surely seen in the picture HxWx3 and does not stand out: HxW uint8."""
        ...

    def things(self, picture: Array) -> tuple[Box, ...]:
        """The boxes of what is surely seen in the picture HxWx3, whatever it is."""
        ...

    def again(self, picture: Array) -> Eyes:
        """Eyes for another edit: they know what these have seen of the picture HxWx3, and of no other."""
        ...


Judge: TypeAlias = Callable[[Array, Array, Step, Region, Array, Evidence, Eyes], StepReport]


_WEIGHTS = {
    "picture": ("efficientnet-lite2", "efficientnet-lite2-classifier"),
    "text": ("minilm",),
    "tagger": ("instruction-tagger",),
    "music": ("musicnn-mtt", "musicnn-msd"),
    "reader": ("ppocr-det", "ppocr-rec"),
    "detector": ("nanodet",),
    "segmenter": ("isnet",),
    "boxed": ("box-outline",),
    "namer": ("namer",),
    "worn": ("worn",),
    "stylist": ("style-predict", "style-transform"),
    "people": ("pose", "face-finder", "face-mesh"),
    "aligned": ("aligned",),
    "refinement": ("refinement",),
    "decency": ("nsfw",),
    "critic": ("critic",),
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
    options: Mapping[str, str] = field(default_factory=dict)
    """What was chosen with `--set`, as it was given."""
    carries_on: bool = False
    """Whether its editor starts from an edit that is `Context.under_way`; others make the same of a picture each time."""
    further_weights: Callable[[], Mapping[str, str]] = dict
    """Name -> sha256 of the weight files that parts other than `encoders` have read so far."""
    order: Callable[[Step], tuple[System, ...]] | None = None
    """The systems whose editors are tried at a step, in order, until the witnesses agree; None: this one alone."""

    def weights_used(self) -> dict[str, str]:
        """Name -> sha256 of every weight file that was loaded so far."""
        from pixwright.weights.store import loaded_digest

        loaded = [name for key in sorted(vars(self.encoders)) for name in _WEIGHTS.get(key, ())]
        loaded += self.encoders.parts.loaded
        return {name: loaded_digest(name) for name in loaded} | dict(self.further_weights())
