"""Repairs: a known fault is put into a photograph, measured, mended, and what was no fault is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage

import pixwright
from pixwright.edit.retouch.blemishes import find_marks, mended
from pixwright.edit.retouch.exposing import LEAST_STOPS, balanced, measure_cast, measure_exposure
from pixwright.edit.retouch.eyes import find_red_eyes
from pixwright.edit.retouch.stance import Stance, largest_inside, measure_stance, standing, stood_up
from pixwright.edit.retouch.tilt import inner_size, levelled, measure_tilt
from pixwright.encoders.bundle import Encoders
from pixwright.media import load_picture
from pixwright.media.pixels import shrink

DATA = Path(skimage.__file__).with_name("data")
ENCODERS = Encoders()


def photograph(name, side=512):
    return np.ascontiguousarray(shrink(load_picture(DATA / name).pixels[..., :3], side))


def whole(picture):
    return np.full(picture.shape[:2], 255, np.uint8)


def lit(picture, gains):
    return np.rint(255 * np.clip((picture / 255) ** 2.2 * gains, 0, 1) ** (1 / 2.2)).astype(np.uint8)


@pytest.fixture(scope="module")
def face():
    return photograph("astronaut.png")


@pytest.mark.parametrize("stops", [-2, -1, 1.5])
def test_a_photograph_comes_back_from_a_wrong_exposure(stops):
    picture = photograph("coffee.png")
    wrong = lit(picture, 2.0**stops)
    result = pixwright.edit(wrong, "fix the exposure")
    assert result.report.verdict != "not_done"
    (control,) = result.report.steps[0].controls
    assert control.name == "exposure" and control.value == pytest.approx(-stops, abs=0.8)
    assert np.sign(control.value) == -np.sign(stops)
    assert abs(measure_exposure(result.picture, whole(picture)).stops) < LEAST_STOPS


def test_what_is_white_is_hardly_darkened_for_being_bright():
    wall = np.random.default_rng(2).normal((236, 233, 228), 6, (240, 320, 3)).clip(0, 255).astype(np.uint8)
    wall[150:220, 120:200] = (60, 40, 30)
    result = pixwright.edit(wall, "fix the exposure")
    before, after = (float(np.median(picture)) for picture in (wall, result.picture))
    assert before - 60 < after < before


def test_a_good_exposure_is_left_alone_and_blown_light_is_said():
    picture = photograph("astronaut.png")
    assert "nothing to mend" in pixwright.edit(picture, "fix the exposure").report.reasons[0]
    blown = pixwright.edit(lit(photograph("coffee.png"), 8.0), "correct the exposure")
    assert blown.report.verdict == "partly" and "white without detail" in blown.report.reasons[-1]


def test_a_cast_goes_and_none_is_made_up(face):
    assert measure_cast(face, whole(face)).degrees < 3
    cast = lit(face, np.array([1.3, 1.0, 0.7]))
    measured = measure_cast(cast, whole(face))
    assert measured.sure and 10 < measured.degrees < 25
    back = balanced(cast, measured.gains)
    assert measure_cast(back, whole(face)).degrees < 3
    assert abs(int(back.mean()) - int(cast.mean())) < 25
    assert "no cast" in pixwright.edit(face, "fix the white balance").report.reasons[0]


def test_a_picture_of_one_colour_does_not_tell_the_light(face):
    meadow = np.random.default_rng(0).normal((60, 140, 50), 12, (120, 160, 3)).clip(0, 255).astype(np.uint8)
    meadow[40:60] = (200, 60, 40)
    meadow[:20] = (250, 240, 80)
    assert not measure_cast(meadow, whole(meadow)).sure


def reddened(picture):
    """The picture with its pupils lit by the flash, and where."""
    red = picture.copy()
    where = np.zeros(picture.shape[:2], np.uint8)
    for found in ENCODERS.people.faces(picture):
        points, _ = ENCODERS.people.mesh(picture, found)
        apart = float(np.linalg.norm(found.eyes[1] - found.eyes[0]))
        for ring in ((33, 133, 159, 145), (362, 263, 386, 374)):
            x, y = points[list(ring)].mean(axis=0)
            cv2.circle(where, (round(float(x)), round(float(y))), max(2, round(apart * 0.07)), 255, -1)
    red[where > 0] = (190, 35, 40)
    return red, where > 0


def test_red_eyes_turn_dark_and_nothing_else_changes(face):
    red, where = reddened(face)
    assert where.sum() > 20
    result = pixwright.edit(red, "get rid of the red eyes")
    assert result.report.verdict == "done" and "2 red eyes were found in 1 faces" in result.notes
    pupils = result.picture[where].astype(int)
    assert (pupils[:, 0] - np.maximum(pupils[:, 1], pupils[:, 2])).mean() < 15
    changed = (result.picture != red).any(axis=2)
    near = cv2.dilate(where.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert not (changed & ~near).any()


def test_eyes_that_are_not_red_stay(face):
    assert find_red_eyes(face, ENCODERS.people, whole(face)).count == 0
    refused = pixwright.edit(face, "remove the red eyes")
    assert refused.report.verdict == "not_done" and "1 faces were looked at" in refused.report.reasons[0]


def spoilt(picture):
    """The picture with dust and two scratches, and where."""
    rng = np.random.default_rng(5)
    height, width = picture.shape[:2]
    marks = np.zeros((height, width), np.uint8)
    for _ in range(15):
        cv2.circle(marks, (int(rng.integers(width)), int(rng.integers(height))), int(rng.integers(1, 3)), 255, -1)
    for x in (width // 5, 2 * width // 3):
        cv2.line(marks, (x, 0), (x + 6, height - 1), 255, 1)
    bad = picture.copy()
    bad[marks > 0] = 235
    return bad, marks > 0


def test_dust_and_scratches_on_a_calm_surface_are_filled():
    rows = np.linspace(70, 130, 300)[:, None, None] * np.array([0.6, 0.9, 1.2])
    sky = np.broadcast_to(rows, (300, 400, 3)) + np.random.default_rng(1).normal(0, 2, (300, 400, 3))
    sky = sky.clip(0, 255).astype(np.uint8)
    bad, where = spoilt(sky)
    result = pixwright.edit(bad, "remove the dust and scratches")
    error = np.abs(result.picture.astype(int) - sky)[where].mean()
    assert error < 0.15 * np.abs(bad.astype(int) - sky)[where].mean()
    assert np.array_equal(result.picture[result.effective_mask == 0], bad[result.effective_mask == 0])


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png", "coffee.png"])
def test_details_are_no_dust(name):
    picture = photograph(name)
    marks = find_marks(picture, whole(picture))
    assert (marks.mask > 0).mean() < 0.006
    assert np.abs(mended(picture, marks.mask).astype(int) - picture).mean() < 0.4


def building():
    """A drawn street: walls, windows and a kerb, with grain."""
    picture = np.full((360, 480, 3), (150, 190, 230), np.uint8)
    picture[260:] = (90, 90, 95)
    for x in range(20, 460, 110):
        picture[90:260, x : x + 90] = (170, 120, 90)
        for y in range(105, 240, 40):
            picture[y : y + 22, x + 12 : x + 34] = picture[y : y + 22, x + 54 : x + 76] = (40, 50, 70)
    grain = np.random.default_rng(2).normal(0, 4, picture.shape)
    return (picture + grain).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("angle", [-7.0, -1.2, 3.5])
def test_a_leaning_picture_is_straightened_and_what_was_cropped_is_said(angle):
    leaning = levelled(building(), -angle)
    measured = measure_tilt(leaning)
    assert measured.sure and measured.degrees == pytest.approx(angle, abs=0.35)
    result = pixwright.edit(leaning, "straighten the horizon")
    assert result.report.verdict == "done"
    height, width = result.picture.shape[:2]
    assert (width, height) == inner_size(leaning.shape[1], leaning.shape[0], result.report.steps[0].controls[0].value)
    assert any(
        f"cropped from {leaning.shape[1]}x{leaning.shape[0]} to {width}x{height}" in note for note in result.notes
    )
    assert abs(measure_tilt(result.picture).degrees) < 0.35
    corners = result.picture[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int)
    assert (corners.max(axis=1) > 40).all(), "no corner is black"


@pytest.mark.parametrize(("angle", "pitch"), [(0.0, -18.0), (24.0, 0.0), (-33.0, -10.0)])
def test_how_a_camera_was_held_is_told_by_the_lines_of_what_stands(angle, pitch):
    """A street seen by a camera that was turned and tipped: built with the very homography, backwards."""
    street = np.kron(building(), np.ones((2, 2, 1), np.uint8))
    height, width = street.shape[:2]
    held = Stance(np.array([0.0, 1.0, 0.0]), 1.0, True)
    tip = np.radians(pitch)
    held = replace(held, up=np.array([0.0, np.cos(tip), np.sin(tip)]))
    seen = cv2.warpPerspective(
        street, np.linalg.inv(standing(held, width, height, 1.0)), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    seen = levelled(seen, -angle) if angle else seen
    stance = measure_stance(seen)
    assert stance is not None and stance.sure
    assert stance.roll == pytest.approx(angle, abs=1.5)
    stood, kept = stood_up(seen, stance, 1.0)
    assert 0.2 < kept < 1 and abs(measure_tilt(stood).degrees) < 1
    again = measure_stance(stood)
    assert again is not None and abs(again.pitch) < max(4.0, abs(pitch) / 3), "its walls stand parallel now"


@pytest.mark.parametrize(
    ("words", "size"),
    [("straighten the picture, it is totally crooked", 33.0), ("the building is leaning. rotate it upright", 33.0)],
)
def test_a_picture_that_leans_far_is_straightened_too(words, size):
    leaning = levelled(np.kron(building(), np.ones((2, 2, 1), np.uint8)), -size)
    result = pixwright.edit(leaning, words)
    assert result.report.verdict == "done" and any("cut off" in note for note in result.notes)
    assert abs(measure_tilt(result.picture).degrees) < 1


def test_the_largest_part_of_a_slanted_picture_lies_in_it():
    corners = np.array([[0, 0], [200, 30], [180, 150], [20, 120]], np.float64)
    x0, y0, x1, y1 = largest_inside(corners, 1.5)
    assert (x1 - x0) * (y1 - y0) > 6000
    for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)):
        assert cv2.pointPolygonTest(corners.astype(np.float32), (float(x), float(y)), True) > -1.5


def test_what_cannot_be_told_is_refused_and_a_level_picture_stays():
    noise = np.random.default_rng(3).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    refused = pixwright.edit(noise, "straighten the horizon").report
    assert refused.verdict == "not_done" and "could not be told" in refused.reasons[0]
    level = pixwright.edit(building(), "level the horizon").report
    assert level.verdict == "not_done" and "level already" in level.reasons[0]


def test_alpha_turns_with_a_straightened_picture():
    leaning = levelled(building(), -4.0)
    alpha = np.full(leaning.shape[:2], 255, np.uint8)
    alpha[: alpha.shape[0] // 8] = 0
    result = pixwright.edit(np.dstack([leaning, alpha]), "straighten the horizon")
    assert result.report.verdict == "done" and result.picture.shape[2] == 4
    assert result.picture.shape[:2] != leaning.shape[:2]
    clear = (result.picture[..., 3] == 0).sum(axis=0)
    assert abs(int(clear[0]) - int(clear[-1])) > 15, "what was a level edge leans now"


def test_colours_that_are_not_there_are_not_made_up(face):
    report = pixwright.edit(face, "colourise this old photo").report
    assert report.verdict == "not_done" and "no network that guesses them" in report.reasons[0]
