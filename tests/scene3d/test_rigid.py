"""Things moved as a whole: a camera that moves along sees the same picture."""

from dataclasses import replace

import numpy as np
import pytest
from clouds import BOX, balls, cloud

from pixwright.scene3d.cameras import looking, orbit
from pixwright.scene3d.splats.gaussians import rotations
from pixwright.scene3d.splats.render import colours_of, weights_of
from pixwright.scene3d.splats.rigid import (
    Similarity,
    about_axis,
    bearings,
    foot,
    free_place,
    joined,
    moved,
    part,
    quaternions_of,
    side_by_side,
)

CAMERA = looking((0.5, -3.0, 1.2), (0, 0, 0), 48, 45)


def seen(gaussians, camera):
    return colours_of(gaussians, camera, weights_of(gaussians, camera))


@pytest.mark.parametrize("degree", [0, 1, 3])
def test_who_moves_along_sees_the_same(degree):
    """Centres, axes and harmonics turned together: nothing may look different, highlights included."""
    gaussians = cloud(80, degree, seed=degree)
    turn = rotations(np.random.default_rng(degree).normal(size=(1, 4)))[0]
    about, shift = np.array([0.2, -0.1, 0.3]), np.array([0.5, 0.1, -0.2])
    after = moved(gaussians, Similarity(turn, about, shift))
    camera = replace(CAMERA, rotation=turn @ CAMERA.rotation, position=turn @ (CAMERA.position - about) + about + shift)
    assert np.abs(seen(after, camera) - seen(gaussians, CAMERA)).max() < 0.01
    assert np.abs(seen(after, CAMERA) - seen(gaussians, CAMERA)).max() > 0.1


def test_a_larger_scene_from_farther_away_looks_the_same():
    gaussians = cloud(60, 1)
    after = moved(gaussians, Similarity(np.eye(3), np.zeros(3), np.zeros(3), 2.5))
    camera = replace(CAMERA, position=2.5 * CAMERA.position)
    assert np.abs(seen(after, camera) - seen(gaussians, CAMERA)).max() < 0.01


def test_a_movement_alone_leaves_axes_and_colours_bit_identical():
    gaussians = cloud(20, 2)
    after = moved(gaussians, Similarity(np.eye(3), np.zeros(3), np.array([1.0, 0, 0])))
    assert after.quaternions is gaussians.quaternions and after.coefficients is gaussians.coefficients
    assert np.array_equal(after.log_scales, gaussians.log_scales)
    assert np.allclose(after.centres - gaussians.centres, (1, 0, 0), atol=1e-6)


def test_quaternions_of_rotations_are_those_that_made_them():
    given = np.random.default_rng(3).normal(size=(50, 4))
    given[0], given[1] = (1, 0, 0, 0), (0, 0, 1, 0)  # none, and half a turn
    assert np.allclose(rotations(quaternions_of(rotations(given))), rotations(given), atol=1e-9)


def test_a_quarter_turn_about_the_upright_axis():
    turn = about_axis(np.array([0.0, 0.0, 1.0]), 90)
    assert np.allclose(turn @ (1, 0, 0), (0, 1, 0)) and np.allclose(turn @ (0, 0, 1), (0, 0, 1))


def test_bearings_are_those_of_the_first_camera():
    way = bearings(orbit(*BOX, 6, 32))
    assert np.allclose(way.axes, np.eye(3), atol=1e-9)
    tilted = bearings([looking((3, 0, 2), (0, 0, 0), 32, 40)])
    assert np.allclose(tilted.axes @ tilted.axes.T, np.eye(3)) and tilted.right @ (0, 1, 0) > 0.99
    assert np.linalg.det(tilted.axes) == pytest.approx(1)


def test_side_by_side_leaves_a_gap_and_the_height():
    box = np.array([0.0, 0, 0]), np.array([1.0, 1, 2])
    anchor = np.array([5.0, 5, 1]), np.array([7.0, 9, 3])
    way = side_by_side(box, anchor, (1, 0))
    assert (box[0] + way)[0] == pytest.approx(7.15) and way[2] == 0
    assert ((box[0] + box[1]) / 2 + way)[1] == pytest.approx(7)
    assert (box[1] + side_by_side(box, anchor, (0, -1)))[1] == pytest.approx(5 - 0.15)
    assert np.allclose(foot(anchor), (6, 7, 1))


def test_a_copy_finds_a_free_place_on_the_ground():
    gaussians, owners = balls()
    ground = np.stack([*np.meshgrid(np.linspace(-2.5, 2.5, 40), np.linspace(-0.4, 2.5, 30))], -1).reshape(-1, 2)
    ground = np.hstack([ground, np.full((len(ground), 1), -0.45)]).astype(np.float32)
    centres = np.concatenate([gaussians.centres, ground])
    own = np.concatenate([owners == 0, np.zeros(len(ground), bool)])
    way = free_place(centres, own, bearings(orbit(*BOX, 4, 32)))
    middle = np.array([-0.6, 0, 0]) + way
    assert way[2] == 0
    assert np.linalg.norm(middle - (0.6, 0, 0)) > 0.85  # not in the other ball
    assert middle[1] > -0.2  # and not beyond the edge of the ground, which is in front


def test_joined_and_parts():
    gaussians = cloud(9)
    both = joined(part(gaussians, np.arange(9) < 4), part(gaussians, np.array([8, 7])))
    assert len(both) == 6 and np.array_equal(both.centres[4], gaussians.centres[8])
