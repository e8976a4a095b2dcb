"""Outlines that a plain backdrop tells anew, on pictures whose true outline is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.media.backdrop import told_by_backdrop

HEIGHT, WIDTH = 300, 400
MIDDLE = (200, 150)


def light(colour):
    """A backdrop whose light falls off to one side and to the corners, HxWx3 in levels."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.array(colour) * (1 - 0.2 * ((x / WIDTH - 0.4) ** 2 + (y / HEIGHT - 0.4) ** 2))[..., None]


def photograph(behind, front, alpha):
    """The thing before the backdrop, with grain: HxWx3 uint8."""
    share = alpha[..., None]
    mixed = behind * (1 - share) + np.asarray(front) * share + np.random.default_rng(0).normal(0, 1.2, behind.shape)
    return mixed.clip(0, 255).astype(np.uint8)


def drawn(*shapes):
    """An outline HxW in [0, 1] that a function draws with smooth edges."""
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    for shape in shapes:
        shape(alpha)
    return alpha.astype(np.float32) / 255


def disc(radius, value=255):
    return lambda canvas: cv2.circle(canvas, MIDDLE, radius, value, -1, cv2.LINE_AA)


def seen(alpha, sigma=2.0):
    """What a segmenter makes of it: the same, less sharp, HxW uint8."""
    return np.rint(255 * cv2.GaussianBlur(alpha, (0, 0), sigma)).astype(np.uint8)


@pytest.mark.parametrize("colour", [(150, 150, 152), (250, 250, 250), (12, 12, 14), (60, 110, 220)])
def test_a_hole_of_a_ring_is_opened(colour):
    ring = drawn(disc(100), disc(60, 0))
    closed = drawn(disc(100))
    told = told_by_backdrop(photograph(light(colour), (180, 60, 40), ring), closed, seen(ring))
    assert told.plain and told.doubtful < 0.01
    assert np.abs(closed - ring).mean() > 0.08
    assert np.abs(told.alpha - ring).mean() < 0.006


def test_between_spokes_the_backdrop_is_seen_and_spokes_stay():
    spokes = [
        lambda canvas, turn=turn: cv2.line(
            canvas, MIDDLE, (round(200 + 95 * np.cos(turn)), round(150 + 95 * np.sin(turn))), 255, 3, cv2.LINE_AA
        )
        for turn in np.arange(12) * np.pi / 6
    ]
    wheel = drawn(disc(100), disc(88, 0), *spokes, disc(14))
    closed = drawn(disc(100))
    told = told_by_backdrop(photograph(light((240, 240, 240)), (40, 40, 45), wheel), closed, seen(wheel, 1.5))
    assert np.abs(told.alpha - wheel).mean() < 0.1 * np.abs(closed - wheel).mean()
    assert told.alpha[wheel > 0.99].min() > 0.8


def test_a_white_shirt_before_white_stays_and_where_the_segmenter_doubts_it_is_told():
    shirt = drawn(disc(100))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    folds = 235 + 12 * np.sin(x / 14 + y / 40)[..., None] * np.ones(3)
    picture = photograph(light((245, 245, 245)), folds, shirt)
    sure = told_by_backdrop(picture, shirt, seen(shirt))
    assert sure.plain and sure.doubtful < 0.01
    assert sure.alpha[drawn(disc(90)) > 0].min() == 1
    plain = photograph(light((245, 245, 245)), light((245, 245, 245)), shirt)
    doubted = told_by_backdrop(plain, shirt, np.minimum(seen(shirt), 180))
    assert doubted.doubtful > 0.1 and doubted.alpha[drawn(disc(90)) > 0].min() == 1


def test_dark_stripes_before_a_dark_wall_are_no_holes():
    thing = drawn(disc(100))
    y = np.mgrid[0:HEIGHT, 0:WIDTH][0]
    dark = (y % 24 < 8)[..., None]
    picture = photograph(light((24, 24, 26)), np.where(dark, (6, 5, 4), (210, 120, 30)), thing)
    told = told_by_backdrop(picture, thing, np.where(dark[..., 0], 40, 255).astype(np.uint8) & seen(thing))
    assert told.alpha[drawn(disc(90)) > 0].min() > 0.99


def test_a_lost_part_that_hangs_together_with_the_thing_joins_it_and_its_shadow_does_not():
    body = drawn(disc(60))
    tail = drawn(lambda canvas: cv2.rectangle(canvas, (230, 120), (399, 160), 255, -1))
    whole = np.maximum(body, tail)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    feathers = np.where(((x // 6 + y // 6) % 2)[..., None] > 0, (190, 140, 60), (90, 60, 30))
    trace = np.maximum(seen(body), np.rint(40 * tail).astype(np.uint8))
    told = told_by_backdrop(photograph(light((40, 40, 42)), feathers, whole), body, trace)
    assert np.abs(told.alpha - whole).mean() < 0.01 < np.abs(body - whole).mean()
    assert np.array_equal(
        told_by_backdrop(photograph(light((40, 40, 42)), feathers, whole), body, trace, grow=False).alpha[tail > body],
        body[tail > body],
    )
    behind = light((230, 230, 230)) * (1 - 0.4 * tail[..., None])
    shaded = told_by_backdrop(photograph(behind, (190, 40, 30), body), body, trace)
    assert shaded.plain and shaded.alpha[(tail > 0) & (body == 0)].max() < 0.3


def test_before_a_busy_picture_and_where_nothing_stands_out_the_outline_is_untouched():
    ring, closed = drawn(disc(100), disc(60, 0)), drawn(disc(100))
    busy = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    told = told_by_backdrop(busy, closed, seen(ring))
    assert not told.plain and told.alpha is closed
    grey = photograph(light((150, 150, 150)), (180, 60, 40), ring)
    assert told_by_backdrop(grey, closed, np.zeros((HEIGHT, WIDTH), np.uint8)).alpha is closed


def test_a_large_picture_keeps_its_size_and_its_untouched_rim():
    ring, closed = drawn(disc(100), disc(60, 0)), drawn(disc(100))
    size = (4 * WIDTH, 4 * HEIGHT)
    picture = cv2.resize(photograph(light((150, 150, 152)), (180, 60, 40), ring), size)
    large, true = cv2.resize(closed, size), cv2.resize(ring, size)
    told = told_by_backdrop(picture, large, cv2.resize(seen(ring), size))
    assert told.alpha.shape == size[::-1]
    assert np.abs(told.alpha - true).mean() < 0.01
    outer = cv2.resize(drawn(disc(110), disc(90, 0)), size) > 0.9
    assert np.abs(told.alpha - large)[outer].max() < 0.01
