"""Colours from pictures, against numpy's dense least squares; and edits as functions of colour."""

from dataclasses import replace

import numpy as np
import pytest
from clouds import cloud

from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.colour_table import fitted
from pixwright.scene3d.splats.render import colours_of, weights_of
from pixwright.scene3d.splats.solving import WantedChange, solved

LOW, HIGH = np.full(3, -1.0), np.full(3, 1.0)


def dense(weights, count):
    found = np.zeros((weights.left.size, count))
    found[weights.pixels, weights.owners] = weights.values
    return found


@pytest.mark.parametrize("degree", [0, 1])
def test_it_is_the_least_squares_solution(degree):
    gaussians = cloud(40, degree, seed=4)
    chosen = np.arange(40) < 25
    rng = np.random.default_rng(7)
    hold = (0.02, 0.4)
    views, rows, sides = [], [], []
    k = (degree + 1) ** 2
    for camera in orbit(LOW, HIGH, 5, 32):
        footprint = weights_of(gaussians, camera)
        change = rng.normal(0, 0.2, (32, 32, 3)).astype(np.float32)
        weight = rng.uniform(0, 1, (32, 32)).astype(np.float32)
        views.append(WantedChange(camera, footprint.of(chosen), change, weight))
        basis = gaussians.seen_basis(camera.position)[chosen]
        design = (dense(footprint, 40)[:, chosen, None] * basis).reshape(32 * 32, -1)
        root = np.sqrt(weight.ravel())[:, None]
        rows.append(root * design)
        sides.append(root * change.reshape(-1, 3))
    rows.append(np.diag(np.sqrt(np.tile([hold[0]] + [hold[1]] * (k - 1), 25))))
    sides.append(np.zeros((25 * k, 3)))
    expected, *_ = np.linalg.lstsq(np.vstack(rows), np.vstack(sides), rcond=None)
    found = solved(gaussians, chosen, views, hold)
    change = (found - gaussians.coefficients)[chosen].reshape(25 * k, 3)
    assert np.abs(change - expected).max() < 2e-3 * np.abs(expected).max()
    assert np.array_equal(found[~chosen], gaussians.coefficients[~chosen])


def test_colours_that_made_the_views_are_found_again():
    truth = cloud(60, 0, seed=2)
    blank = replace(truth, coefficients=np.zeros_like(truth.coefficients))
    views = []
    for camera in orbit(LOW, HIGH, 6, 48):
        footprint = weights_of(truth, camera)
        change = colours_of(truth, camera, footprint) - colours_of(blank, camera, footprint)
        views.append(WantedChange(camera, footprint, change, np.ones((48, 48), np.float32)))
    found = replace(blank, coefficients=solved(blank, np.ones(60, bool), views))
    for view in views:
        apart = colours_of(found, view.camera, view.footprint) - colours_of(truth, view.camera, view.footprint)
        assert np.sqrt((apart**2).mean()) < 0.01


def test_what_no_view_sees_keeps_its_colour():
    gaussians = cloud(30, 1)
    nothing = [
        WantedChange(
            camera, weights_of(gaussians, camera), np.ones((16, 16, 3), np.float32), np.zeros((16, 16), np.float32)
        )
        for camera in orbit(LOW, HIGH, 2, 16)
    ]
    assert np.array_equal(solved(gaussians, np.ones(30, bool), nothing), gaussians.coefficients)


def gilded(colours):
    grey = colours @ np.array([0.3, 0.6, 0.1], np.float32)
    return np.stack([np.sqrt(grey), grey**0.8, 0.4 * grey**2], axis=1)


def test_an_edit_that_is_a_function_of_colour_is_learnt():
    rng = np.random.default_rng(0)
    seen = np.clip(rng.normal(0.5, 0.15, (4000, 3)), 0, 1).astype(np.float32)
    table = fitted(seen, gilded(seen))
    other = np.clip(rng.normal(0.5, 0.15, (500, 3)), 0, 1).astype(np.float32)
    assert np.abs(table(other) - gilded(other)).mean() < 0.01
    assert table.missed(seen, gilded(seen)) < 0.015
    # One that depends on the place is not.
    spots = np.where(rng.uniform(size=(4000, 1)) > 0.5, 1 - seen, seen).astype(np.float32)
    assert fitted(seen, spots).missed(seen, spots) > 0.05


def test_colours_that_nobody_saw_change_like_those_nearby():
    seen = np.random.default_rng(1).uniform(0.3, 0.5, (2000, 3)).astype(np.float32)
    table = fitted(seen, seen + np.float32(0.2))
    assert table(np.array([[0.9, 0.1, 0.6]], np.float32)) == pytest.approx(np.array([[1.1, 0.3, 0.8]]), abs=0.06)
    # Beyond the cube a colour keeps its distance to it.
    assert np.allclose(
        table(np.array([[-0.1, 0.4, 0.4]])) - table(np.array([[0.0, 0.4, 0.4]])), [[-0.1, 0, 0]], atol=1e-5
    )


def test_no_change_is_learnt_as_none():
    seen = np.random.default_rng(2).uniform(0, 1, (300, 3)).astype(np.float32)
    table = fitted(seen, seen)
    assert np.allclose(table(seen), seen, atol=1e-4)
    assert table.missed(seen[:0], seen[:0]) == 0
