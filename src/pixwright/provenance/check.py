"""What a file says of where it comes from: its credentials, and whether it bears our mark."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pixwright.media import load_picture, said_source_type
from pixwright.provenance import carried, credentials, watermark
from pixwright.provenance.credentials import Credentials, State


def credentials_of(data: bytes) -> Credentials:
    """The credentials of a file. Without any, no package is needed. Raises MissingExtra and InvalidImage."""
    return credentials.read(data) if carried.carries(data) else Credentials(State.NOT_PRESENT)


def check(source: Path | bytes) -> dict[str, Any]:
    """Credentials, mark and IPTC's digital source type of a picture file, ready for JSON. `watermark.strength` in standard deviations above chance; found from `watermark.needed`.

    Raises a PixwrightError for a file that is no picture, and MissingExtra where it has credentials and the package to read them is not installed.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    picture = load_picture(source)
    strength = watermark.strength(picture.pixels)
    mark = {"found": strength >= watermark.FOUND, "strength": round(strength, 2), "needed": watermark.FOUND}
    said = said_source_type(picture)
    return {"credentials": asdict(credentials_of(data)), "watermark": mark, "digital_source_type": said}
