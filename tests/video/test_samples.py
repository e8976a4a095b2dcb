"""What an edit leaves alone keeps the decoder's own samples, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("av")
import av
from films import ball

from pixwright.video import samples

FRAME = ball(1)[0][0]
BT601 = samples.Conversion(5, False)


def raw(pixels):
    return av.VideoFrame.from_ndarray(FRAME, format="rgb24").reformat(format=pixels)


@pytest.mark.parametrize(
    "pixels", ["yuv420p", "yuv422p", "yuv444p", "nv12", "yuv420p10le", "gray", "gbrp", "bgr0", "bgra", "yuva420p"]
)
def test_only_changed_pixels_get_new_samples(pixels):
    frame = raw(pixels)
    before = samples.to_rgb(frame, BT601)
    after = before.copy()
    after[30:60, 40:80] = (20, 160, 200)
    new = samples.laid(frame, before, after, BT601)
    assert new.format.name == pixels
    for index in range(len(frame.planes)):
        was, now = samples._plane(frame, index), samples._plane(new, index)
        assert was.shape == now.shape
        down, across = FRAME.shape[0] // was.shape[0], FRAME.shape[1] // was.shape[1]
        inside = np.zeros(was.shape[:2], bool)
        inside[30 // down : 60 // down, 40 // across : 80 // across] = True
        assert np.array_equal(was[~inside], now[~inside])
    got = samples.to_rgb(new, BT601)
    if pixels != "gray":
        assert np.abs(got[34:56, 44:76].astype(int) - (20, 160, 200)).max() <= 6


def test_a_frame_without_a_change_is_the_decoder_s_own():
    frame = raw("yuv420p")
    before = samples.to_rgb(frame, BT601)
    assert samples.laid(frame, before, before.copy(), BT601) is frame


def test_transparency_stays():
    frame = raw("bgra")
    plane = samples._plane(frame, 0)
    plane[..., 3] = 77
    before = samples.to_rgb(frame, BT601)
    after = 255 - before
    new = samples.laid(frame, before, after, BT601)
    assert (samples._plane(new, 0)[..., 3] == 77).all()


def test_odd_sizes_have_their_last_row_and_column():
    odd = av.VideoFrame.from_ndarray(np.ascontiguousarray(FRAME[:61, :81]), format="rgb24").reformat(format="yuv420p")
    before = samples.to_rgb(odd, BT601)
    after = before.copy()
    after[-1, -1] = 255 - after[-1, -1]
    new = samples.laid(odd, before, after, BT601)
    assert not np.array_equal(samples._plane(odd, 0)[-1, -1], samples._plane(new, 0)[-1, -1])
    assert np.array_equal(samples._plane(odd, 0)[:-1], samples._plane(new, 0)[:-1])


def test_luma_is_eight_bits():
    assert samples.luma(raw("yuv420p10le")).dtype == np.uint8
    assert np.abs(samples.luma(raw("yuv420p10le")).astype(int) - samples.luma(raw("yuv420p"))).max() <= 1


def test_turning_there_and_back_is_nothing():
    assert np.array_equal(samples.upright(samples.upright(FRAME, 1), -1), FRAME)
    assert samples.upright(FRAME, 0) is FRAME
