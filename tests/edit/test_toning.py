"""Colour work: what each operation promises of every colour, whatever the picture."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import data

from pixwright.edit.toning import lut
from pixwright.edit.toning.grade import Grade, apply_grade, between, clarity, glow, grade_named
from pixwright.records.vocabulary import LOOKS, MOODS, SEASONS, TIMES, WEATHERS

PHOTO = data.astronaut()[::4, ::4].copy()
COLOURS = arrays(np.float32, (20, 3), elements=st.floats(0, 1, width=32))


def luma_of(colours):
    return lut.luma(np.asarray(colours, np.float32))[..., 0]


@given(COLOURS)
def test_a_neutral_operation_leaves_colours_as_they_are(colours):
    for same in (
        lut.saturate(colours, 1.0),
        lut.vibrance(colours, 0.0),
        lut.contrast(colours, 0.0),
        lut.expose(colours, 0.0),
        lut.gamma(colours, 1.0),
        lut.fade(colours, 0.0),
        lut.rotate_hue(colours, 360.0),
        lut.warm(colours, 0.0),
        Grade().colours(colours),
    ):
        assert np.allclose(same, colours, atol=2e-3)


@given(COLOURS, st.floats(0, 2))
def test_colourfulness_is_not_lightness(colours, factor):
    assert np.allclose(luma_of(lut.saturate(colours, factor)), luma_of(colours), atol=1e-3)
    grey = lut.saturate(colours, 0.0)
    assert np.allclose(grey, luma_of(colours)[:, None], atol=1e-3)
    assert np.allclose(luma_of(lut.rotate_hue(colours, 90.0)), luma_of(colours), atol=1e-2)


@given(COLOURS, st.floats(-1, 1))
def test_contrast_keeps_black_white_and_order(colours, amount):
    ends = np.array([[0.0, 0, 0], [1, 1, 1]], np.float32)
    if amount >= 0:
        assert np.allclose(lut.contrast(ends, amount), ends, atol=1e-4)
    levels = np.linspace(0, 1, 64, dtype=np.float32)[:, None].repeat(3, 1)
    assert (np.diff(lut.contrast(levels, amount)[:, 0]) >= -1e-5).all()


@given(st.floats(0.1, 2))
def test_light_rises_with_the_stops_and_never_folds(stops):
    levels = np.linspace(0, 1, 64, dtype=np.float32)[:, None].repeat(3, 1)
    for value in (stops, -stops):
        out = lut.expose(levels, value)
        assert (np.diff(out[:, 0]) >= -1e-4).all() and out.max() <= 1.01
        assert ((out - levels) * value >= -0.03).all()


@given(st.floats(0.2, 5))
def test_gamma_has_its_inverse(value):
    levels = np.linspace(0.05, 1, 30, dtype=np.float32)[:, None].repeat(3, 1)
    assert np.allclose(lut.gamma(lut.gamma(levels, value), 1 / value), levels, atol=1e-3)


def test_warm_is_warm_and_cold_is_cold():
    grey = np.full((1, 3), 0.5, np.float32)
    warm, cold = lut.warm(grey, 1.0)[0], lut.warm(grey, -1.0)[0]
    assert warm[0] > warm[2] and cold[2] > cold[0]
    tinted = lut.tint(grey, (1.0, 0.5, 0.2), 1.0)[0]
    assert tinted[0] > tinted[1] > tinted[2]
    assert lut.fade(np.zeros((1, 3), np.float32), 0.2, 0.9)[0] == pytest.approx([0.2] * 3)


def test_a_table_of_colours_stays_near_the_function():
    out = lut.map_colours(PHOTO, lambda c: lut.gamma(lut.saturate(c, 1.3), 0.9))
    exact = np.clip(lut.gamma(np.clip(lut.saturate(PHOTO.astype(np.float32) / 255, 1.3), 0, 1), 0.9), 0, 1) * 255
    assert np.abs(out - exact).mean() < 1 and np.array_equal(lut.map_colours(PHOTO, lambda c: c), PHOTO)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1))
def test_mixing_is_exact_at_both_ends(height, width, share):
    below, above = np.full((height, width, 3), 40, np.uint8), np.full((height, width, 3), 200, np.uint8)
    assert np.array_equal(lut.mix(below, above, 0.0), below) and np.array_equal(lut.mix(below, above, 1.0), above)
    layer = np.full((height, width), share, np.float32)
    assert np.abs(lut.mix(below, above, layer).astype(float) - (40 + 160 * share)).max() <= 1.5
    assert (lut.screen_layer(below, layer) >= below - 1).all()
    assert np.array_equal(lut.multiply_layer(below, np.ones((height, width), np.float32)), below)


def test_fields_are_in_their_range():
    vignette = lut.vignette_field(60, 90)
    assert vignette[30, 45] == 0 and vignette[0, 0] == vignette.max() <= 1
    x = np.linspace(-1, 2, 50)
    assert (np.diff(lut.smoothstep(0.0, 1.0, x)) >= 0).all() and (np.diff(lut.smoothstep(1.0, 0.0, x)) <= 0).all()
    assert lut.smoothstep(0.0, 1.0, np.array([-1.0, 0.5, 2.0])) == pytest.approx([0, 0.5, 1])
    soft = lut.blur_field(np.pad(np.ones((20, 20), np.float32), 20), 3.0)
    assert soft.sum() == pytest.approx(400, rel=0.01) and soft.max() <= 1.001


def test_grain_is_where_the_middle_tones_are_and_repeats():
    ramp = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None], 64, 0)[..., None].repeat(3, 2)
    noisy = lut.add_grain(ramp, 12.0, np.random.default_rng(3)).astype(int) - ramp
    assert noisy[:, 100:156].std() > 2 * max(noisy[:, :10].std(), noisy[:, -10:].std())
    assert np.array_equal(noisy, lut.add_grain(ramp, 12.0, np.random.default_rng(3)).astype(int) - ramp)


@pytest.mark.parametrize("name", [*SEASONS, *TIMES, *WEATHERS, *LOOKS, *MOODS])
def test_every_named_grade_can_be_laid_on(name):
    grade = grade_named(name)
    out = apply_grade(PHOTO, grade, np.random.default_rng(0))
    assert out.shape == PHOTO.shape and out.dtype == np.uint8
    assert np.array_equal(out, apply_grade(PHOTO, grade, np.random.default_rng(0)))


def test_between_two_grades_lies_every_number():
    a, b = grade_named("night"), grade_named("sunny")
    assert between(a, a, 0.3) == a
    middle = between(a, b, 0.5)
    for field in fields(Grade):
        x, y, z = getattr(a, field.name), getattr(b, field.name), getattr(middle, field.name)
        if isinstance(z, float):
            assert z == pytest.approx((x + y) / 2)


def test_clarity_and_glow_do_nothing_to_a_flat_picture():
    flat = np.full((50, 70, 3), 90, np.uint8)
    assert np.abs(clarity(flat, 1.0).astype(int) - flat).max() <= 1
    assert (glow(PHOTO, 1.0) >= PHOTO.astype(int) - 1).all() and np.array_equal(glow(PHOTO, 0.0), PHOTO)
