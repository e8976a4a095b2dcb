"""Red eyes: the flash on the back of the eye, found as a red disc where a face has its eyes, and made as dark and colourless as a pupil."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.people import PeopleReader
from pixwright.records.instruction import Array

_REACH, _MIDDLE = 0.28, 0.2
"""How far from where a face has its eye is looked, and how far away the middle of a pupil may be, in distances between the eyes."""
_RED, _TIMES = 50, 1.9
"""How much redder than the other two channels the flash is: levels, and times. Skin, lips and lids are less."""
_SKIN = 1.4
"""The same over the skin's own, which in warm light is red, too."""
_STANDS_OUT = 1.6
"""Redness of a pupil over that of the ring around it: on red skin in red light nothing is a red eye."""
_LEAST, _MOST = 0.0015, 0.06
"""Area of a red pupil, in squares of the distance between the eyes."""
_ROUND = 0.45
"""Share of its bounding circle that a pupil fills: a lid or a corner of the eye is a streak."""
_DARK = 0.75
"""How much of the light of its green and blue a pupil keeps."""
_SOFT = 0.12
"""Softness of the rim, in diameters of the pupil."""
_FACE = 0.9
"""Certainty of the face mesh from which what was found is a face."""
_EYES = ((33, 133, 159, 145), (362, 263, 386, 374))
"""Points of the face mesh around the eye on the picture's left and on its right: both corners, and the middles of the lids."""
_TILES = (1, 2, 3)
"""Parts of each side in which faces are looked for: in a large picture a face is small."""
_LAP = 0.25
"""Share of a part that lies over its neighbour."""
_SAME = 0.5
"""Distance of two faces' eyes, in distances between the eyes, below which they are one face."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RedEyes:
    """`mask` HxW uint8, soft: the red pupils. `count` of them; `faces` that were looked at."""

    mask: Array
    count: int
    faces: int


def find_red_eyes(picture: Array, people: PeopleReader, within: Array) -> RedEyes:
    """The red pupils of the faces in HxWx3, under `within` (HxW uint8, > 127)."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    faces = _faces(picture, people)
    count = 0
    for eyes in faces:
        apart = float(np.linalg.norm(eyes[1] - eyes[0]))
        for eye in eyes:
            found = _red_disc(picture, eye, apart)
            if found is not None:
                part, disc = found
                disc[within[part] <= 127] = 0
                count += bool(disc.any())
                mask[part] = np.maximum(mask[part], disc)
    return RedEyes(mask, count, len(faces))


def without_red(picture: Array, mask: Array) -> Array:
    """HxWx3 with what is under the mask as dark and grey as a pupil; the light that glints in it stays."""
    red, green, blue = (picture[..., k].astype(np.float32) for k in range(3))
    own = np.minimum(red, (green + blue) / 2)
    glint = np.clip((np.minimum(green, blue) - 150) / 60, 0, 1)
    grey = own * (_DARK + (1 - _DARK) * glint)
    fixed = np.stack([grey, np.minimum(green, grey * 1.05), np.minimum(blue, grey * 1.05)], axis=-1)
    share = (mask.astype(np.float32) / 255)[..., None]
    return np.asarray(np.rint(picture * (1 - share) + fixed * share), np.uint8)


def _faces(picture: Array, people: PeopleReader) -> list[Floats]:
    """The two eyes (2, 2: x and y in pixels) of every face, looked for in the whole and in parts that overlap."""
    height, width = picture.shape[:2]
    found: list[Floats] = []
    for parts in _TILES:
        wide, high = (round(side / parts * (1 + _LAP * (parts > 1))) for side in (width, height))
        for top in np.linspace(0, height - high, parts).astype(int):
            for left in np.linspace(0, width - wide, parts).astype(int):
                part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
                for face in people.faces(part):
                    points, sure = people.mesh(part, face)
                    if sure < _FACE:
                        continue
                    eyes = np.stack([points[list(ring)].mean(axis=0) for ring in _EYES]) + np.array([left, top])
                    apart = float(np.linalg.norm(eyes[1] - eyes[0]))
                    if all(np.linalg.norm(eyes.mean(axis=0) - one.mean(axis=0)) > _SAME * apart for one in found):
                        found.append(np.asarray(eyes, np.float32))
    return found


def _stands_out(window: Floats, disc: NDArray[np.bool_], size: int) -> bool:
    """Whether a disc is much redder than the ring around it, which is the white of the eye, its iris and the lids."""
    wider = cv2.dilate(disc.astype(np.uint8), np.ones((size | 1, size | 1), np.uint8)) > 0
    near = cv2.dilate(disc.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ring = wider & ~near
    redness = window[..., 0] / np.maximum(np.maximum(window[..., 1], window[..., 2]), 1)
    return bool(ring.any()) and float(redness[disc].mean()) >= _STANDS_OUT * float(np.median(redness[ring]))


def _red_disc(picture: Array, eye: Floats, apart: float) -> tuple[tuple[slice, slice], Array] | None:
    """The red pupil near an eye: where the window lies, and its soft mask; None where there is none."""
    height, width = picture.shape[:2]
    reach = max(4, round(_REACH * apart))
    x, y = (round(float(v)) for v in eye)
    part = np.s_[max(0, y - reach) : min(height, y + reach + 1), max(0, x - reach) : min(width, x + reach + 1)]
    window = picture[part].astype(np.float32)
    if min(window.shape[:2]) < 3:
        return None
    others = np.maximum(window[..., 1], window[..., 2])
    times = window[..., 0] / np.maximum(others, 1)
    least = max(_TIMES, _SKIN * float(np.median(times)))
    red = ((window[..., 0] - others > _RED) & (times > least)).astype(np.uint8)
    count, labels, stats, middles = cv2.connectedComponentsWithStats(red, connectivity=8)
    own = np.array([eye[0] - part[1].start, eye[1] - part[0].start])
    best, score = 0, 0.0
    for k in range(1, count):
        wide, high, area = (int(v) for v in stats[k][2:])
        filled = area / (np.pi / 4 * max(wide, high) ** 2)
        round_enough = _LEAST <= area / apart**2 <= _MOST and filled >= _ROUND
        in_place = float(np.linalg.norm(middles[k] - own)) <= _MIDDLE * apart
        if round_enough and in_place and filled * area > score and _stands_out(window, labels == k, max(wide, high)):
            best, score = k, filled * area
    if not best:
        return None
    disc = cv2.morphologyEx((labels == best).astype(np.uint8) * 255, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outline = max(cv2.findContours(disc, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
    cv2.drawContours(disc, [outline], -1, 255, cv2.FILLED)  # the glint in its middle is no red
    soft = max(0.6, _SOFT * float(stats[best][2]))
    disc = cv2.dilate(disc, np.ones((3, 3), np.uint8))
    return part, np.asarray(cv2.GaussianBlur(disc, (0, 0), soft), np.uint8)
