"""Holes filled with whole blocks, and how much a filling shows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.filling.blocks import Blocked, blocked, blocks
from pixwright.edit.filling.fill import fill
from pixwright.edit.filling.rim import shows

TALL, WIDE = 180, 260


def facade():
    """A brick wall with two rows of windows on a pavement, in light that falls off to the right."""
    rng = np.random.default_rng(3)
    picture = np.full((TALL, WIDE, 3), (150, 80, 60), np.float32)
    picture[::6] = (110, 100, 95)
    for x in range(20, WIDE - 20, 40):
        for y in (20, 80):
            picture[y : y + 30, x : x + 20] = (40, 50, 70)
            picture[y - 3 : y, x - 3 : x + 23] = (230, 230, 225)
    picture[140:] = (120, 120, 118)
    picture += rng.normal(0, 4, picture.shape)
    return np.clip(picture * np.linspace(1.05, 0.85, WIDE)[None, :, None], 0, 255).astype(np.uint8)


def hole_at(x0, y0, x1, y1):
    hole = np.zeros((TALL, WIDE), np.bool_)
    hole[y0:y1, x0:x1] = True
    return hole


NOTHING = np.zeros((TALL, WIDE), np.bool_)


def error(one, other, hole):
    blurred = [cv2.GaussianBlur(p, (0, 0), 1.0).astype(np.float32) for p in (one, other)]
    return float(np.abs(blurred[0] - blurred[1])[hole].mean())


@pytest.mark.parametrize("box", [(90, 70, 150, 165), (100, 5, 145, 60), (0, 60, 60, 180)])
def test_windows_and_pavement_come_back(box):
    picture, hole = facade(), hole_at(*box)
    broken = np.where(hole[..., None], np.uint8(255), picture)
    made = blocks(broken, hole, NOTHING, None)
    assert made is not None and (made[~hole] == broken[~hole]).all()
    smooth = cv2.inpaint(broken, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    assert error(made, picture, hole) < error(smooth, picture, hole)


def test_what_is_forbidden_is_not_copied():
    picture, hole = facade(), hole_at(100, 70, 140, 120)
    picture[60:130, 150:] = (0, 255, 0)
    banned = NOTHING.copy()
    banned[55:135, 145:] = True
    made = blocks(picture, hole, banned, None)
    assert made is not None
    green = (made[hole].astype(int) - (0, 255, 0)) @ np.array([1, -1, 1])
    assert (green > 60).all()


def test_without_anything_to_copy_there_are_no_blocks():
    picture = facade()
    assert blocks(picture, hole_at(0, 0, WIDE, TALL - 4), NOTHING, None) is None
    assert blocks(picture, hole_at(60, 60, 100, 100), ~NOTHING, None) is None


def test_the_same_hole_is_filled_alike():
    picture, hole = facade(), hole_at(90, 70, 150, 165)
    first, second = (blocked(picture, hole, NOTHING, None, 2) for _ in range(2))
    assert first is not None and second is not None
    assert (first.picture == second.picture).all() and first.shows == second.shows
    assert (first.weight[hole] == 255).all() and first.weight.max() == 255


def test_the_truth_shows_least():
    picture, hole = facade(), hole_at(90, 70, 150, 165)
    known = ~hole
    blurred = np.where(hole[..., None], cv2.GaussianBlur(picture, (0, 0), 12), picture)
    turned = picture.copy()
    turned[hole] = np.rot90(picture[0:95, 0:95])[:95, :60].reshape(-1, 3)
    grey = np.where(hole[..., None], np.uint8(20), picture)
    truth = shows(picture, hole, known)
    assert truth < min(shows(other, hole, known) for other in (blurred, turned, grey))


def test_the_filling_that_shows_less_is_taken():
    picture, hole = facade(), hole_at(90, 70, 150, 165)
    known, weight = ~hole, np.where(hole, 255, 0).astype(np.uint8)
    grey = np.where(hole[..., None], np.uint8(20), picture)
    bad = Blocked(grey, weight, shows(grey, hole, known))
    good = Blocked(picture, weight, shows(picture, hole, known))
    assert not bad.good and bad.rather((picture, weight), hole, known)[0] is picture
    assert good.rather((grey, weight), hole, known)[0] is picture


def test_a_facade_is_filled_with_its_blocks():
    picture, hole = facade(), hole_at(90, 70, 150, 165)
    made = fill(picture, np.where(hole, 255, 0).astype(np.uint8), rng=np.random.default_rng(0))
    assert error(made, picture, hole) < 20
