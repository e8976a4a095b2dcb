"""A small version of a picture that fits into an answer: hosts refuse answers of more than about 1 MiB, and models see no more in larger ones."""

from __future__ import annotations

import io

from PIL import Image

from pixwright.media.picture import ALPHA, COLOUR, RGBA
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

SIDE = 1024
"""The longer side in pixels."""
LARGEST = 700_000
"""Bytes: in base64, a third more, they stay below 1 MiB with room for the words."""
_QUALITY = 85
_SMALLER = 0.75
"""Of the side, while it is still too large."""


def preview(pixels: Array) -> tuple[bytes, str]:
    """A JPEG, or a PNG where there is transparency, of HxWx3 or HxWx4 uint8, and its media type."""
    side = SIDE
    while True:
        small = shrink(pixels, side)
        clear = small.shape[2] == RGBA and bool((small[ALPHA] < 255).any())
        out = io.BytesIO()
        if clear:
            Image.fromarray(small).save(out, "PNG", optimize=True)
        else:
            Image.fromarray(small[COLOUR]).save(out, "JPEG", quality=_QUALITY)
        if out.tell() <= LARGEST:
            return out.getvalue(), "image/png" if clear else "image/jpeg"
        side = round(side * _SMALLER)
