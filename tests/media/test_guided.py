"""The guided filter: values take the guide's edges, from the thing alone where that is asked for."""

import numpy as np

from pixwright.media.guided import guided_lines, squares, within


def step(at, h=40, w=60):
    return np.repeat((np.arange(w) >= at)[None], h, 0).astype(np.float32)


def test_values_take_the_edge_of_the_guide():
    guide, rough = step(30), step(33)
    fine = guided_lines(guide, rough, squares(8), 1e-4).on(guide)
    steepest = int(np.abs(np.diff(fine[20])).argmax())
    assert steepest == 29 and fine[20, 27] < 0.2 and fine[20, 36] > 0.7


def test_the_lines_of_values_that_are_linear_in_the_guide_are_theirs():
    guide = np.random.default_rng(0).random((60, 60)).astype(np.float32)
    for window in (squares(4), within(np.ones((60, 60), np.float32), 3.0)):
        lines = guided_lines(guide, 0.5 * guide + 0.2, window, 1e-6)
        assert np.allclose(lines.slope, 0.5, atol=1e-2) and np.allclose(lines.offset, 0.2, atol=1e-2)


def test_where_the_guide_is_flat_values_are_their_mean():
    flat = np.full((40, 60), 0.4, np.float32)
    lines = guided_lines(flat, step(30), squares(5), 1e-4)
    assert np.abs(lines.slope).max() < 1e-3 and abs(lines.on(flat)[20, 30] - 0.5) < 0.15
    assert np.abs(lines.covariance).max() < 1e-6


def test_what_has_no_weight_tells_nothing():
    weight = step(30)
    values = np.where(weight > 0, 1, 9).astype(np.float32)
    inside = within(weight, 4.0)(values)[:, 30:]
    assert np.abs(inside - 1).max() < 0.02 < np.abs(squares(4)(values)[:, 30:] - 1).max()
