"""Rain and snow that fall are told from a picture's own detail and taken away; where none falls, the picture stays and it is said."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import pixwright
from pixwright.edit.retouch.falling import find_rain, find_snow, rains, snows, without_rain, without_snow
from pixwright.records.result import Verdict

SIDE = 480


def ground():
    """A calm picture: a sky over a hill, with some grain."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    hill = rows > 300 + 40 * np.sin(columns / 70)
    sky = np.stack([90 + rows / 8, 95 + rows / 8, 100 + rows / 10], axis=-1)
    land = np.stack([60 + columns / 20, 70 + columns / 20, 55 + columns / 30], axis=-1)
    picture = np.where(hill[..., None], land, sky) + np.random.default_rng(0).normal(0, 1, (SIDE, SIDE, 1))
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def over(picture, marks):
    """White under the marks, HxW in [0, 1]."""
    weight = cv2.GaussianBlur(marks, (0, 0), 0.7)[..., None]
    return np.asarray(np.rint(picture * (1 - weight) + 240 * weight), np.uint8)


def rainy(slant):
    rng, marks = np.random.default_rng(1), np.zeros((SIDE, SIDE), np.float32)
    for x, y, long in zip(*rng.uniform(0, SIDE, (2, 400)), rng.uniform(10, 20, 400)):
        away = long * np.array([np.sin(np.radians(slant)), np.cos(np.radians(slant))])
        cv2.line(
            marks, (int(x), int(y)), (int(x + away[0]), int(y + away[1])), float(rng.uniform(0.5, 1)), 1, cv2.LINE_AA
        )
    return over(ground(), marks)


def snowy():
    rng, marks = np.random.default_rng(2), np.zeros((SIDE, SIDE), np.float32)
    for x, y, r in zip(*rng.uniform(0, SIDE, (2, 350)), rng.integers(1, 4, 350)):
        cv2.circle(marks, (int(x), int(y)), int(r), 0.9, -1, cv2.LINE_AA)
    return over(ground(), marks)


def off(picture):
    """Mean difference from the picture without weather, in levels."""
    return float(np.abs(picture.astype(np.float32) - ground()).mean())


@pytest.mark.parametrize("slant", [-25, 0, 15])
def test_streaks_are_found_by_their_slant_and_go(slant):
    picture = rainy(slant)
    found = find_rain(picture)
    assert rains(found) and abs(abs(found.slant) - abs(slant)) < 10
    new, mask = without_rain(picture, found)
    assert off(new) < 0.8 * off(picture) and np.array_equal(new[mask == 0], picture[mask == 0])


def test_flakes_are_found_and_go():
    picture = snowy()
    found = find_snow(picture)
    assert snows(found)
    new, mask = without_snow(picture, found)
    assert off(new) < 0.8 * off(picture) and np.array_equal(new[mask == 0], picture[mask == 0])


def test_a_calm_picture_a_fence_and_one_flower_are_no_weather():
    fence = ground()
    fence[100:400, 40::60] = 230
    flower = cv2.circle(ground(), (200, 200), 9, (240, 240, 240), -1)
    for picture in (ground(), fence, flower):
        assert not rains(find_rain(picture)) and not snows(find_snow(picture))


def test_upright_lines_of_a_house_are_no_rain():
    """Light edges between two surfaces, and a lattice, however many there are."""
    cladding, lattice = ground(), ground()
    for x in range(6, SIDE - 6, 12):
        cladding[:, x : x + 6] = cladding[:, x : x + 6] // 2
        cladding[40:440, x : x + 2] += 40
        lattice[:, x : x + 2] = 230
    lattice[6::12] = 230
    for picture in (cladding, lattice):
        assert not rains(find_rain(picture))


def test_some_upright_streaks_are_not_enough():
    marks = np.zeros((SIDE, SIDE), np.float32)
    for x, y in np.random.default_rng(3).integers(10, (SIDE, SIDE // 2), (150, 2)):
        cv2.line(marks, (int(x), int(y)), (int(x), int(y) + 16), 0.8, 1)
    found = find_rain(over(ground(), marks))
    assert found.count > 50 and found.alike > 0.9 and not rains(found)


@pytest.mark.parametrize(
    ("picture", "words"), [(rainy(10), "dispel the drizzle"), (snowy(), "purge the photo of snowflakes")]
)
def test_weather_goes_by_the_whole_flow(picture, words):
    result = pixwright.edit(picture, words)
    assert result.report.steps[0].verdict in (Verdict.DONE, Verdict.PARTLY) and off(result.picture) < 0.8 * off(picture)


@pytest.mark.parametrize(
    ("words", "says"), [("remove the rain", "no rain is seen"), ("remove the snow from the photo", "no snow is seen")]
)
def test_where_none_falls_the_picture_stays(words, says):
    result = pixwright.edit(ground(), words)
    assert np.array_equal(result.picture, ground()) and result.report.steps[0].verdict is Verdict.NOT_DONE
    assert says in str(result.report.steps[0])
