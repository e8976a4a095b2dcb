"""The page of rated rows says what the ratings say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ratings():
    return [json.loads(line) for line in (ROOT / "tests/golden/build/rated.jsonl").read_text("utf-8").splitlines()]


def test_every_rating_has_a_reason_where_a_row_was_not_wanted(ratings):
    assert all(("why" in one) != one["wanted"] for one in ratings)
    assert len({(one["set"], one["seed"], one["n"]) for one in ratings}) == len(ratings)


@pytest.mark.parametrize(
    ("name", "seeds"),
    [("anyedit", {90210}), ("reasonpix2pix", {90211}), ("reasonpix2pix", {90214, 90215}), ("mm-inst", {90210}), ("photographs", {90300})],
)  # fmt: skip
def test_the_page_says_what_was_rated(ratings, name, seeds):
    rows = [one["wanted"] for one in ratings if one["set"] == name and one["seed"] in seeds]
    page = (ROOT / "docs/data-rated.md").read_text("utf-8")
    assert f"{100 * sum(rows) / len(rows):.0f} % of {len(rows)}" in page
