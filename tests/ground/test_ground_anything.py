"""What is only described: the thing that has the colour, or lies at the place, whatever it is called."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import encoders

from pixwright.ground import ground
from pixwright.ground.anything import _apart
from pixwright.ground.instance import Instance

HEIGHT, WIDTH = 300, 400


@pytest.fixture(scope="module")
def desk():
    """Three plain boxes on a grey ground with grain: a red one and a blue one on the left, another red one on the right."""
    out = np.full((HEIGHT, WIDTH, 3), 128, np.float32)
    for (x, y), colour in (((90, 80), (190, 30, 35)), ((90, 210), (30, 70, 190)), ((300, 150), (200, 35, 30))):
        cv2.rectangle(out, (x - 34, y - 30), (x + 34, y + 30), colour, -1)
        cv2.rectangle(out, (x - 34, y - 30), (x + 34, y - 18), [0.7 * c for c in colour], -1)
    return np.clip(out + np.random.default_rng(0).normal(0, 3, out.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "phrase, middle",
    [
        ("the blue thing", (90, 210)),
        ("the red thing on the left", (90, 80)),
        ("the red object on the right", (300, 150)),
    ],
)
def test_a_thing_is_found_by_its_colour_and_its_place(desk, phrase, middle):
    region = ground(desk, phrase, encoders())
    (box,) = region.boxes
    assert np.hypot((box[0] + box[2]) / 2 - middle[0], (box[1] + box[3]) / 2 - middle[1]) < 12
    assert 0.5 < (region.mask > 127).sum() / (68 * 60) < 1.5


def test_a_colour_that_is_not_there_is_not_found(desk):
    assert not ground(desk, "the yellow thing", encoders()).found


def test_what_is_around_a_thing_counts_against_it():
    mask = np.zeros((60, 60), np.float32)
    mask[20:40, 20:40] = 1
    one, everywhere = Instance(mask), np.ones((60, 60), bool)
    assert _apart(one, everywhere) == 0 < _apart(one, mask > 0) == 1
