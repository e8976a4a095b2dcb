"""JPEG files segment by segment (ITU T.81, annex B): what is in the header, and a new file with exactly the metadata it should have."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint16]
"""8x8 quantisation steps, rows of rising vertical frequency."""

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_RECORD = b"pixwright "
_PART = 60_000
_ZIGZAG = np.array(sorted(range(64), key=lambda i: (i // 8 + i % 8, (i // 8) if (i // 8 + i % 8) % 2 else (i % 8))))
"""Position k of the file's order -> index of the 8x8 table (figure A.6)."""


class BadJpeg(ValueError):
    """The structure is not one that we understand; the caller re-encodes instead."""


@dataclass(frozen=True)
class Component:
    """One plane: its id, horizontal and vertical sampling factors, and its quantisation table's number."""

    id: int
    across: int
    down: int
    table: int


@dataclass(frozen=True, eq=False)
class JpegFile:
    """A JPEG file taken apart. `body` is everything from the first scan's marker to the end-of-image marker, exclusive."""

    sof: int
    height: int
    width: int
    precision: int
    components: tuple[Component, ...]
    tables: dict[int, Table]
    segments: tuple[tuple[int, bytes], ...]
    """Huffman tables and restart interval, then the APP0 and APP14 that say what the components are."""
    body: bytes
    scans: int

    @property
    def progressive(self) -> bool:
        """Whether the picture comes in scans of rising detail."""
        return self.sof == 0xC2

    @property
    def factors(self) -> tuple[int, int]:
        """The largest horizontal and vertical sampling factor."""
        return max(c.across for c in self.components), max(c.down for c in self.components)

    @property
    def is_rgb(self) -> bool:
        """Whether the three components are red, green and blue: Adobe's transform 0, or these letters for ids."""
        adobe = next((content for marker, content in self.segments if marker == 0xEE), b"")
        jfif = any(marker == 0xE0 for marker, _ in self.segments)
        if len(self.components) != 3 or jfif:
            return False
        if adobe.startswith(b"Adobe") and len(adobe) >= 12:
            return adobe[11] == 0
        return bytes(c.id for c in self.components) == b"RGB"


def parse(data: bytes) -> JpegFile:
    """Take a file apart. Raises BadJpeg for whatever is out of the ordinary."""
    at, segments = 2, []
    while True:
        if at + 4 > len(data) or data[at] != 0xFF:
            raise BadJpeg("no marker where one should be")
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 2 or at + 2 + size > len(data):
            raise BadJpeg("a segment runs past the end")
        if marker == 0xDA:
            break
        segments.append((marker, data[at + 4 : at + 2 + size]))
        at += 2 + size
    body, scans = _body(data, at)
    return _layout(segments, body, scans)


def _body(data: bytes, start: int) -> tuple[bytes, int]:
    """The scans, without what follows the end of the image, and how many there are."""
    at, scans = start, 0
    while True:
        marker = data[at + 1]
        if marker not in (0xDA, 0xC4, 0xDD):
            raise BadJpeg(f"segment {marker:02X} between scans")
        scans += marker == 0xDA
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found = _MARKER.search(data, at)
        if found is None:
            raise BadJpeg("no end-of-image marker")
        if found[1] == b"\xd9":
            return data[start : found.start()], scans
        at = found.end() - 2


def _layout(segments: list[tuple[int, bytes]], body: bytes, scans: int) -> JpegFile:
    frames = [(marker, content) for marker, content in segments if marker in _SOF]
    if len(frames) != 1 or len(frames[0][1]) < 6:
        raise BadJpeg("not one frame")
    sof, content = frames[0]
    precision, height, width, count = struct.unpack(">BHHB", content[:6])
    if len(content) != 6 + 3 * count or not height or not width or not count:
        raise BadJpeg("frame header")
    parts = [content[6 + 3 * i : 9 + 3 * i] for i in range(count)]
    components = tuple(Component(p[0], p[1] >> 4, p[1] & 15, p[2]) for p in parts)
    tables: dict[int, Table] = {}
    for marker, content in segments:
        if marker == 0xDB:
            tables |= _tables(content)
    kept = [part for part in segments if part[0] in (0xC4, 0xDD)]
    kept += [(0xE0, c[:12] + b"\0\0") for m, c in segments if m == 0xE0 and c.startswith(b"JFIF\0") and len(c) >= 14][
        :1
    ]
    kept += [(m, c[:12]) for m, c in segments if m == 0xEE and c.startswith(b"Adobe") and len(c) >= 12][:1]
    return JpegFile(sof, height, width, precision, components, tables, tuple(kept), body, scans)


def _tables(content: bytes) -> dict[int, Table]:
    found: dict[int, Table] = {}
    at = 0
    while at < len(content):
        wide, number = content[at] >> 4, content[at] & 15
        size = 128 if wide else 64
        raw = np.frombuffer(content[at + 1 : at + 1 + size], ">u2" if wide else np.uint8)
        if len(raw) != 64 or number > 3 or wide > 1:
            raise BadJpeg("quantisation table")
        table = np.zeros(64, np.uint16)
        table[_ZIGZAG] = raw
        found[number] = table.reshape(8, 8)
        at += 1 + size
    return found


def check_huffman(layout: JpegFile) -> None:
    """Raises BadJpeg unless every header segment and scan header is well-formed: the coefficient reader dies of those that are not."""
    for marker, content in layout.segments:
        at = 0
        while marker == 0xC4 and at < len(content):
            counts = content[at + 1 : at + 17]
            if content[at] & 0xEF > 3 or len(counts) != 16 or sum(counts) > 256 or at + 17 + sum(counts) > len(content):
                raise BadJpeg("Huffman table")
            at += 17 + sum(counts)
        if marker == 0xDD and len(content) != 2:
            raise BadJpeg("restart interval")
    count = layout.body[4]
    ids = [layout.body[5 + 2 * i] for i in range(min(count, 4))]
    if not 1 <= count <= 4 or layout.body[2:4] != struct.pack(">H", 6 + 2 * count):
        raise BadJpeg("scan header")
    known = [c.id for c in layout.components]
    if len(set(known)) != len(known) or len(set(ids)) != len(ids) or not set(ids) <= set(known):
        raise BadJpeg("component ids")


def bare(layout: JpegFile) -> bytes:
    """The same picture with nothing in its header but what decoding needs, all of it written anew."""
    return _join(layout, [part for part in layout.segments if part[0] in (0xC4, 0xDD)], [])


def assemble(layout: JpegFile, icc: bytes | None, exif: bytes | None, record: str | None) -> bytes:
    """A file with the layout's picture and exactly this metadata."""
    # JFIF's own segment comes first, as its standard asks; readers of EXIF accept that order.
    head = [part for part in layout.segments if part[0] == 0xE0]
    if exif is not None:
        head.append((0xE1, exif if exif.startswith(b"Exif\0\0") else b"Exif\0\0" + exif))
    head += [part for part in layout.segments if part[0] == 0xEE]
    if icc is not None:
        parts = [icc[i : i + _PART] for i in range(0, len(icc), _PART)]
        head += [(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, len(parts)]) + part) for i, part in enumerate(parts)]
    if record is not None:
        text = record.encode()
        head += [(0xFE, _RECORD + text[i : i + _PART]) for i in range(0, len(text), _PART)]
    return _join(layout, [part for part in layout.segments if part[0] in (0xC4, 0xDD)], head)


def _join(layout: JpegFile, coding: list[tuple[int, bytes]], head: list[tuple[int, bytes]]) -> bytes:
    wide = any(int(table.max()) > 255 for table in layout.tables.values())
    quant = [
        (
            0xDB,
            bytes([number | (16 if wide else 0)])
            + table.ravel()[_ZIGZAG].astype(">u2" if wide else np.uint8).tobytes(),
        )
        for number, table in sorted(layout.tables.items())
    ]
    sof = 0xC1 if wide and layout.sof == 0xC0 else layout.sof
    planes = b"".join(bytes([c.id, c.across << 4 | c.down, c.table]) for c in layout.components)
    frame = struct.pack(">BHHB", layout.precision, layout.height, layout.width, len(layout.components)) + planes
    parts = [*head, *quant, (sof, frame), *coding]
    packed = b"".join(struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in parts)
    return b"\xff\xd8" + packed + layout.body + b"\xff\xd9"


def with_identity(coded: JpegFile, original: JpegFile) -> JpegFile:
    """`coded` under the original's component ids, tables and colour markers. Both have the same planes, `coded` one scan."""
    ids = [c.id for c in original.components]
    body = bytearray(coded.body)
    for i, number in enumerate(ids):
        body[5 + 2 * i] = number
    coding = tuple(part for part in coded.segments if part[0] in (0xC4, 0xDD))
    marks = tuple(part for part in original.segments if part[0] in (0xE0, 0xEE))
    return replace(original, sof=0xC0, segments=coding + marks, body=bytes(body), scans=1)


def with_density(layout: JpegFile, dpi: tuple[float, float] | None) -> JpegFile:
    """The layout with this resolution in its JFIF segment, if it has one."""
    if dpi is None:
        return layout
    across, down = (min(65_535, round(v)) for v in dpi)

    def marked(marker: int, content: bytes) -> bytes:
        return content[:7] + struct.pack(">BHH", 1, across, down) + b"\0\0" if marker == 0xE0 else content

    return replace(layout, segments=tuple((marker, marked(marker, content)) for marker, content in layout.segments))


def record_of(data: bytes) -> str | None:
    """The text in our comment segments, or None."""
    at, text = 2, b""
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xFE and data.startswith(_RECORD, at + 4):
            text += data[at + 4 + len(_RECORD) : at + 2 + size]
        at += 2 + max(2, size)
    return text.decode("utf-8", "replace") if text else None
