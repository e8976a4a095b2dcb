"""What a click means: which things are offered at a point, what each is told by, and which is taken."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import discs, iou, photo, planted

from pixwright.ground.fitted.clicked import SURFACES, Clickable, candidates, features, pointed, surface
from pixwright.ground.fitted.numbers import fitted
from pixwright.ground.geometry import holds
from pixwright.ground.outline import outline

MIDDLE = (250 / 512, 190 / 384)


def told(scene, point, some):
    return [dict(zip(fitted("clicked"), row, strict=True)) for row in features(scene, point, some)]


def test_a_disc_is_offered_by_its_outline_and_by_its_colour():
    picture, (disc,) = discs((250, 190, 80))
    some = candidates(planted(picture), MIDDLE)
    assert sum(iou(one.mask, disc) > 0.95 for one in some) > len(SURFACES)
    assert sum(one.is_surface for one in some) == len(SURFACES)
    assert all(holds(one.mask, MIDDLE) for one in some)


def test_what_the_features_say_of_a_disc():
    picture, (disc,) = discs((250, 190, 80))
    scene = planted(picture)
    height, width = scene.shape
    some = [one for one in candidates(scene, MIDDLE) if iou(one.mask, disc) > 0.95]
    for row in told(scene, MIDDLE, some):
        assert row["confirmed"] > 0.95 and row["confirmed on average"] > 0.9
        assert row["size"] == pytest.approx(np.log(np.pi * (80 / 512) * (80 / 384)), abs=0.1)
        assert row["fills its box"] == pytest.approx(np.pi / 4, abs=0.06) and row["solid"] > 0.9
        assert row["point deep inside"] > 0.9 and row["point off its middle"] < 0.05
        assert row["along the frame"] == 0 and row["edge at the rim"] > row["edges within"]


def test_what_lies_in_a_thing_is_counted():
    picture, (large, small) = discs((250, 190, 120), (250, 190, 30))
    scene = planted(picture)
    rows = told(scene, MIDDLE, [Clickable(large), Clickable(small)])
    assert rows[0]["holds smaller things"] == pytest.approx(1) and rows[1]["holds smaller things"] == 0


def test_a_surface_is_the_wider_the_more_colours_count_as_alike():
    rng = np.random.default_rng(0)
    grain = np.linspace(60, 200, 256)[None, :, None] + rng.normal(0, 1, (192, 256, 3))
    scene = planted(np.clip(grain, 0, 255).astype(np.uint8))
    sizes = [float(surface(scene, (0.5, 0.5), (), alike).sum()) for alike in SURFACES]
    assert sizes == sorted(sizes) and sizes[-1] > 1.5 * sizes[0]


def test_a_point_that_is_not_on_it_leaves_out_what_holds_it():
    picture, (disc,) = discs((250, 190, 80))
    scene = planted(picture)
    some = candidates(scene, MIDDLE, [(300 / 512, 190 / 384)])
    assert not [one for one in some if not one.is_surface and iou(one.mask, disc) > 0.9]


@pytest.mark.parametrize(("point", "box"), [((0.5, 0.75), (0.0, 0.0, 0.89, 1.0))])
def test_a_click_on_the_cat_is_the_cat(point, box):
    scene = photo("chelsea")
    assert iou(pointed(scene, point), outline(scene, box)[0]) > 0.8
