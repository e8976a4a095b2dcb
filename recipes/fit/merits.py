"""What the small fits have in common: merits of candidates by a straight part and a hidden layer (`ground.fitted.weighing.merits`), and what such merits cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

Network = dict[str, np.ndarray]
Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Merits (n,) -> their loss and its slopes (n,)."""


def chosen(right: np.ndarray, sizes: Sequence[int]) -> Loss:
    """Conditional logit: of each phrase's candidates, `sizes` of them, one that is `right` (n,) shall be the likeliest."""
    right, begins = right.astype(float), np.r_[0, np.cumsum(sizes)[:-1]]

    def loss(merit: np.ndarray) -> tuple[float, np.ndarray]:
        odds = np.exp(merit - np.repeat(np.maximum.reduceat(merit, begins), sizes))
        every, hits = np.add.reduceat(odds, begins), np.add.reduceat(odds * right, begins)
        slopes = odds / np.repeat(every, sizes) - odds * right / np.repeat(np.maximum(hits, 1e-12), sizes)
        return float(-np.log(hits / every + 1e-12).sum()), slopes

    return loss


def told(right: np.ndarray, weight: np.ndarray) -> Loss:
    """Logistic: each candidate that is `right` (n,) shall have merit above nought, each other one below."""

    def loss(merit: np.ndarray) -> tuple[float, np.ndarray]:
        cost = weight * (np.logaddexp(0, merit) - right * merit)
        return float(cost.sum()), weight * (1 / (1 + np.exp(-merit)) - right)

    return loss


def fitted(seen: np.ndarray, loss: Loss, hidden: int, straight: float, bent: float, seed: int, steps: int, first: float = 0.0) -> Network:  # fmt: skip
    """A network from a random start, on standardised measures (n, k). `straight`, `bent`: weights of the squared weights of the straight part and of the hidden layer; `first`: where the constant `bias`
    begins, which costs nothing."""
    columns = seen.shape[1]
    shapes = {"straight": (columns,), "first": (columns, hidden), "first_bias": (hidden,), "second": (hidden,), "bias": ()}  # fmt: skip
    decay = {"straight": straight, "first": bent, "first_bias": 0.0, "second": bent, "bias": 0.0}
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])

    def parts(flat: np.ndarray) -> Network:
        cut = np.split(flat, ends[:-1])
        return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), cut, strict=True)}

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        net = parts(flat)
        inner = np.tanh(seen @ net["first"] + net["first_bias"])
        total, wrong = loss(seen @ net["straight"] + inner @ net["second"] + net["bias"])
        back = np.outer(wrong, net["second"]) * (1 - inner**2)
        slopes = {"straight": seen.T @ wrong, "first": seen.T @ back, "first_bias": back.sum(0), "second": inner.T @ wrong, "bias": wrong.sum()}  # fmt: skip
        total += sum(decay[name] * float((net[name] ** 2).sum()) / 2 for name in net)
        return total, np.concatenate([np.ravel(slopes[name] + decay[name] * net[name]) for name in net])

    draw = np.random.default_rng(seed)
    start = {name: draw.normal(0, 0.3 if name == "second" else 0.1, shape) for name, shape in shapes.items()}
    start["straight"][:], start["bias"] = 0, np.array(first)
    flat = np.concatenate([np.ravel(value) for value in start.values()])
    return parts(minimize(cost, flat, jac=True, method="L-BFGS-B", options={"maxiter": steps}).x)


def joined(networks: Sequence[Network]) -> Network:
    """One network whose merit is the mean of theirs."""
    return {
        "straight": np.mean([one["straight"] for one in networks], 0), "bias": np.mean([one["bias"] for one in networks], 0),
        **{name: np.concatenate([one[name] for one in networks], -1) for name in ("first", "first_bias")},
        "second": np.concatenate([one["second"] for one in networks]) / len(networks),
    }  # fmt: skip
