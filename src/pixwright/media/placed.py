"""A loaded picture on another canvas: its own samples turned, cropped or with room around them, so that saving keeps them bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.media.formats import jpegfile
from pixwright.media.formats.jpegfile import BLOCK
from pixwright.media.picture import Picture
from pixwright.records.instruction import Array
from pixwright.records.placement import SINGLE_PIXELS, UNMOVED, CanvasPlacement, Grid, turned, turns

_DEEP_STEP = 257
"""Of 16 bits: one of the 256 steps of 8 bits."""


def placed(like: Picture, placement: CanvasPlacement | None, pixels: Array) -> Picture:
    """The input as `placement` lays it onto a canvas of the size of `pixels` (HxWx3 or HxWx4 uint8). Where it does not reach, its pixels differ from all of `pixels`.

    The picture itself where nothing was moved, or where `placement` is None: then the result holds no pixel of it.
    """
    size = pixels.shape[:2]
    if placement is None or (placement == UNMOVED and size == like.size):
        return like
    rows, columns = _window(placement, like.size, size)
    own = np.zeros(size, np.bool_)
    own[rows[0], columns[0]] = True
    channels = like.pixels.shape[2]
    full = pixels if pixels.shape[2] == channels else np.dstack([pixels[..., :3], np.full(size, 255, np.uint8)])
    shown = np.where(own[..., None], 0, 255 - full[..., :channels]).astype(np.uint8)
    shown[rows[0], columns[0]] = turned(like.pixels, placement.orientation)[rows[1], columns[1]]
    samples = turned(like.source.native, placement.orientation)
    held: NDArray[Any] = np.zeros((*size, *samples.shape[2:]), samples.dtype)
    held[rows[0], columns[0]] = samples[rows[1], columns[1]]
    return Picture(shown, replace(like.source, native=held))


def largest_difference(was: Picture, now: Picture, where: NDArray[np.bool_]) -> int:
    """0 to 255, over the pixels `where` (HxW) of two pictures of one size: in the files' own samples where they are of one kind, else in sRGB."""
    if was.source.kind is now.source.kind and was.source.palette is None and was.source.icc == now.source.icc:
        a, b = was.source.native, now.source.native
        step = _DEEP_STEP if was.source.kind.deep else 1
    else:
        channels = min(was.pixels.shape[2], now.pixels.shape[2])
        a, b = was.pixels[..., :channels], now.pixels[..., :channels]
        step = 1
    # Row by row: a picture of many megapixels is not copied once more for a number.
    rows = np.flatnonzero(where.any(axis=1))
    most = (int(np.max(_apart(a[row], b[row])[where[row]], initial=0)) for row in rows)
    return -(-max(most, default=0) // step)


def _apart(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """How far two rows of samples without a sign are apart."""
    return np.asarray(np.maximum(a, b) - np.minimum(a, b))


def _window(
    placement: CanvasPlacement, size: tuple[int, int], canvas: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Rows, then columns, each on the canvas and in the turned input."""
    tall, wide = placement.turned_size(size)
    return _run(placement.top, tall, canvas[0]), _run(placement.left, wide, canvas[1])


def _run(first: int, length: int, side: int) -> tuple[slice, slice]:
    start, end = max(0, first), min(side, first + length)
    return slice(start, max(start, end)), slice(start - first, max(start, end) - first)


def grid_of(like: Picture) -> Grid:
    """The grid of the file's blocks, on the upright picture."""
    if like.source.jpeg is None:
        return SINGLE_PIXELS
    try:
        across, down = (BLOCK * factor for factor in jpegfile.parse(like.source.jpeg).factors)
    except jpegfile.BadJpeg:
        return SINGLE_PIXELS
    transposed, mirrored, flipped = turns(like.source.orientation)
    return Grid(*((down, across) if transposed else (across, down)), mirrored, flipped)
