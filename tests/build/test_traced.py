"""Traced solids: exact where the answer is known, and covered with Gaussians that look like them."""

import numpy as np
import pytest

from pixwright.build.scene.traced import shapes
from pixwright.build.scene.traced.splats import coloured, covered
from pixwright.build.scene.traced.things import banana, bottle, bowl, mug, sphere, table, teapot, vase
from pixwright.build.scene.traced.trace import BACKDROP, nearest_thing, normals, trace
from pixwright.scene3d.cameras import looking, orbit
from pixwright.scene3d.splats.render import render

CAMERA = looking((0, -4, 0.3), (0, 0, 0.3), 64, 30)
BALL = sphere("ball", (0, 0), 0.3, (0.6, 0.1, 0.1))


def test_a_ball_is_where_geometry_says():
    view = trace([BALL], CAMERA, 1)
    pixels = CAMERA.projected(np.array([[0, 0, 0.3]]))[0]
    y, x = np.mgrid[:64, :64]
    # The outline of a ball is the cone of its tangents.
    angle = np.arcsin(0.3 / 4)
    rays = CAMERA.rays().reshape(64, 64, 3)
    inside = rays @ CAMERA.forward > np.cos(angle)
    assert np.count_nonzero((view.labels == 1) != inside) <= 8
    assert view.depth[int(pixels[1]), int(pixels[0])] == pytest.approx(4 - 0.3, abs=0.01)
    assert np.isinf(view.depth[0, 0]) and np.array_equal(view.mask(1) > 0, view.labels == 1)
    assert np.allclose(view.picture[0, 0], np.rint(np.array(BACKDROP) * 255))


def test_the_sun_lights_one_side_and_casts_a_shadow():
    """It stands on the left, before the things and above them."""
    view = trace([table(1.5, (0.5, 0.5, 0.5)), BALL], looking((0, -2.5, 3), (0, 0, 0), 96, 45), 1)
    grey = view.picture.astype(float).mean(axis=2)
    ball = np.argwhere(view.labels == 2)
    middle = ball.mean(axis=0)
    left, right = ball[ball[:, 1] < middle[1] - 5], ball[ball[:, 1] > middle[1] + 5]
    assert grey[tuple(left.T)].mean() > grey[tuple(right.T)].mean() + 15
    ground = grey[view.labels == 1]
    assert ground.min() < 0.6 * np.median(ground)  # the shadow


@pytest.mark.parametrize(
    "thing",
    [
        vase((0.1, 0.2), (0.1, 0.2, 0.5)), mug((0, 0), (0.8, 0.8, 0.8), 30), bottle((0, 0), (0.3, 0, 0)), bowl((0, 0), (0, 0, 0.5)),
        teapot((0, 0), (0, 0.4, 0), 100), banana((0, 0), (0.9, 0.7, 0), 0), table(1.0, (0.5, 0.3, 0.2)), BALL,
    ],
    ids=lambda thing: thing.noun,
)  # fmt: skip
def test_distances_never_reach_beyond_a_surface(thing):
    """Walking by the distance must not cross: the signed distance changes by no more than the way; and a thing lies in its ball."""
    rng = np.random.default_rng(0)
    centre, radius = np.array(thing.around[0]), thing.around[1]
    points = (centre + rng.uniform(-1.5, 1.5, (3000, 3)) * radius).astype(np.float32)
    others = (points + rng.normal(0, 0.1, points.shape)).astype(np.float32)
    gaps = thing.solid(points)
    way = np.linalg.norm(others - points, axis=1)
    assert (np.abs(thing.solid(others) - gaps) <= way + 1e-4).all()
    outside = np.linalg.norm(points - centre, axis=1) > radius + 1e-3
    assert (gaps[outside] > 0).all() and (gaps < 0).any()


def test_the_nearest_thing_is_found_in_spite_of_the_balls_around():
    things = [table(1.0, (0.5, 0.3, 0.2)), BALL, vase((0.6, 0), (0, 0, 1))]
    points = np.random.default_rng(1).uniform(-0.7, 0.7, (500, 3)).astype(np.float32)
    gap, nearest = nearest_thing(things, points)
    exact = np.stack([thing.solid(points) for thing in things])
    near = exact.min(axis=0) < 0.05
    assert np.array_equal(nearest[near], exact.argmin(axis=0)[near])
    assert (gap <= np.maximum(exact.min(axis=0), 5e-4) + 1e-5).all()


def test_directions_of_a_surface_are_its_own():
    points = np.float32([[0.3, 0, 0.3], [0, 0, 0.6]])
    assert np.allclose(normals(BALL.solid, points), [[1, 0, 0], [0, 0, 1]], atol=1e-3)


def test_a_hollow_is_taken_away_and_a_tube_is_round():
    ring = shapes.without(shapes.ball((0, 0, 0), 1), shapes.ball((0, 0, 0), 0.5))
    assert np.sign(ring(np.float32([[0, 0, 0], [0.7, 0, 0], [2, 0, 0]]))).tolist() == [1, -1, 1]
    tube = shapes.tube([(0, 0, 0), (1, 0, 0)], [0.1, 0.3])
    assert np.allclose(tube(np.float32([[0.5, 0.5, 0], [1, 0, 0]])), [0.3 / 1.2, -0.3 / 1.2])


def test_things_are_covered_with_gaussians_that_look_like_them():
    things = [table(0.7, (0.5, 0.3, 0.2)), BALL]
    found = covered(things, (250, 150))
    points = found.gaussians.centres
    assert np.bincount(found.owners).tolist() == [250, 150]
    for number, thing in enumerate(things):
        assert np.abs(thing.solid(points[found.owners == number])).max() < 2e-3
    under = (found.owners == 0) & (np.linalg.norm(points[:, :2], axis=1) < 0.15) & (points[:, 2] > -0.01)
    assert under.any()  # what the ball hides is there when it is taken away
    views = [trace(things, camera, 1) for camera in orbit(np.full(3, -0.5), np.full(3, 0.5), 5, 64)]
    after = coloured(found.gaussians, views)
    errors = [
        np.mean([np.abs(render(one, v.camera).astype(float) - v.picture).mean() for v in views])
        for one in (found.gaussians, after)
    ]
    assert errors[1] < errors[0] and errors[1] < 6
    again = covered(things, (250, 150))
    assert np.array_equal(again.gaussians.centres, points)
