"""PNG files chunk by chunk: metadata goes in and comes out here, and 16-bit samples, which Pillow cannot write, are coded here."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from pixwright.media.picture import Kind, Native

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"cHRM", b"gAMA", b"sRGB", b"cICP")
_COLOUR_TYPES = {Kind.GREY_16: 0, Kind.RGB_16: 2, Kind.GREY_ALPHA_16: 4, Kind.RGBA_16: 6}
_KEYWORD = b"pixwright"
_LEVEL = 2
"""zlib's: a photograph gains little above it and costs several times as long."""


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of every whole chunk."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + size > len(data):
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def cut_short(data: bytes) -> bool:
    """Whether the file ends within a chunk, or before its picture data."""
    at, seen = len(SIGNATURE), False
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == b"IEND":
            return False
        seen = seen or name == b"IDAT"
        if at + 12 + size > len(data):
            return name in (b"IHDR", b"IDAT", b"PLTE")
        at += 12 + size
    return not seen


def colour_chunks(data: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The chunks that say what the colours mean, apart from the profile."""
    return tuple((name, content) for name, content in chunks(data) if name in _KEPT and len(content) <= 32)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def with_metadata(
    data: bytes,
    colours: tuple[tuple[bytes, bytes], ...],
    icc: bytes | None,
    exif: bytes | None,
    dpi: tuple[float, float] | None,
    record: str | None,
) -> bytes:
    """The same picture with these chunks after its header, and no others but those that decoding needs."""
    extra = []
    if icc is not None:
        extra.append((b"iCCP", b"icc\0\0" + zlib.compress(icc, 6)))
    extra += [(name, content) for name, content in colours if not (icc is not None and name == b"sRGB")]
    if dpi is not None:
        extra.append((b"pHYs", struct.pack(">IIB", round(dpi[0] / 0.0254), round(dpi[1] / 0.0254), 1)))
    if exif is not None:
        extra.append((b"eXIf", exif.removeprefix(b"Exif\0\0")))
    if record is not None:
        extra.append((b"iTXt", _KEYWORD + b"\0\0\0\0\0" + record.encode()))
    needed = [(name, content) for name, content in chunks(data) if name in (b"PLTE", b"tRNS", b"IDAT", b"IEND")]
    header = next(content for name, content in chunks(data) if name == b"IHDR")
    return SIGNATURE + b"".join(_chunk(*part) for part in [(b"IHDR", header), *extra, *needed])


def record_of(data: bytes) -> str | None:
    """The text under our keyword, or None."""
    for name, content in chunks(data):
        if name == b"iTXt" and content.startswith(_KEYWORD + b"\0\0\0"):
            text = content[len(_KEYWORD) + 3 :].split(b"\0", 2)
            return text[2].decode("utf-8", "replace") if len(text) == 3 else None
    return None


def encode_deep(native: Native, kind: Kind) -> bytes:
    """HxW or HxWxC uint16 -> a bare 16-bit PNG. Every row is stored as its difference from the one above (filter 2)."""
    height, width = native.shape[:2]
    rows = native.astype(">u2").reshape(height, -1).view(np.uint8)
    coded = np.empty((height, rows.shape[1] + 1), np.uint8)
    coded[:, 0] = 2
    coded[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=coded[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[kind], 0, 0, 0)
    packed = zlib.compress(coded.tobytes(), _LEVEL)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
