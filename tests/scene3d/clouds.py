"""Small scenes of known content."""

import numpy as np

from pixwright.scene3d.gaussians import Gaussians, as_rows
from pixwright.scene3d.ply import new_scene


def cloud(count, degree=0, seed=0, extent=1.0):
    """Gaussians at random in a box of half side `extent`."""
    rng = np.random.default_rng(seed)
    k = (degree + 1) ** 2
    coefficients = rng.normal(0, 0.25, (count, k, 3))
    coefficients[:, 0] = rng.normal(0, 1, (count, 3))
    numbers = (
        rng.uniform(-extent, extent, (count, 3)),
        rng.normal(0, 1, (count, 4)),
        rng.uniform(-3.5, -1.8, (count, 3)),
        rng.normal(0, 2, count),
        coefficients,
    )
    return Gaussians(*(np.asarray(one, np.float32) for one in numbers))


def file_of(gaussians):
    """The same as a file in memory."""
    empty = new_scene(len(gaussians), gaussians.degree)
    return empty.with_rows(as_rows(empty, np.arange(len(gaussians)), gaussians))
