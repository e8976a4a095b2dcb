"""Inside and outside of a mask, masks against masks, and which component fails."""

import numpy as np
import pytest
from evaluate_samples import drawn, noisy
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.errors import InvalidMask
from pixwright.evaluate.metrics import regions
from pixwright.evaluate.metrics.pixelwise import l1
from pixwright.evaluate.run.components import ComponentVerdict, component_accuracy


def halves(height=96, width=128):
    mask = np.zeros((height, width), np.uint8)
    mask[:, : width // 2] = 255
    return mask


def test_a_change_inside_does_not_count_outside():
    before, mask = drawn(3), halves()
    after = before.copy()
    after[:, :64] = 255 - after[:, :64]
    assert regions.region_l1(before, after, mask, "outside") == 0
    assert regions.outside_max(before, after, mask) == 0
    assert regions.region_ssim(before, after, mask, "outside") == pytest.approx(1, abs=1e-12)
    assert regions.region_ssim(before, after, mask, "inside") < 0.9
    by_hand = np.abs(before[:, :64].astype(int) - after[:, :64].astype(int)).mean() / 255
    assert regions.region_l1(before, after, mask, "inside") == pytest.approx(by_hand, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 127))
def test_both_sides_together_are_the_whole(seed, cut):
    before = drawn(seed)
    after, mask = noisy(before, 30, seed), np.zeros((96, 128), np.uint8)
    mask[:, :cut] = 255
    share = cut / 128
    inside, outside = (regions.region_l1(before, after, mask, side) for side in ("inside", "outside"))
    assert share * inside + (1 - share) * outside == pytest.approx(l1(before, after), abs=1e-9)


def test_one_pixel_outside_is_found():
    before = drawn(4)
    after = before.copy()
    after[50, 100, 1] ^= 255
    expected = abs(int(after[50, 100, 1]) - int(before[50, 100, 1])) / 255
    assert regions.outside_max(before, after, halves()) == pytest.approx(expected)


def test_an_empty_side_has_no_value():
    a = drawn(5)
    full, none = np.full((96, 128), 255, np.uint8), np.zeros((96, 128), np.uint8)
    assert regions.region_l1(a, a, full, "outside") is None
    assert regions.outside_max(a, a, full) is None
    assert regions.region_ssim(a, a, none, "inside") is None
    assert regions.map_mean(np.ones((8, 8), np.float32), none, "inside") is None


def test_a_map_is_weighted_by_the_mask():
    distance = np.zeros((6, 8), np.float32)
    distance[:, :4] = 2
    assert regions.map_mean(distance, halves(), "inside") == pytest.approx(2)
    assert regions.map_mean(distance, halves(), "outside") == 0


def test_a_mask_of_another_size_is_refused():
    a = drawn(6)
    with pytest.raises(InvalidMask):
        regions.region_l1(a, a, halves()[:-1], "inside")
    with pytest.raises(InvalidMask):
        regions.mask_iou(halves(), halves()[1:])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_iou_is_that_of_sets(seed):
    rng = np.random.default_rng(seed)
    a, b = (((rng.random((12, 9)) < 0.4) * 255).astype(np.uint8) for _ in range(2))
    x, y = (set(zip(*np.nonzero(m), strict=True)) for m in (a, b))
    assert regions.mask_iou(a, b) == pytest.approx(len(x & y) / len(x | y) if x | y else 1)
    assert regions.mask_iou(a, b) == regions.mask_iou(b, a)
    assert regions.mask_iou(a, a) == 1


def test_components_give_figure_10():
    # 10 edits; language wrong in 1, which fails all; the segmenter overshoots in 3 more, and the editor saves one of those.
    verdicts = [ComponentVerdict(False, False, False)]
    verdicts += [
        ComponentVerdict(True, False, True),
        ComponentVerdict(True, False, False),
        ComponentVerdict(True, False, False),
    ]
    verdicts += [ComponentVerdict(True, True, True)] * 5 + [ComponentVerdict(True, True, None)]
    found = component_accuracy(verdicts)
    assert found.accuracy["language"].rate == 0.9
    assert found.accuracy["segmenter"].rate == 0.6
    assert (found.accuracy["editor"].right, found.accuracy["editor"].count) == (6, 9)  # nobody judged the tenth
    assert found.given_wrong["segmenter"]["editor"].rate == 0.25
    assert found.given_wrong["language"]["editor"].rate == 0
    assert found.given_right["language"]["segmenter"].rate == pytest.approx(6 / 9)
    assert found.given_right["editor"]["editor"].rate == 1
    assert found.given_wrong["editor"]["editor"].rate == 0


def test_a_condition_that_never_holds_has_no_rate():
    found = component_accuracy([ComponentVerdict(True, True, True)])
    assert found.given_wrong["language"]["editor"].rate is None
    assert component_accuracy([]).accuracy["language"].rate is None
