"""Colour: give the region a named colour, and keep its shading, texture and highlights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.dispatch import edit as dispatch
from pixwright.edit.editors import material_change as material
from pixwright.edit.surfaces.body import Meant, coat_of
from pixwright.edit.surfaces.exposure import dimness
from pixwright.edit.surfaces.laid import laid
from pixwright.edit.surfaces.spectacles import frame_of
from pixwright.edit.surfaces.surface import bounds, from_lab, to_lab
from pixwright.edit.surfaces.tint import tinted
from pixwright.edit.surfaces.twofold import two_parts
from pixwright.edit.toning.lut import mix
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region
from pixwright.records.result import Control
from pixwright.records.vocabulary import COLOURS, Rgb
from pixwright.words import lexicon
from pixwright.words.colours import born, kind_of, two_colours
from pixwright.words.colours import rgb as named_colour
from pixwright.words.lexicon import NounEntry

_FAINT, _STRENGTH = 0.2, (0.0, 1.0)
"""What is added to a weak amount so that it is seen; the range of the strength."""
_PUPIL = (0.45, 0.8)
"""L* of an eye's usual one below which it is all pupil, and from which on all iris."""
_ALMOND, _IRIS, _DARKEST = 1.4, 0.18, 30
"""Width over height from which an eye shows its white; radius of its iris over its width; and the darkest per cent of it, about whose middle that lies."""
_COAT, _FURRY = "coat", (151, 384)
"""What an animal's colour is said of; and the classes of ImageNet, first and last, that have one: dogs to lemurs."""
_EYES = "eye"
"""The part of which the irises are dyed."""
_BEFORE_EYES = "eyes"
"""Where glasses are worn: through their lenses somebody is seen, and the frame takes the colour."""
_COVERS = {"lips": 0.85, "mouth": 0.85, "lid": 0.5, "lash": 0.9, "cheek": 0.5}
"""Parts that make-up colours, and how much of their own colour goes: it is seen through."""
_MADE_LIGHT = 0.6
"""Share of the way to its own lightness that make-up goes: what is under it has its light and shade."""
_COAT_KEPT = 0.2
"""Share of the way to a coat's new lightness that it does not go."""
_DAYLIGHT = ("blue", "light blue")
"""Kinds of colour that a sky has by day."""
_HALF = 127
"""A pixel of a mask above it belongs to the thing."""
_METAL_DARKER = -15.0
"""L* of a metal on the whole, over that of its colour's name."""
_TURN, _LIFT = 180.0, 40.0
"""Ends of the controls: degrees of hue, and L*."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Recolour `region` to `step.value`; `step.amount` in strength below 1 blends with the old colour.

    What is meant of a thing is its dominant colour (`surfaces.body`); a second try, and a mask that the user drew, take all of it.
    """
    entry = lexicon().look(step.target.head) if step.target is not None else None
    part = (entry.worn if entry.is_("cosmetic") else entry.part) if entry is not None else ""
    furry = entry is not None and not part and _has_fur(entry)
    own_name = born(step.value or "", _COAT if furry else part)
    eyes = own_name is not None and part == _EYES
    rgb = own_name or named_colour(step.value or "")
    if rgb is None and (pair := two_colours(step.value or "")) is not None:
        return _twofold(picture, step, region, pair, context)
    if rgb is None:
        return refuse(
            picture,
            f"'{step.value}' is no colour that is known; there are {', '.join(list(COLOURS)[::6])}, ... and #rrggbb",
        )
    if (metal := material.as_metal(step.value or "", step.target)) is not None:
        made = material.edit(picture, step.model_copy(update={"value": metal}), region, context)
        # Half of a metal shows what is dark around it.
        return replace(made, evidence=Evidence(colour=_moved(rgb, 0, _METAL_DARKER)))
    if step.target is not None and lexicon().is_(step.target.head, "sky") and kind_of(step.value or "") in _DAYLIGHT:
        # A sky is blue by the light in it, paler towards the horizon, and not by a paint.
        noon = step.model_copy(update={"type": EditType.TONE_TRANSFER, "value": "noon"})
        return replace(dispatch(picture, noon, region, context), done_as=noon)
    controls = _controls(step, context.controls)
    value = {control.name: control.value for control in controls}
    goal = _moved(rgb, value["hue"], value["lightness"])
    if part in _COVERS:
        new, becomes = _made_up(picture, region.mask, goal, _COVERS[part] * value["strength"])
        # What fades is all there in its middle.
        mask = cv2.normalize(region.mask, None, 0, 255, cv2.NORM_MINMAX) if region.mask.any() else region.mask
        return Proposal(new, np.asarray(mask, np.uint8), Evidence(colour=becomes), controls=controls)
    region = material.without_things(picture, region, step.target, context)
    if entry is not None and entry.worn == _BEFORE_EYES and region.source != "user":
        frame = frame_of(picture, region.mask)
        if frame is None:
            return refuse(picture, f"where the frame of {step.target} is cannot be told: show it with --mask FILE")
        region = replace(region, mask=frame, exact=frame is not region.mask)
    dim = dimness(picture, region.mask)
    again = context.attempt > 0
    everything = eyes or (region.source == "user" and step.target is None) or (again and (furry or part != ""))

    if furry:
        goal = _as_light(picture, region.mask > _HALF, goal, _COAT_KEPT)

    def work(own: Array, body: Meant) -> Array:
        if not eyes:
            coat = coat_of(body.mask, context.rng(3)) if furry else None
            return tinted(own, body.mask, goal, paint=body.paint, dim=dim, coat=coat)
        share = _irises(own, body.mask)
        dyed = tinted(own, body.mask, _as_light(own, share > 1 / 2, goal), paint=body.paint)
        return np.asarray(np.rint(own + (dyed.astype(np.float32) - own) * share[..., None]), np.uint8)

    new, mask = laid(picture, region, step.target, work, everything=everything, loosely=again)
    strength = value["strength"]
    mask = mask if strength >= 1 else (mask * np.float32(strength)).astype(np.uint8)
    return Proposal(new, mask, Evidence(colour=goal if strength >= 1 else None), controls=controls)


def _twofold(picture: Array, step: Step, region: Region, pair: tuple[Rgb, Rgb], context: Context) -> Proposal:
    """Two colours for the thing's own two tones: its lighter parts get the lighter one, and the pattern stays."""
    region = material.without_things(picture, region, step.target, context)
    controls = _controls(step, context.controls)
    value = {control.name: control.value for control in controls}
    dark, light = (
        _moved(colour, value["hue"], value["lightness"])
        for colour in sorted(pair, key=lambda colour: float(to_lab(np.array([[colour]], np.uint8))[0, 0, 0]))
    )
    parted = two_parts(picture, region.mask)
    if parted is None:
        first = (step.value or "").split(" and ")[0]
        made = edit(picture, step.model_copy(update={"value": first}), region, context)
        said = f"it has no two tones of its own that could take two colours, so all of it was made {first}: say which part shall have the other"
        return replace(made, partly=said)
    dim = dimness(picture, region.mask)

    def work(own: Array, body: Meant) -> Array:
        share = two_parts(own, body.mask)
        if share is None:
            return tinted(own, body.mask, light, dim=dim)
        upper, lower = ((body.mask * part).astype(np.uint8) for part in (share, 1 - share))
        new = mix(tinted(own, lower, dark, dim=dim), tinted(own, upper, light, dim=dim), share)
        return np.where(body.mask[..., None] > 0, new, own)

    new, mask = laid(picture, region, step.target, work, everything=True)
    mask = mask if value["strength"] >= 1 else (mask * np.float32(value["strength"])).astype(np.uint8)
    return Proposal(new, mask, controls=controls)


def _has_fur(entry: NounEntry) -> bool:
    """Whether it is an animal with a coat: a cat, and no frog."""
    first = entry.imagenet[0][0] if entry.imagenet else _FURRY[0]
    return entry.is_("animal") and not entry.is_("bird", "fish", "insect") and _FURRY[0] <= first <= _FURRY[1]


def _as_light(picture: Array, inside: NDArray[np.bool_], goal: Rgb, share: float = 1 / 2) -> Rgb:
    """The colour, nearer by a share to the light of what it is for: a dark eye in the shade stays a rather dark one, and a black dog is no pale golden one."""
    if not inside.any():
        return goal
    own = float(np.median(to_lab(picture)[..., 0][inside]))
    return _moved(goal, 0, (own - float(to_lab(np.array([[goal]], np.uint8))[0, 0, 0])) * share)


def _made_up(picture: Array, mask: Array, goal: Rgb, cover: float) -> tuple[Array, Rgb | None]:
    """HxWx3 with make-up where `mask` (HxW uint8) is, and its usual colour then: the part moves by `cover` of its way to the colour, and keeps what is lighter, darker or another hue in it."""
    inside = mask > min(_HALF, int(mask.max()) - 1)
    if not inside.any():
        return picture, None
    x0, y0, x1, y1 = bounds(mask)
    lab, wanted = to_lab(np.ascontiguousarray(picture[y0:y1, x0:x1])), to_lab(np.array([[goal]], np.uint8))[0, 0]
    usual = np.median(lab[inside[y0:y1, x0:x1]], axis=0)
    way = np.asarray(cover * (wanted - usual) * np.array((_MADE_LIGHT, 1, 1)), np.float32)
    out = picture.copy()
    # Lashes and shade stay dark: pigment shows as much as light falls on it.
    out[y0:y1, x0:x1] = from_lab(lab + way * np.clip(lab[..., :1] / max(float(usual[0]), 1.0), 0, 1))
    r, g, b = (int(v) for v in from_lab((usual + way)[None, None].astype(np.float32))[0, 0])
    return out, (r, g, b)


def _irises(picture: Array, mask: Array) -> NDArray[np.float32]:
    """HxW in [0, 1] of the mask of eyes (HxW uint8): their irises, of an almond the disc about what is dark in it, without lids and white; and no pupil, which is much darker than its iris."""
    light = to_lab(picture)[..., 0]
    found = np.zeros(mask.shape, np.float32)
    count, labels, stats, middles = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8))
    for one in range(1, count):
        eye = labels == one
        x, y = middles[one]
        wide, high = stats[one, cv2.CC_STAT_WIDTH], stats[one, cv2.CC_STAT_HEIGHT]
        disc = eye
        if wide > _ALMOND * high:
            dark = np.argwhere(eye & (light <= np.percentile(light[eye], _DARKEST)))
            y, x = np.median(dark, axis=0)
            rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
            disc = eye & (np.hypot(rows - y, columns - x) <= _IRIS * wide)
        usual = float(np.median(light[disc])) if disc.any() else 0.0
        share = np.clip((light - _PUPIL[0] * usual) / max((_PUPIL[1] - _PUPIL[0]) * usual, 1.0), 0, 1)
        found = np.maximum(found, disc * share)
    return np.asarray(cv2.GaussianBlur(found.astype(np.float32), (0, 0), 1.0), np.float32)


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
