"""The photographic grade that a tone, a mood or a piece of music asks for, in sixteen numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np

from pixwright.edit.toning.lut import (
    Colours,
    add_grain,
    blur_picture,
    contrast,
    expose,
    fade,
    gamma,
    map_colours,
    mix,
    multiply_layer,
    saturate,
    split_tone,
    vibrance,
    vignette_field,
    warm,
)
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array

Cast = tuple[float, float, float]


@dataclass(frozen=True)
class Grade:
    """Neutral by default. Units: `exposure` stops; `gamma` > 1 darkens; `contrast`, `vibrance` -1 to 1; `saturation` a factor; casts are
    channel gains for the dark and light end, mixed in by `toning`; `black`, `white` the end points; `glow`, `vignette`, `clarity`,
    `haze` 0 to 1; `grain` levels."""

    exposure: float = 0.0
    gamma: float = 1.0
    contrast: float = 0.0
    saturation: float = 1.0
    vibrance: float = 0.0
    shadows: Cast = (1.0, 1.0, 1.0)
    lights: Cast = (1.0, 1.0, 1.0)
    toning: float = 0.0
    black: float = 0.0
    white: float = 1.0
    glow: float = 0.0
    vignette: float = 0.0
    clarity: float = 0.0
    grain: float = 0.0
    haze: float = 0.0
    haze_rgb: tuple[int, int, int] = (200, 205, 210)
    temperature: float = 0.0
    """White balance on top of the casts, -1 cold to 1 warm."""
    level: float = 0.0
    """Mean luma, 0 to 1, up to which a darker picture is lifted: there is no dusk at noon. 0: it stays as dark as it is."""
    floor: float = 0.0
    """Mean luma, 0 to 1, down to which a picture is darkened at most: by moonlight things are seen. 0: as dark as it comes."""
    why: str = ""
    """What in the world looks like this: for the person who reads the controls."""

    def colours(self, c: Colours) -> Colours:
        """The part that depends on the colour only, (..., 3) RGB in [0, 1]."""
        c = gamma(expose(c, self.exposure) if self.exposure else c, self.gamma)
        c = vibrance(saturate(contrast(c, self.contrast), self.saturation), self.vibrance)
        c = split_tone(c, self.shadows, self.lights, self.toning)
        c = warm(c, self.temperature) if self.temperature else c
        c = fade(c, self.black, self.white)
        haze = np.array(self.haze_rgb, np.float32) / 255
        return np.asarray(c + (haze - c) * self.haze)


@cache
def _table() -> dict[str, Grade]:
    raw: dict[str, dict[str, Any]] = json.loads(files("pixwright.edit").joinpath("data/looks.json").read_text("utf-8"))
    make: Any = Grade
    return {n: make(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}) for n, row in raw.items()}


def grade_named(name: str) -> Grade:
    """The grade of a season, time, weather, look or mood of `vocabulary`."""
    return _table()[name]


def apply_grade(picture: Array, grade: Grade, rng: np.random.Generator) -> Array:
    """Grade `picture` (HxWx3 uint8); a new picture."""
    h, w = picture.shape[:2]
    side = max(h, w)
    out = clarity(picture, grade.clarity) if grade.clarity else picture
    out = map_colours(out, grade.colours)
    if grade.glow:
        out = glow(out, grade.glow)
    if grade.vignette:
        out = multiply_layer(out, 1 - np.float32(grade.vignette * 0.75) * vignette_field(h, w))
    if grade.grain:
        out = add_grain(out, grade.grain, rng, max(1.0, side / 900))
    return out


def clarity(picture: Array, amount: float) -> Array:
    """Local contrast at a fortieth of the picture's size; `amount` 0 to 1."""
    h, w = picture.shape[:2]
    small = shrink(picture, 600)
    soft = resized(cv2.GaussianBlur(small, (0, 0), max(small.shape[:2]) / 40), h, w)
    result: Array = cv2.addWeighted(picture, 1 + 0.7 * amount, soft, -0.7 * amount, 0)
    return result


def glow(picture: Array, amount: float) -> Array:
    """Light spills from bright places (a soft-focus filter); `amount` 0 to 1."""
    soft = blur_picture(picture, max(picture.shape[:2]) / 50)
    return mix(picture, _screen(picture, soft), amount * 0.55)


def _screen(below: Array, above: Array) -> Array:
    dark = cv2.multiply(cv2.bitwise_not(below), cv2.bitwise_not(above), scale=1 / 255)
    result: Array = cv2.bitwise_not(dark)
    return result


_NUMBERS = tuple(
    "exposure gamma contrast saturation vibrance toning black white glow vignette clarity grain haze level floor".split()
)


def between(a: Grade, b: Grade, t: float) -> Grade:
    """`a` at t = 0, `b` at t = 1, in every number but the haze's colour, which is that of the hazier."""

    def blend(x: float, y: float) -> float:
        return x + (y - x) * t

    numbers: Any = {n: blend(getattr(a, n), getattr(b, n)) for n in _NUMBERS}
    for n in ("shadows", "lights"):
        numbers[n] = tuple(blend(x, y) for x, y in zip(getattr(a, n), getattr(b, n)))
    return replace(a if a.haze >= b.haze else b, **numbers)
