"""A shadow is lit and keeps what lies in it; what is dark for another reason stays, and it is said why."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import pixwright
from pixwright.edit.retouch.relighting import relit, whole_shadow
from pixwright.records.result import Verdict

HIGH, WIDE = 300, 400


def ground(grain=3.0):
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
    light = 150 + rows / 15 + columns / 20 + rng.normal(0, grain, (HIGH, WIDE))
    picture = np.asarray(np.clip(np.stack([light, 0.95 * light, 0.85 * light], -1), 0, 255), np.uint8)
    for x in range(20, WIDE, 40):
        picture[:, x : x + 2] = picture[:, x : x + 2] // 4 * 3
    return picture


def oval(grown=0):
    return cv2.ellipse(np.zeros((HIGH, WIDE), np.uint8), (200, 150), (90 + grown, 45 + grown), 20, 0, 360, 255, -1)


def darker(picture, light, soft=3.0):
    """The picture with so much of its light left in each channel under the oval."""
    share = cv2.GaussianBlur(oval(), (0, 0), soft).astype(np.float32)[..., None] / 255
    linear = (picture / 255) ** 2.2 * (1 - share * (1 - np.array(light)))
    return np.asarray(np.rint(255 * linear ** (1 / 2.2)), np.uint8)


def off(one, other, where):
    return float(np.abs(one.astype(np.float32) - other)[where].mean())


@pytest.mark.parametrize("soft", [1.0, 4.0])
@pytest.mark.parametrize("grain", [1.0, 8.0])
def test_a_shadow_goes_and_the_lines_in_it_stay(soft, grain):
    was = ground(grain)
    shaded = darker(was, (0.4, 0.42, 0.47), soft)
    made = relit(shaded, oval(8))
    inside = oval() > 0
    assert not made.why and off(made.picture, was, inside) < 0.2 * off(shaded, was, inside)
    assert np.array_equal(made.picture[made.mask == 0], shaded[made.mask == 0])


@pytest.mark.parametrize("light", [(0.2, 0.5, 0.2), (0.5, 0.2, 0.1), (0.95, 0.95, 0.95), (0.02, 0.02, 0.02)])
def test_a_stain_a_faint_patch_and_something_black_are_no_shadow(light):
    picture = darker(ground(), light)
    made = relit(picture, oval(8))
    assert made.why and np.array_equal(made.picture, picture) and not made.mask.any()


def test_calm_ground_and_half_of_a_wall_are_no_shadow():
    picture = ground()
    assert relit(picture, oval()).why and relit(picture, np.zeros((HIGH, WIDE), np.uint8)).why
    picture[:, 200:] //= 2
    assert relit(picture, oval()).why


def test_what_is_no_ground_stays():
    shaded, thing = darker(ground(), (0.4, 0.42, 0.47)), np.zeros((HIGH, WIDE), np.uint8)
    thing[120:160, 180:220] = 255
    made = relit(shaded, oval(8), thing)
    core = np.s_[125:155, 185:215]
    assert not made.why and np.array_equal(made.picture[core], shaded[core])


def test_with_a_mask_it_is_lit_and_without_one_it_is_said_what_to_do():
    shaded = darker(ground(), (0.4, 0.42, 0.47))
    result = pixwright.edit(shaded, "remove the shadow", mask=oval(14))
    assert result.report.steps[0].verdict is Verdict.DONE
    assert off(result.picture, ground(), oval() > 0) < 0.25 * off(shaded, ground(), oval() > 0)
    for words in ("remove the shadow", "remove the zebra's shadow"):
        refused = pixwright.edit(shaded, words)
        assert refused.report.steps[0].verdict is Verdict.NOT_DONE and np.array_equal(refused.picture, shaded)


def test_a_part_of_a_shadow_leads_to_the_whole_and_not_to_a_dark_half():
    shaded, nothing = darker(ground(), (0.4, 0.42, 0.47)), np.zeros((HIGH, WIDE), np.uint8)
    part = nothing.copy()
    part[110:190, 150:230] = oval()[110:190, 150:230]
    found = whole_shadow(shaded, part, nothing) > 0
    assert (found & (oval() > 0)).sum() > 0.8 * (oval() > 0).sum() and found.sum() < 1.2 * (oval() > 0).sum()
    half = ground()
    half[:, 150:] //= 2
    corner = nothing.copy()
    corner[120:160, 150:190] = 255
    assert np.array_equal(whole_shadow(half, corner, nothing), corner)
