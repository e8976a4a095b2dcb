"""Content credentials as bytes in a file: whether there are any, and the whole store of them. Needs no package, so nothing is lost where none is installed."""

from __future__ import annotations

from collections.abc import Iterator

from pixwright.media.formats import pngfile, webpfile

_JUMBF, _STORE = b"jumb", b"c2pa"
"""The box that holds credentials, and what its description says (ISO 19566-5; C2PA 2.1, section 11)."""
_JPEG, _APP11, _SOS, _BARE = b"\xff\xd8", 0xEB, 0xDA, 4
"""A JPEG's first bytes; the segments that hold boxes; where they end; bytes of a segment before its content."""
_AROUND = 8
"""Bytes in such a segment before the box: "JP", the box's number, and the packet's."""
_BOX = 8
"""Bytes of a box's own head, which each packet repeats: its length and its kind."""


def carries(data: bytes) -> bool:
    """Whether the bytes of a picture file hold content credentials, in whatever format."""
    return _JUMBF in data and _STORE in data[data.index(_JUMBF) :]


def store(data: bytes) -> bytes | None:
    """The whole store of credentials of a JPEG, PNG or WebP file: what a `.c2pa` file holds. None where there is none, or in another format."""
    if data.startswith(_JPEG):
        return _of_jpeg(data)
    if data.startswith(pngfile.SIGNATURE):
        return next((content for name, content in pngfile.chunks(data) if name == b"caBX"), None)
    if data[:4] == b"RIFF":
        return next((content for name, content in webpfile.chunks(data) if name == b"C2PA"), None)
    return None


def _of_jpeg(data: bytes) -> bytes | None:
    """The packets of each box joined; the one that holds credentials (ISO 19566-5, annex D)."""
    boxes: dict[bytes, bytes] = {}
    for content in _segments(data):
        number, packet = content[2:4], content[_AROUND:]
        boxes[number] = boxes[number] + packet[_BOX:] if number in boxes else packet
    return next((box for box in boxes.values() if box[4:_BOX] == _JUMBF and _STORE in box), None)


def _segments(data: bytes) -> Iterator[bytes]:
    at = len(_JPEG)
    while at + _BARE <= len(data) and data[at] == 0xFF and data[at + 1] != _SOS:
        length = int.from_bytes(data[at + 2 : at + _BARE], "big")
        if data[at + 1] == _APP11 and data[at + _BARE :][:2] == b"JP":
            yield data[at + _BARE : at + 2 + length]
        at += 2 + length
