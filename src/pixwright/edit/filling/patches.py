"""A hole filled with patches: they are searched, voted and copied, never smeared.

Coherent patch synthesis from coarse to fine (Wexler et al. 2007; texture channels after Newson et al. 2014, section 3.2), then
full-resolution pixels are copied along the found offsets, and the rim's difference in light is diffused into the hole (the membrane of Perez et al.
2003, Poisson image editing).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from pixwright.edit.filling import copying, lines, offsets, synthesis
from pixwright.edit.filling.copying import diffuse
from pixwright.edit.filling.synthesis import PATCH, RADIUS, Bools, Field, Floats, Toll
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

WORK_PIXELS = 24_000
"""Hole pixels that the search works on; a larger hole is searched at a reduced scale and copied at full resolution."""
_WORK_GROWTH = 0.4
"""A larger hole is searched on more pixels too, but slower than it grows (0.5 would keep their number)."""
_TEXTURE_WEIGHT = 2.0
_CHANNELS = 4
"""Of a pixel's features: three of colour, one of detail."""
_SHARP = 0.25
_DOWN, _ACROSS, _STANDING = 100.0, 20.0, 40.0
"""By how many levels of 255 a patch must fit better that is copied from a whole height of the searched part away, from a whole width, and from what stands out."""
_LAYERED = 4.0
"""How much nearer what lies beside a pixel is than what lies above or below it, for the first guess."""
_GUESS_SPAN = 48
"""At this span of the hole, in pixels, its first content is guessed."""


def scale_of(hole: Bools) -> float:
    """The scale, up to 1, at which a hole (HxW) is searched."""
    return min(1.0, float((WORK_PIXELS / (int(hole.sum()) or 1)) ** _WORK_GROWTH))


def filled(
    picture: Array, hole: Bools, banned: Bools, shunned: Array | None, rng: np.random.Generator, guess: bool
) -> Array:
    """`picture` HxWx3 uint8 with its hole (HxW) copied from patches elsewhere; none of them of what is banned (HxW), and rather none of what is shunned (HxW uint8). `guess`: the hole's content is a first guess."""
    edges = None if guess else lines.continued(picture, hole)
    if edges is not None:
        picture, hole = edges[0], hole & ~edges[1]
        if not hole.any():
            return picture
    scale = scale_of(hole)
    height, width = hole.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small_hole = _shrink_mask(hole, size)
    small_banned = _shrink_mask(banned, size)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    small_shunned = None if shunned is None else cv2.resize(shunned, size, interpolation=cv2.INTER_AREA)
    field = _solve(small, small_hole, small_banned, small_shunned, rng, guess)
    if field is None:
        if not banned.all() and banned.any():
            return filled(picture, hole, np.zeros_like(banned), shunned, rng, guess)
        return _smooth(picture, hole)
    copied = copying.copy(picture, hole, field, small_hole.shape)
    light = copying.light(picture, copied, hole, banned)
    result = picture.copy()
    for top in range(0, height, copying.STRIP):
        part = np.s_[top : top + copying.STRIP]
        one = hole[part]
        if one.any():
            wide = copying.stretched(light, top, min(top + copying.STRIP, height), height, width)
            result[part][one] = np.clip(copied[part][one] + wide[one] + 0.5, 0, 255).astype(np.uint8)
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


@dataclass(frozen=True, eq=False)
class _Level:
    """One scale of the problem: what is known, where the hole is, and what may be copied."""

    known: Floats
    hole: Bools
    banned: Bools
    toll: Toll

    @cached_property
    def valid(self) -> Bools:
        """Centres of patches that may be copied."""
        return synthesis.sources(self.hole, self.banned)

    @cached_property
    def depth(self) -> Floats:
        """Distance to the known pixels."""
        return np.asarray(cv2.distanceTransform(self.hole.astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _solve(
    picture: Array, hole: Bools, banned: Bools, shunned: Array | None, rng: np.random.Generator, guess: bool
) -> Field | None:
    """The offset field at the size of `picture`, or None where there is nothing to copy from."""
    features = _features(picture, hole & (not guess))
    levels = _scales(features, hole, banned, shunned, 48 if guess else 20)
    if not levels:
        return None
    begun = None if guess else _from_shifts(levels, rng)
    if begun is None:
        # Without a shift that fits, what is far from the hole is more likely another thing than its background.
        levels = levels if guess else _scales(features, hole, banned | _far(hole), shunned, 20) or levels
        begun = 0, _from_content(levels[0], _whole(features, levels[0].hole.shape) if guess else None, rng)
    first, field = begun
    for index in range(first + 1, len(levels)):
        level = levels[index]
        field = synthesis.finer_field(field, levels[index - 1].hole.shape, level.hole, level.valid, rng)
        image = synthesis.vote(level.known, level.hole, field, level.depth, 0.75)
        _improve(level, field, image, (1 if index == len(levels) - 1 else 4, 2, 4), None, rng)
    return field


def _scales(features: Floats, hole: Bools, banned: Bools, shunned: Array | None, coarsest: int) -> list[_Level]:
    """The levels from coarse to fine that offer something to copy; empty if the finest does not."""
    levels = []
    for size in _levels(hole, coarsest):
        flipped = (size[1], size[0])
        known = _shrink_known(features, hole, size)
        one = _Level(known, _shrink_mask(hole, flipped), _shrink_mask(banned, flipped), _toll(shunned, size))
        if one.valid.sum() >= 16 and synthesis.targets(one.hole).any():
            levels.append(one)
    return levels if levels and levels[-1].hole.shape == hole.shape else []


def _toll(shunned: Array | None, size: tuple[int, int]) -> Toll:
    """What copying costs by place and way, for a level of `size` (height, width); nothing where the content is given."""
    height, width = size
    if shunned is None:
        return Toll.free(size)
    there = cv2.resize(shunned, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    down, across = (np.linspace(0, 1, side, dtype=np.float32) for side in size)
    patch = PATCH * _CHANNELS
    return Toll(
        np.asarray(cv2.blur(there, (2 * RADIUS + 1, 2 * RADIUS + 1)) * _STANDING**2 * patch, np.float32),
        (down * _DOWN) ** 2 * patch,
        (across * _ACROSS) ** 2 * patch,
    )


def _far(hole: Bools) -> Bools:
    """What is farther from the hole's box than three quarters of its span."""
    x0, y0, x1, y1 = box_of(hole)
    reach = max(32, round(0.75 * max(y1 - 1 - y0, x1 - 1 - x0)))
    far = np.ones_like(hole)
    far[max(0, y0 - reach) : y1 - 1 + reach, max(0, x0 - reach) : x1 - 1 + reach] = False
    return far


def _improve(
    level: _Level,
    field: Field,
    image: Floats,
    effort: tuple[int, int, int],
    trust: Floats | None,
    rng: np.random.Generator,
) -> None:
    """`effort`: passes of search and vote, rounds in each search, and the first search's reach; later ones stay within 4 pixels."""
    passes, rounds, reach = effort
    for turn in range(passes):
        matcher = synthesis.Matcher(image, level.valid, trust if turn < passes // 2 else None, level.toll)
        matcher.search(field, rounds, reach if turn == 0 else 4, rng)
        if turn < passes - 1:
            image = synthesis.vote(image, level.hole, field, level.depth, _SHARP)


def _from_shifts(levels: list[_Level], rng: np.random.Generator) -> tuple[int, Field] | None:
    """The level to begin with and its field, from few whole shifts; None where they do not fit."""
    small = [i for i, level in enumerate(levels) if max(np.ptp(np.nonzero(level.hole), axis=1)) <= _GUESS_SPAN]
    index = small[-1] if small else 0
    level = levels[index]
    smooth = _layered(level)
    found = offsets.best_shifts(smooth, level.hole, level.banned)
    chosen = offsets.choose(smooth, level.hole, level.banned, found, level.toll) if found else None
    if chosen is None:
        return None
    field = synthesis.random_field(level.hole, level.valid, rng)
    offsets.aim(field, chosen[1], chosen[2], level.valid)
    _improve(level, field, chosen[0], (4, 5, max(level.hole.shape)), _trust(level), rng)
    return index, field


def _from_content(level: _Level, content: Floats | None, rng: np.random.Generator) -> Field:
    """The coarsest level's field, from a given first content or a smooth one."""
    field = synthesis.random_field(level.hole, level.valid, rng)
    effort = (10, 6) if content is None else (4, 5)
    first = _layered(level) if content is None else content
    _improve(level, field, first, (*effort, max(level.hole.shape)), _trust(level), rng)
    return field


def _layered(level: _Level) -> Floats:
    """A smooth first guess of what lies behind: the nearest rim counts, and beside a pixel sooner than above it, since what photographs show lies in layers, ground below sky."""
    height, width = level.hole.shape
    narrow = max(1, round(width / _LAYERED)), height
    weight = cv2.resize((~level.hole).astype(np.float32), narrow, interpolation=cv2.INTER_AREA)
    total = cv2.resize(level.known * ~level.hole[..., None], narrow, interpolation=cv2.INTER_AREA)
    spread = copying.spread(total.reshape(*weight.shape, -1), weight)
    wide = cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR).reshape(level.known.shape)
    return np.where(level.hole[..., None], wide, level.known)


def _trust(level: _Level) -> Floats:
    return np.asarray(1.5**-level.depth, np.float32)


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
