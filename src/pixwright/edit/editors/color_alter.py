"""Colour: give the region a named colour, and keep its shading, texture and highlights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.filling.clean_plate import refined
from pixwright.edit.surfaces.body import Meant
from pixwright.edit.surfaces.laid import laid
from pixwright.edit.surfaces.surface import from_lab, named_colour, to_lab
from pixwright.edit.surfaces.tint import tinted
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.records.result import Control
from pixwright.records.vocabulary import COLOURS, Rgb

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

    def work(own: Array, body: Meant) -> Array:
        return tinted(own, body.mask, goal, paint=body.paint)

    new, mask = laid(picture, region, step.target, work, everything=everything)
    strength = value["strength"]
    mask = mask if strength >= 1 else (mask * np.float32(strength)).astype(np.uint8)
    return Proposal(new, mask, Evidence(colour=goal if strength >= 1 else None), controls=controls)


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
