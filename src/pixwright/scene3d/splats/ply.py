"""Files of Gaussians: the .ply that Kerbl et al. (2023) write and the common viewers read.

A row a Gaussian, binary and little endian: `x y z`, `f_dc_0..2` and `f_rest_*` (spherical harmonics, channel by channel), `opacity` (a logit), `scale_0..2`
(logarithms), `rot_0..3` (a quaternion, w first). Normals and any other property stay in their place, bytes and all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidOption, InvalidScene
from pixwright.media import write_atomically

MOST_GAUSSIANS = 4_000_000
"""That are read: a gigabyte of the usual layout."""
CENTRE, SCALE, ROTATION = ("x", "y", "z"), ("scale_0", "scale_1", "scale_2"), ("rot_0", "rot_1", "rot_2", "rot_3")
OPACITY = "opacity"
COLOUR = ("f_dc_0", "f_dc_1", "f_dc_2")
NEEDED = (*CENTRE, *COLOUR, OPACITY, *SCALE, *ROTATION)
"""Properties without which a file is no scene of Gaussians."""
REST_COUNTS = (0, 9, 24, 45)
"""Numbers of `f_rest_*` for spherical harmonics of degree 0, 1, 2, 3."""
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "<i2", "int16": "<i2", "ushort": "<u2",
    "uint16": "<u2", "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4", "float": "<f4", "float32": "<f4",
    "double": "<f8", "float64": "<f8",
}  # fmt: skip
"""The format's types, in both spellings."""
_END = b"end_header"
_LONGEST_HEADER = 1 << 16
_COUNT = re.compile(rb"(?m)^(element[ \t]+vertex[ \t]+)(\d+)")
_SHOWN = 40
"""Characters of a strange line that a message shows."""
_HELP = "a scene of Gaussians as a binary .ply (little endian) is needed"


@dataclass(frozen=True, eq=False)
class SceneFile:
    """A file, whole: `header` and `tail` are its bytes before and behind the rows; `rows` N, one record a Gaussian, not to be written to."""

    header: bytes
    rows: NDArray[Any]
    tail: bytes = b""

    def rest_names(self) -> tuple[str, ...]:
        """The properties of the spherical harmonics above degree 0, in the order of their numbers."""
        names = self.rows.dtype.names or ()
        return tuple(f"f_rest_{n}" for n in range(sum(name.startswith("f_rest_") for name in names)))

    def with_rows(self, rows: NDArray[Any]) -> SceneFile:
        """The same file with other rows of the same layout."""
        assert rows.dtype == self.rows.dtype, "rows keep their layout"
        header = self.header
        if len(rows) != len(self.rows):
            header = _COUNT.sub(lambda found: found[1] + str(len(rows)).encode(), header, count=1)
        return replace(self, header=header, rows=rows)

    def data(self) -> bytes:
        """The bytes of the file."""
        return b"".join((self.header, self.rows.tobytes(), self.tail))


def read_ply(path: Path) -> SceneFile:
    """The file's rows and everything around them. Raises InvalidScene, which says what the file is instead."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidScene(f"{path} cannot be read ({error.strerror}); {_HELP}") from error
    lines, start = _header(data, path)
    count, fields = _vertex(lines, path)
    if count > MOST_GAUSSIANS:
        raise InvalidScene(f"{path}: {count:,} Gaussians; at most {MOST_GAUSSIANS:,} are read: prune or crop the scene")
    layout = np.dtype(fields)
    _check_names(layout.names or (), path)
    end = start + count * layout.itemsize
    if len(data) < end:
        raise InvalidScene(
            f"{path}: ends after {(len(data) - start) // layout.itemsize:,} of {count:,} Gaussians; copy it again"
        )
    return SceneFile(data[:start], np.frombuffer(data, layout, count, start), data[end:])


def check_ply(path: Path) -> None:
    """Raises InvalidOption for a name under which no scene is written."""
    if path.suffix.lower() != ".ply":
        raise InvalidOption(f"{path}: a scene is written as .ply; choose such a name")


def write_ply(scene: SceneFile, path: Path, *, replace: bool = False) -> None:
    """Write it whole or not at all. Raises OutputExists where a file is there and is not to be replaced."""
    write_atomically(path, scene.data(), replace=replace)


def _header(data: bytes, path: Path) -> tuple[list[str], int]:
    """The header's lines, and where the rows begin."""
    if not data.startswith(b"ply"):
        raise InvalidScene(f"{path}: not a .ply file; {_HELP}")
    at = data.find(_END, 0, _LONGEST_HEADER)
    line_end = data.find(b"\n", at) + 1 if at >= 0 else 0
    if not line_end:
        raise InvalidScene(f"{path}: its header has no end; {_HELP}")
    lines = data[:at].decode("ascii", "replace").splitlines()
    form = next((line.split()[1:2] for line in lines if line.startswith("format")), [])
    if form != ["binary_little_endian"]:
        raise InvalidScene(f"{path}: its format is {' '.join(form) or 'not said'}; {_HELP}: save it as binary")
    return lines, line_end


def _vertex(lines: list[str], path: Path) -> tuple[int, list[tuple[str, str]]]:
    """How many rows there are, and their properties with numpy's types."""
    count: int | None = None
    fields: list[tuple[str, str]] = []
    here = False
    for words in (line.split() for line in lines):
        if words[:1] == ["element"]:
            here = words[1:2] == ["vertex"]
            if "chunk" in words[1:2]:
                raise InvalidScene(f"{path}: a compressed .ply; {_HELP}: save it uncompressed, as SuperSplat can")
            if here and words[2:] and words[2].isdecimal():
                count = int(words[2])
            elif count is None:
                raise InvalidScene(
                    f"{path}: its first element is {' '.join(words[1:])[:_SHOWN]!r} and not vertex; {_HELP}"
                )
        elif here and words[:1] == ["property"]:
            kind = _TYPES.get(words[1]) if len(words) == len(CENTRE) else None
            if kind is None or any(words[2] == name for name, _ in fields):
                raise InvalidScene(f"{path}: its property {' '.join(words[1:])[:_SHOWN]!r} is not read; {_HELP}")
            fields.append((words[2], kind))
    if not count:
        raise InvalidScene(f"{path}: no vertices in it; {_HELP}")
    return count, fields


def _check_names(names: tuple[str, ...], path: Path) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        what = "a cloud of points or a mesh, it seems: " if OPACITY in missing else ""
        raise InvalidScene(f"{path}: {what}no property {', '.join(missing[: len(CENTRE)])}; {_HELP}")
    rest = [name for name in names if name.startswith("f_rest_")]
    if len(rest) not in REST_COUNTS or {f"f_rest_{n}" for n in range(len(rest))} != set(rest):
        raise InvalidScene(
            f"{path}: {len(rest)} properties f_rest_*; there are {', '.join(map(str, REST_COUNTS))} for degrees 0 to 3"
        )


def new_scene(rows: int, degree: int) -> SceneFile:
    """An empty file in the usual layout: all zeros, with normals, for spherical harmonics of that degree (0 to 3)."""
    rest = [f"f_rest_{n}" for n in range(REST_COUNTS[degree])]
    names = [*CENTRE, "nx", "ny", "nz", *COLOUR, *rest, OPACITY, *SCALE, *ROTATION]
    header = "\n".join(
        [
            "ply",
            "format binary_little_endian 1.0",
            f"element vertex {rows}",
            *(f"property float {name}" for name in names),
            "end_header",
            "",
        ]
    )
    return SceneFile(header.encode("ascii"), np.zeros(rows, [(name, "<f4") for name in names]))
