"""Means with intervals, and differences with their significance. Every draw is seeded: the same results give the same figures.

Values are an NxM matrix, a column a metric, NaN where a value is missing. Rows of one cluster (a session's turns) are drawn together, because
they share pictures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float64]
RESAMPLES = 2_000
FLIPS = 9_999
LEVEL = 0.95
_CHUNK = 256


@dataclass(frozen=True)
class Interval:
    """`mean` over `count` values with its bootstrap interval; `low` and `high` are None where fewer than two clusters have values."""

    mean: float | None
    low: float | None
    high: float | None
    count: int

    @property
    def margin(self) -> float | None:
        """Half the interval's width: the margin of error of InstructAny2Pix's appendix D."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True)
class Difference:
    """`mean` of b - a over `count` examples that both have, its interval, and the p-value of a sign-flip test, corrected (Holm) over the metrics."""

    mean: float | None
    low: float | None
    high: float | None
    count: int
    p: float | None
    p_corrected: float | None
    higher: int
    """Examples where b is higher, equal and lower."""
    equal: int
    lower: int


def intervals(values: Matrix, clusters: Sequence[str], seed: int = 0, resamples: int = RESAMPLES) -> list[Interval]:
    """Percentile bootstrap (Efron 1979) of each column's mean, all columns on the same draws of clusters."""
    sums, counts = _totals(values, clusters)
    lows, highs = _percentiles(sums, counts, seed, resamples)
    out = []
    for column in range(values.shape[1]):
        there = values[:, column][~np.isnan(values[:, column])]
        number = len(there)
        known = int((counts[:, column] > 0).sum()) > 1
        mean = math.fsum(there) / number if number else None
        low, high = (float(x[column]) if known else None for x in (lows, highs))
        out.append(Interval(mean, low, high, number))
    return out


def differences(a: Matrix, b: Matrix, clusters: Sequence[str], seed: int = 0) -> list[Difference]:
    """b - a, row by row: paired bootstrap interval, and a two-sided test that flips the signs of whole clusters (Fisher 1935)."""
    gaps = b - a
    sums, counts = _totals(gaps, clusters)
    found = intervals(gaps, clusters, seed)
    p = [
        one if interval.low is not None else None for one, interval in zip(_sign_flips(sums, seed), found, strict=True)
    ]
    corrected = holm(p)
    out = []
    for column, interval in enumerate(found):
        gap = gaps[:, column][~np.isnan(gaps[:, column])]
        higher, lower = int((gap > 0).sum()), int((gap < 0).sum())
        out.append(
            Difference(
                interval.mean, interval.low, interval.high, interval.count,
                p[column], corrected[column], higher, len(gap) - higher - lower, lower,
            )
        )  # fmt: skip
    return out


def holm(p: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for being several (Holm 1979); None stays None."""
    known = sorted((value, index) for index, value in enumerate(p) if value is not None)
    out: list[float | None] = [None] * len(p)
    worst = 0.0
    for rank, (value, index) in enumerate(known):
        worst = max(worst, min(1.0, value * (len(known) - rank)))
        out[index] = worst
    return out


def _totals(values: Matrix, clusters: Sequence[str]) -> tuple[Matrix, Matrix]:
    """Sum and number of the values of each cluster, CxM; a row with an empty cluster is one of its own."""
    named = [name or f"\0{row}" for row, name in enumerate(clusters)]
    order = {name: index for index, name in enumerate(dict.fromkeys(named))}
    where = np.array([order[name] for name in named], np.intp)
    missing = np.isnan(values)
    sums, counts = np.zeros((len(order), values.shape[1])), np.zeros((len(order), values.shape[1]))
    np.add.at(sums, where, np.where(missing, 0.0, values))
    np.add.at(counts, where, (~missing).astype(np.float64))
    return sums, counts


def _percentiles(sums: Matrix, counts: Matrix, seed: int, resamples: int) -> tuple[Matrix, Matrix]:
    clusters = len(sums)
    if clusters == 0:
        return np.zeros(sums.shape[1]), np.zeros(sums.shape[1])
    rng = np.random.default_rng(seed)
    means = []
    for size in _chunks(resamples):
        drawn = rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=size).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append((drawn @ sums) / (drawn @ counts))
    every = np.concatenate(means)
    # A draw may hold no value of a column with few; it says nothing about the mean.
    every[:, np.isnan(every).all(0)] = 0.0
    low, high = np.nanquantile(every, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def _sign_flips(sums: Matrix, seed: int) -> list[float]:
    rng = np.random.default_rng([seed, 1])
    found = np.abs(sums.sum(0))
    slack = 1e-12 * np.maximum(1.0, np.abs(sums).sum(0))
    as_large = np.zeros(sums.shape[1])
    for size in _chunks(FLIPS):
        signs = rng.integers(0, 2, (size, len(sums))) * 2.0 - 1.0
        as_large += (np.abs(signs @ sums) >= found - slack).sum(0)
    return [float(value) for value in (as_large + 1) / (FLIPS + 1)]


def _chunks(total: int) -> Iterator[int]:
    for start in range(0, total, _CHUNK):
        yield min(_CHUNK, total - start)
