"""What judge, data room and evaluation measure alike, against the definitions."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from pixwright.encoders.reading import likeness
from pixwright.judge.look import grown
from pixwright.judge.measure import colour_distance, ssim_map


def test_ssim_is_the_paper_s():
    dice = np.random.default_rng(3)
    a = dice.integers(0, 255, (50, 70, 3)).astype(np.uint8)
    b = np.clip(a.astype(int) + dice.integers(-30, 30, a.shape), 0, 255).astype(np.uint8)
    _, wanted = structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2, full=True
    )
    assert np.allclose(ssim_map(a, b)[5:-5, 5:-5], wanted[5:-5, 5:-5], atol=1e-6)
    assert np.allclose(ssim_map(a, a), 1)
    assert ssim_map(a[..., 0], b[..., 0]).shape == (50, 70)


def test_texts_are_alike_by_letters_and_digits():
    assert likeness("Lift-Off!", "LIFT OFF") == 1
    assert likeness("OPEM", "OPEN") == 0.75
    assert likeness("", "OPEN") == likeness("OPEN", "") == 0
    assert likeness("?!", "?!") == 1 and likeness("?", "!") == 0


def test_shading_is_no_other_colour_but_grey_is_not_white():
    red, dark_red = np.array([50, 60, 40], np.float32), np.array([35, 60, 40], np.float32)
    white, grey = np.array([95, 0, 0], np.float32), np.array([80, 0, 0], np.float32)
    assert colour_distance(dark_red, red) < 6 < colour_distance(grey, white)
    assert colour_distance(red, red) == 0


def test_far_growth_by_distances_is_the_kernels():
    noise = np.random.default_rng(0).normal(size=(170, 256)).astype(np.float32)
    mask = cv2.GaussianBlur(noise, (0, 0), 20) > 0
    for pixels in (10, 30, -30):
        side = 2 * abs(pixels) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        kept = (cv2.dilate if pixels > 0 else cv2.erode)(mask.astype(np.uint8), kernel) > 0
        assert np.mean(grown(mask, pixels) != kept) < 0.004
    assert not grown(np.zeros((60, 60), bool), 30).any() and grown(np.ones((60, 60), bool), -30).all()
