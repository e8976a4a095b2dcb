"""Boxes, windows and parts of masks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import block, discs
from hypothesis import given
from hypothesis import strategies as st

from pixwright.ground.geometry import covered, crop_of, fill_holes, fit, frame_of, iou, parts_of, window_of
from pixwright.ground.instance import Instance, union
from pixwright.records.region import box_of


def test_a_box_is_tight_and_a_frame_is_its_shares():
    mask = block(10, 20, 50, 90).mask
    assert box_of(mask > 0) == (10, 20, 50, 90)
    assert frame_of(mask) == (0.1, 0.2, 0.5, 0.9)


def test_a_faint_mask_has_the_frame_of_its_highest_values():
    mask = np.full((10, 20), 0.1, np.float32)
    mask[2:4, 5:10] = 0.3
    assert frame_of(mask) == (0.25, 0.2, 0.5, 0.4)


@pytest.mark.parametrize(("shape", "side", "wanted"), [((300, 450), 150, (100, 150)), ((3, 900), 90, (1, 90))])
def test_fit_keeps_the_aspect(shape, side, wanted):
    assert fit(np.zeros((*shape, 3), np.uint8), side).shape == (*wanted, 3)


def test_a_window_grows_by_shares_of_the_box_and_ends_at_the_picture():
    picture = np.zeros((100, 200, 3), np.uint8)
    assert window_of((0.25, 0.25, 0.75, 0.75), 0.1, picture) == (40, 20, 160, 80)
    assert window_of((0.0, 0.0, 1.0, 1.0), 0.5, picture) == (0, 0, 200, 100)


@given(st.tuples(*[st.floats(0, 1)] * 4), st.floats(0, 1), st.tuples(st.integers(2, 40), st.integers(2, 40)))
def test_a_window_is_never_empty_nor_outside(edges, margin, size):
    picture = np.zeros((*size, 3), np.uint8)
    (x0, x1), (y0, y1) = sorted(edges[:2]), sorted(edges[2:])
    left, top, right, low = window_of((x0, y0, x1, y1), margin, picture)
    assert 0 <= left < right <= size[1] and 0 <= top < low <= size[0]
    assert crop_of(picture, (left, top, right, low)).shape[:2] == (low - top, right - left)
    assert min(right - left, low - top) >= 2


def test_parts_come_largest_first_with_their_soft_rim():
    _, (small, large) = discs((90, 200, 30), (350, 200, 90))
    soft = cv2.GaussianBlur(np.maximum(small, large), (5, 5), 0)
    first, second = parts_of(soft, 10)
    assert first.sum() > second.sum() and not np.minimum(first, second).any()
    assert ((first > 0) & (first < 0.5)).any()
    assert np.allclose(first + second, soft)
    assert len(parts_of(soft, 9000)) == 1 and parts_of(np.zeros((9, 9), np.float32), 1) == []


def test_small_holes_are_closed_and_large_ones_stay():
    _, (plate, pin, hole) = discs((250, 190, 150), (190, 190, 15), (300, 190, 75))
    closed = fill_holes(plate * (1 - pin) * (1 - hole))
    assert closed[190, 190] == 1 and closed[190, 300] == 0
    assert fill_holes(plate * (1 - hole), share=0.9)[190, 300] == 1


def test_measures_of_two_masks():
    one, other, nothing = block(0, 0, 10, 10).mask, block(5, 0, 15, 10).mask, np.zeros((100, 100), np.float32)
    assert iou(one, other) == pytest.approx(1 / 3) and iou(nothing, nothing) == 0
    assert covered(one, other) == pytest.approx(0.5) and covered(nothing, one) == 0


def test_an_instance_measures_itself():
    one = block(10, 20, 30, 60, 0.7)
    assert (one.area, one.box, one.centre) == (pytest.approx(0.08), (0.1, 0.2, 0.3, 0.6), (0.2, 0.4))
    assert one.solid.sum() == 800 and not Instance(np.full((4, 4), 0.4, np.float32)).solid.any()
    assert union([], (7, 9)).shape == (7, 9)
    assert union((one, block(50, 50, 60, 60)), (100, 100)).sum() == 900
