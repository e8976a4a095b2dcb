"""The development wishes: what is planned for them, by the rows of the knowledge file; and whom a wish is about."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
import skimage

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import parse
from pixwright.parse.about import Shown, subjects
from pixwright.parse.implicit import Row, _fitted, answered
from pixwright.parse.rules import understand
from pixwright.records.instruction import Instruction

ENCODERS = Encoders()
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "parse"
sys.path.insert(0, str(GOLDEN))
import compare  # noqa: E402

PERSON, CAT = Shown("person", ("person",)), Shown("cat", ("cat", "animal"))
CUP = Shown("cup", ("cup",))
FEED = Row("he is hungry", "any", ("add a hamburger next to the person",), "food helps against hunger")
GRAY = Row("he is old", "person", ("make the hair gray",), "old people have grey hair")


def test_most_wishes_lead_to_what_a_person_would_have_named():
    """The first two thirds taught the rows; of the last, each fourth is looked at, to be quick."""
    grades = Counter()
    for row in compare.load_rows(GOLDEN / "wishes.jsonl")[::4]:
        if any(clause.steps is not None for clause in understand(row["instruction"])):
            continue
        grades[compare.grade(row, answered(row["instruction"], compare.seen(row), ENCODERS) or ())] += 1
    assert grades["sensible"] >= 0.8 * grades.total() and grades["wrong"] <= 0.12 * grades.total(), grades


@pytest.mark.parametrize(
    ("row", "seen", "steps"),
    [
        (FEED, PERSON, ("add a hamburger next to the person",)),
        (FEED, CAT, ("add a hamburger next to the {it}",)),
        (FEED, CUP, None),
        (GRAY, PERSON, ("make the hair gray",)),
        (GRAY, CAT, None),
    ],
)
def test_a_row_at_a_person_needs_somebody(row, seen, steps):
    fit = _fitted(row, 0.8, (seen,))
    assert (fit[1].steps if fit else None) == steps


def test_she_is_whoever_the_picture_shows():
    cat, astronaut = skimage.data.chelsea(), skimage.data.astronaut()
    assert subjects("she hasn't eaten since this morning", cat, ENCODERS)[0].noun == "cat"
    assert subjects("she hasn't eaten since this morning", astronaut, ENCODERS)[0].noun == "person"
    assert subjects("she hasn't eaten since this morning", None, ENCODERS)[0].noun == "person"


def test_all_that_is_named_may_be_meant():
    said = subjects("the kids drew all over the chairs", None, ENCODERS)
    assert {one.noun for one in said} >= {"person", "chairs"}


@pytest.mark.parametrize("wish", ["it bothers me", "lose it"])
def test_nothing_is_taken_away_that_is_not_named(wish):
    steps = answered(wish, (CUP,), ENCODERS)
    assert steps is None or all(step.type != "remove" for step in steps)


@pytest.mark.parametrize(
    "complaint",
    [
        "looks a bit spooky, i'd like people to want to sit there",
        "it looks like nobody ever works here",
        "looks like nobody cleaned in here",
        "the water looks dirty",
        "looks like it was taken in a cave",
        "It was such a lovely beach, but all you see on this one are the stones.",
    ],
)
def test_what_is_complained_of_is_not_made(complaint):
    with pytest.raises(UnclearInstruction):
        parse(Instruction(text=complaint), None, ENCODERS)


@pytest.mark.parametrize(
    ("complaint", "value"),
    [("the room feels a bit gloomy", "brightness"), ("this looks so dull", "vivid"), ("looks too cold", "warmth")],
)
def test_a_complaint_that_is_understood_is_mended(complaint, value):
    assert [step.value for step in parse(Instruction(text=complaint), None, ENCODERS).steps] == [value]
