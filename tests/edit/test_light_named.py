"""Casts that are named, corners, dark rooms, clear skies and two tones: a known fault is put into a picture, and mended by what it is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pixwright.edit.retouch.corners import LEAST_FALL, corner_fall, corners_lit
from pixwright.edit.retouch.exposing import (
    LEAST_CAST,
    lit,
    measure_named_cast,
    skin_cast,
    usual_cast,
    without_named_cast,
)
from pixwright.edit.surfaces.twofold import two_parts
from pixwright.edit.toning.controls import dehaze
from pixwright.edit.toning.dials import _down_to
from pixwright.edit.toning.grade import Grade, grade_named
from pixwright.words.colours import two_colours

WHOLE = np.full((192, 256), 255, np.uint8)


def scene(seed=0):
    """Grey and coloured blocks, as a room has walls and things."""
    rng = np.random.default_rng(seed)
    colours = rng.integers(40, 200, (12, 16, 3))
    greys = rng.integers(60, 235, (12, 16, 1)).repeat(3, 2)
    blocks = np.where(rng.random((12, 16, 1)) < 0.6, greys, colours).astype(np.uint8)
    return cv2.resize(blocks, (256, 192), interpolation=cv2.INTER_NEAREST)


def under(picture, light):
    linear = (picture / 255) ** 2.2 * np.array(light)
    return np.rint(255 * np.clip(linear, 0, 1) ** (1 / 2.2)).astype(np.uint8)


@pytest.mark.parametrize(
    ("colour", "light"),
    [("yellow", (1, 0.85, 0.5)), ("orange", (1, 0.72, 0.45)), ("blue", (0.65, 0.85, 1)), ("green", (0.8, 1, 0.78))],
)
def test_a_named_cast_is_taken_away(colour, light):
    plain, cast = scene(), under(scene(), light)
    mended, measured = without_named_cast(cast, WHOLE, colour)
    grey = np.ptp(plain.astype(int), axis=2) == 0

    def tint(picture):
        return float(np.ptp(picture[grey].astype(float).mean(0)))

    assert measured.degrees > LEAST_CAST and tint(mended) < 0.4 * tint(cast)


def test_there_is_no_cast_the_other_way():
    blue = under(scene(), (0.65, 0.85, 1))
    assert measure_named_cast(blue, WHOLE, "orange").degrees < LEAST_CAST
    assert measure_named_cast(scene(), WHOLE, "yellow").degrees < LEAST_CAST
    assert (without_named_cast(blue, WHOLE, "orange")[0].astype(int) - blue).max() <= 1


def test_half_of_it_can_be_asked_for():
    cast = under(scene(), (1, 0.72, 0.45))
    half, full = (without_named_cast(cast, WHOLE, "orange", share)[0][..., 2].mean() for share in (0.5, 1.0))
    assert cast[..., 2].mean() < half < full


def test_dark_corners_are_lit_by_what_they_lack():
    y, x = np.meshgrid(np.linspace(-1, 1, 192), np.linspace(-1, 1, 256), indexing="ij")
    away = np.sqrt((x**2 + y**2) / 2)
    gain = np.exp2(-1.5 * np.clip((away - 0.5) / 0.5, 0, 1))
    plain = np.full((192, 256, 3), 150, np.uint8)
    dark = under(plain, gain[..., None])
    assert corner_fall(dark)[1][-1] == pytest.approx(1.4, abs=0.35)
    mended = corners_lit(dark, 1.0)
    assert abs(int(mended[3, 3, 0]) - 150) < 25 < 150 - int(dark[3, 3, 0])
    assert np.abs(mended[80:110, 110:150].astype(int) - 150).max() <= 2
    assert corner_fall(plain)[1][-1] < LEAST_FALL


def test_a_dark_room_is_lit_and_its_window_is_not_burnt_out():
    room = np.full((192, 256, 3), 30, np.uint8)
    room[40:120, 150:220] = 225
    bright = lit(room, 2.0)
    assert bright[150, 40].mean() > 50 and np.abs(bright[80, 185].astype(int) - 225).max() <= 4


def test_a_night_is_no_darker_than_its_floor():
    night = grade_named("night")
    for light in (0.25, 0.4, 0.6):
        share = _down_to(night, light)
        assert 0 < share <= 1
        assert (light * 2 ** (night.exposure * share / 2.2)) ** (1 + (night.gamma - 1) * share) >= night.floor
    assert _down_to(replace(Grade(), gamma=2.0, floor=0.5), 0.2) == 0


def test_two_tones_are_told_and_one_is_not():
    mask = np.full((200, 200), 255, np.uint8)
    striped = np.full((200, 200, 3), 60, np.uint8)
    striped[:, ::20] = striped[:, 1::20] = 200
    for offset in range(8):
        striped[:, offset::20] = 200
    share = two_parts(striped, mask)
    assert share is not None and share[100, 4] > 0.9 and share[100, 14] < 0.1
    flag = np.full((200, 200, 3), (180, 60, 60), np.uint8)
    flag[:, 100:] = (60, 90, 190)
    assert two_parts(flag, mask) is not None
    ball = np.full((200, 200, 3), 90, np.float32) + np.linspace(0, 90, 200)[:, None, None]
    assert two_parts(ball.astype(np.uint8), mask) is None
    assert two_parts(striped, np.zeros((200, 200), np.uint8)) is None


def test_two_colours_are_two():
    assert two_colours("yellow and black") and two_colours("red and white")
    assert two_colours("red") is None and two_colours("red and happy") is None


def face(skin):
    """A face of one colour before a wall that says nothing of the light, and its box."""
    rng = np.random.default_rng(3)
    picture = rng.integers(20, 230, (160, 160, 3)).astype(np.float32)
    picture[40:120, 50:110] = np.array(skin, np.float32) + rng.normal(0, 3, (80, 60, 1))
    return np.clip(picture, 0, 255).astype(np.uint8), (50.0, 40.0, 110.0, 120.0)


@pytest.mark.parametrize("skin", [(194, 150, 130), (224, 172, 138), (150, 105, 80)])
def test_natural_skin_tells_of_no_cast(skin):
    picture, box = face(skin)
    assert skin_cast(picture, [box]).degrees < LEAST_CAST


def test_purple_skin_tells_the_light():
    picture, box = face((190, 160, 195))
    cast = skin_cast(picture, [box])
    assert cast.degrees > LEAST_CAST and cast.gains[2] < 0.8 < cast.gains[0]


def test_a_picture_in_one_ink_has_no_skin():
    picture, box = face((190, 160, 195))
    assert skin_cast(np.repeat(picture[..., :1], 3, axis=2), [box]) is None and skin_cast(picture, []) is None


def test_a_usual_cast_goes_the_other_way():
    red, green, blue = usual_cast("orange", 0.5)
    assert red < green < blue and usual_cast("orange", 0) == (1.0, 1.0, 1.0)


def test_a_veil_goes_and_the_picture_stays_as_light():
    rng = np.random.default_rng(5)
    clear = rng.integers(10, 200, (30, 40, 3)).astype(np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    veiled = (clear * 0.5 + 215 * 0.5).astype(np.uint8)
    out = dehaze(veiled, 0.9)
    assert out.std() > 1.3 * veiled.std() and out.mean() > 0.8 * veiled.mean()
