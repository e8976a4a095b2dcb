"""Fill a hole in a picture with what surrounds it: patches are searched, voted and copied, never smeared.

Coherent patch synthesis from coarse to fine (Wexler et al. 2007; texture channels after Newson et al. 2014, section 3.2), then
full-resolution pixels are copied along the found offsets, and the rim's difference in light is diffused into the hole (the membrane of Perez et al.
2003, Poisson image editing).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit import shifts, synthesis
from pixwright.edit.synthesis import Bools, Field, Floats
from pixwright.records.instruction import Array

WORK_PIXELS = 24_000
"""Hole pixels that the search works on; a larger hole is searched at a reduced scale and copied at full resolution."""
_TEXTURE_WEIGHT = 2.0
_GUESS_SPAN = 48
"""At this span of the hole, in pixels, its first content is guessed."""


def fill(
    picture: Array, hole: Array, *, rng: np.random.Generator, forbid: Array | None = None, guess: bool = False
) -> Array:
    """A copy of `picture` (HxWx3 uint8) whose pixels under `hole` (HxW uint8, any value > 0) continue the surroundings.

    `forbid` HxW uint8: pixels that may not be copied (other objects). `guess`: what `picture` holds in the hole is a first guess
    of its content, else it is ignored. Pixels outside the hole are kept. A hole with too little
    around it to copy from is filled smoothly.
    """
    result = picture.copy()
    everywhere = hole > 0
    if not everywhere.any() or everywhere.all():
        return result
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
        if one.any():
            top, bottom, left, right = _context(one, everywhere | banned)
            part = np.s_[top:bottom, left:right]
            result[part] = _fill_part(
                result[part], one[part], banned[part] | (everywhere[part] & ~one[part]), rng, guess
            )
            everywhere &= ~one
    return result


def _context(hole: Bools, unusable: Bools) -> tuple[int, int, int, int]:
    """The rows and columns around the hole that are searched: grown until they offer at least five times its area."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height, width = hole.shape
    margin = max(48, round(1.0 * max(bottom - top, right - left)))
    area = int(hole.sum())
    while True:
        box = max(0, top - margin), min(height, bottom + margin), max(0, left - margin), min(width, right + margin)
        free = (box[1] - box[0]) * (box[3] - box[2]) - int(unusable[box[0] : box[1], box[2] : box[3]].sum())
        if free >= 5 * area or box == (0, height, 0, width):
            return box
        margin *= 2


def _fill_part(picture: Array, hole: Bools, banned: Bools, rng: np.random.Generator, guess: bool) -> Array:
    scale = min(1.0, float(np.sqrt(WORK_PIXELS / hole.sum())))
    height, width = hole.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small_hole = _shrink_mask(hole, size)
    small_banned = _shrink_mask(banned, size)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    field = _solve(small, small_hole, small_banned, rng, guess)
    if field is None:
        if not banned.all() and banned.any():
            return _fill_part(picture, hole, np.zeros_like(banned), rng, guess)
        return _smooth(picture, hole)
    voted = _copy(picture, hole, field, small_hole.shape)
    lit = _relight(picture, voted, hole)
    result = picture.copy()
    result[hole] = lit[hole]
    return result


def _smooth(picture: Array, hole: Bools) -> Array:
    """Where no patch fits. (OpenCV's inpainting reads past the edge of a picture one pixel high: it is not repeatable.)"""
    result = picture.copy()
    spread = diffuse(picture.astype(np.float32), ~hole)
    result[hole] = np.clip(spread[hole] + 0.5, 0, 255).astype(np.uint8)
    return result


def _shrink_mask(mask: Bools, size: tuple[int, int]) -> Bools:
    """Any pixel of the mask within a cell marks the cell."""
    if mask.shape == (size[1], size[0]):
        return mask
    return np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 1e-3)


def _features(picture: Array, hole: Bools) -> Floats:
    """HxWx4: colour, and the local strength of detail, so that a smooth guess does not match only smooth patches."""
    image = picture.astype(np.float32)
    known = (~hole).astype(np.float32)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    solid = cv2.erode(known, np.ones((3, 3), np.uint8))
    slope = (
        cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1)) * solid
    )
    weight = np.maximum(cv2.blur(solid, (7, 7)), 1e-3)
    return np.dstack([image, cv2.blur(slope, (7, 7)) / weight * _TEXTURE_WEIGHT]).astype(np.float32)


def _levels(hole: Bools, coarsest: int) -> list[tuple[int, int]]:
    """Sizes (height, width) from coarse to fine: halved until the hole is a few pixels deep or a side would be under `coarsest`."""
    sizes = [(hole.shape[0], hole.shape[1])]
    depth = float(cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3).max())
    while depth > 4 and min(sizes[0]) >= 2 * coarsest:
        sizes.insert(0, ((sizes[0][0] + 1) // 2, (sizes[0][1] + 1) // 2))
        depth /= 2
    return sizes


@dataclass
class _Level:
    """One scale of the problem: what is known, where the hole is, and what may be copied."""

    known: Floats
    hole: Bools
    banned: Bools

    @property
    def valid(self) -> Bools:
        return synthesis.sources(self.hole, self.banned)


def _solve(picture: Array, hole: Bools, banned: Bools, rng: np.random.Generator, guess: bool) -> Field | None:
    """The offset field at the size of `picture`, or None where there is nothing to copy from."""
    features = _features(picture, hole & (not guess))
    levels = []
    for size in _levels(hole, 48 if guess else 20):
        flipped = (size[1], size[0])
        one = _Level(_shrink_known(features, hole, size), _shrink_mask(hole, flipped), _shrink_mask(banned, flipped))
        if one.valid.sum() >= 16 and synthesis.targets(one.hole).any():
            levels.append(one)
    if not levels or levels[-1].hole.shape != hole.shape:
        return None
    first, field, image = _start(levels, _whole(features, levels[0].hole.shape) if guess else None, rng)
    for index in range(first, len(levels)):
        level = levels[index]
        depth = cv2.distanceTransform(level.hole.astype(np.uint8), cv2.DIST_L2, 3)
        valid, trust = level.valid, None
        passes, rounds = (1, 2) if index == len(levels) - 1 else (4, 2)
        if index == first:
            trust = (1.5**-depth).astype(np.float32)
            passes, rounds = (10, 6) if first == 0 and not guess else (4, 5)
        else:
            field = synthesis.finer_field(field, levels[index - 1].hole.shape, level.hole, valid, rng)
            image = synthesis.vote(level.known, level.hole, field, depth, 0.75)
        for turn in range(passes):
            reach = max(level.hole.shape) if turn == 0 and index == first else 4
            matcher = synthesis.Matcher(image, valid, trust if turn < passes // 2 else None)
            matcher.search(field, rounds, reach, rng)
            image = synthesis.vote(image, level.hole, field, depth, 0.2)
    return field


def _start(levels: list[_Level], content: Floats | None, rng: np.random.Generator) -> tuple[int, Field, Floats]:
    """The level to begin with, and a first field and content there: few whole shifts where they fit, else the given or a smooth one."""
    if content is None:
        small = [i for i, level in enumerate(levels) if max(np.ptp(np.nonzero(level.hole), axis=1)) <= _GUESS_SPAN]
        index = small[-1] if small else 0
        level = levels[index]
        smooth = diffuse(level.known, ~level.hole)
        found = shifts.best_shifts(smooth, level.hole, level.banned)
        chosen = shifts.choose(smooth, level.hole, level.banned, found) if found else None
        if chosen is not None:
            field = synthesis.random_field(level.hole, level.valid, rng)
            shifts.aim(field, chosen[1], chosen[2], level.valid)
            return index, field, chosen[0]
        content = diffuse(levels[0].known, ~levels[0].hole)
    return 0, synthesis.random_field(levels[0].hole, levels[0].valid, rng), content


def _shrink_known(features: Floats, hole: Bools, size: tuple[int, int]) -> Floats:
    """Area-average of the known pixels only, so that the object's colour does not leak out of the hole."""
    if features.shape[:2] == size:
        return features
    flipped = (size[1], size[0])
    known = (~hole).astype(np.float32)
    weight = cv2.resize(known, flipped, interpolation=cv2.INTER_AREA)
    total = cv2.resize(features * known[..., None], flipped, interpolation=cv2.INTER_AREA)
    return np.asarray(total / np.maximum(weight, 1e-3)[..., None], np.float32)


def _whole(features: Floats, size: tuple[int, ...]) -> Floats:
    return np.asarray(cv2.resize(features, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.float32)


def diffuse(values: Floats, known: Bools) -> Floats:
    """Fill what is not known (HxW bool) by pulling averages of the known up a pyramid and pushing them down (HxWxC float32)."""
    weight = known.astype(np.float32)
    return _push_pull(np.asarray(values * weight[..., None], np.float32), weight)


def _push_pull(total: Floats, weight: Floats) -> Floats:
    height, width = weight.shape
    mean = total / np.maximum(weight, 1e-6)[..., None]
    if min(height, width) <= 1 or weight.min() >= 1:
        return np.asarray(mean, np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse_total = cv2.resize(cv2.GaussianBlur(total, (5, 5), 0), half, interpolation=cv2.INTER_AREA)
    coarse_weight = cv2.resize(cv2.GaussianBlur(weight, (5, 5), 0), half, interpolation=cv2.INTER_AREA)
    boost = np.minimum(coarse_weight * 2, 1) / np.maximum(coarse_weight, 1e-6)
    below = _push_pull(coarse_total.reshape(*boost.shape, -1) * boost[..., None], coarse_weight * boost)
    up = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR).reshape(total.shape)
    share = np.minimum(weight, 1)[..., None]
    return np.asarray(mean * share + up * (1 - share), np.float32)


def _copy(picture: Array, hole: Bools, field: Field, shape: tuple[int, ...]) -> Floats:
    """Full-resolution pixels along the field's offsets, cross-faded between neighbouring patches; also in a band around the hole."""
    height, width = hole.shape
    ratio_y, ratio_x = height / shape[0], width / shape[1]
    index = np.full((shape[0], shape[1]), -1, np.int32)
    index[field.ty, field.tx] = np.arange(len(field.ty))
    reach = max(3, round(2 * max(ratio_y, ratio_x)))
    ty, tx = np.nonzero(cv2.dilate(hole.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)))
    total = np.zeros((len(ty), 1), np.float32)
    mixed = np.zeros((len(ty), 3), np.float32)
    cy, cx = (ty + 0.5) / ratio_y - 0.5, (tx + 0.5) / ratio_x - 0.5
    low, high = synthesis.RADIUS, (shape[0] - 1 - synthesis.RADIUS, shape[1] - 1 - synthesis.RADIUS)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            ny = np.clip(np.round(cy).astype(np.int32) + dy, low, high[0])
            nx = np.clip(np.round(cx).astype(np.int32) + dx, low, high[1])
            owner = index[ny, nx]
            weight = np.maximum(0, 1.5 - np.abs(ny - cy)) * np.maximum(0, 1.5 - np.abs(nx - cx)) + 1e-4
            weight = np.where(owner >= 0, weight, 0).astype(np.float32)[:, None]
            sy = np.clip(ty + np.round((field.sy[owner] - field.ty[owner]) * ratio_y).astype(np.int32), 0, height - 1)
            sx = np.clip(tx + np.round((field.sx[owner] - field.tx[owner]) * ratio_x).astype(np.int32), 0, width - 1)
            weight *= ~hole[sy, sx][:, None]
            total += weight
            mixed += weight * picture[sy, sx]
    result = picture.astype(np.float32)
    got = total[:, 0] > 0
    result[ty[got], tx[got]] = mixed[got] / total[got]
    return result


def _relight(picture: Array, voted: Floats, hole: Bools) -> Array:
    """Add to the fill the smooth difference that it has to the known pixels around the rim."""
    band = cv2.dilate(hole.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(np.bool_) & ~hole
    if not band.any():
        return np.asarray(np.clip(voted + 0.5, 0, 255), np.uint8)
    difference = np.where(band[..., None], picture.astype(np.float32) - voted, 0)
    difference = np.clip(difference, -24, 24).astype(np.float32)
    return np.asarray(np.clip(voted + diffuse(difference, band) + 0.5, 0, 255), np.uint8)
