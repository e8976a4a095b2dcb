"""AVIF and HEIC (ISO 23008-12): what their boxes say that a decoder does not. HEIC needs the extra `heif`; its decoder is registered when first used."""

from __future__ import annotations

from functools import cache
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.extras import optional

_WIDE, _TWELVE = 0x40, 0x20
"""Flags of a configuration box: more than 8 bits a sample, and 12 of them (AV1-ISOBMFF, 2.3)."""
_CONFIGURATION = b"av1C"
_FLAGS = 2
"""Bytes of that box's content before its flags."""
_BOX_HEAD, _FULL = 8, 4
"""Bytes of a box before its content (length, name); and of a full box's version and flags."""
_HOLDERS, _TIMED = (b"moov", b"trak", b"mdia"), (b"mvhd", b"tkhd", b"mdhd")
"""Boxes that hold boxes; and those that begin with when they were made and changed, 4 bytes each in version 0, 8 in version 1."""
_TONE_MAP = b"tmap"
"""An item that is made of the picture and a gain map (ISO 21496-1)."""
_HEAD = 8_192
"""Bytes in which a file says what is in it."""


@cache
def library() -> Any:
    """pillow-heif, registered with Pillow. Raises MissingExtra."""
    found = optional("pillow_heif", "HEIC", "heif")
    found.register_heif_opener()
    return found


def check_writable() -> None:
    """Raises InvalidOption where this machine's library reads HEIC only, and MissingExtra where there is none."""
    if not library().libheif_info()["HEIF"]:
        raise InvalidOption("the library here has no encoder for HEIC; choose a name that ends in .png, .avif or .jpg")


def bits_of(data: bytes, found: str, info: dict[Any, Any]) -> int:
    """Bits of a sample of an AVIF or HEIF: decoders hand out 8."""
    if found == "HEIF":
        return int(info.get("bit_depth", 8))
    at = data.find(_CONFIGURATION)
    flags = data[at + len(_CONFIGURATION) + _FLAGS] if 0 <= at < len(data) - len(_CONFIGURATION) - _FLAGS else 0
    return 12 if flags & _TWELVE else 10 if flags & _WIDE else 8


def second_picture(data: bytes, found: str, info: dict[Any, Any]) -> str:
    """What else is in the file that belongs to the picture as it was: "an HDR gain map", "a depth map", "a second picture", or ""."""
    others = " ".join(info.get("aux", ())).lower()
    if "gainmap" in others or _TONE_MAP in data[:_HEAD]:
        return "an HDR gain map"
    if info.get("depth_images"):
        return "a depth map"
    return "a second picture" if others else ""


def without_times(data: bytes) -> bytes:
    """A sequence's file without when it was made, so that the same pixels give the same bytes (ISO 14496-12, 8.2.2, 8.3.2, 8.4.2)."""
    out = bytearray(data)
    _clear_times(out, 0, len(out))
    return bytes(out)


def _clear_times(out: bytearray, at: int, end: int) -> None:
    while at + _BOX_HEAD <= end:
        length, name = int.from_bytes(out[at : at + _BOX_HEAD // 2]), bytes(out[at + _BOX_HEAD // 2 : at + _BOX_HEAD])
        if length < _BOX_HEAD:
            return  # the last box of a file, or a long one: both hold samples
        if name in _HOLDERS:
            _clear_times(out, at + _BOX_HEAD, at + length)
        elif name in _TIMED:
            times = at + _BOX_HEAD + _FULL
            size = 2 * (8 if out[at + _BOX_HEAD] else 4)
            out[times : times + size] = bytes(size)
        at += length
