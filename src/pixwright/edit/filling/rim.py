"""What is new passes softly into what is old: how far beyond a hole it goes, and how much of each pixel is new. And how much a filling shows, whatever made it.

Three things give a filling away (`shows`): it is smoother than what is around it, its rim is a line that nothing beside it is, and what is in it is like nothing around.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.plate import smooth_plate, strangers
from pixwright.edit.filling.synthesis import Bools, Floats
from pixwright.records.instruction import Array

RIM, SOFT_RIM = 2, 0.04
"""Pixels beyond a hole over which what is new fades; and on a smooth backdrop, over the hole's size."""

_SIDES = 512, 160
"""Longer sides, in pixels, of the window at which the rim, and the patches, are looked at."""
_RADIUS = 3
"""Of the patches that are compared, in pixels."""
_INSIDE, _AROUND = 400, 3000
"""Patches, at most, of a filling and of what is around it."""
_STEP, _RIM, _BESIDE = 3.0, 3.0, (7.0, 16.0)
"""Half the way, in pixels, over which a step across the rim is measured; how near the rim that is; and how far from it steps are measured that are no rim."""
_LEVEL = 0.5
"""L*a*b* that is added to what is divided by: below it nothing is seen."""
_RIM_COUNTS, _STRANGE_COUNTS = 0.5, 0.7
"""How much a visible rim and strange patches count, beside a lack of detail."""


def plate(
    picture: Array, hole: Bools, banned: Bools, rng: np.random.Generator, rim: int, one: bool = False
) -> tuple[Array, Array] | None:
    """A smooth backdrop that goes on through the hole, and how much of each pixel is new; None where there is none. `one`: all that is not banned is one ground."""
    size = max(cv2.boundingRect(hole.astype(np.uint8))[2:])
    banned = banned | strangers(picture, hole, banned)
    wide = wider(hole, banned, max(rim, round(SOFT_RIM * size)) if rim else 0)
    plate = smooth_plate(picture, wide, banned, rng, one)
    return None if plate is None else (plate, fading(hole, wide))


def wider(hole: Bools, banned: Bools, rim: int) -> Bools:
    if not rim:
        return hole
    near = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3) <= rim
    return np.asarray(hole | (near & ~banned))


def fading(hole: Bools, wide: Bools) -> Array:
    """255 in the hole, falling to 0 where what is filled besides it ends. HxW uint8."""
    inner = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 3)
    outer = cv2.distanceTransform(np.pad(wide, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    outer = np.minimum(outer, wide.size)  # without an end it is as good as infinite
    return np.asarray(np.where(wide, np.rint(255 * outer / np.maximum(inner + outer, 1e-6)), 0), np.uint8)


def shows(picture: Array, hole: Bools, known: Bools) -> float:
    """From 0 on: how much what fills a hole (HxW) of `picture` HxWx3 uint8 shows beside what is `known` (HxW)."""
    dull, strange = _patches(picture, hole, known)
    return dull + _RIM_COUNTS * _rim(picture, hole, known) + _STRANGE_COUNTS * strange


def _shrunk(picture: Array, hole: Bools, known: Bools, side: int) -> tuple[Floats, Floats, Floats]:
    """The picture in L*a*b*, and how much of each pixel is of the hole, and is known."""
    scale = min(1.0, side / max(hole.shape))
    size = max(8, round(hole.shape[1] * scale)), max(8, round(hole.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    shares = [cv2.resize(one.astype(np.float32), size, interpolation=cv2.INTER_AREA) for one in (hole, known)]
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.asarray(shares[0]), np.asarray(shares[1])


def _rim(picture: Array, hole: Bools, known: Bools) -> float:
    """The logarithm of how much larger the steps across the rim are than steps along parallel curves beside it; at least 0."""
    lab, share, seen = _shrunk(picture, hole, known, _SIDES[0])
    inner = (share > 1 / 2).astype(np.uint8)
    if not inner.any() or inner.all():
        return 0.0
    away = cv2.distanceTransform(1 - inner, cv2.DIST_L2, 3) - cv2.distanceTransform(inner, cv2.DIST_L2, 3)
    soft = cv2.GaussianBlur(away, (0, 0), 2.0)
    x, y = (cv2.Sobel(soft, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    length = np.hypot(x, y) + np.float32(1e-6)
    x, y = x / length * _STEP, y / length * _STEP
    rows, columns = np.indices(inner.shape).astype(np.float32)
    lab = cv2.GaussianBlur(lab, (0, 0), 1.0)
    ends = [
        cv2.remap(lab, columns + k * x, rows + k * y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for k in (1, -1)
    ]
    step = np.linalg.norm(ends[0] - ends[1], axis=2)
    clear = cv2.erode((np.maximum(seen, share) > 1 / 2).astype(np.uint8), np.ones((9, 9), np.uint8), borderValue=0) > 0
    at, beside = clear & (np.abs(away) < _RIM), clear & (away > _BESIDE[0]) & (away < _BESIDE[1])
    if not at.any() or not beside.any():
        return 0.0
    return max(0.0, float(np.log((step[at].mean() + _LEVEL) / (step[beside].mean() + _LEVEL))))


def _patches(picture: Array, hole: Bools, known: Bools) -> tuple[float, float]:
    """How much less detail the patches in a hole have than those beside it, as a logarithm, at least 0; and how much farther they are from any patch around than those are from each other."""
    lab, share, seen = _shrunk(picture, hole, known, _SIDES[1])
    side = 2 * _RADIUS + 1
    inner = (share > 1 / 2).astype(np.uint8)
    free = (
        cv2.erode(((seen > 1 - 1e-3) & (share < 1e-2)).astype(np.uint8), np.ones((side, side), np.uint8), borderValue=0)
        > 0
    )
    beside = free & (cv2.dilate(inner, np.ones((4 * side, 4 * side), np.uint8)) > 0)
    own, _ = _cut(lab, cv2.dilate(inner, np.ones((3, 3), np.uint8)) > 0, _INSIDE)
    around, places = _cut(lab, free, _AROUND)
    near, at = _cut(lab, beside, _INSIDE)
    if min(len(own), len(near)) < side or len(around) < _INSIDE:
        return 0.0, 0.0
    apart = np.abs(at[:, None] - places[None]).max(axis=2) >= side
    usual = _to_nearest(near, around, apart).mean() + _LEVEL
    detail = [float(one.reshape(len(one), -1, 3).std(axis=1).mean()) + _LEVEL for one in (near, own)]
    return max(0.0, float(np.log(detail[0] / detail[1]))), float(_to_nearest(own, around, None).mean() / usual)


def _cut(lab: Floats, where: Bools, most: int) -> tuple[Floats, Floats]:
    """Patches about some of the pixels `where` (n, values), and their places (n, 2)."""
    r = _RADIUS
    places = np.argwhere(where[r:-r, r:-r]) + r
    places = places[:: max(1, -(-len(places) // most))]
    offsets = [(dy, dx) for dy in range(-r, r + 1) for dx in range(-r, r + 1)]
    values = np.stack([lab[places[:, 0] + dy, places[:, 1] + dx] for dy, dx in offsets], axis=1)
    return values.reshape(len(places), len(offsets) * lab.shape[2]), places.astype(np.float32)


def _to_nearest(patches: Floats, others: Floats, allowed: Bools | None) -> Floats:
    """The root mean square distance of each patch to the nearest of the others that is allowed."""
    gap = (patches**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None] - 2 * patches @ others.T
    gap = gap if allowed is None else np.where(allowed, gap, np.inf)
    best = gap.min(axis=1)
    return np.asarray(np.sqrt(np.maximum(best[np.isfinite(best)], 0) / patches.shape[1]), np.float32)
