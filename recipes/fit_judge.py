"""Fit how much each witness of the judge counts, on results that people rated, and print how well the judge then tells good from bad.

    python recipes/fit_judge.py            # figures of both halves
    python recipes/fit_judge.py --write    # writes the weights into src/pixwright/judge/trust.json

`tests/golden/judge/dev.jsonl` holds, for each rated result, what the witnesses measured; tests/golden/README.md tells how it was rated. Only the half `fit` is fitted on.
The values that are fine and bad are chosen by hand and stay; the weights are a logistic regression that may only take away (no witness speaks for an edit),
with a log-odds to begin with for edits of the whole picture and another for edits of a thing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.judge.trust import Scale, Trust, trust
from pixwright.records.kind import EditType

ROOT = Path(__file__).parents[1]
RATED = ROOT / "tests" / "golden" / "judge" / "dev.jsonl"
TARGET = ROOT / "src" / "pixwright" / "judge" / "trust.json"
GOOD = "AB"
PENALTY = 0.5
"""Of squared weights: a witness that was seldom heard shall not count for much."""
LEAST = 0.3
"""Weight of a witness at least: of two tries the one that fewer object to is the better."""
STEPS, RATE = 20_000, 0.01
"""Of the projected gradient."""
OBJECTS = 0.5

Row = dict[str, Any]


def rated(half: str) -> list[Row]:
    """The results of a half that were made and rated; what the program refused is no verdict on a picture."""
    rows = [json.loads(line) for line in RATED.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row.get("half") == half and not row.get("refused")]


def is_whole(row: Row) -> bool:
    """Whether the whole picture's look was changed."""
    return EditType(row["steps"][0]["type"]).traits.whole_look


def doubts(row: Row, made: Trust) -> dict[str, float]:
    """The strongest doubt of each witness over the steps."""
    strongest: dict[str, float] = {}
    for step in row["steps"]:
        for name, doubt in made.doubts(step["heard"]).items():
            strongest[name] = max(doubt, strongest.get(name, 0.0))
    return strongest


def is_done(row: Row, made: Trust) -> bool:
    """Whether the judge calls it done: no check failed, and no witness objects."""
    return all(step["verdict"] == "done" for step in row["steps"]) and all(
        d < OBJECTS for d in doubts(row, made).values()
    )


def score(row: Row, made: Trust) -> float:
    """The probability that a person keeps it."""
    return made.from_doubts(doubts(row, made), is_whole(row))


def fit(rows: Sequence[Row], made: Trust) -> Trust:
    """The same scales with fitted weights."""
    names = list(made.scales)
    against = np.array([[doubts(row, made).get(name, 0.0) for name in names] for row in rows])
    whole = np.array([float(is_whole(row)) for row in rows])
    good = np.array([float(row["grade"] in GOOD) for row in rows])
    inputs = np.column_stack([1 - whole, whole, -against])
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (likely - good)
        slope[2:] += PENALTY * weights[2:]
        weights -= RATE * slope
        weights[2:] = np.maximum(weights[2:], LEAST)
    scales = {
        name: Scale(scale.fine, scale.bad, round(float(weight), 2))
        for (name, scale), weight in zip(made.scales.items(), weights[2:], strict=True)
    }
    return Trust(round(float(weights[0]), 2), round(float(weights[1]), 2), scales)


def auc(good: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """How often a good result has the higher score of a good and a bad one."""
    high, low = scores[good][:, None], scores[~good][None]
    return float((high > low).mean() + (high == low).mean() / 2)


def figures(half: str, made: Trust) -> str:
    """A line: how many results are good and called done, how many of these are not good, how many good ones are missed, and the AUC."""
    rows = rated(half)
    good = np.array([row["grade"] in GOOD for row in rows])
    lines = []
    for name, done, scores in (
        ("before", [row["before"] == "done" for row in rows], [row["score_before"] for row in rows]),
        ("now", [is_done(row, made) for row in rows], [score(row, made) for row in rows]),
    ):
        called = np.array(done)
        false, missed = int((called & ~good).sum()), int((~called & good).sum())
        lines.append(
            f"{half:5}{name:7} {len(rows)} results, {good.sum()} good; {called.sum()} done, {false} of them false"
            f" ({false / max(called.sum(), 1):.0%}); {missed} good ones not called done; AUC {auc(good, np.array(scores)):.2f}"
        )
    return "\n".join(lines)


def by_witness(half: str, made: Trust) -> list[str]:
    """For each witness: of how many bad and good results it objects."""
    rows = rated(half)
    lines = []
    for name in made.scales:
        objected = [row["grade"] in GOOD for row in rows if doubts(row, made).get(name, 0.0) >= OBJECTS]
        lines.append(f"{name:18} {objected.count(False):3} bad {objected.count(True):3} good")
    return lines


def main() -> None:
    """Print figures; with `--write` keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write trust.json")
    parser.add_argument("--witnesses", action="store_true", help="print of what each witness objects to")
    chosen = parser.parse_args()
    made = fit(rated("fit"), trust())
    for half in ("fit", "held"):
        print(figures(half, made))
        if chosen.witnesses:
            print("\n".join(by_witness(half, made)))
    if chosen.write:
        TARGET.write_text(json.dumps(made.stored(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
