"""Statistics of studies: intervals, Bradley-Terry with ties, agreement. Pure functions on counts; numpy only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = tuple[float, float]
Z95 = 1.959963984540054
RESAMPLES = 2000
RIDGE = 1e-3
"""Precision of the weak normal prior (standard deviation 32 on the log scale) that keeps strengths finite where a system always wins."""
_ITERATIONS = 100


@dataclass(frozen=True)
class BradleyTerry:
    """`strength`: log worth of each system, mean 0. `tie`: Davidson's nu, 0 where nobody answered "no difference"."""

    strength: tuple[float, ...]
    intervals: tuple[Interval | None, ...]
    tie: float


def wilson(hits: float, count: float) -> Interval | None:
    """95 % score interval of a share (Wilson 1927); None of nothing. Treats answers as independent."""
    if not count:
        return None
    share, spread = hits / count, Z95 * Z95 / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def resamples(items: int, seed: int, times: int = RESAMPLES) -> Numbers:
    """How often each item is drawn in each resample of the items: times x items. All answers on an item go with it.

    Of fewer than two items nothing can be said about other items: there are no resamples, and no interval comes of them.
    """
    if items < 2:
        return np.zeros((0, items))
    drawn = np.random.default_rng([seed, 7]).multinomial(items, np.full(items, 1 / items), times)
    return drawn.astype(np.float64)


def ratio_interval(parts: Numbers, wholes: Numbers, weights: Numbers) -> Interval | None:
    """95 % percentile interval, over resamples of the items, of sum(parts) / sum(wholes); both have one value an item."""
    below = weights @ wholes
    return percentiles((weights @ parts)[below > 0] / below[below > 0])


def percentiles(values: Numbers) -> Interval | None:
    """The middle 95 % of what is finite; None if nothing is."""
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def bradley_terry(pairs: Sequence[tuple[int, int]], counts: Numbers, systems: int, weights: Numbers) -> BradleyTerry:
    """Davidson's (1970) model by maximum likelihood: a beats b : b beats a : tie = w_a : w_b : nu sqrt(w_a w_b).

    `counts` is items x pairs x 3 (first wins, second wins, ties); intervals are percentiles over resamples of the items, given as
    `weights` (resamples x items). Without any tie it is the plain model of Bradley and Terry (1952).
    """
    tied = bool(counts[..., 2].sum())
    total = _fit(pairs, counts.sum(0)[None], systems, tied)[0]
    drawn = np.einsum("bi,ipo->bpo", weights, counts)
    spread = _fit(pairs, drawn, systems, tied) if len(weights) else np.zeros((0, systems))
    intervals = tuple(percentiles(spread[:, system]) for system in range(systems))
    return BradleyTerry(tuple(map(float, total[:systems])), intervals, math.exp(total[systems]) if tied else 0.0)


def _fit(pairs: Sequence[tuple[int, int]], counts: Numbers, systems: int, tied: bool) -> Numbers:
    """Newton's method on the concave log likelihood, for a batch of counts: B x P x 3 -> B x (systems + 1), the last being log nu."""
    outcomes = 3 if tied else 2
    design = np.zeros((len(pairs), 3, systems + 1))
    for index, (first, second) in enumerate(pairs):
        design[index, 0, first] = design[index, 1, second] = 1
        design[index, 2, [first, second]] = 0.5
        design[index, 2, systems] = 1
    design, seen = design[:, :outcomes], counts[..., :outcomes]
    total = seen.sum(-1)
    value = np.zeros((len(counts), systems + 1))
    for _ in range(_ITERATIONS):
        utility = np.einsum("pok,bk->bpo", design, value)
        chance = np.exp(utility - utility.max(-1, keepdims=True))
        chance /= chance.sum(-1, keepdims=True)
        slope = np.einsum("bpo,pok->bk", seen - total[..., None] * chance, design) - RIDGE * value
        mean = np.einsum("bpo,pok->bpk", chance, design)
        curve = np.einsum("bp,bpo,pok,pol->bkl", total, chance, design, design, optimize=True)
        curve += RIDGE * np.eye(systems + 1) - np.einsum("bp,bpk,bpl->bkl", total, mean, mean, optimize=True)
        step = np.linalg.solve(curve, slope[..., None])[..., 0]
        # Far from the top the curve is flat and a whole step would leap over it.
        step *= np.minimum(1, 2 / np.maximum(np.abs(step).max(-1, keepdims=True), 1e-12))
        value = value + step
        if np.abs(step).max() < 1e-9:
            break
    return value


Level: TypeAlias = Literal["nominal", "ordinal", "interval"]


def krippendorff(counts: Numbers, level: Level, weights: Numbers | None = None) -> Numbers:
    """Krippendorff's alpha (2011): 1 - observed / expected disagreement. Missing ratings are allowed.

    `counts` is units x values: how many raters gave unit u the value v, in rising order; `weights` (B x units) repeat units. Returns B
    values (1 without weights), NaN where no unit has two ratings or all ratings are the same.
    """
    raters = counts.sum(1)
    paired = np.maximum(raters - 1, 1)
    within = counts[:, :, None] * counts[:, None, :] - np.eye(counts.shape[1]) * counts[:, :, None]
    within = np.where(raters[:, None, None] > 1, within / paired[:, None, None], 0)
    drawn = np.ones((1, len(counts))) if weights is None else weights
    together = np.einsum("bu,ucd->bcd", drawn, within)
    margin = together.sum(2)
    apart = _apart(margin, level)
    observed = (together * apart).sum((1, 2))
    expected = (margin[:, :, None] * margin[:, None, :] * apart).sum((1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected > 0, 1 - (margin.sum(1) - 1) * observed / expected, np.nan), np.float64)


def _apart(margin: Numbers, level: Level) -> Numbers:
    """Squared distance between values, B x C x C; the ordinal one counts the ratings that lie between."""
    count = margin.shape[1]
    if level == "nominal":
        return np.broadcast_to(1 - np.eye(count), (len(margin), count, count))
    if level == "interval":
        values = np.arange(count, dtype=np.float64)
        return np.broadcast_to((values[:, None] - values) ** 2, (len(margin), count, count))
    middle = np.cumsum(margin, 1) - margin / 2
    return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2, np.float64)


def agreement(counts: Numbers) -> float | None:
    """Share of pairs of raters of the same unit who gave the same answer; None if no unit has two."""
    raters = counts.sum(1)
    pairs = float((raters * (raters - 1)).sum())
    return float((counts * (counts - 1)).sum()) / pairs if pairs else None


def by_item(rows: Sequence[int], values: Sequence[float], items: int) -> Numbers:
    """Sums of `values` for each item; `rows` names the item of each value."""
    return np.asarray(np.bincount(np.asarray(rows, np.int64), np.asarray(values, np.float64), items), np.float64)
