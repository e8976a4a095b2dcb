"""JPEG coefficients: blocks that no edited pixel touches are copied, so that a saved photograph keeps them bit for bit."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import cv2
import jpeglib
import numpy as np
from numpy.typing import NDArray

from pixwright.media.formats.jpegfile import (
    BASELINE,
    BLOCK,
    EXTENDED,
    PROGRESSIVE,
    BadJpeg,
    Component,
    JpegFile,
    bare,
    check_huffman,
    parse,
    with_identity,
)
from pixwright.records.instruction import Array
from pixwright.records.placement import turns

Blocks = NDArray[np.int16]
"""One plane's coefficients: rows of blocks, columns of blocks, 8, 8."""

_PLANES, _FACTORS = (1, 3), (1, 2, 4)
"""Numbers of planes, and sampling factors, that the coefficient library knows."""
_MOST_BLOCKS = 10
"""Of all planes in one unit of an interleaved scan (T.81, B.2.3)."""
_BITS, _MIDDLE, _LARGEST = 8, 128, 1023
"""Of a sample; its middle, which is taken off; and of a coefficient, at most."""
_ODD = np.array([1, -1] * (BLOCK // 2), np.int16)
"""What a mirror image does to the coefficients of even and odd frequencies."""
_ANY_QUALITY = 50
"""Stands for "the library's own tables": ours are put into the file afterwards."""
_STRIP = 1024
"""Pixel rows that are transformed at once."""
_BASIS = np.array(
    [[np.sqrt((1 if u == 0 else 2) / 8) * np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)] for u in range(8)],
    np.float32,
)
_YCC = np.array(
    [[0.299, 0.587, 0.114, 0], [-0.168735892, -0.331264108, 0.5, 128], [0.5, -0.418687589, -0.081312411, 128]],
    np.float32,
)
"""Red, green, blue -> Y, Cb, Cr (ITU T.871, section 7)."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A JPEG's layout and the coefficients of its planes."""

    layout: JpegFile
    planes: tuple[Blocks, ...]


def copyable(layout: JpegFile) -> None:
    """Raises BadJpeg, with the reason, where coefficients cannot be copied."""
    if layout.sof not in (BASELINE, EXTENDED, PROGRESSIVE) or layout.precision != _BITS:
        raise BadJpeg("it is arithmetic-coded, lossless or not of 8 bits")
    if len(layout.components) not in _PLANES:
        raise BadJpeg("it is CMYK")
    across, down = layout.factors
    for part in layout.components:
        if part.across not in _FACTORS or part.down not in _FACTORS or part.table not in layout.tables:
            raise BadJpeg("its sampling is unusual")
        if across % part.across or down % part.down:
            raise BadJpeg("its sampling is unusual")
    if layout.components[0].across != across or layout.components[0].down != down:
        raise BadJpeg("its sampling is unusual")
    if sum(c.across * c.down for c in layout.components) > _MOST_BLOCKS and len(layout.components) > 1:
        raise BadJpeg("its sampling is unusual")
    check_huffman(layout)


def grid(layout: JpegFile, part: Component) -> tuple[int, int]:
    """Rows and columns of blocks in a plane (T.81, A.1.1 and A.2.4)."""
    across, down = layout.factors
    return -(-layout.height * part.down // (down * BLOCK)), -(-layout.width * part.across // (across * BLOCK))


def _file(layout: JpegFile, content: bytes | None, planes: tuple[Blocks | None, ...]) -> jpeglib.DCTJPEG:
    colour = len(layout.components) > 1
    return jpeglib.DCTJPEG(
        path="picture",
        content=content,
        height=layout.height,
        width=layout.width,
        block_dims=np.array([grid(layout, part) for part in layout.components], np.int32),
        samp_factor=np.array([[c.down, c.across] if colour else [1, 1] for c in layout.components], np.int32),
        jpeg_color_space=jpeglib.JCS_YCbCr if colour else jpeglib.JCS_GRAYSCALE,
        num_scans=1,
        quant_tbl_no=None if content else np.array([0, 1, 1][: len(layout.components)]),
        markers=None,
        huffmans=None,
        Y=planes[0],
        Cb=planes[1] if colour else None,
        Cr=planes[2] if colour else None,
        K=None,
        qt=None if content else _ANY_QUALITY,
        progressive_mode=False,
    )


def read(layout: JpegFile) -> Coded:
    """The coefficients of a file. Raises BadJpeg."""
    copyable(layout)
    held = _file(layout, bare(layout), (None, None, None))
    try:
        held.load()
    except OSError as error:
        raise BadJpeg("its coefficients cannot be read") from error
    planes = (held.Y, held.Cb, held.Cr)[: len(layout.components)]
    return Coded(layout, tuple(cast(Blocks, plane) for plane in planes))


def write(coded: Coded) -> JpegFile:
    """Baseline JPEG data with exactly these coefficients, under the layout's tables, ids and markers. Raises BadJpeg."""
    held = _file(coded.layout, None, coded.planes)
    with tempfile.TemporaryDirectory(prefix="pixwright-") as folder:
        target = Path(folder) / "picture.jpg"
        try:
            held.write_dct(str(target), flags=["+OPTIMIZE_CODING"])
        except OSError as error:
            raise BadJpeg("its coefficients cannot be written") from error
        return with_identity(parse(target.read_bytes()), coded.layout)


def touched(layout: JpegFile, part: Component, changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which blocks of a plane hold a changed pixel: rows x columns of blocks. `changed` is HxW."""
    across, down = layout.factors
    tall, wide = BLOCK * down // part.down, BLOCK * across // part.across
    rows, columns = grid(layout, part)
    some = np.logical_or.reduceat(changed, np.arange(0, changed.shape[0], tall), axis=0)
    return np.logical_or.reduceat(some, np.arange(0, changed.shape[1], wide), axis=1)[:rows, :columns]


def splice(coded: Coded, samples: Array, changed: NDArray[np.bool_]) -> Coded:
    """The coefficients with every touched block coded anew from `samples` (HxW or HxWx3, the file's own colours)."""
    layout = coded.layout
    masks = [touched(layout, part, changed) for part in layout.components]
    planes = tuple(plane.copy() for plane in coded.planes)
    across, down = (BLOCK * f for f in layout.factors)
    step = _STRIP // down * down
    for top in range(0, layout.height, step):
        hit = np.flatnonzero(changed[top : top + step].any(0))
        if not len(hit):
            continue
        left, right = int(hit[0]) // across * across, (int(hit[-1]) // across + 1) * across
        fresh = _transformed(layout, samples[top : top + step, left:right])
        for part, plane, mask, new in zip(layout.components, planes, masks, fresh, strict=True):
            y, x = top * part.down // down, left * part.across // across
            there = plane[y : y + new.shape[0], x : x + new.shape[1]]
            only = mask[y : y + new.shape[0], x : x + new.shape[1]]
            there[only] = new[: there.shape[0], : there.shape[1]][only]
    return Coded(layout, planes)


def moved(coded: Coded, orientation: int, left: int, top: int, height: int, width: int) -> Coded | None:
    """The picture turned by an EXIF orientation and laid onto a canvas at (left, top), block by block: nothing is coded anew (T.81 has no losses there).

    None where its blocks would not lie on those of the canvas. Blocks of the canvas without any of the picture are empty.
    """
    layout, planes = coded.layout, coded.planes
    transposed, mirrored, flipped = turns(orientation)
    if transposed:
        planes = tuple(plane.transpose(1, 0, 3, 2) for plane in planes)
        layout = replace(
            layout,
            height=layout.width,
            width=layout.height,
            components=tuple(replace(one, across=one.down, down=one.across) for one in layout.components),
            tables={number: table.T for number, table in layout.tables.items()},
        )
    across, down = (BLOCK * factor for factor in layout.factors)
    if (mirrored and layout.width % across) or (flipped and layout.height % down) or left % across or top % down:
        return None
    if mirrored:
        planes = tuple(plane[:, ::-1] * _ODD for plane in planes)
    if flipped:
        planes = tuple(plane[::-1] * _ODD[:, None] for plane in planes)
    canvas = replace(layout, height=height, width=width)
    out = []
    for part, plane in zip(canvas.components, planes, strict=True):
        rows, columns = grid(canvas, part)
        new = np.zeros((rows, columns, BLOCK, BLOCK), np.int16)
        y, x = top // down * part.down, left // across * part.across
        there = plane[max(0, -y) : max(0, rows - y), max(0, -x) : max(0, columns - x)]
        new[max(0, y) : max(0, y) + there.shape[0], max(0, x) : max(0, x) + there.shape[1]] = there
        out.append(new)
    return Coded(canvas, tuple(out))


def share_kept(was: Coded, now: Coded, edited: NDArray[np.bool_]) -> float:
    """0 to 1: the share of the blocks of `now` that hold no edited pixel (HxW) and are those of `was` at the same place, bit for bit."""
    same, count = 0, 0
    for part, old, new in zip(was.layout.components, was.planes, now.planes, strict=True):
        free = ~touched(was.layout, part, edited)
        same += int((old[free] == new[free]).all((1, 2)).sum())
        count += free.size
    return same / count


def _transformed(layout: JpegFile, samples: Array) -> list[Blocks]:
    """The planes' quantised coefficients of a piece that begins on a block boundary (T.81, A.3.3 and A.3.4)."""
    across, down = layout.factors
    height, width = samples.shape[:2]
    tall, wide = -height % (BLOCK * down), -width % (BLOCK * across)
    whole = cv2.copyMakeBorder(samples, 0, tall, 0, wide, cv2.BORDER_REPLICATE).astype(np.float32)
    if whole.ndim > 2 and not layout.is_rgb:
        whole = cv2.transform(whole, _YCC)
    out = []
    for index, part in enumerate(layout.components):
        plane = whole if whole.ndim == 2 else whole[..., index]
        size = (plane.shape[1] * part.across // across, plane.shape[0] * part.down // down)
        if size != plane.shape[::-1]:
            plane = cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA)
        rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
        down_first = _BASIS @ (plane - _MIDDLE).reshape(rows, BLOCK, columns * BLOCK)
        both = down_first.reshape(-1, BLOCK) @ _BASIS.T
        values = both.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2) / layout.tables[part.table].astype(np.float32)
        out.append(np.rint(values).clip(-_LARGEST, _LARGEST).astype(np.int16))
    return out
