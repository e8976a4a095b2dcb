"""AnySD: the instruction's type routes to experts beside an eight-channel latent denoiser (AnyEdit paper, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.models.options import options_from
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region, whole
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.local import EmbeddedEyes, judge_with
from pixwright.systems.options import AnySDOptions
from pixwright.systems.torch_parts import Once, need_torch

if TYPE_CHECKING:
    from pixwright.edit.networks.anysd import AnySDEditor


def anysd(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system. Networks are read at the first edit. Raises InvalidOption, or MissingExtra without torch."""
    need_torch("anysd")
    chosen = options_from(AnySDOptions, options)
    enc = encoders or Encoders()
    return painting("anysd", enc, options, chosen.ground, parse_or_type, lambda: _editor(chosen, enc))


class PaintingEditor(Protocol):
    """What such a system paints with: an editor as `edit.contract` has it, and the hashes of what it was read from."""

    @property
    def digests(self) -> Mapping[str, str]: ...

    def edit(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal: ...


def painting(
    name: str,
    encoders: Encoders,
    options: Mapping[str, str],
    ground: str,
    read: Callable[[Instruction, Array | None, Encoders], Plan],
    make: Callable[[], PaintingEditor],
) -> System:
    """A system whose editor shows a denoiser the picture; `make` is asked for it at the first edit. `ground`: auto, yes or no, as `Optional` has it."""
    editor = Once(make)

    def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        return editor().edit(picture, step, region, context)

    return System(
        name=name,
        encoders=encoders,
        parse=lambda instruction, picture: read(instruction, picture, encoders),
        eyes=lambda: Optional(encoders, ground),
        edit=edit,
        judge=judge_with(encoders),
        options=options,
        further_weights=lambda: {} if editor.made is None else editor.made.digests,
    )


def _editor(chosen: AnySDOptions, encoders: Encoders) -> AnySDEditor:
    from pixwright.edit.networks.anysd import AnySDEditor
    from pixwright.models.open import open_model
    from pixwright.nn.guidance import Scales
    from pixwright.nn.sampling import Sampler

    sampler = Sampler(
        solver=chosen.solver,
        steps=chosen.steps,
        scales=Scales(picture=chosen.picture, text=chosen.text, visual=chosen.visual),
        interval=(0.0, chosen.guided_until),
        rescale=chosen.rescale,
        reuse=chosen.reuse,
    )
    model = open_model(chosen, encoders)
    return AnySDEditor(model, sampler, chosen.routing, chosen.strength, chosen.side or None)


def parse_or_type(instruction: Instruction, picture: Array | None, encoders: Encoders) -> Plan:
    """The rules, or a language model; what they do not understand still has a type, and the network reads the words itself."""
    from pixwright.parse import parse
    from pixwright.parse.typed import plan_typed

    try:
        return parse(instruction, picture, encoders)
    except UnclearInstruction:
        return plan_typed(instruction, picture, encoders)


class Optional(EmbeddedEyes):
    """AnySD needs no region. A local edit is limited to its phrase's where that is found, so that more of the picture is kept."""

    def __init__(self, encoders: Encoders, ground: str) -> None:
        super().__init__(encoders)
        self._ground = ground

    def find_step(self, picture: Array, step: Step, user: Region | None) -> Region:
        """The user's region, the phrase's, or the whole picture."""
        limited = step.type.group == "local" or step.type is EditType.BACKGROUND_CHANGE
        wanted = self._ground == "yes" or (self._ground == "auto" and limited)
        found = super().find_step(picture, step, user) if user is not None or wanted else None
        if found is None or not (found.found or user is not None):
            return whole(*picture.shape[:2])
        return found
