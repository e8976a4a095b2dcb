"""WebP files chunk by chunk (RFC 9649)."""

from __future__ import annotations

from collections.abc import Iterator

_START = 12
"""Bytes before the first chunk."""
_HEAD = 8
"""Of a chunk: its name and its size."""
_SIDE_BITS, _SIDE = 14, 0x3FFF
"""Bits of a side, and the mask of them."""
_FRAME = 16
"""Bytes of a frame before its own chunks."""


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of every chunk, those within the frames of an animation included; the last may be cut short."""
    at = _START
    while at + _HEAD <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + _HEAD], "little")
        at += _HEAD
        if name == b"ANMF":
            at += _FRAME
            continue
        yield name, data[at : at + size]
        at += size + size % 2


def cut_short(data: bytes) -> bool:
    """Whether there is less than the file says that it holds."""
    return int.from_bytes(data[4:_HEAD], "little") + _HEAD > len(data) + 1


def is_lossy(data: bytes) -> bool:
    """Whether the first frame is a lossy one (VP8), alone or within an animation."""
    return next((name for name, _ in chunks(data) if name in (b"VP8 ", b"VP8L")), b"") == b"VP8 "


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of a still file without loss."""
    packed = _packed(data)
    return 1 + (packed & _SIDE), 1 + (packed >> _SIDE_BITS & _SIDE)


def has_alpha(data: bytes) -> bool:
    """Whether a still file without loss has a pixel that is not opaque."""
    return bool(_packed(data) >> 2 * _SIDE_BITS & 1)


def _packed(data: bytes) -> int:
    """The header of a picture without loss (VP8L): two sides of 14 bits, less one, and a bit for alpha, after a signature byte."""
    held = next(content for name, content in chunks(data) if name == b"VP8L")
    return int.from_bytes(held[1:5], "little")
