"""A cut-out takes on the light, sharpness and shadow of where it is put."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from pixwright.edit.placing.harmonise import ground_shadow, paste, relight, scaled
from pixwright.edit.placing.place import Spot
from pixwright.edit.placing.shelves import Cutout
from pixwright.edit.placing.surroundings import edge_spread, illuminant, noise_of, surroundings_of


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_edge_spread_measures_a_known_blur(sigma):
    sharp = np.zeros((200, 200, 3), np.uint8)
    sharp[:, 100:] = 220
    assert edge_spread(cv2.GaussianBlur(sharp, (0, 0), sigma)) == pytest.approx(sigma, rel=0.25)
    assert edge_spread(np.full((50, 50, 3), 90, np.uint8)) is None


@pytest.mark.parametrize("sigma", [2.0, 6.0])
def test_noise_is_measured(sigma):
    picture = np.clip(128 + np.random.default_rng(0).normal(0, sigma, (300, 300, 1)) + np.zeros(3), 0, 255).astype(
        np.uint8
    )
    assert noise_of(picture) == pytest.approx(sigma, rel=0.2)


def test_the_light_has_the_pictures_colour():
    warm = np.clip(data.astronaut() * np.array([1.0, 0.85, 0.6]), 0, 255).astype(np.uint8)
    red, _, blue = illuminant(warm, warm)
    assert red > 1.05 > 0.95 > blue


def test_dark_places_darken_and_keep_the_hue():
    ball = np.zeros((60, 60, 4), np.uint8)
    cv2.circle(ball, (30, 30), 28, (230, 60, 60, 255), -1)
    night = np.random.default_rng(0).integers(0, 60, (200, 200, 3), np.uint8)
    dark = relight(ball, surroundings_of(night, (50, 50, 110, 110)), False)
    assert dark[30, 30, 0] < 200 and dark[30, 30, 0] > dark[30, 30, 1] + 20
    assert np.array_equal(dark[..., 3], ball[..., 3])


def test_a_photographed_thing_keeps_its_tones_in_ordinary_light_and_takes_those_of_the_dark():
    ball = np.zeros((60, 60, 4), np.uint8)
    cv2.circle(ball, (30, 30), 28, (200, 190, 180, 255), -1)
    cv2.circle(ball, (30, 30), 8, (30, 30, 30, 255), -1)
    solid = ball[..., 3] > 0
    grey = np.random.default_rng(0).integers(0, 256, (200, 200, 1), np.uint8)
    box, gaps = (50, 50, 110, 110), []
    for share in (1.0, 0.8, 0.5):
        scene = np.repeat((grey * share).astype(np.uint8), 3, axis=2)
        made = relight(ball, surroundings_of(scene, box), True)
        assert np.array_equal(made[..., 3], ball[..., 3])
        gaps.append(float(ball[solid][:, :3].mean()) - float(made[solid][:, :3].mean()))
    assert abs(gaps[0]) < 3 < gaps[1] < gaps[2] and gaps[2] > 30


def test_scaling_lets_no_hidden_colour_in():
    disc = np.zeros((40, 40, 4), np.uint8)
    disc[..., 1] = 255  # green that alpha hides
    cv2.circle(disc, (20, 20), 12, (200, 0, 0, 255), -1)
    for side in (15, 90):
        out = scaled(disc, side, side)
        assert out.shape == (side, side, 4)
        assert out[..., 1][out[..., 3] > 40].max() < 40


def test_the_shadow_lies_at_the_foot():
    alpha = np.zeros((120, 80), np.uint8)
    alpha[10:, 20:60] = 255
    shade = ground_shadow(alpha, surroundings_of(data.coffee(), (100, 100, 180, 220)))
    rows = shade.sum(axis=1)
    foot = (shade.shape[0] - 120) // 2 + 120
    assert abs(int(rows.argmax()) - foot) < 12 and 0.3 < shade.max() < 0.9
    assert shade[: foot - 80].max() < 0.05


def test_paste_at_twelve_megapixels_touches_its_place_only():
    picture = np.full((3000, 4000, 3), 120, np.uint8)
    ball = np.zeros((256, 256, 4), np.uint8)
    cv2.circle(ball, (128, 128), 120, (230, 60, 60, 255), -1)
    spot = Spot((1800, 1500, 2200, 1900), contact=True)
    result, mask = paste(picture, Cutout("ball", ball), spot, np.random.default_rng(0))
    assert np.array_equal(result[mask == 0], picture[mask == 0])
    ys, xs = np.nonzero(mask)
    assert xs.min() > 1500 and xs.max() < 2500 and ys.min() > 1400 and ys.max() < 2150
