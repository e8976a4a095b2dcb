"""Lettering: read how a line of text was set (ink, weight, slant, sharpness), and set another one the same way."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.lettering.faces import CAP, Face, Type, block, canvas, cut, sheared
from pixwright.encoders.reading.ink import Quad, ink_of, line_size, rectified
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

_STROKES = (0.073, 0.106, 0.142, 0.158, 0.176, 0.203, 0.231)
_WEIGHTS = (300, 400, 500, 600, 700, 800, 900)
"""Mean stroke over ink height, and the weight at which our own type has it."""
_BESIDE = 1.5
"""How far beside a line its ground is followed, in widths of the line."""
_OTHER, _STOPPED = 55.0, 0.3
"""Distance of colours (0 to 441) from the ground, and the share of a column's height beyond it, at which the ground ends."""
_FAINT, _LEAST_OTHER = 0.5, 22.0
"""The same distance where the ink itself is nearer to the ground: as a share of its own, and the least."""
_SOFTEST, _DRAWN = 9.0, 0.45
"""Sigma of edges in picture pixels: the most that is read, and what set letters have of themselves."""
_STEEP = 70
"""Percentile of the slopes along the letters' outline that is the slope of their edges."""
_SERIFED = 0.04
"""How much better the letters of another face must cover the old ones, in intersection over union."""
_TELLING = 3
"""Letters from which a face can be told."""
_LOOSE, _APART = 1.1, 0.6
"""How much wider than our own a line must be for its letters to stand apart, and how far they do at most, in sizes of the type."""
_SHADOW = 0.5
"""Blur of the light and shade that letters take from their ground, in heights of the line."""
_WORN, _SHADE = 0.8, (0.55, 1.45)
"""How much of that they take over, and its bounds."""
_AIR = 0.04


@dataclass(frozen=True)
class LineSetting:
    """How a line is set. `weight` 100 to 900, `slant` is dx per dy to the right, `blur` the edge's sigma in picture pixels."""

    ink: Rgb
    weight: int
    slant: float
    blur: float
    face: Face = "sans"
    spacing: float = 0.0
    """Between two letters besides, in sizes of the type."""

    @property
    def type(self) -> Type:
        """The type that it is set in."""
        return Type(self.weight, self.slant, self.face, self.spacing)


def part_of(quad: Quad, start: float, end: float) -> Quad:
    """The part of the line from share `start` to share `end` of its width."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    return np.array(
        [quad[0] + top * start, quad[0] + top * end, quad[3] + bottom * end, quad[3] + bottom * start], np.float32
    )


def stretched(quad: Quad, factor: float, anchor: float = 0.0) -> Quad:
    """The line made `factor` times as wide, about the share `anchor` of its width (0 left, 0.5 middle)."""
    return part_of(quad, anchor - anchor * factor, anchor + (1 - anchor) * factor)


def shares(text: str, start: int, end: int) -> tuple[float, float]:
    """Where characters start..end lie in the line, as shares of its width, by the letters' own widths."""
    total = max(_advance(text), 1)
    return _advance(text[:start]) / total, _advance(text[:end]) / total


def read_setting(picture: Array, quad: Quad, text: str = "") -> LineSetting:
    """Measure a line's ink, weight, slant, sharpness and, where it is known to say `text`, its face."""
    flat, _ = rectified(picture, quad)
    ink = ink_of(flat, text)
    core = cv2.erode(ink, np.ones((3, 3), np.uint8))
    chosen = flat[(core if core.any() else ink) > 0]
    r, g, b = (int(v) for v in (np.median(chosen, axis=0) if len(chosen) else (20, 20, 20)))
    rows = np.flatnonzero(ink.any(axis=1))
    thickness = stroke_of(ink) / max(float(rows[-1] - rows[0] + 1) if rows.size else 1.0, 1.0)
    weight = int(np.interp(thickness, _STROKES, _WEIGHTS))
    slant = _slant_of(ink)
    blur = _blur_of(flat, ink, line_size(quad)[1])
    face = _face_of(ink, text, Type(weight, slant))
    return LineSetting((r, g, b), weight, slant, blur, face, _spacing_of(ink, text, Type(weight, slant, face)))


def _face_of(ink: Array, text: str, plain: Type) -> Face:
    """The face whose letters cover the old ones best when they are as large: the sans, or clearly better the serif."""
    x, y, wide, tall = cv2.boundingRect(ink)
    if sum(one.isalpha() for one in text) < _TELLING or not wide or not tall:
        return "sans"
    old = ink[y : y + tall, x : x + wide] > 0

    def covered(type_: Type) -> float:
        new = cv2.resize(cut(text.strip(), type_), (wide, tall), interpolation=cv2.INTER_AREA) > 127
        return float((old & new).sum()) / max(float((old | new).sum()), 1.0)

    serif = Type(plain.weight, plain.slant, "serif")
    return "serif" if covered(serif) > covered(plain) + _SERIFED else "sans"


def _spacing_of(ink: Array, text: str, type_: Type) -> float:
    """What is between two letters beyond what our own type has there, in its sizes: a line that is wide because its letters stand apart shows more ground in it
    than one whose letters are wide."""
    x, y, wide, tall = cv2.boundingRect(ink)
    text = text.strip()
    if len(text) < _TELLING or not wide or not tall:
        return 0.0
    ours = cut(text, type_)
    natural, as_wide = ours.shape[1], wide / tall * ours.shape[0]
    if as_wide < _LOOSE * natural:
        return 0.0
    own = float((ours > 127).any(axis=0).mean())
    old = float(ink[:, x : x + wide].any(axis=0).mean())
    share = float(np.clip((own - old) / max(own - own * natural / as_wide, 1e-3), 0, 1))
    return float(min(share * (as_wide - natural) / (len(text) - 1) / CAP, _APART))


def stroke_of(ink: Array) -> float:
    """Mean width of the strokes in pixels: area over half the outline's length."""
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(outline, True) for outline in outlines)
    return 2 * float(np.count_nonzero(ink)) / max(length, 1.0)


def extent(text: str) -> tuple[float, float]:
    """How far the text's ink reaches above and below its line, over the size of the type."""
    rows = np.flatnonzero(canvas(text, Type(400)).any(axis=1))
    if not rows.size:
        return 0.7, 0.0
    base = CAP * 2
    return (base - int(rows[0])) / CAP, (int(rows[-1]) + 1 - base) / CAP


def natural_width(text: str, weight: int, face: Face = "sans", spacing: float = 0.0) -> float:
    """Width of the text over the height of its line, as set by us."""
    letters = cut(text, Type(weight, face=face, spacing=spacing))
    return float(letters.shape[1] / letters.shape[0])


def write(picture: Array, text: str, quad: Quad, setting: LineSetting, *, lit: bool = False) -> tuple[Array, Array]:
    """Set the text, of one line or several, into the quad, `lit` as its ground is: (picture, coverage), HxWx3 and HxW uint8. Nothing outside the coverage is changed."""
    height, width = picture.shape[:2]
    letters = block(text, setting.type) if "\n" in text else cut(text, setting.type)
    source = np.array(
        [[0, 0], [letters.shape[1], 0], [letters.shape[1], letters.shape[0]], [0, letters.shape[0]]], np.float32
    )
    # Shrunk first to its size in the picture: a perspective warp alone would skip over the letters' pixels.
    place_h = line_size(quad)[1]
    scale = min(1.0, 2 * place_h / letters.shape[0])
    if scale < 1:
        letters = np.asarray(cv2.resize(letters, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        source = np.array(
            [[0, 0], [letters.shape[1], 0], [letters.shape[1], letters.shape[0]], [0, letters.shape[0]]], np.float32
        )
    turn = cv2.getPerspectiveTransform(source, quad.astype(np.float32))
    cover = cv2.warpPerspective(letters, turn, (width, height), flags=cv2.INTER_AREA)
    if setting.blur > 0.4:
        cover = cv2.GaussianBlur(cover, (0, 0), setting.blur)
    out = picture.copy()
    out[cover > 0] = setting.ink
    if lit:
        light = _light_under(picture, cover, place_h)[cover > 0]
        out[cover > 0] = np.clip(np.array(setting.ink, np.float32) * light[:, None], 0, 255)
    return out, np.asarray(cover, np.uint8)


def _light_under(picture: Array, cover: Array, tall: float) -> NDArray[np.float32]:
    """Light and shade of the ground where letters are set, as a factor about 1, HxW: slow over the height of the line (`tall`, pixels)."""
    factor = np.ones(cover.shape, np.float32)
    x, y, wide, high = cv2.boundingRect(cover)
    if wide and high:
        part = np.s_[y : y + high, x : x + wide]
        grey = cv2.cvtColor(np.ascontiguousarray(picture[part]), cv2.COLOR_RGB2GRAY).astype(np.float32) + 16
        soft = cv2.GaussianBlur(grey, (0, 0), max(1.0, _SHADOW * tall / 2))
        factor[part] = np.clip((soft / float(np.median(soft))) ** _WORN, *_SHADE)
    return factor


def room_beside(picture: Array, quad: Quad, text: str = "", within: Array | None = None) -> tuple[float, float]:
    """How far the ground goes on to the left and the right of a line that says `text`, in widths of the line: up to a frame, an edge, other text, or the end of
    what bears it (`within` HxW uint8)."""
    flat, _ = rectified(picture, stretched(quad, 1 + 2 * _BESIDE, 0.5))
    height, width = picture.shape[:2]
    inside, _ = rectified(np.full((height, width, 3), 255, np.uint8), stretched(quad, 1 + 2 * _BESIDE, 0.5), outside=0)
    across = flat.shape[1]
    own = round(across / (1 + 2 * _BESIDE))
    start = (across - own) // 2
    line = flat[:, start : start + own]
    inked = ink_of(line, text) > 0
    ground = np.median(line[~inked].reshape(-1, 3), axis=0).astype(np.float32)
    apart = float(np.linalg.norm(np.median(line[inked].reshape(-1, 3), axis=0) - ground)) if inked.any() else 0.0
    limit = float(np.clip(_FAINT * apart, _LEAST_OTHER, _OTHER))
    other = np.linalg.norm(flat.astype(np.float32) - ground, axis=2) > limit
    stops = (other.mean(axis=0) > _STOPPED) | (inside[..., 0].min(axis=0) < 128)
    if within is not None:
        borne, _ = rectified(np.repeat(within[..., None], 3, axis=2), stretched(quad, 1 + 2 * _BESIDE, 0.5), outside=0)
        stops |= borne[..., 0].mean(axis=0) < 128
    left, right = np.flatnonzero(stops[:start][::-1]), np.flatnonzero(stops[start + own :])
    free = [int(side[0]) if side.size else start for side in (left, right)]
    # A little air to what comes next.
    return max(0.0, free[0] / own - _AIR), max(0.0, free[1] / own - _AIR)


def _slant_of(ink: Array) -> float:
    """The shear that makes upright strokes stand: where the column sums vary most. Small slants count as none."""
    best, slant = -1.0, 0.0
    for shear in np.arange(-0.1, 0.45, 0.05):
        columns = sheared(ink * np.uint8(255), -float(shear)).sum(axis=0, dtype=np.float64)
        sharpness = float(np.square(np.diff(columns)).sum())
        if sharpness > best * 1.02:
            best, slant = sharpness, float(shear)
    return slant if slant > 0.12 else 0.0


def _blur_of(flat: Array, ink: Array, height: float) -> float:
    """Sigma of the letters' edges in picture pixels: of a soft step, its height over its steepest slope (times the square root of 2 pi)."""
    grey = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    rim = (cv2.dilate(ink, kernel) > 0) & (cv2.erode(ink, kernel) == 0)
    if not rim.any() or ink.all():
        return 0.0
    slopes = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 8
    core = cv2.erode(ink, kernel)
    inked = grey[(core if core.any() else ink) > 0]
    step = abs(float(np.median(inked)) - float(np.median(grey[ink == 0])))
    sigma = step / max(float(np.percentile(slopes[rim], _STEEP)), 1e-3) / np.sqrt(2 * np.pi)
    sigma *= height / flat.shape[0]
    return float(np.clip(np.sqrt(max(sigma * sigma - _DRAWN * _DRAWN, 0.0)), 0, _SOFTEST))


def _advance(text: str) -> int:
    return int(cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), 60, 400)[2]) if text else 0
