"""The XMP packet among the texts of a file: each format keeps it in another way."""

from __future__ import annotations

import zlib
from typing import TypeAlias

from pixwright.media.formats import jpegfile, pngfile, xmp

Texts: TypeAlias = tuple[tuple[bytes, bytes], ...]
"""(name, content) as a `Picture` holds what its file says in words."""
NOWHERE = ("BMP", "GIF")
"""Formats that keep no packet here."""
_LONGEST = 65_000
"""Bytes of a packet that a JPEG's segment holds."""
_LARGEST = 1 << 20
"""Bytes of a packet that is packed, unpacked."""
_FLAGS = 2
"""Bytes of a PNG's text behind its keyword: whether it is packed, and how."""


def packet_of(texts: Texts, found: str) -> bytes | None:
    """The packet among the texts of a file of this format; None where there is none, or one that cannot be read."""
    for name, content in texts:
        packet = _packet(name, content, found)
        if packet is not None:
            return packet
    return None


def with_source_type(texts: Texts, found: str, term: str) -> Texts:
    """The texts with `term` as the digital source type; as they are where the format, or the packet that is there, has no place for it."""
    if found in NOWHERE:
        return texts
    packet = xmp.with_source_type(packet_of(texts, found), term)
    held = [(name, content) for name, content in texts if _is_packet(name, content, found)]
    if packet is None or (held and packet_of(texts, found) is None) or (found == "JPEG" and len(packet) > _LONGEST):
        return texts
    others = tuple(one for one in texts if one not in held)
    if found == "JPEG":
        return (*others, (jpegfile.XMP_MARKER, jpegfile.XMP + packet))
    return (*others, (b"iTXt", pngfile.XMP + b"\0\0\0\0" + packet) if found == "PNG" else (xmp.NAME, packet))


def _is_packet(name: bytes, content: bytes, found: str) -> bool:
    if found == "JPEG":
        return name == jpegfile.XMP_MARKER and content.startswith(jpegfile.XMP)
    return name == b"iTXt" and content.startswith(pngfile.XMP) if found == "PNG" else name == xmp.NAME


def _packet(name: bytes, content: bytes, found: str) -> bytes | None:
    if not _is_packet(name, content, found):
        return None
    if found == "JPEG":
        return content[len(jpegfile.XMP) :]
    if found != "PNG":
        return content
    flags, rest = content[len(pngfile.XMP) :][:_FLAGS], content[len(pngfile.XMP) + _FLAGS :]
    packet = rest.split(b"\0", 2)[-1]  # behind the language and the translated keyword
    if flags[:1] != b"\x01":
        return packet
    try:
        return zlib.decompressobj().decompress(packet, _LARGEST)
    except zlib.error:
        return None
