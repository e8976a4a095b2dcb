"""Outlines by the segmenter: of boxes, of things that touch, at points."""

from __future__ import annotations

import numpy as np
import pytest
from ground_looks import Bright, discs, iou, overlap, photo, planted

from pixwright.ground.geometry import frame_of
from pixwright.ground.outline import AHEAD, ZOOMS, outline, outline_at, outlines, shared, stands_out, uncut, zooms_ahead

SURE = 0.25
"""Sureness of an outline at a point that says that something is there."""

ALL = (0.0, 0.0, 1.0, 1.0)


def at(scene, mask, x, y):
    height, width = scene.shape
    return mask[int(y * height), int(x * width)]


def test_a_cat_at_its_box():
    scene = photo("chelsea")
    mask, agreed = outline(scene, (0.0, 0.0, 0.89, 1.0))
    assert mask.shape == scene.shape and agreed > 0.7
    for x, y in ((0.25, 0.2), (0.45, 0.4), (0.5, 0.75), (0.15, 0.8)):
        assert at(scene, mask, x, y) > 0.5
    for x, y in ((0.97, 0.05), (0.97, 0.6)):
        assert at(scene, mask, x, y) < 0.1


def test_a_cup_is_not_its_saucer():
    scene = photo("coffee")
    cup, _ = outline(scene, (0.29, 0.04, 0.68, 0.66))
    saucer, _ = outline(scene, (0.12, 0.05, 0.8, 0.98))
    assert overlap(frame_of(cup), (0.29, 0.04, 0.68, 0.7)) > 0.8
    assert saucer.sum() > 1.3 * cup.sum()


def test_what_stands_out_is_placed_where_it_is():
    picture, (disc,) = discs((300, 150, 60))
    scene = planted(picture)
    for box in (ALL, (0.4, 0.2, 0.8, 0.7), (0.5, 0.3, 0.9, 0.9)):
        seen = stands_out(scene, box)
        height, width = scene.shape
        window = np.s_[int(box[1] * height) : int(box[3] * height), int(box[0] * width) : int(box[2] * width)]
        assert iou(seen[window], disc[window]) > 0.97
        assert seen.sum() <= disc.sum() * 1.02


def test_no_crop_is_looked_at_twice():
    picture, _ = discs((300, 150, 60))
    segmenter = Bright()
    scene = planted(picture, segmenter=segmenter)
    first = stands_out(scene, (0.4, 0.2, 0.8, 0.7), 0.1)
    assert stands_out(scene, (0.4, 0.2, 0.8, 0.7), 0.1) is first and segmenter.looks == 1


def test_of_two_things_each_box_has_its_own():
    picture, (left, right) = discs((130, 190, 60), (370, 190, 60))
    scene = planted(picture)
    (one, agreed), (other, _) = outlines(scene, [frame_of(left), frame_of(right)])
    assert iou(one, left) > 0.95 and iou(other, right) > 0.95 and agreed > 0.9
    assert outlines(scene, []) == []


def test_two_touching_discs_are_shared_by_their_boxes():
    picture, (left, right) = discs((180, 190, 80), (330, 190, 80))
    scene = planted(picture)
    (one, _), (other, _) = outlines(scene, [frame_of(left), frame_of(right)])
    assert not np.minimum(one, other).any()
    assert iou(one, left) > 0.9 and iou(other, right) > 0.9
    both = np.maximum(left, right)
    assert iou(np.maximum(one, other), both) > 0.98


def test_the_nearer_middle_is_measured_in_the_boxs_own_sides():
    _, (small, large) = discs((100, 190, 30), (250, 190, 130))
    one, other = shared([small, np.maximum(small, large)], [frame_of(small), frame_of(large)])
    assert one.sum() > 0.9 * small.sum() and not np.minimum(one, other).any()
    assert np.array_equal(shared([small], [frame_of(small)])[0], small)


def test_two_readings_of_one_place_take_nothing_from_each_other():
    _, (small, large) = discs((250, 190, 60), (250, 190, 130))
    one, other = shared([small, large], [frame_of(small), frame_of(large)])
    assert np.array_equal(one, small) and np.array_equal(other, large)


def test_where_nothing_stands_out_likeness_tells():
    picture, (disc,) = discs((250, 190, 90), colour=(90, 20, 20), ground=(20, 60, 90))
    mask, agreed = outline(planted(picture), frame_of(disc))
    assert 0 < agreed < 0.75 and iou(mask, disc) > 0.8, "found, and not for sure"


def test_an_outline_that_runs_out_of_its_window_is_cut():
    _, (inside, crossing, frame) = discs((250, 190, 50), (330, 190, 60), (0, 190, 90))
    box = (0.25, 0.2, 0.65, 0.8)
    assert uncut(inside, box) == 1
    assert 0.4 <= uncut(crossing, box) < 0.9
    assert uncut(frame, (0.0, 0.0, 0.6, 1.0)) == 1, "the picture's own frame cuts nothing"


@pytest.mark.parametrize("point", [(250, 190), (180, 190), (250, 255)])
def test_a_point_on_a_thing_gives_the_thing(point):
    picture, (disc, _) = discs((250, 190, 80), (60, 60, 30))
    mask, clear = outline_at(planted(picture), (point[0] / 512, point[1] / 384))
    assert iou(mask, disc) > 0.95 and clear > 0.5


def test_a_point_on_nothing_gives_nothing():
    picture, _ = discs((250, 190, 80))
    mask, clear = outline_at(planted(picture), (0.9, 0.9))
    assert clear == 0 and not mask.any()


def test_a_point_that_is_not_on_it_rules_it_out():
    picture, _ = discs((250, 190, 80))
    assert outline_at(planted(picture), (0.45, 0.5))[1] > 2 * SURE
    assert outline_at(planted(picture), (0.45, 0.5), [(0.55, 0.5)])[1] < SURE


def test_after_looking_ahead_a_point_needs_few_looks_and_gives_the_same():
    picture, _ = discs((250, 190, 80), (60, 60, 30))
    fresh, ahead = planted(picture), planted(picture)
    assert len(list(zooms_ahead(ahead))) == len(ahead.outlines)
    before = len(ahead.outlines)
    for point in ((0.49, 0.5), (0.47, 0.52), (0.12, 0.15)):
        assert np.array_equal(outline_at(ahead, point)[0], outline_at(fresh, point)[0])
    assert len(ahead.outlines) - before <= 3 * (len(ZOOMS) - len(AHEAD))
    next(iter(zooms_ahead(planted(picture))))  # and may be left at any time


def test_a_point_on_a_cat():
    scene = photo("chelsea")
    mask, clear = outline_at(scene, (0.5, 0.75))
    assert clear > 0.25 and iou(mask, outline(scene, (0.0, 0.0, 0.89, 1.0))[0]) > 0.85
