"""Colours of Gaussians from pictures: with the geometry fixed a pixel is linear in them, so that pictures of a scene say its colours by least squares.

Conjugate gradients on the normal equations; all that is asked of a view is its `Footprint`, so that no matrix is ever built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Camera, Floats
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import Footprint

_STEPS, _GOOD = 60, 1e-4
"""Of the solver: most steps, and the share of the first residual at which it ends."""
_HOLD, _HOLD_ABOVE = 0.01, 0.3
"""How much a colour holds on to what it was, in pixels that see nothing else: its mean, and how it differs by direction, which few views know."""
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class WantedChange:
    """What one view shall show of the chosen Gaussians.

    `footprint` is theirs alone. `change` HxWx3 float32: by how much the picture shall change, sRGB 0 to 1. `weight` HxW float32, 0 to 1: how much each pixel counts.
    """

    camera: Camera
    footprint: Footprint
    change: Floats
    weight: Floats


def solved(
    gaussians: Gaussians,
    chosen: NDArray[np.bool_],
    views: Sequence[WantedChange],
    hold: tuple[float, float] = (_HOLD, _HOLD_ABOVE),
) -> Floats:
    """New coefficients NxKx3: the chosen ones (N bool) changed so that the views change as wanted, as well as their colours can; all others as they are.

    `hold`: how much the first coefficient and the ones above hold on to what they were. What no view sees stays.
    """
    which = np.flatnonzero(chosen)
    bases = [gaussians.seen_basis(view.camera.position)[which] for view in views]
    held = np.full(gaussians.coefficients.shape[1], hold[1], np.float64)
    held[0] = hold[0]

    def pulled(values: Floats) -> Floats:
        """The normal equations' matrix times n x K x 3."""
        total = held[None, :, None] * values
        for view, basis in zip(views, bases, strict=True):
            spread = np.zeros((len(gaussians), values.shape[2]), np.float32)
            spread[which] = np.einsum("nk,nkc->nc", basis, values)
            total += _gathered(view, basis, which, view.footprint.forward(spread) * view.weight[..., None])
        return total

    wanted = sum(
        (_gathered(v, b, which, v.change * v.weight[..., None]) for v, b in zip(views, bases, strict=True)), np.zeros(1)
    )
    seen = held[None, :] + sum(
        (
            view.footprint.backward(view.weight[..., None])[which] * basis**2
            for view, basis in zip(views, bases, strict=True)
        ),
        np.zeros(1),
    )
    found = gaussians.coefficients.copy()
    found[which] += _conjugate(pulled, wanted, seen[..., None]).astype(np.float32)
    return found


def _gathered(view: WantedChange, basis: Floats, which: NDArray[np.intp], picture: Floats) -> Floats:
    """The transpose of what a view does: HxWx3 -> n x K x 3."""
    back = view.footprint.backward(picture)[which]
    return np.asarray(basis[:, :, None] * back[:, None], np.float64)


def _conjugate(pulled: object, wanted: Floats, scale: Floats) -> Floats:
    """Preconditioned conjugate gradients: x with pulled(x) = wanted, from 0. `scale`: roughly the matrix's diagonal."""
    assert callable(pulled)
    x = np.zeros_like(wanted)
    rest = wanted.copy()
    ready = rest / scale
    way, size = ready, float((rest * ready).sum())
    first = size
    for _ in range(_STEPS):
        if size <= first * _GOOD**2 or size < _TINY:
            break
        bent = pulled(way)
        step = size / float((way * bent).sum())
        x += step * way
        rest -= step * bent
        ready = rest / scale
        before, size = size, float((rest * ready).sum())
        way = ready + size / before * way
    return x
