"""Views carried into each other by their depth; and what a thing leaves behind."""

from dataclasses import replace

import numpy as np
from clouds import BOX, balls

from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.clearing import cleared, light_of
from pixwright.scene3d.consistency import carried_into, warp_error
from pixwright.scene3d.splats.render import depth_of
from pixwright.scene3d.splats.rigid import bearings, joined, part
from pixwright.scene3d.views import views_of

CAMERAS = orbit(*BOX, 24, 96, (30.0,))[:3]


def test_views_of_a_scene_whose_colours_do_not_depend_on_the_direction_agree():
    gaussians, owners = balls(400)
    views = views_of(gaussians, CAMERAS)
    same = warp_error(gaussians, views, [(0, 1), (1, 2)])
    assert same < 6
    glossy = replace(gaussians, coefficients=gaussians.coefficients.copy())
    glossy.coefficients[:, 1:] = np.random.default_rng(0).normal(0, 0.4, glossy.coefficients[:, 1:].shape)
    assert warp_error(glossy, views, [(0, 1), (1, 2)]) > same + 1


def test_only_what_is_asked_for_counts():
    gaussians, owners = balls(200)
    views = views_of(gaussians, CAMERAS)
    nowhere = [np.zeros((96, 96), bool)] * 3
    assert np.isnan(warp_error(gaussians, views, [(0, 1)], nowhere))


def test_a_picture_is_carried_to_where_the_same_points_are_seen():
    gaussians, _ = balls(400)
    views = views_of(gaussians, CAMERAS)
    here, there = CAMERAS[0], CAMERAS[1]
    depths = [depth_of(gaussians, camera, one) for camera, one in zip(CAMERAS, views.footprints, strict=True)]
    y, x = np.mgrid[:96, :96]
    places = np.stack([x + 0.5, y + 0.5], 2).astype(np.float32)  # each pixel says where it is
    carried, seen = carried_into(here, depths[0], there, depths[1], places)
    assert 300 < seen.sum() < 9000 and not seen[np.isinf(depths[0])].any()
    row, column = np.argwhere(seen)[len(np.argwhere(seen)) // 2]
    along = here.rays(np.array([[column + 0.5, row + 0.5]]))[0]
    point = here.position + along * depths[0][row, column] / (along @ here.forward)
    assert np.allclose(carried[row, column], there.projected(point[None])[0], atol=0.05)


def test_what_stands_behind_is_not_compared():
    """From the side one ball hides the other."""
    gaussians, owners = balls(400)
    side = orbit(*BOX, 4, 96, (5.0,))
    views = views_of(gaussians, side)
    depths = [depth_of(gaussians, camera, one) for camera, one in zip(side, views.footprints, strict=True)]
    front, across = depths[0], depths[1]
    _, seen = carried_into(side[0], front, side[1], across, np.zeros((96, 96, 3), np.float32))
    assert seen.sum() < 0.2 * np.isfinite(front).sum()


def test_the_ground_below_what_is_taken_away_gets_the_colour_around_it():
    """A ball over a dark stain on green ground, seen from above."""
    gaussians, owners = balls(200)
    x, y = (one.ravel() for one in np.meshgrid(np.linspace(-1.6, 1.6, 40), np.linspace(-1.2, 1.2, 30)))
    ground = part(gaussians, np.zeros(len(x), np.int64))
    ground.centres[:] = np.stack([x, y, np.full_like(x, -0.5)], 1)
    ground.coefficients[:, 0] = np.where(((x + 0.6) ** 2 + y**2 < 0.3**2)[:, None], (-1.7, -1.7, -1.7), (-1, 1, -1))
    scene = joined(gaussians, ground)
    gone = np.concatenate([owners == 0, np.zeros(len(x), bool)])
    way, cameras = bearings(CAMERAS), orbit(*BOX, 6, 64, (60.0,))
    before, after = light_of(views_of(scene, cameras))[~gone], light_of(views_of(part(scene, ~gone), cameras))
    left, stain = cleared(part(scene, ~gone), way.box(scene.centres[gone]), way, before, after)
    greens = left.colours(np.array([0.0, 0, 9]))[:, 1]
    dark = np.concatenate([np.zeros((owners == 1).sum(), bool), ground.coefficients[:, 0, 1] < 0])
    assert stain[dark].mean() > 0.95 and greens[dark & stain].min() > 0.7
    assert np.array_equal(left.coefficients[~stain], part(scene, ~gone).coefficients[~stain])
    assert not stain[: (owners == 1).sum()].any()  # the other ball
    nothing, none = cleared(part(scene, ~gone), way.box(scene.centres[gone]), way, after, after)
    assert not none.any() and nothing is not left
