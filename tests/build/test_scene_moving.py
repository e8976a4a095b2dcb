"""Moving scenes: what is said of the motion is what the next frame shows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from scene_small import Small

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.scene.moving import MovingScene
from pixwright.errors import InvalidOption

CATALOGUE = Small()
START = LayeredScene("own/ramp", "road", (Layer("own/block", "block", 0.5, 0.8, 0.5),), 120, 90, crop=(0, 0, 0.8, 0.8))
END = replace(START, layers=(replace(START.layers[0], x=0.8, y=0.9, height=0.6, angle=20),), crop=(0.1, 0.05, 0.9, 0.8))


def test_the_motion_is_exact():
    frames = list(MovingScene((START, END), 5).rendered(CATALOGUE))
    y, x = np.mgrid[:90, :120].astype(np.float32)
    for now, after in pairwise(frames):
        place = np.dstack([x + now.motion[..., 0], y + now.motion[..., 1]])
        moved = cv2.remap(after.picture, place, None, cv2.INTER_LINEAR)
        inside = (place >= 0).all(axis=2) & (place[..., 0] <= 119) & (place[..., 1] <= 89)
        same = cv2.remap(after.masks[0], place, None, cv2.INTER_NEAREST) == now.masks[0]
        for own in (now.masks[0] > 0, now.masks[0] == 0):
            inner = cv2.erode(own.astype(np.uint8), np.ones((9, 9), np.uint8), borderValue=0) > 0
            inner &= inside & same
            assert np.abs(moved.astype(int) - now.picture)[inner].mean() < 2.5
        assert np.abs(now.motion).max() > 1
    assert np.abs(frames[-1].motion).max() < 1e-6


def test_a_scene_passes_its_stations():
    moving = MovingScene((START, END, START), 9)
    assert moving.at(0) == START == moving.at(8) and moving.at(4).layers[0].x == pytest.approx(0.8)
    assert MovingScene((START,), 3).at(2) == START


def test_stations_with_other_layers_are_refused():
    with pytest.raises(InvalidOption, match="the same layers"):
        MovingScene((START, replace(START, layers=())), 4)
