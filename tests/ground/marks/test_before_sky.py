"""What is small or thin before the sky, and what is drawn over a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.ground.marks.calm import small_ones, thin_ones
from pixwright.ground.marks.drawn import drawn_lines

HEIGHT, WIDTH, HORIZON = 360, 480, 280
BIRDS = ((60, 60), (140, 90), (300, 50), (410, 130))


@pytest.fixture
def sky() -> np.ndarray:
    """A blue sky that grows pale downwards, over a rough ground."""
    rng = np.random.default_rng(2)
    light = np.linspace(0, 60, HEIGHT)[:, None, None]
    out = np.array((70, 120, 190), np.float32) + light + np.zeros((HEIGHT, WIDTH, 3), np.float32)
    out[HORIZON:] = rng.normal(90, 45, (HEIGHT - HORIZON, WIDTH, 1))
    return np.clip(out + rng.normal(0, 2, out.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def place() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:HORIZON] = 255
    return mask


def test_every_bird_is_found_and_nothing_on_the_ground(sky, place):
    for x, y in BIRDS:
        cv2.line(sky, (x - 5, y - 3), (x, y), (30, 30, 35), 2)
        cv2.line(sky, (x, y), (x + 5, y - 3), (30, 30, 35), 2)
    found = small_ones(sky, place)
    assert len(found) == len(BIRDS)
    assert all(any(one.mask[y, x] for one in found) for x, y in BIRDS)


def test_an_empty_sky_holds_nothing(sky, place):
    assert not small_ones(sky, place)
    assert not thin_ones(sky, place, True) and not thin_ones(sky, place, False)


def test_what_is_joined_to_the_ground_is_not_small(sky, place):
    cv2.rectangle(sky, (200, 200), (214, HORIZON + 20), (40, 35, 30), -1)
    place[200:, 200:215] = 0
    assert not [one for one in small_ones(sky, place) if one.mask[240, 207]]


def test_a_pole_and_a_wire_are_told_apart(sky, place):
    cv2.line(sky, (120, 60), (120, HORIZON), (30, 30, 30), 2)
    cv2.line(sky, (0, 90), (479, 120), (30, 30, 30), 1)
    poles, wires = thin_ones(sky, place, True), thin_ones(sky, place, False)
    assert poles and poles[0].mask[200, 120] and not poles[0].mask[115, 400]
    assert wires and any(one.mask[115:119, 420].any() for one in wires)


def test_lines_drawn_in_a_colour_are_found_over_anything(sky):
    cv2.rectangle(sky, (50, 40), (420, 320), (20, 20, 250), 1)
    found = drawn_lines(sky, ("blue",))
    assert found is not None
    assert found.mask[40, 100:400].mean() > 200 and found.mask[100:200, 50].mean() > 200
    assert found.mask[150:170, 200:220].max() == 0


def test_garish_lines_need_no_colour_and_edges_of_things_are_none(sky):
    assert drawn_lines(sky, ()) is None
    cv2.rectangle(sky, (50, 40), (420, 320), (250, 10, 200), 2)
    assert drawn_lines(sky, ()) is not None
