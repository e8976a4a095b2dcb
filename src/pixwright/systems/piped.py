"""Editors that others published as whole pipelines: their repainting, our parser, limits, putting back and judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pixwright.encoders.bundle import Encoders
from pixwright.models.options import options_from
from pixwright.systems.anysd import painting, parse_or_type
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.options import Flux2KleinOptions, PipedOptions, QwenImageEditOptions
from pixwright.systems.torch_parts import need_torch

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
    return painting(name, encoders, options, "no", parse_or_type, lambda: _editor(chosen, steps))


def _editor(chosen: PipedOptions, steps: int) -> PipedEditor:
    from pixwright.edit.networks.piped import PipedEditor
    from pixwright.models.pipelines import open_pipeline

    return PipedEditor(open_pipeline(chosen), steps, chosen.guidance, chosen.side or None)
