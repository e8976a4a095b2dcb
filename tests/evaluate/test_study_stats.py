"""Statistics of studies against published worked examples and independent computations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats

from pixwright.evaluate.study import stats as stats

KRIPPENDORFF_2011 = """1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 ."""
FLEISS_1971_FORM = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
"""A much used example of Fleiss' kappa: ten subjects, fourteen raters; kappa is 0.210."""


def as_counts(text: str, values: int) -> np.ndarray:
    columns = zip(*(line.split() for line in text.splitlines()))
    return np.array([[column.count(str(value + 1)) for value in range(values)] for column in columns], float)


@pytest.mark.parametrize(("hits", "count", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)])  # fmt: skip
def test_wilson_is_as_published(hits: int, count: int, low: float, high: float) -> None:
    # Newcombe 1998, table I, method 3.
    assert stats.wilson(hits, count) == pytest.approx((low, high), abs=5e-5)
    theirs = scipy_stats.binomtest(hits, count).proportion_ci(method="wilson")
    assert stats.wilson(hits, count) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_wilson_of_nothing_is_nothing() -> None:
    assert stats.wilson(0, 0) is None


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_as_published(level: stats.Level, alpha: float) -> None:
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections C to E.
    assert stats.krippendorff(as_counts(KRIPPENDORFF_2011, 5), level)[0] == pytest.approx(alpha, abs=5e-4)


def test_alpha_agrees_with_fleiss_kappa() -> None:
    counts = np.array(FLEISS_1971_FORM, float)
    share = counts.sum(0) / counts.sum()
    agreed = ((counts * (counts - 1)).sum(1) / (14 * 13)).mean()
    kappa = (agreed - (share**2).sum()) / (1 - (share**2).sum())
    assert kappa == pytest.approx(0.210, abs=5e-4)
    assert stats.agreement(counts) == pytest.approx(agreed)
    # For complete nominal data the two differ only by drawing without replacement: 1 - alpha = (1 - kappa)(N - 1) / N.
    assert 1 - stats.krippendorff(counts, "nominal")[0] == pytest.approx((1 - kappa) * 139 / 140)


def slow_alpha(units: list[list[int]], ordinal: bool) -> float:
    """By the definition: mean distance of pairs in a unit, over that of all pairs."""
    units = [unit for unit in units if len(unit) > 1]
    pool = [value for unit in units for value in unit]

    def apart(a: int, b: int) -> float:
        if not ordinal:
            return float(a != b)
        low, high = sorted((a, b))
        return (sum(low <= value <= high for value in pool) - (pool.count(a) + pool.count(b)) / 2) ** 2

    observed = sum(apart(a, b) / (len(unit) - 1) for unit in units for a, b in itertools.permutations(unit, 2))
    expected = sum(apart(a, b) for a, b in itertools.permutations(pool, 2)) / (len(pool) - 1)
    return 1 - observed / expected


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=0, max_size=4), min_size=2, max_size=6), st.booleans())
def test_alpha_is_the_slow_definition(units: list[list[int]], ordinal: bool) -> None:
    counts = np.array([[unit.count(value) for value in range(5)] for unit in units], float)
    mine = stats.krippendorff(counts, "ordinal" if ordinal else "nominal")[0]
    paired = {value for unit in units if len(unit) > 1 for value in unit}
    if len(paired) < 2:
        assert np.isnan(mine)
    else:
        assert mine == pytest.approx(slow_alpha(units, ordinal))


def test_weights_repeat_units() -> None:
    counts = as_counts(KRIPPENDORFF_2011, 5)
    weights = stats.resamples(len(counts), 3, 5)
    repeated = [stats.krippendorff(np.repeat(counts, row.astype(int), 0), "ordinal")[0] for row in weights]
    assert stats.krippendorff(counts, "ordinal", weights) == pytest.approx(repeated)


def likelihood(value: np.ndarray, pairs: list[tuple[int, int]], counts: np.ndarray) -> float:
    worth, nu = np.exp(value[:-1]), np.exp(value[-1])
    total = 0.0
    for (a, b), (won, lost, tied) in zip(pairs, counts):
        even = nu * np.sqrt(worth[a] * worth[b])
        below = worth[a] + worth[b] + even
        total += won * np.log(worth[a] / below) + lost * np.log(worth[b] / below) + tied * np.log(even / below)
    return float(-total)


def test_davidson_is_the_maximum_that_scipy_finds() -> None:
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    counts = np.random.default_rng(1).integers(1, 40, (6, 3)).astype(float)
    found = stats.bradley_terry(pairs, counts[None], 4, np.ones((1, 1)))
    best = optimize.minimize(likelihood, np.zeros(5), (pairs, counts), tol=1e-12)
    assert found.strength == pytest.approx(best.x[:4] - best.x[:4].mean(), abs=1e-3)
    assert found.tie == pytest.approx(np.exp(best.x[4]), abs=1e-3)


def test_bradley_terry_of_two_is_the_log_odds() -> None:
    found = stats.bradley_terry([(0, 1)], np.array([[[30.0, 10.0, 0.0]]]), 2, np.ones((1, 1)))
    assert found.strength[0] - found.strength[1] == pytest.approx(np.log(3), abs=1e-3)
    assert found.tie == 0
    tied = stats.bradley_terry([(0, 1)], np.array([[[30.0, 30.0, 20.0]]]), 2, np.ones((1, 1)))
    assert tied.tie == pytest.approx(2 / 3, abs=1e-3)


def test_who_always_wins_has_a_finite_strength() -> None:
    found = stats.bradley_terry([(0, 1), (1, 2)], np.array([[[5.0, 0, 0], [5.0, 0, 0]]]), 3, np.ones((1, 1)))
    assert np.isfinite(found.strength).all()
    assert found.strength[0] > found.strength[1] > found.strength[2]


def test_the_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    truth, items, hits = 0.6, 60, 0
    weights = stats.resamples(items, 0, 500)
    for _ in range(200):
        # Ten answers an item that lean together: independent answers would make the interval too short.
        lean = np.clip(truth + rng.choice((-0.3, 0.3), items), 0, 1)
        part = rng.binomial(10, lean).astype(float)
        low, high = stats.ratio_interval(part, np.full(items, 10.0), weights) or (1, 0)
        hits += low <= truth <= high
    assert 0.90 <= hits / 200 <= 0.99
    assert stats.percentiles(np.array([np.nan])) is None
