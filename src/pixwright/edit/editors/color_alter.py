"""Colour: give the region a named colour, and keep its shading, texture and highlights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.clean_plate import refined
from pixwright.edit.surfaces.body import Meant, meant
from pixwright.edit.surfaces.edge import read_edge
from pixwright.edit.surfaces.surface import bounds, from_lab, named_colour, to_lab
from pixwright.edit.surfaces.tint import tinted
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.records.result import Control
from pixwright.records.vocabulary import COLOURS, Rgb

_MARGIN = 24
"""Pixels of ground around the thing that its rim is told from."""
_LEAST_MEANT = 0.06
"""Share of the thing that its dominant colour must have; under it the whole thing is coloured."""
_HALF = 127
"""A pixel of a mask above it belongs to the thing."""
_FAINT, _STRENGTH = 0.2, (0.0, 1.0)
"""What is added to a weak amount so that it is seen; the range of the strength."""
_TURN, _LIFT = 180.0, 40.0
"""Ends of the controls: degrees of hue, and L*."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Recolour `region` to `step.value`; `step.amount` in strength below 1 blends with the old colour.

    What is meant of a thing is its dominant colour (`surfaces.body`); a second try, and a mask that the user drew, take all of it.
    """
    rgb = named_colour(step.value or "")
    if rgb is None:
        return refuse(
            picture,
            f"'{step.value}' is no colour that is known; there are {', '.join(list(COLOURS)[::6])}, ... and #rrggbb",
        )
    controls = _controls(step, context.controls)
    value = {control.name: control.value for control in controls}
    goal = _moved(rgb, value["hue"], value["lightness"])
    region = refined(picture, region)
    everything = context.attempt > 0 or (region.source == "user" and step.target is None)
    new, mask = coloured(picture, region, goal, step, everything=everything)
    strength = value["strength"]
    mask = mask if strength >= 1 else (mask * np.float32(strength)).astype(np.uint8)
    return Proposal(new, mask, Evidence(colour=goal if strength >= 1 else None), controls=controls)


def coloured(picture: Array, region: Region, rgb: Rgb, step: Step, *, everything: bool = False) -> tuple[Array, Array]:
    """The picture HxWx3 with the region in the colour `rgb`, and how much of each pixel is meant, HxW uint8."""
    x0, y0, x1, y1 = bounds(region.mask, _MARGIN)
    pixels = np.ascontiguousarray(picture[y0:y1, x0:x1])
    edge = read_edge(pixels, np.ascontiguousarray(region.mask[y0:y1, x0:x1]))
    body = Meant(edge.mask) if everything else meant(edge.own, edge.mask, step.target)
    if np.count_nonzero(body.mask > _HALF) < _LEAST_MEANT * np.count_nonzero(edge.mask > _HALF):
        body = Meant(edge.mask)
    out, mask = picture.copy(), np.zeros_like(region.mask)
    # The change of the thing's own colour is laid on what is there, which on the rim is in part the ground's.
    change = tinted(edge.own, body.mask, rgb, paint=body.paint).astype(np.int16) - edge.own
    out[y0:y1, x0:x1] = np.clip(change + pixels, 0, 255)
    mask[y0:y1, x0:x1] = body.mask
    return out, mask


def _controls(step: Step, given: Mapping[str, float]) -> tuple[Control, ...]:
    asked = 1.0
    if step.amount is not None and step.amount.unit in (Unit.STRENGTH, Unit.PERCENT):
        share = step.amount.value if step.amount.unit is Unit.STRENGTH else step.amount.value / 100
        asked = float(np.clip(abs(share) + _FAINT, _FAINT, 1.0))
    ranges = (
        ("strength", asked, *_STRENGTH, "", "how much of the old colour gives way to the new one"),
        ("hue", 0.0, -_TURN, _TURN, "degrees", f"0 is {step.value} as the word says it"),
        ("lightness", 0.0, -_LIFT, _LIFT, "L*", f"0 is as light as {step.value} is"),
    )
    return tuple(
        Control(
            name=name, value=float(np.clip(given.get(name, value), low, high)), low=low, high=high, unit=unit, why=why
        )
        for name, value, low, high, unit, why in ranges
    )


def _moved(rgb: Rgb, turn: float, lift: float) -> Rgb:
    """The colour with its hue turned by degrees and its L* moved."""
    if turn == 0 and lift == 0:
        return rgb
    lab = to_lab(np.array([[rgb]], np.uint8))
    angle = np.radians(turn)
    a, b = float(lab[0, 0, 1]), float(lab[0, 0, 2])
    lab[0, 0] = (
        np.clip(lab[0, 0, 0] + lift, 0, 100),
        a * np.cos(angle) - b * np.sin(angle),
        a * np.sin(angle) + b * np.cos(angle),
    )
    red, green, blue = (int(v) for v in from_lab(lab)[0, 0])
    return (red, green, blue)
