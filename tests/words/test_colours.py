"""Colours as people write them, and what is asked of another picture's."""

from __future__ import annotations

import pytest

from pixwright.words.colours import about_colours, born, canonical, rgb


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("i'd like the same look as in [1]", True),
        ("use the colour palette of [1]", True),
        ("paint it in the colours of [1]", False),
        ("make it look like [1]", False),
        ("in the style of [1]", False),
    ],
)
def test_colours_and_manner_are_told_apart(sentence, alone):
    assert about_colours(sentence) is alone


def test_a_plain_name_means_another_colour_of_eyes():
    blue = born("blue", "eye")
    assert blue is not None and blue != rgb("blue") and blue[2] > blue[0]
    assert born("grey", "eye") == born("gray", "eye") is not None
    assert born("neon blue", "eye") is None and born("blue", "") is None and born("#0000ff", "eye") is None


@pytest.mark.parametrize(
    "name",
    [
        "forest green",
        "royal blue",
        "mustard yellow",
        "burnt orange",
        "salmon pink",
        "plum",
        "mahogany",
        "cobalt blue",
        "midnight blue",
        "slate gray",
    ],
)
def test_a_colour_with_a_name_of_its_own_is_not_the_plain_one(name):
    plain = {rgb(one) for one in ("green", "blue", "yellow", "orange", "pink", "purple", "brown", "navy", "gray")}
    assert rgb(name) not in plain and canonical(name) == name


def test_a_ginger_cat_is_paler_than_ginger_paint():
    coat, paint = born("ginger", "coat"), rgb("ginger")
    assert coat is not None and paint is not None and coat[2] > paint[2]
    assert born("blue", "coat") is None and born("grey", "coat") == born("gray", "coat") is not None
