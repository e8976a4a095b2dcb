"""The box outliner: its crops are where its frames say, and what it outlines is the thing and not the ground, whatever the crop."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.encoders.boxed.frames import AROUND, LONGEST, SIDE, frame_about, place_of, shown
from pixwright.encoders.bundle import Encoders

SIDES = st.floats(0.02, 0.98)


@pytest.fixture(scope="module")
def outliner():
    return Encoders().boxed


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, SIDES, SIDES, st.floats(0.3, 3.0))
def test_a_frame_holds_its_box_in_the_middle_and_is_not_too_long(a, b, c, d, aspect):
    box = (min(a, c), min(b, d), max(a, c) + 0.01, max(b, d) + 0.01)
    x0, y0, x1, y1 = frame_about(box, aspect)
    assert (x0 + x1, y0 + y1) == pytest.approx((box[0] + box[2], box[1] + box[3]))
    assert (
        x1 - x0 >= (1 + 2 * AROUND) * (box[2] - box[0]) - 1e-9
        and y1 - y0 >= (1 + 2 * AROUND) * (box[3] - box[1]) - 1e-9
    )
    assert 1 / LONGEST - 1e-9 <= (x1 - x0) * aspect / (y1 - y0) <= LONGEST + 1e-9


def test_what_is_shown_of_the_whole_picture_is_the_picture_resized():
    picture = data.astronaut()
    seen = shown(picture, (0.0, 0.0, 1.0, 1.0), 256).astype(int)
    assert np.abs(seen - cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA)).mean() < 1.5


def test_beyond_the_picture_its_border_goes_on():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, -1] = 200
    seen = shown(picture, (0.5, 0.0, 1.5, 1.0), 60)
    assert (seen[:, 45:] == 200).all() and (seen[:, 5] == 0).all()


def test_place_is_one_inside_and_falls_to_the_sides():
    planes = place_of((0.25, 0.25, 0.75, 0.5), 64)
    assert planes.shape == (6, 64, 64)
    assert planes[0].sum() == 32 * 16 and planes[5][24, 32] == pytest.approx(1, abs=0.1)
    assert (planes[0] == (planes[5] > 0)).all()


@pytest.mark.parametrize("name, box", [("chelsea", (0.25, 0.03, 0.97, 1.0)), ("coffee", (0.27, 0.17, 0.9, 0.92))])
def test_the_middle_of_a_photographs_thing_is_its_own_and_the_corners_are_not(outliner, name, box):
    odds, _ = outliner.odds(getattr(data, name)(), box)
    assert odds.shape == (SIDE // 2, SIDE // 2)
    assert odds[46:66, 46:66].mean() > 1 and odds[:8, :8].mean() < -2


@pytest.mark.parametrize(
    "colours", [((200, 60, 40), (90, 110, 60)), ((70, 70, 80), (150, 150, 150)), ((230, 230, 225), (120, 90, 60))]
)
def test_a_plain_disc_on_grain_is_outlined(outliner, colours):
    draw = np.random.default_rng(1)
    thing, ground = colours
    picture = np.clip(np.array(ground) + draw.normal(0, 12, (300, 400, 3)), 0, 255).astype(np.uint8)
    truth = np.zeros((300, 400), np.uint8)
    cv2.circle(truth, (220, 150), 70, 1, -1)
    picture[truth > 0] = thing
    odds, frame = outliner.odds(picture, (150 / 400, 80 / 300, 290 / 400, 220 / 300))
    true = shown(np.repeat(truth[..., None] * 255, 3, 2), frame, SIDE // 2)[..., 0] > 127
    found = odds > 0
    assert (found & true).sum() / (found | true).sum() > 0.85
