"""Whose colour a pixel has, and how far a paint goes beyond an outline that cuts it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from test_surfaces import SIDE, as_mask, context, disc, lit, named, over

from pixwright.edit.editors import color_alter, material_change
from pixwright.edit.surfaces.body import meant
from pixwright.edit.surfaces.paint import carried_on, share_of, sides
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import read

RED, WALL, HAIR = (200, 30, 35), (190, 150, 70), (120, 45, 38)


def sweater():
    """A red disc before a wall, in light and shade, with its share of each pixel."""
    share = disc(80)
    return over(lit(RED), share, WALL), share


def test_a_colour_is_its_that_has_it_most():
    pixels, share = sweater()
    inside, outside = sides(as_mask(share))
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    mine = share_of(lab, inside, outside)
    assert np.median(mine[inside]) > 0.95 and np.median(mine[outside]) < 0.05
    assert share_of(lab, inside & False, outside) is None


def test_a_shoulder_that_the_outline_cut_off_is_taken_in_again():
    pixels, share = sweater()
    cut = as_mask(share)
    cut[:70] = 0
    whole = carried_on(pixels, cut)
    assert (whole[50:70][share[50:70] > 0.99] > 200).mean() > 0.9
    assert (whole[share < 0.01] < 60).mean() > 0.99


def test_an_outline_that_lies_on_an_edge_is_left_even_before_a_neighbour_of_the_same_paint():
    pixels, share = sweater()
    pixels[68:72] = pixels[68:72] // 3
    lower = as_mask(share)
    lower[:70] = 0
    assert np.array_equal(carried_on(pixels, lower), lower)
    elsewhere = pixels.copy()
    elsewhere[:, 210:] = RED  # as much of that red is far from it
    elsewhere[10:230, :30] = RED
    uncut = as_mask(share)
    assert np.array_equal(carried_on(elsewhere, uncut), uncut)


def test_hair_over_a_sweater_is_not_the_sweater():
    """Brown is near red in the shade, but it is mostly around."""
    pixels, share = sweater()
    pixels[:60, 60:180] = HAIR
    pixels[60:80, 100:140] = HAIR
    mask = as_mask(np.where(np.arange(SIDE)[:, None] < 60, 0, share))
    got = meant(pixels, mask, named("sweater")).mask
    assert got[64:78, 104:136].mean() < 40 and np.median(got[100:180, 90:150]) > 230


@pytest.mark.parametrize("source, all_of_it", [("user", True), ("phrase", False)])
def test_what_the_user_drew_is_the_things_even_in_its_surroundings_colour(source, all_of_it):
    """Of what words found, brown before a sweater is the hair around; within a mask that the user drew it is the sweater's."""
    pixels, share = sweater()
    pixels[:60, 60:180] = HAIR
    pixels[60:80, 100:140] = HAIR
    mask = as_mask(np.where(np.arange(SIDE)[:, None] < 60, 0, share))
    region = Region(mask, ((0, 60, SIDE, SIDE),), 0.9, "sweater", source)
    step = Step(type=EditType.COLOR_ALTER, instruction="", target=named("sweater"), value="blue")
    mask = color_alter.edit(pixels, step, region, context()).mask
    assert (mask[66:76, 108:132].mean() > 150) == all_of_it


def test_cloth_keeps_the_colour_of_what_becomes_it_and_loses_the_shine():
    pixels, share = sweater()
    pixels[100:112, 100:112] = 250
    region = Region(as_mask(share), ((0, 0, SIDE, SIDE),), 0.9, "sofa", "user")
    step = Step(type=EditType.MATERIAL_CHANGE, instruction="", target=named("sofa"), value="velvet")
    made = material_change.edit(pixels, step, region, context()).picture.astype(int)
    solid = share > 0.99
    assert np.median(made[solid][:, 0] - made[solid][:, 1]) > 60, "it is red still"
    assert made[104:108, 104:108].mean() < 235
    assert np.abs(made - pixels)[solid].mean() > 2, "a weave is seen"


def test_a_dark_flat_thing_that_becomes_porcelain_gets_the_light_of_its_form():
    share = disc(80)
    pixels = over(np.full((SIDE, SIDE, 3), 22, np.float32), share, WALL)
    region = Region(as_mask(share), ((0, 0, SIDE, SIDE),), 0.9, "figure", "user")
    step = Step(type=EditType.MATERIAL_CHANGE, instruction="", target=named("figure"), value="porcelain")
    made = material_change.edit(pixels, step, region, context()).picture.mean(axis=2)
    towards, away = made[70:90, 80:100].mean(), made[150:170, 150:170].mean()
    assert towards > 190 and towards > away + 40


def test_nearly_black_cloth_is_taken_whole_whatever_hue_its_noise_has():
    rng = np.random.default_rng(0)
    pixels = np.full((200, 200, 3), 200, np.uint8)
    cloth = np.array((16, 18, 30)) + rng.normal(0, 7, (160, 160, 1)) * np.array((1, 0.3, -1))
    pixels[20:180, 20:180] = np.clip(cloth, 0, 255)
    mask = np.zeros((200, 200), np.uint8)
    mask[20:180, 20:180] = 255
    assert (meant(pixels, mask, read("the shirt")).mask[25:175, 25:175] > 127).mean() > 0.97
