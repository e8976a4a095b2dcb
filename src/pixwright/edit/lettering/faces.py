"""Type: text as coverage, set large in one of the faces that there are. OpenCV brings an upright sans; serif and handwriting are packaged."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import cv2
import numpy as np

from pixwright.records.instruction import Array
from pixwright.records.region import box_in

Face = Literal["sans", "serif", "handwritten"]

CAP = 120
"""Size of the type in pixels at which text is set before it is put into place."""
_FILES: dict[str, str] = {"serif": "lora_semibold.ttf", "handwritten": "caveat_bold.ttf"}
_PACKAGED, _THICKER = 700, 2.2
"""Weight up to which the packaged faces stand for all, and by how many pixels of the type's size each hundred more thickens them."""
_LAST_LETTER = 0x52F
"""Code point up to which the packaged faces have letters (Latin, Greek in part, Cyrillic); beyond, the sans is used."""
_SIDE = 40
"""Free pixels left and right of text on its canvas."""
_PITCH = 1.25
"""From line to line, in sizes of the type."""
_TALL_FACE: dict[str, float] = {"handwritten": 1.35}
"""Faces whose letters are small for their size, and how much larger they are set."""


@dataclass(frozen=True)
class Type:
    """How text is set: `weight` 100 to 900 (the packaged faces have one, and are thickened beyond it), `slant` dx per dy to the right, `spacing` what is between two letters besides, in sizes
    of the type."""

    weight: int = 650
    slant: float = 0.0
    face: Face = "sans"
    spacing: float = 0.0


def unset(text: str) -> str | None:
    """Why a text cannot be set, or None: letters that run from right to left, or that change their form or join with their neighbours, are not shaped here."""
    for char in unicodedata.normalize("NFC", text):
        if unicodedata.bidirectional(char) in ("R", "AL", "AN") or unicodedata.category(char) in ("Mn", "Mc"):
            script = unicodedata.name(char, "unknown").split()[0].title()
            return f"{script} letters cannot be set: they run or join in ways that are not known here; attach a picture of the text"
    return None


def canvas(text: str, type_: Type) -> Array:
    """One line as coverage HxW uint8, on a canvas of three sizes of the type, its base line at two."""
    name = type_.face if all(ord(c) <= _LAST_LETTER for c in text) else "sans"
    size = round(CAP * _TALL_FACE.get(name, 1.0))
    file = _FILES.get(name)
    font = cv2.FontFace(str(files("pixwright.edit").joinpath(f"data/fonts/{file}")) if file else "sans")
    weight = 0 if file else type_.weight
    apart = round(type_.spacing * CAP)
    width = int(cv2.getTextSize((0, 0), text, (0, 0), font, size, weight)[2]) + apart * len(text) + 2 * _SIDE
    out = np.zeros((CAP * 3, width, 3), np.uint8)
    if not apart:
        cv2.putText(out, text, (_SIDE, CAP * 2), (255, 255, 255), font, size, weight)
    for at, letter in enumerate(text if apart else ""):
        before = int(cv2.getTextSize((0, 0), text[:at], (0, 0), font, size, weight)[2]) if at else 0
        cv2.putText(out, letter, (_SIDE + before + at * apart, CAP * 2), (255, 255, 255), font, size, weight)
    plain = np.ascontiguousarray(out[..., 0])
    if file and (thicker := round(_THICKER * (type_.weight - _PACKAGED) / 100)) > 0:
        plain = np.asarray(cv2.dilate(plain, np.ones((thicker + 1, thicker + 1), np.uint8)), np.uint8)
    if name == "sans":
        for at, letter in enumerate(text):
            if letter == "0":
                before = int(cv2.getTextSize((0, 0), text[:at], (0, 0), font, size, weight)[2]) if at else 0
                _unslash(plain, _SIDE + before + at * apart, font, size, weight)
    return sheared(plain, type_.slant)


def _unslash(letters: Array, left: int, font: cv2.FontFace, size: int, weight: int) -> None:
    """The sans has a bar through its nought, which signs and clocks have not: in its place a capital O as narrow, where it begins at `left`."""
    nought, round_one = (np.zeros((CAP * 3, 3 * CAP, 3), np.uint8) for _ in range(2))
    cv2.putText(nought, "0", (_SIDE, CAP * 2), (255, 255, 255), font, size, weight)
    cv2.putText(round_one, "O", (_SIDE, CAP * 2), (255, 255, 255), font, size, weight)
    x, y, wide, tall = cv2.boundingRect(nought[..., 0])
    a, b, c, d = cv2.boundingRect(round_one[..., 0])
    x += left - _SIDE
    letters[y : y + tall, x : x + wide] = cv2.resize(
        round_one[b : b + d, a : a + c, 0], (wide, tall), interpolation=cv2.INTER_AREA
    )


def cut(text: str, type_: Type) -> Array:
    """One line as coverage, cut to its ink."""
    return _to_ink(canvas(text, type_))


def block(text: str, type_: Type) -> Array:
    """Lines (separated by newlines) one below the other, centred, as coverage cut to their ink."""
    lines = [canvas(line, type_) for line in text.split("\n")]
    pitch = round(CAP * _PITCH)
    wide = max(line.shape[1] for line in lines)
    out = np.zeros((3 * CAP + pitch * (len(lines) - 1), wide), np.uint8)
    for index, line in enumerate(lines):
        left = (wide - line.shape[1]) // 2
        part = np.s_[index * pitch : index * pitch + 3 * CAP, left : left + line.shape[1]]
        out[part] = np.maximum(out[part], line)
    return _to_ink(out)


def sheared(letters: Array, slant: float) -> Array:
    """Coverage slanted to the right by `slant` (dx per dy)."""
    if slant == 0:
        return letters
    h, w = letters.shape
    extra = int(abs(slant) * h) + 1
    turn = np.array([[1, -slant, slant * h if slant > 0 else 0], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(letters, turn, (w + extra, h)), np.uint8)


def _to_ink(grey: Array) -> Array:
    box = box_in(grey)
    if box is None:
        return np.zeros((CAP, grey.shape[1]), np.uint8)
    return np.ascontiguousarray(grey[box[1] : box[3], box[0] : box[2]])
