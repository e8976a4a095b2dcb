"""Fit `parse/belief.json`: when the likeliest outcome of an implicit sentence is believed. Run it after every change of the knowledge.

    python recipes/convert/belief.py

Ridge logistic regression over `Reading.measures`, on the development instructions that the grammar does not read: those of `tests/golden/parse/dev.jsonl`
and `dev2.jsonl`, of `dev3.jsonl` those that are not held out, and the wishes of `wishes.jsonl`, for which only the rows count that were there when they
were written. The outcome is 1 where the steps are right. The least probability is the one from which a believed reading gains more than it costs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

import pixwright.parse
from pixwright.encoders.bundle import Encoders
from pixwright.parse.about import subjects
from pixwright.parse.implicit import reading, similarities, steps_of
from pixwright.parse.rules import plan_of, understand

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "parse"
sys.path[:0] = [str(ROOT), str(GOLDEN)]
import compare  # noqa: E402
from recipes.fit.logistic import logistic  # noqa: E402

NAMES = ("nearness", "support", "lead", "talk", "command", "speaker")
RIDGE = 1.0
MISREAD = 0.85
"""What wrong steps cost, of what right ones gain: nearly as much, since an error tells what can be said instead. The least probability follows from it."""


def measured(encoders: Encoders) -> tuple[list[list[float]], list[bool], list[bool]]:
    """For each row without explicit steps: the measures, whether the steps are right, and whether it is a wish."""
    measures, right, wish = [], [], []
    for split in ("dev", "dev2", "dev3"):
        for row in compare.load_rows(GOLDEN / f"{split}.jsonl"):
            if "steps" in row["expect"] or (split == "dev3" and row.get("held_out")):
                continue
            text = row["instruction"]
            if all(clause.steps is not None for clause in understand(text)):
                continue
            found = reading(text, similarities(text, encoders), subjects(text, compare.picture_of(row), encoders))
            if found is None:
                continue
            steps = steps_of(found, text)
            plan = plan_of(text, list(steps), "implicit")
            said = row["expect"].get("values_any")
            named = not said or any(word in f"{s.value} {s.target}" for s in steps for word in said)
            measures.append(found.measures)
            right.append(not compare.mismatches(row, plan) and named)
            wish.append("error" not in row["expect"])
    for row in compare.load_rows(GOLDEN / "wishes.jsonl"):
        text = row["instruction"]
        if any(clause.steps is not None for clause in understand(text)):
            continue
        scores = similarities(text, encoders)
        scores[row["rows"] :] = 0
        found = reading(text, scores, compare.seen(row))
        if found is not None:
            measures.append(found.measures)
            right.append(compare.grade(row, steps_of(found, text)) == "sensible")
            wish.append("error" not in row["expect"])
    return measures, right, wish


def main() -> None:
    """Fit, choose the least probability, write, and print what the fit does to its own rows."""
    measures, right, wish = measured(Encoders())
    x, y, wishes = np.array(measures), np.array(right), np.array(wish)
    mean, spread = x.mean(0), x.std(0)
    w = logistic(np.column_stack([(x - mean) / spread, np.ones(len(x))]), y, [RIDGE] * len(NAMES) + [0.0])
    weights, constant = w[:-1] / spread, w[-1] - float((w[:-1] * mean / spread).sum())
    p = 1 / (1 + np.exp(-x @ weights - constant))
    least = MISREAD / (1 + MISREAD)
    table = {
        "weights": dict(zip(NAMES, weights.round(3).tolist(), strict=True)),
        "constant": round(float(constant), 3),
        "least": round(least, 2),
    }
    target = Path(pixwright.parse.__file__).with_name("belief.json")
    target.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    taken = p >= least
    print(f"{table}\n{len(y)} sentences, {y.sum()} with right steps: {(taken & y).sum()} believed;")
    print(f"believed wrongly: {(taken & ~y & wishes).sum()} wishes, {(taken & ~wishes).sum()} that ask for nothing")


if __name__ == "__main__":
    main()
