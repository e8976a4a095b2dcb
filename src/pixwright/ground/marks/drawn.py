"""What is drawn over the picture itself: straight lines in a colour of their own, before everything else that is seen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.colour import any_colour
from pixwright.ground.geometry import Floats, disc, odd, square
from pixwright.ground.marks.surface import Mark, commonest
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

REACH, UNLIKE = 0.02, 10.0
"""Window of the median that a drawn line stands out of, of the longer side; and the distance from it, CIE Lab."""
LONG, VOTES, GAP, ANGLES = 0.15, 0.08, 0.02, 360
"""Shares of the longer side: the shortest drawn line, the pixels that must speak for it, and its widest gap; and the directions that are sought."""
INK, BIN = 22.0, 10.0
"""Distance up to which a colour is the ink's; and the steps in which the commonest colour of lines is counted."""
GARISH = 50.0
"""Chroma of an ink, where no colour is said: else edges of things are lines."""
LABEL = 0.03
"""Share of the longer side: how near the lines what is in their ink belongs to them."""
GROWN = 3
"""Pixels of the kernel that takes a soft rim in."""

Bools = NDArray[np.bool_]


def drawn_lines(picture: Array, colours: tuple[str, ...]) -> Mark | None:
    """All straight lines of one ink in HxWx3, with what is written beside them in the same ink; of these colours if any are said."""
    lab = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    longer = max(lab.shape[:2])
    ground = cv2.medianBlur(np.ascontiguousarray(picture[..., :3]), odd(REACH * longer) + 2)
    apart = np.linalg.norm(lab - cv2.cvtColor(ground.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), axis=2)
    ridge = apart > UNLIKE
    garish = np.hypot(lab[..., 1], lab[..., 2]) > GARISH
    ridge &= any_colour(np.asarray(lab, np.float32), colours) > 0 if colours else garish
    found = cv2.HoughLinesP(
        ridge.astype(np.uint8), 1, np.pi / ANGLES, round(VOTES * longer), None, LONG * longer, GAP * longer
    )
    if found is None:
        return None
    drawn = np.zeros(ridge.shape, np.uint8)
    for x0, y0, x1, y1 in found.reshape(-1, 4).tolist():
        cv2.line(drawn, (x0, y0), (x1, y1), 1, GROWN)
    own = (drawn > 0) & ridge
    ink = commonest(lab[own], BIN)
    like = np.linalg.norm(lab - ink, axis=2) < INK
    near = cv2.dilate(((drawn > 0) & like).astype(np.uint8), disc(odd(2 * LABEL * longer))) > 0
    return _mark(like & near & (ridge | (drawn > 0)), np.asarray(apart, np.float32))


def _mark(own: Bools, away: Floats) -> Mark | None:
    if not own.any():
        return None
    mask = np.asarray(cv2.dilate(own.astype(np.uint8), square(GROWN)) * np.uint8(255), np.uint8)
    return Mark(mask, box_of(mask), float(away[own].sum()), float(away[own].mean()))
