"""Boxes, points and masks from the user."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.errors import InvalidMask
from pixwright.ground import from_box, from_mask, from_point


@pytest.fixture
def disc():
    y, x = np.mgrid[:120, :160]
    picture = np.full((120, 160, 3), (60, 120, 70), np.uint8)
    picture += np.random.default_rng(0).integers(0, 12, picture.shape, dtype=np.uint8)
    inside = (x - 80) ** 2 + (y - 60) ** 2 < 30**2
    picture[inside] = (210, 40, 50)
    return picture, inside


def iou(a, b):
    return (a & b).sum() / (a | b).sum()


def test_box_cuts_out_the_object(disc):
    picture, inside = disc
    region = from_box(picture, (44, 24, 118, 98))
    assert iou(region.mask > 127, inside) > 0.93
    assert region.source == "user" and region.found


def test_box_with_no_object_is_the_box():
    plain = np.full((50, 60, 3), 128, np.uint8)
    region = from_box(plain, (10, 12, 30, 40))
    assert region.boxes == ((10, 12, 30, 40),)
    assert (region.mask[12:40, 10:30] == 255).all() and region.mask.sum() == 255 * 28 * 20


def test_nothing_outside_the_box(disc):
    picture, _ = disc
    region = from_box(picture, (80, 20, 130, 100))
    outside = region.mask.copy()
    outside[20:100, 80:130] = 0
    assert not outside.any()


def test_point_takes_what_it_touches(disc):
    picture, inside = disc
    assert iou(from_point(picture, (80, 60)).mask > 127, inside) > 0.93


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 161, 5), (5, 5, 5, 9), (9, 5, 2, 9)])
def test_bad_box_names_the_size(disc, box):
    with pytest.raises(InvalidMask, match="160x120"):
        from_box(disc[0], box)


@pytest.mark.parametrize("point", [(160, 0), (0, 120), (-1, 3)])
def test_bad_point_names_the_size(disc, point):
    with pytest.raises(InvalidMask, match="160x120"):
        from_point(disc[0], point)


def test_mask_parts_are_instances():
    mask = np.zeros((40, 50), np.uint8)
    mask[2:10, 3:9] = 255
    mask[20:39, 20:49] = 255
    region = from_mask(mask)
    assert region.boxes == ((20, 20, 49, 39), (3, 2, 9, 10))
    assert (region.instance(1) > 0).sum() == 48


def test_empty_mask_is_refused():
    with pytest.raises(InvalidMask, match="marks nothing"):
        from_mask(np.zeros((4, 4), np.uint8))
