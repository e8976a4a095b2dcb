"""A mask before plain ground is made exact; before busy ground it stays as it is."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.filling.clean_plate import refine

H, W = 240, 320
DISC = ((160, 120), 50)


def disc(radius=50):
    mask = np.zeros((H, W), np.uint8)
    return cv2.circle(mask, DISC[0], radius, 255, -1)


def photograph(ground):
    out = ground.copy()
    out[disc() > 0] = (200, 60, 40)
    return out


def sky():
    ramp = np.linspace(90, 150, H, dtype=np.float32)[:, None, None] * np.array([0.6, 0.8, 1.2], np.float32)
    noise = np.random.default_rng(1).normal(0, 1.5, (H, W, 3))
    return np.clip(ramp + noise, 0, 255).astype(np.uint8)


def overlap(a, b):
    return np.logical_and(a > 127, b > 127).sum() / np.logical_or(a > 127, b > 127).sum()


def test_a_forgotten_part_is_taken_in():
    mask = disc()
    mask[:79] = 0  # the top is missing
    better = refine(photograph(sky()), mask)
    assert overlap(mask, disc()) < 0.97 < 0.98 < overlap(better, disc())


def test_a_generous_mask_loses_its_rim_of_sky():
    better = refine(photograph(sky()), disc(58))
    assert overlap(disc(58), disc()) < 0.8 < 0.95 < overlap(better, disc())


def test_what_stands_beside_is_not_taken_in():
    picture = photograph(sky())
    picture[:, 215:230] = (20, 120, 30)
    assert refine(picture, disc())[:, 215:230].max() == 0


def test_busy_ground_changes_nothing():
    busy = np.random.default_rng(2).integers(0, 255, (H, W, 3), np.uint8)
    mask = disc(55)
    assert np.array_equal(refine(photograph(busy), mask), mask)
