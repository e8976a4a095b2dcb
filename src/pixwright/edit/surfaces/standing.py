"""What stands before a plane: bottles on a shelf before the wall, a keyboard on the desk, a car on the road. It keeps its colours when the plane gets others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.records.thing import Thing
from pixwright.words import lexicon

_PLANES = ("wall", "ground", "road", "table")
"""Names of surfaces (`NounEntry.stuff`) that lie or stand flat: floors and ceilings, pavements, worktops."""
_WITHIN, _LARGEST, _MOST = 0.75, 0.3, 12
"""Share of a box that lies in the outline of the plane, at least: the finder took what is in it for the plane; the greatest area of one over the plane's; and how many are looked at."""
_SHARP = 2.0
"""Factor of the log-odds of an outline."""
_GROWN = 0.06
"""How far beyond its box a thing reaches, as a share of its sides."""


class BoxedOutlines(Protocol):
    """What `encoders.boxed.BoxOutliner` does."""

    def odds(
        self, picture: Array, box: tuple[float, float, float, float]
    ) -> tuple[NDArray[np.float32], tuple[float, float, float, float]]:
        """Log-odds of a picture HxWx3's places in a frame (XYXY in 0..1) about a box (XYXY in 0..1), and the frame."""
        ...


def is_level(target: Thing | None) -> bool:
    """Whether it is a surface that things stand on or before. A stone wall is a wall."""
    if target is None or not target.head:
        return False
    kinds = map(lexicon().look, (target.head, target.head.split()[-1]))
    return any(kind is not None and kind.stuff in _PLANES for kind in kinds)


def standing_before(picture: Array, mask: Array, boxes: Sequence[Box], outliner: BoxedOutlines) -> NDArray[np.float32]:
    """HxW in [0, 1]: what of `mask` (HxW uint8, of the plane in `picture` HxWx3) is of the things in `boxes`, by their outlines."""
    height, width = mask.shape
    found = np.zeros((height, width), np.float32)
    room = _LARGEST * float(np.count_nonzero(mask))
    inside = [box for box in boxes if _area(box) < room and _share(mask, box) > _WITHIN]
    for x0, y0, x1, y1 in sorted(inside, key=_area, reverse=True)[:_MOST]:
        odds, frame = outliner.odds(picture, (x0 / width, y0 / height, x1 / width, y1 / height))
        fx0, fy0, fx1, fy1 = (v * n for v, n in zip(frame, (width, height) * 2, strict=True))
        across, down = (fx1 - fx0) / odds.shape[1], (fy1 - fy0) / odds.shape[0]
        turn = np.array([[across, 0, fx0 + (across - 1) / 2], [0, down, fy0 + (down - 1) / 2]])
        laid = cv2.warpAffine(odds * np.float32(_SHARP), turn, (width, height), borderValue=-np.inf)
        own = np.zeros((height, width), np.bool_)
        out_x, out_y = round((x1 - x0) * _GROWN), round((y1 - y0) * _GROWN)
        own[max(y0 - out_y, 0) : y1 + out_y, max(x0 - out_x, 0) : x1 + out_x] = True
        found = np.maximum(found, np.where(own, 1 / (1 + np.exp(-np.clip(laid, -30, 30))), 0))
    return np.asarray(found, np.float32)


def _area(box: Box) -> float:
    x0, y0, x1, y1 = box
    return float((x1 - x0) * (y1 - y0))


def _share(mask: Array, box: Box) -> float:
    x0, y0, x1, y1 = box
    part = mask[y0:y1, x0:x1]
    return float((part > 0).mean()) if part.size else 0.0
