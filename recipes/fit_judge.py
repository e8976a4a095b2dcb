"""Fit when the judge may say `done`: on results that people rated, with photographs held out; and print how well it then tells good from bad.

    python recipes/fit_judge.py                     # figures: photographs fitted on, photographs held out, the trade-off
    python recipes/fit_judge.py --write             # the same, and src/pixwright/judge/trust.json
    python recipes/fit_judge.py --kept FOLDER       # first let today's witnesses look again at the results of `recipes/rated_edits.py run FOLDER --keep`

`tests/golden/judge/rated2.jsonl` holds, for each rated result of the program as it is, what the checks and the witnesses said of its steps; `rated.jsonl` the same of an earlier program, whose editors did
other things, so that a row of it counts `EARLIER`, and only in the fit. tests/golden/README.md tells how they were rated. What is fitted:

- for each kind of edit the log-odds that a person keeps a result which nobody doubts, drawn towards the mean of all kinds (`SHRINK`), so that few results of a kind move it little;
- for each witness how much it takes away, drawn towards the same for all (`USUAL`). None speaks for an edit. The values that are fine and bad are chosen by hand and stay;
- a factor and a shift that make it a probability for photographs not seen: each is judged by fits without it, and of those at .8 eight of ten shall be good;
- the probability from which on a result is called done: the lowest at which, on photographs not seen, at most `FALSE` of the results called done are not good, with the doubt that so few results leave.

What is fitted to is not whether this rater called a result good, but how often another one would (`WOULD`): what is good without reserve comes before what just passes.
The figures of photographs held out come from a second round: a fifth of them is left out of all of that, the probability included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.judge.trust import ELSE, OBJECTS, Scale, Trust, trust

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from recipes.fit.logistic import logistic  # noqa: E402

RATED = ROOT / "tests" / "golden" / "judge" / "rated2.jsonl"
FORMER = RATED.with_name("rated.jsonl")
TARGET = ROOT / "src" / "pixwright" / "judge" / "trust.json"
GOOD = "AB"
EARLIER = 0.5
"""Weight of a result of the earlier program."""
WOULD = {"A": 0.97, "B": 0.8, "C": 0.12, "D": 0.03}
"""How often another rater calls good what this one grades so: of 100 that one called good, another called 23 not good (tests/golden/README.md), and hardly any of them an A."""
FALSE = 0.10
"""Share of the results called done that may be false."""
CURVE = (0.05, 0.10, 0.15, 0.20)
"""Such shares for which the trade-off is told."""
SHRINK = 4.0
"""Of squared differences of a kind's level from the mean level: the prior has a standard deviation of a half in log-odds."""
USUAL, PENALTY = 0.7, 8.0
"""Weight that a witness has of which nothing is known, and the penalty of squared differences from it: one that was seldom heard keeps nearly that."""
LEAST = 0.05
"""Weight of a witness at least: of two tries the one that fewer object to is the better."""
LEVELS = np.arange(0.5, 0.86, 0.01)
"""Probabilities from which on a result may be called done. Above them a handful of results would decide."""
SURELY = 0.84
"""Standard deviations of the share of false ones, as so many results tell it, that are added to it (Wilson 1927): four times in five the true share is below that."""
FOLDS, ROUNDS, DEALS = 5, 6, 3
"""Parts of the photographs, each left out once; how often they are dealt anew for a fit, and how often for the figures of held-out ones, so that little depends on one deal."""
DIGITS = 3

Row = dict[str, Any]
Floats = NDArray[np.float64]


def rated(path: Path = RATED) -> list[Row]:
    """The results that were made and rated; what the program refused is no verdict on a picture."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["steps"]]


def former() -> list[Row]:
    """Results of the earlier program, with their weight; without its wishes, which were read in another way."""
    return [row | {"weight": EARLIER} for row in rated(FORMER) if row["type"] != "wish"]


def is_good(row: Row) -> bool:
    """Whether the rater would keep it, or at least calls it done as asked."""
    return row["grade"] in GOOD


def doubts(step: Row, made: Trust) -> dict[str, float]:
    """What the judge doubts of one step."""
    return made.doubts(step["heard"])


def likely(row: Row, made: Trust) -> float:
    """The probability that a person keeps it: of its steps the least likely."""
    return min(made.from_doubts(doubts(step, made), step["kind"]) for step in row["steps"])


def may_be_done(row: Row) -> bool:
    """Whether nothing but doubt stands against `done`: no check failed, no words were left out, no editor said that something is missing."""
    return not row["unread"] and not any(step["failed"] or step["soft"] or step["missing"] for step in row["steps"])


def fit(rows: Sequence[Row], made: Trust) -> Trust:
    """The same scales with fitted weights and levels."""
    names, kinds = list(made.scales), sorted({step["kind"] for row in rows for step in row["steps"]})
    strongest = np.zeros((len(rows), len(names)))
    of_kind = np.zeros((len(rows), len(kinds)))
    for i, row in enumerate(rows):
        for step in row["steps"]:
            of_kind[i, kinds.index(step["kind"])] += 1 / len(row["steps"])
            for name, doubt in doubts(step, made).items():
                j = names.index(name)
                strongest[i, j] = max(strongest[i, j], doubt)
    inputs = np.column_stack([np.ones(len(rows)), of_kind, -strongest])
    good, weight = (
        np.array(some) for some in zip(*((WOULD[row["grade"]], row.get("weight", 1.0)) for row in rows), strict=True)
    )
    drawn = np.array([0.0] + [SHRINK] * len(kinds) + [PENALTY] * len(names))
    towards = np.array([0.0] * (1 + len(kinds)) + [USUAL] * len(names))
    least = [None] * (1 + len(kinds)) + [LEAST] * len(names)
    values = logistic(inputs, good, drawn, towards, weight, least, start=LEAST)
    levels = {kind: round(float(values[0] + own), DIGITS) for kind, own in zip(kinds, values[1:], strict=False)}
    scales = {
        name: Scale(scale.fine, scale.bad, round(float(weight), DIGITS))
        for (name, scale), weight in zip(made.scales.items(), values[1 + len(kinds) :], strict=True)
    }
    return Trust(made.done, {ELSE: round(float(values[0]), DIGITS)} | levels, scales)


def part_of(row: Row, dealt: int) -> int:
    """In which part of the photographs a result lies, when they are dealt for the n-th time."""
    return int(hashlib.md5(f"{dealt}:{row['photo']}".encode()).hexdigest(), 16) % FOLDS


def unseen(rows: Sequence[Row], made: Trust, others: Sequence[Row] = ()) -> Floats:
    """(ROUNDS, len(rows)) the log-odds of each result by fits that did not see its photograph. `others` only take part in the fits."""
    found = np.zeros((ROUNDS, len(rows)))
    for dealt in range(ROUNDS):
        for part in range(FOLDS):
            fitted = fit([row for row in (*rows, *others) if part_of(row, dealt) != part], made)
            for i, row in enumerate(rows):
                if part_of(row, dealt) == part:
                    found[dealt, i] = _odds(likely(row, fitted))
    return found


def calibration(rows: Sequence[Row], odds: Floats) -> tuple[float, float]:
    """What log-odds of photographs not seen are to be multiplied by, and what is to be added, so that of all results at p a share of p is good (Platt 1999)."""
    good = np.tile([float(is_good(row)) for row in rows], (len(odds), 1))
    factor, shift = logistic(np.column_stack([odds.ravel(), np.ones(odds.size)]), good.ravel())
    return float(factor), float(shift)


def threshold(rows: Sequence[Row], chances: Floats, false: float) -> float:
    """The lowest of `LEVELS` at which at most such a share of the results called done is false, as surely as `SURELY`; where there is none, the one that comes nearest.

    `chances`: (ROUNDS, len(rows)) probabilities; the rounds are of the same results and make none surer.
    """
    able, bad = np.array([may_be_done(row) for row in rows]), np.array([not is_good(row) for row in rows])
    called = [able & (chances >= level) for level in LEVELS]
    shares = [_at_most((one & bad).sum() / len(chances), one.sum() / len(chances)) for one in called]
    fine = [level for level, share in zip(LEVELS, shares, strict=True) if share <= false]
    return float(fine[0] if fine else LEVELS[int(np.argmin(shares))])


def _at_most(false: float, called: float) -> float:
    """The upper end of what the share of false ones may be."""
    called = max(called, 1.0)
    share = false / called
    middle, spread = (
        share + SURELY**2 / (2 * called),
        np.sqrt(share * (1 - share) / called + (SURELY / (2 * called)) ** 2),
    )
    return float((middle + SURELY * spread) / (1 + SURELY**2 / called))


def fitted_whole(rows: Sequence[Row], made: Trust, others: Sequence[Row] = ()) -> Trust:
    """Levels and weights, calibrated, and the probability from which on a result is called done."""
    odds = unseen(rows, made, others)
    factor, shift = calibration(rows, odds)
    fitted = fit((*rows, *others), made)
    return Trust(
        round(threshold(rows, _probability(factor * odds + shift), FALSE), DIGITS),
        {kind: round(factor * level + shift, DIGITS) for kind, level in fitted.levels.items()},
        {name: replace(one, weight=round(factor * one.weight, DIGITS)) for name, one in fitted.scales.items()},
    )


def calibrated(rows: Sequence[Row], made: Trust, others: Sequence[Row] = ()) -> Floats:
    """(ROUNDS, len(rows)) calibrated probabilities by fits that did not see the photograph."""
    odds = unseen(rows, made, others)
    factor, shift = calibration(rows, odds)
    return _probability(factor * odds + shift)


def _odds(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _probability(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


def auc(good: NDArray[np.bool_], scores: Floats) -> float:
    """How often a good result has the higher score of a good and a bad one."""
    high, low = scores[good][:, None], scores[~good][None]
    return float((high > low).mean() + (high == low).mean() / 2)


def figures(name: str, rows: Sequence[Row], done: Sequence[bool], scores: Sequence[float]) -> str:
    """A line: how many results are good and called done, how many of these are not good, how many good ones are missed, and the AUC."""
    good, called = np.array([is_good(row) for row in rows]), np.array(done)
    false, missed = int((called & ~good).sum()), int((~called & good).sum())
    return (
        f"{name:24} {len(rows)} results, {good.sum()} good; {called.sum()} done, {false} of them false"
        f" ({false / max(called.sum(), 1):.0%}); {missed} good ones not called done; AUC {auc(good, np.array(scores)):.2f}"
    )


def verdicts(rows: Sequence[Row], made: Trust) -> tuple[list[bool], list[float]]:
    """Whether each result is called done, and its probability."""
    scores = [likely(row, made) for row in rows]
    return [may_be_done(row) and score >= made.done for row, score in zip(rows, scores, strict=True)], scores


def held_out(rows: Sequence[Row], made: Trust, others: Sequence[Row] = ()) -> list[tuple[list[bool], list[float]]]:
    """Verdicts and probabilities where each fifth of the photographs was left out of the whole fit, the probability from which on it is done included; for each of `DEALS`."""
    told = []
    for dealt in range(ROUNDS, ROUNDS + DEALS):
        done, scores = [False] * len(rows), [0.0] * len(rows)
        for part in range(FOLDS):
            kept, more = ([row for row in some if part_of(row, dealt) != part] for some in (rows, others))
            fitted = fitted_whole(kept, made, more)
            for i, row in enumerate(rows):
                if part_of(row, dealt) == part:
                    scores[i] = likely(row, fitted)
                    done[i] = may_be_done(row) and scores[i] >= fitted.done
        told.append((done, scores))
    return told


def trade_off(rows: Sequence[Row], chances: Floats) -> list[str]:
    """For each share of false ones: how many results are called done, and how many of the good ones these are, on average over the rounds."""
    able, good = np.array([may_be_done(row) for row in rows]), np.array([is_good(row) for row in rows])
    lines = []
    for false in CURVE:
        least = threshold(rows, chances, false)
        called = able & (chances >= least)
        share = (called & good).sum() / len(chances) / good.sum()
        counted = (called & ~good).sum() / max(called.sum(), 1)
        lines.append(
            f"at most {false:.0%} false: {called.mean():.0%} of the results called done, {share:.0%} of the good ones, from {least:.2f} on; counted {counted:.0%} false"
        )
    return lines


def by(rows: Sequence[Row], done: Sequence[bool], key: Callable[[Row], str]) -> list[str]:
    """For each kind: results, good ones, called done, false, missed."""
    counts: dict[str, Counter[str]] = {}
    for row, called in zip(rows, done, strict=True):
        told = counts.setdefault(key(row), Counter())
        told.update(["rows"] + ["good"] * is_good(row) + ["done"] * called)
        told.update(["false"] * (called and not is_good(row)) + ["missed"] * (is_good(row) and not called))
    columns = ("rows", "good", "done", "false", "missed")
    return [f"{name:18} " + " ".join(f"{counts[name][one]:5}" for one in columns) for name in sorted(counts)]


def by_witness(rows: Sequence[Row], made: Trust) -> list[str]:
    """For each witness: its weight, and of how many bad and good results it objects."""
    lines = []
    for name, scale in made.scales.items():
        objected = [
            is_good(row) for row in rows if any(doubts(step, made).get(name, 0.0) >= OBJECTS for step in row["steps"])
        ]
        lines.append(f"{name:18} {scale.weight:5.2f} {objected.count(False):4} bad {objected.count(True):4} good")
    return lines


def main() -> None:
    """Print figures; with `--write` keep what was fitted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write trust.json")
    parser.add_argument("--witnesses", action="store_true", help="print of what each witness objects to")
    parser.add_argument("--kept", type=Path, help="a folder of kept results: let the witnesses look again first")
    chosen = parser.parse_args()
    if chosen.kept:
        from judging.kept import listen  # what follows needs no network

        listen(RATED, chosen.kept)
    rows, others, start = rated(), former(), trust()
    made = fitted_whole(rows, start, others)
    print(figures("the judge before", rows, [row["verdict"] == "done" for row in rows], [row["score"] for row in rows]))
    print(figures("photographs fitted on", rows, *verdicts(rows, made)))
    for done, scores in held_out(rows, start, others):
        print(figures("photographs held out", rows, done, scores))
    print("\n".join(trade_off(rows, calibrated(rows, start, others))))
    print("\n".join(by(rows, verdicts(rows, made)[0], lambda row: str(row["type"]))))
    if chosen.witnesses:
        print("\n".join(by_witness(rows, made)))
    if chosen.write:
        TARGET.write_text(json.dumps(made.stored(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
