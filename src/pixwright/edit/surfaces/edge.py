"""The rim of a thing: how much of each pixel is the thing, and what colour the thing has there.

A pixel on an outline is a mixture `I = a F + (1 - a) B` of the thing and its ground. Both are known a little way off, so that the share `a` is where `I` lies on the
line from `B` to `F` (as in Bayesian matting, Chuang et al. 2001, with one colour a side). A new colour is then `I + a (new(F) - F)`: nothing of the old one is left
as a fringe, and nothing of the ground is coloured.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

Field = NDArray[np.float32]

_SIDE = 700
"""Longer side, in pixels, at which the colours on both sides are worked out."""
_REACH, _LEAST, _MOST = 0.024, 2.0, 9.0
"""Half width of the rim: a share of the square root of the area, and its bounds in working pixels."""
_APART = (26.0, 70.0)
"""Distance of the two colours (RGB, 0 to 255) from which a pixel's place between them is believed, and at which wholly."""
_OFF_LINE = 0.3
"""Distance of a pixel from the line between both colours, as a share of its length, at which it is hardly a mixture of them."""
_THIN = 0.03
"""Weight of the outermost pixels in the colour of a side: counts only where a thing is thinner than its rim."""
_PURE = 0.75
"""Share of the thing from which a pixel's own colour is the thing's."""
_NARROW = 3.0
"""Sigma, in pixels of its grid, of a blur."""
_STRIP = 512
"""Rows worked on at a time."""


@dataclass(frozen=True, eq=False)
class Edge:
    """`mask` HxW uint8: the share of the thing in each pixel; `own` HxWx3 uint8: the thing's colour without its ground."""

    mask: Array
    own: Array


def read_edge(pixels: Array, mask: Array) -> Edge:
    """Look closer at the rim of `mask` (HxW uint8) in `pixels` (HxWx3 uint8). Both should hold some ground around the thing."""
    small, soft = shrink(pixels, _SIDE).astype(np.float32), shrink(mask, _SIDE).astype(np.float32) / 255
    reach = float(np.clip(_REACH * np.sqrt((soft > 0.5).sum()), _LEAST, _MOST))
    inside = (soft > 0.5).astype(np.uint8)
    deep_in, deep_out = (_deep(side, reach) for side in (inside, 1 - inside))
    own = _colour(small, soft**2 * deep_in, reach)
    ground = _colour(small, (1 - soft) ** 2 * deep_out, reach)
    near = np.clip(2 - np.maximum(deep_in, deep_out) * 2, 0, 1)
    height, width = mask.shape
    result, colours = mask.copy(), pixels.copy()
    scale = (width / soft.shape[1], height / soft.shape[0])
    for top in range(0, height, _STRIP):
        rows = np.s_[top : top + _STRIP]
        low = min(top + _STRIP, height)
        rim = _enlarged(near, top, low, width, scale)
        here = rim > 0
        if not here.any():
            continue
        front, back = _enlarged(own, top, low, width, scale)[here], _enlarged(ground, top, low, width, scale)[here]
        share, colour = _mixture(pixels[rows][here].astype(np.float32), mask[rows][here], front, back, rim[here])
        result[rows][here], colours[rows][here] = share, colour
    return Edge(result, colours)


def _mixture(pixels: Field, mask: Array, own: Field, ground: Field, near: Field) -> tuple[Array, Array]:
    """The share of the thing and its colour, of pixels of the rim (Nx3)."""
    line = own - ground
    length = np.sqrt((line**2).sum(axis=-1)) + 1
    place = ((pixels - ground) * line).sum(axis=-1) / length**2
    off = np.sqrt(((pixels - ground - place[..., None] * line) ** 2).sum(axis=-1)) / length
    believed = np.clip((length - _APART[0]) / (_APART[1] - _APART[0]), 0, 1) * np.exp(-((off / _OFF_LINE) ** 2)) * near
    given = mask.astype(np.float32) / 255
    share = given + (np.clip(place, 0, 1) - given) * believed
    pure = np.clip((share - _PURE) / (1 - _PURE), 0, 1)
    # Where the pixel is not of the rim its own colour is all there is.
    pure = np.maximum(pure, 1 - near)[..., None]
    colours = pixels * pure + own * (1 - pure)
    return (share * 255 + 0.5).astype(np.uint8), np.clip(colours + 0.5, 0, 255).astype(np.uint8)


def _deep(side: Array, reach: float) -> Field:
    """How far inside a place is, 0 at the outline to 1 at `reach` pixels from it; a little more than 0 there."""
    distance = cv2.distanceTransform(side, cv2.DIST_L2, 5)
    return np.asarray(np.clip(distance / reach, 0, 1) * (1 - _THIN) + _THIN, np.float32)


def _colour(pixels: Field, weight: NDArray[np.floating], reach: float) -> Field:
    """The colour of what has weight nearby, HxWx3: narrow where there is some, else from farther away."""
    out = np.zeros_like(pixels)
    known = np.zeros(weight.shape, np.float32)
    for sigma in (reach, 4 * reach, 16 * reach):
        total = _blurred(weight, sigma)
        mean = _blurred(pixels * weight[..., None], sigma) / np.maximum(total, 1e-6)[..., None]
        sure = np.clip(total / _THIN, 0, 1) * (1 - known)
        out += mean * sure[..., None]
        known += sure
    return np.asarray(out + pixels * (1 - known)[..., None], np.float32)


def _blurred(values: NDArray[np.floating], sigma: float) -> Field:
    """A Gaussian blur; a wide one is worked out on a smaller grid."""
    step = max(1, int(sigma / _NARROW))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
    height, width = values.shape[:2]
    size = (max(1, width // step), max(1, height // step))
    small = cv2.GaussianBlur(cv2.resize(values, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / step)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _enlarged(field: Field, top: int, low: int, width: int, scale: tuple[float, float]) -> Field:
    """Rows `top` to `low` of a field brought to full size."""
    if scale == (1.0, 1.0):
        return field[top:low]
    matrix = np.array(
        [[1 / scale[0], 0, 0.5 / scale[0] - 0.5], [0, 1 / scale[1], (top + 0.5) / scale[1] - 0.5]], np.float32
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(field, matrix, (width, low - top), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
