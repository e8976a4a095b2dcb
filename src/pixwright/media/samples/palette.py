"""Palettes: unchanged pixels keep their index; changed ones get free entries, or the nearest."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixwright.records.instruction import Array

_CHUNK = 1 << 16


def _rows(colours: Array) -> NDArray[np.uint32]:
    return np.ascontiguousarray(colours).view(np.uint32)[..., 0]


def _nearest(colours: Array, entries: Array) -> NDArray[np.intp]:
    table = entries.astype(np.float32)
    best = np.empty(len(colours), np.intp)
    for start in range(0, len(colours), _CHUNK):
        part = colours[start : start + _CHUNK].astype(np.float32)
        best[start : start + _CHUNK] = ((table**2).sum(1) - 2 * part @ table.T).argmin(1)
    return best


def _chosen(colours: Array, free: int) -> Array:
    """At most `free` RGBA entries that stand for `colours` (Nx4)."""
    strip = Image.fromarray(colours[None], "RGBA").quantize(free, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    used = int(np.asarray(strip).max()) + 1
    raw = np.frombuffer(strip.palette.getdata()[1] if strip.palette else b"", np.uint8)
    width = 4 if strip.palette is not None and strip.palette.mode == "RGBA" else 3
    table = raw[: used * width].reshape(-1, width)
    return table if width == 4 else np.concatenate([table, np.full((len(table), 1), 255, np.uint8)], 1)


def assign(
    indices: Array, palette: Array, changed: NDArray[np.bool_], pixels: Array, slots: int
) -> tuple[Array, Array, float]:
    """New HxW indices, Nx4 palette (N <= `slots`), and the mean absolute error, 0 to 255, of the changed pixels.

    `indices` HxW and `palette` Nx4 are the picture before; `pixels` HxWx4 after; `changed` HxW says which pixels to look at.
    """
    colours, spread = np.unique(_rows(pixels[changed]), return_inverse=True)
    wanted = colours.view(np.uint8).reshape(-1, 4)
    taken = np.zeros(slots, bool)
    taken[: len(palette)] = np.bincount(indices[~changed], minlength=slots)[: len(palette)] > 0
    entries = np.zeros((slots, 4), np.uint8)
    entries[: len(palette)] = palette
    known = {int(value): index for index, value in reversed(list(enumerate(_rows(entries)))) if taken[index]}
    new = np.array([int(value) not in known for value in colours], bool)
    free = np.flatnonzero(~taken)
    if new.any() and len(free):
        few = int(new.sum()) <= len(free)
        chosen = wanted[new] if few else _chosen(np.ascontiguousarray(pixels[changed]), len(free))
        entries[free[: len(chosen)]] = chosen
        taken[free[: len(chosen)]] = True
    live = np.flatnonzero(taken)
    index = live[_nearest(wanted, entries[live])]
    error = np.abs(entries[index].astype(np.int16) - wanted)[..., :3].mean(1)
    out = indices.copy()
    out[changed] = index[spread.ravel()]
    size = max(len(palette), int(live.max()) + 1)
    return out, entries[:size], float(error[spread.ravel()].mean())


def quantised(pixels: Array) -> tuple[Array, Array, float]:
    """HxWx4 -> indices, palette and mean absolute error, for a format that has nothing but palettes."""
    blank = np.zeros(pixels.shape[:2], np.uint8)
    return assign(blank, np.zeros((1, 4), np.uint8), np.ones(blank.shape, bool), pixels, 256)


def as_rgba(pixels: Array) -> Array:
    """HxWx3 or HxWx4 -> HxWx4, opaque where there was no alpha."""
    if pixels.shape[2] == 4:
        return pixels
    return cast(Array, np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)]))
