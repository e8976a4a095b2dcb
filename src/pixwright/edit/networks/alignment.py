"""Networks that repaint a whole picture shift and zoom it by some pixels: measured where the picture stayed, and undone.

Small windows of both pictures are laid on each other by phase correlation, which does not see brightness and contrast; the shift and zoom that most windows agree
on is the drift. Windows that were edited disagree and are left out, so nothing is found where nothing stayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]

_SIDES = (256, 1024, 1024)
"""Longer sides at which is looked, pixels: coarse for the reach, fine for the precision, and again for what is left."""
_LARGEST = 0.06
"""Drifts of more than this share of the side are the edit itself."""
_SMALLEST = 0.25
"""Pixels at the network; less is not worth resampling for."""
_CONTRAST = 4.0
"""Standard deviation of a window, in levels, below which nothing can be laid on it."""
_AGREEING = 0.4
"""Share of the windows with contrast that must agree."""


@dataclass(frozen=True)
class Alignment:
    """What stood at (x, y) stands at (x zoom_x + right, y zoom_y + down): pixels, pixel centres at whole numbers."""

    zoom_x: float
    zoom_y: float
    right: float
    down: float

    def largest(self, height: int, width: int) -> float:
        """The longest way of a corner, pixels."""
        return max(
            float(np.hypot(x * (self.zoom_x - 1) + self.right, y * (self.zoom_y - 1) + self.down))
            for x in (0, width - 1)
            for y in (0, height - 1)
        )

    def undo(self, after: Array) -> Array:
        """HxWx3 uint8, back where it was; what had left the picture is filled by mirroring."""
        return np.asarray(self._laid_back(after), np.uint8)

    def left(self, height: int, width: int) -> NDArray[np.bool_]:
        """HxW: where `undo` has nothing to lay, because it had left the picture."""
        x, y = (
            np.arange(n) * zoom + by
            for n, zoom, by in ((width, self.zoom_x, self.right), (height, self.zoom_y, self.down))
        )
        out: NDArray[np.bool_] = ((y < 0) | (y > height - 1))[:, None] | ((x < 0) | (x > width - 1))[None]
        return out

    def _laid_back(self, after: NDArray[np.generic]) -> NDArray[np.generic]:
        matrix = np.array([[self.zoom_x, 0, self.right], [0, self.zoom_y, self.down]], np.float64)
        way = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size = after.shape[1::-1]
        laid: NDArray[np.generic] = cv2.warpAffine(after, matrix, size, flags=way, borderMode=cv2.BORDER_REFLECT_101)
        return laid

    def then(self, zoom: tuple[float, float], shift: tuple[float, float]) -> Alignment:
        """This drift of a picture that had already moved by p -> zoom p + shift."""
        return Alignment(
            self.zoom_x * zoom[0],
            self.zoom_y * zoom[1],
            self.right + self.zoom_x * shift[0],
            self.down + self.zoom_y * shift[1],
        )

    def scaled(self, factor: float) -> Alignment:
        """The same in a picture `factor` times as large."""
        half = (factor - 1) / 2
        return Alignment(
            self.zoom_x,
            self.zoom_y,
            self.right * factor + half * (1 - self.zoom_x),
            self.down * factor + half * (1 - self.zoom_y),
        )


_NONE = Alignment(1.0, 1.0, 0.0, 0.0)


def find_alignment(before: Array, after: Array, edited: Array | None = None) -> Alignment | None:
    """The drift of `after` on `before` (HxWx3 uint8, of one size), or None: too small to matter, or too little stayed to tell.

    edited: HxW uint8, where the picture was meant to change; not looked at.
    """
    assert before.shape == after.shape, (before.shape, after.shape)
    height, width = before.shape[:2]
    if min(height, width) < 48:
        return None
    one, two = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, after))
    alignment, factor = _NONE, 1.0
    for side in _SIDES:
        step = min(1.0, side / max(height, width))
        alignment = alignment.scaled(step / factor)
        factor = step
        size = (round(width * step), round(height * step))
        small = [one, two] if step == 1 else [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in (one, two)]
        free = None if edited is None else cv2.resize(edited, size, interpolation=cv2.INTER_AREA) < 64
        left = _measured(np.asarray(small[0], np.float32), np.asarray(alignment._laid_back(small[1]), np.float32), free)
        if left is None:
            return None
        alignment = alignment.then(*left)
    found = alignment.scaled(1 / factor)
    way = found.largest(height, width)
    limit = _LARGEST * max(height, width)
    return found if _SMALLEST <= way <= limit and _closer(one, two, found, edited) else None


_Move: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""(zoom_x, zoom_y), (right, down)."""


def _measured(before: Floats, after: Floats, free: NDArray[np.bool_] | None) -> _Move | None:
    """Zoom and shift that most windows agree on; None where too few do."""
    places, moves = _window_moves(before, after, free)
    if len(places) < 6:
        return None
    agree = _agreement(places, moves)
    if agree.sum() < max(6, _AGREEING * len(places)):
        return None
    kept, way = places[agree], moves[agree]
    if (np.ptp(places, axis=0) * 0.5 > np.ptp(kept, axis=0)).any():
        return None
    zoom, shift = [], []
    for axis in (0, 1):
        spread = kept[:, axis] - kept[:, axis].mean()
        slope = float(spread @ way[:, axis]) / max(float(spread @ spread), 1e-6)
        zoom.append(1 + slope)
        shift.append(float(way[:, axis].mean() - slope * kept[:, axis].mean()))
    return (zoom[0], zoom[1]), (shift[0], shift[1])


def _window_moves(before: Floats, after: Floats, free: NDArray[np.bool_] | None) -> tuple[Floats, Floats]:
    """Nx2 centres (x, y) of windows with contrast and Nx2 ways that their content went."""
    height, width = before.shape
    side = next((s for s in (128, 64, 32) if 4 * s <= min(height, width)), 16)
    window = cv2.createHanningWindow((side, side), cv2.CV_32F)
    places, moves = [], []
    for y in _starts(height, side):
        for x in _starts(width, side):
            part = np.s_[y : y + side, x : x + side]
            if free is not None and free[part].mean() < 0.9:
                continue
            old, new = before[part], after[part]
            if min(float(old.std()), float(new.std())) < _CONTRAST:
                continue
            way, response = cv2.phaseCorrelate(np.ascontiguousarray(old), np.ascontiguousarray(new), window)
            if response > 0.05:
                places.append((x + (side - 1) / 2, y + (side - 1) / 2))
                moves.append(way)
    return np.array(places, np.float32).reshape(-1, 2), np.array(moves, np.float32).reshape(-1, 2)


def _starts(length: int, side: int) -> list[int]:
    count = min(9, max(1, 2 * length // side - 1))
    return [round(start) for start in np.linspace(0, length - side, count)]


def _agreement(places: Floats, moves: Floats) -> NDArray[np.bool_]:
    """N bools: the windows that lie within a pixel of the shift and zoom with the most such windows; every pair of windows proposes one."""
    first, second = np.triu_indices(len(places), 1)
    apart, other = places[second] - places[first], moves[second] - moves[first]
    reach = np.ptp(places, axis=0) * 0.3
    far = (np.abs(apart) > reach).all(axis=1)
    first, apart, other = first[far], apart[far], other[far]
    if not len(first):
        return np.zeros(len(places), np.bool_)
    slope = np.clip(other / apart, -0.1, 0.1)
    offset = moves[first] - slope * places[first]
    left = moves[None] - slope[:, None] * places[None] - offset[:, None]
    inside = (left**2).sum(axis=2) < 1
    best: NDArray[np.bool_] = inside[int(inside.sum(axis=1).argmax())]
    return best


def _closer(before: Array, after: Array, alignment: Alignment, edited: Array | None) -> bool:
    """Whether undoing it brings the pictures nearer where they are alike, by more than resampling alone would."""
    laid = np.asarray(alignment._laid_back(after), np.float32)
    inside = np.ones(before.shape, np.bool_) if edited is None else edited < 64
    old = before.astype(np.float32)
    was, now = (float(np.median(np.abs(new - old)[inside])) for new in (after.astype(np.float32), laid))
    return now < 0.95 * was
