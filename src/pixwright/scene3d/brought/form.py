"""A thing from one picture: its outline is blown up to a solid, round where the outline is, and covered with Gaussians in the picture's colours.

Half of a solid's depth is the root of a height that solves Poisson's equation inside of the outline (Sykora et al., Ink-and-Ray, 2014): a disc becomes a ball. It is nowhere deeper than
a body turned on a lathe would be: a bottle becomes round. What the picture does not show is the mirror image of what it does.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import CONSTANT
from pixwright.scene3d.splats.rigid import quaternions_of

_LEVELS, _COARSEST, _SWEEPS = 4, 12, 80
"""Sizes at which the height is solved for, cells of the longer side at the first, doubled each time; sweeps at each."""
_SOLID = 127
"""Alpha above which a pixel is the thing's."""
_CORE = 250
"""Alpha from which a colour is the thing's alone."""
_FOOT, _FLAT = 0.04, 0.35
"""Share of the height that is its foot, and how wide that is, of the thing's width, where it stands flat."""
_AREA = 3.2
"""Surface of such a solid, in areas of its outline, about."""
_SPREAD = (1.0, 3.0, 9.0, 27.0)
"""Sigmas, in pixels, over which colours are continued beyond the outline, the nearest first."""
_WIDTH, _THICK = 0.7, 0.15
"""Standard deviations along and across the surface, in distances of neighbours."""
_OPAQUE = 3.5
"""Logit of every opacity."""
_LANDINGS = 3
"""Steps by which a point is brought onto the surface."""
_TINY = 1e-6


def blown_up(pixels: Array, count: int, degree: int) -> Gaussians:
    """A cut-out HxWx4 uint8 (straight alpha) as about `count` Gaussians with harmonics of that degree: 1 high, its foot at the origin, its front towards -y, up is +z."""
    height, width = pixels.shape[:2]
    solid = pixels[..., 3] > _SOLID
    step = float(np.sqrt(_AREA * solid.sum() / count))
    lift = heights(solid)
    points = _surface(lift, step)
    points, out = _landed(lift, points)
    colours = _sampled(_continued(pixels), points)
    size = np.full((len(points), 3), step / height) * (_WIDTH, _WIDTH, _THICK)
    # From columns, depth and rows of the picture to right, away and up.
    centres = np.stack([points[:, 0] - width / 2, points[:, 1], height - points[:, 2]], axis=1) / height
    normals = out * (1, 1, -1)
    coefficients = np.zeros((len(points), (degree + 1) ** 2, 3))
    coefficients[:, 0] = (colours / 255 - 0.5) / CONSTANT
    numbers = centres, quaternions_of(facing(normals)), np.log(size), np.full(len(points), _OPAQUE), coefficients
    return Gaussians(*(np.asarray(one, np.float32) for one in numbers))


def heights(solid: NDArray[np.bool_]) -> Floats:
    """The square of half the depth, in square pixels, HxW: 0 outside of an outline HxW."""
    height, width = solid.shape
    rows = np.flatnonzero(solid.any(axis=1))
    low = solid[max(0, rows[-1] + 1 - max(1, round(_FOOT * height))) : rows[-1] + 1]
    flat = bool(low.any(axis=0).sum() > _FLAT * solid.any(axis=0).sum())
    mask = (np.vstack([solid, solid[::-1]]) if flat else solid).astype(np.uint8)
    found = np.zeros((1, 1))
    for level in range(_LEVELS):
        scale = _COARSEST * 2**level / max(height, width)
        size = max(3, round(width * scale)), max(3, round(mask.shape[0] * scale))
        inside = np.pad(cv2.resize(mask * 255, size, interpolation=cv2.INTER_AREA) > _SOLID, 1)
        found = 4 * cv2.resize(found, (size[0] + 2, size[1] + 2), interpolation=cv2.INTER_LINEAR) * inside
        for _ in range(_SWEEPS):
            near = found[:-2, 1:-1] + found[2:, 1:-1] + found[1:-1, :-2] + found[1:-1, 2:]
            found[1:-1, 1:-1] = (near / 4 + 1) * inside[1:-1, 1:-1]
    full = cv2.resize(found[1:-1, 1:-1], mask.shape[::-1], interpolation=cv2.INTER_LINEAR) / scale**2
    turned = _lathe(solid)
    return turned if _was_turned(solid) else np.asarray(np.minimum(full[:height], turned) * solid)


def _was_turned(solid: NDArray[np.bool_]) -> bool:
    """Whether an outline is that of something made on a lathe: one run a row, as far to the left as to the right, and not as wide everywhere, as a book or a box is."""
    rows = solid[solid.any(axis=1)]
    columns = np.flatnonzero(rows.any(axis=0))
    rows = rows[:, columns[0] : columns[-1] + 1]
    runs = (np.diff(np.pad(rows, ((0, 0), (1, 0))).astype(np.int8), axis=1) == 1).sum(axis=1)
    wide = rows.sum(axis=1)
    alike = (rows & rows[:, ::-1]).sum() / (rows | rows[:, ::-1]).sum()
    return bool((runs == 1).mean() > _ONE and alike > _ALIKE and wide.std() > _VARIED * wide.mean())


_ONE, _ALIKE, _VARIED = 0.9, 0.9, 0.1
"""Share of rows with one run; overlap of an outline and its mirror image; how much the width of rows varies, of its mean: what is turned on a lathe has more of each."""


def _lathe(solid: NDArray[np.bool_]) -> Floats:
    """What `heights` would be if each run of a row were a circle seen from its side."""
    left, right = _run(solid), _run(solid[:, ::-1])[:, ::-1]
    return np.asarray((left - 0.5) * (right - 0.5) * solid)


def _run(solid: NDArray[np.bool_]) -> Floats:
    """How many pixels there are from the beginning of its run in a row to each pixel, with it."""
    counted = np.cumsum(solid, axis=1)
    return np.asarray(counted - np.maximum.accumulate(np.where(solid, 0, counted), axis=1), np.float64)


def _surface(lift: Floats, step: float) -> Floats:
    """Centres (column, depth, row), Nx3, of the cells of a lattice that lie at the solid's surface."""
    small = max(2, round(lift.shape[1] / step)), max(2, round(lift.shape[0] / step))
    depth = np.sqrt(cv2.resize(lift, small, interpolation=cv2.INTER_AREA)) / step
    deep = int(np.ceil(depth.max())) + 1
    layers = np.arange(-deep, deep + 1)
    filled = (np.abs(layers)[:, None, None] <= depth) & (depth > 0)
    near = np.pad(filled, 1)
    inner = near[:-2, 1:-1, 1:-1] & near[2:, 1:-1, 1:-1] & near[1:-1, :-2, 1:-1] & near[1:-1, 2:, 1:-1]
    inner &= near[1:-1, 1:-1, :-2] & near[1:-1, 1:-1, 2:]
    layer, row, column = np.nonzero(filled & ~inner)
    across, down = lift.shape[1] / small[0], lift.shape[0] / small[1]
    return np.stack([(column + 0.5) * across, layers[layer] * step, (row + 0.5) * down], axis=1)


def _landed(lift: Floats, points: Floats) -> tuple[Floats, Floats]:
    """The points (Nx3) brought onto the surface, and which way is out there: unit vectors Nx3."""
    smooth = cv2.GaussianBlur(lift, (0, 0), 1.0)
    slopes = [cv2.Sobel(smooth, cv2.CV_64F, *way, scale=1 / 8) for way in ((1, 0), (0, 1))]
    way = np.zeros_like(points)
    for _ in range(_LANDINGS):
        here, across, down = (_sampled(one, points) for one in (smooth, *slopes))
        way = np.stack([-across, 2 * points[:, 1], -down], axis=1)
        off = points[:, 1] ** 2 - here
        reach = np.linalg.norm(way, axis=1) + 1
        # No further than the surface can be from a cell of the lattice that touches it.
        points = points - np.clip(off / reach, -1, 1)[:, None] * way / reach[:, None]
    return points, way / (np.linalg.norm(way, axis=1, keepdims=True) + _TINY)


def _sampled(values: Floats, points: Floats) -> Floats:
    """Of a field HxW or HxWxC what lies at points (column, depth, row)."""
    place = (points[:, [0, 2]] - 0.5).astype(np.float32)
    return np.asarray(
        cv2.remap(values, place[None], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0], np.float64
    )


def _continued(pixels: Array) -> Floats:
    """The colours HxWx3, from inside of the outline continued over its rim, which holds some of what was behind it."""
    core = cv2.erode((pixels[..., 3] >= _CORE).astype(np.float32), np.ones((3, 3), np.uint8))
    if not core.any():
        core = (pixels[..., 3] > _SOLID).astype(np.float32)
    colours = pixels[..., :3].astype(np.float32)
    result, known = colours * core[..., None], core
    for sigma in _SPREAD:
        total = cv2.GaussianBlur(core, (0, 0), sigma)
        near = cv2.GaussianBlur(colours * core[..., None], (0, 0), sigma) / np.maximum(total, _TINY)[..., None]
        fresh = (known == 0) & (total > np.float32(_FAINT))
        result, known = np.where(fresh[..., None], near, result), np.where(fresh, 1, known)
    return np.where(known[..., None] > 0, result, colours)


_FAINT = 0.01
"""Weight from which a blurred colour means something."""


def facing(normals: Floats) -> Floats:
    """Rotations Nx3x3 whose third axis is the unit vector Nx3, and whose others lie anyhow across it."""
    other = np.where(np.abs(normals[:, 2:]) < 1 - _UPRIGHT, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    first = np.cross(other, normals)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), _TINY)
    return np.stack([first, np.cross(normals, first), normals], axis=2)


_UPRIGHT = 0.1
"""How near to upright a vector is to which another one is taken across."""
