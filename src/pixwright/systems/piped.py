"""Editors that others published as whole pipelines: their repainting, our parser, limits, putting back and judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pixwright.edit.contract import Context, Proposal
from pixwright.encoders.bundle import Encoders
from pixwright.models.options import options_from
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.systems.anysd import Optional, parse_or_type
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.local import judge_with
from pixwright.systems.options import Flux2KleinOptions, PipedOptions, QwenImageEditOptions
from pixwright.systems.torch_parts import Once, need_torch

if TYPE_CHECKING:
    from pixwright.edit.networks.piped import PipedEditor


def flux2_klein(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """FLUX.2-klein. Raises InvalidOption, or MissingExtra without torch."""
    chosen = options_from(Flux2KleinOptions, options)
    return _piped("flux2-klein", encoders or Encoders(), chosen, chosen.steps, options)


def qwen_image_edit(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """Qwen-Image-Edit. Raises InvalidOption, or MissingExtra without torch."""
    chosen = options_from(QwenImageEditOptions, options)
    return _piped("qwen-image-edit", encoders or Encoders(), chosen, chosen.steps, options)


def _piped(name: str, encoders: Encoders, chosen: PipedOptions, steps: int, options: Mapping[str, str]) -> System:
    need_torch(name)
    editor = Once(lambda: _editor(chosen, steps))

    def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        return editor().edit(picture, step, region, context)

    return System(
        name=name,
        encoders=encoders,
        parse=lambda instruction, picture: parse_or_type(instruction, picture, encoders),
        eyes=lambda: Optional(encoders, "no"),
        edit=edit,
        judge=judge_with(encoders),
        options=options,
        further_weights=lambda: {} if editor.made is None else editor.made.piped.digests,
    )


def _editor(chosen: PipedOptions, steps: int) -> PipedEditor:
    from pixwright.edit.networks.piped import PipedEditor
    from pixwright.models.pipelines import open_pipeline

    return PipedEditor(open_pipeline(chosen), steps, chosen.guidance, chosen.side or None)
