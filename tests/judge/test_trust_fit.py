"""The stored numbers are those that the recipe fits on the rated results; they are checked by other means than its own, and the figures in docs/quality.md are what it prints."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixwright.judge.trust import ELSE, Scale, Trust, trust
from pixwright.records.kind import EditType

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))

import fit_judge  # noqa: E402

ROWS = fit_judge.rated()
FORMER = fit_judge.former()


@pytest.fixture(scope="module")
def unseen():
    """(rounds, rows) calibrated probabilities of results whose photographs the fit had not seen."""
    return fit_judge.calibrated(ROWS, trust(), FORMER)


def test_the_numbers_are_fitted_on_the_rated_results(unseen):
    fitted = fit_judge.fit((*ROWS, *FORMER), trust())
    factor, shift = np.polyfit(list(fitted.levels.values()), [trust().levels[kind] for kind in fitted.levels], 1)
    for kind, level in fitted.levels.items():
        assert trust().levels[kind] == pytest.approx(factor * level + shift, abs=0.01), kind
    for name, scale in fitted.scales.items():
        assert trust().scales[name].weight == pytest.approx(factor * scale.weight, abs=0.01), name
    assert trust().done == pytest.approx(fit_judge.threshold(ROWS, unseen, fit_judge.FALSE))


def test_no_other_numbers_fit_better():
    """The penalised likelihood, written down anew, has its optimum there: no small step in any direction that is allowed makes it larger."""
    fitted = fit_judge.fit((*ROWS, *FORMER), trust())

    def merit(made):
        total = 0.0
        for row in (*ROWS, *FORMER):
            strongest = {}
            for step in row["steps"]:
                for name, doubt in fit_judge.doubts(step, made).items():
                    strongest[name] = max(doubt, strongest.get(name, 0.0))
            odds = np.mean([made.levels[step["kind"]] for step in row["steps"]])
            odds -= sum(made.scales[name].weight * doubt for name, doubt in strongest.items())
            would = fit_judge.WOULD[row["grade"]]
            likely = would * np.log(1 / (1 + np.exp(-odds))) + (1 - would) * np.log(1 / (1 + np.exp(odds)))
            total += row.get("weight", 1) * likely
        total -= fit_judge.SHRINK / 2 * sum((v - made.levels[ELSE]) ** 2 for v in made.levels.values())
        return total - fit_judge.PENALTY / 2 * sum((s.weight - fit_judge.USUAL) ** 2 for s in made.scales.values())

    best = merit(fitted)
    for name in ("drawn_anew", "ends_on_edges", "seam", "found"):
        scale = fitted.scales[name]
        for step in (-0.05, 0.05):
            moved = replace(scale, weight=scale.weight + step)
            assert merit(replace(fitted, scales={**fitted.scales, name: moved})) < best
    for kind in ("remove", "add", "tone_transfer"):
        for step in (-0.05, 0.05):
            assert merit(replace(fitted, levels={**fitted.levels, kind: fitted.levels[kind] + step})) < best


def test_a_probability_is_one_on_photographs_that_were_not_seen(unseen):
    """Of the results in each third of the probabilities about so many are good: counted, where the recipe fits a curve."""
    good = np.array([row["grade"] in "AB" for row in ROWS])
    chances = unseen.mean(axis=0)
    for part in np.array_split(np.argsort(chances), 3):
        assert abs(good[part].mean() - chances[part].mean()) < 0.1
    assert fit_judge.auc(good, chances) > 0.78


def test_what_is_called_done_is_seldom_false_on_photographs_that_were_not_seen(unseen):
    called = [
        (row["grade"] in "AB", chance)
        for row, chance in zip(ROWS, unseen.mean(axis=0), strict=True)
        if fit_judge.may_be_done(row) and chance >= trust().done
    ]
    false = 1 - np.mean([good for good, _ in called])
    assert false <= fit_judge.FALSE
    assert sum(good for good, _ in called) > 0.4 * sum(row["grade"] in "AB" for row in ROWS)


def test_no_photograph_is_on_both_sides():
    for dealt in range(fit_judge.ROUNDS + fit_judge.DEALS):
        parts = {}
        for row in (*ROWS, *FORMER):
            parts.setdefault(row["photo"], set()).add(fit_judge.part_of(row, dealt))
        assert all(len(part) == 1 for part in parts.values())


def test_a_kind_with_few_results_stays_near_the_mean():
    step = {"kind": "remove", "failed": False, "soft": False, "missing": False, "heard": {}}
    many = [{"photo": str(n), "grade": "A" if n % 2 else "D", "steps": [step], "unread": False} for n in range(100)]
    few = [{"photo": "x", "grade": "D", "steps": [step | {"kind": "add"}], "unread": False}]
    levels = fit_judge.fit(many + few, Trust(0.5, {ELSE: 0.0}, {"any": Scale(0, 1, 1.0)})).levels
    assert abs(levels["remove"]) < 0.1 and -0.6 < levels["add"] < 0


def test_the_threshold_is_the_lowest_that_keeps_the_promise():
    """And it is kept by what so few results may be, not by what they happen to be: of thirty with none false up to 2.3 % may be."""
    step = {"kind": "add", "failed": False, "soft": False, "missing": False, "heard": {}}
    rows = [{"grade": grade, "steps": [step], "unread": False} for grade in "A" * 30 + "AADDD"]
    chances = np.array([[0.9] * 30 + [0.695, 0.695, 0.695, 0.515, 0.515]])
    assert fit_judge.threshold(rows, chances, 0.2) == pytest.approx(0.5)
    assert fit_judge.threshold(rows, chances, 0.1) == pytest.approx(0.52)
    assert fit_judge.threshold(rows, chances, 0.03) == pytest.approx(0.7)
    assert fit_judge.threshold(rows, chances, 0.01) == pytest.approx(0.7), "the nearest, where none keeps it"
    rows[32]["unread"] = True
    assert fit_judge.threshold(rows, chances, 0.03) == pytest.approx(0.52)


def test_the_page_has_the_figures():
    page = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    made = fit_judge.verdicts(ROWS, trust())
    before = [row["verdict"] == "done" for row in ROWS], [row["score"] for row in ROWS]
    for done, scores in (before, made):
        line = fit_judge.figures("", ROWS, done, scores)
        called, false, missed = (int(n) for n in re.findall(r"(\d+) (?:done,|of them|good ones)", line))
        assert f"| {called} | {false} ({false / called:.0%}) | {missed} |".replace("%", " %") in page


@pytest.mark.parametrize("path", [fit_judge.RATED, fit_judge.FORMER])
def test_every_rated_result_says_why(path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len({row["id"] for row in rows}) > 250
    assert all(row["grade"] in "ABCD" and row["why"] for row in rows)
    assert set(trust().scales) >= {name for row in rows for step in row["steps"] for name in step["heard"]}
    kinds = {kind.value for kind in EditType} | {"frame"}
    assert {step["kind"] for row in rows for step in row["steps"]} <= kinds
