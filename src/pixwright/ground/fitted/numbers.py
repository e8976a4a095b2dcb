"""The fitted numbers, as they lie beside this module."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np

from pixwright.ground.geometry import Floats


@cache
def fitted(rule: str) -> dict[str, float]:
    """Of `RULE.json`: what a rule tells things by, in the order of its features' columns -> the weight."""
    stored = files(__package__).joinpath(f"{rule}.json").read_text("utf-8")
    return {name: float(weight) for name, weight in json.loads(stored).items()}


@cache
def network(name: str) -> dict[str, Floats]:
    """The tensors of `NAME.npz`, a fitted network, by their names."""
    with files(__package__).joinpath(f"{name}.npz").open("rb") as stored, np.load(stored) as data:
        return {tensor: data[tensor].astype(np.float32) for tensor in data.files}
