"""Masks of views become Gaussians: the right ones, in spite of a wrong view, and the hidden ones with them."""

import numpy as np
import pytest
from clouds import BOX, balls

from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, box_of
from pixwright.scene3d.cameras import orbit
from pixwright.scene3d.finding import find
from pixwright.scene3d.lifting import coverage, lift, neighbours, pieces, with_unseen
from pixwright.scene3d.views import views_of
from pixwright.words import read


@pytest.fixture(scope="module")
def scene():
    gaussians, owners = balls()
    views = views_of(gaussians, orbit(*BOX, 8, 64))
    masks = [np.uint8(255 * (coverage(one, owners == 0) > 0.5)) for one in views.footprints]
    return gaussians, owners, views, masks


def test_a_thing_is_lifted_whole_and_alone(scene):
    gaussians, owners, views, masks = scene
    lifted = lift(gaussians, views.footprints, masks, [1.0] * 8)
    assert np.array_equal(lifted.chosen, owners == 0)  # the five at its middle, which nobody sees, included
    assert lifted.used == tuple(range(8))


def test_views_that_show_nothing_of_it_have_no_vote(scene):
    gaussians, owners, views, masks = scene
    some = [None if n % 2 else mask for n, mask in enumerate(masks)]
    lifted = lift(gaussians, views.footprints, some, [1.0] * 8)
    assert lifted.used == (0, 2, 4, 6)
    assert (lifted.chosen == (owners == 0)).mean() > 0.97


def test_a_view_that_disagrees_is_left_out(scene):
    gaussians, owners, views, masks = scene
    wrong = [*masks]
    wrong[3] = np.uint8(255 * (coverage(views.footprints[3], owners == 1) > 0.5))
    wrong[6] = np.full_like(masks[6], 255)
    lifted = lift(gaussians, views.footprints, wrong, [1.0] * 8)
    assert lifted.used == (0, 1, 2, 4, 5, 7)
    assert np.array_equal(lifted.chosen, owners == 0)


def test_nothing_found_is_nothing_lifted(scene):
    gaussians, _, views, masks = scene
    for given in ([None] * 8, [np.zeros_like(mask) for mask in masks]):
        lifted = lift(gaussians, views.footprints, given, [1.0] * 8)
        assert not lifted.chosen.any() and lifted.used == ()


def test_what_is_not_seen_and_lies_elsewhere_stays(scene):
    gaussians, owners, *_ = scene
    seen = np.ones(len(owners), bool)
    seen[:30] = False  # of the first ball
    chosen = owners == 1
    assert np.array_equal(with_unseen(gaussians, chosen, seen), chosen)
    assert with_unseen(gaussians, (owners == 0) & seen, seen)[owners == 0].mean() > 0.98


def test_neighbours_are_the_nearest():
    points = np.random.default_rng(0).normal(size=(80, 3)).astype(np.float32)
    numbers, distances = neighbours(points, points, 3)
    exact = np.linalg.norm(points[:, None] - points, axis=2)
    assert np.allclose(distances, np.sort(exact, axis=1)[:, :3], atol=1e-5)
    assert (numbers[:, 0] == np.arange(80)).all()


def test_things_that_lie_apart_are_pieces(scene):
    gaussians, owners, *_ = scene
    assert set(pieces(gaussians.centres, 9)) == {0, 1, 2}  # the five in the middle lie apart from the surface
    found = pieces(gaussians.centres, 2)
    assert set(found) == {0, 1} and np.array_equal(found == 0, owners == 0)  # the larger one first


class Looker:
    """Eyes that know the two balls by their colour; whole phrases only where the red one is on the left."""

    def __init__(self):
        self.asked = []

    def find_step(self, picture, step, user):
        both = self.find(picture, step.target)
        if not step.target.selective or len(both.boxes) < 2:
            return both
        first = min((0, 1), key=lambda n: both.boxes[n][0])
        mask = both.instance(first)
        return Region(mask, (both.boxes[first],), 1.0, "ball")

    def find(self, picture, phrase):
        labels = np.zeros(picture.shape[:2], np.uint8)
        masks = [picture[..., 0] > picture[..., 2] + 90.0, picture[..., 2] > picture[..., 0] + 90.0]
        boxes = []
        for mask in masks:
            if mask.sum() > 12:
                labels[mask] = len(boxes) + 1
                boxes.append(box_of(mask))
        return Region(np.uint8(255 * (labels > 0)), tuple(boxes), 1.0, str(phrase), labels=labels)


def test_left_is_said_of_the_first_view_and_followed_around(scene):
    gaussians, owners, views, _ = scene
    pictures = views.pictures(gaussians)
    step = Step(type=EditType.COLOR_ALTER, instruction="", target=read("the left ball"), value="gold")
    assert step.target.selective
    found = find(gaussians, views, pictures, step, Looker())
    assert (found.chosen == (owners == 0)).mean() > 0.98  # in the views from behind it is on the right
    assert len(found.views) >= 6 and found.count == 1
    both = find(gaussians, views, pictures, step.model_copy(update={"target": read("the balls")}), Looker())
    assert both.chosen.mean() > 0.98 and both.count == 2
