"""Edges at full size: discs whose edge is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import discs, iou

from pixwright.ground.rim import before_backdrop, full_size


def shrunk(mask, times):
    height, width = mask.shape
    return cv2.resize(mask, (width // times, height // times), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("times", [1, 4])
def test_the_edge_is_that_of_the_large_picture(times):
    picture, (true,) = discs((300, 250, 170), shape=(800, 640))
    found = full_size(shrunk(true, times), picture)
    assert found.shape == (800, 640) and found.dtype == np.uint8
    assert iou(found, true) > 0.99
    away = cv2.distanceTransform((true < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    assert not found[away > 6 * times].any() and (found[cv2.erode(true, np.ones((25, 25))) > 0] == 255).all()


def test_a_mask_that_is_off_by_a_little_is_drawn_to_the_edge():
    picture, (true,) = discs((300, 250, 170), shape=(800, 640))
    near = shrunk(np.roll(true, (5, -4), (0, 1)), 4)
    plain = cv2.resize(near, (640, 800), interpolation=cv2.INTER_LINEAR)
    assert iou(full_size(near, picture), true) > iou(plain, true) + 0.01


def test_a_finer_edge_than_the_mask_can_hold_is_found():
    """A comb whose teeth are thinner than a pixel of the mask."""
    true = np.zeros((640, 640), np.float32)
    true[300:560, 100:540] = 1
    for x in range(104, 536, 12):
        true[282:300, x : x + 5] = 1
    picture = np.where(true[..., None] > 0, np.uint8(220), np.uint8(40)).repeat(3, 2)
    found = full_size(shrunk(true, 8), picture)
    teeth = np.s_[286:298, 104:536]
    assert iou(found[teeth], true[teeth]) > 0.85


def test_nothing_stays_nothing():
    assert not full_size(np.zeros((20, 30), np.float32), np.zeros((200, 300, 3), np.uint8)).any()


def test_a_thing_that_runs_out_of_the_picture_does_so_at_full_size():
    picture, (true,) = discs((0, 400, 200), shape=(800, 640))
    found = full_size(shrunk(true, 4), picture)
    assert (found[260:540, 0] == 255).all() and iou(found, true) > 0.98


def test_a_doubt_within_a_thing_is_no_hole():
    picture, (true,) = discs((300, 250, 170), shape=(800, 640))
    doubtful = shrunk(true, 4)
    doubtful[73:76, 60:63] = 0.4
    assert (full_size(doubtful, picture)[280:320, 220:280] == 255).all()


def test_what_stands_out_and_what_does_not_are_opened_alike_before_a_plain_backdrop():
    closed, hole = np.zeros((200, 260), np.uint8), np.zeros((200, 260), np.uint8)
    cv2.circle(closed, (130, 100), 70, 255, -1)
    cv2.circle(hole, (130, 100), 40, 255, -1)
    ring = closed - hole
    picture = np.where(ring[..., None] > 0, (40, 120, 60), (170, 172, 176)).astype(np.uint8)
    front = before_backdrop(closed, picture, ring)
    assert np.abs(front.astype(int) - ring).mean() < 3 < np.abs(closed.astype(int) - ring).mean()
    assert np.array_equal(before_backdrop(255 - closed, picture, ring, behind=True), 255 - front)
