"""A hole before several grounds: the border between them goes on through it, and each is filled from itself."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.filling.falling import falling
from pixwright.edit.filling.fill import fill, fill_softly
from pixwright.edit.filling.grounds import grounds

SIDE = 300
RED = (200, 30, 30)


def ellipse(cx, cy, rx, ry):
    hole = np.zeros((SIDE, SIDE), np.uint8)
    return cv2.ellipse(hole, (cx, cy), (rx, ry), 0, 0, 360, 255, -1)


def above(slope, bend=0.0):
    """Where a picture's upper ground is: above a line, or a bow, through its middle."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    away = x - SIDE / 2
    return y < SIDE / 2 + slope * away + bend * away**2


def noisy(colours, spread, seed=0):
    rng = np.random.default_rng(seed)
    return np.clip(np.asarray(colours, float) + rng.normal(0, spread, (SIDE, SIDE, 1)), 0, 255).astype(np.uint8)


def two(upper, spread=3.0):
    return noisy(np.where(upper[..., None], (150, 170, 200), (120, 90, 60)), spread)


def broken(picture, hole):
    return np.where(hole[..., None] > 0, np.uint8(RED), picture).astype(np.uint8)


NONE = np.zeros((SIDE, SIDE), np.bool_)


@pytest.mark.parametrize("hole", [ellipse(150, 150, 30, 90), ellipse(150, 135, 70, 45), ellipse(90, 150, 45, 100)])
@pytest.mark.parametrize(("slope", "bend"), [(0, 0), (0.2, 0), (-0.5, 0), (0, 0.0015)])
def test_the_border_of_two_grounds_goes_on(hole, slope, bend):
    upper = above(slope, bend)
    told = grounds(broken(two(upper), hole), hole > 0, NONE)
    assert told is not None and len(told.going) == 2
    first = told.labels == told.labels[5, 5]
    wrong = (first != upper) & (hole > 0)
    assert wrong.sum() < 0.03 * np.count_nonzero(hole)
    # None of it far from the border: that is a line, and no bow into the larger ground.
    near = cv2.dilate(cv2.morphologyEx(upper.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))), np.ones((9, 9)))
    assert not (wrong & (near == 0)).any()


def test_light_that_falls_off_makes_no_border():
    x = np.linspace(60, 200, SIDE)[None, :, None].repeat(SIDE, 0).repeat(3, 2)
    told = grounds(broken(noisy(x, 2), ellipse(150, 150, 60, 60)), ellipse(150, 150, 60, 60) > 0, NONE)
    assert told is not None and len(told.going) == 1


def test_what_the_hole_parts_is_one_ground():
    picture = noisy(np.full((SIDE, SIDE, 3), (140, 150, 130)), 2)
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[:, 110:190] = 255
    told = grounds(broken(picture, hole), hole > 0, NONE)
    assert told is not None and len(told.going) == 1


def test_foliage_is_no_few_grounds():
    rng = np.random.default_rng(3)
    leaves = np.full((SIDE, SIDE, 3), 60, np.uint8)
    for _ in range(900):
        centre = tuple(int(v) for v in rng.integers(0, SIDE, 2))
        axes = tuple(int(v) for v in rng.integers(4, 14, 2))
        cv2.ellipse(leaves, centre, axes, float(rng.uniform(0, 180)), 0, 360, rng.integers(20, 230, 3).tolist(), -1)
    hole = ellipse(150, 150, 60, 60)
    told = grounds(broken(leaves, hole), hole > 0, NONE)
    assert told is None or len(told.going) == 1


def test_what_lies_before_the_hole_does_not_grow_into_it():
    picture = two(above(0))
    picture[100:200, 60:130] = (240, 240, 235)
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[60:240, 130:220] = 255
    filled = fill(broken(picture, hole), hole, rng=np.random.default_rng(0))
    assert (filled[hole > 0].min(axis=1) > 215).mean() < 0.02


def test_a_wall_and_a_floor_are_each_filled_from_themselves():
    y = np.mgrid[0:SIDE, 0:SIDE][0]
    planks = np.where((y % 16 < 3)[..., None], (90, 62, 40), (150, 110, 75))
    upper = above(0)
    picture = noisy(np.where(upper[..., None], (205, 203, 196), planks), 2)
    hole = ellipse(150, 150, 45, 80)
    filled = fill(broken(picture, hole), hole, rng=np.random.default_rng(0))
    deep = cv2.erode(hole, np.ones((9, 9))) > 0
    wall, floor = deep & above(0) & (y < 140), deep & ~above(0) & (y > 160)
    assert np.abs(filled.astype(int) - picture)[wall].mean() < 5
    lines = filled[..., 0][floor].astype(float)
    # The floor has its planks, and no wall on it.
    assert lines.std() > 12 and (lines > 190).mean() < 0.01


def test_another_thing_s_colour_does_not_bleed_into_a_wall():
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    wall = np.stack([150 + 0.15 * x] * 3, axis=2)
    picture = noisy(wall, 1.5)
    picture[190:260, 90:210] = (235, 180, 20)
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[60:193, 100:200] = 255
    filled, weight = fill_softly(broken(picture, hole), hole, rng=np.random.default_rng(0))
    inside = (hole > 0) & (y < 180)
    yellow = filled[..., 0].astype(int) - filled[..., 2]
    assert np.abs(yellow[inside]).max() < 20 and (weight[hole > 0] == 255).all()


def test_grain_goes_on_in_the_light_of_its_place():
    rng = np.random.default_rng(5)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (SIDE, SIDE)), (0, 0), 1.2, None, 9.0)
    light = np.linspace(190, 60, SIDE)[None, :].repeat(SIDE, 0)
    picture = np.clip((light * (1 + grain / 128))[..., None] * (1.0, 0.8, 0.6), 0, 255).astype(np.uint8)
    hole = ellipse(150, 150, 70, 55)
    fall = falling(broken(picture, hole), hole > 0, hole == 0)
    assert fall is not None
    even = fall.evened(picture)
    left, right = even[:, 20:60].mean(), even[:, 240:280].mean()
    assert abs(left - right) < 0.15 * left
    assert np.abs(fall.lit(even).astype(int) - picture).mean() < 2
    filled = fill(broken(picture, hole), hole, rng=np.random.default_rng(0))
    off = cv2.GaussianBlur(filled, (0, 0), 8).astype(int) - cv2.GaussianBlur(picture, (0, 0), 8)
    assert np.abs(off[hole > 0]).mean() < 6


def test_even_light_does_not_fall_off():
    picture, hole = noisy(np.full((SIDE, SIDE, 3), 140), 8), ellipse(150, 150, 60, 60)
    assert falling(picture, hole > 0, hole == 0) is None


def test_what_is_wholly_forbidden_is_filled_from_where_the_hole_lies_before_it():
    picture = noisy(np.full((SIDE, SIDE, 3), (230, 230, 225)), 1)
    chair = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(chair, (150, 150), (110, 110), 0, 0, 360, 255, -1)
    picture[chair > 0] = noisy(np.full((SIDE, SIDE, 3), (190, 140, 90)), 3)[chair > 0]
    hole = ellipse(150, 150, 35, 50)
    forbid = np.where(hole > 0, 0, chair).astype(np.uint8)
    filled = fill(broken(picture, hole), hole, rng=np.random.default_rng(0), forbid=forbid)
    assert np.abs(filled[hole > 0].mean(axis=0) - (190, 140, 90)).max() < 8
