"""The promise, measured on the file that was written: what no step touched, as the input is decoded against as the result is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidVideo
from pixwright.video.footage import Footage

_PEAK = 255.0
_SHARED = np.ones((11, 11), np.uint8)
"""About a touched pixel: those whose colour is interpolated from samples that it shares."""


@dataclass(frozen=True)
class Promise:
    """Of the pixels that no step touched, nor shares a sample of colour with: the share that is equal, the PSNR in dB (None where all are), and the largest difference of 255."""

    kept: float | None = None
    psnr: float | None = None
    largest: int | None = None


def promise_kept(
    footage: Footage, result: Path, masks: Iterable[bytes | None], first: int, shift: int, tell: Callable[[], None]
) -> Promise:
    """Decode both files side by side. `masks`: what was touched of each frame, packed (None: none of it); `first`: the input's frame that is the result's first; `shift`: by how much its time stamps went down.

    Raises InvalidVideo where the result has other frames, or shows them at other times, than it should: it is then not given its name.
    """
    written = Footage(result)
    times, own = footage.timeline, written.timeline
    wanted = times.pts[first : first + len(own.pts)]
    base, ours = footage.facts.time_base, written.facts.time_base
    start = float(own.pts[0] * ours) - float((wanted[0] - shift) * base) if wanted else 0.0
    late = max((abs(float(a * ours) - start - float((b - shift) * base)) for a, b in zip(own.pts, wanted)), default=0.0)
    rows = list(masks)
    if len(own.pts) != len(rows) or late > float(max(base, ours)):
        raise InvalidVideo(
            f"the encoder wrote {len(own.pts)} frames of {len(rows)}, or at other times: choose another --codec"
        )
    if own.size != times.size:
        return Promise()
    squares, count, equal, largest = 0.0, 0, 0, 0
    pairs = zip(footage.frames(first, first + len(rows)), written.frames(), rows, strict=True)
    for was, now, row in pairs:
        difference = cv2.absdiff(was.pixels, now.pixels)
        free = cv2.dilate(touched(row, times.size).astype(np.uint8), _SHARED) == 0
        off = difference[free]
        squares += float(np.square(off, dtype=np.float64).sum())
        count += off.size
        equal += int((off.max(axis=1) == 0).sum()) if off.size else 0
        largest = max(largest, int(off.max(initial=0)))
        tell()
    if not count:
        return Promise()
    psnr = None if squares == 0 else round(10 * float(np.log10(_PEAK**2 * count / squares)), 2)
    return Promise(round(equal * 3 / count, 6), psnr, largest)


def touched(row: bytes | None, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels of a frame of that height and width were touched."""
    if not row:
        return np.zeros(size, np.bool_)
    return np.unpackbits(np.frombuffer(row, np.uint8), count=size[0] * size[1]).reshape(size).astype(np.bool_)
