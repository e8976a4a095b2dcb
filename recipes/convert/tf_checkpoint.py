"""Read a TensorFlow V2 checkpoint without TensorFlow.

`.index` is a LevelDB-style table (blocks of prefix-compressed keys, a footer with the handle of the index block) whose values are
`BundleEntryProto` messages (1: type, 2: shape, 4: offset, 5: size); `.data` is the raw little-endian tensors. Uncompressed blocks and float32 only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

FOOTER = 48
FLOAT = 1


def varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned variable-length integer at `at`: (value, next position)."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The (key, value) pairs of one table block."""
    assert data[offset + size] == 0, "compressed blocks are not supported"
    restarts = int.from_bytes(data[offset + size - 4 : offset + size], "little")
    at, end, key = offset, offset + size - 4 - 4 * restarts, b""
    while at < end:
        shared, at = varint(data, at)
        fresh, at = varint(data, at)
        length, at = varint(data, at)
        key = key[:shared] + data[at : at + fresh]
        yield key, data[at + fresh : at + fresh + length]
        at += fresh + length


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The (number, value) pairs of a protocol buffer message."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        match tag & 7:
            case 0:
                value, at = varint(message, at)
                yield tag >> 3, value
            case 2:
                length, at = varint(message, at)
                yield tag >> 3, message[at : at + length]
                at += length
            case 5:
                yield tag >> 3, message[at : at + 4]
                at += 4
            case kind:
                raise ValueError(f"wire type {kind}")


def shape_of(message: bytes) -> tuple[int, ...]:
    """TensorShapeProto: repeated field 2, whose field 1 is the size."""
    dims = [dict(fields(value)) for number, value in fields(message) if number == 2 and isinstance(value, bytes)]
    return tuple(int(dim.get(1, 0)) for dim in dims)


def read(index: bytes, data: bytes) -> dict[str, np.ndarray]:
    """Every float32 tensor of the checkpoint by name."""
    at = len(index) - FOOTER
    for _ in range(2):  # the metaindex's handle, which is not needed
        _, at = varint(index, at)
    offset, at = varint(index, at)
    size, at = varint(index, at)
    tensors = {}
    for _, handle in block(index, offset, size):
        start, after = varint(handle, 0)
        length, _ = varint(handle, after)
        for key, value in block(index, start, length):
            entry = dict(fields(value))
            if not key or entry.get(1) != FLOAT:
                continue
            begin, size_bytes, raw_shape = entry.get(4, 0), entry.get(5, 0), entry.get(2, b"")
            assert isinstance(begin, int) and isinstance(size_bytes, int) and isinstance(raw_shape, bytes)
            tensor = np.frombuffer(data, "<f4", size_bytes // 4, begin)
            tensors[key.decode()] = tensor.reshape(shape_of(raw_shape)).copy()
    return tensors
