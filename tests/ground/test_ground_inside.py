"""The vote of what stands out, of colour and of place about which pixels of a box are its thing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import discs, iou, planted

from pixwright.ground.fitted.inside import MEASURES, REACH, features, inside, network, solidity
from pixwright.ground.geometry import frame_of

SHAPE = (384, 512)


def drawn(*lines, thick):
    matte = np.zeros(SHAPE, np.float32)
    for a, b in lines:
        cv2.line(matte, a, b, 1.0, thick)
    return matte


def test_a_frame_is_hollow_and_a_pencil_is_solid():
    frame = np.zeros(SHAPE, np.float32)
    cv2.rectangle(frame, (100, 100), (300, 250), 1.0, 6)
    pencil = drawn(((100, 100), (300, 250)), thick=10)
    assert solidity(frame) < 0.2 and solidity(pencil) > 0.85
    assert solidity(np.zeros(SHAPE, np.float32)) == 0


def test_of_a_screen_whose_rim_alone_stands_out_the_vote_takes_all():
    picture = np.full((*SHAPE, 3), 200, np.uint8)
    cv2.rectangle(picture, (150, 120), (350, 260), (40, 60, 90), -1)
    true = np.zeros(SHAPE, np.float32)
    cv2.rectangle(true, (150, 120), (350, 260), 1.0, -1)
    rim = np.zeros(SHAPE, np.float32)
    cv2.rectangle(rim, (150, 120), (350, 260), 1.0, 8)
    box = frame_of(true)
    assert iou(rim, true) < 0.3
    assert iou(inside(planted(picture), box, rim, 0.98), true) > 0.9


def test_of_a_diagonal_pencil_the_vote_does_not_take_its_box():
    picture = np.full((*SHAPE, 3), 200, np.uint8)
    pencil = drawn(((150, 120), (350, 260)), thick=14)
    picture[pencil > 0] = (40, 60, 90)
    seen = inside(planted(picture), frame_of(pencil), pencil, 0.98)
    assert iou(seen, pencil) > 0.6 and seen.mean() < 1.3 * pencil.mean()


def test_where_nothing_stands_out_colour_tells():
    picture, (disc,) = discs((250, 190, 90), colour=(90, 20, 20), ground=(20, 60, 90))
    seen = inside(planted(picture), frame_of(disc), np.zeros(SHAPE, np.float32), 0.0)
    assert iou(seen, disc) > 0.8


@pytest.mark.parametrize("box", [(0.3, 0.3, 0.6, 0.7), (0.9, 0.9, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5)])
def test_nothing_lies_far_from_the_box(box):
    picture, _ = discs((250, 190, 90))
    everywhere = np.ones(SHAPE, np.float32)
    scene = planted(picture)
    seen, _ = features(scene, box, everywhere, 1.0)
    assert seen.shape[2] == len(MEASURES) == len(network()["first"]) and np.isfinite(seen).all()
    rows, columns = np.nonzero(inside(scene, box, everywhere, 1.0) > 0.5)
    for at, (low, high), side in ((columns, box[::2], SHAPE[1]), (rows, box[1::2], SHAPE[0])):
        half = (high - low) / 2 * REACH * side + 4
        assert not len(at) or np.abs(at + 0.5 - (low + high) / 2 * side).max() <= half


def test_the_box_outliner_is_asked_once_a_box_and_its_answer_lies_where_the_thing_is():
    picture, (disc,) = discs((300, 200, 80))
    frame = (0.3, 0.1, 0.9, 0.95)

    class Planted:
        asked = 0

        def odds(self, given, box):
            self.asked += 1
            x0, y0, x1, y1 = (round(v * n) for v, n in zip(frame, (512, 384) * 2, strict=True))
            seen = cv2.resize(disc[y0:y1, x0:x1], (112, 112), interpolation=cv2.INTER_AREA)
            return np.where(seen > 0.5, 20, -20).astype(np.float32), frame

    outliner = Planted()
    scene = planted(picture, boxed=outliner)
    box = frame_of(disc)
    odds = scene.boxed(box)
    assert (scene.boxed(box) == odds).all() and outliner.asked == 1
    assert iou((odds > 0).astype(np.float32), disc) > 0.95
    assert odds.max() == -odds.min() == 6 and odds[0, 0] < 0
