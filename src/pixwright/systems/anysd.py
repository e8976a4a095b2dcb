"""AnySD: the instruction's type routes to experts beside an eight-channel latent denoiser (AnyEdit paper, section 4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pixwright.edit.contract import Context, Proposal, Working
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption, UnclearInstruction, WeightsMissing
from pixwright.models.options import options_from
from pixwright.models.presets import with_preset
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region, whole
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.local import EmbeddedEyes, judge_with, score_with
from pixwright.systems.options import AnySDOptions
from pixwright.systems.torch_parts import Once, need_torch, painted

if TYPE_CHECKING:
    from pixwright.edit.networks.anysd import AnySDEditor, RegionalWords
    from pixwright.models.contract import LatentModel


def anysd(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system. Networks are read at the first edit. Raises InvalidOption, or MissingExtra without torch."""
    need_torch("anysd")
    chosen = with_preset(options_from(AnySDOptions, options))
    enc = encoders or Encoders()
    return painting("anysd", enc, options, chosen.ground, parse_or_type, lambda tell: _editor(chosen, enc, tell))


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
    make: Callable[[Callable[[str], None]], PaintingEditor],
) -> System:
    """A system whose editor shows a denoiser the picture; `make` is asked for it at the first edit, and tells what it loads. `ground`: auto, yes or no, as `Optional` has it."""
    editor = Once(make)

    def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        editor_now = editor(lambda said: context.working(Working(words=said)))
        return painted(editor_now.edit(picture, step, region, context))

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


def _editor(chosen: AnySDOptions, encoders: Encoders, tell: Callable[[str], None]) -> AnySDEditor:
    from pixwright.edit.networks.anysd import AnySDEditor, GivenScales
    from pixwright.models.open import open_model
    from pixwright.nn.guidance import Scales
    from pixwright.nn.sampling import Sampler

    sampler = Sampler(
        solver=chosen.solver,
        steps=chosen.steps,
        scales=Scales(),
        interval=(0.0, chosen.guided_until),
        rescale=chosen.rescale,
        reuse=chosen.reuse,
        compare=chosen.compare,
    )
    regional = regions_from(chosen.regions)
    model = open_model(chosen, encoders, tell)
    _check_experts(chosen, model)
    given = {name: own_scale(getattr(chosen, name)) for name in ("picture", "text", "visual")}
    return AnySDEditor(
        model,
        sampler,
        None if chosen.routing == "auto" else chosen.routing,
        chosen.strength,
        chosen.side or None,
        scales=GivenScales(**given),
        negative=chosen.negative,
        seeds=chosen.seeds,
        score=score_with(encoders) if chosen.seeds > 1 else None,
        regional=regional,
    )


def own_scale(scale: float | str) -> float | None:
    """A guidance scale that was asked for; None is the weights' own."""
    return None if isinstance(scale, str) else scale


def _check_experts(chosen: AnySDOptions, model: LatentModel) -> None:
    """Raise WeightsMissing where weights came with a picture encoder, which only experts read, and without experts: without being told they are not left out."""
    if model.look is not None and model.experts is None and chosen.strength and chosen.experts != "no":
        raise WeightsMissing(
            f"{chosen.weights} has a picture encoder and no experts/*.safetensors: `pixwright models pull anysd` brings AnySD's; a file of your own "
            "(.bin) becomes one by `pixwright models convert FILE`; --set experts=no paints without"
        )


def regions_from(given: str) -> tuple[RegionalWords, ...]:
    """The words of parts of the picture from a JSON file; masks lie relative to it. Raises InvalidOption."""
    from pixwright.edit.networks.anysd import RegionalWords

    if not given:
        return ()
    file = Path(given).expanduser()
    try:
        rows = json.loads(file.read_text("utf-8"))
        return tuple(RegionalWords(str(row["words"]), file.parent / str(row["mask"])) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InvalidOption(
            f'regions={given!r} cannot be read ({problem}); it holds [{{"words": "a red roof", "mask": "roof.png"}}, ...]'
        ) from None


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
