"""Silhouettes that are drawn: heads, ears, tails, and what runs on behind a thing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.ground import look, shape
from pixwright.ground.cutting import cut_out
from pixwright.ground.detected import Named
from pixwright.ground.geometry import Floats, box_of


def creature(*, mirrored: bool) -> Floats:
    """A body with a head at its upper right, two ears, four legs and a long tail at its left."""
    out = np.zeros((240, 360), np.float32)
    cv2.ellipse(out, (180, 140), (75, 38), 0, 0, 360, 1.0, -1)
    cv2.circle(out, (265, 95), 34, 1.0, -1)
    for x in (248, 284):
        cv2.ellipse(out, (x, 62), (9, 22), 0, 0, 360, 1.0, -1)
    for x in (130, 150, 210, 230):
        cv2.rectangle(out, (x, 150), (x + 9, 215), 1.0, -1)
    cv2.line(out, (110, 130), (25, 100), 1.0, 9)
    return np.ascontiguousarray(out[:, ::-1]) if mirrored else out


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_head_is_the_upper_end_and_the_tail_is_at_the_other(mirrored: bool) -> None:
    build = shape.build_of(creature(mirrored=mirrored))
    assert build is not None
    side = (lambda x: 359 - x) if mirrored else (lambda x: x)
    assert np.hypot(side(build.head[0]) - 265, build.head[1] - 95) < 25
    tail = shape.tail(build)
    assert tail is not None
    x0, y0, x1, y1 = box_of(tail)
    near, far = sorted((side(x0), side(x1 - 1)))
    assert near < 35
    assert 80 < far < 140
    assert y0 < 115
    assert y1 < 160


def test_two_ears_stand_up_from_a_head_that_is_known() -> None:
    build = shape.build_of(creature(mirrored=False), clue=(266.0, 92.0))
    assert build is not None
    ears = shape.lobes(build)
    assert len(ears) == 2
    for ear, x in zip(ears, (248, 284), strict=True):
        x0, y0, x1, y1 = box_of(ear)
        assert x0 - 4 < x < x1 + 4
        assert y0 < 46
        assert y1 < 100


def test_nothing_sticks_out_of_a_ball() -> None:
    ball = np.zeros((200, 200), np.float32)
    cv2.circle(ball, (100, 100), 70, 1.0, -1)
    build = shape.build_of(ball)
    assert build is not None
    assert not shape.lobes(build)
    assert shape.tail(build) is None
    assert shape.build_of(np.zeros((50, 50), np.float32)) is None


def test_a_plain_backdrop_is_no_part_of_a_slanting_thing_in_a_wide_box() -> None:
    picture = np.full((300, 400, 3), (180, 186, 178), np.uint8)
    picture = np.clip(picture + np.linspace(0, 20, 400)[None, :, None], 0, 255).astype(np.uint8)
    true = np.zeros((300, 400), np.uint8)
    cv2.line(true, (80, 60), (320, 240), 1, 60)
    noise = np.random.default_rng(3).integers(-25, 25, (300, 400, 1))
    picture[true > 0] = np.clip(np.array((150, 80, 30)) + noise, 0, 255).astype(np.uint8)[true > 0]
    x0, y0, x1, y1 = box_of(true > 0)
    scene = look(picture, Encoders())
    mask = cv2.resize(cut_out(scene, [Named((x0 / 400, y0 / 300, x1 / 400, y1 / 300), 0.9)])[0].mask, (400, 300)) > 0.5
    assert (mask & (true > 0)).sum() / (mask | (true > 0)).sum() > 0.85
