"""Colour: give the region a named colour, and keep its shading, texture and highlights."""

from __future__ import annotations

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.clean_plate import refined
from pixwright.edit.surfaces.surface import from_lab, in_box, named_colour, to_lab
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.records.vocabulary import COLOURS, Rgb

_DARK = 22.0
"""Median L* under which a surface is black: what is seen of it is mostly its gloss."""
_STRIP = 512
"""Rows coloured at a time: bounds the working memory at 12 megapixels."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Recolour `region` to `step.value`; `step.amount` in strength below 1 blends with the old colour."""
    rgb = named_colour(step.value or "")
    if rgb is None:
        return refuse(
            picture,
            f"'{step.value}' is no colour that is known; there are {', '.join(list(COLOURS)[::6])}, ... and #rrggbb",
        )
    strength = 1.0
    if step.amount is not None and step.amount.unit in (Unit.STRENGTH, Unit.PERCENT):
        share = step.amount.value if step.amount.unit is Unit.STRENGTH else step.amount.value / 100
        strength = float(np.clip(abs(share) + 0.2, 0.2, 1.0))
    region = refined(picture, region)
    new = in_box(picture, region, lambda pixels, mask: recolour(pixels, mask, rgb))
    mask = region.mask if strength >= 1 else (region.mask * np.float32(strength)).astype(np.uint8)
    goal = rgb if strength >= 1 else None
    return Proposal(new, mask, Evidence(colour=goal))


def recolour(pixels: Array, mask: Array, rgb: Rgb) -> Array:
    """HxWx3 -> HxWx3: the pixels in the colour `rgb`, lit as they were.

    In L*a*b*: the median goes to the goal; lightness keeps its differences, compressed towards the end of the range that it nears; chroma
    falls with the lightness in the shade and fades in highlights, where a surface shows the lamp's colour and not its own. On a dark surface
    everything bright is such a highlight.
    """
    goal = to_lab(np.array([[rgb]], np.uint8))[0, 0]
    inside = mask > 127
    sample = pixels[inside] if inside.any() else pixels.reshape(-1, 3)
    sample = sample[:: max(1, len(sample) // 60_000)]
    values = to_lab(sample[None])[0]
    middle = float(np.median(values[:, 0]))
    top = max(float(np.percentile(values[:, 0], 99)), middle + 4)
    low = min(float(np.percentile(values[:, 0], 1)), middle - 4)
    chroma = float(np.hypot(goal[1], goal[2]))
    pull = 1.0 if chroma < 12 else 0.85 if middle > _DARK else 0.75
    centre = middle + (float(goal[0]) - middle) * pull
    table = _lightness(middle, centre, low, top)
    lamp = max(top, 86) if middle > _DARK else middle + 35
    out = np.empty_like(pixels)
    for start in range(0, pixels.shape[0], _STRIP):
        part = np.s_[start : start + _STRIP]
        lab = to_lab(pixels[part])
        light = lab[..., 0]
        glare = np.clip((light - lamp) / (12 if middle > _DARK else 40), 0, 1) * 0.7
        lab[..., 0] = np.interp(light, *table)
        deep = np.clip(lab[..., 0] / max(0.6 * centre, 1.0), 0.35, 1.0)
        lab[..., 1] = goal[1] * (1 - glare) * deep
        lab[..., 2] = goal[2] * (1 - glare) * deep
        out[part] = from_lab(lab)
    return out


def _lightness(middle: float, centre: float, low: float, top: float) -> tuple[list[float], list[float]]:
    """Old lightness -> new: through (middle, centre), slope 1 where there is room, and still rising where there is not."""
    up = min(top - middle, max(97 - centre, 0.35 * (top - middle)))
    down = min(middle - low, max(centre - 4, 0.35 * (middle - low)))
    return [0.0, low, middle, top, 100.0], [
        max(0.0, centre - down - 4),
        centre - down,
        centre,
        min(99.0, centre + up),
        100.0,
    ]
