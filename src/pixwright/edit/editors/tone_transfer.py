"""Tone: season, time of day, weather, look, mood, or a photographic control, on the whole picture or a region of it."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.naming import canonical
from pixwright.edit.painting.skies import rays
from pixwright.edit.painting.weather import weather
from pixwright.edit.toning.controls import UNSTATED, control, signed
from pixwright.edit.toning.grade import apply_grade, grade_named
from pixwright.edit.toning.light import paint_sky, season, time_of_day
from pixwright.edit.toning.lut import add_grain, mix, screen_layer
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Region
from pixwright.records.vocabulary import CONTROLS, SEASONS, TIMES, TONES, WEATHERS

_IN_THE_AIR = (*WEATHERS, "sandstorm", "underwater")
_NEEDS_SKY = {"night": "stars", "sunset": "the sun", "sunrise": "the sun", "storm": "lightning"}


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Give the region the tone `step.value`, one of `vocabulary.TONES` or a near word; `step.amount` says how much."""
    name = canonical(step.value or "", TONES, "tones", context)
    if name is None:
        return refuse(picture, f"'{step.value}' is no tone that is known; there are {', '.join(TONES)}")
    notes = () if name == (step.value or "").lower() else (f"'{step.value}' was taken as '{name}'",)
    if name in CONTROLS:
        amount = signed(name, step.amount)
        if amount == 0:
            return refuse(picture, f"{name} by 0 changes nothing; give an amount, such as 30%")
        return Proposal(control(picture, name, amount, context.rng(1), region.mask), region.mask, notes=notes)
    strength = _strength(step.amount)
    if strength <= 0:
        return refuse(picture, f"'{name}' cannot be taken away; name the tone that is wanted instead")
    outdoors = Outdoors(picture, context)
    painted = tone(outdoors, name, strength)
    if name in _NEEDS_SKY and outdoors.sky is None:
        notes = (*notes, f"no sky was found, so there is no place for {_NEEDS_SKY[name]}; the light was changed")
    return Proposal(painted, region.mask, notes=notes)


def _strength(amount: Amount | None) -> float:
    """1 for what is not stated; "slightly" 0.5, "very" 1.5."""
    if amount is None:
        return 1.0
    if amount.unit is Unit.PERCENT:
        return float(np.clip(amount.value / 100, -2, 2))
    if amount.unit is Unit.FACTOR:
        return float(np.clip(amount.value, -2, 2))
    return float(np.clip(amount.value / UNSTATED, -1.6, 1.6))


def tone(outdoors: Outdoors, name: str, strength: float = 1.0) -> Array:
    """The whole picture in tone `name` (any of `vocabulary.TONES` but the controls); `strength` from above 0 to 2, 1 is the full tone."""
    if name in _IN_THE_AIR:
        full = weather(outdoors, name, strength)
    elif name in SEASONS:
        full = season(outdoors, name, strength)
    elif name in TIMES:
        full = time_of_day(outdoors, name)
    else:
        full = _look(outdoors, name)
    if strength < 1:
        return mix(outdoors.picture, full, strength)
    if strength > 1 and name not in _IN_THE_AIR:
        more = min(0.35, 0.5 * (strength - 1))
        return np.asarray(cv2.addWeighted(full, 1 + more, outdoors.picture, -more, 0), np.uint8)
    return full


def _look(outdoors: Outdoors, name: str) -> Array:
    out = apply_grade(outdoors.picture, grade_named(name), outdoors.rng(1))
    h, w = out.shape[:2]
    if name == "epic":
        out = mix(out, paint_sky(out, outdoors, "epic"), 0.8)
        return screen_layer(out, rays(h, w, 0.5, -0.1, outdoors.rng(50)) * np.float32(0.4), (255, 214, 150))
    if name == "mysterious":
        return mix(out, np.full_like(out, (70, 104, 112)), outdoors.distance * np.float32(0.42))
    return add_grain(out, 4, outdoors.rng(51)) if name == "dreamy" else out
