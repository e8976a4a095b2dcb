"""Small scenes of known content."""

import numpy as np

from pixwright.scene3d.splats.gaussians import Gaussians, as_rows
from pixwright.scene3d.splats.ply import new_scene


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


def balls(count=160, seed=0):
    """Two balls side by side (red at -0.6, blue at 0.6), on Gaussians that lie on their surfaces and at one's middle; and which Gaussian is whose."""
    rng = np.random.default_rng(seed)
    points, colours, owners = [], [], []
    for number, (x, colour) in enumerate(((-0.6, (0.8, 0.1, 0.1)), (0.6, (0.1, 0.2, 0.8)))):
        out = rng.normal(size=(count, 3))
        out *= 0.45 / np.linalg.norm(out, axis=1, keepdims=True)
        inner = np.zeros((5, 3)) if number == 0 else np.zeros((0, 3))
        points.append(np.concatenate([out, inner]) + np.array([x, 0, 0]))
        colours.append(np.tile(colour, (len(points[-1]), 1)))
        owners.append(np.full(len(points[-1]), number))
    centres = np.concatenate(points)
    coefficients = np.zeros((len(centres), 4, 3))
    coefficients[:, 0] = (np.concatenate(colours) - 0.5) / 0.28209479177387814
    numbers = (
        centres,
        np.tile([1.0, 0, 0, 0], (len(centres), 1)),
        np.full((len(centres), 3), np.log(0.07)),
        np.full(len(centres), 3.0),
    )
    gaussians = Gaussians(*(np.asarray(one, np.float32) for one in (*numbers, coefficients)))
    return gaussians, np.concatenate(owners)


BOX = np.array([-1.1, -0.6, -0.5]), np.array([1.1, 0.6, 0.5])
"""Around the two balls."""
