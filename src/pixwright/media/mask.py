"""Masks that a user gives: white is what shall be edited, or, as OpenAI has it, transparent is."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2
import numpy as np

from pixwright.errors import InvalidMask
from pixwright.media.load import load_picture
from pixwright.records.instruction import Array

_FAINT = 8
"""Levels up to this are noise of a lossy file, not a wish."""


def load_mask(source: Path | bytes | Array, height: int, width: int, *, alpha_is_edit: bool | None = None) -> Array:
    """HxW uint8, 255 = edit, soft edges kept, for a picture of `height` x `width`.

    Two conventions: white = edit (grey or colour, by luminance); or, for a mask with alpha, alpha 0 = edit. `alpha_is_edit` None takes the
    second where some pixel has alpha 0; True insists on it, False ignores the alpha. Raises InvalidMask for another size, for a mask that is
    empty, or where `alpha_is_edit` is True and there is no alpha; and what `load_picture` raises for the file.
    """
    pixels = source if isinstance(source, np.ndarray) else load_picture(source).pixels
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3, 4)):
        raise InvalidMask(f"mask of shape {pixels.shape}, {pixels.dtype}: give HxW, HxWx3 or HxWx4 of 8 bits")
    if pixels.shape[:2] != (height, width):
        raise InvalidMask(
            f"mask of {pixels.shape[1]}x{pixels.shape[0]} pixels: the picture has {width}x{height}; resize the mask to that"
        )
    mask = _by_convention(pixels, alpha_is_edit)
    if not mask.any():
        raise InvalidMask("the mask is empty: paint what shall be edited white, or make it transparent")
    return mask


def mask_notice(mask: Array) -> str | None:
    """What the user should know about a valid mask (HxW): it covers everything, or it looks inverted."""
    if bool((mask == 255).all()):
        return "the mask covers the whole picture: everything may change"
    share = float((mask >= 128).mean())
    if share > 0.9:
        return f"the mask covers {share:.0%} of the picture: white is edited, so invert it if that was not meant"
    return None


def _by_convention(pixels: Array, alpha_is_edit: bool | None) -> Array:
    alpha = pixels[..., 3] if pixels.ndim == 3 and pixels.shape[2] == 4 else None
    if alpha_is_edit and alpha is None:
        raise InvalidMask(
            "the mask has no alpha channel: save it with transparency, or paint what shall be edited white"
        )
    if alpha is not None and (alpha_is_edit or (alpha_is_edit is None and bool((alpha == 0).any()))):
        mask: Array = 255 - alpha
    elif pixels.ndim == 2:
        mask = pixels.copy()
    elif pixels.shape[2] == 1:
        mask = pixels[..., 0].copy()
    else:
        mask = cast(Array, cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2GRAY))
    mask[mask <= _FAINT] = 0
    mask[mask >= 255 - _FAINT] = 255
    return mask
