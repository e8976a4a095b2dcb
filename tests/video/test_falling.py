"""Snow and rain in a film: the same particles, farther on in every frame, and no part of what the scene carries along."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from skimage import data

pytest.importorskip("av")
from films import Film, decoded

from pixwright.edit.painting.weather import Fall, fall_of
from pixwright.records.result import Control
from pixwright.systems import local
from pixwright.video import VideoJob, edit_video

GREY = np.full((128, 160, 3), 90, np.uint8)


def dial(name, value):
    return Control(name=name, value=value, low=0, high=100, unit="%", why="")


@pytest.mark.parametrize(("what", "least"), [("flakes", 0.5), ("drops", 1.5)])
def test_what_falls_is_lower_a_moment_later_and_the_same_at_the_same_time(what, least):
    fall = Fall(what, 0.6, seed=3)
    first, later = (fall.over(GREY, t).astype(np.float32).mean(axis=2) - 90 for t in (0.0, 0.02))
    assert np.array_equal(fall.over(GREY, 0.02), fall.over(GREY, 0.02)) and not np.array_equal(first, later)
    alike = [(first[: 128 - by] * later[by:]).sum() for by in range(16)]
    assert np.argmax(alike) >= least
    assert later.mean() == pytest.approx(first.mean(), rel=0.3), "as much of it"


def test_the_edit_says_what_falls():
    snow = fall_of((dial("cover", 60), dial("flakes", 50), dial("amount", 80)), 7)
    assert snow == Fall("flakes", 0.4, 7)
    storm = fall_of((dial("drops", 70), dial("lightning", 40)), 0)
    assert storm is not None and storm.slant > Fall("drops", 1).slant
    assert fall_of((dial("flakes", 0), dial("warmth", 10)), 0) is None


def test_snow_falls_before_a_scene_that_stands(tmp_path):
    """What the frames share is the snowy light on the scene; what differs is the flakes, and they differ everywhere."""
    scene = cv2.resize(data.rocket(), (160, 120), interpolation=cv2.INTER_AREA)
    film = Film().write(tmp_path / "a.mp4", [scene] * 5)
    done = edit_video(VideoJob(film, "make it snow", tmp_path / "o.mp4", lossless=True), local())
    frames = np.asarray(decoded(done.output), np.int16)
    assert done.report.shots[0].ways == ("look",) and len(frames) == 5
    moved = [float((np.abs(a - b).max(axis=2) > 25).mean()) for a, b in pairwise(frames)]
    assert min(moved) > 0.01
    still = np.median(frames, axis=0).astype(np.uint8)
    assert np.abs(cv2.GaussianBlur(still, (0, 0), 4).astype(int) - cv2.GaussianBlur(scene, (0, 0), 4)).mean() > 8
