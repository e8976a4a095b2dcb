"""What is seen on two sides of a hole goes on between them, where what is around is calm and a copy does not meet its rim."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.across import calm, carried, instead, seam
from pixwright.edit.filling.fill import fill_softly

SIDE = 240


def rng():
    return np.random.default_rng(0)


def out_of_focus(spread=1.0):
    """A bright table below a coloured blur: layers without a sharp edge."""
    picture = np.zeros((SIDE, SIDE, 3), np.float32)
    picture[:90], picture[90:150], picture[150:] = (200, 160, 40), (90, 60, 50), (215, 215, 220)
    soft = cv2.GaussianBlur(picture, (0, 0), 9)
    return np.clip(soft + rng().normal(0, spread, soft.shape), 0, 255).astype(np.uint8)


def tall_hole():
    return cv2.ellipse(np.zeros((SIDE, SIDE), np.uint8), (120, 125), (35, 70), 0, 0, 360, 255, -1) > 0


NOTHING = np.zeros((SIDE, SIDE), np.bool_)


def test_layers_go_on_from_side_to_side():
    picture, hole = out_of_focus(), tall_hole()
    broken = np.where(hole[..., None], np.uint8(0), picture)
    made = carried(broken, hole, NOTHING, rng())
    assert np.array_equal(made[~hole], picture[~hole])
    assert np.abs(made.astype(int) - picture)[hole].mean() < 8
    assert seam(made, hole, NOTHING) < 3


def test_a_plateau_does_not_meet_its_rim_and_is_left():
    picture, hole = out_of_focus(), tall_hole()
    plateau = np.where(hole[..., None], np.uint8(150), picture)
    assert seam(plateau, hole, NOTHING) > 10
    better = instead(plateau, hole, NOTHING, plateau, rng(), 2)
    assert better is not None
    made, weight = better
    assert seam(made, hole, NOTHING) < 4 and (weight[hole] == 255).all() and weight[0, 0] == 0


def test_what_meets_its_rim_is_kept():
    picture, hole = out_of_focus(), tall_hole()
    assert instead(picture, hole, NOTHING, picture, rng(), 2) is None


def test_nothing_is_carried_across_a_texture():
    picture, hole = out_of_focus(spread=12.0), tall_hole()
    assert calm(out_of_focus(), hole) and not calm(picture, hole)
    plateau = np.where(hole[..., None], np.uint8(150), picture)
    assert instead(plateau, hole, NOTHING, plateau, rng(), 2) is None


def test_a_rim_at_another_thing_is_no_seam():
    picture, hole = out_of_focus(), tall_hole()
    thing = NOTHING.copy()
    thing[:, :120] = True
    dark = np.where(thing[..., None] & ~hole[..., None], np.uint8(10), picture)
    assert seam(dark, hole, thing) < 3 < seam(dark, hole, NOTHING)


def test_where_nothing_is_known_nothing_is_carried():
    assert carried(out_of_focus(), ~NOTHING, NOTHING, rng()) is None


def test_the_same_seed_fills_alike():
    picture, hole = out_of_focus(), np.where(tall_hole(), 255, 0).astype(np.uint8)
    first, second = (fill_softly(picture, hole, rng=rng())[0] for _ in range(2))
    assert np.array_equal(first, second)
