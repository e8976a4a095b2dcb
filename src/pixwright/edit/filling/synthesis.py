"""Patch search and voting on one scale: the engine under `fill`.

Parallel PatchMatch (Barnes et al. 2009: propagation and random search) inside the coherence optimisation of Wexler et al. 2007:
search the best source patch of every patch that overlaps the hole, then let the patches vote for the hole's pixels, and repeat.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

RADIUS = 3
"""Patches are 7x7."""
PATCH_SIDE = 2 * RADIUS + 1
"""Of a patch, in pixels."""
PATCH = PATCH_SIDE**2
"""Pixels of a patch."""


@dataclass(frozen=True, eq=False)
class Toll:
    """What copying costs besides the difference of two patches, in the same measure: by where from, and by how far, since what lies near, and as high in the picture, is likelier what goes on."""

    place: Floats
    """HxW, for the centre of a source patch."""
    down: Floats
    across: Floats
    """For a distance of so many rows, and columns: (H,), (W,)."""

    @staticmethod
    def free(shape: tuple[int, ...]) -> Toll:
        """No toll, for a picture of `shape` (height, width)."""
        height, width = shape
        return Toll(np.zeros((height, width), np.float32), np.zeros(height, np.float32), np.zeros(width, np.float32))

    def of(self, ty: Ints, tx: Ints, sy: Ints, sx: Ints) -> Floats:
        """For patches at `ty, tx` copied from `sy, sx`."""
        return np.asarray(self.place[sy, sx] + self.down[np.abs(sy - ty)] + self.across[np.abs(sx - tx)], np.float32)


@dataclass
class Field:
    """For each patch that overlaps the hole (centre `ty, tx`): the centre of its source patch `sy, sx` and their squared distance."""

    ty: Ints
    tx: Ints
    sy: Ints
    sx: Ints
    cost: Floats


def sources(hole: Bools, banned: Bools) -> Bools:
    """Centres whose whole patch lies in the picture, outside the hole and outside what is banned. HxW -> HxW."""
    bad = cv2.dilate((hole | banned).astype(np.uint8), np.ones((PATCH_SIDE, PATCH_SIDE), np.uint8)) > 0
    return np.asarray(~bad & _inner(hole.shape))


def targets(hole: Bools) -> Bools:
    """Centres whose patch lies in the picture and overlaps the hole. HxW -> HxW."""
    near = cv2.dilate(hole.astype(np.uint8), np.ones((PATCH_SIDE, PATCH_SIDE), np.uint8)) > 0
    return np.asarray(near & _inner(hole.shape))


def _inner(shape: tuple[int, ...]) -> Bools:
    inner = np.zeros(shape, np.bool_)
    inner[RADIUS : shape[0] - RADIUS, RADIUS : shape[1] - RADIUS] = True
    return inner


def random_field(hole: Bools, valid: Bools, rng: np.random.Generator) -> Field:
    """A field that points anywhere valid."""
    ty, tx = (a.astype(np.int32) for a in np.nonzero(targets(hole)))
    where = np.flatnonzero(valid)
    chosen = where[rng.integers(0, len(where), len(ty))]
    sy, sx = (a.astype(np.int32) for a in np.divmod(chosen, valid.shape[1]))
    return Field(ty, tx, sy, sx, np.zeros(len(ty), np.float32))


def finer_field(
    coarse: Field, coarse_shape: tuple[int, int], hole: Bools, valid: Bools, rng: np.random.Generator
) -> Field:
    """`coarse` carried to the scale of `hole`: offsets grow with the scale; what lands outside `valid` starts at random."""
    field = random_field(hole, valid, rng)
    height, width = hole.shape
    ratio_y, ratio_x = height / coarse_shape[0], width / coarse_shape[1]
    index = np.full(coarse_shape, -1, np.int32)
    index[coarse.ty, coarse.tx] = np.arange(len(coarse.ty))
    # Coarse patches do not reach the outermost pixels: there the nearest one is taken.
    cy = np.clip((field.ty / ratio_y).astype(np.int32), RADIUS, coarse_shape[0] - 1 - RADIUS)
    cx = np.clip((field.tx / ratio_x).astype(np.int32), RADIUS, coarse_shape[1] - 1 - RADIUS)
    match = index[cy, cx]
    sy = field.ty + np.round((coarse.sy[match] - coarse.ty[match]) * ratio_y).astype(np.int32)
    sx = field.tx + np.round((coarse.sx[match] - coarse.tx[match]) * ratio_x).astype(np.int32)
    good = (match >= 0) & (sy >= 0) & (sx >= 0) & (sy < height) & (sx < width)
    good[good] = valid[sy[good], sx[good]]
    field.sy[good], field.sx[good] = sy[good], sx[good]
    return field


class Matcher:
    """Searches in `image` (HxWxC float32) with the hole's present content; `trust` HxW weighs each target pixel, or None."""

    def __init__(self, image: Floats, valid: Bools, trust: Floats | None, toll: Toll) -> None:
        self._valid, self._toll = valid, toll
        windows = sliding_window_view(image, (PATCH_SIDE, PATCH_SIDE), axis=(0, 1))
        self._windows = np.moveaxis(windows, 2, -1)
        self._trust = None if trust is None else sliding_window_view(trust, (PATCH_SIDE, PATCH_SIDE))

    def _patches(self, y: Ints, x: Ints) -> Floats:
        return self._windows[y - RADIUS, x - RADIUS].reshape(len(y), -1)

    def search(self, field: Field, rounds: int, reach: int, rng: np.random.Generator) -> None:
        """`rounds` of propagation and random search within `reach` pixels; `field` is improved in place."""
        goal = self._patches(field.ty, field.tx)
        weight = self._weights(field)
        everyone = np.arange(len(field.ty))
        field.cost = self._cost(field, goal, weight, everyone, field.sy, field.sx)
        index = np.full(self._valid.shape, -1, np.int32)
        index[field.ty, field.tx] = everyone
        for turn in range(rounds):
            step = max(1, (8, 4, 2, 1)[turn % 4] if rounds > 4 else 1)
            for dy, dx in ((0, step), (step, 0), (0, -step), (-step, 0)):
                self._propagate(field, goal, weight, index, dy, dx)
            span = max(1, reach >> turn)
            jump = rng.integers(-span, span + 1, (2, len(everyone)), dtype=np.int32)
            self._offer(field, goal, weight, everyone, field.sy + jump[0], field.sx + jump[1])

    def _weights(self, field: Field) -> Floats | None:
        if self._trust is None:
            return None
        weight = self._trust[field.ty - RADIUS, field.tx - RADIUS].reshape(len(field.ty), -1)
        return np.asarray(weight / weight.sum(axis=1, keepdims=True) * PATCH, np.float32)

    def _propagate(self, field: Field, goal: Floats, weight: Floats | None, index: Ints, dy: int, dx: int) -> None:
        height, width = index.shape
        ny, nx = field.ty + dy, field.tx + dx
        inside = (ny >= 0) & (ny < height) & (nx >= 0) & (nx < width)
        neighbour = np.where(inside, index[np.clip(ny, 0, height - 1), np.clip(nx, 0, width - 1)], -1)
        who = np.flatnonzero(neighbour >= 0)
        sy, sx = field.sy[neighbour[who]] - dy, field.sx[neighbour[who]] - dx
        new = (sy != field.sy[who]) | (sx != field.sx[who])
        self._offer(field, goal, weight, who[new], sy[new], sx[new])

    def _offer(
        self, field: Field, goal: Floats, weight: Floats | None, who: NDArray[np.intp], sy: Ints, sx: Ints
    ) -> None:
        height, width = self._valid.shape
        fits = (sy >= 0) & (sx >= 0) & (sy < height) & (sx < width)
        fits[fits] = self._valid[sy[fits], sx[fits]]
        who, sy, sx = who[fits], sy[fits], sx[fits]
        cost = self._cost(field, goal, weight, who, sy, sx)
        better = cost < field.cost[who]
        who = who[better]
        field.sy[who], field.sx[who], field.cost[who] = sy[better], sx[better], cost[better]

    def _cost(
        self, field: Field, goal: Floats, weight: Floats | None, who: NDArray[np.intp], sy: Ints, sx: Ints
    ) -> Floats:
        """Squared distance and toll, in chunks that stay in the cache."""
        cost = self._toll.of(field.ty[who], field.tx[who], sy, sx)
        for start in range(0, len(who), 4096):
            part = slice(start, start + 4096)
            gap = self._patches(sy[part], sx[part])
            gap -= goal[who[part]]
            if weight is None:
                cost[part] += np.einsum("nd,nd->n", gap, gap)
            else:
                gap *= gap
                pixels = gap.reshape(len(gap), PATCH, -1).sum(axis=2)
                cost[part] += np.einsum("nd,nd->n", pixels, weight[who[part]])
        return cost


def vote(image: Floats, hole: Bools, field: Field, depth: Floats, sharp: float) -> Floats:
    """The hole's pixels as the weighted mean of what the overlapping patches hold there; the rest of `image` is kept.

    A patch weighs more the better it fits and the nearer it is to the rim (`depth` HxW, distance to known pixels). `sharp` in (0, 1]: the
    quantile of the costs that is used as the kernel's width; small keeps texture, large is smooth.
    """
    spread = max(float(np.quantile(field.cost, sharp)), 1e-3)
    weight = np.exp(-field.cost / (2 * spread)) * 1.2 ** -depth[field.ty, field.tx] + 1e-9
    total = np.zeros((*hole.shape, 1), np.float32)
    mixed = np.zeros_like(image)
    column = weight[:, None].astype(np.float32)
    for dy in range(-RADIUS, RADIUS + 1):
        for dx in range(-RADIUS, RADIUS + 1):
            total[field.ty + dy, field.tx + dx] += column
            mixed[field.ty + dy, field.tx + dx] += column * image[field.sy + dy, field.sx + dx]
    filled = image.copy()
    known = hole & (total[..., 0] > 0)
    filled[known] = mixed[known] / total[known]
    return filled
