"""Whether a file that a decoder accepts is whole: decoders fill what is missing, and say nothing.

What is lossy and still decodes after damage (WebP, AVIF, G4 and most of a JPEG) has no checksum, so that nobody can see it.
"""

from __future__ import annotations

import io
import warnings
import zlib

from PIL import TiffImagePlugin
from PIL.ExifTags import Base

from pixwright.media.formats import jpegfile
from pixwright.media.formats.jpegfile import BadJpeg, JpegFile

_SOS, _DHT = 0xDA, 0xC4
_COEFFICIENTS = 64
_EMPTY = 64
"""Bytes of zeros in a row that no encoder writes, unless they mean blocks without detail."""
_LENGTHS = 16
"""Lengths that a Huffman code may have; the first symbol after them has the code of zeros."""
_AC, _END_OF_BLOCK = 1, 0
_DEFLATE = (8, 32_946)
"""TIFF's numbers of compression by zlib."""
_WIDEST, _FLOATING = 16, 3
"""Bits of a TIFF's sample that are read; the format of samples that are no whole numbers."""


def jpeg_lacks(data: bytes) -> str:
    """What a JPEG lacks that its headers promise, or "": scans of a progressive one, or data where zeros stand. Structures that are not understood are not judged."""
    try:
        layout = jpegfile.parse(data)
        return _scans_missing(layout) if layout.progressive else _blank(layout)
    except (BadJpeg, IndexError):
        return ""


def _scans_missing(layout: JpegFile) -> str:
    """Of a progressive file every coefficient must come down to its last bit (T.81, G.1.1.1)."""
    left = {(part.id, k): 1 for part in layout.components for k in range(_COEFFICIENTS)}
    for marker, content in _between(layout):
        if marker != _SOS:
            continue
        count = content[0]
        ids = [content[1 + 2 * i] for i in range(count)]
        first, last, low = content[1 + 2 * count], content[2 + 2 * count], content[3 + 2 * count] & 15
        left.update({(one, k): low for one in ids for k in range(first, last + 1)})
    return "scans" if any(left.values()) else ""


def _between(layout: JpegFile) -> list[tuple[int, bytes]]:
    """The segments of a body, without the coded data."""
    found, at = [], 0
    while True:
        size = int.from_bytes(layout.body[at + 2 : at + 4], "big")
        found.append((layout.body[at + 1], layout.body[at + 4 : at + 2 + size]))
        following = jpegfile.next_marker(layout.body, at + 2 + size)
        if following is None:
            return found
        at = following


def _blank(layout: JpegFile) -> str:
    """Zeros in a row mean blocks without detail only where every table of theirs says so: then they may be a flat sky."""
    if b"\0" * _EMPTY not in layout.body:
        return ""
    firsts = []
    for marker, content in (*layout.segments, *_between(layout)):
        at = 0
        while marker == _DHT and at + _LENGTHS < len(content):
            if content[at] >> 4 == _AC:
                firsts.append(content[at + 1 + _LENGTHS])
            at += 1 + _LENGTHS + sum(content[at + 1 : at + 1 + _LENGTHS])
    return "" if all(first == _END_OF_BLOCK for first in firsts) else "data"


def tiff_directory(data: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    """The tags of the first page. Raises what Pillow raises."""
    tags = TiffImagePlugin.ImageFileDirectory_v2(data[:16] if data[2] == _BIG or data[3] == _BIG else data[:8])
    held = io.BytesIO(data)
    held.seek(tags.next)
    tags.load(held)
    return tags


_BIG = 43
"""What a BigTIFF says in place of 42."""


def tiff_unread(data: bytes) -> str:
    """What kind of samples a TIFF has that is not read ("floating point", "32-bit"), or ""."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags = tiff_directory(data)
        bits, forms = tags.get(Base.BitsPerSample, (1,)), tags.get(Base.SampleFormat, (1,))
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, OverflowError):
        return ""
    if max(forms) == _FLOATING:
        return "floating point"
    return f"{max(bits)}-bit" if max(bits) > _WIDEST else ""


def tiff_damaged(data: bytes, tags: TiffImagePlugin.ImageFileDirectory_v2) -> bool:
    """Whether a strip or tile of a deflated page does not unpack: libtiff keeps what came before the fault."""
    if tags.get(Base.Compression) not in _DEFLATE:
        return False
    starts = tags.get(Base.StripOffsets) or tags.get(Base.TileOffsets) or ()
    sizes = tags.get(Base.StripByteCounts) or tags.get(Base.TileByteCounts) or ()
    try:
        for start, size in zip(starts, sizes):
            unpacked = zlib.decompressobj()
            unpacked.decompress(data[start : start + size])
            if not unpacked.eof:
                return True
    except zlib.error:
        return True
    return False
