"""Smooth backdrops: a sky, a wall, a blurred background. A smooth surface goes on through the hole, with the grain of what is around it.

Patches copied there would show as a plateau with the hole's outline, since the eye sees a step of two levels in a smooth ramp.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.copying import diffuse, stretched
from pixwright.edit.filling.synthesis import Bools, Floats
from pixwright.records.instruction import Array

_SIDE = 160
"""Longer side, in pixels, at which the surface is worked out."""
_FINER = 4
"""How many times finer the pixels are that are looked at of a large picture."""
_RING = 0.1
"""Width of the ring beside the hole on which the surface is tried, as a share of the hole's size."""
_OFF, _FAR_OFF = 4.5, 14.0
"""The most, in levels of 255, that the surface may miss the ring by: in the middle, and at nine pixels of ten."""
_FINE, _OFF_ONE, _FAR_OFF_ONE = 1.6, 7.5, 18.0
"""Of a ground that was told from the others: the spread of its grain, in levels, up to which the surface may miss more, and by how much."""
_EDGE = 4.5
"""Levels from pixel to pixel, at _SIDE pixels, from which there is an edge."""
_ODD, _STICKS_OUT = 0.15, 24.0
"""The most of the ring that may stick out of the backdrop, and by how many levels it does."""
_ROUNDS, _STRANGE, _SPREADS, _MOSTLY, _SURROUNDED = 4, 9.0, 5.0, 0.7, 0.3
"""How often a surface is fitted again without what is off it; by how many levels, and usual differences, that is; how much of what is known the surface must explain; and the most
of the ring that may be off it."""
_ONE_COLOUR = 60.0
"""Difference of two mean colours, in levels, up to which they may be of one thing."""
_SEEN, _BEYOND = (0.01, 0.99), 10.0
"""Quantiles of what is known of a backdrop between which its colours lie, and by how many levels it may go on beyond them."""
_COARSE = 4.5
"""Spread of the grain, in levels, from which it is a texture that patches continue better."""
_CALM, _LIKEST, _LEAST_GRAIN = 0.75, 3, 0.1
"""Of the squares of grain, those below this quantile of strength surely hold no edge; every third is used, the likest; and the strength in levels below which grain is none."""
_TILE, _LEAST = 24, 9
"""Side of the squares of grain that are laid side by side, and the least that there must be, in pixels."""


def smooth_plate(
    picture: Array, hole: Bools, banned: Bools, rng: np.random.Generator, one: bool = False
) -> Array | None:
    """`picture` HxWx3 uint8 with its hole (HxW) filled smoothly, or None where what is around the hole is not smooth. `one`: all that is not banned is surely one ground."""
    known = ~hole & ~banned
    small, seen, inner = reduced(picture, hole, known)
    ring = beside(inner) & seen
    if ring.sum() < 30 or (seen & ~ring & ~inner).sum() < 60:
        return None
    odd = _odd(small, seen & ~inner)
    if odd[ring].mean() > _ODD:
        return None
    seen &= ~odd
    ring &= ~odd
    off = np.abs(_surface(small, seen & ~ring & ~inner) - small).mean(axis=2)
    miss = off[ring]
    near = cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8), iterations=4) > 0
    grain = picture.astype(np.float32) - cv2.GaussianBlur(picture, (0, 0), 2.0)
    spread = 1.48 * float(np.median(np.abs(grain[near & known].mean(axis=1) if (near & known).any() else 99.0)))
    fits = np.median(miss) <= _OFF and np.quantile(miss, 0.9) <= _FAR_OFF
    if one and not fits and spread <= _FINE:
        fits = np.median(miss) <= _OFF_ONE and np.quantile(miss, 0.9) <= _FAR_OFF_ONE
        seen &= ~(ring & (off > _FAR_OFF))
    if not (fits or _blurred(small, seen & ~inner, ring)) or spread > _COARSE:
        return None
    tiles = _grain(grain, known, near & known, rng)
    if tiles is None:
        return None
    close = ring & seen
    surface = _surface(small, seen & ~inner, close if one and close.any() else None)
    surface = stretched(surface, 0, hole.shape[0], *hole.shape)
    result = picture.copy()
    result[hole] = np.clip(surface[hole] + tiles[hole] + 0.5, 0, 255).astype(np.uint8)
    return result


def _blurred(small: Floats, known: Bools, ring: Bools) -> bool:
    """Whether the backdrop is so far out of focus that nothing in it has an edge: then nothing is missed in the hole either."""
    light = small.mean(axis=2)
    slope = cv2.magnitude(*(cv2.Sobel(light, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1))))
    clear = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return bool((ring & clear).any()) and float(np.quantile(slope[ring & clear], 0.97)) < _EDGE


def _odd(small: Floats, known: Bools) -> Bools:
    """What sticks out of the backdrop, such as twigs before a sky: it does not go on through the hole."""
    flat = diffuse(small, known)
    return np.asarray(known & (np.abs(flat - cv2.GaussianBlur(flat, (0, 0), 6.0)).mean(axis=2) > _STICKS_OUT), np.bool_)


def strangers(picture: Array, hole: Bools, banned: Bools) -> Bools:
    """Other things on an even ground around a hole, such as the tomatoes beside a pan, with their shadows: HxW. None are seen where the ground is not even."""
    small, seen, inner = reduced(picture, hole, ~hole & ~banned)
    known, terms = seen & ~inner, surface_terms(seen.shape)
    nothing, kept = np.zeros_like(hole), known
    for _ in range(_ROUNDS):
        if np.count_nonzero(kept) < _MOSTLY * np.count_nonzero(known) or not kept.any():
            return nothing
        weights, *_ = np.linalg.lstsq(terms[kept], small[kept], rcond=None)
        off = np.abs(small - terms @ weights).mean(axis=2)
        kept = known & (off < max(_STRANGE, _SPREADS * float(np.median(off[kept]))))
    size = hole.shape[1], hole.shape[0]
    ring = beside(inner) & known
    odd = known & ~kept & ring
    if not ring.any() or odd[ring].mean() > _SURROUNDED or _goes_through(small, odd, inner):
        return nothing
    others = cv2.dilate((known & ~kept).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray((cv2.resize(others, size, interpolation=cv2.INTER_NEAREST) > 0) & ~hole)


def _goes_through(small: Floats, odd: Bools, inner: Bools) -> bool:
    """Whether something of one colour is seen on two sides of a hole: a line, a stalk, a horizon."""
    count, labels, _, middles = cv2.connectedComponentsWithStats(odd.astype(np.uint8), connectivity=8)
    colours = [small[labels == n].mean(axis=0) for n in range(1, count)]
    for one in range(1, count):
        for other in range(one + 1, count):
            x, y = np.rint((middles[one] + middles[other]) / 2).astype(int)
            if inner[y, x] and np.linalg.norm(colours[one - 1] - colours[other - 1]) < _ONE_COLOUR:
                return True
    return False


def beside(inner: Bools) -> Bools:
    """What lies around a hole, within a share of its size."""
    reach = max(2, round(_RING * max(cv2.boundingRect(inner.astype(np.uint8))[2:])))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray((cv2.dilate(inner.astype(np.uint8), disc) > 0) & ~inner)


def reduced(picture: Array, hole: Bools, known: Bools) -> tuple[Floats, Bools, Bools]:
    """What is known of the picture at _SIDE pixels, where that is, and where the hole is."""
    step = max(1, max(hole.shape) // (_FINER * _SIDE))
    picture, known = picture[::step, ::step], known[::step, ::step]
    scale = min(1.0, _SIDE / max(hole.shape))
    size = max(1, round(hole.shape[1] * scale)), max(1, round(hole.shape[0] * scale))
    weight = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(picture.astype(np.float32) * known[..., None], size, interpolation=cv2.INTER_AREA)
    small = np.asarray(total / np.maximum(weight, 1e-3)[..., None], np.float32)
    return small, weight > 1 / 2, cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0


def _surface(small: Floats, known: Bools, near: Bools | None = None) -> Floats:
    """A surface of second order through what is known, and what is left of that diffused: HxWx3. `near`: what of the known its colours are kept to, all without it."""
    terms = surface_terms(known.shape)
    weights, *_ = np.linalg.lstsq(terms[known], small[known], rcond=None)
    # Far from what is known a surface of second order takes colours that are nowhere.
    seen = np.quantile(small[known if near is None else near], _SEEN, axis=0)
    trend = np.clip(terms @ weights, seen[0] - _BEYOND, seen[1] + _BEYOND).astype(np.float32)
    soft = cv2.GaussianBlur(diffuse(small - trend, known), (0, 0), 1.0)
    left = np.where(known[..., None], small - trend, soft)
    return np.asarray(trend + _relaxed(left, known), np.float32)


def surface_terms(shape: tuple[int, ...]) -> Floats:
    """The terms of a surface of second order, HxWx6."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    return np.stack([np.ones_like(y), y, x, y * y, x * x, x * y], axis=2)


def _relaxed(values: Floats, known: Bools) -> Floats:
    """The membrane (Laplace's equation) over what is not known, from a first guess: coarse to fine is done, so few rounds are enough."""
    kernel = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    for _ in range(60):
        values = np.where(known[..., None], values, cv2.filter2D(values, -1, kernel, borderType=cv2.BORDER_REPLICATE))
    return np.asarray(values, np.float32)


def grain_laid(picture: Array, known: Bools, near: Bools, rng: np.random.Generator) -> Floats | None:
    """The finest detail of `picture` HxWx3 uint8 for all of it, HxWx3, laid from squares of what is known (HxW) that have as much as what is `near` (HxW); None where there is none."""
    return _grain(picture.astype(np.float32) - cv2.GaussianBlur(picture, (0, 0), 2.0), known, near, rng)


def _grain(grain: Floats, known: Bools, near: Bools, rng: np.random.Generator) -> Floats | None:
    """Grain for the whole picture, laid from squares of known grain in random order that are as strong as what is `near`; None where there is no such square."""
    shape = known.shape
    free = cv2.erode(known.astype(np.uint8), np.ones((_TILE, _TILE), np.uint8), anchor=(0, 0), borderValue=0) > 0
    free[shape[0] - _TILE + 1 :] = False
    free[:, shape[1] - _TILE + 1 :] = False
    places = np.argwhere(free)
    if len(places) < _LEAST:
        return None
    down, across = -(-shape[0] // _TILE), -(-shape[1] // _TILE)
    laid = np.zeros((down * _TILE, across * _TILE, 3), np.float32)
    chosen = places[rng.integers(0, len(places), down * across)]
    energy = np.array([np.abs(grain[y : y + _TILE, x : x + _TILE]).mean() for y, x in chosen])
    # Squares with an edge in them are no grain; of the others, those are usual that are as strong as what is beside the hole.
    usual = min(float(np.median(np.abs(grain[near]).mean(axis=1))), float(np.quantile(energy, _CALM)))
    alike = np.argsort(np.abs(np.log((energy + _LEAST_GRAIN) / (usual + _LEAST_GRAIN))))
    for index, pick in enumerate(rng.choice(alike[: max(1, len(alike) // _LIKEST)], down * across)):
        y, x = chosen[pick]
        top, left = index // across * _TILE, index % across * _TILE
        laid[top : top + _TILE, left : left + _TILE] = grain[y : y + _TILE, x : x + _TILE]
    return laid[: shape[0], : shape[1]]
