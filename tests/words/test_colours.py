"""Colours as people write them, and what is asked of another picture's."""

from __future__ import annotations

import re
from importlib.resources import files

import numpy as np
import pytest

from pixwright.records.vocabulary import COLOURS
from pixwright.words.colours import about_colours, born, canonical, colour_at, kind_of, lab_of, mixes, rgb


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


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sage green", "green"),
        ("forest green", "green"),
        ("mustard", "yellow"),
        ("navy", "blue"),
        ("auburn", "brown"),
        ("burgundy", "red"),
        ("lilac", "purple"),
        ("salmon", "pink"),
        ("plum", "purple"),
        ("slate", "gray"),
        ("ivory", "white"),
        ("olive", "green"),
        ("very dark green", "green"),
        ("#101010", "black"),
    ],
)
def test_every_colour_is_a_kind_of_a_plain_one(name, kind):
    assert kind_of(name) == kind


def test_what_is_no_colour_is_no_kind():
    assert kind_of("zebra") is None and rgb("red white") is None and rgb("very") is None and rgb("dark") is None


def test_names_that_people_use_for_cloth_and_walls_are_no_neon():
    for name in ("sage green", "dusty rose", "forest green", "dusty blue", "dusty lavender"):
        light, a, b = lab_of(rgb(name))
        plain = lab_of(rgb(kind_of(name)))
        assert np.hypot(a, b) < 0.8 * np.hypot(*plain[1:]), name


def test_a_shade_of_a_name_is_told_by_its_words():
    def light(name):
        return lab_of(rgb(name))[0]

    assert light("dark sage") < light("sage") < light("light sage") < light("very light sage")
    assert light("very light blue") > light("light blue") and light("very dark green") < light("dark green")
    assert light("dark dusty rose") < light("dusty rose") and rgb("dark zebra") is None
    assert rgb("dark " * 9 + "red") is None


def test_two_plain_names_side_by_side_are_a_mixture_unless_they_are_opposites():
    assert rgb("bluish gray") == rgb("bluish grey") and rgb("blue-gray") == rgb("blue gray") == rgb("blue grey")
    light, a, b = lab_of(rgb("reddish brown"))
    assert lab_of(rgb("red"))[1] > a > lab_of(rgb("brown"))[1]
    assert mixes("red", "brown") and not mixes("black", "white") and not mixes("red", "green")


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("very light blue cup", 3),
        ("dark forest green door", 3),
        ("british racing green car", 3),
        ("blue gray cat", 2),
        ("salmon dish", 0),
        ("dark salmon dish", 2),
        ("dark mustard jar", 0),
        ("rose gold watch", 2),
        ("black white photo", 1),
    ],
)
def test_a_colour_before_a_noun_is_as_long_as_it_is(words, taken):
    assert colour_at(words.split(), 0) == taken


def test_the_table_of_names_is_sound():
    rows = [
        line.split("\t") for line in files("pixwright.words").joinpath("colours.tsv").read_text("utf-8").splitlines()
    ]
    names = [row[0] for row in rows]
    assert names == sorted(set(names))
    for name, colour, *kind in rows:
        assert kind in ([], ["thing"], ["either"]), name
        assert rgb(name) is not None, name
        assert colour[0] == "=" or re.fullmatch("[0-9a-f]{6}", colour), name
        assert name not in COLOURS, name
