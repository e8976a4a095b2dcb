"""Colour profiles: a file's own colours to sRGB and back, through LittleCMS."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from pixwright.records.instruction import Array

MAX_PROFILE = 8_000_000
"""Bytes; the largest press profiles have about 4 MB."""
_SAME = 2
"""A profile whose colours differ from sRGB by at most this, of 255, is sRGB: converting would only add rounding."""
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


class BadProfile(ValueError):
    """The profile cannot be used; the caller ignores it with a warning."""


@lru_cache(maxsize=8)
def _transform(icc: bytes, mode: str, backwards: bool) -> ImageCms.ImageCmsTransform:
    if len(icc) > MAX_PROFILE:
        raise BadProfile(f"{len(icc):,} bytes, at most {MAX_PROFILE:,}")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        wanted = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}[mode]
        space = profile.profile.xcolor_space.strip()
        if space != wanted:
            raise BadProfile(f"it is for {space}, the picture is {wanted}")
        srgb = ImageCms.createProfile("sRGB")
        if backwards:
            return ImageCms.buildTransform(srgb, profile, "RGB", mode, _INTENT, _FLAGS)
        return ImageCms.buildTransform(profile, srgb, mode, "RGB", _INTENT, _FLAGS)
    except (ImageCms.PyCMSError, OSError, TypeError) as error:
        raise BadProfile(str(error)) from error


def _apply(samples: Array, mode: str, transform: ImageCms.ImageCmsTransform) -> Array:
    # Without the mode four channels would be taken for RGBA.
    picture = Image.fromarray(np.ascontiguousarray(samples), mode)
    return np.asarray(transform.apply(picture), np.uint8)


def to_srgb(samples: Array, icc: bytes, mode: str) -> Array:
    """HxW ("L") or HxWxC ("RGB", "CMYK") uint8 in the profile's space -> HxWx3 uint8 sRGB. Raises BadProfile."""
    return _apply(samples, mode, _transform(icc, mode, False))


def from_srgb(pixels: Array, icc: bytes, mode: str) -> Array:
    """HxWx3 uint8 sRGB -> HxW or HxWxC uint8 in the profile's space. Raises BadProfile."""
    return _apply(pixels, "RGB", _transform(icc, mode, True))


def is_srgb(icc: bytes, mode: str) -> bool:
    """Whether the profile leaves a lattice of colours where sRGB has them. Raises BadProfile."""
    if mode == "CMYK":
        _transform(icc, mode, False)
        return False
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    lattice: NDArray[np.uint8]
    if mode == "L":
        lattice = np.arange(256, dtype=np.uint8)[None]
        same = np.repeat(lattice[..., None], 3, 2)
    else:
        lattice = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
        same = lattice
    moved = to_srgb(lattice, icc, mode).astype(np.int16)
    return bool(np.abs(moved - same).max() <= _SAME)
