"""A file's own samples <-> sRGB pixels. Where a pixel did not change, its own sample is kept: no rounding, in any mode."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.media.picture import Kind, Native
from pixwright.media.samples import colour
from pixwright.records.instruction import Array

Mask = NDArray[np.bool_]

_ICC_MODES = {"L": "L", "LA": "L", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK"}


def icc_mode(kind: Kind) -> str | None:
    """The mode in which samples of this kind pass a colour profile, or None (palette and bilevel are taken as sRGB)."""
    return _ICC_MODES.get(kind.value.split(",")[0])


def to_eight(samples: Native) -> Array:
    """uint16 -> uint8 by round(v / 257); uint8 as it is."""
    if samples.dtype == np.uint8:
        return cast(Array, samples)
    return cast(Array, cv2.convertScaleAbs(samples, alpha=1 / 257).reshape(samples.shape))


def decode(native: Native, kind: Kind, palette: Array | None, icc: bytes | None) -> Array:
    """Samples -> HxWx3 or HxWx4 uint8 sRGB. `icc` only where it is to be applied. Raises colour.BadProfile."""
    if kind is Kind.PALETTE:
        assert palette is not None
        table = palette if (palette[:, 3] < 255).any() else palette[:, :3]
        return np.ascontiguousarray(table[native])
    eight = to_eight(native)
    alpha = eight[..., -1:] if kind.alpha else None
    body = eight[..., :-1] if kind.alpha else eight
    if body.ndim == 3 and body.shape[2] == 1:
        body = body[..., 0]
    if icc is not None:
        rgb = colour.to_srgb(body, icc, cast(str, icc_mode(kind)))
    elif kind is Kind.CMYK:
        rgb = _plain_cmyk(body)
    elif body.ndim == 2:
        rgb = np.repeat(body[..., None], 3, 2)
    else:
        rgb = body
    return rgb if alpha is None else np.concatenate([rgb, alpha], 2)


def _plain_cmyk(body: Array) -> Array:
    light = 255 - body[..., :3].astype(np.uint16)
    return cast(Array, ((light * (255 - body[..., 3:].astype(np.uint16)) + 127) // 255).astype(np.uint8))


def _encode_colours(rgb: Array, kind: Kind, icc: bytes | None) -> Native:
    """Nx3 uint8 sRGB -> NxC samples of `kind`, without alpha. Raises colour.BadProfile."""
    if icc is not None:
        eight = colour.from_srgb(rgb[None], icc, cast(str, icc_mode(kind)))[0].reshape(len(rgb), -1)
    elif kind is Kind.CMYK:
        light = rgb.max(1, keepdims=True).astype(np.int32)
        inks = (light - rgb) * 255 // np.maximum(light, 1)
        eight = np.concatenate([inks, 255 - light], 1).astype(np.uint8)
    elif kind.grey:
        grey = cv2.cvtColor(np.ascontiguousarray(rgb[None]), cv2.COLOR_RGB2GRAY).reshape(-1, 1)
        eight = np.where(grey >= 128, 255, 0).astype(np.uint8) if kind is Kind.BILEVEL else cast(Array, grey)
    else:
        eight = rgb
    return cast(Native, eight.astype(np.uint16) * np.uint16(257)) if kind.deep else eight


def changed_colour(before: Array, after: Array) -> Mask:
    """HxW: where red, green or blue differ."""
    different: Mask = before[..., 0] != after[..., 0]
    different |= before[..., 1] != after[..., 1]
    different |= before[..., 2] != after[..., 2]
    return different


def changed(before: Array, after: Array) -> Mask | None:
    """HxW: where colours differ; None where the size does."""
    return changed_colour(before, after) if before.shape[:2] == after.shape[:2] else None


def merge(native: Native, kind: Kind, icc: bytes | None, before: Array, after: Array) -> Native:
    """`native`, the samples of `before`, with the pixels that `after` changed put in. Not for palettes. Raises colour.BadProfile."""
    recoloured = changed_colour(before, after)
    out = native.copy()
    planes = out[..., None] if out.ndim == 2 else out
    count = planes.shape[2] - kind.alpha
    if recoloured.any():
        if icc is None and kind in (Kind.RGB, Kind.RGBA):
            planes[..., :3] = after[..., :3]
        else:
            planes[recoloured, :count] = _encode_colours(after[..., :3][recoloured], kind, icc)
    if kind.alpha:
        other = after[..., 3] != before[..., 3]
        if other.any():
            planes[..., -1][other] = after[..., 3][other] * np.uint16(257) if kind.deep else after[..., 3][other]
    return out


def fresh(pixels: Array, kind: Kind, icc: bytes | None) -> Native:
    """All of `pixels` (HxWx3, or HxWx4 for a kind with alpha) as samples of `kind`. Not for palettes. Raises colour.BadProfile."""
    height, width = pixels.shape[:2]
    samples = _encode_colours(pixels[..., :3].reshape(-1, 3), kind, icc)
    if kind.alpha:
        alpha = pixels[..., 3].reshape(-1, 1)
        samples = np.concatenate([samples, alpha.astype(samples.dtype) * (257 if kind.deep else 1)], 1).astype(
            samples.dtype
        )
    return samples.reshape(height, width) if samples.shape[1] == 1 else samples.reshape(height, width, -1)
