"""Names of colours on a page of samples."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.ground.colour import any_colour, colour_odds

SAMPLES = {
    "red": [(205, 25, 30), (120, 15, 20)],
    "orange": [(240, 130, 20)],
    "yellow": [(240, 220, 40)],
    "green": [(40, 150, 50), (15, 70, 25)],
    "blue": [(30, 60, 210), (20, 30, 100)],
    "purple": [(120, 40, 160)],
    "white": [(250, 250, 250), (225, 228, 226)],
    "black": [(10, 10, 12), (40, 40, 40)],
    "gray": [(128, 128, 128)],
}


def lab(colour):
    pixel = np.array([[colour]], np.float32) / 255
    return cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_colour_is_called_by_its_name_and_by_no_other(name):
    for colour in SAMPLES[name]:
        assert any_colour(lab(colour), (name,))[0, 0] > 0, colour
        others = [other for other in SAMPLES if other != name]
        # A dark grey may be called black as well, and a light one white.
        others = [o for o in others if o not in ("black", "white", "gray") or name not in ("black", "white", "gray")]
        assert max(any_colour(lab(colour), (other,))[0, 0] for other in others) < 0.5, colour


def test_shade_is_not_colour():
    light, dark = (colour_odds(lab(c), "blue")[0, 0] for c in ((60, 90, 230), (20, 30, 110)))
    assert min(light, dark) > 0.5


def test_of_two_names_either_will_do():
    for colour in ((250, 250, 250), (10, 10, 10)):
        assert any_colour(lab(colour), ("black", "white"))[0, 0] > 0.5
    assert any_colour(lab((205, 25, 30)), ("black", "white"))[0, 0] < 0


def test_odds_stay_in_their_range():
    page = np.random.default_rng(0).random((40, 40, 3)).astype(np.float32)
    odds = colour_odds(cv2.cvtColor(page, cv2.COLOR_RGB2LAB), "red")
    assert odds.shape == (40, 40) and -4 <= odds.min() <= odds.max() <= 2.5


@pytest.mark.parametrize(
    ("name", "like", "unlike"),
    [
        ("dark red", (120, 15, 20), (60, 90, 230)),
        ("dark brown", (60, 40, 25), (240, 220, 40)),
        ("bright green", (40, 200, 60), (205, 25, 30)),
        ("pale yellow", (250, 240, 170), (30, 60, 210)),
        ("dark orange", (230, 120, 10), (30, 60, 210)),
    ],
)
def test_a_colour_that_the_vocabulary_has_no_name_for_is_one_all_the_same(name, like, unlike):
    assert any_colour(lab(like), (name,))[0, 0] > 0 > any_colour(lab(unlike), (name,))[0, 0]


def test_every_colour_that_a_phrase_can_name_has_a_sample():
    from pixwright.words import read
    from pixwright.words.colours import NAMED, SHADES

    page = np.zeros((1, 1, 3), np.float32)
    names = [*NAMED, *(f"{shade} {plain}" for shade in SHADES for plain in ("brown", "grey", "teal", "gold"))]
    for name in names:
        for colour in read(f"the {name} lamp").colours:
            assert np.isfinite(any_colour(page, (colour,))).all(), colour
