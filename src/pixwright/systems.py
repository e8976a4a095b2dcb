"""The named systems: each a parser, a grounder, an editor and a judge. Built parts go in; nothing is looked up later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import StepReport

Parse: TypeAlias = Callable[[Instruction, Array | None], Plan]
GroundStep: TypeAlias = Callable[[Array, Step, Region | None], Region]
GroundPhrase: TypeAlias = Callable[[Array, str], Region]
Edit: TypeAlias = Callable[[Array, Step, Region, Context], Proposal]
Judge: TypeAlias = Callable[[Array, Array, Step, Region, Array, Evidence], StepReport]


_WEIGHTS = {
    "picture": ("efficientnet-lite2", "efficientnet-lite2-classifier"),
    "text": ("minilm",),
    "music": ("musicnn-mtt", "musicnn-msd"),
    "reader": ("ppocr-det", "ppocr-rec"),
}
"""Part of `Encoders` -> the registry's names of what it loads."""


@dataclass(frozen=True)
class System:
    """One way through the house."""

    name: str
    encoders: Encoders
    parse: Parse
    ground_step: GroundStep
    ground_phrase: GroundPhrase
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
    from pixwright.ground import ground, ground_step
    from pixwright.judge import judge_step
    from pixwright.parse import parse

    enc = encoders or Encoders()

    def find(picture: Array, phrase: str) -> Region:
        return ground(picture, phrase, enc)

    return System(
        name="local",
        encoders=enc,
        parse=lambda instruction, picture: parse(instruction, picture, enc),
        ground_step=lambda picture, step, user: ground_step(picture, step, enc, user),
        ground_phrase=find,
        edit=dispatch.edit,
        judge=lambda before, after, step, region, mask, evidence: judge_step(
            before, after, step, region, mask, evidence, encoders=enc, ground=find
        ),
    )


BUILDERS: dict[str, Callable[[Encoders | None], System]] = {"local": local}


def build(name: str, encoders: Encoders | None = None) -> System:
    """The system of that name. Raises InvalidOption for an unknown one."""
    if name not in BUILDERS:
        raise InvalidOption(f"no system is called {name!r}; there is: {', '.join(BUILDERS)}")
    return BUILDERS[name](encoders)
