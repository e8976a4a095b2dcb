"""Intervals and tests against scipy's and against what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pixwright.evaluate.report.statistics import differences, holm, intervals

ALONE = [""] * 200


def test_the_interval_is_scipys_percentile_bootstrap():
    values = np.random.default_rng(0).gamma(2, 1, 200)
    mine = intervals(values[:, None], ALONE, resamples=4000)[0]
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=4000, rng=1).confidence_interval
    width = theirs.high - theirs.low
    assert mine.mean == pytest.approx(values.mean(), abs=1e-12)
    assert (mine.low, mine.high) == pytest.approx((theirs.low, theirs.high), abs=0.06 * width)
    assert mine.margin == pytest.approx(1.96 * values.std() / np.sqrt(200), rel=0.1)


def test_95_of_100_intervals_hold_the_truth():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(150):
        found = intervals(rng.normal(1, 2, (60, 1)), [""] * 60, resamples=400)[0]
        held += found.low <= 1 <= found.high
    assert 0.88 <= held / 150 <= 0.99


def test_rows_of_one_session_are_drawn_together():
    rng = np.random.default_rng(4)
    sessions = np.repeat(rng.normal(0, 1, 50), 4)[:, None]
    names = [str(n // 4) for n in range(200)]
    alone, together = intervals(sessions, ALONE)[0], intervals(sessions, names)[0]
    assert together.mean == alone.mean
    # Four copies of 50 values carry the information of 50.
    assert together.margin == pytest.approx(2 * alone.margin, rel=0.15)


def test_missing_values_are_left_out_and_one_cluster_has_no_interval():
    values = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    first, second = intervals(values, ["a", "b", "c"])
    assert (first.mean, first.count) == (2, 2) and first.low == 1 and first.high == 3
    assert (second.mean, second.low, second.count, second.margin) == (None, None, 0, None)
    (same,) = intervals(values[:, :1], ["a", "a", "a"])
    assert same.mean == 2 and same.low is None
    assert intervals(np.zeros((0, 1)), [])[0].mean is None


def test_the_paired_test_is_scipys():
    rng = np.random.default_rng(5)
    a = rng.normal(0, 1, 40)
    b = a + rng.normal(0.12, 0.5, 40)
    found = differences(a[:, None], b[:, None], [""] * 40)[0]
    theirs = stats.permutation_test(
        (b - a,), np.mean, permutation_type="samples", n_resamples=9999, alternative="two-sided", rng=1
    )
    assert 0.01 < theirs.pvalue < 0.6
    assert found.p == pytest.approx(theirs.pvalue, abs=0.02)
    assert found.mean == pytest.approx((b - a).mean()) and found.higher + found.lower + found.equal == 40


def test_pairing_sees_what_two_intervals_do_not():
    rng = np.random.default_rng(6)
    a = rng.normal(0, 5, 100)[:, None]
    b = a + 0.1 + rng.normal(0, 0.1, (100, 1))
    ia, ib = intervals(a, [""] * 100)[0], intervals(b, [""] * 100)[0]
    assert ia.high > ib.low
    found = differences(a, b, [""] * 100)[0]
    assert found.low > 0 and found.p < 0.001


def test_nothing_is_found_where_nothing_is():
    rng = np.random.default_rng(7)
    small = 0
    for trial in range(60):
        a, b = rng.normal(0, 1, (2, 30, 1))
        small += differences(a, b, [""] * 30, seed=trial)[0].p < 0.05
    assert small <= 8
    same = differences(np.ones((30, 1)), np.ones((30, 1)), [""] * 30)[0]
    assert same.p == 1 and same.equal == 30


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_what_the_step_down_procedure_rejects(p):
    found = holm(p)
    assert all(a >= b for a, b in zip(found, p, strict=True))
    rejected = set()
    for rank, index in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[index] * (len(p) - rank) > 0.05:
            break
        rejected.add(index)
    assert {i for i, value in enumerate(found) if value <= 0.05} == rejected
    assert holm([None, *p])[1:] == found


def test_the_same_results_give_the_same_figures():
    values = np.random.default_rng(8).normal(size=(50, 2))
    assert intervals(values, [""] * 50) == intervals(values, [""] * 50)
    # Each metric has the interval that it has alone: all stand on the same draws.
    assert intervals(values[:, 1:], [""] * 50)[0] == intervals(values, [""] * 50)[1]
