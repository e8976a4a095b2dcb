"""The critic's data and head: what is right stays right, what is spoilt is spoilt inside its mask, and what torch fits numpy computes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data as data

from pixwright.encoders.critic import CALM, KINDS, Critic
from pixwright.encoders.critic.features import GRID, MID, PARTS, SeenChange
from pixwright.encoders.heads import pack, unpack
from pixwright.media.pixels import shrink
from pixwright.records.kind import Aspect, EditType
from pixwright.train.critic import examples, textures
from pixwright.train.critic.corruptions import CORRUPTIONS
from pixwright.train.critic.examples import SIDE, PictureStock, family, ground, laid, layer


def stock():
    pictures = [shrink(picture, 400) for picture in (data.chelsea(), data.coffee(), data.astronaut())]
    thing = np.zeros((90, 70, 4), np.uint8)
    cv2.ellipse(thing, (35, 45), (30, 40), 0, 0, 360, (200, 60, 50, 255), -1)
    subject = np.zeros(pictures[0].shape[:2], np.uint8)
    subject[60:200, 100:300] = 255
    return PictureStock(pictures, [thing], [(pictures[0], subject)])


STOCK = stock()


def families(count, corruptions=CORRUPTIONS):
    return (row for seed in range(count) for row in family(STOCK, np.random.default_rng(seed), corruptions))


def test_an_example_depends_on_its_seed_alone():
    one, same, other = (family(STOCK, np.random.default_rng(seed), CORRUPTIONS)[-1] for seed in (3, 3, 4))
    assert np.array_equal(one.change.after, same.change.after) and one.fault == same.fault
    assert not np.array_equal(one.change.after, other.change.after)


def test_what_is_right_and_what_is_spoilt():
    rows = list(families(28))
    faults = {row.fault for row in rows}
    assert len(faults) > 8 and {row.change.type for row in rows} >= {
        EditType.ADD,
        EditType.REMOVE,
        EditType.COLOR_ALTER,
    }
    for row in rows:
        change = row.change
        assert change.after.shape == change.before.shape == (SIDE, SIDE, 3) and change.mask.shape == (SIDE, SIDE)
        assert np.array_equal(change.after[change.mask == 0], change.before[change.mask == 0]), row.fault
        assert row.accepted == (row.fault == "") and row.broken == (row.fault != "" and CORRUPTIONS[row.fault][2])


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_fault_can_be_made_and_is_plain(name):
    only = {name: CORRUPTIONS[name]}
    spoilt = next(row for row in families(25, only) if row.fault == name)
    assert not spoilt.accepted and spoilt.broken == CORRUPTIONS[name][2]


def test_on_grain_another_piece_of_it_is_no_fault(monkeypatch):
    monkeypatch.setattr(examples, "GRAINY", 1.0)
    rows = list(families(28))
    assert {row.fault for row in rows}.isdisjoint({"grain", "shuffled", "patch"})
    assert all(row.change.type is not EditType.BACKGROUND_CHANGE for row in rows)
    removed = next(row.change for row in rows if row.change.type is EditType.REMOVE and not row.fault)
    inside = removed.mask > 127
    detail = [np.abs(cv2.Laplacian(removed.after[..., 1], cv2.CV_32F))[part].mean() for part in (inside, ~inside)]
    assert 0.7 < detail[0] / detail[1] < 1.4, "the grain goes on where the thing was"


def test_a_removal_is_exact_where_a_thing_was_pasted():
    rng = np.random.default_rng(1)
    below = ground(STOCK, rng)
    colours, alpha = layer(STOCK, rng, (100, 120))
    above = laid(below, colours, alpha)
    x, y, wide, tall = cv2.boundingRect(alpha)
    assert abs(y + tall / 2 - 100) < SIDE / 2 and np.array_equal(above[alpha == 0], below[alpha == 0])
    assert np.array_equal(above[alpha == 255], colours[alpha == 255])


def test_whole_looks_are_not_cut_and_things_are_not_toned():
    whole = next(row.change for row in families(20) if row.change.type is EditType.TONE_TRANSFER)
    thing = next(row.change for row in families(20) if row.change.type.traits.changes is Aspect.COLOUR)
    rng = np.random.default_rng(0)
    assert all(
        CORRUPTIONS[name][0](whole, rng) is None
        for name in ("half", "holes", "elsewhere", "seam", "spilt", "rectangle")
    )
    assert CORRUPTIONS["rectangle"][0](thing, rng) is None and CORRUPTIONS["seam"][0](thing, rng) is None
    assert CORRUPTIONS["patch"][0](replace(whole, type=EditType.BACKGROUND_CHANGE), rng) is None


@pytest.mark.parametrize("paint", [textures.random_network, textures.coloured])
def test_textures_are_pictures_without_a_picture(paint):
    found = [paint(40, 60, np.random.default_rng(seed)) for seed in range(12)]
    for one in found:
        assert one.shape == (40, 60, 3) and one.min() >= 0 and one.max() <= 255 and one.std() > 5
    matched = textures.matched(found[0], np.full((40, 60, 3), 90, np.uint8), np.ones((40, 60), bool))
    assert abs(float(matched.mean()) - 90) < 4


def test_patches_in_another_order_have_the_same_colours():
    picture = shrink(data.chelsea(), 96)
    mixed = textures.shuffled(picture, np.random.default_rng(0))
    assert mixed.shape == picture.shape and abs(float(mixed.mean()) - picture.mean()) < 12
    assert np.abs(mixed - picture).mean() > 10
    assert np.abs(textures.grainy(picture, np.random.default_rng(0)) - picture).mean() > 5


def rows(count, seed=0):
    """Rows of which the first half has larger features after than before, and is accepted."""
    from pixwright.train.critic.fit import CriticRows

    rng = np.random.default_rng(seed)
    accepted = (np.arange(count) % 2).astype(np.float32)
    grid = rng.random((count, PARTS, GRID)).astype(np.float16)
    grid[accepted > 0, 1] += 1
    mid = rng.standard_normal((count, 2 * PARTS, MID)).astype(np.float16)
    pixels = rng.standard_normal((count, 7)).astype(np.float32)
    kinds = rng.integers(0, 2, (count, len(KINDS))).astype(np.float32)
    return CriticRows(grid, mid, pixels, kinds, accepted, 1 - accepted)


def test_the_head_learns_and_numpy_computes_what_torch_does():
    pytest.importorskip("torch")
    from pixwright.train.critic.fit import logits, train

    head, fresh = train(rows(240), epochs=10, batch=32), rows(60, seed=1)
    found = logits(head, fresh)
    assert ((found > 0) == np.stack([fresh.accepted, fresh.broken], 1)).mean() > 0.9
    for tensors, near in ((head.tensors(), 1e-4), (unpack(pack(head.tensors())), 0.05)):
        critic = Critic(tensors)
        for k in range(0, 60, 9):
            seen = SeenChange(fresh.grid[k].astype(np.float32), fresh.mid[k].astype(np.float32), fresh.pixels[k])
            opinion = critic.opinion(seen, fresh.kinds[k])
            assert (opinion.accepted, opinion.broken) == pytest.approx(1 / (1 + np.exp(-found[k] / CALM)), abs=near)


def test_rows_of_several_files_are_one():
    pytest.importorskip("torch")
    from pixwright.train.critic.fit import joined

    one, two = rows(4), rows(6, seed=2)
    both = joined([vars(one), vars(two)])
    assert len(both) == 10 and np.array_equal(both.at(np.arange(4, 10)).grid, two.grid)


def recoloured():
    return next(row.change for row in families(30) if row.change.type is EditType.COLOR_ALTER and not row.fault)


def detail(change, inside):
    """Mean difference of each pixel from its neighbours, in a part of what came out."""
    picture = change.after.astype(np.float32)
    return float(np.abs(picture - cv2.GaussianBlur(picture, (0, 0), 2))[inside].mean())


def test_a_smear_and_one_colour_lose_detail_and_grain_brings_it():
    change, rng = recoloured(), np.random.default_rng(2)
    inside = cv2.erode(change.mask, np.ones((15, 15), np.uint8)) > 250
    own = detail(change, inside)
    made = {name: CORRUPTIONS[name][0](change, rng) for name in ("smeared", "flat", "grain")}
    assert detail(made["smeared"], inside) < own and detail(made["flat"], inside) < own < detail(made["grain"], inside)


def test_half_and_holes_leave_a_part_as_it_was():
    change, rng = recoloured(), np.random.default_rng(3)
    inside = change.mask > 250
    for name in ("half", "holes"):
        spoilt = CORRUPTIONS[name][0](change, rng)
        same = (spoilt.after == change.before).all(2) & inside
        done = (spoilt.after == change.after).all(2) & inside
        assert 0.05 < same.sum() / inside.sum() < 1 and done.any(), name


def test_a_colour_that_is_spilt_reaches_farther_and_another_place_is_another():
    change, rng = recoloured(), np.random.default_rng(4)
    assert CORRUPTIONS["spilt"][0](change, rng).mask.sum() > change.mask.sum()
    moved = next(found for found in (CORRUPTIONS["elsewhere"][0](change, rng) for _ in range(20)) if found is not None)
    assert not np.array_equal(moved.mask, change.mask) and moved.mask.any()


def test_nothing_is_nearly_the_old_picture():
    change = recoloured()
    for seed in range(4):
        left = CORRUPTIONS["nothing"][0](change, np.random.default_rng(seed)).after.astype(np.float32)
        assert (
            np.abs(left - change.before).mean() < 0.2 * np.abs(change.after.astype(np.float32) - change.before).mean()
        )
