"""The fitted numbers, as they lie beside this module."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def fitted(rule: str) -> dict[str, float]:
    """Of `RULE.json`: what a rule tells things by, in the order of its features' columns -> the weight."""
    stored = files(__package__).joinpath(f"{rule}.json").read_text("utf-8")
    return {name: float(weight) for name, weight in json.loads(stored).items()}
