"""Letters as a thing: what can be read is found, its ink is the mask, and what bears it picks among lines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.reading.ink import ink_mask
from pixwright.ground import ground
from pixwright.ground.parts import find_lettering
from pixwright.records.region import Region
from pixwright.words import read
from pixwright.words.lettering import bearer, is_lettering

ENCODERS = Encoders()


def sign():
    """Two lines, HARBOUR above and BAKERY below, dark on pale, with grain."""
    picture = np.full((240, 420, 3), (225, 220, 205), np.uint8)
    for text, y in (("HARBOUR", 90), ("BAKERY", 190)):
        cv2.putText(picture, text, (40, y), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (40, 40, 120), 6, cv2.LINE_AA)
    grain = np.random.default_rng(1).normal(0, 3, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("words", ["the letters", "the lettering", "the text", "the words"])
def test_the_ink_of_what_can_be_read_is_found(words):
    picture = sign()
    found = ground(picture, words, ENCODERS)
    dark = picture.max(axis=2) < 140
    assert found.found and found.exact and len(found.boxes) == 2
    assert (found.mask[dark] > 127).mean() > 0.9 and (found.mask[~dark] > 127).mean() < 0.08


def test_what_bears_it_picks_among_the_lines():
    upper = np.zeros((240, 420), np.uint8)
    upper[:120] = 255
    board = Region(upper, ((0, 0, 420, 120),), 0.9, "board", "phrase")
    ink, boxes, score = find_lettering(sign(), read("the letters on the board"), ENCODERS.reader, lambda thing: board)
    assert len(boxes) == 1 and boxes[0][3] < 120 and not ink[130:].any() and score > 0.7


def test_where_nothing_can_be_read_nothing_is_found():
    blank = ground(np.full((120, 160, 3), 128, np.uint8), "the lettering", ENCODERS)
    assert not blank.found and "nothing can be read there" in blank.note


@pytest.mark.parametrize(
    ("words", "written", "on"),
    [
        ("letters", True, None),
        ("a letter", False, None),
        ("the writing on the wall", True, "the wall"),
        ("the sign's lettering", True, "the sign"),
        ("the numbers on the car", True, "the car"),
        ("the number", False, None),
    ],
)
def test_which_nouns_are_lettering(words, written, on):
    thing = read(words)
    assert is_lettering(thing) == written
    assert not written or (None if bearer(thing) is None else str(bearer(thing))) == on


def test_the_ink_lies_in_its_line_and_is_not_its_ground():
    picture = sign()
    quad = np.array([[30, 40], [330, 40], [330, 100], [30, 100]], np.float32)
    ink = ink_mask(picture, quad)
    assert not ink[110:].any() and 0.1 < (ink[45:95, 40:300] > 0).mean() < 0.6
