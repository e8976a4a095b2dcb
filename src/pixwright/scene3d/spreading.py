"""From what one view decides to all of a scene: what it does not show belongs to what is nearest by a way from Gaussian to Gaussian.

Steps are short between neighbours of one colour and long from one colour to another, so the back of a vase belongs to its front and not to the table that it stands on.
This is seeded segmentation by geodesic distance (Bai and Sapiro, ICCV 2007), on Gaussians in the place of pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixwright.media.pixels import lab
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.lifting import neighbours
from pixwright.scene3d.splats.render import as_bytes

_AROUND = 11
"""Neighbours from which a step may come, itself among them."""
_COLOUR = 0.8
"""What a step costs for each unit of CIE Lab between the two, in steps between usual neighbours."""


def spread(centres: Floats, colours: Floats, own: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of N Gaussians are the thing's: `own` (N bool) of the `known` ones (N bool), and of the others those that are nearer to it than to what is known not to be it.

    `centres` Nx3; `colours` Nx3, sRGB 0 to 1. What is nowhere, or that no way leads to, is not the thing's.
    """
    chosen = own & known
    where = np.flatnonzero(np.isfinite(centres).all(axis=1) & np.isfinite(colours).all(axis=1))
    if not chosen[where].any() or len(where) <= _AROUND:
        return chosen
    near, apart = (one[:, 1:] for one in neighbours(centres[where], centres[where], _AROUND))
    tint = lab(as_bytes(colours[where])[:, None])[:, 0]
    usual = max(float(np.median(apart[:, 0])), float(np.finfo(np.float32).tiny))
    steps = apart / usual + _COLOUR * np.linalg.norm(tint[near] - tint[:, None], axis=2)
    to_own, to_others = (_distance(near, steps, seeds[where]) for seeds in (chosen, known & ~own))
    found = chosen.copy()
    found[where] = np.where(known[where], chosen[where], to_own < to_others)
    return found


def _distance(near: NDArray[np.int32], steps: Floats, seeds: NDArray[np.bool_]) -> Floats:
    """The length of the shortest way to any seed (N bool), over `near` NxK with the lengths `steps` NxK, which can be gone both ways. N, infinite where there is none."""
    found = np.where(seeds, 0.0, np.inf)
    while True:
        now = np.minimum(found, (found[near] + steps).min(axis=1))
        np.minimum.at(now, near, now[:, None] + steps)
        if np.array_equal(now, found):
            return found
        found = now
