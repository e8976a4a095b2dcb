"""The residual network's reversals, views and training: the photograph is the truth, nothing outside of the mask is touched, and untrained it does nothing."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from skimage import data

torch = pytest.importorskip("torch")

from pixwright.train.harmoniser.samples import standing  # noqa: E402
from pixwright.train.residual.fit import (  # noqa: E402
    ResidualNetwork,
    ReversalRows,
    batch_of,
    distances,
    gaps,
    loss_of,
    train,
    varied,
)
from pixwright.train.residual.samples import MAKERS, Removable, ReversalStock  # noqa: E402
from pixwright.train.residual.views import LIGHT, SIDE, SLOTS, corrected, slots_of, small, window_of  # noqa: E402


class Disc:
    """Outlines the red disc of a picture."""

    def outline(self, picture):
        return (picture[..., 0] > 200).astype(np.float32) * (picture[..., 1] < 60)


@cache
def stock():
    plain = np.clip(cv2.resize(data.coffee(), (320, 213)), 0, 180)
    picture = plain.copy()
    cv2.circle(picture, (200, 100), 30, (230, 20, 20), -1)
    (thing,) = standing(picture, [], Disc())
    return ReversalStock([plain, cv2.resize(data.astronaut(), (240, 240))], [Removable(picture, thing)])


def reversal(task, material, seed=0):
    rng = np.random.default_rng(seed)
    return next(one for _ in range(60) if (one := MAKERS[task](material, rng)) is not None)


@pytest.mark.parametrize("task", list(MAKERS))
def test_the_truth_is_the_photograph_and_is_kept_where_nothing_was_made(task):
    material = stock()
    one, same = reversal(task, material), reversal(task, material)
    photographs = [*material.pictures, *(thing.picture for thing in material.things)]
    assert any(one.truth is photograph for photograph in photographs)
    assert np.array_equal(one.made, same.made), "it depends on the seed alone"
    still = one.mask == 0
    assert np.array_equal(one.made[still], one.before[still])
    assert not np.array_equal(one.made, one.before) and not np.array_equal(one.made, one.truth)


def test_a_thing_that_comes_back_is_gone_from_its_ground():
    (one,) = stock().things
    x0, y0, x1, y1 = one.thing.box
    red = (one.ground[y0:y1, x0:x1, 0] > 200) & (one.ground[y0:y1, x0:x1, 1] < 60)
    assert not red.any() and one.hole[(y0 + y1) // 2, (x0 + x1) // 2] == 255


def test_a_window_has_room_about_the_place_and_none_is_needed_where_nothing_was_made():
    mask = np.zeros((100, 200), np.uint8)
    assert window_of(mask) is None
    mask[40:60, 80:120] = 255
    assert window_of(mask) == (60, 20, 140, 80)
    assert small(mask, (60, 20, 140, 80)).shape == (SIDE, SIDE)


def test_a_residual_is_laid_under_the_mask_and_keeps_the_detail():
    made = cv2.resize(data.coffee(), (300, 200))
    mask = np.zeros(made.shape[:2], np.uint8)
    mask[60:140, 100:200] = 255
    window = window_of(mask)
    same = corrected(made, mask, window, np.zeros((SIDE, SIDE, 3), np.float32))
    lighter = corrected(made, mask, window, np.full((SIDE, SIDE, 3), 0.1, np.float32))
    assert np.array_equal(same, made)
    assert np.array_equal(lighter[mask == 0], made[mask == 0])
    free = (mask > 0)[..., None] & (made < 225)
    assert np.abs(lighter.astype(int) - made - 25.5)[free].max() <= 1.5


@cache
def rows(count=10):
    material, names = stock(), list(MAKERS)
    made = [(k % len(names), reversal(names[k % len(names)], material, k)) for k in range(count)]
    views = [[small(side, window_of(one.mask)) for side in (one.before, one.made, one.truth, one.mask)] for _, one in made]  # fmt: skip
    slots = np.stack([slots_of(one.before, one.mask) for _, one in made])
    assert slots.shape == (count, SLOTS)
    return ReversalRows(np.stack([np.dstack(v) for v in views]), np.array([task for task, _ in made]), slots, np.arange(count))  # fmt: skip


def test_untrained_it_does_nothing_and_what_it_adds_stays_under_the_mask():
    stored, network = rows(), ResidualNetwork()
    before, after = distances(network, stored)
    assert np.array_equal(before, after) and before.min() > 0
    torch.nn.init.ones_(network.out.bias)
    batch = batch_of(stored, np.arange(10))
    with torch.no_grad():
        added = network(batch.seen, batch.tasks, batch.slots)
    outside = (batch.seen[:, 6:] == 0).expand_as(added)
    assert outside.any() and not added[outside].any() and added[~outside].any()


def test_rows_vary_all_together_and_a_truth_that_is_a_tone_keeps_it():
    stored = rows()
    batch = batch_of(stored, np.arange(10))
    new = varied(batch, torch.Generator().manual_seed(4))
    turned = new.slots[:, LIGHT] != batch.slots[:, LIGHT]
    assert turned.any() and torch.equal(new.slots[turned, LIGHT], -batch.slots[turned, LIGHT])
    tones = (new.slots[:, :3] - batch.slots[:, :3]).abs().amax(1)
    assert torch.equal(tones == 0, batch.tasks == list(MAKERS).index("relight"))
    assert (gaps(new.truth, batch.truth, torch.ones_like(new.seen[:, 6:])) > 0.005).all(), "none is where it was"
    still = [gaps(one.seen[:, :3], one.truth, (one.seen[:, 6:] == 0).float()) for one in (batch, new)]
    for k in np.flatnonzero(stored.tasks == list(MAKERS).index("fill")):
        assert still[0][k] < 0.02 and still[1][k] < 0.04, "what was not touched is alike before and in truth"


def test_a_training_gets_nearer_and_goes_on_where_it_was(tmp_path):
    stored, keep, said = rows(), tmp_path / "state.pt", []
    batch = batch_of(stored, np.arange(10))
    network = train(stored, stored, minutes=0.1, keep=keep, batch=10, say=said.append)
    with torch.no_grad():
        assert loss_of(network, batch) < loss_of(ResidualNetwork(), batch)
    assert all(name in said[-1] for name in MAKERS)
    again = train(stored, stored, minutes=0.1, keep=keep, batch=10)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True)), "it was over"
    file = tmp_path / "rows.npz"
    stored.of([0, 2]).write(file)
    assert set(ReversalRows.read(file).tasks) == {0, 2}
