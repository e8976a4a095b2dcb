"""A free place on a surface for a thing of the picture itself."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context
from pixwright.edit.placing.lifting import alike, bounds
from pixwright.edit.placing.space import SIDE, Floats, mean_in, shares
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array

_GRID = 64
"""Candidate places across and down."""
_LEAST = 0.9
"""Share of a thing's place that is free surface, at least."""
_RIM = 0.03
"""Width of the rim of what lies there that is left free, as a share of the picture's longer side."""
_SAME = 0.4
"""Intersection over union with the surface's box from which a box that is seen is the surface's."""
_STANDS = 0.5
"""Upper share of the height of what stands that need not lie on the surface: it rises over it."""
_STANDS_OUT = 0.6
"""Share from which a place is of what stands out: a table that does so by half carries things."""
_FARTHER = 3.0
"""What it costs to go away from us, over the other ways: there it would be smaller, and seldom as sharp."""
_ALIKE, _LIGHTNESS = 12.0, np.array([0.6, 1, 1], np.float32)
"""Distance in L*a*b*, lightness counting less, up to which a place looks like another."""
_OTHER = 0.5
"""Share of a surface that looks unlike what a thing lies on, from which that is no part of the surface."""


def free_place(
    picture: Array, own: Array, surface: Array, size: tuple[int, int], context: Context
) -> tuple[int, int] | None:
    """Left and top of a box of `size` (width, height in pixels), in the frame, which lies on `surface` (HxW uint8) and on nothing that lies there; the nearest to where the
    thing is now, under `own` (HxW uint8). None where there is no room."""
    height, width = picture.shape[:2]
    wide, tall = size
    scale = min(1.0, SIDE / max(height, width))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    box = bounds(own)
    if box is None or wide > width or tall > height:
        return None
    taken = np.maximum(shares(own, small), shares(context.standing(picture), small) > _STANDS_OUT)
    ground = bounds(surface) or (0, 0, width, height)
    for x0, y0, x1, y1 in (other for other in context.things(picture) if alike(other, ground) < _SAME):
        taken[round(y0 * scale) : round(y1 * scale), round(x0 * scale) : round(x1 * scale)] = 1.0
    there = shares(surface, small)
    rim = 2 * max(1, round(_RIM * SIDE / 2)) + 1
    free = cv2.erode((1 - taken) * _unlike_below(picture, own, there), np.ones((rim, rim), np.uint8)) * there
    left, top = np.meshgrid(np.linspace(0, width - wide, _GRID), np.linspace(0, height - tall, _GRID))
    above = 0 if wide > tall else _STANDS * tall
    share = mean_in(free, scale, (left, top + above, left + wide, top + tall))
    down = (top - box[1]) / height
    away = np.hypot((left - box[0]) / width, np.where(down < 0, _FARTHER * down, down))
    cost = np.where(share >= _LEAST, away, np.inf)
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return (round(float(left[row, column])), round(float(top[row, column]))) if np.isfinite(cost[row, column]) else None


def _unlike_below(picture: Array, own: Array, surface: Floats) -> Floats:
    """0..1 a place: how little it looks like what the thing lies on now; 1 everywhere where that is the surface itself, since most of it looks so."""
    rows, columns = surface.shape
    lab = cv2.cvtColor(resized(picture, rows, columns, cv2.INTER_AREA), cv2.COLOR_RGB2LAB).astype(np.float32)
    inside = (shares(own, (columns, rows)) > 0).astype(np.uint8)
    reach = 2 * max(2, round(_RIM * SIDE)) + 1
    ring = (cv2.dilate(inside, np.ones((reach, reach), np.uint8)) > 0) & (inside == 0)
    if not ring.any() or not (surface > 0).any():
        return np.ones_like(surface)
    below = np.median(lab[ring], axis=0)
    unlike = np.clip(np.linalg.norm((lab - below) * _LIGHTNESS, axis=2) / _ALIKE - 1, 0, 1)
    return unlike if float((unlike * surface).sum()) > _OTHER * float(surface.sum()) else np.ones_like(surface)
