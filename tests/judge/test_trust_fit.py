"""The stored weights are those that the recipe fits on the rated results, and the figures in docs/quality.md are what it prints."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from pixwright.judge.trust import trust

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))

import fit_judge  # noqa: E402


def test_the_weights_are_fitted_on_the_rated_results():
    fitted = fit_judge.fit(fit_judge.rated("fit"), trust())
    assert (fitted.thing, fitted.whole) == pytest.approx((trust().thing, trust().whole), abs=0.02)
    for name, scale in fitted.scales.items():
        assert scale.weight == pytest.approx(trust().scales[name].weight, abs=0.02), name


@pytest.mark.parametrize("half", ["fit", "held"])
def test_the_page_has_the_figures(half):
    now = fit_judge.figures(half, trust()).splitlines()[1]
    results, good, done, false, missed = (
        int(n) for n in re.findall(r"(\d+) (?:results|good;|done,|of them|good ones)", now)
    )
    page = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    assert f"| {results}, " in page and f"({good} good)" in page
    assert f"| now | {done} | {false} ({false / done:.0%}) | {missed} |".replace("%", " %") in page


def test_witnesses_tell_more_than_the_checks_alone():
    before, now = fit_judge.figures("held", trust()).splitlines()
    shares = [int(re.search(r"\((\d+)%\)", line)[1]) for line in (before, now)]
    assert shares[1] < 0.6 * shares[0]


def test_the_halves_hold_different_results_and_every_result_says_why():
    rows = [json.loads(line) for line in fit_judge.RATED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 400 == len({row["id"] for row in rows})
    assert all(row["grade"] in "ABCD" and row["why"] for row in rows)
    assert set(trust().scales) >= {name for row in rows for step in row.get("steps", ()) for name in step["heard"]}
