"""Arbitrary stylisation, against the published files in 8 bits."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pixwright.encoders.stylist import Stylist

GOLDEN = Path(__file__).parents[1] / "golden" / "encoders" / "style.npz"


@pytest.fixture(scope="module")
def stylist():
    return Stylist.load()


def test_the_published_style_and_picture(stylist):
    style = cv2.resize(skimage.data.coffee(), (256, 256), interpolation=cv2.INTER_AREA)
    content = cv2.resize(skimage.data.chelsea(), (384, 384), interpolation=cv2.INTER_AREA)
    with np.load(GOLDEN) as golden:
        vector, picture = golden["vector"], golden["picture"].astype(float)
    own = stylist.style_of(style)
    assert own @ vector / np.linalg.norm(own) / np.linalg.norm(vector) > 0.999
    small = cv2.resize(stylist.paint(content, own, 384), (96, 96), interpolation=cv2.INTER_AREA)
    assert np.abs(small - picture).mean() < 9


def test_any_size_is_painted_and_the_larger_the_finer(stylist):
    style = stylist.style_of(skimage.data.coffee())
    small, large = (stylist.paint(skimage.data.chelsea(), style, side) for side in (96, 384))
    assert small.shape == (64, 96, 3) and large.shape == (256, 384, 3) and small.dtype == np.uint8
    assert stylist.paint(skimage.data.chelsea()[:1, :1], style, 1).shape == (32, 32, 3)
    assert np.array_equal(stylist.paint(skimage.data.chelsea(), style, 96), small)
