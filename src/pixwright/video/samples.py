"""Between a decoder's planes and RGB. What an edit leaves alone keeps the decoder's own samples, of whatever depth: only changed pixels are converted back."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from pixwright.records.instruction import Array

LIMITED, FULL = 1, 2
"""FFmpeg's numbers for the range of samples."""
_RGB24 = "rgb24"
_ITU709 = 1
_ACCURATE = 0x40000 | 0x2000 | 0x4000 | 4
"""FFmpeg's flags for conversion: rounded exactly, chroma interpolated at full size, bicubic."""
_BYTE, _MATRIX = 8, 9
_PACKED = {3: 4}
"""Components in one plane -> bytes of a pixel where there are no more planes (bgr0)."""


@dataclass(frozen=True)
class Conversion:
    """How samples become RGB, and back: both ways alike, so that nothing drifts."""

    matrix: int
    """FFmpeg's number of the colour matrix."""
    full: bool
    """Whether samples use all values."""

    @property
    def range(self) -> int:
        """FFmpeg's number of the range."""
        return FULL if self.full else LIMITED


def to_rgb(raw: Any, conversion: Conversion) -> Array:
    """HxWx3 uint8 RGB of a decoder's frame, not turned."""
    if raw.format.name == _RGB24:
        return np.asarray(raw.to_ndarray(), np.uint8)
    made = raw.reformat(
        format=_RGB24,
        src_colorspace=conversion.matrix,
        dst_colorspace=_ITU709,
        src_color_range=conversion.range,
        dst_color_range=FULL,
        interpolation=_ACCURATE,
    )
    return np.asarray(made.to_ndarray(), np.uint8)


def upright(pixels: Array, turns: int) -> Array:
    """Turned by quarters, counter-clockwise."""
    return pixels if turns % 4 == 0 else np.ascontiguousarray(np.rot90(pixels, turns))


def luma(raw: Any) -> Array:
    """A plane of a frame that tells light from dark, as 8 bits: the first one."""
    plane = _plane(raw, 0)
    return (
        plane
        if plane.dtype == np.uint8
        else np.asarray(plane >> max(raw.format.components[0].bits - _BYTE, 0), np.uint8)
    )


def in_format(raw: Any, pixels: str, conversion: Conversion) -> Any:
    """The frame in a pixel format; the same frame where it has it."""
    if raw.format.name == pixels:
        return raw
    return raw.reformat(
        format=pixels,
        src_colorspace=conversion.matrix,
        dst_colorspace=conversion.matrix,
        src_color_range=conversion.range,
        dst_color_range=conversion.range,
        interpolation=_ACCURATE,
    )


def laid(raw: Any, before: Array, after: Array, conversion: Conversion) -> Any:
    """A frame like `raw` with the samples of `after` where it differs from `before` (both HxWx3 uint8 RGB, not turned); all other samples are `raw`'s own.

    Where chroma is shared by several pixels it is new if one of them changed.
    """
    changed = (before != after).any(axis=2)
    if not changed.any():
        return raw
    source = type(raw).from_ndarray(np.ascontiguousarray(after), format=_RGB24)
    result = source.reformat(
        format=raw.format.name,
        src_colorspace=_ITU709,
        dst_colorspace=conversion.matrix,
        src_color_range=FULL,
        dst_color_range=conversion.range,
        interpolation=_ACCURATE,
    )
    for index in range(len(raw.planes)):
        own, new = _plane(raw, index), _plane(result, index)
        kept = ~_shared(changed, new.shape[:2])
        if index == _ALPHA_PLANE:
            kept = np.ones_like(kept)
        np.copyto(new, own, where=kept if new.ndim == kept.ndim else kept[..., None])
        if new.ndim == 3 and _has_alpha(raw):
            new[..., -1] = own[..., -1]
    return result


_ALPHA_PLANE = 3


def _has_alpha(raw: Any) -> bool:
    return any(component.is_alpha for component in raw.format.components)


def _shared(changed: np.ndarray[Any, Any], size: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Which samples of a plane of that size belong to a changed pixel."""
    if changed.shape == tuple(size):
        return changed
    down, across = -(-changed.shape[0] // size[0]), -(-changed.shape[1] // size[1])
    padded = np.zeros((size[0] * down, size[1] * across), np.bool_)
    padded[: changed.shape[0], : changed.shape[1]] = changed[: padded.shape[0], : padded.shape[1]]
    return np.asarray(padded.reshape(size[0], down, size[1], across).any(axis=(1, 3)), np.bool_)


def _plane(raw: Any, index: int) -> np.ndarray[Any, Any]:
    """The samples of a plane, HxW or HxWxC, as a view that can be written to where the frame can."""
    plane, parts = raw.planes[index], raw.format.components
    deep = parts[0].bits > _BYTE
    kind = np.uint16 if deep else np.uint8
    mine = sum(part.plane == index for part in parts) if hasattr(parts[0], "plane") else _components(raw, index)
    if len(raw.planes) == 1:
        mine = _PACKED.get(mine, mine) if not raw.format.name.endswith("24") else mine
    rows = np.frombuffer(plane, kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)[: plane.height]
    if mine == 1:
        return rows[:, : plane.width]
    return rows[:, : plane.width * mine].reshape(plane.height, plane.width, mine)


def _components(raw: Any, index: int) -> int:
    """Samples of one pixel in a plane."""
    planes, parts = len(raw.planes), len(raw.format.components)
    if planes == 1:
        return parts
    return parts - planes + 1 if index == planes - 1 and parts > planes else 1


def display_matrix(raw: Any) -> tuple[int, ...]:
    """The matrix by which a player turns the frame: nine numbers, or none."""
    for held in raw.side_data:
        if held.type.name == "DISPLAYMATRIX":
            data = bytes(held)
            return struct.unpack(f"={_MATRIX}i", data[: _MATRIX * 4])
    return ()


def shrunk(picture: Array, size: tuple[int, int]) -> Array:
    """HxWx3 at (width, height), averaged by areas."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
