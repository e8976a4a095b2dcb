"""A small field fitted to a scene that is known exactly: what is rendered, where the depth is, and whose mask is lifted."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from two_balls import BALLS, SIDE, SIZE, ring, trace  # noqa: E402

from pixwright.errors import InvalidScene  # noqa: E402
from pixwright.scene3d.cameras import looking  # noqa: E402
from pixwright.scene3d.nerf.field import RadianceField, in_cube  # noqa: E402
from pixwright.scene3d.nerf.fitting import psnr  # noqa: E402
from pixwright.scene3d.nerf.lifting import lift, seen_by  # noqa: E402
from pixwright.scene3d.nerf.render import RaySamples, _drawn, _weights, distance, march  # noqa: E402
from pixwright.scene3d.nerf.views import path_of, read_dataset, views_of, write_dataset  # noqa: E402


def test_places_far_out_are_drawn_into_the_cube():
    points = torch.tensor([[0.0, 0, 0], [1, 0, 0], [-1, 0, 0], [2, 0, 0], [0, 1e9, 0]])
    wanted = [[0.5] * 3, [0.75, 0.5, 0.5], [0.25, 0.5, 0.5], [0.875, 0.5, 0.5], [0.5, 1.0, 0.5]]
    assert torch.allclose(in_cube(points), torch.tensor(wanted), atol=1e-6)


def test_samples_along_a_ray():
    """Even up to 1, then even in one over the distance; the weights are those of the rendering equation and sum to 1."""
    places = torch.linspace(0, 1, 101)[None]
    lengths = distance(places)[0]
    assert lengths[0] == pytest.approx(0.05) and lengths[-1] == pytest.approx(1000, rel=1e-2)
    assert bool((lengths.diff() > 0).all())
    steps = lengths[lengths < 1].diff()
    assert torch.allclose(steps, steps[:1].expand(len(steps)), atol=1e-4)
    density = torch.tensor([[0.0, 2.0, 100.0, 1.0]])
    found = _weights(density, torch.tensor([[0.1, 0.2, 0.3, 0.4]]))[0]
    step = float(distance(torch.tensor([0.2])) - distance(torch.tensor([0.1])))
    passes = np.exp(-2.0 * step)
    assert found.tolist() == pytest.approx([0, 1 - passes, passes, 0], abs=1e-6), "a wall hides what is behind it"
    drawn = _drawn(torch.linspace(0, 1, 5)[None], torch.tensor([[0.0, 0.0, 1.0, 0.0]]), 100, np.random.default_rng(0))
    assert ((drawn > 0.5) & (drawn < 0.75)).float().mean() > 0.95
    assert ((drawn < 0.5) | (drawn > 0.75)).any(), "none is written off"


def test_only_draws_move_the_samples():
    field = RadianceField(SIZE, 0)
    rays = (torch.zeros(3, 3), torch.eye(3))
    one, other = (march(field, *rays, RaySamples(8, 4)).colour for _ in range(2))
    assert torch.equal(one, other)
    drawn = march(field, *rays, RaySamples(8, 4), np.random.default_rng(0))
    assert not torch.equal(one, drawn.colour) and drawn.weights.shape == (3, 12)
    assert torch.allclose(drawn.weights.sum(1), torch.ones(3))


def decibel(one, other):
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def test_views_nobody_has_seen(fitted):
    """The field must know more than its photographs: better, by 1.5 dB in the mean, than the nearest of them and than the mean of all of them."""
    cameras, held = fitted.views.cameras, ring(4, SIDE, 0.37)
    truth = [trace(camera)[0] for camera in held]
    found = np.mean(psnr(fitted, held, truth))
    nearest = [int(np.argmin([np.linalg.norm(one.position - other.position) for other in cameras])) for one in held]
    guesses = [decibel(fitted.views.pictures[i], picture) for i, picture in zip(nearest, truth, strict=True)]
    mean = np.mean(fitted.views.pictures, axis=0)
    blurred = [decibel(mean, picture) for picture in truth]
    assert found > max(np.mean(guesses), np.mean(blurred)) + 1.5
    assert found > 17


def test_the_depth_is_where_the_ball_is(fitted):
    """Along the middle ray of a camera that looks at it, to a third of its radius: the field is still a little foggy."""
    (middle, radius, _), eye = BALLS[0], (2.4, -2.2, 0.9)
    camera = looking(eye, middle, 33, 30.0)
    depth = fitted.render(camera)[1]
    assert depth[16, 16] == pytest.approx(np.linalg.norm(np.subtract(eye, middle)) - radius, abs=radius / 3)


def overlap(lifted, fitted):
    """Mean intersection over union with the ball, from cameras that did not vote."""
    shares = []
    for camera in ring(4, SIDE, 0.3):
        truth, seen = trace(camera)[1] > 0, seen_by(fitted, lifted, camera)
        assert seen.dtype == np.uint8 and (seen == 0).mean() > 0.5, "exactly nothing far from it"
        shares.append(((seen >= 128) & truth).sum() / ((seen >= 128) | truth).sum())
    return np.mean(shares)


def test_masks_are_lifted_and_a_view_that_is_wrong_is_outvoted(fitted):
    voters = ring(12, SIDE, 0.5)
    masks = [trace(camera)[1] for camera in voters]
    assert overlap(lift(fitted, voters, masks), fitted) > 0.75
    wrong = [*masks[:3], np.roll(masks[3], SIDE // 2, axis=1), *masks[4:]]
    assert ((wrong[3] > 0) & (masks[3] > 0)).sum() == 0
    assert overlap(lift(fitted, voters, wrong), fitted) > 0.65
    assert lift(fitted, voters[:2], [np.zeros((SIDE, SIDE), np.uint8)] * 2) is None


def test_a_data_set_is_written_and_read(tmp_path, fitted):
    cameras, pictures = fitted.views.cameras[:3], fitted.views.pictures[:3]
    write_dataset(tmp_path, cameras, pictures)
    again = read_dataset(tmp_path, 512)
    for one, other in zip(cameras, again.cameras, strict=True):
        assert np.allclose(one.rays(), other.rays()) and np.allclose(one.position, other.position)
    assert all(np.array_equal(one, other) for one, other in zip(pictures, again.pictures, strict=True))
    small = read_dataset(tmp_path, 16)
    assert small.pictures[0].shape == (16, 16, 3) and small.cameras[0].fx == pytest.approx(cameras[0].fx / 2)


def test_a_film_goes_where_photographs_were_taken():
    blank = np.zeros((8, 8, 3), np.uint8)
    around = views_of(ring(12, 8), [blank] * 12)
    path = path_of(around, 24, 16)
    azimuths = np.unwrap([np.arctan2(*(camera.position - around.middle)[1::-1]) for camera in path])
    assert np.allclose(np.diff(azimuths), 2 * np.pi / 24), "once around"
    half = views_of(ring(12, 8)[:6], [blank] * 6)
    path = path_of(half, 24, 16)
    azimuths = [np.arctan2(*(camera.position - half.middle)[1::-1]) for camera in path]
    seen = [np.arctan2(*(camera.position - half.middle)[1::-1]) for camera in half.cameras]
    assert min(seen) - 0.01 <= min(azimuths) and max(azimuths) <= max(seen) + 0.01, "there and back"
    assert all(np.allclose(np.cross(one.forward, half.middle - one.position), 0) for one in path)


def test_what_is_no_scene_is_said(tmp_path):
    camera, picture = looking((1, 0, 0), (0, 0, 0), 8, 40.0), np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(InvalidScene, match="2 pictures; a scene needs at least 3"):
        views_of([camera] * 2, [picture] * 2)
    with pytest.raises(InvalidScene, match="in one place"):
        views_of([camera] * 3, [picture] * 3)
    with pytest.raises(InvalidScene, match="cannot be read"):
        read_dataset(tmp_path, 64)
