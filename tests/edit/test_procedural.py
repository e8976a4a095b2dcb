"""What is painted from nothing: in its range, of its size, the same for the same seed, and another for another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.edit.painting import scenery, skies, weather
from pixwright.edit.surfaces import noise, patterns, substances
from pixwright.edit.surfaces.surface import from_lab, inflate, to_lab
from pixwright.records.vocabulary import BACKGROUNDS, COLOURS, MATERIALS
from pixwright.words.colours import rgb as named_colour


def rng(seed=5):
    return np.random.default_rng(seed)


FIELDS = {
    "value": lambda h, w, r: noise.value_noise(h, w, 9.0, r),
    "fractal": lambda h, w, r: noise.fbm(h, w, 20.0, 4, r),
    "ridged": lambda h, w, r: noise.ridged(h, w, 20.0, 3, r),
    "clouds": lambda h, w, r: skies.cloud_field(h, w, 0.5, r)[0],
    "lightning": lambda h, w, r: skies.lightning(h, w, 0.5, 0.9, r),
    "rays": lambda h, w, r: skies.rays(h, w, 0.5, 0.0, r),
    "caustics": lambda h, w, r: skies.caustics(h, w, 20.0, r),
    "flakes": lambda h, w, r: weather.flakes(h, w, 1.0, 1.0, r),
    "drops": lambda h, w, r: weather.drops(h, w, 1.0, 1.0, 8.0, r),
}


@settings(deadline=None, max_examples=6)
@given(st.integers(24, 90), st.integers(24, 90))
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_has_its_size_and_range_and_seed(name, height, width):
    field = FIELDS[name](height, width, rng())
    assert field.shape == (height, width) and np.isfinite(field).all()
    assert field.min() >= -1e-5 and field.max() <= 1 + 1e-5
    assert np.array_equal(field, FIELDS[name](height, width, rng()))


@pytest.mark.parametrize("name", FIELDS)
def test_another_seed_gives_another_field(name):
    one, other = (FIELDS[name](80, 120, rng(seed)) for seed in (1, 2))
    assert not np.array_equal(one, other) and one.std() > 0


def test_blobs_are_as_wide_as_asked():
    """The field is alike over a fifth of a blob and not over three blobs."""
    for scale in (6.0, 24.0):
        field = noise.value_noise(200, 200, scale, rng()) - 0.5

        def alike(shift, field=field):
            return float(np.corrcoef(field[:, :-shift].ravel(), field[:, shift:].ravel())[0, 1])

        assert alike(max(1, round(scale / 5))) > 0.8 and abs(alike(round(3 * scale))) < 0.3


def test_cells_know_their_nearest_seed():
    first, second, owner = noise.worley(60, 80, 12.0, rng())
    assert (first <= second + 1e-4).all() and first.min() >= 0
    assert len(np.unique(owner)) > 10


@pytest.mark.parametrize("angle", [0.0, 90.0])
def test_brushed_metal_runs_along_its_angle(angle):
    field = noise.streaks(120, 120, angle, 40.0, 1.5, rng())
    along, across = (np.abs(np.diff(field, axis=axis)).mean() for axis in ((1, 0) if angle == 0 else (0, 1)))
    assert along < across and field.mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", [*patterns.WEIGHTS, *patterns.COLOURS])
def test_a_pattern_is_a_tile_of_weights_or_colours(name):
    weights = name in patterns.WEIGHTS
    ink = patterns.WEIGHTS[name][0] if weights else patterns.COLOURS[name]
    tile = ink(rng())
    assert tile.shape == ((patterns.TILE, patterns.TILE) if weights else (patterns.TILE, patterns.TILE, 3))
    assert tile.min() >= 0 and tile.max() <= (1 if weights else 256) and tile.std() > 0
    assert np.array_equal(tile, ink(rng()))


@pytest.mark.parametrize("name", MATERIALS)
def test_a_material_has_a_surface(name):
    tile = substances.SUBSTANCES[name].paint(96, rng())
    assert tile.shape == (96, 96, 3) and tile.min() >= -1 and tile.max() <= 256
    assert np.array_equal(tile, substances.SUBSTANCES[name].paint(96, rng()))


def test_a_run_of_colours_begins_and_ends_with_its_ends():
    field = np.linspace(0, 1, 11).reshape(1, -1)
    run = substances.ramp(field, (0, 0, 0), (100, 50, 0), (200, 200, 200))
    assert run[0, 0] == pytest.approx([0, 0, 0]) and run[0, -1] == pytest.approx([200, 200, 200])
    assert run[0, 5] == pytest.approx([100, 50, 0], abs=0.5)


@pytest.mark.parametrize("name", sorted(set(BACKGROUNDS) & set(scenery.PAINTERS)))
@pytest.mark.parametrize("size", [(48, 80), (90, 40)])
def test_every_background_is_a_picture_of_any_shape(name, size):
    painted = scenery.paint(name, *size, rng())
    assert painted.shape == (*size, 3) and painted.dtype == np.uint8 and painted.std() > 1
    assert np.array_equal(painted, scenery.paint(name, *size, rng()))


def test_the_sun_is_where_it_is_put_and_stars_stay_in_the_sky():
    dark = np.full((100, 200, 3), 10, np.uint8)
    lit = skies.add_sun(dark, 0.25, 0.5, 0.05, (255, 220, 160), 1.0)
    assert lit[50, 50].sum() > lit[50, 150].sum() > 0 and (lit >= dark).all()
    upper = np.zeros((100, 200), np.float32)
    upper[:50] = 1
    stars = skies.add_stars(dark, 300.0, rng(), upper)
    assert (stars != dark).any() and np.array_equal(stars[55:], dark[55:])
    assert (
        skies.disc(40, 40, 20, 20, 5, 1.0)[20, 20] == pytest.approx(1) and skies.disc(40, 40, 20, 20, 5, 1.0)[0, 0] == 0
    )


@given(st.sampled_from(sorted(COLOURS)))
def test_colours_come_back_from_lab(name):
    pixel = np.array([[COLOURS[name]]], np.uint8)
    assert np.abs(from_lab(to_lab(pixel)).astype(int) - pixel).max() <= 1
    assert named_colour(name) == COLOURS[name]


def test_colours_have_names_shades_and_codes():
    plain, dark, light = (
        to_lab(np.array([[named_colour(word)]], np.uint8))[0, 0, 0] for word in ("red", "dark red", "light red")
    )
    assert dark < plain < light
    assert named_colour("#ff8000") == (255, 128, 0) and named_colour("flurb") is None


def test_a_region_is_blown_up_like_a_balloon():
    inside = np.zeros((60, 60), np.bool_)
    inside[10:50, 20:40] = True
    round_ = inflate(inside)
    assert round_[30, 30] > round_[30, 22] > 0 and round_[5, 5] < 0.1 and round_.max() <= 1.001
