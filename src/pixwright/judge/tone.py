"""Checks of tone and style: the statistic that the word names moved the way the word says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.judge.colour import structure, visible
from pixwright.judge.contract import HALF, WORK_SIDE, Finding, Trial, at_least, at_most
from pixwright.media.pixels import lab, shrink
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import BROODING, MENDED

_BLACK = 15
"""Lightness (L*) below which a picture is as dark as a night."""
_GREY, _NO_COLOUR, _ONE_INK = 3.0, 4.0, 14.0
"""Mean chroma of a picture without colour, of one that had none to lose, and of a drawing in one ink on tinted paper."""
_MENDED = 0.5
"""Mean change of the pixels, of 255, from which a fault of the photograph can have gone: the light of a weak cast."""
_DRAWN, _SAME_SCENE = 3.0, 0.08
"""Mean change of the pixels, of 255, at which a picture was drawn anew; correlation of light and shade at which it still shows the same."""


@dataclass(frozen=True)
class ToneStatistics:
    """Statistics of a picture (inside a mask): L*a*b* means, chroma, contrast, sharpness."""

    light: float
    warmth: float
    chroma: float
    contrast: float
    sharpness: float


def look(picture: Array, mask: Array) -> ToneStatistics:
    """Measure HxWx3 sRGB where mask (HxW) > 127."""
    inside = mask > HALF
    if not inside.any():
        inside = np.ones_like(inside)
    values = lab(picture)
    light, a, b = (values[..., i][inside] for i in range(3))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    laplacian = np.abs(cv2.Laplacian(grey, cv2.CV_32F))[inside]
    chroma = np.hypot(a, b)
    return ToneStatistics(
        float(light.mean()), float((a + b).mean() / 2), float(chroma.mean()), float(light.std()), float(laplacian.mean()),
    )  # fmt: skip


_Rule = Callable[[ToneStatistics, ToneStatistics], tuple[float, str]]


def _moved(field: str, sign: int, words: str) -> _Rule:
    def rule(was: ToneStatistics, now: ToneStatistics) -> tuple[float, str]:
        old, new = getattr(was, field), getattr(now, field)
        return sign * (new - old), f"{words}: {old:.2f} -> {new:.2f}"

    return rule


def _whiter(was: ToneStatistics, now: ToneStatistics) -> tuple[float, str]:
    """White is what has no colour and is light; a sky may have been white before, and is grey when it snows."""
    gained = now.light - was.light + was.chroma - now.chroma
    return gained, f"lightness: {was.light:.1f} -> {now.light:.1f}, colourfulness: {was.chroma:.1f} -> {now.chroma:.1f}"


# The smallest movement that counts stands behind each rule; controls take their sign from the step's amount.
_CONTROLS: dict[str, tuple[str, float]] = {
    "brightness": ("light", 0.8), "exposure": ("light", 0.8), "highlights": ("light", 0.1), "shadows": ("light", 0.1),
    "auto exposure": ("light", 0.8), "contrast": ("contrast", 0.4), "saturation": ("chroma", 0.5), "sharpness": ("sharpness", 0.1), "warmth": ("warmth", 0.4),
}  # fmt: skip
_VEILED = _moved("sharpness", -1, "sharpness")
_TONES: dict[str, tuple[_Rule, float]] = {
    "night": (_moved("light", -1, "lightness"), 6), "dark": (_moved("light", -1, "lightness"), 3),
    "blue hour": (_moved("light", -1, "lightness"), 4), "bright": (_moved("light", 1, "lightness"), 3),
    "black and white": (_moved("chroma", -1, "colourfulness"), 0.05), "film noir": (_moved("chroma", -1, "colourfulness"), 0.05),
    "warm": (_moved("warmth", 1, "warmth"), 1.5), "cool": (_moved("warmth", -1, "warmth"), 1.5),
    "sunset": (_moved("warmth", 1, "warmth"), 2), "golden hour": (_moved("warmth", 1, "warmth"), 2), "sunrise": (_moved("warmth", 1, "warmth"), 1.5),
    "vivid": (_moved("chroma", 1, "colourfulness"), 1), "faded": (_moved("contrast", -1, "contrast"), 0.5),
    "fog": (_VEILED, 0.2), "snow": (_whiter, 1), "winter": (_whiter, 1), "autumn": (_moved("warmth", 1, "warmth"), 1),
    "underwater": (_moved("warmth", -1, "warmth"), 3), "sandstorm": (_moved("warmth", 1, "warmth"), 3),
    "storm": (_moved("light", -1, "lightness"), 3), BROODING: (_moved("light", -1, "lightness"), 2), "blur": (_moved("sharpness", -1, "sharpness"), 0.1),
    "denoise": (_moved("sharpness", -1, "sharpness"), 0.02), "grain": (_moved("sharpness", 1, "sharpness"), 0.1),
}  # fmt: skip
_MONOCHROME = {"pencil sketch", "charcoal drawing", "ink drawing", "engraving", "film noir", "black and white"}


def veils(value: str) -> bool:
    """Whether a tone is meant to take detail away, as fog does, and the filling of scratches, streaks and flakes."""
    return value.endswith(" removal") or (value in _TONES and _TONES[value][0] is _VEILED)


def tone(trial: Trial) -> list[Finding]:
    """The tone changed visibly, and the statistic that it is named for moved the right way."""
    value = trial.step.value or ""
    # Of snow at night, and of fog at dawn, the hour moves what the weather's own rule is about.
    rule = None if trial.step.conditions else _control(trial, value) or _TONES.get(value)
    if value in MENDED and rule is None:
        return [visible(trial, _MENDED)]
    if rule is None:
        return [visible(trial, 2.0)]
    was, now = _looks(trial)
    gained, reason = rule[0](was, now)
    if value == "black and white":
        return [at_most("colourfulness", now.chroma, _GREY, reason), visible(trial, 0.1, hard=False)]
    if _already(value, was):
        return [visible(trial, 0.5)]
    return [at_least(f"tone_{value.replace(' ', '_')}", gained, rule[1], reason), visible(trial, 0.5, hard=False)]


def style(trial: Trial) -> list[Finding]:
    """The picture was drawn anew, and still shows the same scene; a drawing in one colour has no others."""
    findings = [visible(trial, _DRAWN), structure(trial, _SAME_SCENE, hard=False, either_way=True)]
    if trial.step.value in _MONOCHROME:
        _, now = _looks(trial)
        findings.append(at_most("colourfulness", now.chroma, _ONE_INK, f"mean chroma {now.chroma:.1f}"))
    return findings


def _control(trial: Trial, value: str) -> tuple[_Rule, float] | None:
    if value not in _CONTROLS:
        return None
    field, least = _CONTROLS[value]
    amount, turned = trial.step.amount, trial.evidence.turned
    down = amount is not None and (amount.value < 0 or (amount.unit == "factor" and amount.value < 1))
    down = down if turned is None else turned < 0
    return _moved(field, -1 if down else 1, value), least


def _already(value: str, was: ToneStatistics) -> bool:
    """A grey photograph cannot lose colour, and a black one cannot get darker."""
    return (value == "film noir" and was.chroma < _NO_COLOUR) or (
        value in ("night", "dark", "storm", BROODING) and was.light < _BLACK
    )


def _looks(trial: Trial) -> tuple[ToneStatistics, ToneStatistics]:
    mask = shrink(trial.mask, WORK_SIDE)
    return look(shrink(trial.before, WORK_SIDE), mask), look(shrink(trial.after, WORK_SIDE), mask)
