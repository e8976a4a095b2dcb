"""Vectors of phrases as the package stores them: 8 bits a number, each row at its own scale, since only directions count."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_LARGEST = 127
"""Of a stored number; each row's largest has it."""


def unit_rows(package: str, *path: str) -> NDArray[np.float32]:
    """(N, D) unit vectors from a file of the package that `in_eight_bits` made. Raises OSError where there is none."""
    with files(package).joinpath(*path).open("rb") as file:
        table = np.load(file, allow_pickle=False).astype(np.float32)
    return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True), np.float32)


def in_eight_bits(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """(N, D) vectors as they are stored: a cosine of two is off by a thousandth or two."""
    return np.asarray(np.round(rows / np.abs(rows).max(axis=1, keepdims=True) * _LARGEST), np.int8)
