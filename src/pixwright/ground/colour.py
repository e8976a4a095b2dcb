"""How well a place answers to a colour's name."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.ground.geometry import Floats
from pixwright.records.vocabulary import COLOURS

RIVALS = ("red", "orange", "yellow", "green", "blue", "purple")
RIVALRY = 0.8
"""People name a hue by the nearest of these: how much it counts against a name that another fits better."""
DARK, LIGHT = 30.0, 75.0
"""CIE L below which a surface may be called black, and above which white."""


def colour_odds(lab: Floats, name: str) -> Floats:
    """(..., 3) CIE Lab -> log-odds about -4..2.5 that people call it by this name.

    A named hue is judged by hue angle and by being coloured at all, hardly by lightness: shade is not colour. Greys are judged by lightness.
    """
    rgb = np.array([[COLOURS[name]]], np.float32) / 255
    light, a, b = (float(v) for v in cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0])
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    own = float(np.hypot(a, b))
    if own < 12:
        apart = np.abs(lab[..., 0] - light)
        if light > 90:
            apart = np.maximum(LIGHT - lab[..., 0], 0)
        elif light < 12:
            apart = np.maximum(lab[..., 0] - DARK, 0)
        return np.asarray(2.0 - apart / 9 - np.maximum(chroma - 11, 0) / 6, np.float32).clip(-4, 2.5)
    cosine = (lab[..., 1] * a + lab[..., 2] * b) / (chroma * own + 1e-6)
    turn = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    slack = (
        0.35
        if name.split()[0] not in ("dark", "light") and name not in ("brown", "pink", "navy", "cream", "beige")
        else 0.9
    )
    apart = np.abs(lab[..., 0] - light)
    need = min(18.0, 0.45 * own)
    odds = 2.5 - turn / 14 - np.maximum(need - chroma, 0) / 4 - slack * np.maximum(apart - 28, 0) / 8
    return np.asarray(odds, np.float32).clip(-4, 2.5)


def any_colour(lab: Floats, names: tuple[str, ...]) -> Floats:
    """The best of several names: "black and white"."""
    own = np.max([colour_odds(lab, name) for name in names], axis=0)
    others = [colour_odds(lab, name) for name in RIVALS if name not in names]
    if others and set(names) & set(RIVALS):
        own = own - RIVALRY * np.maximum(np.max(others, axis=0) - own, 0)
    return np.asarray(own, np.float32)
