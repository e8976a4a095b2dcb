"""The page of rated rows says what the ratings say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixwright.build.measure.select import load_thresholds

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ratings():
    return [json.loads(line) for line in (ROOT / "tests/golden/build/rated.jsonl").read_text("utf-8").splitlines()]


def test_every_rating_has_a_reason_where_a_row_was_not_wanted(ratings):
    assert all(("why" in one) != one["wanted"] for one in ratings)
    assert len({(one["set"], one["seed"], one["n"]) for one in ratings}) == len(ratings)


@pytest.mark.parametrize(
    ("name", "seeds"),
    [("anyedit", {90210}), ("reasonpix2pix", {90211}), ("reasonpix2pix", {90214, 90215}), ("mm-inst", {90210}), ("photographs", {90300}), ("photographs", {90402, 90403, 90404, 90405}), ("reasonpix2pix", {90320})],
)  # fmt: skip
def test_the_page_says_what_was_rated(ratings, name, seeds):
    rows = [one["wanted"] for one in ratings if one["set"] == name and one["seed"] in seeds]
    page = (ROOT / "docs/data-rated.md").read_text("utf-8")
    assert f"{100 * sum(rows) / len(rows):.0f} % of {len(rows)}" in page


def test_the_limits_of_the_judge_keep_the_better_tries(ratings):
    rules = load_thresholds()
    tries = [one for one in ratings if one["set"] == "photograph-tries"]

    def kept(one):
        # An implicit edit has the limits of the tone that it means.
        limits = rules["tone_transfer" if one["type"] == "implicit_change" else one["type"]]
        return all(one.get(name, 1.0) >= limits.get(name, (0.0, None))[0] for name in ("judge", "judge_back"))

    def share(rows):
        return sum(one["wanted"] for one in rows) / len(rows)

    passed = [one for one in tries if kept(one)]
    assert share(passed) > 0.65 > 0.55 > share(tries)
    assert sum(one["wanted"] for one in passed) > 0.9 * sum(one["wanted"] for one in tries), "few good ones are lost"
