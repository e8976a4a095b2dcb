"""Which input a vector means: the nearest by cosine (paper: section 3.1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixwright.mllm.contract import Input, Vector


def nearest(vector: Vector, inputs: Sequence[Input], among: Sequence[int] | None = None) -> int | None:
    """The number of the input with the largest cosine, or None without any. `among`: the inputs that come into question; default: all."""
    candidates = range(len(inputs)) if among is None else among
    if not candidates:
        return None
    cosines = np.stack([inputs[k].vector for k in candidates]) @ vector
    return int(candidates[int(np.argmax(cosines))])


def retrieve(vectors: Sequence[Vector], inputs: Sequence[Input], among: Sequence[int]) -> tuple[int, ...]:
    """An input for each vector while there are any, none twice: two references are two things. Whoever is nearest to one of the vectors goes first; returned in the order of the vectors."""
    if not vectors or not among:
        return ()
    cosines = np.stack([inputs[k].vector for k in among]) @ np.stack(vectors).T
    found: dict[int, int] = {}
    for _ in range(min(cosines.shape)):
        which, place = np.unravel_index(int(np.argmax(cosines)), cosines.shape)
        found[int(place)] = int(among[int(which)])
        cosines[which, :] = cosines[:, place] = -np.inf
    return tuple(found[place] for place in sorted(found))


def unit(vector: Vector) -> Vector:
    """The same direction with length 1; zeros stay zeros."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length else vector).astype(np.float32)
