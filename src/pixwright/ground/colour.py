"""How well a place answers to a colour's name."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pixwright.ground.geometry import TINY, Floats, calm
from pixwright.records.vocabulary import COLOURS
from pixwright.words.colours import kind_of, lab_of
from pixwright.words.colours import rgb as sample_of

RIVALS = ("red", "orange", "yellow", "green", "blue", "purple")
"""The hues that a colour is told apart by."""
RIVALRY = 0.8
"""People name a hue by the nearest of these: how much it counts against a name that another fits better."""
DARK, LIGHT = 30.0, 75.0
"""CIE L below which a surface may be called black, and above which white."""
GREY = 12.0
"""CIE chroma below which a colour of the vocabulary is white, grey or black."""
WHITE, BLACK = 90.0, 12.0
"""CIE L above which such a colour is white, and below which it is black."""
LEAST_ODDS, MOST_ODDS = -4.0, 2.5
"""Between which all log-odds lie."""
GREY_ODDS, GREY_STEP = 2.0, 9.0
"""Log-odds of a perfect grey, and the difference of CIE L that takes 1 off."""
COLOURLESS, TINGE_STEP = 11.0, 6.0
"""CIE chroma up to which a surface may be called grey, and how much more of it takes 1 off."""
TURN_STEP = 14.0
"""Degrees of hue that take 1 off."""
LEAST_CHROMA, OWN_CHROMA, PALE_STEP = 18.0, 0.45, 4.0
"""CIE chroma that is coloured enough, or this share of the name's own if that is less; and how much less of it takes 1 off."""
SHADE, SHADE_STEP = 28.0, 8.0
"""Difference of CIE L that light and shade explain, and how much more of it takes the shade's weight off."""
BY_SHADE, BY_HUE = 0.9, 0.35
"""That weight for names of a shade ("dark red", "navy"), and for names of a hue alone."""
SHADES = ("brown", "pink", "navy", "cream", "beige")
"""Names of one word that say how light a colour is."""

SKIN_HUE, SKIN_CHROMA = 50.0, (9.0, 38.0)
"""CIE Lab hue in degrees and range of chroma of human skin, of all shades."""
SKIN_ODDS, HUE_STEP, WAN_STEP, VIVID_STEP = 2.0, 11.0, 2.0, 5.0
"""Log-odds of perfect skin; degrees of hue, and chroma below and above its range, that take 1 off."""
DIM, DIM_STEP = 32.0, 8.0
"""CIE L below which nothing is surely skin, and how much less takes 1 off."""
BARE_BLUR = 1.5
"""Pixels over which skin is judged."""


def colour_odds(lab: Floats, name: str) -> Floats:
    """(..., 3) CIE Lab -> log-odds, LEAST_ODDS to MOST_ODDS, that people call it by this name.

    A named hue is judged by hue angle and by being coloured at all, hardly by lightness: shade is not colour. Greys are judged by lightness.
    """
    light, a, b = _lab_of(name)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    own = float(np.hypot(a, b))
    if own < GREY:
        apart = np.abs(lab[..., 0] - light)
        if light > WHITE:
            apart = np.maximum(LIGHT - lab[..., 0], 0)
        elif light < BLACK:
            apart = np.maximum(lab[..., 0] - DARK, 0)
        odds = GREY_ODDS - apart / GREY_STEP - np.maximum(chroma - COLOURLESS, 0) / TINGE_STEP
        return np.asarray(odds, np.float32).clip(LEAST_ODDS, MOST_ODDS)
    cosine = (lab[..., 1] * a + lab[..., 2] * b) / (chroma * own + TINY)
    turn = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    weight = BY_SHADE if name in SHADES or name not in COLOURS or name.startswith(("dark ", "light ")) else BY_HUE
    shade = weight * np.maximum(np.abs(lab[..., 0] - light) - SHADE, 0) / SHADE_STEP
    pale = np.maximum(min(LEAST_CHROMA, OWN_CHROMA * own) - chroma, 0) / PALE_STEP
    return np.asarray(MOST_ODDS - turn / TURN_STEP - pale - shade, np.float32).clip(LEAST_ODDS, MOST_ODDS)


@cache
def _lab_of(name: str) -> tuple[float, float, float]:
    """CIE Lab of what people call by this name."""
    sample = sample_of(name)
    assert sample is not None, f"{name} was read as a colour"
    return lab_of(sample)


def any_colour(lab: Floats, names: tuple[str, ...]) -> Floats:
    """The best of several names: "black and white"."""
    own = np.max([colour_odds(lab, name) for name in names], axis=0)
    kinds = {kind_of(name) for name in names}
    others = [colour_odds(lab, name) for name in RIVALS if name not in kinds]
    if others and kinds & set(RIVALS):
        own = own - RIVALRY * np.maximum(np.max(others, axis=0) - own, 0)
    return np.asarray(own, np.float32)


def skin_odds(lab: Floats) -> Floats:
    """(h, w) log-odds that a pixel of CIE Lab (h, w, 3) is human skin, by CIE Lab hue and chroma; light hardly matters."""
    light, a, b = np.moveaxis(lab, -1, 0)
    hue = np.degrees(np.arctan2(b, a))
    chroma = np.hypot(a, b)
    low, high = SKIN_CHROMA
    odds = SKIN_ODDS - np.abs(hue - SKIN_HUE) / HUE_STEP
    odds = odds - np.maximum(low - chroma, 0) / WAN_STEP - np.maximum(chroma - high, 0) / VIVID_STEP
    return np.asarray(odds - np.maximum(DIM - light, 0) / DIM_STEP, np.float32)


def bare_skin(lab: Floats, odds: float) -> NDArray[np.bool_]:
    """(h, w): where skin is likelier than these log-odds, judged over BARE_BLUR pixels."""
    return np.asarray(calm(skin_odds(lab), BARE_BLUR) > odds, np.bool_)
