"""What is kept of a photograph's EXIF: an allow-list, so that nothing unknown travels on."""

from __future__ import annotations

import re
import struct

from PIL import Image
from PIL.ExifTags import Base

_KEPT: tuple[int, ...] = (
    *(0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x0213, 0x4746, 0x8298),
    *(0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),
)
"""Description, make, model, resolution, software, date, artist, chroma position, rating, copyright, and Windows' titles. Not the orientation
(the pixels are upright) and not the thumbnail, which shows the picture before the edit."""
_CAMERA, _GPS = 0x8769, 0x8825
_WIDTH, _HEIGHT = 0xA002, 0xA003
_PRIVATE = (0xA005, 0x927C, 0xA420, 0xA430, 0xA431, 0xA435)
"""Of the camera's directory: interoperability, the maker's notes (of unknown content, with serial numbers), the picture's id, owner, serial numbers."""
_LAST = 8
"""Orientations are 1 to 8 (EXIF 2.32, section 4.6.4)."""
_MARKUP = re.compile(rb"<[?!/]?\s*(script|html|svg|iframe|img|body|php|object|embed|doctype|a\s)", re.IGNORECASE)
_BROKEN = (ValueError, TypeError, KeyError, IndexError, OSError, SyntaxError, struct.error, OverflowError)
_LIMIT = 65_533 - 6


def harmless(value: object) -> bool:
    """Whether a value holds no markup, which a page that shows it might run."""
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    return not _MARKUP.search(raw.replace(b"\0", b""))


def as_orientation(value: object) -> int:
    """An EXIF or TIFF value as an orientation, 1 to 8; 1 where it makes no sense."""
    return value if isinstance(value, int) and 1 <= value <= _LAST else 1


def orientation_of(exif: bytes | None) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it makes no sense."""
    if not exif:
        return 1
    try:
        held = Image.Exif()
        held.load(exif)
        return as_orientation(held.get(Base.Orientation))
    except _BROKEN:
        return 1


def with_orientation(exif: bytes | None, orientation: int) -> bytes:
    """The EXIF (or an empty one) that says so."""
    held = Image.Exif()
    if exif is not None:
        held.load(exif)
    held[Base.Orientation] = orientation
    return held.tobytes()


def cleaned(exif: bytes | None, size: tuple[int, int], *, keep_gps: bool) -> bytes | None:
    """The EXIF to be written for a picture of `size` (height, width): TIFF structure with the "Exif" header, or None.

    Orientation, thumbnail, the maker's notes, serial numbers and owner, unknown tags and every value with markup in it are left out; the position too unless `keep_gps`.
    """
    if not exif:
        return None
    old, new = Image.Exif(), Image.Exif()
    try:
        old.load(exif)
        new.update({tag: old[tag] for tag in _KEPT if tag in old and harmless(old[tag])})
        camera = {tag: value for tag, value in old.get_ifd(_CAMERA).items() if tag not in _PRIVATE and harmless(value)}
        if camera:
            camera.update({_HEIGHT: size[0], _WIDTH: size[1]})
            new.get_ifd(_CAMERA).update(camera)
        if keep_gps:
            new.get_ifd(_GPS).update({tag: value for tag, value in old.get_ifd(_GPS).items() if harmless(value)})
        if not new and not camera and not (keep_gps and old.get_ifd(_GPS)):
            return None
        raw = new.tobytes()
    except _BROKEN:
        return None
    return raw if len(raw) <= _LIMIT else None
