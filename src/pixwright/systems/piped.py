"""Editors that others published as whole pipelines: their repainting, our parser, limits, putting back and judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pixwright.encoders.bundle import Encoders
from pixwright.models.options import options_from
from pixwright.systems.anysd import painting, parse_or_type
from pixwright.systems.contract import NO_OPTIONS, System
from pixwright.systems.instructedit import captioned
from pixwright.systems.options import (
    DreamLiteOptions,
    Flux2KleinOptions,
    InpaintOptions,
    PipedOptions,
    QwenImageEditOptions,
)
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


def dreamlite(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """DreamLite. Raises InvalidOption, or MissingExtra without torch."""
    chosen = options_from(DreamLiteOptions, options)
    return _piped("dreamlite", encoders or Encoders(), chosen, chosen.steps, options)


def inpaint(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """SDXL, Stable Diffusion 3 or 3.5 inside the region. Raises InvalidOption, or MissingExtra without torch."""
    need_torch("inpaint")
    chosen, enc = options_from(InpaintOptions, options), encoders or Encoders()
    return painting("inpaint", enc, options, "yes", captioned, lambda tell: _painter(chosen, tell))


def _painter(chosen: InpaintOptions, tell: Callable[[str], None]) -> PipedEditor:
    from pixwright.edit.networks.piped import PipedEditor
    from pixwright.models.pipelines import open_painter

    piped = open_painter(chosen, chosen.strength, tell)
    return PipedEditor(piped, chosen.steps, chosen.guidance, chosen.side or None, chosen.negative)


def _piped(name: str, encoders: Encoders, chosen: PipedOptions, steps: int, options: Mapping[str, str]) -> System:
    need_torch(name)
    return painting(name, encoders, options, "no", parse_or_type, lambda tell: _editor(chosen, steps, tell))


def _editor(chosen: PipedOptions, steps: int, tell: Callable[[str], None]) -> PipedEditor:
    from pixwright.edit.networks.piped import PipedEditor
    from pixwright.models.pipelines import open_pipeline

    return PipedEditor(
        open_pipeline(chosen, chosen.denoiser, tell), steps, chosen.guidance, chosen.side or None, chosen.negative
    )
