"""What belongs to a paint and does not look like it: told from the border between them."""

from __future__ import annotations

import cv2
import numpy as np
from test_surfaces import as_mask, disc, over

from pixwright.edit.surfaces.body import meant
from pixwright.edit.surfaces.bordering import on_edges, softly_joined
from pixwright.edit.surfaces.paint import kindred
from pixwright.edit.surfaces.surface import to_lab
from pixwright.words import read

BLUE, DARK, WALL = (40, 90, 180), (34, 33, 32), (200, 190, 170)


def two_tone(width: float):
    """A disc, blue above and nearly black below, with `width` pixels from the one to the other; and its share of each pixel."""
    share = disc(100)
    rows = np.arange(share.shape[0], dtype=np.float32)[:, None] - share.shape[0] * 0.55
    below = np.broadcast_to(np.clip(rows / width + 0.5, 0, 1)[..., None], (*share.shape, 1))
    own = np.array(BLUE, np.float32) * (1 - below) + np.array(DARK, np.float32) * below
    return np.rint(over(own, share, WALL)).astype(np.uint8), share, below[..., 0]


def test_a_soft_border_joins_and_a_sharp_one_does_not():
    for width, joined in ((40.0, True), (1.0, False)):
        pixels, share, below = two_tone(width)
        inside = share > 0.9
        args = to_lab(pixels), inside & (below < 0.5), inside & (below >= 0.5), inside
        assert softly_joined(*args).any() == joined


def test_the_dark_half_of_a_glossy_mug_is_the_mug_and_the_black_half_of_a_case_is_not():
    for width, whole in ((40.0, True), (1.0, False)):
        pixels, share, below = two_tone(width)
        mask = meant(pixels, as_mask(share), read("the mug")).mask
        lower = mask[(share > 0.99) & (below > 0.99)]
        assert ((lower > 200).mean() > 0.9) == whole


def test_a_car_keeps_its_tyres_in_the_soft_shade():
    pixels, share, below = two_tone(40.0)
    mask = meant(pixels, as_mask(share), read("the car")).mask
    assert (mask[(share > 0.99) & (below > 0.99)] < 60).mean() > 0.9


def test_the_front_of_a_pale_sofa_is_the_sofa_and_thin_legs_are_not():
    picture = np.full((240, 240, 3), WALL, np.uint8)
    picture[40:110, 40:200] = (215, 220, 225)
    picture[110:170, 40:200] = (95, 98, 101)
    picture[170:210, 50:56] = picture[170:210, 184:190] = (95, 98, 101)
    mask = np.where((picture != WALL).any(axis=2), 255, 0).astype(np.uint8)
    got = meant(picture, mask, read("the sofa")).mask
    assert (got[120:160, 50:190] > 200).mean() > 0.9
    assert (got[180:205, 52:54] < 60).all()


def test_a_ragged_share_is_laid_on_the_edge_that_is_there():
    rng = np.random.default_rng(0)
    picture = np.full((120, 120, 3), BLUE, np.uint8)
    picture[:, 60:] = WALL
    jitter = rng.integers(-4, 5, 120)
    share = (np.arange(120)[None] < 60 + jitter[:, None]).astype(np.float32)
    share[30:34, 20:24] = 0
    truth = np.broadcast_to(np.arange(120)[None] < 60, share.shape)
    inside = np.ones(share.shape, np.bool_)
    fitted = on_edges(picture, share, inside)
    assert np.abs(fitted - truth).mean() < 0.35 * np.abs(share - truth).mean()
    plain = np.ones(share.shape, np.float32)
    assert on_edges(picture, plain, inside) is plain


def test_what_has_the_colour_that_was_named_is_found_beyond_the_outline():
    picture = np.full((200, 300, 3), WALL, np.uint8)
    picture[40:100, 40:100] = picture[120:160, 0:30] = (190, 20, 40)
    picture[40:100, 200:260] = (210, 110, 30)
    mask = np.zeros((200, 300), np.uint8)
    mask[40:100, 40:100] = 255
    got = kindred(picture, mask, 30.0)
    assert (got[125:155, 3:25] > 200).all() and (got[40:100, 200:260] < 20).all()
    assert np.array_equal(kindred(picture, mask, 260.0), mask)
    assert cv2.countNonZero(got) < 0.11 * got.size
