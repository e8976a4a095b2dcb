"""The renderer against one that is written from the formulas, pixel by pixel, with neither tiles nor bounds."""

from dataclasses import replace

import numpy as np
import pytest
from clouds import cloud

from pixwright.scene3d.cameras import looking
from pixwright.scene3d.splats.harmonics import basis
from pixwright.scene3d.splats.render import depth_of, picture_of, render, weights_of

CAMERA = looking((0.4, -3.2, 1.1), (0, 0, 0), 40, 45)


def matrix(w, x, y, z):
    """Rodrigues' formula, from the angle and the axis that a quaternion says."""
    length = np.sqrt(w * w + x * x + y * y + z * z)
    w, axis = w / length, np.array([x, y, z]) / length
    sine = np.linalg.norm(axis)
    angle, axis = 2 * np.arctan2(sine, w), axis / sine
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def reference(gaussians, camera, backdrop):
    """Colour, what is left, and the dense weights (pixels x Gaussians), in float64."""
    view = np.linalg.inv(camera.world_to_camera)[:3, :3].T
    order, splats = [], []
    for n in range(len(gaussians)):
        x, y, z = view @ (gaussians.centres[n].astype(float) - camera.position)
        if z <= 0.01:
            continue
        half = matrix(*gaussians.quaternions[n].astype(float)) @ np.diag(np.exp(gaussians.log_scales[n].astype(float)))
        limit_x, limit_y = 1.3 * camera.width / 2 / camera.fx, 1.3 * camera.height / 2 / camera.fy
        u, v = z * np.clip(x / z, -limit_x, limit_x), z * np.clip(y / z, -limit_y, limit_y)
        slope = np.array([[camera.fx / z, 0, -camera.fx * u / z**2], [0, camera.fy / z, -camera.fy * v / z**2]])
        covariance = slope @ view @ half @ half.T @ view.T @ slope.T + 0.3 * np.eye(2)
        middle = np.array([camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy])
        opacity = 1 / (1 + np.exp(-float(gaussians.logits[n])))
        away = gaussians.centres[n] - camera.position
        colour = 0.5 + basis(away[None] / np.linalg.norm(away), gaussians.degree)[0] @ gaussians.coefficients[n]
        order.append(z)
        splats.append((n, middle, np.linalg.inv(covariance), opacity, np.maximum(colour, 0)))
    splats = [splats[n] for n in np.argsort(order, kind="stable")]
    picture = np.zeros((camera.height, camera.width, 3))
    left = np.ones((camera.height, camera.width))
    dense = np.zeros((camera.height * camera.width, len(gaussians)))
    for row in range(camera.height):
        for column in range(camera.width):
            light = 1.0
            for n, middle, inverse, opacity, colour in splats:
                apart = np.array([column + 0.5, row + 0.5]) - middle
                opaque = min(0.99, opacity * np.exp(-0.5 * apart @ inverse @ apart))
                if opaque < 1 / 255:
                    continue
                if light * (1 - opaque) < 1e-4:
                    break
                dense[row * camera.width + column, n] = opaque * light
                picture[row, column] += opaque * light * colour
                light *= 1 - opaque
            left[row, column] = light
            picture[row, column] += light * np.array(backdrop)
    return picture, left, dense


@pytest.mark.parametrize(("count", "degree"), [(60, 0), (40, 3)])
def test_it_draws_what_the_formulas_say(count, degree):
    gaussians = cloud(count, degree, seed=count)
    picture, left, dense = reference(gaussians, CAMERA, (0.2, 0.4, 0.6))
    weights = weights_of(gaussians, CAMERA)
    found = np.zeros_like(dense)
    found[weights.pixels, weights.owners] = weights.values
    # A weight at the edge of what is drawn at all may fall on either side.
    assert np.abs(found - dense).max() < 1.01 / 255 and np.abs(found - dense).mean() < 1e-5
    assert np.abs(weights.left - left).max() < 2e-4 + 1 / 255
    drawn = render(gaussians, CAMERA, (0.2, 0.4, 0.6))
    assert np.abs(drawn - np.clip(picture, 0, 1) * 255).max() < 2
    assert np.abs(drawn - np.clip(picture, 0, 1) * 255).mean() < 0.3


def test_more_gaussians_than_are_drawn_at_a_time_change_nothing(monkeypatch):
    gaussians = cloud(500, seed=3, extent=0.3)
    whole = weights_of(gaussians, CAMERA)
    monkeypatch.setattr("pixwright.scene3d.splats.render._CHUNK", 7)
    parts = weights_of(gaussians, CAMERA)
    assert np.allclose(whole.left, parts.left, atol=1e-6)
    assert np.allclose(whole.forward(gaussians.centres), parts.forward(gaussians.centres), atol=1e-5)


def test_weights_and_what_is_left_share_the_light():
    weights = weights_of(cloud(200), CAMERA)
    total = weights.forward(np.ones((200, 1), np.float32))[..., 0] + weights.left
    assert np.allclose(total, 1, atol=1e-5)


def test_backward_is_the_transpose_of_forward():
    rng = np.random.default_rng(1)
    weights = weights_of(cloud(100), CAMERA)
    values = rng.normal(size=(100, 2)).astype(np.float32)
    picture = rng.normal(size=(40, 40, 2)).astype(np.float32)
    one = (weights.forward(values) * picture).sum()
    assert one == pytest.approx((values * weights.backward(picture)).sum(), rel=1e-3)


def test_a_part_of_the_weights_is_that_of_the_chosen():
    weights = weights_of(cloud(100), CAMERA)
    chosen = np.arange(100) % 3 == 0
    values = np.random.default_rng(2).normal(size=(100, 3)).astype(np.float32)
    part = weights.of(chosen).forward(values)
    assert np.allclose(part, weights.forward(np.where(chosen[:, None], values, 0)), atol=1e-5)


def test_what_is_not_finite_or_behind_is_not_drawn():
    gaussians = cloud(30)
    bad = replace(gaussians, centres=gaussians.centres.copy(), logits=gaussians.logits.copy())
    bad.centres[3] = np.nan
    bad.centres[4] = (0.8, -9.0, 2.2)  # behind the camera
    bad.logits[5] = -np.inf
    weights = weights_of(bad, CAMERA)
    assert not np.isin(weights.owners, (3, 4, 5)).any()
    assert np.isfinite(picture_of(bad, CAMERA, weights)).all()


def test_nothing_in_sight_is_the_backdrop():
    away = looking((0, -9, 0), (0, -20, 0), 24, 40)
    assert (render(cloud(20), away, (1.0, 0.0, 0.2)) == (255, 0, 51)).all()


def test_depth_is_that_of_what_is_seen():
    gaussians = cloud(1)
    gaussians = replace(
        gaussians,
        centres=np.zeros((1, 3), np.float32),
        log_scales=np.full((1, 3), -1, np.float32),
        logits=np.full(1, 9, np.float32),
    )
    depth = depth_of(gaussians, CAMERA, weights_of(gaussians, CAMERA))
    assert depth[20, 20] == pytest.approx(np.linalg.norm(CAMERA.position), rel=1e-4)
    assert np.isinf(depth[0, 0])


def test_a_picture_that_is_no_multiple_of_a_tile_is_whole():
    camera = looking((0, -3, 1), (0, 0, 0), 43, 45)
    small = replace(camera, height=21)
    assert render(cloud(50), camera).shape == (43, 43, 3)
    assert np.array_equal(render(cloud(50), small), render(cloud(50), camera)[:21])
