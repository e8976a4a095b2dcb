"""The numbers of a grade as controls that a person can move, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.toning.grade import Grade, grade_named
from pixwright.edit.toning.lut import smoothstep
from pixwright.records.result import Control

_DARK = (0.10, 0.35)
"""Mean luma at which a picture is so dark that no grade darkens it further, and from which on it takes all of it."""
_STOPS = 3.0
"""Largest exposure either way, stops."""
_MOST_LIFTED = 0.5
"""Exponent of the strongest lift of a dark picture."""
_TRIED, _GAMMA = 101, 2.2
"""Shares of a grade's darkening that are tried, and from pixels to light."""
_PERCENT = 100.0
_MIDTONES = 50.0
"""So many percent of midtones halve the exponent, or double it."""
_WARMEST = float(np.log(1.30 / 0.62))
"""Logarithm of red over blue that `lut.warm` gives to grey at its strongest; a temperature of 100 %."""
_IN_THE_SKY = ("sky", "sun", "stars", "lightning")
"""Controls of what is painted into the picture's sky: there are none where it has no sky."""
_SCENES: dict[str, tuple[tuple[str, float, str], ...]] = {
    "spring": (("leaves", 80, "young green"), ("blossom", 55, "trees in blossom"), ("sky", 75, "a spring sky")),
    "summer": (("leaves", 80, "full green"), ("sky", 75, "a summer sky")),
    "autumn": (("leaves", 80, "leaves that turn"), ("grass", 55, "grass that yellows"), ("sky", 75, "an autumn sky")),
    "winter": (
        ("cover", 85, "snow that lies"),
        ("leaves", 80, "plants without their green"),
        ("sky", 75, "a winter sky"),
    ),
    "sunrise": (("sky", 100, "a sunrise sky"), ("sun", 70, "the low sun")),
    "noon": (("sky", 100, "a clear sky"),),
    "golden hour": (("sky", 100, "a golden sky"), ("sun", 60, "the low sun")),
    "sunset": (("sky", 100, "a sunset sky"), ("sun", 80, "the low sun")),
    "blue hour": (("sky", 100, "the sky after sunset"), ("lamps", 60, "lamps and windows")),
    "night": (("sky", 100, "a night sky"), ("stars", 50, "stars and the moon"), ("lamps", 80, "lamps and windows")),
    "sunny": (("sky", 100, "a blue sky"),),
    "cloudy": (("sky", 100, "a covered sky"),),
    "rain": (
        ("sky", 100, "a rainy sky"),
        ("drops", 55, "rain in the air"),
        ("wet", 60, "wet ground"),
        ("mist", 45, "mist far away"),
    ),
    "snow": (
        ("sky", 100, "a snowy sky"),
        ("cover", 70, "snow that lies"),
        ("flakes", 50, "snow in the air"),
        ("mist", 45, "mist far away"),
    ),
    "fog": (("fog", 60, "fog that thickens with distance"),),
    "storm": (
        ("sky", 100, "a black sky"),
        ("lightning", 80, "a bolt"),
        ("drops", 70, "rain in the air"),
        ("wet", 70, "wet ground"),
    ),
    "sandstorm": (("dust", 60, "dust that thickens with distance"),),
    "underwater": (("water", 60, "water that deepens with distance"),),
}
"""Tone -> what it does besides the grade: (control, percent, why)."""
_ALWAYS = ("exposure", "contrast", "saturation", "temperature")
"""Controls that are reported even where the grade leaves them alone."""


class _Dial(NamedTuple):
    """How a field of `Grade` is shown: control value = (field - neutral) * scale."""

    name: str
    field: str
    low: float
    high: float
    neutral: float = 0.0
    scale: float = _PERCENT


_DIALS = (
    _Dial("exposure", "exposure", -_STOPS, _STOPS, scale=1.0),
    _Dial("contrast", "contrast", -_PERCENT, _PERCENT),
    _Dial("saturation", "saturation", -_PERCENT, _PERCENT, neutral=1.0),
    _Dial("vibrance", "vibrance", -_PERCENT, _PERCENT),
    _Dial("fade", "black", 0, _PERCENT),
    _Dial("clarity", "clarity", 0, _PERCENT),
    _Dial("glow", "glow", 0, _PERCENT),
    _Dial("vignette", "vignette", 0, _PERCENT),
    _Dial("grain", "grain", 0, _PERCENT, scale=1.0),
    _Dial("haze", "haze", 0, _PERCENT),
)


def dialled(grade: Grade, context: Context) -> tuple[Grade, tuple[Control, ...]]:
    """The grade as the user set its controls, and the controls. What nobody set stays as it is, to the last bit."""
    fields: dict[str, Any] = {}
    controls = []
    for dial in _DIALS:
        own = (getattr(grade, dial.field) - dial.neutral) * dial.scale
        unit = "stops" if dial.field == "exposure" else "%"
        controls.append(context.control(dial.name, own, dial.low, dial.high, grade.why, unit))
        if dial.name in context.controls:
            fields[dial.field] = controls[-1].value / dial.scale + dial.neutral
    middle = context.control("midtones", -_MIDTONES * np.log2(grade.gamma), -_PERCENT, _PERCENT, grade.why, "%")
    if "midtones" in context.controls:
        fields["gamma"] = float(2.0 ** (-middle.value / _MIDTONES))
    own = temperature(grade)
    warmth = context.control("temperature", own, -_PERCENT, _PERCENT, grade.why, "%")
    if "temperature" in context.controls:
        fields["temperature"] = (warmth.value - own) / _PERCENT
    shown = [one for one in (*controls, middle, warmth) if one.value or one.name in _ALWAYS]
    return replace(grade, **fields), tuple(sorted(shown, key=_place))


def _place(control: Control) -> int:
    """The four that everybody knows come first."""
    return _ALWAYS.index(control.name) if control.name in _ALWAYS else len(_ALWAYS)


def temperature(grade: Grade) -> float:
    """How warm the grade's casts are, percent: 100 is the warmest white balance of `lut.warm`."""
    casts = [np.log(cast[0] / cast[2]) for cast in (grade.shadows, grade.lights)]
    return round(_PERCENT * grade.toning * float(np.mean(casts)) / _WARMEST)


def _down_to(grade: Grade, light: float) -> float:
    """The share of a grade's darkening that leaves a picture of mean luma `light` (0 to 1) no darker than its floor."""
    shares = np.linspace(0, 1, _TRIED)
    left = (light * 2 ** (grade.exposure * shares / _GAMMA)) ** (1 + (grade.gamma - 1) * shares)
    return float(shares[left >= grade.floor].max(initial=0.0))


@dataclass(frozen=True)
class Tone:
    """A tone as it is to be laid on one picture: with the user's values where some were set."""

    name: str
    """One of `vocabulary.TONES` but the photographic controls."""
    strength: float
    """From above 0 to 2; 1 is the full tone."""
    grade: Grade
    controls: tuple[Control, ...]
    scene: Mapping[str, float]
    """What the tone does besides the grade ("fog", "drops"): how much, 0 to 1, by the control's name."""
    hour: str | None = None
    """Of a weather or a season: one of `vocabulary.TIMES`, at which it is."""


def tone_for(
    name: str, strength: float, context: Context, sky: bool = True, light: float = 1.0, hour: str | None = None
) -> Tone:
    """The tone `name` by `strength`, as the user set its controls. Raises InvalidOption for a value outside its range.

    `sky` says whether there is one, `light` how bright the picture is (mean luma, 0 to 1): what is dark already is darkened less, and brought up to the tone's own level.
    `hour`: one of `vocabulary.TIMES` at which a weather or a season is.
    """
    why = "how much of the tone: as the words say" if strength != 1 else "how much of the tone"
    amount = context.control("amount", _PERCENT * strength, 0, 2 * _PERCENT, why, "%")
    grade = grade_named(name)
    if grade.exposure < 0 or grade.gamma > 1:
        share = float(smoothstep(*_DARK, np.array(light)))
        share = min(share, _down_to(grade, light)) if grade.floor else share
        grade = replace(grade, exposure=grade.exposure * share, gamma=1 + (grade.gamma - 1) * share)
    if 0 < light < grade.level:
        lift = max(float(np.log(grade.level) / np.log(light)), _MOST_LIFTED)
        grade = replace(grade, gamma=grade.gamma * lift)
    grade, controls = dialled(grade, context)
    scene = tuple(
        context.control(dial, own, 0, _PERCENT, why, "%")
        for dial, own, why in _SCENES.get(name, ())
        if sky or dial not in _IN_THE_SKY
    )
    shares = {one.name: one.value / _PERCENT for one in scene}
    return Tone(name, amount.value / _PERCENT, grade, (*controls, *scene, amount), shares, hour)
