"""What following found, frame by frame, on disc: memory does not grow with the length of a video, and a killed run goes on from it.

The next frame is followed from what memory holds, not from here; here places are kept to a thirty-second of a pixel of the reduced picture, on every second of its pixels.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.toning.lut import guided
from pixwright.media import write_atomically
from pixwright.motion import Floats, grid
from pixwright.records.instruction import Array
from pixwright.video.following import ThingNow

_HEAD = struct.Struct("<5HIf6d")
_FINE = 32
"""Parts of a pixel."""
_HALF = 2
"""Every so many pixels of the reduced picture are kept."""
_MOST = 32767
_MARGIN = 8
"""Kept about a thing, in pixels of the reduced picture."""


@dataclass(frozen=True, eq=False)
class KeptPlace:
    """Where a thing is in a frame, as it is kept; `anchor` numbers the picture that it is carried over from, -1 where it is not seen at all."""

    anchor: int
    off: float
    box: tuple[int, int, int, int]
    """Of what follows, in the half of the reduced picture: x0, y0, x1, y1."""
    small: tuple[int, int]
    """Width and height of the reduced picture."""
    shift: NDArray[np.int16]
    """By how much a pixel lies beside where it was, x and y."""
    valid: Array
    hidden: Array
    """0 to 255: what is before the thing now."""
    matrix: NDArray[np.float64]
    """2x3: the affine map from the frame to where it was, nearest to the shift; in pixels of the reduced picture."""

    def packed(self) -> bytes:
        """As bytes."""
        body = zlib.compress(self.shift.tobytes() + self.valid.tobytes() + self.hidden.tobytes(), 1)
        return (
            _HEAD.pack(
                *self.box, self.small[0], self.small[1] * 65536 + self.anchor + 1, self.off, *self.matrix.ravel()
            )
            + body
        )

    @staticmethod
    def unpacked(data: bytes) -> KeptPlace:
        """From bytes."""
        x0, y0, x1, y1, width, rest, off, *matrix = _HEAD.unpack_from(data)
        height, anchor = rest >> 16, (rest & 0xFFFF) - 1
        body = zlib.decompress(data[_HEAD.size :])
        size = (y1 - y0) * (x1 - x0)
        shift = np.frombuffer(body, np.int16, 2 * size).reshape(y1 - y0, x1 - x0, 2)
        masks = np.frombuffer(body, np.uint8, 2 * size, 4 * size).reshape(2, y1 - y0, x1 - x0)
        return KeptPlace(
            anchor, off, (x0, y0, x1, y1), (width, height), shift, masks[0], masks[1], np.reshape(matrix, (2, 3))
        )


def keep(where: ThingNow, anchor: int) -> KeptPlace:
    """What is kept of `where`."""
    height, width = where.share.shape
    half = max(1, width // _HALF), max(1, height // _HALF)
    seen = cv2.dilate((where.share > 0).astype(np.uint8), np.ones((2 * _MARGIN + 1,) * 2, np.uint8))
    hidden = np.clip(1 - where.share / np.maximum(where.mask, _FAINT), 0, 1) * (where.mask > _FAINT)
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not rows.size:
        nothing = np.zeros((0, 0), np.uint8)
        return KeptPlace(
            -1, where.off, (0, 0, 0, 0), (width, height), np.zeros((0, 0, 2), np.int16), nothing, nothing, where.matrix
        )
    box = (
        int(columns[0]) * half[0] // width, int(rows[0]) * half[1] // height,
        min(half[0], int(columns[-1]) * half[0] // width + 1), min(half[1], int(rows[-1]) * half[1] // height + 1),
    )  # fmt: skip
    part = np.s_[box[1] : box[3], box[0] : box[2]]
    moved = cv2.resize(where.place - grid(height, width), half, interpolation=cv2.INTER_AREA)[part]
    shift = np.clip(np.rint(moved * _FINE), -_MOST, _MOST).astype(np.int16)
    valid, covered = (
        np.asarray(np.rint(cv2.resize(one, half, interpolation=cv2.INTER_AREA)[part] * 255), np.uint8)
        for one in (where.valid, hidden.astype(np.float32))
    )
    return KeptPlace(anchor, where.off, box, (width, height), shift, valid, covered, where.matrix)


_FAINT = 0.02
"""Share of a thing under which nothing of it is there to be hidden."""


@dataclass(frozen=True, eq=False)
class SpotInFrame:
    """Where a thing is in a frame, at full size, inside `box` (x0, y0, x1, y1)."""

    box: tuple[int, int, int, int]
    place: Floats
    """hxwx2: where each pixel was in the picture that it is carried over from."""
    valid: Floats
    hidden: Floats

    @property
    def part(self) -> tuple[slice, slice]:
        """The box as an index."""
        x0, y0, x1, y1 = self.box
        return np.s_[y0:y1, x0:x1]


def spot(kept: KeptPlace, picture: Array) -> SpotInFrame:
    """At the full size of a frame HxWx3, on whose edges what hides the thing ends."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = kept.box
    half = max(1, kept.small[0] // _HALF), max(1, kept.small[1] // _HALF)
    left, right = x0 * width // half[0], -(-x1 * width // half[0])
    top, bottom = y0 * height // half[1], -(-y1 * height // half[1])
    scale = np.array([width / kept.small[0], height / kept.small[1]], np.float32) / _FINE
    # One affine map brings every field from the half of the reduced picture to full size, centres upon centres.
    matrix = np.array(
        [
            [half[0] / width, 0, (left + 0.5) * half[0] / width - 0.5 - x0],
            [0, half[1] / height, (top + 0.5) * half[1] / height - 0.5 - y0],
        ],
        np.float32,
    )
    size = (right - left, bottom - top)

    def grown(field: NDArray[np.float32]) -> Floats:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(field, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)

    own = grid(bottom - top, right - left) + np.array([left, top], np.float32)
    place = own + grown(kept.shift.astype(np.float32)) * scale
    valid, hidden = (grown(np.asarray(one, np.float32) / np.float32(255)) for one in (kept.valid, kept.hidden))
    hidden = _to_edges(hidden, picture[top:bottom, left:right], 2 * _HALF * max(width / kept.small[0], 1.0))
    return SpotInFrame((left, top, right, bottom), np.asarray(place, np.float32), valid, hidden)


def _to_edges(hidden: Floats, picture: Array, unsure: float) -> Floats:
    """What hides a thing, hxw in [0, 1], known to `unsure` pixels, ended where the picture hxwx3 goes over from its colours to the thing's."""
    edge = cv2.boundingRect(((hidden > _FAINT) & (hidden < 1 - _FAINT)).astype(np.uint8))
    if not edge[2]:
        return hidden
    pad = 4 * round(unsure)
    top, left = max(0, edge[1] - pad), max(0, edge[0] - pad)
    part = np.s_[top : edge[1] + edge[3] + pad, left : edge[0] + edge[2] + pad]
    own, colours = hidden[part], picture[part].astype(np.float32)
    radius = round(unsure)
    covered, seen = (cv2.blur(one, (2 * pad + 1,) * 2) + _NOTHING for one in (own, 1 - own))
    there, here = (
        cv2.blur(colours * share[..., None], (2 * pad + 1,) * 2) / weight[..., None]
        for share, weight in ((own, covered), (1 - own, seen))
    )
    way = there - here
    along = np.clip(((colours - here) * way).sum(2) / ((way * way).sum(2) + _NOTHING), 0, 1)
    fine = np.clip((guided(np.asarray(along, np.float32), own, radius) - _SLACK) / (1 - 2 * _SLACK), 0, 1)
    result = hidden.copy()
    result[part] = fine
    return result


_NOTHING, _SLACK = 1e-3, 0.2
"""Weight under which a mean says nothing; share at either end that a guided filter leaves over."""


class Spool:
    """A folder with a file for each frame of a shot: what is kept of every thing that is followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, frame: int, things: Sequence[KeptPlace]) -> None:
        """Keep a frame."""
        bodies = [one.packed() for one in things]
        head = json.dumps([len(one) for one in bodies]).encode() + b"\n"
        write_atomically(self._path(frame), head + b"".join(bodies))

    def get(self, frame: int) -> list[KeptPlace]:
        """What was kept of a frame."""
        line, _, body = self._path(frame).read_bytes().partition(b"\n")
        things, at = [], 0
        for size in json.loads(line):
            things.append(KeptPlace.unpacked(body[at : at + size]))
            at += size
        return things

    def _path(self, frame: int) -> Path:
        return self.folder / f"{frame:07d}.where"


class ArrayShelf:
    """Arrays by name, in files; the last few are in memory too. So memory holds as many pictures at the end of a shot as at its beginning."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when it is needed."""
        self._folder = folder
        self._near: OrderedDict[str, tuple[NDArray[Any], ...]] = OrderedDict()

    def put(self, name: str, *arrays: NDArray[Any]) -> None:
        """Keep arrays of one name, in place of earlier ones."""
        self._folder.mkdir(parents=True, exist_ok=True)
        np.savez(self._folder / f"{name}.npz", *arrays)
        self._remember(name, arrays)

    def get(self, name: str) -> tuple[NDArray[Any], ...] | None:
        """The arrays of that name, or None."""
        if name in self._near:
            self._near.move_to_end(name)
            return self._near[name]
        path = self._folder / f"{name}.npz"
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as held:
            self._remember(name, tuple(held[key] for key in held.files))
        return self._near[name]

    def _remember(self, name: str, arrays: tuple[NDArray[Any], ...]) -> None:
        self._near[name] = arrays
        self._near.move_to_end(name)
        while len(self._near) > _NEAR:
            self._near.popitem(last=False)


_NEAR = 4
"""Names whose arrays are in memory."""
