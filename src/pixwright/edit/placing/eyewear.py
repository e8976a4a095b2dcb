"""Glasses and sunglasses as a model of a few curves: two rims, a bridge, the ends of the temples, and what the lenses mirror. A traced model of them has no rims at a face's size."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.placing.worn import APART
from pixwright.records.instruction import Array
from pixwright.records.thing import Thing
from pixwright.words import lexicon

_WIDE, _TALL, _FINER = 640, 256, 4
"""Pixels of the model, and how much finer it is drawn."""
_RIM = 0.021
"""Thickness of a rim, over the width of the glasses."""
_FRAME, _GLINT = (38, 34, 33), 0.3
"""Colour of a frame of which none is said, and how much lighter its upper edge is."""
_SHAPES = {"round": (0.178, 0.178, 2.0), "square": (0.19, 0.165, 6.0), "": (0.195, 0.148, 3.2)}
"""By what is said of the form: half width and half height of a lens over the width of the glasses, and the power of the superellipse that it is."""
_DARK, _MIRRORED = 0.9, 0.11
"""How much is seen of a dark lens, and of the window that every lens mirrors."""
_SOLID, _SEE_THROUGH = 200, 0.5
"""Alpha from which a pixel is solid; and the share of a cut-out's own box from which on its lenses are dark."""


def is_eyewear(thing: Thing) -> bool:
    """Whether it is a pair of lenses that is worn on the eyes."""
    kind = lexicon().look(thing.name)
    return kind is not None and kind.worn == "eyes" and kind.is_("pair")


def eyewear(like: Array, thing: Thing) -> Array:
    """The glasses that `thing` says, HxWx4 uint8: round, square or as most are; with dark lenses where those of the cut-out `like` (HxWx4) are."""
    said = {word for words in (thing.said, thing.states, thing.sizes) for word in words}
    wide, tall, power = _SHAPES[next((name for name in _SHAPES if name in said), "")]
    height, width = _TALL * _FINER, _WIDE * _FINER
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (columns - width / 2) / width, (rows - height / 2) / width
    off = 0.5 / APART
    lens = np.minimum(*(_outside(x - side * off, y, wide, tall, power) for side in (-1, 1)))
    rim = np.abs(lens) <= _RIM / 2
    bridge = (np.abs(x) < off - wide) & (np.abs(y + 0.35 * tall - 2 * x * x) <= _RIM / 2)
    temple = (np.abs(x) > off + wide - _RIM / 2) & (np.abs(y + 0.4 * tall) <= _RIM)
    frame = (rim | bridge | temple).astype(np.float32)
    glass = ((lens < 0) & (frame == 0)).astype(np.float32)
    window = glass * ((x + 0.7 * y) % off < 0.3 * off) * (y < 0.2 * tall)
    window = cv2.GaussianBlur(window, (0, 0), 2 * _FINER) * glass
    dark = float((like[..., 3] > _SOLID).mean()) > _SEE_THROUGH
    edge = np.clip(frame - np.roll(frame, 2 * _FINER, axis=0), 0, 1)  # what faces up
    share = _GLINT * cv2.GaussianBlur(edge, (0, 0), _FINER) + (_MIRRORED if dark else 1) * window
    colours = np.array(_FRAME, np.float32) + (255 - np.array(_FRAME, np.float32)) * share[..., None]
    alpha = np.maximum(frame, glass * (_DARK if dark else 0) + (0 if dark else _MIRRORED) * window)
    small = cv2.resize(np.dstack([colours, 255 * alpha]), (_WIDE, _TALL), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(small, 0, 255), np.uint8)


def _outside(x: Array, y: Array, wide: float, tall: float, power: float) -> Array:
    """About how far a place is outside of a superellipse (less than 0 inside), in the units of its half axes."""
    reach = (np.abs(x) / wide) ** power + (np.abs(y) / tall) ** power
    return np.asarray((np.maximum(reach, 1e-6) ** (1 / power) - 1) * np.sqrt(wide * tall))
