"""Fit which candidates are of a noun at all (`ground/fitted/several.npz`), for phrases that mean several things or one of several, to boxes that were named by hand and to the development pairs.

    python recipes/fit/weighing.py look out/naming         # as its docstring says
    python recipes/fit/several.py out/naming               # figures by cross-validation over packages, then the fit on all

Logistic: a candidate is right if its box has an intersection over union of at least one half with the box of a thing that the phrase means. Every photograph is seen with a namer that has learnt none
of its package. Asked are all things of a noun ("many", and "several" of the pairs), nouns of which there is one thing, and nouns of which there is none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from merits import Network, fitted, joined, told
from phrases import ROOT, apart
from weighing import rows_of

sys.path.insert(0, str(ROOT))
from recipes.train import naming

import ground as benchmark
from pixwright.ground.detections import Frame, overlap
from pixwright.ground.fitted.weighing import FARTHEST, of_itself, one_of_them
from pixwright.ground.things import Candidate, likeliest

TARGET = ROOT / "src/pixwright/ground/fitted/several.npz"
ASKED = {"many": 1.0, "several": 2.0, "named": 1.0, "absent": 1.0}
"""What is fitted to, and what it weighs."""
STRAIGHT, BENT = 2.0, 10.0
"""Weight of the squared weights of the straight part, and of the hidden layer."""
HIDDEN, STARTS, STEPS, FEW = 4, 3, 200, -3.0
"""Units of a network's hidden layer, networks that are joined to one, steps of the fit, and log-odds that a candidate is right, before anything is known of it."""


def fit(rows: list[dict]) -> Network:
    """The networks from all starts as one."""
    every = np.concatenate([of_itself(row["seen"]) for row in rows])
    mean, spread = every.mean(0), every.std(0) + 1e-6
    weight = np.concatenate([np.full(len(row["right"]), ASKED[row["sort"]]) for row in rows])
    loss = told(np.concatenate([row["right"] for row in rows]).astype(float), weight)
    seen = np.clip((every - mean) / spread, -FARTHEST, FARTHEST)
    return {"mean": mean, "spread": spread, **joined([fitted(seen, loss, HIDDEN, STRAIGHT, BENT, seed, STEPS, FEW) for seed in range(STARTS)])}  # fmt: skip


def agreement(found: list[Frame], true: list[list[Frame]]) -> float:
    """Mean IoU of the boxes that are taken with the things that are meant, as the benchmark counts several."""
    return benchmark.matched([[max(overlap(one, box) for box in thing) for thing in true] for one in found]) if found else 0.0  # fmt: skip


def main(out: Path) -> None:
    """Measure by cross-validation, fit to all, and write."""
    rows = [row for row in rows_of(out) if row["sort"] in ASKED]
    scores: dict[str, list[float]] = {"many": [], "several": []}
    for fold in range(naming.FOLDS):
        net = fit([row for row in rows if row["fold"] != fold])
        for row in (row for row in rows if row["fold"] == fold and row["sort"] in scores):
            sure = one_of_them(row["seen"], net).tolist()
            found = likeliest([(Candidate(box, 1.0), one) for box, one in zip(row["boxes"], sure, strict=True)], False)
            scores[row["sort"]].append(agreement([one.box for one, _ in found], apart(row["true"], tuple)))
    for sort, own in scores.items():
        right = sum(one >= benchmark.HIT for one in own)
        print(f"{sort}, not fitted to: {right} of {len(own)} right by their boxes, mean IoU {np.mean(own):.3f}")
    np.savez_compressed(TARGET, **{name: np.asarray(value, np.float32) for name, value in fit(rows).items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
