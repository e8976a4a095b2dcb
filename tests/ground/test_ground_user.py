"""Boxes, points, strokes and masks from the user, on drawn discs and on photographs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import discs, iou, photo, planted

from pixwright.errors import InvalidMask
from pixwright.ground import from_box, from_mask, from_points, from_scribble

SIZE = "512x384"


@pytest.fixture
def disc():
    picture, masks = discs((200, 190, 90), (430, 80, 40))
    picture = picture + np.random.default_rng(0).integers(0, 12, picture.shape, dtype=np.uint8)
    return planted(picture), masks


def test_a_box_cuts_out_its_thing(disc):
    scene, (ball, _) = disc
    region = from_box(scene, (95, 85, 305, 295))
    assert iou(region.mask, ball) > 0.95 and region.source == "user" and region.found
    assert region.boxes == ((110, 100, 291, 281),) or iou(region.mask, ball) > 0.97


def test_nothing_outside_the_box(disc):
    scene, _ = disc
    region = from_box(scene, (200, 100, 320, 290))
    outside = region.mask.copy()
    outside[100:290, 200:320] = 0
    assert region.mask.any() and not outside.any()


def test_a_network_outlines_what_is_pointed_at_and_boxed_and_a_mask_is_as_it_was_drawn(disc):
    scene, (ball, _) = disc
    strokes, drawn = np.zeros((2, 384, 512), np.uint8)
    drawn[:] = np.where(ball > 0, 255, 0)
    strokes[185:195, 180:220] = 255
    assert from_points(scene, [(200, 190)]).outlined and from_scribble(scene, strokes).outlined
    assert from_box(scene, (95, 85, 305, 295)).outlined and not from_mask(drawn).outlined


def test_a_box_without_a_thing_is_the_box_and_says_so():
    scene = planted(np.full((100, 120, 3), 90, np.uint8))
    region = from_box(scene, (10, 12, 30, 40))
    assert region.boxes == ((10, 12, 30, 40),) and "no object stood out" in region.note
    assert (region.mask[12:40, 10:30] == 255).all() and region.mask.sum() == 255 * 28 * 20


def test_a_point_takes_what_it_touches(disc):
    scene, (ball, other) = disc
    assert iou(from_points(scene, [(200, 190)]).mask, ball) > 0.95
    assert iou(from_points(scene, [(440, 85)]).mask, other) > 0.9


def test_several_points_take_several_things(disc):
    scene, (ball, other) = disc
    assert iou(from_points(scene, [(200, 190), (440, 85), (220, 200)]).mask, np.maximum(ball, other)) > 0.95


def test_a_point_on_plain_ground_takes_the_ground():
    picture, (ball,) = discs((200, 190, 90))
    region = from_points(planted(picture), [(450, 330)])
    assert iou(region.mask, 1 - ball) > 0.9


def test_what_is_not_meant_is_left_out():
    """Two halves that the segmenter holds for one thing: their colours part them."""
    picture, (ball,) = discs((250, 190, 120), colour=(230, 40, 40))
    right = ball.copy()
    right[:, :250] = 0
    picture[right > 0] = (60, 60, 240)
    scene = planted(picture)
    assert iou(from_points(scene, [(190, 190)]).mask, ball) > 0.95
    region = from_points(scene, [(190, 190)], not_at=[(310, 190)])
    assert iou(region.mask, ball - right) > 0.85


def test_a_point_is_never_lost():
    picture = np.random.default_rng(0).integers(0, 120, (9, 11, 3), dtype=np.uint8)
    region = from_points(planted(picture), [(3, 4)])
    assert region.mask[4, 3] == 255 and region.found


def test_a_scribble_takes_what_it_was_drawn_over(disc):
    scene, (ball, other) = disc
    strokes = np.zeros((384, 512), np.uint8)
    cv2.line(strokes, (140, 150), (260, 240), 255, 7)
    assert iou(from_scribble(scene, strokes).mask, ball) > 0.95
    cv2.line(strokes, (415, 70), (445, 90), 255, 7)
    assert iou(from_scribble(scene, strokes).mask, np.maximum(ball, other)) > 0.93


def test_a_scribble_over_nothing_is_itself(disc):
    strokes = np.zeros((384, 512), np.uint8)
    cv2.line(strokes, (400, 330), (480, 340), 255, 7)
    assert np.array_equal(from_scribble(disc[0], strokes).mask, strokes)


def test_people_point_at_a_cup():
    scene = photo("coffee")
    by_box = from_box(scene, (170, 12, 425, 300)).mask
    by_point = from_points(scene, [(260, 120)]).mask
    strokes = np.zeros((400, 600), np.uint8)
    cv2.line(strokes, (215, 90), (330, 200), 255, 9)
    by_stroke = from_scribble(scene, strokes).mask
    assert by_box[120, 260] == by_point[120, 260] == by_stroke[120, 260] == 255
    assert not by_box[380, 560] and not by_point[380, 560] and not by_stroke[380, 560]
    assert 0.1 < (by_box > 127).mean() < 0.3


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 513, 5), (5, 5, 5, 9), (9, 5, 2, 9)])
def test_a_bad_box_names_the_size(disc, box):
    with pytest.raises(InvalidMask, match=SIZE):
        from_box(disc[0], box)


@pytest.mark.parametrize("point", [(512, 0), (0, 384), (-1, 3)])
def test_a_bad_point_names_the_size(disc, point):
    with pytest.raises(InvalidMask, match=SIZE):
        from_points(disc[0], [point])
    with pytest.raises(InvalidMask, match=SIZE):
        from_points(disc[0], [(3, 3)], not_at=[point])


def test_no_point_at_all_is_refused(disc):
    with pytest.raises(InvalidMask, match="no point"):
        from_points(disc[0], [])


def test_parts_of_a_mask_are_instances():
    mask = np.zeros((40, 50), np.uint8)
    mask[2:10, 3:9] = 255
    mask[20:39, 20:49] = 255
    region = from_mask(mask)
    assert region.boxes == ((20, 20, 49, 39), (3, 2, 9, 10))
    assert (region.instance(1) > 0).sum() == 48


@pytest.mark.parametrize("mask", [np.zeros((4, 4), np.uint8), np.full((4, 4), 127, np.uint8)])
def test_an_empty_mask_is_refused(disc, mask):
    with pytest.raises(InvalidMask, match="marks nothing"):
        from_mask(mask)
    with pytest.raises(InvalidMask, match="marks nothing"):
        from_scribble(disc[0], mask)


def test_a_mask_of_another_kind_is_refused():
    with pytest.raises(InvalidMask, match="one channel"):
        from_mask(np.zeros((4, 4, 3), np.uint8))
