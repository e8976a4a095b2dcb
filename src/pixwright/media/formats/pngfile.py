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
_KEYWORD, _PLAIN = b"pixwright", b"\0\0\0"
"""Of our text chunk: its keyword, and what says that it is not compressed. Empty language and translation follow, each ended by a zero."""
XMP = b"XML:com.adobe.xmp\0"
"""How the text of an iTXt chunk begins that is an XMP packet."""
_HEAD, _AROUND = 8, 12
"""Bytes of a chunk before its content, and before and after it."""
_BITS, _DEEP = 24, 16
"""Where a file says how many bits a sample has; the colour type follows."""
_HEADER, _SAMPLES = 13, {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Bytes of the header; colour type -> samples of a pixel."""
_LONGEST_COLOURS = 32
"""Bytes of a chunk that says what the colours mean."""
_ICC_LEVEL = 6
INCH = 0.0254
"""Metres."""
_LEVEL = 2
"""zlib's: a photograph gains little above it and costs several times as long."""


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of every whole chunk."""
    at = len(SIGNATURE)
    while at + _AROUND <= len(data):
        name, size = _head(data, at)
        if at + _AROUND + size > len(data):
            return
        yield name, data[at + _HEAD : at + _HEAD + size]
        at += _AROUND + size


def cut_short(data: bytes) -> bool:
    """Whether the file ends within a chunk, or before its picture data."""
    at, seen = len(SIGNATURE), False
    while at + _HEAD <= len(data):
        name, size = _head(data, at)
        if name == b"IEND":
            return False
        seen = seen or name == b"IDAT"
        if at + _AROUND + size > len(data):
            return name in (b"IHDR", b"IDAT", b"PLTE")
        at += _AROUND + size
    return not seen


def lacks_rows(data: bytes) -> bool:
    """Whether the compressed data, though ended properly, hold fewer rows than the header promises. An interlaced file is not looked into."""
    header = next((content for name, content in chunks(data) if name == b"IHDR"), b"")
    if len(header) < _HEADER or header[_HEADER - 1]:
        return False
    width, height, bits, colour = struct.unpack(">IIBB", header[: _HEADER - 3])
    row = 1 + -(-width * bits * _SAMPLES.get(colour, 1) // 8)
    unpacked, held = zlib.decompressobj(), 0
    for name, content in chunks(data):
        if name == b"IDAT":
            held += len(unpacked.decompress(content, row * height + 1 - held)) if held <= row * height else 0
    return bool(held < row * height)


def _head(data: bytes, at: int) -> tuple[bytes, int]:
    """The type of the chunk that begins there, and the bytes of its content."""
    return data[at + 4 : at + _HEAD], int.from_bytes(data[at : at + 4], "big")


def bits_of(data: bytes) -> int:
    """Bits of a sample, or of a palette index."""
    return data[_BITS]


def deep_kind(data: bytes) -> Kind | None:
    """The kind of a 16-bit file; None for the others."""
    by_type = {number: kind for kind, number in _COLOUR_TYPES.items()}
    return by_type.get(data[_BITS + 1]) if data[_BITS] == _DEEP else None


def colour_chunks(data: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The chunks that say what the colours mean, apart from the profile."""
    return tuple(
        (name, content) for name, content in chunks(data) if name in _KEPT and len(content) <= _LONGEST_COLOURS
    )


def text_chunks(data: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """What the file says in words, apart from our own record."""
    return tuple(
        (name, content)
        for name, content in chunks(data)
        if name in (b"tEXt", b"zTXt", b"iTXt") and content.partition(b"\0")[0] != _KEYWORD
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    """A file of these chunks, (type, content), in this order."""
    return SIGNATURE + b"".join(_chunk(*part) for part in parts)


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
        extra.append((b"iCCP", b"icc\0\0" + zlib.compress(icc, _ICC_LEVEL)))
    extra += [(name, content) for name, content in colours if not (icc is not None and name == b"sRGB")]
    if dpi is not None:
        extra.append((b"pHYs", struct.pack(">IIB", *(round(dots / INCH) for dots in dpi), 1)))
    if exif is not None:
        extra.append((b"eXIf", exif.removeprefix(b"Exif\0\0")))
    if record is not None:
        extra.append(record_chunk(record))
    needed = [(name, content) for name, content in chunks(data) if name in (b"PLTE", b"tRNS", b"IDAT", b"IEND")]
    header = next(content for name, content in chunks(data) if name == b"IHDR")
    return SIGNATURE + b"".join(_chunk(*part) for part in [(b"IHDR", header), *extra, *needed])


def record_chunk(record: str) -> tuple[bytes, bytes]:
    """Our record as a chunk: (type, content)."""
    return b"iTXt", _KEYWORD + _PLAIN + b"\0\0" + record.encode()


def record_of(data: bytes) -> str | None:
    """The text under our keyword, or None."""
    for name, content in chunks(data):
        if name == b"iTXt" and content.startswith(_KEYWORD + _PLAIN):
            text = content[len(_KEYWORD) + len(_PLAIN) :].split(b"\0", 2)
            return text[-1].decode("utf-8", "replace") if len(text) > 2 else None
    return None


def encode_deep(native: Native, kind: Kind) -> bytes:
    """HxW or HxWxC uint16 -> a bare 16-bit PNG. Every row is stored as its difference from the one above (filter 2)."""
    height, width = native.shape[:2]
    rows = native.astype(">u2").reshape(height, -1).view(np.uint8)
    coded = np.empty((height, rows.shape[1] + 1), np.uint8)
    coded[:, 0] = 2
    coded[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=coded[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, _DEEP, _COLOUR_TYPES[kind], 0, 0, 0)
    packed = zlib.compress(coded.tobytes(), _LEVEL)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
