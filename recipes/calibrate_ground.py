"""Fit what a raw score of the finders means that do not say how likely they are right, on the development pairs: of masks with a score of 0.8 to 0.9 about 85 % shall be right.

    python recipes/photos.py
    python recipes/calibrate_ground.py          # prints RAW and RIGHT for ground/grounder.py

Isotonic regression by pooling adjacent violators (Ayer et al. 1955), with one mask added at either end that counts as a quarter and as three quarters right,
so that no score is sure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import ground as benchmark
from pixwright.ground import grounder
from pixwright.ground.instance import Sight

SPLITS = ("dev", "asked", "former")
LEAST = 8
"""Pairs in a step, at least."""


def pooled(scores: np.ndarray, right: np.ndarray) -> list[tuple[float, float]]:
    """(mean raw score, share right) of each pool, both rising."""
    order = np.argsort(scores, kind="stable")
    rows = [(0.0, 0.25, 1.0), *((float(scores[i]), float(right[i]), 1.0) for i in order), (1.0, 0.75, 1.0)]
    pools: list[list[float]] = []
    for score, share, weight in rows:
        pools.append([score * weight, share * weight, weight])
        while len(pools) > 1 and (pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2] or pools[-2][2] < LEAST):
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return [(s / w, r / w) for s, r, w in pools]


def main() -> None:
    grounder.SURE, told = 0.0, []  # raw scores, and nothing abstains

    def raw(sight: Sight, score: float) -> float:
        told.append(sight.likely)
        return score

    grounder.calibrated = raw
    found = []
    for pair in (pair for split in SPLITS for pair in benchmark.load_pairs(split)):
        told.clear()
        outcome = benchmark.measure([pair], benchmark.PHOTOS)[0]
        if outcome.found and told and not told[-1]:
            found.append(outcome)
    print(len(found), "masks")
    pools = pooled(np.array([o.score for o in found]), np.array([o.right for o in found], float))
    print("RAW =", tuple(round(raw, 2) for raw, _ in pools))
    print("RIGHT =", tuple(round(share, 2) for _, share in pools))


if __name__ == "__main__":
    main()
