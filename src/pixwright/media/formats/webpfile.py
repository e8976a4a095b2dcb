"""WebP files chunk by chunk (RFC 9649)."""

from __future__ import annotations

from collections.abc import Iterator

_START = 12
"""Bytes before the first chunk."""
_HEAD = 8
"""Of a chunk: its name and its size."""
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
