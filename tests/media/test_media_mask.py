"""Masks: both conventions, soft edges, and a clear no."""

from __future__ import annotations

import numpy as np
import pytest
from media_pictures import deep_png, file_of, photo

from pixwright.errors import InvalidMask, UnsupportedImage
from pixwright.media import Kind, load_mask, mask_notice


def _square() -> np.ndarray:
    mask = np.zeros((20, 30), np.uint8)
    mask[5:10, 6:12] = 255
    return mask


def test_white_is_edit_in_every_mode():
    mask = _square()
    three = np.repeat(mask[..., None], 3, 2)
    opaque = np.dstack([three, np.full_like(mask, 255)])
    files = [
        file_of(mask, "L", "PNG"),
        file_of(mask, "1", "PNG"),
        file_of(three, "RGB", "BMP"),
        file_of(opaque, "RGBA", "PNG"),
        file_of(np.dstack([mask, np.full_like(mask, 255)]), "LA", "PNG"),
        deep_png(mask.astype(np.uint16) * 257, Kind.GREY_16),
    ]
    for source in [mask, three, opaque, *files]:
        assert np.array_equal(load_mask(source, 20, 30), mask)


def test_a_lossy_mask_is_cleaned_at_its_ends():
    mask = load_mask(file_of(_square(), "L", "JPEG", quality=80), 20, 30)
    assert mask[15, 25] == 0 and mask[7, 9] == 255


def test_transparent_is_edit():
    hole = np.dstack([photo(20, 30), 255 - _square()])
    assert np.array_equal(load_mask(file_of(hole, "RGBA", "PNG"), 20, 30), _square())
    assert np.array_equal(load_mask(hole, 20, 30), _square())
    ignored = load_mask(hole, 20, 30, alpha_is_edit=False)
    assert not np.array_equal(ignored, _square())
    faint = np.dstack([photo(20, 30), np.full((20, 30), 200, np.uint8)])
    assert (load_mask(faint, 20, 30, alpha_is_edit=True) == 55).all()


def test_soft_masks_stay_soft():
    soft = np.tile(np.linspace(0, 255, 30).astype(np.uint8), (20, 1))
    mask = load_mask(soft, 20, 30)
    assert np.array_equal(mask[:, 3:-3], soft[:, 3:-3])
    assert mask.flags.writeable and mask is not soft


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.zeros((20, 30), np.uint8), "empty"),
        (np.full((20, 31), 255, np.uint8), "31x20"),
        (np.full((20, 30, 2), 255, np.uint8), "shape"),
        (np.ones((20, 30), np.float32), "8 bits"),
    ],
)
def test_masks_that_do_not_fit(mask: np.ndarray, words: str):
    with pytest.raises(InvalidMask, match=words):
        load_mask(mask, 20, 30)


def test_insisting_on_alpha_where_there_is_none():
    with pytest.raises(InvalidMask, match="no alpha"):
        load_mask(_square(), 20, 30, alpha_is_edit=True)
    with pytest.raises(UnsupportedImage):
        load_mask(b"%PDF-1.4", 20, 30)


def test_notices():
    assert mask_notice(_square()) is None
    assert "whole picture" in str(mask_notice(load_mask(np.full((4, 4), 255, np.uint8), 4, 4)))
    assert "invert" in str(mask_notice(255 - _square()))
