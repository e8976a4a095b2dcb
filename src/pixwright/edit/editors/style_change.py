"""Style: the picture, or its region, as if made by another hand."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.naming import canonical
from pixwright.edit.styles.structure import Style, strength_control, strength_of
from pixwright.edit.toning.lut import mix
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.records.vocabulary import STYLES

FAMILIES: dict[str, tuple[str, ...]] = {
    "paint": ("oil painting", "impressionism", "van gogh", "watercolor", "pastel drawing"),
    "drawing": ("pencil sketch", "charcoal drawing", "ink drawing", "engraving", "blueprint"),
    "graphic": ("comic", "anime", "pop art", "ukiyo-e", "poster"),
    "tiles": ("pixel art", "mosaic", "stained glass", "pointillism", "low poly", "cross stitch"),
    "photo": ("cyberpunk", "vintage photo", "film noir"),
}
"""File in `styles/` -> the styles it holds; the function is the style's name with underscores."""


@cache
def painter(name: str) -> Style:
    """The function that paints style `name`, one of `vocabulary.STYLES`."""
    family = next(f for f, names in FAMILIES.items() if name in names)
    return cast(
        Style, getattr(import_module(f"pixwright.edit.styles.{family}"), name.replace(" ", "_").replace("-", "_"))
    )


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Paint the region in the style `step.value`; with less than its full strength the photograph shines through."""
    name = canonical(step.value or "", STYLES, "styles", context)
    if name is None:
        return refuse(picture, f"'{step.value}' is no style that is known; there are {', '.join(STYLES)}")
    note = () if name == (step.value or "").lower() else (f"'{step.value}' was taken as '{name}'",)
    strength = strength_of(step.amount, context.controls)
    painted = stylise(picture, name, context.rng(1))
    control = strength_control(strength, f"how much of {name} is taken; the rest is the photograph")
    picture = painted if strength == 1 else mix(picture, painted, strength)
    return Proposal(picture, region.mask, notes=note, added=Origin.DRAWN, controls=(control,))


def stylise(picture: Array, name: str, rng: np.random.Generator) -> Array:
    """`picture` HxWx3 uint8 of any size from 1x1, as style `name`; a new picture of the same size."""
    h, w = picture.shape[:2]
    if min(h, w) >= 32:
        return painter(name)(np.ascontiguousarray(picture), rng)
    padded = np.pad(picture, ((0, max(0, 32 - h)), (0, max(0, 32 - w)), (0, 0)), "symmetric")
    return np.ascontiguousarray(painter(name)(padded, rng)[:h, :w])
