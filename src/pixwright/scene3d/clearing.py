"""What a thing leaves behind where it is taken away: the ground below it, which no view showed, and its stain there. Both get the colours of the ground around them.

Views alone cannot say those colours, since a fitted scene never saw them. The thing's cast shadow, which they do show, stays.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.lifting import neighbours
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.rigid import LEVEL, Bearings
from pixwright.scene3d.views import Views

_ROUND = 1.15
"""Sides of the box on the ground, in the thing's own, in which its stain is looked for."""
_TOUCHING = 1e-6
"""Distance below which two Gaussians are in one place."""
_AROUND = 24
"""Neighbours on the ground that a colour is taken from."""


def light_of(views: Views) -> Floats:
    """How much light each Gaussian sends to all views together: N, in pixels."""
    return np.asarray(
        sum(
            one.backward(np.ones((*one.left.shape, 1), np.float32))[:, 0].astype(np.float64) for one in views.footprints
        )
    )


def cleared(
    gaussians: Gaussians, box: tuple[Floats, Floats], way: Bearings, before: Floats, after: Floats
) -> tuple[Gaussians, NDArray[np.bool_]]:
    """What stays, with the colours of the ground around on what lies below where a thing was and was hidden by it in any view; and which Gaussians those are, N bool.

    `box`: where it was, along right, away, up. `before` and `after` N: the light that each sent while it was there, and sends now.
    """
    places = gaussians.centres @ way.axes.T
    middle, half = (box[0] + box[1]) / 2, (box[1] - box[0]) / 2
    height = 2 * half[2]
    below = (places[:, 2] <= box[0][2] + LEVEL * height) & (places[:, 2] >= box[0][2] - height)
    stain = below & (np.abs(places - middle)[:, :2] <= _ROUND * half[:2]).all(axis=1) & (after > before)
    ground = below & (places[:, 2] <= box[0][2]) & ~stain & (gaussians.opacities > 0)
    if not ground.any() or not stain.any():
        return gaussians, np.zeros_like(stain)
    return _surrounded(gaussians, stain, ground), stain


def _surrounded(gaussians: Gaussians, which: NDArray[np.bool_], ground: NDArray[np.bool_]) -> Gaussians:
    """Those of `which` (N bool) with the colours of the nearest of the `ground` (N bool), the nearer the more."""
    others, asked = np.flatnonzero(ground), np.flatnonzero(which)
    near, apart = neighbours(gaussians.centres[others], gaussians.centres[asked], min(_AROUND, len(others)))
    weight = 1 / np.maximum(apart, _TOUCHING) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    found = gaussians.coefficients.copy()
    found[asked] = np.einsum("nj,njkc->nkc", weight, gaussians.coefficients[others][near])
    return replace(gaussians, coefficients=found)
