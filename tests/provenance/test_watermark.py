"""The invisible mark: what it survives, and that it is never found where it is not."""

from __future__ import annotations

import io

import numpy as np
import pytest
import skimage.data
from PIL import Image

from pixwright.provenance import watermark


def photo(name="coffee"):
    return np.ascontiguousarray(getattr(skimage.data, name)()[..., :3])


def jpeg(pixels, quality):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def resized(pixels, factor):
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


@pytest.fixture(scope="module")
def marked():
    return watermark.embed(photo())


@pytest.mark.parametrize(
    "harm",
    [
        lambda p: p,
        lambda p: jpeg(p, 90),
        lambda p: jpeg(p, 70),
        lambda p: resized(p, 0.5),
        lambda p: p[21:-19, 33:-27],
        lambda p: jpeg(resized(p, 0.83), 80),
    ],
    ids=["as it is", "JPEG 90", "JPEG 70", "half", "crop", "five sixths and JPEG 80"],
)
def test_the_mark_survives(marked, harm):
    assert watermark.detect(np.ascontiguousarray(harm(marked)))


@pytest.mark.parametrize("name", ["coffee", "chelsea", "astronaut"])
def test_it_is_not_found_where_it_is_not(name):
    assert watermark.strength(photo(name)) < watermark.FOUND - 1


def test_it_is_hard_to_see(marked):
    error = ((marked.astype(float) - photo()) ** 2).mean()
    assert 10 * np.log10(255**2 / error) > 40


def test_nothing_outside_of_the_mask_changes_and_alpha_never_does():
    pixels = np.dstack([photo(), np.full(photo().shape[:2], 77, np.uint8)])
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[50:350, 100:500] = 255
    mask[40:50, 100:500] = 90
    marked = watermark.embed(pixels, mask)
    changed = (marked != pixels).any(2)
    assert changed[mask == 255].mean() > 0.5
    assert not changed[mask == 0].any()
    assert (marked[..., 3] == 77).all()
    assert watermark.detect(marked)


def test_the_pattern_is_one_period_of_the_waves_that_are_said():
    pattern = watermark.pattern()
    assert pattern.shape == (watermark.PERIOD, watermark.PERIOD)
    assert abs(pattern.mean()) < 1e-3 and abs(pattern.std() - 1) < 1e-3
    power = np.abs(np.fft.fft2(pattern)) ** 2
    cycles = np.fft.fftfreq(watermark.PERIOD) * watermark.PERIOD
    radius = np.hypot(cycles[:, None], cycles[None, :])
    assert power[(radius < 4) | (radius > 20)].sum() < 1e-6 * power.sum()


def test_a_picture_smaller_than_a_period_is_answered():
    assert watermark.strength(np.full((5, 7, 3), 90, np.uint8)) < watermark.FOUND
