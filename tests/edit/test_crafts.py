"""Materials made of parts: each row of the table paints a tile that fits, and lies on a thing as coarse as it is in the world."""

from __future__ import annotations

import numpy as np
import pytest
from test_surfaces import SIDE, as_mask, context, disc, lit, over

from pixwright.edit.editors import material_change
from pixwright.edit.surfaces import crafts, substances
from pixwright.edit.surfaces.surface import read_surface, receding, sample_far, to_lab
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, box_of
from pixwright.words import read

ROWS = substances._made()
NAMES = sorted({id(one): name for name, one in reversed(ROWS.items())}.values())


def painted(name, side=256):
    return ROWS[name].paint(side, np.random.default_rng(0))


@pytest.mark.parametrize("name", NAMES)
def test_every_row_paints_a_tile_of_colours(name):
    tile = painted(name)
    assert tile.shape == (256, 256, 3) and np.isfinite(tile).all()
    assert tile.min() > -20 and tile.max() < 300
    again = painted(name)
    assert np.array_equal(tile, again), "chance comes from the generator alone"


@pytest.mark.parametrize("name", ["wicker", "clay tiles", "planks", "tiles", "brick", "mosaic", "slate"])
def test_tiles_fit_to_themselves(name):
    """The step from the last row to the first is like that between two rows inside, or a joint."""
    tile = painted(name)
    for axis in (0, 1):
        inner = np.abs(np.diff(tile, axis=axis)).mean(axis=(1 - axis, 2))
        seam = np.abs(np.take(tile, 0, axis) - np.take(tile, -1, axis)).mean()
        assert seam <= 1.3 * inner.max()


def test_an_unfitting_field_is_made_to_fit():
    slope = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32), (64, 64))
    fitted = crafts.fitting(slope)
    assert abs(float(fitted[:, 0].mean() - fitted[:, -1].mean())) < 0.1 < abs(float(slope[0, 0] - slope[0, -1]))


def test_the_longest_name_counts_and_the_colour_before_it():
    assert substances.meant_by("red clay tiles")[0] is ROWS["clay tiles"]
    assert substances.meant_by("clay roof tiles")[0] is ROWS["clay tiles"]
    assert substances.meant_by("rattan")[0] is ROWS["wicker"]
    green, colour = substances.meant_by("green velvet")
    assert green is ROWS["velvet"] and colour is not None and colour[1] > colour[0]
    assert substances.meant_by("white marble")[0] is substances.SUBSTANCES["marble"]
    assert substances.meant_by("dragon scales") is None


def test_a_refusal_names_the_new_ones_too():
    said = substances.known_names()
    assert {"wood", "wicker", "slate", "terrazzo"} <= set(said) and len(said) == len(set(said))


def step(words, value):
    return Step(type=EditType.MATERIAL_CHANGE, instruction=words, target=read(words), value=value)


def region(mask):
    return Region(mask, (box_of(mask > 127),), 0.9, "it", labels=(mask > 0).astype(np.uint8))


def bands(picture, column):
    """How often the lightness along a column crosses its slow mean."""
    light = to_lab(picture)[:, column - 2 : column + 3, 0].mean(axis=1)
    slow = np.convolve(light, np.ones(25) / 25, "same")
    return int(np.count_nonzero(np.diff(np.sign(light - slow)[20:-20]) != 0))


def test_bricks_are_as_small_on_a_house_as_they_are():
    picture = np.full((SIDE, SIDE, 3), (150, 150, 150), np.uint8)
    mask = np.full((SIDE, SIDE), 255, np.uint8)
    made = {
        head: material_change.edit(picture, step(f"the {head}", "brick"), region(mask), context()).picture
        for head in ("house", "box")
    }
    assert bands(made["house"], 120) > 2 * bands(made["box"], 120)


def test_a_floor_of_oak_is_laid_in_boards_that_run_away():
    picture = np.full((SIDE, SIDE, 3), (170, 165, 160), np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[130:] = 255
    out = material_change.edit(picture, step("the floor", "oak"), region(mask), context()).picture
    near, far = (to_lab(out[row - 3 : row + 3])[..., 0].mean(axis=0) for row in (230, 140))
    steps = [np.count_nonzero(np.abs(np.diff(line)) > 3) for line in (near, far)]
    assert out[:120].tolist() == picture[:120].tolist()
    assert steps[0] >= 4, "joints are seen in front"
    red, _, blue = (float(v) for v in out[200:].reshape(-1, 3).mean(axis=0))
    assert red > blue + 20


def test_ground_holds_more_of_its_pattern_farther_off():
    share = disc(100)
    surface = read_surface(over(lit((120, 120, 120)), share, (90, 90, 90)), as_mask(share), flat=True)
    ground, depth = receding(surface, -40.0, 239.0, 300.0)
    assert depth[239, 0] == pytest.approx(1.0) and depth[0, 0] == pytest.approx(279 / 40)
    assert (np.diff(ground.v[:, 0]) > 0).all() and ground.u[0, 10] < ground.u[200, 10] < 0
    stripes = np.zeros((64, 64, 3), np.float32)
    stripes[:, ::8] = 255
    laid = sample_far(stripes, ground, 1.0, depth)
    assert laid[2].std() < 0.5 * laid[237].std(), "what is too fine to be seen is its mean"
