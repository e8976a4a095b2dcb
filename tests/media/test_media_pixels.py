"""Pictures brought to another size: sides, averages, alpha."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixwright.media.pixels import on_grid, on_white, resized, shrink


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 60), st.sampled_from([(), (3,), (4,)]))
def test_the_longer_side_is_the_one_asked_for(height, width, side, channels):
    picture = np.full((height, width, *channels), 77, np.uint8)
    small = shrink(picture, side)
    assert small.dtype == np.uint8 and small.shape[2:] == channels
    assert max(small.shape[:2]) == min(side, max(height, width)) and min(small.shape[:2]) >= 1
    assert (small is picture) == (max(height, width) <= side)
    assert (small == 77).all()


def test_no_side_falls_under_the_least():
    assert shrink(np.zeros((4, 400), np.uint8), 100, least=8).shape == (8, 100)


def test_every_pixel_counts():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[::2, ::2] = 200
    assert (shrink(picture, 16) == 50).all()
    assert (resized(picture, 16, 16) == 50).all()


def test_colours_of_invisible_pixels_do_not_bleed():
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[..., 0] = 255
    picture[:, :17] = (0, 255, 0, 255)
    small = shrink(picture, 10)
    seen = small[..., 3] > 0
    assert seen.any() and (small[seen][:, :3] == (0, 255, 0)).all()
    assert 0 < small[0, 4, 3] < 255


@pytest.mark.parametrize("shape", [(30, 50), (80, 20), (200, 300)])
def test_it_is_stretched_to_the_size_that_is_asked_for(shape):
    picture = np.random.default_rng(1).integers(0, 255, (60, 60, 3)).astype(np.uint8)
    assert resized(picture, *shape).shape == (*shape, 3)
    assert resized(picture, 60, 60) is picture
    grown = resized(picture, 120, 120, cv2.INTER_NEAREST)
    assert np.array_equal(grown[::2, ::2], picture)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(32, 320))
def test_a_network_sees_whole_cells(height, width, side):
    seen = on_grid(np.zeros((height, width, 3), np.uint8), side, 32)
    assert not seen.shape[0] % 32 and not seen.shape[1] % 32
    assert abs(max(seen.shape[:2]) - side) <= 16


@given(st.integers(0, 255), st.integers(0, 255))
def test_what_is_transparent_is_white(value, alpha):
    assert on_white(np.array([[[value, 0, 255, alpha]]], np.uint8))[0, 0].tolist() == [
        round(value * alpha / 255 + 255 - alpha), 255 - alpha, 255
    ]  # fmt: skip
    plain = np.full((2, 2, 3), value, np.uint8)
    assert on_white(plain) is plain
