"""Spherical harmonics: orthonormal, in the order and with the signs that files have, and turned as the functions are."""

import numpy as np
import pytest

from pixwright.scene3d.splats.gaussians import rotations
from pixwright.scene3d.splats.harmonics import CONSTANT, basis, degree_of, spread, turning


def test_they_are_orthonormal_on_the_sphere():
    """By Gauss-Legendre in the height and equal steps around: exact for polynomials of degree 6."""
    heights, weights = np.polynomial.legendre.leggauss(8)
    angles = 2 * np.pi * np.arange(16) / 16
    z, angle = np.repeat(heights, 16), np.tile(angles, 8)
    level = np.sqrt(1 - z**2)
    values = basis(np.stack([level * np.cos(angle), level * np.sin(angle), z], 1), 3)
    products = values.T @ (values * np.repeat(weights, 16)[:, None] * 2 * np.pi / 16)
    assert np.allclose(products, np.eye(16), atol=1e-12)


def test_signs_and_order_are_the_files():
    x, y, z = 0.48, -0.6, 0.64
    found = basis(np.array([[x, y, z]]), 3)[0]
    assert found[0] == pytest.approx(0.28209479177387814) == CONSTANT
    assert found[1:4] == pytest.approx(0.4886025119029199 * np.array([-y, z, -x]))
    second = [
        1.0925484305920792 * x * y,
        -1.0925484305920792 * y * z,
        0.31539156525252005 * (2 * z * z - x * x - y * y),
    ]
    second += [-1.0925484305920792 * x * z, 0.5462742152960396 * (x * x - y * y)]
    assert found[4:9] == pytest.approx(second)
    assert found[9] == pytest.approx(-0.5900435899266435 * y * (3 * x * x - y * y))
    assert found[10] == pytest.approx(2.890611442640554 * x * y * z)
    assert found[12] == pytest.approx(0.3731763325901154 * z * (2 * z * z - 3 * x * x - 3 * y * y))
    assert found[15] == pytest.approx(-0.5900435899266435 * x * (x * x - 3 * y * y))


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_turned_functions_say_in_a_direction_what_the_old_ones_said_turned_back(degree):
    rng = np.random.default_rng(degree)
    rotation = rotations(rng.normal(size=(1, 4)))[0]
    coefficients = rng.normal(size=((degree + 1) ** 2, 3))
    turned = turning(rotation, degree) @ coefficients
    directions = rng.normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    old = basis(directions @ rotation, degree) @ coefficients  # rows: R^T d
    assert np.allclose(basis(directions, degree) @ turned, old, atol=1e-10)


def test_turning_is_orthogonal_and_follows_the_order_of_turns():
    first, second = rotations(np.random.default_rng(5).normal(size=(2, 4)))
    one, two = turning(first, 3), turning(second, 3)
    assert np.allclose(one @ one.T, np.eye(16), atol=1e-10)
    assert np.allclose(turning(second @ first, 3), two @ one, atol=1e-10)


def test_the_directions_are_even():
    directions = spread(200)
    assert np.allclose(np.linalg.norm(directions, axis=1), 1)
    assert np.allclose(directions.mean(axis=0), 0, atol=0.01)
    nearest = np.sort(directions @ directions.T, axis=1)[:, -2]
    assert np.degrees(np.arccos(nearest)).min() > 8


def test_the_count_says_the_degree():
    assert [degree_of(count) for count in (1, 4, 9, 16)] == [0, 1, 2, 3]
    with pytest.raises(AssertionError):
        degree_of(5)
