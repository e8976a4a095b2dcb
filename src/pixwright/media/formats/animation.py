"""Animated GIF, WebP and PNG put together from frames that are coded one by one: every duration, the loop and each frame stay as they were given.

Pillow's own writers join frames that look alike, and then there are fewer than before.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

from pixwright.media.formats import pngfile, webpfile

_GIF_HEAD, _TABLE = 13, 3
"""Bytes before a GIF's colours, and of each colour."""
_IMAGE, _DESCRIPTOR, _TRAILER, _EXTENSION = 0x2C, 10, b"\x3b", 0x21
_LOCAL, _SIZES = 0x80, 7
"""Flags of a GIF's colours: they are there, and the power of two that is their number, less one."""
_CENTI = 10
"""Milliseconds of a GIF's unit of time."""
_LONGEST_GIF, _LONGEST_PNG = 65_535, 65_535
_BLOCK = 255
"""Bytes of a GIF's data block, at most."""
_ANIMATED, _XMP, _EXIF, _ALPHA, _ICC = 0x02, 0x04, 0x08, 0x10, 0x20
"""Flags of a WebP's first chunk (RFC 9649)."""
_REPLACE = 0x02
"""Flag of a WebP's frame that is not blended with what was before."""


@dataclass(frozen=True)
class Still:
    """One frame: a whole file of one picture of its format, how long it is shown, and a GIF's disposal."""

    data: bytes
    milliseconds: float
    disposal: int = 0


def gif(stills: list[Still], plays: int | None, comment: bytes | None) -> bytes:
    """GIF89a. Each frame has its own colours. `plays` None: once, 0: for ever."""
    width, height = struct.unpack_from("<HH", stills[0].data, 6)
    out = [b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0)]
    if plays is not None:
        out.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", min(plays, _LONGEST_GIF)) + b"\0")
    if comment is not None:
        blocks = [comment[at : at + _BLOCK] for at in range(0, len(comment), _BLOCK)]
        out.append(b"\x21\xfe" + b"".join(bytes([len(one)]) + one for one in blocks) + b"\0")
    for still in stills:
        colours, clear, body = _gif_parts(still.data)
        delay = min(round(still.milliseconds / _CENTI), _LONGEST_GIF)
        flags = still.disposal << 2 | (clear is not None)
        out.append(b"\x21\xf9\x04" + struct.pack("<BHBB", flags, delay, clear or 0, 0))
        size = (len(colours) // _TABLE).bit_length() - 2
        out.append(struct.pack("<BHHHHB", _IMAGE, 0, 0, width, height, _LOCAL | size) + colours + body)
    return b"".join(out) + _TRAILER


def _gif_parts(data: bytes) -> tuple[bytes, int | None, bytes]:
    """Of a GIF with one frame as Pillow writes it: its colours, the index that is clear, and the coded indices with their blocks."""
    count = 2 << (data[_GIF_HEAD - 3] & _SIZES)
    at = _GIF_HEAD + _TABLE * count
    colours, clear = data[_GIF_HEAD:at], None
    while data[at] == _EXTENSION:
        if data[at + 1] == 0xF9 and data[at + 3] & 1:
            clear = data[at + 6]
        at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
    assert data[at] == _IMAGE, "Pillow writes one frame"
    return colours, clear, data[at + _DESCRIPTOR : data.rindex(_TRAILER)]


def webp(stills: list[Still], plays: int, *, icc: bytes | None, exif: bytes | None, packet: bytes | None) -> bytes:
    """Extended WebP. `plays` 0: for ever."""
    parts = [dict(webpfile.chunks(still.data)) for still in stills]
    width, height = webpfile.size_of(stills[0].data)
    canvas = _three(width - 1) + _three(height - 1)
    alpha = any(webpfile.has_alpha(still.data) for still in stills)
    held = ((_ICC, icc), (_EXIF, exif), (_XMP, packet), (_ALPHA, alpha))
    flags = _ANIMATED | sum(flag for flag, there in held if there)
    chunks = [(b"VP8X", bytes([flags, 0, 0, 0]) + canvas)]
    if icc:
        chunks.append((b"ICCP", icc))
    chunks.append((b"ANIM", b"\0\0\0\0" + struct.pack("<H", min(plays, _LONGEST_GIF))))
    for still, part in zip(stills, parts, strict=True):
        head = b"\0" * 6 + canvas + _three(round(still.milliseconds)) + bytes([_REPLACE])
        chunks.append((b"ANMF", head + _riff(b"VP8L", part[b"VP8L"])))
    chunks += [(name, content) for name, content in ((b"EXIF", exif), (b"XMP ", packet)) if content]
    body = b"WEBP" + b"".join(_riff(name, content) for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _riff(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def apng(stills: list[Still], plays: int) -> bytes:
    """A PNG whose first frame is what a viewer shows that knows no animation; the first still's metadata are the file's. All are of one kind."""
    header = next(pngfile.chunks(stills[0].data))
    out, number = [header, (b"acTL", struct.pack(">II", len(stills), plays))], 0
    for index, still in enumerate(stills):
        parts = list(pngfile.chunks(still.data))
        if index == 0:
            out += [part for part in parts if part[0] not in (b"IHDR", b"IDAT", b"IEND")]
        lasts = Fraction(still.milliseconds / 1000).limit_denominator(1000)
        delay = min(lasts.numerator, _LONGEST_PNG), lasts.denominator
        out.append((b"fcTL", struct.pack(">I8sIIHHBB", number, header[1][:8], 0, 0, *delay, 0, 0)))
        number += 1
        for content in (content for name, content in parts if name == b"IDAT"):
            out.append((b"fdAT", struct.pack(">I", number) + content) if index else (b"IDAT", content))
            number += index > 0
    return pngfile.joined([*out, (b"IEND", b"")])
