"""The one place that decides what an edit touches: exact at both ends of the mask, and stronger than any editor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.edit.composite import blend, composite
from pixwright.edit.contract import Proposal, refuse
from pixwright.records.evidence import Evidence


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_a_blend_is_the_rounded_mean(height, width, seed):
    before, after = noise(height, width, seed), noise(height, width, seed + 1)
    mask = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    weight = mask[..., None] / 255
    assert np.abs(blend(before, after, mask) - (before * (1 - weight) + after * weight)).max() <= 0.5 + 1e-9
    assert np.array_equal(blend(before, after, np.zeros_like(mask)), before)
    assert np.array_equal(blend(before, after, np.full_like(mask, 255)), after)


def test_the_limit_is_stronger_than_the_proposal():
    before, after = noise(20, 30), noise(20, 30, 1)
    limit = np.zeros((20, 30), np.uint8)
    limit[5:10, 5:10] = 128
    picture, mask = composite(before, Proposal(after, np.full((20, 30), 255, np.uint8)), limit)
    assert np.array_equal(mask, limit) and np.array_equal(picture[limit == 0], before[limit == 0])
    assert (picture[5:10, 5:10] != before[5:10, 5:10]).any()


def test_a_refusal_changes_nothing_whatever_it_shows():
    before = noise(8, 9)
    refused = Proposal(noise(8, 9, 1), np.full((8, 9), 255, np.uint8), refused="no")
    for proposal in (refused, refuse(before, "no")):
        picture, mask = composite(before, proposal)
        assert np.array_equal(picture, before) and picture is not before and not mask.any()


def test_a_larger_canvas_holds_the_old_picture():
    before, new = noise(10, 12), noise(20, 30, 1)
    picture, mask = composite(before, Proposal(new, np.full((20, 30), 255, np.uint8), Evidence(canvas=(5, 3, 17, 13))))
    assert np.array_equal(picture[3:13, 5:17], before) and not mask[3:13, 5:17].any()
    assert np.array_equal(picture[:3], new[:3]) and (mask[:3] == 255).all()


def test_a_crop_is_a_part_of_the_old_picture():
    before = noise(20, 30)
    wrong = noise(10, 8, 1)
    picture, mask = composite(before, Proposal(wrong, np.full((10, 8), 255, np.uint8), Evidence(canvas=(4, 5, 12, 15))))
    assert np.array_equal(picture, before[5:15, 4:12]) and not mask.any()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_quarter_turn_must_hold_the_old_pixels(turns):
    before = noise(10, 14)
    new = np.ascontiguousarray(np.rot90(before, -turns))
    evidence = Evidence(canvas=(0, 0, 1, 1), angle=90.0 * turns)
    picture, _ = composite(before, Proposal(new, np.full(new.shape[:2], 255, np.uint8), evidence))
    assert np.array_equal(picture, new)
    with pytest.raises(AssertionError):
        composite(before, Proposal(new[::-1].copy(), np.full(new.shape[:2], 255, np.uint8), evidence))


def test_a_proposal_of_another_size_is_our_own_mistake():
    with pytest.raises(AssertionError):
        composite(noise(8, 9), Proposal(noise(9, 9), np.zeros((9, 9), np.uint8)))
    with pytest.raises(AssertionError):
        composite(noise(8, 9), Proposal(noise(8, 9), np.zeros((7, 9), np.uint8)))
