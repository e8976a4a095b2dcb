"""How pixels move from one picture to the next: dense optical flow, whether it can be believed, and how motions are put together.

All fields are float32 in pixels. A *flow* HxWx2 says of every pixel of the new picture by how much (x, y) it must go to be where it was in the old one;
a *place* HxWx2 says where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Floats: TypeAlias = NDArray[np.float32]

SMALLEST = 16
"""Pixels of a side under which motion is not measured."""
_DISAGREE, _FAST = 1.0, 0.05
"""Pixels by which the way there and the way back may differ, and by how much more where something moves fast (Sundaram et al. 2010)."""
_ABOUT, _COARSE = 12.0, 4.0
"""Sigma, in pixels, over which the motion of a thing is evened out and carried beyond its outline: a field without tears; and that at which it is worked out."""
APART = 6.0
"""Pixels by which a part may move otherwise than what is about it."""
_NOTHING = 1e-3
"""Weight under which a blur has seen nothing."""
_POINTS, _LEAST_POINTS = 4000, 24
"""Points that an affine motion is fitted to, about, and at least."""
_ROUNDS = 5
"""Of the fit of an affine motion, each with less of what was far off."""
_RIDGE, _EXACT = 1e-5, 0.1
"""How firmly a motion is held to be a shift where its points tell little, a share of their weight; pixels under which none is far off."""
_FIRM = 2e-2
"""How much more firmly that is, and to what is expected, where a thing is wholly hidden."""
_MOSTLY = 0.5
"""Share of a thing that is hidden from which few points, and points that say something quite else than what is expected, are not believed."""
_OWN = 0.9
"""Share of a thing in a pixel, and of trust, from which its measured motion is taken as it is."""


def grey(picture: Array) -> Array:
    """HxWx3 or HxWx4 uint8 -> HxW uint8 luma."""
    found: Array = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    return found


def flow_between(new: Array, old: Array) -> Floats:
    """The flow from `new` back to `old` (both HxW uint8), by dense inverse search (DIS: Kroeger et al. 2016). Sides of at least SMALLEST."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    return np.asarray(search.calc(new, old, np.zeros((*new.shape, 2), np.float32)), np.float32)


def grid(height: int, width: int) -> Floats:
    """Every pixel's own place, HxWx2: x, then y."""
    y, x = np.indices((height, width), np.float32)
    return np.dstack([x, y])


def sampled(values: NDArray[Any], place: Floats, border: int = cv2.BORDER_REPLICATE) -> NDArray[Any]:
    """`values` (HxW or HxWxC) at places, linear between pixels."""
    result: NDArray[Any] = cv2.remap(values, place, None, cv2.INTER_LINEAR, borderMode=border)
    return result


def put_together(place: Floats, flow: Floats) -> Floats:
    """Where the pixels of the new picture were at the start, from where those of the old one were."""
    height, width = flow.shape[:2]
    return np.asarray(sampled(place, grid(height, width) + flow), np.float32)


@dataclass(frozen=True, eq=False)
class PixelMotion:
    """From one picture to the next."""

    flow: Floats
    """From the new one back to the old one."""
    trust: Floats
    """HxW in [0, 1]: 0 where the way there and the way back disagree, so that something came into sight, or nothing can be told."""


def motion_between(new: Array, old: Array) -> PixelMotion:
    """The motion between two pictures HxW uint8, with the forward-backward check."""
    flow, back = flow_between(new, old), flow_between(old, new)
    height, width = new.shape
    there = grid(height, width) + flow
    off = np.linalg.norm(flow + sampled(back, there), axis=2)
    allowed = _DISAGREE + _FAST * np.linalg.norm(flow, axis=2)
    inside = (there[..., 0] >= 0) & (there[..., 0] <= width - 1) & (there[..., 1] >= 0) & (there[..., 1] <= height - 1)
    return PixelMotion(flow, np.asarray(np.clip(2 - off / allowed, 0, 1) * inside, np.float32))


@dataclass(frozen=True, eq=False)
class ExpectedMotion:
    """How a thing is expected to move, and how much of it is out of sight: the less shows, the more its turn and growth are taken from there."""

    matrix: NDArray[np.float64]
    """2x3, on (x, y, 1): the flow."""
    hidden: float
    """Share of the thing, in [0, 1]."""


def own_motion(
    motion: PixelMotion, share: Floats, apart: float = APART, expected: ExpectedMotion | None = None
) -> Floats:
    """The motion of a thing alone, HxWx2, smooth and known everywhere: an affine motion and what parts do beside it; beyond its outline, and where nothing can be told, as about there.

    Dense flow runs over at outlines; `share` HxW in [0, 1] says which pixels are the thing's. What moves by more
    than `apart` pixels otherwise than the parts about it is not believed. A thing that does not show at all moves as `expected`.
    """
    weight = np.asarray(share * share * motion.trust, np.float32)
    if not weight.any():  # TODO
        return motion.flow if expected is None else straight_motion(expected.matrix, *share.shape)
    straight = straight_motion(affine_of(motion.flow, weight, expected), *share.shape)
    rest = motion.flow - straight
    about = _spread(rest, weight, _ABOUT)
    alike = np.asarray(weight * (np.linalg.norm(rest - about, axis=2) <= apart), np.float32)
    return np.asarray(straight + _spread(rest, alike, _ABOUT), np.float32)


def affine_of(field: Floats, weight: Floats, expected: ExpectedMotion | None = None) -> NDArray[np.float64]:
    """The affine map that fits a flow HxWx2 best, 2x3 on (x, y, 1): least squares, with what is far off left out round by round. `weight` HxW in [0, 1].

    What little shows of a thing tells where it is, and hardly how it turns: that is held to what is `expected`.
    """
    height, width = weight.shape
    turn = np.zeros((2, 2)) if expected is None else expected.matrix[:, :2]
    mostly = expected if expected is not None and expected.hidden > _MOSTLY else None
    step = max(1, int(np.sqrt(np.count_nonzero(weight > _OWN / 2) / _POINTS)))
    y, x = (part.astype(np.float64) for part in np.mgrid[:height:step, :width:step])
    shares, flows = weight[::step, ::step].astype(np.float64), field[::step, ::step].astype(np.float64)
    seen = shares > _OWN / 2
    if seen.sum() < _LEAST_POINTS:
        if mostly is not None:
            return mostly.matrix
        total = max(float(weight.sum()), _NOTHING)
        mean, middle = ((one * weight[..., None]).sum((0, 1)) / total for one in (field, grid(height, width)))
        return np.column_stack([turn, mean - turn @ middle])
    middle, scale = np.array([x[seen].mean(), y[seen].mean()]), max(height, width)
    terms = np.stack([(x[seen] - middle[0]) / scale, (y[seen] - middle[1]) / scale, np.ones(int(seen.sum()))], axis=1)
    goal, trust = flows[seen], shares[seen]
    firm = _RIDGE if expected is None else _RIDGE + _FIRM * expected.hidden
    ridge = firm * trust.sum() * np.diag([1.0, 1.0, 0.0])
    held = ridge @ np.vstack([scale * turn.T, np.zeros((1, 2))])
    for _ in range(_ROUNDS):
        solved = np.linalg.solve(terms.T @ (terms * trust[:, None]) + ridge, terms.T @ (goal * trust[:, None]) + held)
        off = np.linalg.norm(goal - terms @ solved, axis=1)
        trust = shares[seen] / (1 + (off / max(float(np.median(off)), _EXACT)) ** 2)
    if mostly is not None and np.linalg.norm(mostly.matrix @ [*middle, 1] - solved[2]) > APART:
        return mostly.matrix
    turn = solved[:2].T / scale
    return np.column_stack([turn, solved[2] - turn @ middle])


def straight_motion(matrix: NDArray[np.float64], height: int, width: int) -> Floats:
    """An affine flow, 2x3 on (x, y, 1), at every pixel: HxWx2."""
    (a, b, c), (d, e, f) = matrix
    x, y = np.arange(width)[None], np.arange(height)[:, None]
    return np.dstack([a * x + b * y + c, d * x + e * y + f]).astype(np.float32)


def _spread(flow: Floats, weight: Floats, sigma: float) -> Floats:
    """The weighted mean about each pixel, fading into nothing where there is no weight nearby."""
    step = max(1, int(sigma // _COARSE))
    height, width = weight.shape
    size = max(1, width // step), max(1, height // step)
    both = cv2.resize(np.dstack([flow * weight[..., None], weight]), size, interpolation=cv2.INTER_AREA)
    both = cv2.GaussianBlur(both, (0, 0), sigma / step)
    both = cv2.resize(both, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(both[..., :2] / (both[..., 2:] + _NOTHING), np.float32)
