"""Marks that are to be gone, and skin that is to be evened out."""

from __future__ import annotations

import pytest

from pixwright.parse.rules import understand
from pixwright.records.kind import EditType


def only(text):
    (clause,) = understand(text)
    assert clause.steps, clause
    (step,) = clause.steps
    return step


@pytest.mark.parametrize(
    "text, thing",
    [
        ("Fix the rip in the jeans", "rip in the jeans"),
        ("mend the tear in the sofa", "tear in the sofa"),
        ("patch up the hole in the wall", "hole in the wall"),
        ("repair the crack in the windscreen", "crack in the windscreen"),
    ],
)
def test_what_is_mended_is_gone(text, thing):
    step = only(text)
    assert (step.type, str(step.target)) == (EditType.REMOVE, thing)


@pytest.mark.parametrize(
    "text, thing",
    [
        ("Clear up his skin a little.", "his skin"),
        ("even out her skin tone", "her skin"),
        ("remove her freckles", "her skin"),
        ("remove his acne", "his skin"),
        ("get rid of the spots on his face", "his face"),
        ("remove the wrinkles on her forehead", "her face"),
        ("remove the pimples", "the skin"),
    ],
)
def test_skin_is_evened_out(text, thing):
    step = only(text)
    assert (step.type, str(step.target), step.value) == (EditType.APPEARANCE_ALTER, thing, "smooth")


@pytest.mark.parametrize("text", ["remove the spots from the apple", "remove the tattoo on her arm", "remove the stain from the carpet"])  # fmt: skip
def test_other_marks_are_taken_away(text):
    assert only(text).type is EditType.REMOVE


def test_a_little_is_less():
    amount = only("Clear up his skin a little.").amount
    assert amount is not None and 0 < amount.value < 0.5


@pytest.mark.parametrize("text", ["fix the car", "clean the table"])
def test_things_are_not_marks(text):
    assert not any(step.type is EditType.REMOVE for clause in understand(text) for step in clause.steps or ())
