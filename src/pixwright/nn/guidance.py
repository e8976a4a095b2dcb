"""Classifier-free guidance for up to three conditions, written once as a chain of the network's passes.

Notation: I the picture, T the text, V the visual prompt with the task token; a missing letter means that the condition is null (zero picture
latents, the empty text, no visual prompt). Predictions are (B, C, h, w) latents of whatever the network predicts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from pixwright.errors import InvalidOption


class Pass(Enum):
    """One evaluation of the network, named by what it is shown; the richest first."""

    ITV = "picture, text and visual prompt"
    IT = "picture and text"
    I = "picture"  # noqa: E741 - the letter of the papers
    NONE = "nothing"


@dataclass(frozen=True, kw_only=True)
class Scales:
    """How strongly each condition pulls; 1 is no guidance. The defaults are InstructPix2Pix's (section 4)."""

    picture: float = 1.5
    text: float = 7.5
    visual: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("picture", self.picture), ("text", self.text), ("visual", self.visual)):
            if not (math.isfinite(value) and 0 <= value <= 100):
                raise InvalidOption(f"guidance scale {name}={value} is not in 0..100; 1 switches it off")


def pass_scales(scales: Scales | None, *, picture: bool, visual: bool) -> dict[Pass, float]:
    """The scale of each pass that is needed, richest first; the last one's is 1. What `combine` makes of them, with all three conditions, is

    `e(0) + s_I (e(I) - e(0)) + s_T (e(I,T) - e(I)) + s_V (e(I,T,V) - e(I,T))`:

    equation 8 of the AnySD paper, with its three scales, in the order picture, text, visual prompt. Without a visual prompt it is equation 3 of
    InstructPix2Pix (arXiv 2211.09800); without a picture, plain classifier-free guidance (arXiv 2207.12598). `scales=None` is no guidance: one pass.
    A pass whose scale equals its richer neighbour's cancels and is left out, so that nobody computes it: (I, T) if s_V = s_T, the empty one if s_I = 1.
    """
    if scales is None:
        return {Pass.ITV if visual else Pass.IT: 1.0}
    full = {Pass.ITV: scales.visual} if visual else {}
    full |= {Pass.IT: scales.text}
    full |= {Pass.I: scales.picture} if picture else {}
    needed: dict[Pass, float] = {}
    richer = 0.0
    for key, scale in (full | {Pass.NONE: 1.0}).items():
        if scale != richer:
            needed[key] = scale
        richer = scale
    return needed


def combine(predictions: Mapping[Pass, Tensor], chain: Mapping[Pass, float], rescale: float = 0.0) -> Tensor:
    """The guided prediction (B, C, h, w) from each pass's, with the scales of `pass_scales`: the poorest, plus the scaled differences of neighbours.

    `rescale` in [0, 1] draws the standard deviation of each sample back to that of the richest pass (arXiv 2305.08891, equations 15 and 16),
    against the over-saturation of large scales; 0 leaves the sum alone.
    """
    if not 0.0 <= rescale <= 1.0:
        raise InvalidOption(f"guidance rescale {rescale} is not in 0..1; 0 switches it off, the paper uses 0.7")
    keys = list(chain)
    guided = predictions[keys[-1]]
    for richer, poorer in itertools.pairwise(keys):
        guided = guided + chain[richer] * (predictions[richer] - predictions[poorer])
    if not rescale or len(keys) == 1:
        return guided
    richest = predictions[keys[0]]
    axes = tuple(range(1, guided.ndim))
    factor = richest.std(axes, keepdim=True) / guided.std(axes, keepdim=True).clamp_min(1e-12)
    return guided * (rescale * factor + (1.0 - rescale))


def guided_at(step: int, steps: int, interval: tuple[float, float]) -> bool:
    """Whether step `step` of `steps` (0 is the noisiest) lies in the guidance interval, two fractions of the steps, the second exclusive.

    Guidance at the highest and lowest noise levels costs passes and harms diversity or does nothing (arXiv 2404.07724).
    """
    return interval[0] <= step / steps < interval[1]
