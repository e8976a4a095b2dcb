"""What is drawn over a picture: rings, arrows, strokes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pixwright.errors import InvalidMask
from pixwright.media.markup import load_markup, read_markup

WIDE, TALL = 800, 600


def drawn(*shapes):
    canvas = np.zeros((TALL, WIDE), np.uint8)
    for draw in shapes:
        draw(canvas)
    return read_markup(canvas)


def bounds(ring):
    ys, xs = np.nonzero(ring)
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1


def arrow(start, end, thick=5, head=0.25):
    return lambda canvas: cv2.arrowedLine(canvas, start, end, 255, thick, tipLength=head)


def wobbly(canvas, around=(300, 200), radii=(120, 80), closed=0.97):
    turn = np.linspace(0, 2 * np.pi * closed, 60)
    shake = np.random.default_rng(1).normal(0, radii[1] / 30, (60, 2))
    points = np.column_stack([around[0] + radii[0] * np.cos(turn), around[1] + radii[1] * np.sin(turn)]) + shake
    cv2.polylines(canvas, [points.astype(np.int32)], False, 255, 4)


def zigzag(canvas):
    points = np.array([[100 + 20 * n, 420 + 60 * (n % 2)] for n in range(12)], np.int32)
    cv2.polylines(canvas, [points], False, 255, 8)


@pytest.mark.parametrize("closed", [0.95, 0.97, 1.05])
@pytest.mark.parametrize("size", [0.4, 1, 1.6])
def test_a_ring_by_hand_need_not_close(closed, size):
    radii = 120 * size, 80 * size
    found = drawn(lambda canvas: wobbly(canvas, radii=radii, closed=closed))
    (ring,) = found.rings
    meant = 300 - radii[0], 200 - radii[1], 300 + radii[0], 200 + radii[1]
    assert ring[200, 300] == 255 and np.abs(np.subtract(bounds(ring), meant)).max() < 16
    assert not found.tips and not found.strokes.any()


@pytest.mark.parametrize(
    ("around", "radii"),
    [
        ((20, 300), (150, 120)),
        ((780, 590), (200, 150)),
        ((400, 300), (430, 250)),
        ((400, 40), (200, 150)),
        ((400, 300), (440, 330)),
    ],
)
def test_a_ring_that_runs_out_of_the_picture_is_closed_by_its_sides(around, radii):
    read = drawn(lambda canvas: wobbly(canvas, around, radii, 1.0))
    (ring,) = read.rings
    assert not read.tips
    assert not read.strokes.any()
    whole = cv2.ellipse(np.zeros((TALL, WIDE), np.uint8), around, radii, 0, 0, 360, 255, cv2.FILLED)
    both, either = ((ring > 0) & (whole > 0)).sum(), ((ring > 0) | (whole > 0)).sum()
    assert both > 0.9 * either


@pytest.mark.parametrize(("start", "end"), [((0, 200), (WIDE, 260)), ((300, 0), (0, 250)), ((0, 100), (300, 300))])
def test_a_line_to_the_sides_goes_round_nothing(start, end):
    read = drawn(lambda canvas: cv2.line(canvas, start, end, 255, 6))
    assert not read.rings
    assert read.strokes.any()


def test_a_frame_is_a_ring():
    found = drawn(lambda canvas: cv2.rectangle(canvas, (500, 300), (700, 500), 255, 5))
    assert np.abs(np.subtract(bounds(found.rings[0]), (497, 297, 703, 503))).max() < 5


@pytest.mark.parametrize("thick", [2, 6, 14])
@pytest.mark.parametrize("turn", range(0, 360, 45))
def test_an_arrow_points_at_its_tip_whichever_way_it_goes(turn, thick):
    way = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
    end = np.array([400, 300]) + 150 * way
    found = drawn(arrow((400, 300), tuple(int(v) for v in end), thick))
    assert len(found.tips) == 1 and not found.rings and not found.strokes.any()
    beyond = (np.array(found.tips[0]) - end) @ way
    assert np.hypot(*(np.array(found.tips[0]) - end)) < 30 and beyond > -3


def test_an_arrow_at_the_edge_points_inside():
    ((x, y),) = drawn(arrow((600, 300), (797, 300))).tips
    assert x == WIDE - 1 and abs(y - 300) < 10


@pytest.mark.parametrize(
    "draw",
    [zigzag, lambda c: cv2.line(c, (100, 100), (500, 150), 255, 8), lambda c: cv2.circle(c, (400, 300), 60, 255, -1)],
)
def test_strokes_are_neither(draw):
    found = drawn(draw)
    canvas = np.zeros((TALL, WIDE), np.uint8)
    draw(canvas)
    assert not found.rings and not found.tips and (found.strokes > 0).sum() > 0.9 * (canvas > 0).sum()


def test_several_shapes_are_told_apart_and_a_slip_is_left_out():
    found = drawn(wobbly, zigzag, arrow((700, 560), (560, 400)), lambda c: cv2.circle(c, (30, 30), 2, 255, -1))
    assert len(found.rings) == 1 and len(found.tips) == 1 and found.strokes[430:470, 120:320].any()
    assert not found.strokes[:60, :60].any()


def layer(alpha):
    return np.dstack([np.full((*alpha.shape, 3), 200, np.uint8), alpha])


def test_what_cannot_be_a_drawing_is_refused():
    canvas = np.zeros((TALL, WIDE), np.uint8)
    wobbly(canvas)
    assert load_markup(layer(canvas), TALL, WIDE).rings
    bad = [
        (layer(canvas), (TALL, WIDE + 1), "the picture 801x600"),
        (layer(canvas)[..., :3], (TALL, WIDE), "transparent layer"),
        (layer(np.full_like(canvas, 255)), (TALL, WIDE), "covers the whole picture"),
        (layer(np.zeros_like(canvas)), (TALL, WIDE), "nothing was drawn"),
    ]
    for pixels, size, said in bad:
        with pytest.raises(InvalidMask, match=said):
            load_markup(pixels, *size)
