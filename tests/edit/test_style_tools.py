"""What the hand-made styles are built of: flow, lines, palettes, dots, strokes; on pictures whose answer is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.styles import graphic, signature, strokes, structure
from pixwright.edit.styles.photo import vintage_photo

PHOTO = data.astronaut()[::4, ::4].copy()


def rng(seed=3):
    return np.random.default_rng(seed)


def stripes(angle, side=96):
    """Dark and light bands that run along `angle` degrees."""
    y, x = np.mgrid[0:side, 0:side]
    across = x * np.sin(np.radians(angle)) - y * np.cos(np.radians(angle))
    return np.repeat((127 + 100 * np.sin(across / 3))[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
def test_the_flow_runs_along_the_edges(angle):
    fx, fy, strength = structure.flow(stripes(angle), 4.0)
    middle = np.s_[24:72, 24:72]
    assert np.allclose(np.hypot(fx, fy), 1, atol=1e-4)
    along = np.abs(fx * np.cos(np.radians(angle)) + fy * np.sin(np.radians(angle)))[middle]
    assert along.mean() > 0.98 and strength[middle].mean() > 0.5
    assert structure.flow(np.full((40, 40, 3), 99, np.uint8), 4.0)[2].max() == 0


def test_a_smear_along_a_flow_keeps_what_changes_across_it():
    rows = np.repeat(np.sin(np.arange(60) / 2)[:, None], 80, axis=1).astype(np.float32)
    one, none = np.ones((60, 80), np.float32), np.zeros((60, 80), np.float32)
    assert np.allclose(structure.advect(rows, one, none, 6), rows, atol=1e-5)
    assert structure.advect(rows, none, one, 6).std() < 0.5 * rows.std()


def test_lines_are_drawn_where_there_are_edges():
    picture = np.full((80, 80, 3), 200, np.uint8)
    picture[:, 40:] = 60
    ink = structure.lines(picture, 1.2)
    assert ink[:, 36:44].min() < 0.3 and ink[:, :25].min() > 0.8 and ink[:, 55:].min() > 0.8
    dark = structure.lines(picture, 1.2, tone=0.5)
    assert dark[:, 60:].mean() < 0.2 < dark[:, :20].mean()


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 8))
def test_a_palette_holds_the_picture_s_own_colours(count):
    colours = rng(count).integers(0, 256, (count, 3), np.uint8)
    picture = np.repeat(colours, 12, axis=0)[None].repeat(20, axis=0)
    palette = structure.palette_of(picture, count, rng())
    assert palette.shape == (count, 3)
    back = structure.lab_to_rgb(palette)[structure.to_palette(picture, palette)]
    assert np.abs(back.astype(int) - picture).mean() < 10


def test_painterly_filters_keep_edges_and_flatten_noise():
    clean = np.full((80, 80, 3), 190, np.uint8)
    clean[:, 40:] = 70
    noisy = np.clip(clean + rng().normal(0, 12, clean.shape), 0, 255).astype(np.uint8)
    for out in (structure.kuwahara(noisy, 4), structure.smooth(noisy, 3)):
        assert out[:, :30].std() < 0.7 * noisy[:, :30].std()
        assert out[:, :34].mean() - out[:, 46:].mean() > 100


def test_work_on_a_copy_gives_a_picture_of_the_right_size():
    seen = []

    def paint(picture, dice):
        seen.append(picture.shape)
        return picture

    assert structure.at_most(PHOTO, 50, paint, rng()).shape == PHOTO.shape
    assert max(seen[0][:2]) == 50
    assert np.array_equal(structure.at_most(PHOTO, 500, paint, rng()), PHOTO)
    assert structure.unit(np.zeros((512, 512, 3), np.uint8)) == 1.0


def test_paper_and_relief_are_even():
    rough = structure.paper(90, 140, rng())
    assert abs(float(rough.mean())) < 0.05 and float(rough.std()) == pytest.approx(1, abs=0.05)
    flat = np.full((90, 140, 3), 128, np.uint8)
    lit = structure.relief(flat, rough, 8.0)
    assert lit.mean() == pytest.approx(128, abs=1) and lit.std() > 3
    assert np.array_equal(structure.relief(flat, np.zeros((90, 140), np.float32), 8.0), flat)


@pytest.mark.parametrize("tone", [0.0, 0.2, 0.5, 0.8])
def test_a_dot_screen_covers_as_much_as_the_tone_says(tone):
    cover = graphic.halftone(np.full((200, 200), tone, np.float32), 8.0, 30.0)
    assert cover.min() >= 0 and cover.max() <= 1 and cover.mean() == pytest.approx(tone, abs=0.15)


def test_cel_shading_has_few_levels_and_keeps_hues():
    ramp = np.linspace(0.02, 1, 200, dtype=np.float32)[:, None] * np.array([[0.9, 0.5, 0.2]], np.float32)
    out = graphic.cel(ramp, 4)
    assert len(np.unique(np.round(out[:, 0], 2))) < 60
    ratio = out[20:, 1] / np.maximum(out[20:, 0], 1e-3)
    assert ratio.std() < 0.12


def test_strokes_start_everywhere_and_follow_the_flow():
    points = strokes.seeds(60, 90, 6.0, rng())
    assert points[:, 0].min() >= 0 and points[:, 0].max() <= 89 and points[:, 1].max() <= 59
    assert len(points) > 60 * 90 / 36 * 0.9
    one, none = np.ones((60, 90), np.float32), np.zeros((60, 90), np.float32)
    path = strokes.trace(np.array([[45.0, 30.0]], np.float32), one, none, 12.0)[0]
    assert np.allclose(path[:, 1], 30) and path[-1, 0] - path[0, 0] == pytest.approx(12)
    canvas, height = np.zeros_like(PHOTO), np.zeros(PHOTO.shape[:2], np.float32)
    way = (np.ones(PHOTO.shape[:2], np.float32), np.zeros(PHOTO.shape[:2], np.float32))
    strokes.paint_layer(canvas, height, PHOTO, way, strokes.Brush(6, 12, 4), rng())
    assert (canvas.max(axis=2) > 0).mean() > 0.9 and height.max() > 0
    assert np.abs(canvas.astype(int) - PHOTO).mean() < 50


def test_a_hand_is_described_in_twenty_finite_numbers():
    for picture in (PHOTO, np.zeros((9, 9, 3), np.uint8), np.full((30, 300, 3), 255, np.uint8)):
        found = signature.describe(picture)
        assert found.shape == (20,) and np.isfinite(found).all()
    larger = cv2.resize(PHOTO, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    assert np.abs(signature.describe(larger)[:4] - signature.describe(PHOTO)[:4]).max() < 3


@pytest.mark.parametrize("colour", [(30, 130, 180), (60, 90, 180), (60, 120, 60), (180, 50, 40)])
def test_an_old_print_keeps_each_thing_in_its_own_hue(colour):
    plain = np.full((300, 400, 3), colour, np.uint8)
    middle = vintage_photo(plain, rng())[100:200, 150:350].reshape(-1, 3).mean(0)
    assert np.argmax(middle) == np.argmax(colour)
    assert 0.45 * np.ptp(colour) < np.ptp(middle) < np.ptp(colour)


def test_the_white_of_an_old_print_is_cream_and_its_grain_no_blotches():
    white = vintage_photo(np.full((700, 1050, 3), 235, np.uint8), rng())[200:500, 400:800]
    red, _, blue = white.reshape(-1, 3).mean(0)
    assert 4 < red - blue < 40
    coarse = cv2.blur(white[..., 1].astype(np.float32), (9, 9))
    assert float(np.percentile(coarse, 95) - np.percentile(coarse, 5)) < 12
