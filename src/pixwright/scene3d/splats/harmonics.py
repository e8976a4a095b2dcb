"""Real spherical harmonics to degree 3: what a Gaussian's colour is seen from a direction, and how it turns with the Gaussian.

Signs and order are those of Kerbl et al. (2023), which the file format has. A function on the sphere is a row of 1, 4, 9 or 16 numbers.
"""

from __future__ import annotations

from math import isqrt, pi, sqrt

import numpy as np

from pixwright.scene3d.cameras import Floats

# fmt: off
_POLYNOMIALS: tuple[tuple[float, dict[tuple[int, int, int], int]], ...] = (
    (sqrt(1 / pi) / 2, {(0, 0, 0): 1}),
    (-sqrt(3 / pi) / 2, {(0, 1, 0): 1}),
    (sqrt(3 / pi) / 2, {(0, 0, 1): 1}),
    (-sqrt(3 / pi) / 2, {(1, 0, 0): 1}),
    (sqrt(15 / pi) / 2, {(1, 1, 0): 1}),
    (-sqrt(15 / pi) / 2, {(0, 1, 1): 1}),
    (sqrt(5 / pi) / 4, {(0, 0, 2): 2, (2, 0, 0): -1, (0, 2, 0): -1}),
    (-sqrt(15 / pi) / 2, {(1, 0, 1): 1}),
    (sqrt(15 / pi) / 4, {(2, 0, 0): 1, (0, 2, 0): -1}),
    (-sqrt(35 / (2 * pi)) / 4, {(2, 1, 0): 3, (0, 3, 0): -1}),
    (sqrt(105 / pi) / 2, {(1, 1, 1): 1}),
    (-sqrt(21 / (2 * pi)) / 4, {(0, 1, 2): 4, (2, 1, 0): -1, (0, 3, 0): -1}),
    (sqrt(7 / pi) / 4, {(0, 0, 3): 2, (2, 0, 1): -3, (0, 2, 1): -3}),
    (-sqrt(21 / (2 * pi)) / 4, {(1, 0, 2): 4, (3, 0, 0): -1, (1, 2, 0): -1}),
    (sqrt(105 / pi) / 4, {(2, 0, 1): 1, (0, 2, 1): -1}),
    (-sqrt(35 / (2 * pi)) / 4, {(3, 0, 0): 1, (1, 2, 0): -3}),
)
# fmt: on
"""Of each function its factor, and its polynomial: the powers of x, y, z -> how often."""
CONSTANT = _POLYNOMIALS[0][0]
"""The value of the first function, the same in every direction."""
_SAMPLES = 64
"""Directions in which a turned function is asked; 16 numbers follow from any 16 of them."""
_GOLDEN = pi * (3 - sqrt(5))


def degree_of(count: int) -> int:
    """The degree that so many numbers a channel (1, 4, 9, 16) belong to."""
    degree = isqrt(count) - 1
    assert (degree + 1) ** 2 == count and count <= len(_POLYNOMIALS), count
    return degree


def basis(directions: Floats, degree: int) -> Floats:
    """The functions up to `degree` (0 to 3) in unit directions Nx3: Nx(degree + 1)^2."""
    columns = []
    for factor, terms in _POLYNOMIALS[: (degree + 1) ** 2]:
        value = sum(often * _monomial(directions, powers) for powers, often in terms.items())
        columns.append(factor * value)
    return np.stack(columns, axis=-1)


def _monomial(directions: Floats, powers: tuple[int, ...]) -> Floats:
    found = np.ones(directions.shape[:-1], directions.dtype)
    for axis, power in enumerate(powers):
        for _ in range(power):
            found = found * directions[..., axis]
    return found


def spread(count: int = _SAMPLES) -> Floats:
    """`count` unit directions that lie evenly over the sphere: Nx3 (Fibonacci's spiral)."""
    height = 1 - (2 * np.arange(count) + 1) / count
    level, angle = np.sqrt(1 - height**2), _GOLDEN * np.arange(count)
    return np.stack([level * np.cos(angle), level * np.sin(angle), height], axis=1)


def turning(rotation: Floats, degree: int) -> Floats:
    """The KxK matrix that turns functions by a 3x3 rotation: a row of coefficients times its transpose is the turned function's row.

    The functions of one degree turn among themselves. What a turned function is in a direction, the old one was in the direction turned back, so that the
    matrix follows from enough directions.
    """
    directions = spread()
    turned, *_ = np.linalg.lstsq(basis(directions, degree), basis(directions @ rotation, degree), rcond=None)
    return np.asarray(turned)
