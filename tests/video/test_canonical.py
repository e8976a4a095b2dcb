"""The contract of a canonical picture, on a camera that pans."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("av")
from films import COFFEE, ground

from pixwright.errors import InvalidOption
from pixwright.video.canonical import Canonical, checked, of_key_frame, unmoved


def test_frames_come_back_from_one_picture_that_is_larger():
    frames = [ground(k) for k in range(3)]
    places = [unmoved(one) + np.array([60 + 2 * k, 40 + k], np.float32) for k, one in enumerate(frames)]
    canonical = checked(Canonical(COFFEE, places), frames)
    assert all(np.array_equal(canonical.rebuilt(k), one) for k, one in enumerate(frames))


def test_the_key_frame_is_one_and_what_it_does_not_show_is_black():
    frames = [ground(0), ground(1)]
    moved = unmoved(frames[1]) + np.array([2, 1], np.float32)
    moved[:, -2:] = -1
    canonical = of_key_frame(frames, 0, [unmoved(frames[0]), moved])
    assert np.array_equal(canonical.rebuilt(1)[:118, :150], frames[1][:118, :150])
    assert not canonical.rebuilt(1)[:, -2:].any()


def test_what_does_not_fit_is_said():
    frames = [ground(0), ground(1)]
    with pytest.raises(InvalidOption, match="of 1 frames was made of 2"):
        checked(Canonical(frames[0], [unmoved(frames[0])]), frames)
    with pytest.raises(InvalidOption, match="uint8"):
        checked(Canonical(frames[0].astype(np.float32), [unmoved(one) for one in frames]), frames)
