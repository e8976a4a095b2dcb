"""Foreground colours of a composite that is known."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.media.matte import foreground_colours


def test_the_halo_of_the_old_background_goes():
    """A ball of two reds with a soft edge before green: hardly any green is left in the edge."""
    alpha = np.zeros((240, 320), np.float32)
    cv2.circle(alpha, (160, 120), 70, 1.0, -1)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 2)
    front = np.where(np.arange(320)[None, :, None] < 160, (200, 30, 30), (150, 20, 60)) * np.ones((240, 1, 1))
    back = np.full((240, 320, 3), (20, 190, 40))
    mask = np.round(255 * alpha).astype(np.uint8)
    share = mask[..., None] / 255
    picture = np.round(front * share + back * (1 - share)).astype(np.uint8)
    found = foreground_colours(picture, mask)
    rim = (mask > 40) & (mask < 235)
    apart = np.abs(found.astype(float) - front)[rim].mean()
    halo = np.abs(picture.astype(float) - front)[rim].mean()
    assert found.shape == picture.shape and found.dtype == np.uint8
    assert apart < 0.2 * halo
    assert np.array_equal(found[mask == 255], picture[mask == 255])


def test_masks_of_all_and_of_nothing():
    picture = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    assert np.array_equal(foreground_colours(picture, np.full((30, 40), 255, np.uint8)), picture)
    assert foreground_colours(picture, np.zeros((30, 40), np.uint8)).shape == picture.shape
