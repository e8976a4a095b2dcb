"""Filling: the parts of the patch search, and what comes of them on pictures whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.edit.filling import copying, offsets, synthesis
from pixwright.edit.filling.fill import fill


def hole_in(shape, box):
    hole = np.zeros(shape[:2], np.uint8)
    x0, y0, x1, y1 = box
    hole[y0:y1, x0:x1] = 255
    return hole


def checks(height=96, width=128, cell=8):
    y, x = np.indices((height, width))
    tile = ((y // cell + x // cell) % 2 * 160 + 40).astype(np.uint8)
    return np.repeat(tile[..., None], 3, axis=2)


@settings(deadline=None, max_examples=12)
@given(st.integers(3, 60), st.integers(3, 60), st.integers(0, 2**32 - 1))
def test_outside_of_the_hole_nothing_changes(height, width, seed):
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), np.uint8)
    hole = (rng.random((height, width)) < 0.2).astype(np.uint8) * 255
    filled = fill(picture, hole, rng=np.random.default_rng(1))
    assert np.array_equal(filled[hole == 0], picture[hole == 0]) and filled.shape == picture.shape
    assert np.array_equal(filled, fill(picture, hole, rng=np.random.default_rng(1)))


def test_a_chess_board_goes_on():
    picture, hole = checks(), hole_in((96, 128), (50, 34, 76, 60))
    broken = picture.copy()
    broken[hole > 0] = (255, 0, 0)
    filled = fill(broken, hole, rng=np.random.default_rng(0))
    assert np.abs(filled.astype(int) - picture).mean() < 4


def test_a_line_goes_through():
    picture = np.full((100, 160, 3), 200, np.uint8)
    picture[48:53] = 30
    hole = hole_in(picture.shape, (60, 30, 100, 70))
    filled = fill(np.where(hole[..., None] > 0, 120, picture).astype(np.uint8), hole, rng=np.random.default_rng(0))
    assert np.abs(filled[48:53, 60:100].astype(int) - 30).mean() < 25
    assert np.abs(filled[32:44, 60:100].astype(int) - 200).mean() < 25


def test_a_smooth_light_stays_smooth():
    ramp = np.repeat(np.linspace(60, 180, 160)[None, :, None], 100, 0).repeat(3, 2).astype(np.uint8)
    hole = hole_in(ramp.shape, (60, 30, 110, 80))
    filled = fill(np.where(hole[..., None] > 0, 0, ramp).astype(np.uint8), hole, rng=np.random.default_rng(0))
    assert np.abs(filled.astype(int) - ramp).max() < 25


def test_sources_and_targets_are_apart():
    hole, banned = hole_in((40, 50), (20, 15, 30, 25)) > 0, np.zeros((40, 50), np.bool_)
    banned[:, :8] = True
    valid, wanted = synthesis.sources(hole, banned), synthesis.targets(hole)
    assert not (valid & wanted).any() and not valid[hole].any() and not valid[:, : 8 + synthesis.RADIUS].any()
    assert wanted[hole].all()
    field = synthesis.random_field(hole, valid, np.random.default_rng(0))
    assert valid[field.sy, field.sx].all() and len(field.ty) == wanted.sum()


def test_a_repeating_picture_shows_its_own_shifts():
    picture = checks().astype(np.float32)
    hole, none = hole_in((96, 128), (50, 34, 76, 60)) > 0, np.zeros((96, 128), np.bool_)
    shifts = offsets.best_shifts(picture, hole, none)
    assert shifts
    # Of a board of 8 pixels' cells, what looks the same is an even number of cells away in all.
    assert all(dy % 8 == dx % 8 == 0 and (dy + dx) % 16 == 0 for dy, dx in shifts[:3])
    filled, dy, dx = offsets.choose(picture, hole, none, shifts, synthesis.Toll.free(hole.shape))
    assert np.abs(filled - picture)[hole].mean() < 1
    assert set(zip(dy[hole].tolist(), dx[hole].tolist(), strict=True)) <= set(shifts)


def test_what_fits_nowhere_is_not_copied():
    noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3)).astype(np.float32)
    hole, none = hole_in((80, 80), (30, 30, 50, 50)) > 0, np.zeros((80, 80), np.bool_)
    assert offsets.choose(noise, hole, none, [(25, 0), (0, 25)], synthesis.Toll.free(hole.shape)) is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (30, 47)])
def test_diffusion_keeps_what_is_known(shape):
    rng = np.random.default_rng(2)
    values, known = rng.random((*shape, 3)).astype(np.float32), rng.random(shape) < 0.4
    known.flat[0] = True
    spread = copying.diffuse(values, known)
    assert np.allclose(spread[known], values[known], atol=1e-5)
    assert spread.min() >= values[known].min() - 1e-3 and spread.max() <= values[known].max() + 1e-3


def test_a_copy_takes_the_light_of_its_place():
    bright, dark = np.full((60, 60, 3), 150, np.uint8), np.full((60, 60, 3), 130, np.uint8)
    hole = hole_in((60, 60), (20, 20, 40, 40)) > 0
    none = np.zeros_like(hole)
    assert copying.light(bright, dark, hole, none).mean() == pytest.approx(20, abs=1)
    other = none.copy()
    other[:, 40:] = True
    beside = np.where(other[..., None], 0, bright).astype(np.uint8)
    assert copying.light(beside, dark, hole, other)[25:35, 25:35].mean() == pytest.approx(20, abs=1)


def test_parts_of_an_enlarged_field_fit_together():
    small = np.random.default_rng(1).random((7, 9, 3)).astype(np.float32)
    whole = copying.stretched(small, 0, 70, 70, 90)
    parts = np.concatenate([copying.stretched(small, a, b, 70, 90) for a, b in ((0, 20), (20, 55), (55, 70))])
    assert np.allclose(whole, parts, atol=2e-2) and whole.shape == (70, 90, 3)
