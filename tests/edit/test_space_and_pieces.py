"""Places for things, and things as pieces: the arithmetic under adding, moving, resizing and turning."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixwright.edit.placing import lifting
from pixwright.edit.placing.cost import Candidates, cost_of
from pixwright.edit.placing.library import recolour
from pixwright.edit.placing.shelves import Cutout, typical_size
from pixwright.edit.placing.space import Space, height_at, mean_in, shares
from pixwright.edit.surfaces.surface import to_lab
from pixwright.records.plan import Relation

WIDTH, HEIGHT, SCALE = 320, 240, 0.25


def space(**more):
    """An empty place whose upper third is sky."""
    busy = np.zeros((60, 80), np.float32)
    sky = np.zeros((60, 80), np.float32)
    sky[:20] = 1
    return Space(HEIGHT, WIDTH, SCALE, busy, busy.copy(), sky, 80.0, **more)


def candidates(tall=40.0):
    cx, base = np.meshgrid(np.linspace(20, 300, 15), np.linspace(45, 235, 12))
    size = np.full_like(cx, tall)
    return Candidates(cx, base, size, size)


def best(relation=None, airborne=False, where=None):
    where, at = where or space(), candidates()
    cost = cost_of(where, where.taken, relation, None, at, airborne)
    index = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return float(at.cx[index]), float(at.base[index])


@given(st.integers(0, 70), st.integers(0, 50), st.integers(1, 40), st.integers(1, 40))
def test_the_mean_in_a_box_is_the_mean_in_it(x, y, wide, tall):
    grid = np.random.default_rng(0).random((60, 80)).astype(np.float32)
    box = tuple(np.array([float(edge)]) for edge in (x, y, x + wide, y + tall))
    assert mean_in(grid, 1.0, box)[0] == pytest.approx(
        grid[y : min(y + tall, 60), x : min(x + wide, 80)].mean(), abs=1e-5
    )


def test_a_mask_becomes_shares():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, :160] = 255
    found = shares(mask, (80, 60))
    assert found.shape == (60, 80) and found[:, :39].min() == 1 and found[:, 41:].max() == 0


def test_things_of_the_air_are_put_higher():
    assert best(airborne=True)[1] < best()[1]


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        (Relation.LEFT, lambda x, y: x < WIDTH / 2),
        (Relation.RIGHT, lambda x, y: x > WIDTH / 2),
        (Relation.TOP_LEFT, lambda x, y: x < WIDTH / 2 and y < HEIGHT / 2),
        (Relation.BOTTOM_RIGHT, lambda x, y: x > WIDTH / 2 and y > HEIGHT / 2),
    ],
)
def test_the_words_say_where(relation, holds):
    assert holds(*best(relation))


def test_what_is_taken_is_not_covered():
    where = space()
    where.taken[:, :40] = 2.0
    assert best(Relation.LEFT, where=where)[0] > 150


def test_what_is_nearer_is_larger():
    ball = Cutout("ball", np.zeros((9, 9, 4), np.uint8), size_m=0.5)
    base = np.array([100.0, 160.0, 230.0])
    far, middle, near = height_at(space(), ball, base, 1.0, False)
    assert far < middle < near
    big = height_at(space(), ball, base, 1.4, False)
    assert (big > height_at(space(), ball, base, 1.0, False)).all()
    known = height_at(space(per_metre=100.0, base=160.0), ball, base, 1.0, False)
    assert known[1] == pytest.approx(50) and known[0] < known[1] < known[2]
    house = Cutout("house", np.zeros((9, 9, 4), np.uint8), size_m=8.0)
    assert (height_at(space(), house, base, 9.0, False) <= 0.75 * HEIGHT).all()


def test_known_things_have_sizes():
    low, high = typical_size("dog")
    assert 0.1 < low <= high < 2 and typical_size("flurb") is None


def test_a_cut_out_takes_a_colour_and_keeps_its_light():
    rgba = np.zeros((20, 40, 4), np.uint8)
    rgba[..., :3] = np.linspace(60, 220, 40).astype(np.uint8)[None, :, None]
    rgba[..., 3] = 255
    red = recolour(rgba, (200, 30, 35))
    light = to_lab(np.ascontiguousarray(red[..., :3]))[10, :, 0]
    assert (np.diff(light) >= -1).all() and np.array_equal(red[..., 3], rgba[..., 3])
    assert red[10, 20, 0] > red[10, 20, 1] + 40


def piece():
    alpha = np.zeros((30, 50), np.uint8)
    cv2.ellipse(alpha, (20, 15), (12, 9), 0, 0, 360, 255, -1)
    pixels = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)
    return lifting.Cut(pixels, alpha, np.full((30, 50), 255, np.uint8), (100, 60, 150, 90))


def test_a_piece_has_a_core_and_grows_with_its_factor():
    cut = piece()
    x0, y0, x1, y1 = cut.core
    assert (x1 - x0, y1 - y0) == (25, 19)
    larger = lifting.scaled(cut, 2.0)
    a0, b0, a1, b1 = larger.core
    assert a1 - a0 == pytest.approx(50, abs=3) and b1 - b0 == pytest.approx(38, abs=3)
    wider = lifting.scaled(cut, 2.0, 1.0)
    assert wider.alpha.shape[0] == cut.alpha.shape[0]


def test_mirroring_and_full_turns_give_the_piece_back():
    cut = piece()
    back = lifting.mirrored(lifting.mirrored(cut))
    assert np.array_equal(back.pixels, cut.pixels) and np.array_equal(back.alpha, cut.alpha)
    assert np.array_equal(lifting.mirrored(cut, upside_down=True).alpha, cut.alpha[::-1])
    turned = lifting.turned(cut, 90.0)
    (x0, y0, x1, y1), (a0, b0, a1, b1) = cut.core, turned.core
    assert a1 - a0 == pytest.approx(y1 - y0, abs=3) and b1 - b0 == pytest.approx(x1 - x0, abs=3)


@given(st.integers(-50, 150), st.integers(1, 60), st.integers(1, 100))
def test_what_fits_is_moved_into_the_frame(start, length, room):
    at = lifting.within(start, length, room)
    if length <= room:
        assert 0 <= at <= room - length and (at == start or not 0 <= start <= room - length)
    else:
        assert at <= 0 and at + length >= room


def test_boxes_are_found_clipped_and_grown():
    mask = np.zeros((40, 50), np.uint8)
    assert lifting.bounds(mask) is None
    mask[10:20, 5:30] = 200
    assert lifting.bounds(mask) == (5, 10, 30, 20) and lifting.bounds(mask, 201) is None
    assert lifting.clip((-5, 30, 60, 90), 50, 40) == (0, 30, 50, 40)
    assert lifting.grown((5, 10, 30, 20), 8, 50, 40) == (0, 2, 38, 28)
