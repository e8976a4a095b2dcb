"""The harmoniser: what it sees of a pasted thing, and how its maps of colours are laid over it."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pixwright.encoders.harmoniser import BINS, CELLS, FAR, MAP, NEAR, Harmoniser, applied, place_of, seen, tallied

BOX = (40, 30, 80, 90)


def test_a_place_has_as_much_room_as_the_thing_is_large_and_stays_in_the_frame():
    assert place_of((100, 100, 140, 120), 400, 600) == (60, 60, 180, 160)
    assert place_of((100, 100, 104, 104), 400, 600) == (76, 76, 128, 128)
    assert place_of(BOX, 100, 120) == (0, 0, 120, 100)


def test_what_is_seen_is_the_place_and_the_whole_picture():
    picture = data.astronaut()
    alpha = np.zeros(picture.shape[:2], np.float32)
    alpha[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 1
    view = seen(picture, alpha, BOX)
    assert view.near.shape == (NEAR, NEAR, 4) and view.far.shape == (FAR, FAR, 4)
    x0, y0, x1, y1 = place_of(BOX, *picture.shape[:2])
    assert view.near[..., 3].mean() == pytest.approx(40 * 60 / ((x1 - x0) * (y1 - y0)), rel=0.02)
    assert view.far[..., 3].mean() == pytest.approx(alpha.mean(), rel=0.05)
    assert view.far[..., :3].mean() == pytest.approx(picture.mean() / 255, abs=0.01)


def test_shares_of_pixels_are_told_by_weight():
    colours = np.vstack([np.zeros((10, 3)), np.ones((30, 3))]).astype(np.float32)
    told = tallied(colours, np.r_[np.ones(10), np.zeros(30)].astype(np.float32))
    assert told.shape == (6 + 2 * BINS,) and np.abs(told[:3]).max() < 1e-3
    assert told[6] == pytest.approx(1, abs=1e-3) and told[6 + BINS - 1] == 0


def test_maps_are_laid_over_the_thing_and_blend_between_cells():
    grid = np.tile(np.eye(*MAP, dtype=np.float32), (CELLS, CELLS, 1, 1))
    rgb = data.astronaut()[:60, :40]
    assert np.array_equal(applied(grid, rgb, BOX, place_of(BOX, 200, 200)), rgb)
    grid[:, :, 0, 3] = np.linspace(-0.4, 0.4, CELLS)
    flat = np.full((60, 40, 3), 128, np.uint8)
    red = applied(grid, flat, (0, 0, 80, 80), (0, 0, 80, 80))[..., 0].astype(int)
    assert (np.diff(red, axis=1) >= 0).all() and red[0, 0] < 40 and red[0, -1] > 215
    assert np.diff(red, axis=1).max() < 12, "no step between cells"


def test_an_untrained_network_leaves_colours_alone():
    rng = np.random.default_rng(0)
    sizes = {"conv1": (16, 36), "conv2": (32, 144), "conv3": (48, 288), "first": (96, 144 + 3 * (6 + 2 * BINS)), "second": (64, 96), "here": (64, 48), "out": (12, 64)}  # fmt: skip
    tensors = {f"{name}.weight": rng.normal(0, 0.05, size).astype(np.float32) for name, size in sizes.items()}
    tensors |= {f"{name}.bias": np.zeros(size[0], np.float32) for name, size in sizes.items()}
    tensors["out.weight"] *= 0
    view = seen(data.coffee(), np.zeros(data.coffee().shape[:2], np.float32), BOX)
    assert np.allclose(Harmoniser(tensors).grid(view), np.eye(*MAP))
