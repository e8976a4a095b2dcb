"""Copy full-resolution pixels along a field of offsets, and fit their light to the surroundings."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling import synthesis
from pixwright.edit.filling.synthesis import Bools, Field, Floats
from pixwright.records.instruction import Array

_CHUNK = 200_000
STRIP = 256
"""Pixels, and rows, handled at a time: bounds the working memory at 12 megapixels."""
_FADE = 1.5
"""Reach of a patch, in pixels of the search, over which it fades into its neighbours."""
_LIGHT_SIDE, _LIGHT_MOST = 512, 24


def copy(picture: Array, hole: Bools, field: Field, shape: tuple[int, ...]) -> Array:
    """Full-resolution pixels along the field's offsets, cross-faded between neighbouring patches; also in a band around the hole."""
    ratio = max(hole.shape[0] / shape[0], hole.shape[1] / shape[1])
    reach = max(3, round(2 * ratio))
    index = np.full((shape[0], shape[1]), -1, np.int32)
    index[field.ty, field.tx] = np.arange(len(field.ty))
    near = cv2.dilate(hole.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    rows, columns = (axis.astype(np.int32) for axis in np.nonzero(near))
    result = picture.copy()
    for start in range(0, len(rows), _CHUNK):
        ty, tx = rows[start : start + _CHUNK], columns[start : start + _CHUNK]
        got, values = _faded(picture, hole, field, index, (ty, tx))
        result[ty[got], tx[got]] = values
    return result


def _faded(
    picture: Array, hole: Bools, field: Field, index: synthesis.Ints, at: tuple[synthesis.Ints, synthesis.Ints]
) -> tuple[Bools, Array]:
    """The mean of what the nine nearest patches hold at the pixels `at`, by nearness; and which pixels any of them reaches."""
    height, width = hole.shape
    ratio_y, ratio_x = np.float32(height / index.shape[0]), np.float32(width / index.shape[1])
    total = np.zeros((len(at[0]), 1), np.float32)
    mixed = np.zeros((len(at[0]), 3), np.float32)
    cy, cx = ((a.astype(np.float32) + 0.5) / r - 0.5 for a, r in zip(at, (ratio_y, ratio_x), strict=True))
    low, high = synthesis.RADIUS, [size - 1 - synthesis.RADIUS for size in index.shape]
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            ny = np.clip(np.round(cy).astype(np.int32) + dy, low, high[0])
            nx = np.clip(np.round(cx).astype(np.int32) + dx, low, high[1])
            owner = index[ny, nx]
            weight = np.maximum(0, _FADE - np.abs(ny - cy)) * np.maximum(0, _FADE - np.abs(nx - cx)) + 1e-4
            shift_y = np.round((field.sy - field.ty) * ratio_y).astype(np.int32)[owner]
            shift_x = np.round((field.sx - field.tx) * ratio_x).astype(np.int32)[owner]
            sy, sx = np.clip(at[0] + shift_y, 0, height - 1), np.clip(at[1] + shift_x, 0, width - 1)
            column = np.where((owner >= 0) & ~hole[sy, sx], weight, 0).astype(np.float32)[:, None]
            total += column
            mixed += column * picture[sy, sx]
    got = total[:, 0] > 0
    return got, (mixed[got] / total[got] + 0.5).astype(np.uint8)


def light(picture: Array, copied: Array, hole: Bools, banned: Bools) -> Floats:
    """The smooth difference in light between the known pixels around the rim, but what is banned, and the copy there, diffused (small hxwx3 float32)."""
    height, width = hole.shape
    scale = min(1.0, _LIGHT_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    reach = 2 * max(3, round(2 / scale)) + 1
    band = (cv2.dilate(hole.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0) & ~hole & ~banned
    difference = cv2.subtract(picture, copied, dtype=cv2.CV_16S)
    difference[~band] = 0
    total = cv2.resize(difference, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize(band.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    mean = np.clip(total / np.maximum(weight, 1e-3)[..., None], -_LIGHT_MOST, _LIGHT_MOST).astype(np.float32)
    known = weight > 0.02
    return diffuse(mean, known) if known.any() else np.zeros_like(mean)


def stretched(small: Floats, top: int, bottom: int, height: int, width: int) -> Floats:
    """The rows `top` to `bottom` of `small` enlarged to `height` x `width`."""
    if small.shape[:2] == (height, width):
        return small[top:bottom]
    ratio_y, ratio_x = small.shape[0] / height, small.shape[1] / width
    matrix = np.array([[ratio_x, 0, 0.5 * ratio_x - 0.5], [0, ratio_y, (top + 0.5) * ratio_y - 0.5]])
    return np.asarray(
        cv2.warpAffine(
            small,
            matrix,
            (width, bottom - top),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )


def diffuse(values: Floats, known: Bools) -> Floats:
    """Fill what is not known (HxW bool) by pulling averages of the known up a pyramid and pushing them down (HxWxC float32)."""
    weight = known.astype(np.float32)
    return spread(np.asarray(values * weight[..., None], np.float32), weight)


def spread(total: Floats, weight: Floats) -> Floats:
    """The same of sums (HxWxC) of values over weights (HxW)."""
    height, width = weight.shape
    mean = total / np.maximum(weight, 1e-6)[..., None]
    if min(height, width) <= 1 or weight.min() >= 1:
        return np.asarray(mean, np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse_total = cv2.resize(cv2.GaussianBlur(total, (5, 5), 0), half, interpolation=cv2.INTER_AREA)
    coarse_weight = cv2.resize(cv2.GaussianBlur(weight, (5, 5), 0), half, interpolation=cv2.INTER_AREA)
    boost = np.minimum(coarse_weight * 2, 1) / np.maximum(coarse_weight, 1e-6)
    below = spread(coarse_total.reshape(*boost.shape, -1) * boost[..., None], coarse_weight * boost)
    up = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR).reshape(total.shape)
    share = np.minimum(weight, 1)[..., None]
    return np.asarray(mean * share + up * (1 - share), np.float32)
