"""An edit as a function of colour: fitted to what an editor did to pictures, so that it can be applied to what is no picture.

A table over the colour cube with trilinear interpolation. It begins with the best affine map and takes in what that misses, from broad strokes to fine ones, so that
colours which no picture showed are changed like the ones nearest to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Floats

Colours: TypeAlias = Floats
"""Nx3 sRGB; 0 to 1 is the cube, colours beyond it keep their distance to it."""

_GRID = 17
"""Points of the table along each channel."""
_STROKES = (4.0, 2.0, 1.0, 0.6)
"""How far, in points of the table, a colour speaks for its neighbours: one pass each."""
_DOUBT = 0.5
"""Pixels' worth of doubt: a point that fewer speak for changes less."""
_RIDGE = 1e-3
"""Of the affine fit: keeps it near no change where the colours say nothing."""


@dataclass(frozen=True, eq=False)
class ColourTable:
    """`change` GxGxGx3 float32: by how much each colour of the grid changes."""

    change: Floats

    def __call__(self, colours: Colours) -> Colours:
        """The colours (Nx3) after the edit."""
        held = np.clip(colours, 0, 1)
        found = np.zeros_like(held)
        for point, weight in _corners(held):
            found += weight[:, None] * self.change.reshape(-1, held.shape[1])[point]
        return np.asarray(colours + found, np.float32)

    def missed(self, before: Colours, after: Colours) -> float:
        """Root mean square of what it does not explain, 0 to 1."""
        return float(np.sqrt(np.mean((self(before) - after) ** 2))) if len(before) else 0.0


def fitted(before: Colours, after: Colours) -> ColourTable:
    """The table that takes pixels' colours before an edit (Nx3) to those after it."""
    axis = np.linspace(0, 1, _GRID, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, before.shape[1])
    table = ColourTable((_affine(before, after - before)(grid)).reshape(*(_GRID,) * before.shape[1], -1))
    for reach in _STROKES:
        missed = after - table(before)
        total = np.zeros((len(grid), before.shape[1] + 1), np.float64)
        for point, weight in _corners(np.clip(before, 0, 1)):
            for channel in range(before.shape[1]):
                total[:, channel] += np.bincount(point, weight * missed[:, channel], len(grid))
            total[:, -1] += np.bincount(point, weight, len(grid))
        spread = _blurred(total.reshape(_GRID, _GRID, _GRID, -1), reach)
        step = spread[..., :-1] / (spread[..., -1:] + _DOUBT)
        table = ColourTable(table.change + step.astype(np.float32))
    return table


class _affine:
    """The affine map nearest to a change of colours, by ridge regression."""

    def __init__(self, before: Colours, change: Colours) -> None:
        ones = np.hstack([before, np.ones((len(before), 1), np.float32)]).astype(np.float64)
        held = ones.T @ ones + _RIDGE * max(1, len(before)) * np.diag([1.0] * before.shape[1] + [0.0])
        self._matrix = np.linalg.lstsq(held, ones.T @ change, rcond=None)[0]

    def __call__(self, colours: Colours) -> Colours:
        return np.asarray(colours @ self._matrix[:-1] + self._matrix[-1], np.float32)


def _corners(colours: Colours) -> list[tuple[NDArray[np.intp], Colours]]:
    """The eight points of the table around each colour (flat numbers), and their weights."""
    scaled = colours * (_GRID - 1)
    low = np.minimum(scaled.astype(np.intp), _GRID - 2)
    share = scaled - low
    found = []
    for corner in np.ndindex(*(2,) * colours.shape[1]):
        weight = np.prod(np.where(corner, share, 1 - share), axis=1)
        found.append((np.ravel_multi_index(tuple((low + corner).T), (_GRID,) * colours.shape[1]), weight))
    return found


def _blurred(values: Floats, reach: float) -> Floats:
    """Values GxGxGxC spread over the grid by a Gaussian that is 1 at its middle."""
    apart = np.subtract.outer(np.arange(_GRID), np.arange(_GRID))
    kernel = np.exp(-((apart / reach) ** 2) / 2)
    return np.asarray(np.einsum("ai,bj,ck,ijkd->abcd", kernel, kernel, kernel, values, optimize=True))
