"""A picture's way to a network and back: what fits comes back with the photograph's detail, what did not change comes back bit for bit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pixwright.edit.networks.window import window_for

SIDES = st.integers(1, 1100)


def photo(height=512, width=512):
    return np.ascontiguousarray(cv2.resize(data.astronaut(), (width, height), interpolation=cv2.INTER_AREA))


def disc(height, width, radius=0.2, x=0.5, y=0.5):
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (round(x * width), round(y * height)), max(1, round(radius * min(height, width))), 255, -1)
    return mask


def coded(small):
    """What an autoencoder leaves of it."""
    return cv2.GaussianBlur(small.astype(np.float32), (0, 0), 0.7)


@given(SIDES, SIDES, st.booleans(), st.sampled_from([(64, 16), (128, 8), (100, 32)]))
@settings(max_examples=40, deadline=None)
def test_any_size_goes_there_and_an_unchanged_picture_comes_back(height, width, whole, network):
    side, multiple = network
    picture = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    mask = None if whole else disc(height, width)
    window = window_for(height, width, mask, side, multiple)
    small = window.take(picture)
    assert small.shape == (*window.outer, 3) and small.dtype == np.uint8
    assert max(window.inner) == side and all(n % multiple == 0 for n in window.outer)
    assert max(window.outer) < side + multiple
    x0, y0, x1, y1 = window.box
    assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
    tall, wide = (n * window.scale for n in window.inner)
    assert abs(wide - (x1 - x0)) <= 0.51 * window.scale or window.inner[1] == 1
    assert abs(tall - (y1 - y0)) <= 0.51 * window.scale or window.inner[0] == 1
    came, touched = window.put(picture, coded(small), coded(small), limit=mask)
    assert np.array_equal(came, picture) and not touched.any()


@given(st.integers(200, 1100), st.integers(200, 1100), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0.03, 0.3))
@settings(max_examples=30, deadline=None)
def test_the_window_holds_the_region_and_is_about_square(height, width, x, y, radius):
    mask = disc(height, width, radius, x, y)
    window = window_for(height, width, mask, 64, 16)
    x0, y0, x1, y1 = window.box
    assert not np.any(np.delete(mask, np.s_[y0:y1], axis=0)) and not np.any(np.delete(mask, np.s_[x0:x1], axis=1))
    wide, tall = x1 - x0, y1 - y0
    assert min(wide, tall) >= 0.9 * min(max(wide, tall), height, width)
    assert min(wide, tall) >= 64
    if max(wide, tall) < 0.9 * min(height, width) and min(wide, tall) > 64:
        assert 0.3 < (mask > 0).sum() / (wide * tall) <= 0.55


def test_a_mask_goes_the_picture_s_way():
    mask = disc(300, 500)
    window = window_for(300, 500, mask, 64, 16)
    as_picture = window.take(np.repeat(mask[..., None], 3, axis=2))
    assert np.array_equal(window.take_mask(mask), as_picture[..., 0])


@pytest.mark.parametrize("side", [64, 256])
def test_a_change_of_tone_keeps_the_photograph_s_detail(side):
    picture = photo()
    window = window_for(512, 512, None, side, 16)

    def tone(pixels):
        return np.clip(pixels.astype(np.float32) * (0.5, 0.7, 0.9) + (0, 5, 20), 0, 255)

    before = coded(window.take(picture))
    came, mask = window.put(picture, before, tone(before))
    assert (mask == 255).mean() > 0.9
    miss = np.abs(came - tone(picture))
    assert np.median(miss) <= 1 and miss.mean() < 2.5
    enlarged = cv2.resize(tone(before), (512, 512), interpolation=cv2.INTER_CUBIC)
    assert miss.mean() < 0.5 * np.abs(enlarged - tone(picture)).mean(), "no better than the network's own picture"


@pytest.mark.parametrize("redrawn", [True, False])
def test_what_is_new_replaces_and_what_is_far_from_it_stays(redrawn):
    picture = photo()
    window = window_for(512, 512, None, 64, 16)
    before = coded(window.take(picture))
    new = disc(64, 64, 0.2)[..., None] > 0
    stripes = np.where((np.indices((64, 64)).sum(0) // 6 % 2)[..., None] == 1, (230.0, 60, 40), (250, 220, 60))
    after = coded(np.where(new, stripes, window.take(picture)))
    came, mask = window.put(picture, before, after, redrawn=redrawn)
    core, far = disc(512, 512, 0.16) > 0, disc(512, 512, 0.34) == 0
    assert (mask[core] == 255).all() and not mask[far].any()
    assert np.array_equal(came[mask == 0], picture[mask == 0])
    if redrawn:
        ideal = cv2.resize(after, (512, 512), interpolation=cv2.INTER_CUBIC)
        assert np.abs(came[core] - ideal[core]).mean() < 3, "old detail shines through what is new"


def test_noise_changes_nothing_and_a_drift_outside_the_limit_is_taken_out():
    picture, limit = photo(), disc(512, 512, 0.2)
    window = window_for(512, 512, limit, 64, 16)
    before = coded(window.take(picture))
    noise = np.random.default_rng(0).normal(0, 1.0, before.shape).astype(np.float32)
    everything = window_for(512, 512, None, 64, 16)
    seen = coded(everything.take(picture))
    assert not everything.put(picture, seen, seen + noise)[1].any()
    _, drifted = window.put(picture, before, before + noise + (4, -3, 5), limit=limit)
    assert not drifted.any()
    _, real = window.put(
        picture, before, before + noise + 60.0 * (window.take_mask(limit) > 127)[..., None], limit=limit
    )
    assert real.any() and not real[limit == 0].any()


def test_a_window_s_edge_leaves_no_seam():
    picture = photo(800, 800)
    region = disc(800, 800, 0.1)
    window = window_for(800, 800, region, 64, 16)
    before = coded(window.take(picture))
    _, mask = window.put(picture, before, before * 0.5)
    x0, y0, x1, y1 = window.box
    edge = np.concatenate([mask[y0, x0:x1], mask[y1 - 1, x0:x1], mask[y0:y1, x0], mask[y0:y1, x1 - 1]])
    assert edge.max() <= 30 and mask[(y0 + y1) // 2, (x0 + x1) // 2] == 255
