"""A hole before several grounds: each goes on in it by itself, and what only touches the hole does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.filling.across import instead
from pixwright.edit.filling.blocks import Blocked
from pixwright.edit.filling.falling import falling
from pixwright.edit.filling.grounds import Grounds
from pixwright.edit.filling.patches import filled, scale_of
from pixwright.edit.filling.rim import fading, plate, wider
from pixwright.edit.filling.synthesis import PATCH_SIDE, Bools
from pixwright.records.instruction import Array

_LENS = 1.0
"""Blur of the border between two grounds in a hole, in pixels."""
_SOURCES = 0.3
"""Size of a ground that is seen, over what of it is hidden, from which it is copied from itself alone."""


@dataclass(frozen=True, eq=False)
class _Before:
    """A hole (HxW) before grounds that are told apart, what may not be copied, what should rather not be, and how far beyond the hole what is new fades."""

    picture: Array
    hole: Bools
    banned: Bools
    shunned: Array | None
    told: Grounds
    rim: int


def each_ground(
    picture: Array,
    hole: Bools,
    banned: Bools,
    told: Grounds,
    shunned: Array | None,
    rng: np.random.Generator,
    rim: int,
    first: Callable[[], Blocked | None] = lambda: None,
) -> tuple[Array, Array]:
    """`picture` HxWx3 uint8 with its hole (HxW) filled: what is of a smooth ground goes on smoothly, the rest is copied from its own ground. And how much of each pixel is new (HxW uint8).

    `banned` HxW: what may not be copied; `shunned` HxW uint8: what should rather not be; `rim`: pixels beyond the hole over which what is new fades. `first`: a filling of blocks, which is
    tried where not all grounds are smooth.
    """
    going = np.isin(told.labels, told.going)
    # What the hole lies before goes on in it, however much it stands out itself.
    shunned = None if shunned is None else np.where(going, np.uint8(0), shunned)
    before = _Before(picture, hole, banned | (~hole & ~going), shunned, told, rim)
    result, weight = picture.copy(), np.zeros(hole.shape, np.uint8)
    smooth = [label for label in told.going if _laid(_smooth(before, label, rng), result, weight)]
    if not smooth and len(told.going) > 1:
        whole = plate(picture, hole, before.banned, rng, rim)
        if whole is not None:
            return whole
    block = first() if len(smooth) < len(told.going) else None
    if block is not None and block.good:
        return block.picture, block.weight
    for label in told.going:
        if label not in smooth:
            _laid(_copied(before, label, rng), result, weight)
    other = instead(picture, hole, banned, result, rng, rim) if len(smooth) < len(told.going) else None
    made = (_softened(result, hole, told), weight) if other is None else other
    return made if block is None else block.rather(made, hole, ~hole & ~banned)


def _laid(made: tuple[Array, Array] | None, result: Array, weight: Array) -> bool:
    """Whether something was made; it is put into the result, as far as it is new."""
    if made is None:
        return False
    new = made[1] > weight
    result[new], weight[new] = made[0][new], made[1][new]
    return True


def _smooth(before: _Before, label: int, rng: np.random.Generator) -> tuple[Array, Array] | None:
    """What of the hole is of one ground, if that is smooth."""
    own = before.told.labels == label
    part = before.hole & own
    if not part.any():
        return None
    return plate(before.picture, part, before.banned | ~own, rng, before.rim, one=True)


def _copied(before: _Before, label: int, rng: np.random.Generator) -> tuple[Array, Array] | None:
    """What of the hole is of one ground, copied from that as if it were evenly lit. Beside another ground all is unknown, since that says nothing of how this one goes on."""
    picture, hole = before.picture, before.hole
    own = before.told.labels == label
    part = hole & own
    if not part.any():
        return None
    if np.count_nonzero(own & ~hole & ~before.banned) < _SOURCES * np.count_nonzero(part):
        own = np.isin(before.told.labels, before.told.going)
    wide = wider(part, before.banned | (hole & ~part) | ~own, before.rim)
    reach = 2 * round(PATCH_SIDE / scale_of(wide)) + 1
    near = cv2.dilate(wide.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    unknown = wide | (near & (~own | hole))
    banned = (before.banned | ~own | hole) & ~unknown
    fall = falling(picture, unknown, ~unknown & ~banned)
    even = filled(picture if fall is None else fall.evened(picture), unknown, banned, before.shunned, rng, False)
    return even if fall is None else fall.lit(even), fading(part, wide)


def _softened(result: Array, hole: Bools, told: Grounds) -> Array:
    """The borders between grounds in a hole, as soft as a lens draws them."""
    x, y, wide, tall = cv2.boundingRect(hole.astype(np.uint8))
    part = np.s_[y : y + tall, x : x + wide]
    labels = told.labels[part].astype(np.float32)
    border = (cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0) & hole[part]
    share = np.minimum(1, 2 * cv2.GaussianBlur(border.astype(np.float32), (0, 0), _LENS)) * hole[part]
    soft = cv2.GaussianBlur(result[part], (0, 0), _LENS).astype(np.float32)
    result[part] = np.clip(result[part] + (soft - result[part]) * share[..., None] + 0.5, 0, 255).astype(np.uint8)
    return result
