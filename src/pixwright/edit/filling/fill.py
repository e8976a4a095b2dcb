"""Fill a hole in a picture with what surrounds it: a smooth backdrop goes on smoothly, several grounds each by itself (`parted`), and all else is copied (`patches`)."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from pixwright.edit.filling.across import instead
from pixwright.edit.filling.blocks import blocked
from pixwright.edit.filling.grounds import grounds
from pixwright.edit.filling.parted import each_ground
from pixwright.edit.filling.patches import filled
from pixwright.edit.filling.rim import RIM, fading, plate, wider
from pixwright.edit.filling.synthesis import Bools
from pixwright.encoders.parts.table import Parts
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

NO_PARTS = Parts()


def fill(
    picture: Array,
    hole: Array,
    *,
    rng: np.random.Generator,
    forbid: Array | None = None,
    avoid: Array | None = None,
    guess: bool = False,
    tell: bool = True,
    parts: Parts = NO_PARTS,
) -> Array:
    """A copy of `picture` (HxWx3 uint8) whose pixels under `hole` (HxW uint8, any value > 0) continue the surroundings.

    `forbid` HxW uint8: pixels that may not be copied (other objects). `avoid` HxW uint8: how much each pixel should rather not be, with which what lies near and as high is preferred. `guess`: what `picture` holds in the hole is a first guess
    of its content, else it is ignored. `tell`: several grounds around it are told apart, and each goes on by itself. Pixels outside the hole are kept. A hole with too little
    around it to copy from is filled smoothly. `parts`: a pulled network among them fills instead, but where there is a first guess.
    """
    return _filled(picture, hole, rng, (forbid, avoid), guess, parts, 0, tell)[0]


def fill_softly(
    picture: Array,
    hole: Array,
    *,
    rng: np.random.Generator,
    forbid: Array | None = None,
    avoid: Array | None = None,
    tell: bool = True,
    parts: Parts = NO_PARTS,
) -> tuple[Array, Array]:
    """The same, somewhat beyond the hole; and how much of each pixel is to be new (HxW uint8): 255 in the hole, and fading beyond it, so that no rim is seen.

    On a smooth backdrop it fades over more, since what is left of a halo or a shadow shows there. Nothing is taken of what may not be copied.
    """
    return _filled(picture, hole, rng, (forbid, avoid), False, parts, RIM, tell)


def _filled(
    picture: Array,
    hole: Array,
    rng: np.random.Generator,
    others: tuple[Array | None, Array | None],
    guess: bool,
    parts: Parts,
    rim: int,
    tell: bool,
) -> tuple[Array, Array]:
    """As `fill`, with a rim of so many pixels; and the weight of what is new. `others`: what is forbidden, and what is to be avoided."""
    forbid, avoid = others
    everywhere = hole > 0
    weight = np.where(everywhere, 255, 0).astype(np.uint8)
    made = None if guess or not everywhere.any() else parts.ask("fill", lambda network: network.fill(picture, hole))
    if made is not None:
        # Whatever a network paints around a hole, the picture stays there.
        return np.where(everywhere[..., None], made, picture), weight
    result = picture.copy()
    if not everywhere.any() or everywhere.all():
        return result, weight
    banned = np.zeros(hole.shape, np.bool_) if forbid is None else forbid > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(everywhere.astype(np.uint8), np.ones((9, 9), np.uint8)), connectivity=8
    )
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1
    if count > 5:
        labels = np.where(np.isin(labels, order[:3]), labels, np.where(labels > 0, order[3], 0))
        order = order[:4]
    for label in order:
        one = everywhere & (labels == label)
        if not one.any():
            continue
        top, bottom, left, right = _context(one, everywhere | banned)
        part = np.s_[top:bottom, left:right]
        unusable = banned[part] | (everywhere[part] & ~one[part])
        shunned = None if avoid is None else avoid[part]
        told = grounds(result[part], one[part], unusable) if tell and not guess else None
        if told is None:
            result[part], new = _continued(result[part], one[part], unusable, shunned, rng, (guess, tell), rim)
        else:
            first = partial(blocked, result[part], one[part], unusable, shunned, rim)
            unusable = told.usable(unusable, everywhere[part]) & ~one[part]
            result[part], new = each_ground(result[part], one[part], unusable, told, shunned, rng, rim, first)
        weight[part] = np.maximum(weight[part], new)
        everywhere &= ~one
    return result, weight


def _continued(
    picture: Array,
    hole: Bools,
    banned: Bools,
    shunned: Array | None,
    rng: np.random.Generator,
    how: tuple[bool, bool],
    rim: int,
) -> tuple[Array, Array]:
    """A hole filled from all around it, and how much of each pixel is new. `how`: `guess` and `tell` of `fill`."""
    guess, tell = how
    smooth = None if guess else plate(picture, hole, banned, rng, rim)
    if smooth is not None:
        return smooth
    block = blocked(picture, hole, banned, shunned, rim) if tell and not guess else None
    if block is not None and block.good:
        return block.picture, block.weight
    wide = wider(hole, banned, rim)
    copied = filled(picture, wide, banned, shunned, rng, guess)
    other = instead(picture, hole, banned, copied, rng, rim) if tell and not guess else None
    made = (copied, fading(hole, wide)) if other is None else other
    return made if block is None else block.rather(made, hole, ~hole & ~banned)


def _context(hole: Bools, unusable: Bools) -> tuple[int, int, int, int]:
    """The rows and columns around the hole that are searched: grown until they offer at least five times its area."""
    left, top, right, bottom = box_of(hole)
    height, width = hole.shape
    margin = max(48, round(1.25 * max(bottom - top, right - left)))
    area = int(hole.sum())
    while True:
        box = max(0, top - margin), min(height, bottom + margin), max(0, left - margin), min(width, right + margin)
        free = (box[1] - box[0]) * (box[3] - box[2]) - int(unusable[box[0] : box[1], box[2] : box[3]].sum())
        if free >= 5 * area or box == (0, height, 0, width):
            return box
        margin *= 2
