"""Marks on a surface: what differs from what bears it is found, and what is the surface's own is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.ground.marks.surface import marks_on

HEIGHT, WIDTH = 300, 400
CLOTH = (40, 60, 110)


def cloth(grain: float = 3.0) -> np.ndarray:
    """A blue surface before a grey ground, lit from the left, with grain."""
    out = np.full((HEIGHT, WIDTH, 3), 170, np.float32)
    light = np.linspace(1.2, 0.8, 240)[None, :, None]
    out[40:260, 80:320] = np.array(CLOTH, np.float32) * light
    return np.clip(out + np.random.default_rng(1).normal(0, grain, out.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def bearer() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[40:260, 80:320] = 255
    return mask


def found(picture, bearer, **more):
    return marks_on(picture, bearer, np.zeros_like(bearer), more.pop("colours", ()), more.pop("specks", False), **more)


def test_a_patch_is_found_whole_and_nothing_else(bearer):
    picture = cloth()
    cv2.rectangle(picture, (170, 110), (230, 150), (230, 225, 220), -1)
    cv2.putText(picture, "YH", (180, 140), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2)
    marks = found(picture, bearer)
    assert len(marks) == 1
    x0, y0, x1, y1 = marks[0].box
    assert abs(x0 - 170) < 6 and abs(y0 - 110) < 6 and abs(x1 - 231) < 6 and abs(y1 - 151) < 6
    assert marks[0].mask[130, 200] == 255, "what it bears itself belongs to it"


def test_an_even_surface_has_no_marks(bearer):
    assert not found(cloth(), bearer)


def test_light_and_shade_are_no_marks(bearer):
    picture = cloth(1.0).astype(np.float32)
    shade = np.ones((HEIGHT, WIDTH), np.float32)
    cv2.circle(shade, (200, 250), 80, 0.75, -1)
    picture *= cv2.GaussianBlur(shade, (0, 0), 30)[..., None]
    assert not found(picture.astype(np.uint8), bearer)


def test_what_hangs_over_the_bearer_is_none(bearer):
    picture = cloth()
    cv2.rectangle(picture, (100, 0), (130, 120), (90, 50, 20), -1)
    cv2.circle(picture, (250, 180), 15, (220, 30, 30), -1)
    bearer[40:121, 98:133] = 0
    marks = found(picture, bearer)
    assert [one for one in marks if one.mask[180, 250]]
    assert not any(one.mask[80, 115] for one in marks)


def test_a_colour_chooses(bearer):
    picture = cloth()
    cv2.circle(picture, (140, 140), 14, (225, 30, 30), -1)
    cv2.circle(picture, (260, 140), 14, (235, 235, 235), -1)
    marks = found(picture, bearer, colours=("red",))
    assert len(marks) == 1 and marks[0].mask[140, 140] and not marks[0].mask[140, 260]


def test_features_of_the_bearer_are_none(bearer):
    picture = cloth()
    cv2.circle(picture, (140, 140), 14, (225, 30, 30), -1)
    features = np.zeros_like(bearer)
    cv2.circle(features, (140, 140), 16, 255, -1)
    assert not marks_on(picture, bearer, features, (), False)


def test_strokes_near_each_other_are_one_mark(bearer):
    picture = cloth()
    for x in (180, 200, 220):
        cv2.rectangle(picture, (x, 120), (x + 6, 150), (235, 235, 235), -1)
    cv2.circle(picture, (110, 230), 8, (235, 235, 235), -1)
    assert len(found(picture, bearer)) == 2


def test_letters_go_on_beyond_a_lost_outline(bearer):
    picture = cloth()
    for x in (150, 200, 250, 290):
        cv2.rectangle(picture, (x, 120), (x + 9, 160), (60, 190, 180), -1)
    lost = bearer.copy()
    lost[:, 275:] = 0
    marks = found(picture, lost, letters=True)
    assert any(one.mask[140, 294] for one in marks)
    assert not any(one.mask[140, 294] for one in found(picture, lost))


def test_nothing_is_found_on_nothing():
    assert not found(cloth(), np.zeros((HEIGHT, WIDTH), np.uint8))
