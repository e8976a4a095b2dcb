"""IS-Net in 8 bits, against the published network in float32."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pixwright.encoders.segmenter import Segmenter

GOLDEN = Path(__file__).parents[1] / "golden" / "encoders" / "segmenter.npz"


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter.load()


def iou(a, b):
    return (a & b).sum() / max((a | b).sum(), 1)


def test_eight_bits_give_the_published_outlines(segmenter):
    marks = []
    with np.load(GOLDEN) as golden:
        assert len(golden.files) == 4
        for name in golden.files:
            picture = cv2.resize(getattr(skimage.data, name)()[..., :3], (384, 384), interpolation=cv2.INTER_AREA)
            found = segmenter.outline(np.ascontiguousarray(picture))
            marks.append(iou(found > 0.5, golden[name] > 127))
    assert min(marks) > 0.95 and np.mean(marks) >= 0.99, marks


def test_the_same_answer_whatever_came_between(segmenter):
    cat, cup = skimage.data.chelsea(), skimage.data.coffee()
    first = segmenter.outline(cat)
    segmenter.outline(cup, 256)
    assert np.array_equal(segmenter.outline(cat), first)


def test_an_outline_has_the_pictures_size_and_stays_about_the_same_at_another(segmenter):
    cat = skimage.data.chelsea()
    seen, large = segmenter.outline(cat), segmenter.outline(cv2.resize(cat, (1352, 900)))
    assert seen.shape == (300, 451) and seen.dtype == np.float32 and 0 <= seen.min() <= seen.max() <= 1
    assert large.shape == (900, 1352)
    assert iou(seen > 0.5, cv2.resize(large, (451, 300)) > 0.5) > 0.95


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (97, 31), (333, 500)])
@pytest.mark.parametrize("side", [64, 256])
def test_odd_and_tiny_sizes(segmenter, size, side):
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    found = segmenter.outline(picture, side)
    assert found.shape == size and np.isfinite(found).all()


def test_a_fourth_channel_is_not_looked_at(segmenter):
    cup = skimage.data.coffee()
    clear = np.dstack([cup, np.zeros(cup.shape[:2], np.uint8)])
    assert np.array_equal(segmenter.outline(cup, 256), segmenter.outline(clear, 256))


@pytest.mark.parametrize("name", ["coffee", "astronaut"])
def test_a_dark_picture_is_shown_lightened(segmenter, name):
    """What stands out by day stands out at night: shown as it is, a half or more of it would be lost."""
    day = cv2.resize(getattr(skimage.data, name)(), (384, 288), interpolation=cv2.INTER_AREA)
    night = np.asarray(day * 0.12, np.uint8)
    assert iou(segmenter.outline(day) > 0.5, segmenter.outline(night) > 0.5) > 0.85
    assert not (segmenter.outline(np.zeros((96, 96, 3), np.uint8)) > 0.5).all()
