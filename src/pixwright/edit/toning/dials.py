"""The numbers of a grade as controls that a person can move, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.toning.grade import Grade, grade_named
from pixwright.records.result import Control

_STOPS = 3.0
"""Largest exposure either way, stops."""
_PERCENT = 100.0
_MIDTONES = 50.0
"""So many percent of midtones halve the exponent, or double it."""
_WARMEST = float(np.log(1.30 / 0.62))
"""Logarithm of red over blue that `lut.warm` gives to grey at its strongest; a temperature of 100 %."""
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


@dataclass(frozen=True)
class Tone:
    """A tone as it is to be laid on one picture: with the user's values where some were set."""

    name: str
    """One of `vocabulary.TONES` but the photographic controls."""
    strength: float
    """From above 0 to 2; 1 is the full tone."""
    grade: Grade
    controls: tuple[Control, ...]


def tone_for(name: str, strength: float, context: Context) -> Tone:
    """The tone `name` by `strength`, as the user set its controls. Raises InvalidOption for a value outside its range."""
    why = "how much of the tone: as the words say" if strength != 1 else "how much of the tone"
    amount = context.control("amount", _PERCENT * strength, 0, 2 * _PERCENT, why, "%")
    grade, controls = dialled(grade_named(name), context)
    return Tone(name, amount.value / _PERCENT, grade, (*controls, amount))
