"""Chance, as every maker of data asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """One of several, all equally likely. Raises ValueError if there is none."""
    return items[int(rng.integers(len(items)))]
