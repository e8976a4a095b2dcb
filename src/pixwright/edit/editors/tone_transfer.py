"""Tone: season, time of day, weather, look, mood, or a photographic control, on the whole picture or a region of it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.naming import canonical
from pixwright.edit.painting.skies import rays
from pixwright.edit.painting.weather import weather
from pixwright.edit.retouch.corners import LEAST_FALL, corner_fall, corners_lit
from pixwright.edit.retouch.exposing import measure_exposure
from pixwright.edit.retouch.repair import repair
from pixwright.edit.toning.controls import PERCENTS, UNSTATED, control, signed
from pixwright.edit.toning.dials import Tone, tone_for
from pixwright.edit.toning.grade import apply_grade
from pixwright.edit.toning.interiors import by_lamplight
from pixwright.edit.toning.light import paint_sky, season, time_of_day
from pixwright.edit.toning.lut import add_grain, grey, mix, multiply_layer, screen_layer
from pixwright.edit.toning.outdoors import Outdoors
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Region
from pixwright.records.result import Origin
from pixwright.records.vocabulary import BROODING, CONTROLS, MENDED, SEASONS, TIMES, TONES, WEATHERS
from pixwright.words import lexicon

_IN_THE_AIR = (*WEATHERS, "sandstorm", "underwater")
_HALF_TURN = 180.0
"""Most that a hue is turned either way, degrees."""
_OUT_THERE = (*SEASONS, *TIMES, *_IN_THE_AIR, "epic", "mysterious", BROODING)
"""Tones that look at the picture's sky and ground."""
_FILLS_THE_AIR = {"drops", "flakes", "fog", "dust", "water"}
"""Controls of what falls or hangs in the air: in a room only its windows show it. Sun and clouds are light."""
_FALLS = ("drops", "flakes")
"""Controls of what comes down from the sky."""
_BY_LAMPS = ("sunset", "blue hour", "night")
"""Hours at which a room is lit by its lamps."""
_DIM = 0.4
"""Usual luma of the ground, 0 to 1, under which a picture was taken by lamps or after sunset: what they lit stays lit by them."""
_LIT_OTHERWISE = "the picture was taken in little light: lamps that burn in it, and shadows, stay where they are"
_SEEN = 0.5
"""Score from which windows are there."""
_HEADROOM, _DARKEST = 0.4, 0.02
"""Share of what a picture lacks to white by which it is brightened at most, where nobody says how much; and the least mean luma that is reckoned with."""
_FULL = 100.0
_DARK = 1.0
"""Stops under the usual exposure from which a picture that shall be brighter, how much is not said, is brought to it."""
_HEAVY = 0.22
"""How much darker a sky is before a storm than what lies under it."""
_NEEDS_SKY = {"night": "stars", "sunset": "the sun", "sunrise": "the sun", "storm": "lightning"}


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Give the region the tone `step.value`, one of `vocabulary.TONES` or a near word; `step.amount` says how much. A value of `vocabulary.MENDED` mends it."""
    if step.value in MENDED:
        return repair(picture, step.value, region, context)
    name = BROODING if step.value == BROODING else canonical(step.value or "", TONES, "tones", context)
    if name is None:
        return refuse(picture, f"'{step.value}' is no tone that is known; there are {', '.join(TONES)}")
    notes = () if name == (step.value or "").lower() else (f"'{step.value}' was taken as '{name}'",)
    if name in CONTROLS:
        return _control(picture, name, step.amount, region, context, notes)
    strength = _strength(step.amount)
    if strength <= 0:
        return refuse(picture, f"'{name}' cannot be taken away; name the tone that is wanted instead")
    outdoors = Outdoors(picture, context)
    hour = step.conditions if step.conditions in TIMES and name in (*SEASONS, *WEATHERS) else None
    # What looks at nothing but colours asks for no sky: that would be most of its time.
    sky, light = (outdoors.has_sky, outdoors.ground_light) if name in _OUT_THERE else (False, 1.0)
    asked = tone_for(name, strength, context, sky, light, hour)
    mask = region.mask
    if step.target is not None and lexicon().is_(step.target.head, "sky"):
        # What falls is seen before everything that stands under the sky, and not in its outline.
        asked = replace(asked, scene={dial: much for dial, much in asked.scene.items() if dial not in _FALLS})
    if name in _BY_LAMPS and bool(mask.all()) and outdoors.indoors:
        return _room(outdoors, asked, step, region, notes)
    if _FILLS_THE_AIR & asked.scene.keys() and bool(mask.all()) and outdoors.indoors:
        windows = context.ground(picture, "windows")
        if not windows.found or windows.guess or windows.score < _SEEN:
            return refuse(
                picture,
                f"this looks like a room without a window: {name} has no place in it; show one with --mask FILE or --box",
            )
        mask = windows.mask
        notes = (*notes, f"this looks like a room: {name} is seen through its windows")
    painted = tone(outdoors, asked)
    if name in _NEEDS_SKY and not outdoors.has_sky:
        notes = (*notes, f"no sky was found, so there is no place for {_NEEDS_SKY[name]}; the light was changed")
    added = Origin.DRAWN if asked.scene else Origin.EXISTING
    lit_anew = asked.grade.level > 0 and bool(mask.all())
    by_night = lit_anew and outdoors.ground_light < _DIM and outdoors.by_evening
    partly = _LIT_OTHERWISE if by_night else None
    return Proposal(painted, mask, partly=partly, notes=notes, added=added, controls=asked.controls)


def _room(outdoors: Outdoors, asked: Tone, step: Step, region: Region, notes: tuple[str, ...]) -> Proposal:
    """An evening in a room; without a lamp that is surely one it is only dim."""
    lamps, windows = (_shown(outdoors, phrases) for phrases in (("lamp", "chandelier"), ("window", "windows")))
    painted, shines = by_lamplight(outdoors, lamps, windows, asked.name)
    if asked.strength < 1:
        painted = mix(outdoors.picture, painted, asked.strength)
    partly = None if shines else "no lamp was found that is surely one, so the room only went dim: show it with --box"
    done_as = step.model_copy(update={"value": "night"})
    return Proposal(
        painted, region.mask, partly=partly, notes=notes, added=Origin.DRAWN, controls=asked.controls, done_as=done_as
    )


def _shown(outdoors: Outdoors, phrases: tuple[str, ...]) -> Array | None:
    """Where any of these surely is, in the small picture; None where none is."""
    found = [outdoors.context.ground(outdoors.small, phrase) for phrase in phrases]
    sure = [one.mask for one in found if one.found and not one.guess and one.score >= _SEEN]
    return np.asarray(np.max(sure, axis=0), np.uint8) if sure else None


def _control(
    picture: Array, name: str, amount: Amount | None, region: Region, context: Context, notes: tuple[str, ...]
) -> Proposal:
    """One photographic control, by as much as the words say or as the user set."""
    own = signed(name, amount)
    unstated = amount is None or (amount.unit is Unit.STRENGTH and amount.value == UNSTATED)
    whole = unstated and name not in context.controls and bool(region.mask.all())
    if name == "brightness" and whole and measure_exposure(picture, region.mask).stops >= _DARK:
        return repair(picture, "auto exposure", region, context)
    if name == "vignette" and own < 0 and region.mask.all() and corner_fall(picture)[1][-1] >= LEAST_FALL:
        return _without_vignette(picture, own / -signed(name, None), region, context, notes)
    if name == "brightness" and unstated and own > 0:
        mean = max(float(cv2.mean(grey(picture), region.mask)[0]) / 255, _DARKEST)
        own = min(own, (1 - mean) * _HEADROOM / mean)
    if own == 0 and name not in context.controls:
        return refuse(picture, f"{name} by 0 changes nothing; give an amount, such as 30%")
    why = "as the words say" if amount is not None else "how much is not said, so a good deal"
    low, high, scale, unit = (-_HALF_TURN, _HALF_TURN, 1.0, "degrees") if name == "hue" else (*PERCENTS, 100.0, "%")
    asked = context.control(name, own * scale, low, high, why, unit)
    turned = control(picture, name, asked.value / scale, context.rng(1), region.mask)
    return Proposal(turned, region.mask, Evidence(turned=asked.value), notes=notes, controls=(asked,))


def _without_vignette(
    picture: Array, share: float, region: Region, context: Context, notes: tuple[str, ...]
) -> Proposal:
    """Dark corners are lit by what they lack, not by a fixed amount."""
    stops = float(corner_fall(picture)[1][-1])
    why = f"the corners were measured {stops:.1f} stops darker than the middle"
    taken = context.control("corners", _FULL * share, 0, 2 * _FULL, why, "%")
    lit = corners_lit(picture, taken.value / _FULL)
    return Proposal(lit, region.mask, Evidence(turned=-taken.value), notes=notes, controls=(taken,))


def _strength(amount: Amount | None) -> float:
    """1 for what is not stated; "slightly" 0.5, "very" 1.5."""
    if amount is None:
        return 1.0
    if amount.unit is Unit.PERCENT:
        return float(np.clip(amount.value / 100, -2, 2))
    if amount.unit is Unit.FACTOR:
        return float(np.clip(amount.value, -2, 2))
    return float(np.clip(amount.value / UNSTATED, -1.6, 1.6))


def tone(outdoors: Outdoors, asked: Tone) -> Array:
    """The whole picture in a tone."""
    name, strength = asked.name, asked.strength
    if name in _IN_THE_AIR:
        full = weather(outdoors, asked)
    elif name in SEASONS:
        full = season(outdoors, asked)
    elif name in TIMES:
        full = time_of_day(outdoors, asked)
    else:
        full = _look(outdoors, asked)
    if strength < 1:
        return mix(outdoors.picture, full, strength)
    if strength > 1 and name not in _IN_THE_AIR:
        more = min(0.35, 0.5 * (strength - 1))
        return np.asarray(cv2.addWeighted(full, 1 + more, outdoors.picture, -more, 0), np.uint8)
    return full


def _look(outdoors: Outdoors, asked: Tone) -> Array:
    name = asked.name
    out = apply_grade(outdoors.picture, asked.grade, outdoors.rng(1))
    h, w = out.shape[:2]
    if name == "epic":
        out = mix(out, paint_sky(out, outdoors, "epic"), 0.8)
        return screen_layer(out, rays(h, w, 0.5, -0.1, outdoors.rng(50)) * np.float32(0.4), (255, 214, 150))
    if name == BROODING and outdoors.sky is not None:
        return multiply_layer(out, 1 - outdoors.sky * np.float32(_HEAVY))
    if name == "mysterious":
        return mix(out, np.full_like(out, (70, 104, 112)), outdoors.distance * np.float32(0.42))
    return add_grain(out, 4, outdoors.rng(51)) if name == "dreamy" else out
