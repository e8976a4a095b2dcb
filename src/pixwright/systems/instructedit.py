"""InstructEdit: language processor -> segmenter -> mask-guided editor (InstructEdit paper, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pixwright.edit.contract import Context, Proposal, Working
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.models.options import options_from
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.systems.contract import NO_OPTIONS, Eyes, System
from pixwright.systems.local import EmbeddedEyes, judge_with, score_with
from pixwright.systems.options import InstructEditOptions
from pixwright.systems.torch_parts import Once, need_torch, painted

if TYPE_CHECKING:
    from pixwright.edit.networks.instructedit import InstructEditor
    from pixwright.encoders.captioner import Captioner
    from pixwright.encoders.describing import Describer
    from pixwright.ground.grounded_sam import GroundedSam

RATIOS = (0.5, 0.7, 0.9)
"""The paper's."""


def instructedit(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The system. Networks are read at the first edit. Raises InvalidOption, or MissingExtra without torch."""
    need_torch("instructedit")
    chosen = options_from(InstructEditOptions, options)
    ratios = ratios_from(chosen.ratio)
    enc = encoders or Encoders()
    segmenter = _segmenter(chosen)
    captioner = Once(lambda: _captioner(chosen, enc))
    editor = Once(lambda tell: _editor(chosen, ratios, enc, tell))

    def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        editor_now = editor(lambda said: context.working(Working(words=said)))
        return painted(editor_now.edit(picture, step, region, context))

    def digests() -> dict[str, str]:
        parts = (editor.made and editor.made.model, segmenter and segmenter.made, captioner.made)
        return {name: value for part in parts if part for name, value in part.digests.items()}

    return System(
        name="instructedit",
        encoders=enc,
        parse=lambda instruction, picture: captioned(
            instruction, picture, enc, captioner() if chosen.captioner else None
        ),
        eyes=lambda: _eyes(segmenter, enc),
        edit=edit,
        judge=judge_with(enc),
        options=options,
        carries_on=True,
        further_weights=digests,
    )


def ratios_from(text: str) -> tuple[float, ...]:
    """The encoding ratios that an option names. Raises InvalidOption."""
    if text == "auto":
        return RATIOS
    try:
        values = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        values = ()
    if not values or not all(0.0 < value <= 1.0 for value in values):
        raise InvalidOption(
            f"ratio={text!r}; allowed: auto, or numbers above 0 up to 1 with commas, such as 0.5,0.7,0.9"
        )
    return values


def captioned(
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    captioner: Captioner | Describer | None = None,
) -> Plan:
    """The plan with the two captions of each step: of the picture as it is, and as it shall be."""
    from pixwright.parse.language import endpoint_from
    from pixwright.parse.processor import process

    return process(instruction, picture, encoders, endpoint=endpoint_from(), captioner=captioner)


def _captioner(chosen: InstructEditOptions, encoders: Encoders) -> Captioner | Describer:
    if chosen.captioner == "embedded":
        from pixwright.encoders.describing import Describer

        return Describer(encoders)
    from pixwright.encoders.captioner import open_captioner

    return open_captioner(chosen.captioner, chosen.device)


def _segmenter(chosen: InstructEditOptions) -> Once[GroundedSam] | None:
    """Grounded-SAM where its weights are given; None: the embedded grounder."""
    if chosen.segmenter in ("auto", "embedded", "diffedit"):
        return None
    if not chosen.sam:
        raise InvalidOption(f"segmenter={chosen.segmenter} names Grounding DINO, but sam names no weights; give both")

    def opened() -> GroundedSam:
        from pixwright.ground.grounded_sam import open_grounded_sam

        return open_grounded_sam(chosen.segmenter, chosen.sam, chosen.device)

    return Once(opened)


def _eyes(segmenter: Once[GroundedSam] | None, encoders: Encoders) -> Eyes:
    if segmenter is None:
        return EmbeddedEyes(encoders)
    from pixwright.ground.grounded_sam import GroundedEyes

    return GroundedEyes(segmenter(), encoders)


def _editor(
    chosen: InstructEditOptions, ratios: tuple[float, ...], encoders: Encoders, tell: Callable[[str], None]
) -> InstructEditor:
    from pixwright.edit.networks.instructedit import InstructEditor
    from pixwright.models.open import open_model
    from pixwright.nn.guidance import Scales
    from pixwright.nn.latents.sharing import METHODS

    model = open_model(chosen, encoders, tell)
    return InstructEditor(
        model,
        steps=chosen.steps,
        scales=Scales(text=chosen.text),
        ratios=ratios,
        rescale=chosen.rescale,
        negative=chosen.negative,
        side=chosen.side or None,
        score=score_with(encoders),
        own_mask=chosen.segmenter == "diffedit",
        sharing=METHODS.get(chosen.method),
    )
