"""Skin that is evened out: spots go, pores and features stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.edit.retouch.skin import clear_skin

SIDE = 400
SPOTS = ((120, 120), (280, 150), (150, 280))
EYE = (250, 260)


@pytest.fixture(scope="module")
def face():
    rng = np.random.default_rng(3)
    light = np.linspace(1.05, 0.9, SIDE)[None, :, None]
    out = np.array((215, 170, 145), np.float32) * light + np.zeros((SIDE, SIDE, 3), np.float32)
    for spot in SPOTS:
        cv2.circle(out, spot, 5, (190, 110, 100), -1)
    cv2.ellipse(out, EYE, (34, 14), 0, 0, 360, (40, 30, 25), -1)
    out = cv2.GaussianBlur(out, (0, 0), 1.2) + rng.normal(0, 4, (SIDE, SIDE, 1)).astype(np.float32)
    return np.clip(out, 0, 255).astype(np.uint8)


def apart(picture, spot):
    x, y = spot
    own = picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).astype(float).mean(0)
    return float(np.abs(own - picture[y - 2 : y + 3, x + 18 : x + 23].reshape(-1, 3).astype(float).mean(0)).max())


def test_spots_go(face):
    new = clear_skin(face, np.full((SIDE, SIDE), 255, np.uint8), 1.0)
    assert all(apart(new, spot) < 0.45 * apart(face, spot) for spot in SPOTS)


def test_less_is_less(face):
    everywhere = np.full((SIDE, SIDE), 255, np.uint8)
    half, whole = clear_skin(face, everywhere, 0.4), clear_skin(face, everywhere, 1.0)
    assert apart(whole, SPOTS[0]) < apart(half, SPOTS[0]) < apart(face, SPOTS[0])


def test_pores_and_features_stay(face):
    new = clear_skin(face, np.full((SIDE, SIDE), 255, np.uint8), 1.0).astype(float)
    calm = np.s_[20:80, 200:380]
    assert new[calm].std() > 0.75 * face[calm].astype(float).std()
    x, y = EYE
    assert np.abs(new[y - 8 : y + 9, x - 20 : x + 21] - face[y - 8 : y + 9, x - 20 : x + 21]).mean() < 3


def test_nothing_beyond_the_mask_changes(face):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[:200] = 255
    new = clear_skin(face, mask, 1.0)
    assert (new[201:] == face[201:]).all() and (new[:200] != face[:200]).any()
