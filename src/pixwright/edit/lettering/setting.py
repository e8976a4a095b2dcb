"""Lettering: read how a line of text was set (ink, weight, slant, sharpness), and set another one the same way."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.lettering.faces import CAP, Type, canvas, cut, sheared
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
_AIR = 0.04


@dataclass(frozen=True)
class LineSetting:
    """How a line is set. `weight` 100 to 900, `slant` is dx per dy to the right, `blur` the edge's sigma in picture pixels."""

    ink: Rgb
    weight: int
    slant: float
    blur: float


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


def read_setting(picture: Array, quad: Quad) -> LineSetting:
    """Measure a line's ink, weight, slant and sharpness."""
    flat, _ = rectified(picture, quad)
    ink = ink_of(flat)
    core = cv2.erode(ink, np.ones((3, 3), np.uint8))
    chosen = flat[(core if core.any() else ink) > 0]
    r, g, b = (int(v) for v in (np.median(chosen, axis=0) if len(chosen) else (20, 20, 20)))
    rows = np.flatnonzero(ink.any(axis=1))
    thickness = stroke_of(ink) / max(float(rows[-1] - rows[0] + 1) if rows.size else 1.0, 1.0)
    weight = int(np.interp(thickness, _STROKES, _WEIGHTS))
    return LineSetting((r, g, b), weight, _slant_of(ink), _blur_of(flat, line_size(quad)[1]))


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


def natural_width(text: str, weight: int) -> float:
    """Width of the text over the height of its line, as set by us."""
    letters = cut(text, Type(weight))
    return float(letters.shape[1] / letters.shape[0])


def write(picture: Array, text: str, quad: Quad, setting: LineSetting) -> tuple[Array, Array]:
    """Set the text into the quad: (picture, coverage), HxWx3 and HxW uint8. Nothing outside the coverage is changed."""
    height, width = picture.shape[:2]
    letters = cut(text, Type(setting.weight, setting.slant))
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
    return out, np.asarray(cover, np.uint8)


def room_beside(picture: Array, quad: Quad) -> tuple[float, float]:
    """How far the ground goes on to the left and the right of a line, in widths of the line: up to a frame, an edge or other text."""
    flat, _ = rectified(picture, stretched(quad, 1 + 2 * _BESIDE, 0.5))
    height, width = picture.shape[:2]
    inside, _ = rectified(np.full((height, width, 3), 255, np.uint8), stretched(quad, 1 + 2 * _BESIDE, 0.5), outside=0)
    across = flat.shape[1]
    own = round(across / (1 + 2 * _BESIDE))
    start = (across - own) // 2
    line = flat[:, start : start + own]
    ground = np.median(line[ink_of(line) == 0].reshape(-1, 3), axis=0).astype(np.float32)
    other = np.linalg.norm(flat.astype(np.float32) - ground, axis=2) > _OTHER
    stops = (other.mean(axis=0) > _STOPPED) | (inside[..., 0].min(axis=0) < 128)
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


def _blur_of(flat: Array, height: float) -> float:
    """Sigma of the letters' edges in picture pixels, from the steepest gradient over the contrast."""
    grey = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float32)
    steep = float(np.percentile(np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3)) / 8, 99.5))
    contrast = float(np.percentile(grey, 99) - np.percentile(grey, 1))
    sigma = contrast / max(steep, 1e-3) / np.sqrt(2 * np.pi) / 2
    return float(np.clip(sigma * height / flat.shape[0] - 0.35, 0, 4))


def _advance(text: str) -> int:
    return int(cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), 60, 400)[2]) if text else 0
