"""Files that carry no photograph's past: masks, comparison pictures, reports."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from pixwright.media.save import write_atomically
from pixwright.records.instruction import Array


def save_plain(pixels: Array, target: Path) -> None:
    """Write HxW or HxWx3 uint8 as PNG, whole or not at all."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=3)
    write_atomically(target, out.getvalue())
