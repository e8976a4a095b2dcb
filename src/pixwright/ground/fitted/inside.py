"""Which pixels of a box are its thing: a fitted vote of two networks, of colour, of what hangs together, and of place in the box.

The segmenter has the finest edges, and loses what does not stand out: a screen on a white wall, one house of a row, a shirt. The box outliner knows where to look, and
its outline is coarse; colour and the tree of regions know what hangs together. How much each is worth, by how well the segmenter's outline fills the box, a
small network was fitted to outlines that people drew (recipes/fit/outline.py).
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np

from pixwright.ground.fitted import numbers
from pixwright.ground.geometry import TINY, Floats, Frame, calm, logistic
from pixwright.ground.scene import SUREST, Scene
from pixwright.media.guided import guided_lines, squares

DEPTH = 2
"""The column of `features` that is 1 in the middle of the box and 0 at its sides."""
REACH = 1.1
"""Half sides of a box from its middle, beyond which nothing is of its thing."""
ROUND, SIDE = 1.5, 0.3
"""Half sides from the middle at which a pixel is no longer near it; and those from the side that count apart."""
INNER, FAINT = 1.2, 0.15
"""Half sides within which a colour is the thing's, the less the farther from the middle; and how much it is where nothing stands out."""
OUTER = (0.95, 0.2)
"""Half sides from which a colour is the surroundings', and over which it becomes so; farther away it counts less by the power of e."""
NEVER = 1e-3
"""A share of colour that is next to none: it keeps the logarithm finite."""
LEVEL = 0.45
"""Belief from which a pixel is the thing's: a little low, for what is left out harms an edit more than a rim too much."""
STEEP = 4.0
"""How much steeper than the belief the edge of the outline is: a haze is no outline."""
SOFTEN = 1.5
"""Pixels over which beliefs are calmed."""


MEASURES = (
    "stands out", "near the middle", "depth", "depth at the sides", "colour", "of a region that fills the box",
    "outlined for the box", "the same, drawn to edges",
    "how much of the box stands out", "how well that agrees with the box", "how much of its hull it fills",
)  # fmt: skip
"""What `features` says of each pixel, in its order; the last three are the same for all of a box."""
LIGHTEST = 100.0
"""Of CIE L*."""
GUIDED, NOISE = 6, 1e-3
"""Of the guided filter that draws its outline to edges: pixels of the radius, and the variance of a lightness in 0..1 that is taken for noise."""
HIDDEN = 32
"""Units of the network's hidden layer."""
Network: TypeAlias = dict[str, Floats]
"""`mean` and `spread` of the measures, and `first`, `first_bias`, `second`, `second_bias` of the two layers."""


def network() -> Network:
    """The fitted network (recipes/fit/outline.py)."""
    return numbers.network("inside")


def inside(scene: Scene, box: Frame, matte: Floats, agreed: float) -> Floats:
    """(h, w) in [0, 1]: the thing in a box (XYXY in 0..1). `matte` (h, w): what stands out of a crop about it; `agreed`: how well that agrees with the box."""
    seen, window = features(scene, box, matte, agreed)
    belief = believed(network(), seen)
    belief[seen[..., DEPTH] <= 1 - REACH] = 0
    out = np.zeros(scene.shape, np.float32)
    out[window] = np.clip(STEEP * (calm(belief, SOFTEN) - LEVEL) + 0.5, 0, 1) * (belief > 0)
    return out


def believed(fitted: Network, seen: Floats) -> Floats:
    """(...,) in [0, 1] of features (..., n): how likely each pixel is the thing's."""
    first = fitted["first"] / fitted["spread"][:, None]
    hidden = seen @ first
    hidden += fitted["first_bias"] - fitted["mean"] @ first
    np.maximum(hidden, 0, out=hidden)
    return np.asarray(logistic((hidden @ fitted["second"] + fitted["second_bias"])[..., 0]), np.float32)


def features(scene: Scene, box: Frame, matte: Floats, agreed: float) -> tuple[Floats, tuple[slice, slice]]:
    """(rows, columns, n) of the pixels about a box, and which rows and columns those are."""
    across, down = off_middle(scene.shape, box)
    rows = np.flatnonzero(np.abs(down[:, 0]) < REACH)
    columns = np.flatnonzero(np.abs(across[0]) < REACH)
    if not len(rows) or not len(columns):
        return np.zeros((1, 1, len(MEASURES)), np.float32), np.s_[0:1, 0:1]
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y, own = across[window], down[window], matte[window]
    depth = 1 - np.maximum(np.abs(x), np.abs(y))
    near = np.clip(ROUND - np.hypot(x, y), 0, ROUND)
    core = own[depth > 0]
    filled = float(core.mean()) if core.size else 0.0
    solid = solidity(own * (depth > 1 - REACH))
    pieces = scene.pieces
    colour = _colour(scene, across, down, matte)[pieces.labels[window]]
    region = scene.tree.filling(box)[pieces.labels[window]]
    whole = (np.full_like(own, value) for value in (filled, agreed, solid))
    measures = [own, near, depth, np.clip(depth, 0, SIDE), colour, region, *_outlined(scene, box, window), *whole]
    return np.asarray(np.stack(measures, -1), np.float32), window


def _outlined(scene: Scene, box: Frame, window: tuple[slice, slice]) -> list[Floats]:
    """Log-odds (rows, columns) of the box outliner, as they are and drawn to the edges of the picture."""
    odds = scene.boxed(box)[window]
    guide = np.ascontiguousarray(scene.lab[..., 0][window] / np.float32(LIGHTEST))
    drawn = guided_lines(guide, np.ascontiguousarray(odds), squares(GUIDED), NOISE).on(guide)
    return [odds, np.asarray(np.clip(drawn, -SUREST, SUREST), np.float32)]


def solidity(matte: Floats) -> float:
    """In [0, 1]: how much of the convex hull of an outline it fills: little of a frame's, all of a pencil's."""
    points = cv2.findNonZero((matte > 0.5).astype(np.uint8))
    if points is None:
        return 0.0
    hull = np.zeros(matte.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    return len(points) / max(1, int(hull.sum()))


def _colour(scene: Scene, across: Floats, down: Floats, matte: Floats) -> Floats:
    """(n,) log-odds of each superpixel that its colour is rather in the box than around it."""
    pieces = scene.pieces
    x, y, own = (pieces.mean(values) for values in (across, down, matte))
    depth = 1 - np.maximum(np.abs(x), np.abs(y))
    held = np.clip((depth + REACH - 1) / (REACH - 1), 0, 1)
    within = pieces.area * held * np.clip(INNER - np.hypot(x, y), 0, INNER) * (FAINT + own)
    around = pieces.area * np.clip((1 - depth - OUTER[0]) / OUTER[1], 0, 1) * np.exp(-np.maximum(-depth, 0))
    like = pieces.alike @ np.stack(
        [within / max(float(within.sum()), TINY), around / max(float(around.sum()), TINY)], 1
    )
    return np.asarray(np.log(like[:, 0] + NEVER) - np.log(like[:, 1] + NEVER), np.float32)


def off_middle(shape: tuple[int, int], box: Frame) -> tuple[Floats, Floats]:
    """(h, w) each: how far every pixel is from a box's middle, across and down, in half the box's sides."""
    height, width = shape
    x0, y0, x1, y1 = box
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    return (
        ((xs + 0.5) / width - (x0 + x1) / 2) / max((x1 - x0) / 2, TINY),
        ((ys + 0.5) / height - (y0 + y1) / 2) / max((y1 - y0) / 2, TINY),
    )
