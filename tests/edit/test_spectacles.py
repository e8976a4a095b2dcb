"""The frame of glasses on drawn faces, whose rims are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.surfaces.spectacles import frame_of

SKIN = (205, 165, 140)
MIDDLES = ((110, 100), (190, 100))


def face(draw, turned=0.0):
    """A face with eyes and brows, glasses drawn on it by `draw`, and the rim's pixels: HxWx3, HxW bool, and the mask of the band over the eyes."""
    picture = np.full((200, 300, 3), SKIN, np.uint8)
    for x, y in MIDDLES:
        cv2.ellipse(picture, (x, y), (13, 6), 0, 0, 360, (240, 235, 230), -1)
        cv2.circle(picture, (x, y), 5, (70, 45, 30), -1)
        cv2.ellipse(picture, (x, y - 48), (22, 4), 0, 0, 360, (110, 80, 60), -1)
    frame = np.zeros(picture.shape[:2], np.uint8)
    draw(frame)
    picture[frame > 0] = (30, 28, 30)
    around = cv2.getRotationMatrix2D((150, 100), turned, 1)
    picture = cv2.GaussianBlur(cv2.warpAffine(picture, around, (300, 200), borderValue=SKIN), (0, 0), 0.7)
    frame = cv2.warpAffine(frame, around, (300, 200)) > 0
    band = np.zeros(frame.shape, np.uint8)
    cv2.rectangle(band, (62, 66), (238, 134), 255, -1)
    return picture, frame, cv2.warpAffine(band, around, (300, 200))


def round_ones(frame):
    for x, y in MIDDLES:
        cv2.circle(frame, (x, y), 30, 255, 4)
    cv2.line(frame, (138, 96), (162, 96), 255, 4)


def square_ones(frame):
    for x, y in MIDDLES:
        cv2.rectangle(frame, (x - 32, y - 22), (x + 32, y + 22), 255, 6)
    cv2.line(frame, (140, 90), (160, 90), 255, 6)


@pytest.mark.parametrize("turned", [0, 9])
@pytest.mark.parametrize("draw", [round_ones, square_ones])
def test_the_frame_is_the_rims_and_not_the_eyes_behind_them(draw, turned):
    picture, frame, band = face(draw, turned)
    found = frame_of(picture, band)
    assert found is not None
    got = found > 127
    assert (got & frame).sum() > 0.7 * frame.sum()
    assert (got & ~cv2.dilate(frame.astype(np.uint8), np.ones((3, 3))).astype(bool)).sum() < 0.08 * frame.sum()


def test_dark_lenses_are_taken_with_their_frame():
    def sunglasses(frame):
        for x, y in MIDDLES:
            cv2.circle(frame, (x, y), 32, 255, -1)

    picture, _, band = face(sunglasses)
    assert frame_of(picture, band) is band


def test_without_rims_there_is_no_frame():
    picture, _, band = face(lambda frame: None)
    assert frame_of(picture, band) is None
