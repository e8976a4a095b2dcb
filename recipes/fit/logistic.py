"""Logistic regression whose weights are drawn towards what is expected of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize


def logistic(x: np.ndarray, y: np.ndarray, penalty: Any = 0.0, towards: Any = 0.0, weight: Any = 1.0, least: Sequence[float | None] | None = None, start: float = 0.0) -> np.ndarray:  # fmt: skip
    """Weights (n,) of the columns of `x` (m, n) with which they tell the log-odds of `y` (m,), 0 to 1.

    `penalty` of half of each squared difference from `towards`; `weight` of the rows; `least` of the weights.
    """

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        odds, apart = x @ w, w - towards
        slope = x.T @ (weight * (1 / (1 + np.exp(-odds)) - y)) + penalty * apart
        return float((weight * (np.logaddexp(0, odds) - y * odds)).sum() + (penalty * apart**2).sum() / 2), slope

    bounds = [(one, None) for one in least] if least is not None else None
    return np.asarray(minimize(loss, np.full(x.shape[1], start), jac=True, bounds=bounds, method="L-BFGS-B").x)
