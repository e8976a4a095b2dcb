"""Things that are changed together and touch: the pixels between them belong to them, and not to what was there before.

Each outline ends in a soft rim. Where two things meet, the two rims leave a line to which neither lays claim, and that would keep its old colour. So all of them are
looked at in the picture as it was, the line between them is shared out, and their rims are told from the ground around them all.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.surfaces.surface import bounds
from pixwright.records.instruction import Array
from pixwright.records.region import Beside

Field = NDArray[np.float32]

_FULL, _HALF = 255, 127
"""Weight of a pixel that is wholly a thing's, and the weight above which it is mostly."""
_REACH, _LEAST, _MOST = 0.02, 3, 16
"""Half width of a line between two things: a share of the square root of the smaller one's area, and its bounds in pixels."""
_DEEP = 3.0
"""How far from the line, in half widths, a thing's colour is asked for."""
_BRIGHTER = 1.2
"""What lies between two things may be so much brighter than both."""
_STRANGE = (20.0, 45.0)
"""RGB distance (0 to 255) from all shades of the two things' colours at which a pixel begins to be a third thing's, and at which it is (a belt, a spoon)."""
_SINGULAR = 1e-3
"""Of the determinant of two colours, over the product of their lengths: below it they are one."""


def shared(picture: Array, masks: Sequence[Array]) -> list[tuple[Array, Beside]]:
    """The masks (HxW uint8) of things in `picture` HxWx3 that are changed one after the other, with what is beside each.

    No pixel has more than 255 over all of them: where two cover each other the smaller one has it (a cup on its saucer, the wheels of a car). What lies between two
    that touch is given to both, more to the nearer one.
    """
    own = list(masks)
    covered = np.zeros_like(masks[0])
    for i in sorted(range(len(own)), key=lambda i: np.count_nonzero(own[i] > _HALF)):
        own[i] = np.minimum(own[i], _FULL - covered)
        covered += own[i]
    for i in range(len(own)):
        for j in range(i + 1, len(own)):
            _meet(picture, own, i, j)
    return [(mask, Beside(_sum(own[:i], mask), _sum(own[i + 1 :], mask))) for i, mask in enumerate(own)]


def joined(picture: Array, mask: Array, labels: Array) -> Array:
    """The mask (HxW uint8) of several things of one kind, `labels` HxW uint8 as of a Region, with the lines between those that touch."""
    own = [np.where(labels == i, mask, 0).astype(np.uint8) for i in range(1, int(labels.max()) + 1)]
    for i in range(len(own)):
        for j in range(i + 1, len(own)):
            _meet(picture, own, i, j)
    return np.maximum(mask, _sum(own, mask))


def _sum(masks: Sequence[Array], like: Array) -> Array:
    total = np.zeros(like.shape, np.uint16)
    for mask in masks:
        total += mask
    return np.minimum(total, _FULL).astype(np.uint8)


def _meet(picture: Array, own: list[Array], i: int, j: int) -> None:
    """Share out what lies between things `i` and `j`; their masks in `own` are replaced."""
    one, other = own[i], own[j]
    if not (one > _HALF).any() or not (other > _HALF).any():
        return
    area = min(np.count_nonzero(one > _HALF), np.count_nonzero(other > _HALF))
    reach = int(np.clip(round(_REACH * np.sqrt(area)), _LEAST, _MOST))
    margin = round((_DEEP + 1) * reach)
    boxes = np.array([bounds(one, margin), bounds(other, margin)])
    x0, y0 = boxes[:, :2].max(axis=0)
    x1, y1 = boxes[:, 2:].min(axis=0)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    part = np.s_[y0:y1, x0:x1]
    total = _sum([mask[part] for mask in own], one[part])
    if not (one[part] > _HALF).any() or not (other[part] > _HALF).any():
        return
    far = [_away(mask[part]) for mask in (one, other)]
    near = far[0] + far[1] <= 2 * reach + 2
    if not near.any():
        return
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * reach + 1, 4 * reach + 1))
    closed = cv2.morphologyEx(total, cv2.MORPH_CLOSE, disc)
    gap = np.where(near, closed - np.minimum(total, closed), 0).astype(np.float32)
    if not gap.any():
        return
    colours = [_colour(picture[part], mask[part], _DEEP * reach) for mask in (one, other)]
    gap *= _shade_of(picture[part].astype(np.float32), *colours)
    to_one = far[1] / np.maximum(far[0] + far[1], np.float32(1))
    own[i], own[j] = one.copy(), other.copy()
    first = np.rint(gap * to_one).astype(np.uint8)
    own[i][part] += first
    own[j][part] += np.rint(gap).astype(np.uint8) - np.minimum(first, np.rint(gap).astype(np.uint8))


def _away(mask: Array) -> Field:
    """Distance in pixels to the thing; 0 inside."""
    return np.asarray(cv2.distanceTransform((mask <= _HALF).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _colour(pixels: Array, mask: Array, sigma: float) -> Field:
    """The colour of the thing nearby, HxWx3."""
    weight = (mask > _HALF).astype(np.float32) + np.float32(1e-5)
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(pixels.astype(np.float32) * weight[..., None], (0, 0), sigma)
    return np.asarray(mean / total[..., None], np.float32)


def _shade_of(pixels: Field, one: Field, other: Field) -> Field:
    """1 where a pixel is a mixture of the two colours, in light or in shade, to 0 where it is a third thing's; all HxWx3 of 0 to 255."""
    aa, bb, ab = ((x * y).sum(axis=-1) for x, y in ((one, one), (other, other), (one, other)))
    pa, pb = ((pixels * x).sum(axis=-1) for x in (one, other))
    full = aa * bb - ab * ab
    sure = full > _SINGULAR * aa * bb
    divisor = np.where(sure, full, 1)
    a, b = (pa * bb - pb * ab) / divisor, (pb * aa - pa * ab) / divisor
    single = pa / np.maximum(aa, 1)
    a, b = np.where(sure & (b > 0), a, single), np.where(sure & (b > 0), b, 0)
    b = np.where(a > 0, b, pb / np.maximum(bb, 1))
    a = np.maximum(a, 0)
    over = np.maximum((a + b) / _BRIGHTER, 1)
    off = np.linalg.norm(pixels - (a / over)[..., None] * one - (b / over)[..., None] * other, axis=-1)
    return np.asarray(np.clip((_STRANGE[1] - off) / (_STRANGE[1] - _STRANGE[0]), 0, 1), np.float32)
