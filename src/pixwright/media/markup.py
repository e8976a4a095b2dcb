"""What somebody drew over a picture to point at something: rings, arrows and strokes. Only shapes are read; words that are written in a drawing are not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidMask
from pixwright.media.load import load_picture
from pixwright.media.picture import ALPHA, RGBA
from pixwright.records.instruction import Array

_DRAWN = 128
"""Opacity from which on a pixel was drawn on."""
_READ_AT = 512
"""Longer side, in pixels, of the drawing in which shapes are read."""
_GAP, _OPEN = 0.02, 0.18
"""Strokes that are this near to each other belong together (of the longer side); ends that are this near were meant to meet (of the shape's shorter side)."""
_INSIDE = 0.3
"""Of a thickened stroke and what it goes round: from this share inside on it is a ring."""
_BULGE = 0.3
"""Of a part of the picture that strokes and the picture's sides enclose: from this share within the strokes' hull on they go round it; a line from side to side has it at none."""
_SPECK = 0.0002
"""Of the picture: less than this is a slip of the pen."""
_BINS, _HEAD = 12, 4
"""Parts of a line's length in which its width is measured; those at each end that may be an arrow's head."""
_LONG = 1.4
"""An arrow is so many times as long as it is wide, at least."""
_WIDER, _PLAIN = 2.0, 1.6
"""An arrow's head is so many times as wide as its shaft, at least, and its other end at most."""
_BEYOND = 0.015
"""Of the longer side: how far before its tip an arrow points."""


@dataclass(frozen=True, eq=False)
class Markup:
    """What was drawn, in pixels of the picture; at least one of the three holds something."""

    rings: tuple[Array, ...]
    """HxW uint8 each, 255 within what was drawn round something."""
    tips: tuple[tuple[int, int], ...]
    """(x, y) that arrows point at."""
    strokes: Array
    """HxW uint8, 255 where the drawing is neither: strokes over a thing."""


def load_markup(source: Path | bytes | Array, height: int, width: int) -> Markup:
    """The shapes of a transparent drawing of the picture's own size: a file, or HxWx4 uint8.

    Raises InvalidMask for another size, for a drawing without transparency and for an empty one; and what `load_picture` raises for the file.
    """
    pixels = source if isinstance(source, np.ndarray) else load_picture(source).pixels
    if pixels.shape[:2] != (height, width):
        raise InvalidMask(
            f"the drawing has {pixels.shape[1]}x{pixels.shape[0]} pixels and the picture {width}x{height}; draw on a layer of that size"
        )
    if pixels.ndim != len((height, width, RGBA)) or pixels.shape[2] != RGBA or bool((pixels[ALPHA] >= _DRAWN).all()):
        raise InvalidMask(
            "the drawing covers the whole picture: save only what was drawn, on a transparent layer, as PNG"
        )
    return read_markup(np.where(pixels[ALPHA] >= _DRAWN, 255, 0).astype(np.uint8))


def read_markup(drawn: Array) -> Markup:
    """The shapes of what was drawn: HxW uint8, 255 = drawn. Raises InvalidMask where nothing was."""
    height, width = drawn.shape
    scale = min(1.0, _READ_AT / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Thin lines must not be lost: whatever is touched counts.
    small = (cv2.resize(drawn, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    count, labels = cv2.connectedComponents(_thickened(small, _GAP * max(size)))
    strokes = [small * (labels == label) for label in range(1, count)]
    strokes = [stroke for stroke in strokes if stroke.sum() >= _SPECK * small.size]
    shapes = [_inside(stroke, _OPEN * min(cv2.boundingRect(stroke)[2:])) for stroke in strokes]
    open_ones = [stroke for stroke, shape in zip(strokes, shapes) if shape is None]
    cut = [stroke for stroke in open_ones if _at_side(_thickened(stroke, _GAP * max(size)))]
    beside = _beside(np.max(cut, axis=0), _GAP * max(size)) if cut else None
    rest = np.zeros_like(small)
    tips: list[tuple[int, int]] = []
    for stroke in open_ones:
        if beside is not None and any(stroke is one for one in cut):
            continue
        tip = _tip(stroke.astype(bool))
        if tip is None:
            rest |= stroke
        else:
            x, y = tip / scale
            tips.append((int(np.clip(x, 0, width - 1)), int(np.clip(y, 0, height - 1))))
    rings = [
        np.asarray(cv2.resize(inside, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
        for inside in (*shapes, beside)
        if inside is not None
    ]
    if not (rings or tips or rest.any()):
        raise InvalidMask("nothing was drawn: draw a ring round the thing, an arrow to it, or strokes over it")
    over = cv2.resize(rest, (width, height), interpolation=cv2.INTER_NEAREST) * drawn
    return Markup(tuple(rings), tuple(tips), cast(Array, over))


def _thickened(stroke: NDArray[np.uint8], gap: float) -> NDArray[np.uint8]:
    """So that ends up to `gap` pixels apart meet."""
    reach = max(1, round(gap / 2))
    return np.asarray(
        cv2.dilate(stroke, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))), np.uint8
    )


def _inside(stroke: NDArray[np.uint8], gap: float) -> NDArray[np.uint8] | None:
    """What a stroke goes round whose gaps are closed, itself with it, 255; None where it is no ring."""
    edge = int(gap) + 1
    shape = _thickened(np.pad(stroke, edge), gap)
    outlines, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(shape), outlines, -1, 1, cv2.FILLED)
    if 1 - float(shape.sum()) / float(filled.sum()) < _INSIDE:
        return None
    within = 1 - _thickened(np.asarray(1 - filled, np.uint8), gap)
    return np.asarray(within[edge:-edge, edge:-edge] * 255, np.uint8)


def _at_side(stroke: NDArray[np.uint8]) -> bool:
    """Whether it runs to a side of the picture."""
    return bool(stroke[[0, -1]].any() or stroke[:, [0, -1]].any())


def _beside(strokes: NDArray[np.uint8], gap: float) -> NDArray[np.uint8] | None:
    """What strokes go round together with the picture's sides, where a ring runs out of the picture; themselves with it, 255. None where they are no such ring."""
    wall = _thickened(strokes, gap)
    hull = np.zeros_like(wall)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(strokes)), 1)
    count, parts = cv2.connectedComponents(1 - wall, connectivity=4)
    # The first number is the strokes' own. One part alone is the whole picture: nothing is enclosed.
    within = [n for n in range(1, count) if float(hull[parts == n].mean()) >= _BULGE]
    if not within or len(within) == count - 1:
        return None
    # As much as the strokes were thickened by belongs to what they go round.
    inside = _thickened(np.asarray(np.isin(parts, within), np.uint8), gap)
    return np.asarray((inside | strokes) * np.uint8(255), np.uint8)


def _tip(stroke: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Where an arrow points (x, y): a little beyond the end that is wider than the shaft. None where the stroke is no arrow."""
    ys, xs = np.nonzero(stroke)
    points = np.column_stack([xs, ys]).astype(np.float64)
    centre = points.mean(0)
    _, axes = np.linalg.eigh(np.cov((points - centre).T))
    along, across = (points - centre) @ axes[:, 1], (points - centre) @ axes[:, 0]
    length = float(np.ptp(along))
    if length < _LONG * float(np.ptp(across)):
        return None
    at = np.minimum(((along - along.min()) / length * _BINS).astype(int), _BINS - 1)
    widths = np.array([np.ptp(across[at == n]) + 1 if (at == n).any() else 1.0 for n in range(_BINS)])
    shaft = float(np.median(widths[_HEAD:-_HEAD]))
    first, last = float(widths[:_HEAD].max()), float(widths[-_HEAD:].max())
    if max(first, last) < _WIDER * shaft or min(first, last) > _PLAIN * shaft:
        return None
    forward = axes[:, 1] if last > first else -axes[:, 1]
    end = points[np.argmax((points - centre) @ forward)]
    return cast("NDArray[np.float64]", end + forward * _BEYOND * max(stroke.shape))
