"""Files in Qt resource containers (`.rcc`), as programs written with Qt bring them."""

from __future__ import annotations

import zlib
from struct import unpack_from

QT_NODE = {1: 14, 2: 22, 3: 22}
"""Bytes of a node of the tree in a Qt resource container, by the format's version; later versions add the time of change."""
QT_COMPRESSED, QT_FOLDER = 1, 2
"""Flags of a node; the length of a compressed file's content stands before it."""


def qt_entry(container: bytes, path: str) -> bytes:
    """The content of the file at `path` (such as "/images/bee.webp") in a Qt resource container; KeyError if it holds none."""
    version, tree, data, names = unpack_from(">4x4I", container)

    def name(node: int) -> str:
        start = names + unpack_from(">I", container, node)[0]
        (length,) = unpack_from(">H", container, start)  # then four bytes of hash
        return container[start + 6 : start + 6 + 2 * length].decode("utf-16-be")

    node = tree
    for part in path.strip("/").split("/"):
        flags, count, first = unpack_from(">4xHII", container, node)
        children = range(first, first + count) if flags & QT_FOLDER else range(0)
        places = (tree + child * QT_NODE[version] for child in children)
        found = next((place for place in places if name(place) == part), None)
        if found is None:
            raise KeyError(f"the container holds no {path}")
        node = found
    flags, start = unpack_from(">4xH4xI", container, node)
    (length,) = unpack_from(">I", container, data + start)
    content = container[data + start + 4 : data + start + 4 + length]
    return zlib.decompress(content[4:]) if flags & QT_COMPRESSED else content
