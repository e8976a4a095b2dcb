"""JPEG files segment by segment (ITU T.81, annex B): what is in the header, and a new file with exactly the metadata it should have."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint16]
"""8x8 quantisation steps, rows of rising vertical frequency."""

BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2
"""Markers of a frame, by how its coefficients are coded (T.81, table B.1)."""
_DHT, _DQT, _DRI, _SOS = 0xC4, 0xDB, 0xDD, 0xDA
"""Huffman tables, quantisation tables, restart interval, start of a scan."""
_JFIF, _EXIF, _ICC, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
"""APP0, APP1, APP2, APP14 and COM: what is in them, mostly."""
_IPTC, XMP, _PHOTOSHOP = 0xED, b"http://ns.adobe.com/xap/1.0/\0", b"Photoshop 3.0\0"
"""APP13, and how the contents of APP1 and APP13 begin that hold XMP and IPTC."""
XMP_MARKER = bytes([_EXIF])
"""What an XMP packet of a JPEG is called among its texts."""
_GREY, _GREY_WIDTH, _TAIL, _TAIL_VALUES = 128, 128, 32, 12
"""What missing blocks are decoded as; the width of it, in pixels, that is looked at; bytes at a scan's end, and how many values a repeated pattern has."""
_GAIN_MAP = (b"ns.adobe.com/hdr-gain-map", b"urn:iso:std:iso:ts:21496")
"""What a file with a gain map says in it."""
_CODING, _COLOURS = (_DHT, _DRI), (_JFIF, _ADOBE)
_FIRST = 0xFF
"""Every marker's first byte."""
_HEAD = 4
"""Bytes of a segment before its content: the marker and the length."""
BLOCK = 8
"""Pixels of a block's side."""
_CELLS = BLOCK * BLOCK
_FRAME, _PLANE = 6, 3
"""Bytes of a frame header, and of each component in it."""
_JFIF_LENGTH, _ADOBE_LENGTH, _ADOBE_TRANSFORM = 14, 12, 11
"""Bytes of those segments, and where Adobe says whether colours were transformed."""
_MOST_TABLES, _HUFFMAN_LENGTHS, _HUFFMAN_CODES = 4, 16, 256
"""Tables of a kind; lengths that a Huffman code may have, and codes of a table."""
_SCAN_IDS, _MOST_IDS = 5, 4
"""Where a scan header names its components, and how many it can name."""
_LARGEST_DENSITY = 65_535
_SOF = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_RGB = b"RGB"
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
        return self.sof == PROGRESSIVE

    @property
    def factors(self) -> tuple[int, int]:
        """The largest horizontal and vertical sampling factor."""
        return max(c.across for c in self.components), max(c.down for c in self.components)

    @property
    def is_rgb(self) -> bool:
        """Whether the three components are red, green and blue: Adobe's transform 0, or these letters for ids."""
        adobe = next((content for marker, content in self.segments if marker == _ADOBE), b"")
        jfif = any(marker == _JFIF for marker, _ in self.segments)
        if len(self.components) != len(_RGB) or jfif:
            return False
        if adobe.startswith(b"Adobe") and len(adobe) >= _ADOBE_LENGTH:
            return adobe[_ADOBE_TRANSFORM] == 0
        return bytes(c.id for c in self.components) == _RGB


def parse(data: bytes) -> JpegFile:
    """Take a file apart. Raises BadJpeg for whatever is out of the ordinary."""
    at, segments = 2, []
    while True:
        if at + _HEAD > len(data) or data[at] != _FIRST:
            raise BadJpeg("no marker where one should be")
        marker = data[at + 1]
        if marker == _FIRST or marker in _BARE:
            at += 1 if marker == _FIRST else 2
            continue
        size = _length(data, at)
        if size < 2 or at + 2 + size > len(data):
            raise BadJpeg("a segment runs past the end")
        if marker == _SOS:
            break
        segments.append((marker, data[at + _HEAD : at + 2 + size]))
        at += 2 + size
    body, scans = _body(data, at)
    return _layout(segments, body, scans)


def _length(data: bytes, at: int) -> int:
    """Of the segment whose marker is at `at`, the length's own two bytes included."""
    return int.from_bytes(data[at + 2 : at + _HEAD], "big")


def _halves(byte: int) -> tuple[int, int]:
    """The two numbers of four bits in a byte."""
    return byte >> 4, byte & 15


def _body(data: bytes, start: int) -> tuple[bytes, int]:
    """The scans, without what follows the end of the image, and how many there are."""
    at, scans = start, 0
    while True:
        marker = data[at + 1]
        if marker not in (_SOS, *_CODING):
            raise BadJpeg(f"segment {marker:02X} between scans")
        scans += marker == _SOS
        at += 2 + _length(data, at)
        found = _MARKER.search(data, at)
        if found is None:
            raise BadJpeg("no end-of-image marker")
        if found[1] == b"\xd9":
            return data[start : found.start()], scans
        at = found.end() - 2


def next_marker(body: bytes, at: int) -> int | None:
    """Where the next marker is from `at` on, within coded data; None if none follows."""
    found = _MARKER.search(body, at)
    return None if found is None else found.end() - 2


def _layout(segments: list[tuple[int, bytes]], body: bytes, scans: int) -> JpegFile:
    frames = [(marker, content) for marker, content in segments if marker in _SOF]
    if len(frames) != 1 or len(frames[0][1]) < _FRAME:
        raise BadJpeg("not one frame")
    sof, content = frames[0]
    precision, height, width, count = struct.unpack(">BHHB", content[:_FRAME])
    if len(content) != _FRAME + _PLANE * count or not height or not width or not count:
        raise BadJpeg("frame header")
    parts = [content[at : at + _PLANE] for at in range(_FRAME, len(content), _PLANE)]
    components = tuple(Component(p[0], *_halves(p[1]), p[2]) for p in parts)
    tables: dict[int, Table] = {}
    for marker, content in segments:
        if marker == _DQT:
            tables |= _tables(content)
    kept = [part for part in segments if part[0] in _CODING]
    jfif = [c for m, c in segments if m == _JFIF and c.startswith(b"JFIF\0") and len(c) >= _JFIF_LENGTH]
    kept += [(_JFIF, c[: _JFIF_LENGTH - 2] + b"\0\0") for c in jfif[:1]]  # without its thumbnail
    adobe = [c for m, c in segments if m == _ADOBE and c.startswith(b"Adobe") and len(c) >= _ADOBE_LENGTH]
    kept += [(_ADOBE, c[:_ADOBE_LENGTH]) for c in adobe[:1]]
    return JpegFile(sof, height, width, precision, components, tables, tuple(kept), body, scans)


def _tables(content: bytes) -> dict[int, Table]:
    found: dict[int, Table] = {}
    at = 0
    while at < len(content):
        wide, number = _halves(content[at])
        size = 2 * _CELLS if wide else _CELLS
        raw = np.frombuffer(content[at + 1 : at + 1 + size], ">u2" if wide else np.uint8)
        if len(raw) != _CELLS or number >= _MOST_TABLES or wide > 1:
            raise BadJpeg("quantisation table")
        table = np.zeros(_CELLS, np.uint16)
        table[_ZIGZAG] = raw
        found[number] = table.reshape(BLOCK, BLOCK)
        at += 1 + size
    return found


def check_huffman(layout: JpegFile) -> None:
    """Raises BadJpeg unless every header segment and scan header is well-formed: the coefficient reader dies of those that are not."""
    for marker, content in layout.segments:
        at = 0
        while marker == _DHT and at < len(content):
            start = at + 1 + _HUFFMAN_LENGTHS
            counts = content[at + 1 : start]
            kind, number = _halves(content[at])
            sound = kind <= 1 and number < _MOST_TABLES and len(counts) == _HUFFMAN_LENGTHS
            if not sound or sum(counts) > _HUFFMAN_CODES or start + sum(counts) > len(content):
                raise BadJpeg("Huffman table")
            at = start + sum(counts)
        if marker == _DRI and len(content) != 2:
            raise BadJpeg("restart interval")
    count = layout.body[_HEAD]
    ids = [layout.body[_SCAN_IDS + 2 * i] for i in range(min(count, _MOST_IDS))]
    if not 1 <= count <= _MOST_IDS or _length(layout.body, 0) != _SCAN_IDS + 1 + 2 * count:
        raise BadJpeg("scan header")
    known = [c.id for c in layout.components]
    if len(set(known)) != len(known) or len(set(ids)) != len(ids) or not set(ids) <= set(known):
        raise BadJpeg("component ids")


def bare(layout: JpegFile) -> bytes:
    """The same picture with nothing in its header but what decoding needs, all of it written anew."""
    return _join(layout, [part for part in layout.segments if part[0] in _CODING], [])


def _header(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The segments before the first scan: marker, content, and where the next one begins."""
    at = 2
    while at + _HEAD <= len(data) and data[at] == _FIRST and data[at + 1] != _SOS:
        size = _length(data, at)
        after = at + 2 + max(2, size)
        yield data[at + 1], data[at + _HEAD : at + 2 + size], after
        at = after


def texts_of(data: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """What the file says in words, as (marker, content): XMP, IPTC and comments, apart from our own record."""
    return tuple(
        (bytes([marker]), content)
        for marker, content, _ in _header(data)
        if (marker == _EXIF and content.startswith(XMP))
        or (marker == _IPTC and content.startswith(_PHOTOSHOP))
        or (marker == _COMMENT and not content.startswith(_RECORD))
    )


def ends_in_grey(data: bytes, samples: NDArray[Any]) -> bool:
    """Whether the scan ends before the picture does, though an end is marked: decoders fill the rest with middle grey.

    `samples` HxW or HxWxC uint8 as decoded. A picture that ends in such grey by itself says it in few bits, which repeat; data that were cut off do not.
    """
    last = samples[-BLOCK:, -_GREY_WIDTH:]
    if samples.dtype != np.uint8 or not bool((last == _GREY).all()):
        return False
    try:
        body = parse(data).body
    except BadJpeg:
        return False
    return len(set(body[-_TAIL:])) > _TAIL_VALUES


def second_picture(data: bytes) -> str:
    """What stands behind the first picture or is promised by its header: "an HDR gain map", "a second picture", or ""."""
    if any(mark in data for mark in _GAIN_MAP):
        return "an HDR gain map"
    # Thumbnails begin within the header, and within a scan this cannot stand.
    scans = max((after for _, _, after in _header(data)), default=2)
    return "a second picture" if data.find(b"\xff\xd8\xff", scans) >= 0 else ""


def assemble(
    layout: JpegFile,
    icc: bytes | None,
    exif: bytes | None,
    record: str | None,
    texts: tuple[tuple[bytes, bytes], ...] = (),
) -> bytes:
    """A file with the layout's picture and exactly this metadata."""
    # JFIF's own segment comes first, as its standard asks; readers of EXIF accept that order.
    head = [part for part in layout.segments if part[0] == _JFIF]
    if exif is not None:
        head.append((_EXIF, exif if exif.startswith(b"Exif\0\0") else b"Exif\0\0" + exif))
    head += [(marker[0], content) for marker, content in texts]
    head += [part for part in layout.segments if part[0] == _ADOBE]
    if icc is not None:
        parts = [icc[i : i + _PART] for i in range(0, len(icc), _PART)]
        head += [(_ICC, b"ICC_PROFILE\0" + bytes([i + 1, len(parts)]) + part) for i, part in enumerate(parts)]
    if record is not None:
        text = record.encode()
        head += [(_COMMENT, _RECORD + text[i : i + _PART]) for i in range(0, len(text), _PART)]
    return _join(layout, [part for part in layout.segments if part[0] in _CODING], head)


def _join(layout: JpegFile, coding: list[tuple[int, bytes]], head: list[tuple[int, bytes]]) -> bytes:
    wide = any(int(table.max()) > 255 for table in layout.tables.values())
    quant = [
        (
            _DQT,
            bytes([wide << 4 | number]) + table.ravel()[_ZIGZAG].astype(">u2" if wide else np.uint8).tobytes(),
        )
        for number, table in sorted(layout.tables.items())
    ]
    sof = EXTENDED if wide and layout.sof == BASELINE else layout.sof
    planes = b"".join(bytes([c.id, c.across << 4 | c.down, c.table]) for c in layout.components)
    frame = struct.pack(">BHHB", layout.precision, layout.height, layout.width, len(layout.components)) + planes
    parts = [*head, *quant, (sof, frame), *coding]
    packed = b"".join(struct.pack(">BBH", _FIRST, marker, len(content) + 2) + content for marker, content in parts)
    return b"\xff\xd8" + packed + layout.body + b"\xff\xd9"


def with_identity(coded: JpegFile, original: JpegFile) -> JpegFile:
    """`coded` under the original's component ids, tables and colour markers. Both have the same planes, `coded` one scan."""
    ids = [c.id for c in original.components]
    body = bytearray(coded.body)
    for i, number in enumerate(ids):
        body[_SCAN_IDS + 2 * i] = number
    coding = tuple(part for part in coded.segments if part[0] in _CODING)
    marks = tuple(part for part in original.segments if part[0] in _COLOURS)
    return replace(original, sof=BASELINE, segments=coding + marks, body=bytes(body), scans=1)


def with_density(layout: JpegFile, dpi: tuple[float, float] | None) -> JpegFile:
    """The layout with this resolution in its JFIF segment, if it has one."""
    if dpi is None:
        return layout
    across, down = (min(_LARGEST_DENSITY, round(v)) for v in dpi)

    def marked(marker: int, content: bytes) -> bytes:
        return content[:7] + struct.pack(">BHH", 1, across, down) + b"\0\0" if marker == _JFIF else content

    return replace(layout, segments=tuple((marker, marked(marker, content)) for marker, content in layout.segments))


def record_of(data: bytes) -> str | None:
    """The text in our comment segments, or None."""
    parts = [content for marker, content, _ in _header(data) if marker == _COMMENT and content.startswith(_RECORD)]
    return b"".join(part.removeprefix(_RECORD) for part in parts).decode("utf-8", "replace") if parts else None
