"""A first guess for a hole from few whole shifts of the picture, so that lines and horizons go through.

Repetition in photographs is dominated by few offsets (He and Sun 2012, Statistics of patch offsets for image completion). Here the offsets are those
at which the hole's rim, or one side of it, matches best; every pixel takes the offset whose match is best on the rim near it.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.synthesis import PATCH, Bools, Field, Floats, Ints, Toll
from pixwright.records.region import box_of

_BAND = 5
"""Width of the rim that is compared, in pixels of the working scale."""
_PER_SIDE = 3
_FIT = 0.8
"""The largest root mean square difference on the rim, as a share of the rim's own variation."""


def best_shifts(image: Floats, hole: Bools, banned: Bools) -> list[tuple[int, int]]:
    """Up to 15 offsets (dy, dx) at which the rim of the hole looks as it does: HxWxC float32, HxW, HxW."""
    near = cv2.dilate(hole.astype(np.uint8), np.ones((2 * _BAND + 1, 2 * _BAND + 1), np.uint8)) > 0
    rim = near & ~hole & ~banned
    left, top, right, bottom = box_of(near)
    part = np.s_[top:bottom, left:right]
    tall, wide = rim[part].shape
    if tall >= hole.shape[0] and wide >= hole.shape[1]:
        return []
    colour = np.ascontiguousarray(image[..., :3])
    blocked = cv2.matchTemplate((hole | banned).astype(np.float32), hole[part].astype(np.float32), cv2.TM_CCORR)
    usable = blocked < 0.25 * hole.sum()
    # What lies just beside the hole is its own rim.
    y0, x0 = max(0, top - 2), max(0, left - 2)
    usable[y0 : top + 3, x0 : left + 3] = False
    middle_y, middle_x = tall // 2, wide // 2
    halves: list[tuple[slice, slice]] = [
        np.s_[:, :],
        np.s_[:middle_y, :],
        np.s_[middle_y:, :],
        np.s_[:, :middle_x],
        np.s_[:, middle_x:],
    ]
    found: list[tuple[int, int]] = []
    for half in halves:
        weight = np.zeros((tall, wide), np.float32)
        weight[half] = rim[part][half]
        if weight.sum() < 2 * _BAND:
            continue
        cost = cv2.matchTemplate(
            colour, np.ascontiguousarray(colour[part]), cv2.TM_SQDIFF, mask=np.dstack([weight] * 3)
        )
        cost = np.where(usable, np.maximum(cost, 0) / weight.sum(), np.inf)
        for _ in range(_PER_SIDE):
            y, x = np.unravel_index(int(np.argmin(cost)), cost.shape)
            if not np.isfinite(cost[y, x]):
                break
            found.append((int(y) - top, int(x) - left))
            cost[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4] = np.inf
    return list(dict.fromkeys(found))


def choose(
    image: Floats, hole: Bools, banned: Bools, shifts: list[tuple[int, int]], toll: Toll
) -> tuple[Floats, Ints, Ints] | None:
    """The hole filled from the shift that fits best near each pixel, and the chosen dy, dx (HxW); None if the rim does not fit well.

    A bad fit must not be taken: it would copy a whole thing into the hole.
    """
    height, width = hole.shape
    usable = ~hole & ~banned
    near = cv2.dilate(hole.astype(np.uint8), np.ones((2 * _BAND + 1, 2 * _BAND + 1), np.uint8)) > 0
    rows, columns = (axis.astype(np.int32) for axis in np.indices(hole.shape))
    errors, copies = [], []
    reach = max(3.0, 0.25 * float(np.sqrt(hole.sum())))
    for dy, dx in shifts:
        sy, sx = rows + dy, columns + dx
        inside = (sy >= 0) & (sx >= 0) & (sy < height) & (sx < width)
        sy, sx = np.clip(sy, 0, height - 1), np.clip(sx, 0, width - 1)
        good = inside & usable[sy, sx]
        copy = image[sy, sx]
        rim = near & usable & good
        gap = np.where(rim, ((copy - image)[..., :3] ** 2).sum(axis=2), 0).astype(np.float32)
        weight = cv2.GaussianBlur(rim.astype(np.float32), (0, 0), reach)
        spread = cv2.GaussianBlur(gap, (0, 0), reach) / np.maximum(weight, 1e-6)
        extra = toll.place[sy, sx] + toll.down[min(abs(dy), height - 1)] + toll.across[min(abs(dx), width - 1)]
        errors.append(np.where(good, spread + extra / PATCH, 1e9))
        copies.append(copy)
    stack, error = np.stack(copies), np.stack(errors)
    # One shift for the whole hole has no seam: another must be clearly better to take over.
    overall = [float(np.median(e[hole])) for e in errors]
    handicap = np.full(len(shifts), 2.0)
    handicap[int(np.argmin(overall))] = 1.0
    best = np.argmin(error * handicap[:, None, None] + 30 * (handicap > 1)[:, None, None], axis=0)
    chosen = np.take_along_axis(error, best[None], axis=0)[0]
    misfit = float(np.sqrt(np.quantile(chosen[hole], 0.75) / 3))
    if misfit > _FIT * float(image[near & usable][:, :3].std(axis=0).mean()):
        return None
    guess = image.copy()
    use = hole & (chosen < 1e8)
    guess[use] = stack[best[use], np.nonzero(use)[0], np.nonzero(use)[1]]
    table = np.array(shifts, np.int32)
    return guess, table[best, 0], table[best, 1]


def aim(field: Field, dy: Ints, dx: Ints, valid: Bools) -> None:
    """Point `field` along the chosen shifts wherever that is a valid source; the rest stays as it is."""
    sy, sx = field.ty + dy[field.ty, field.tx], field.tx + dx[field.ty, field.tx]
    good = (sy >= 0) & (sx >= 0) & (sy < valid.shape[0]) & (sx < valid.shape[1])
    good[good] = valid[sy[good], sx[good]]
    field.sy[good], field.sx[good] = sy[good], sx[good]
