"""A new colour or material of "this one", as somebody asks who thinks of buying it; and what "it" is where nothing was named."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from pixwright.parse.about import it_is
from pixwright.parse.rules import parse_rules

ASKED = {
    "we're thinking of buying this one in white, how would that look?": "color_alter - > white",
    "I'm thinking about getting it in red, how would that look?": "color_alter - > red",
    "how would this look in black?": "color_alter - > black",
    "considering ordering the sofa in beige, can you show me?": "color_alter sofa > beige",
    "make this one white": "color_alter - > white",
    "i'd like this in leather": "material_change - > leather",
    "what if the roof had red clay tiles instead of straw": "material_change roof > clay tiles",
    "the fence in bamboo please": "material_change fence > bamboo",
    "make the chair rattan": "material_change chair > wicker",
    "turn the path into cobblestone": "material_change path > cobblestone",
}


@pytest.mark.parametrize("text", ASKED)
def test_what_is_asked_of_something_that_may_be_bought_or_built(text, said):
    assert said(text) == [ASKED[text]]


def test_a_second_sentence_still_means_the_first_thing(said):
    assert said("the sky, make it pink") == ["color_alter sky > pink"]
    assert said("paint the gate green, get it in red")[-1] == "color_alter gate > red"


def seeing(*boxes, label=None):
    """Encoders that see those (kind, width) in a picture 100 wide and high, and think of it as `label`."""
    found = [SimpleNamespace(kind=kind, box=(0, 0, width, width), score=0.9) for kind, width in boxes]
    return SimpleNamespace(
        detector=SimpleNamespace(detect=lambda picture, least: found),
        picture=SimpleNamespace(classify=lambda picture, top: [] if label is None else [label]),
    )


def test_it_is_the_largest_thing_that_is_seen_and_nobody():
    picture = np.zeros((100, 100, 3), np.uint8)
    assert it_is("make it white", picture, seeing(("person", 90), ("car", 60), ("dog", 30))) == "car"
    assert it_is("make it white", picture, seeing(("cup", 10))) == "foreground"
    assert it_is("make the picture blue, I like it", picture, seeing(("car", 60))) is None
    assert it_is("white", picture, seeing(("car", 60))) is None


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("turn the floor into polished black marble", [("material_change", "marble"), ("color_alter", "black")]),
        ("make the table shiny dark green glass", [("material_change", "glass"), ("color_alter", "dark green")]),
        ("make the jacket red leather", [("material_change", "leather"), ("color_alter", "red")]),
    ],
)
def test_how_a_material_is_worked_does_not_hide_its_colour(text, steps):
    assert [(s.type.value, s.value) for s in parse_rules(text, ()).steps] == steps
