"""Silhouettes that are drawn: heads, ears, beaks, tails."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.ground.geometry import Floats
from pixwright.ground.parts import silhouette
from pixwright.records.region import box_of


def creature(*, mirrored: bool = False) -> Floats:
    """A body with a head at its upper right, two ears, four legs and a long tail at its left."""
    out = np.zeros((240, 360), np.float32)
    cv2.ellipse(out, (180, 140), (75, 38), 0, 0, 360, 1.0, -1)
    cv2.circle(out, (265, 95), 34, 1.0, -1)
    for x in (248, 284):
        cv2.ellipse(out, (x, 62), (9, 22), 0, 0, 360, 1.0, -1)
    for x in (130, 150, 210, 230):
        cv2.rectangle(out, (x, 150), (x + 9, 215), 1.0, -1)
    cv2.line(out, (110, 130), (25, 100), 1.0, 9)
    return np.ascontiguousarray(out[:, ::-1]) if mirrored else out


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_head_is_the_upper_end_and_the_tail_is_at_the_other(mirrored):
    build = silhouette.build_of(creature(mirrored=mirrored))
    assert build is not None
    side = (lambda x: 359 - x) if mirrored else (lambda x: x)
    assert np.hypot(side(build.head[0]) - 265, build.head[1] - 95) < 25
    tail = silhouette.tail(build)
    assert tail is not None
    x0, y0, x1, y1 = box_of(tail)
    near, far = sorted((side(x0), side(x1 - 1)))
    assert near < 35 and 80 < far < 140
    assert y0 < 115 and y1 < 160


def test_two_ears_stand_up_from_a_head_that_is_known():
    build = silhouette.build_of(creature(), clue=(266.0, 92.0))
    assert build is not None
    ears = silhouette.lobes(build)
    assert len(ears) == 2
    for ear, x in zip(ears, (248, 284), strict=True):
        x0, y0, x1, y1 = box_of(ear)
        assert x0 - 4 < x < x1 + 4
        assert y0 < 46 and y1 < 100


def test_a_hint_turns_the_animal_round():
    plain = np.zeros((200, 400), np.float32)
    cv2.ellipse(plain, (200, 100), (150, 40), 0, 0, 360, 1.0, -1)
    for x in (60.0, 340.0):
        build = silhouette.build_of(plain, hint=(x, 100.0))
        assert build is not None and abs(build.head[0] - x) < abs(build.rump[0] - x)


def test_a_beak_is_ahead_of_the_head():
    bird = np.zeros((240, 360), np.float32)
    cv2.ellipse(bird, (150, 150), (80, 45), 0, 0, 360, 1.0, -1)
    cv2.circle(bird, (235, 95), 34, 1.0, -1)
    cv2.fillConvexPoly(bird, np.array([(262, 86), (262, 106), (318, 98)], np.int32), 1.0)
    build = silhouette.build_of(bird, clue=(235.0, 95.0))
    assert build is not None
    beak = silhouette.tip(build)
    assert beak is not None
    x0, _, x1, _ = box_of(beak)
    assert x0 > 250 and x1 > 305


def test_legs_are_appendages_that_reach_the_ground():
    build = silhouette.build_of(creature())
    assert build is not None
    down = [middle for _, middle in silhouette.appendages(build, 15) if middle[1] > 170]
    assert len(down) >= 2
    assert silhouette.ring(build)[95, 265] < 1 < silhouette.ring(build)[200, 50]


def test_nothing_sticks_out_of_a_ball():
    ball = np.zeros((200, 200), np.float32)
    cv2.circle(ball, (100, 100), 70, 1.0, -1)
    build = silhouette.build_of(ball)
    assert build is not None
    assert not silhouette.lobes(build) and silhouette.tail(build) is None and silhouette.tip(build) is None


def test_a_speck_has_no_build():
    assert silhouette.build_of(np.zeros((50, 50), np.float32)) is None
