"""Colours with names of their own, their shades, and materials of a colour: what of them reaches the editor."""

from __future__ import annotations

import pytest

from pixwright.parse.complements.joined import joined_looks
from pixwright.parse.rules import plan_of, understand
from pixwright.records.kind import EditType


def steps(instruction):
    return [step for understood in understand(instruction) for step in understood.steps or ()]


@pytest.mark.parametrize("frame", ["paint the wall {}", "{} curtains", "make the sofa {}", "i want the car in {}"])
@pytest.mark.parametrize(
    "name",
    [
        "sage green",
        "forest green",
        "mustard yellow",
        "royal blue",
        "dusty rose",
        "burnt orange",
        "midnight blue",
        "dark sage",
        "very light blue",
        "dark forest green",
        "light sage green",
        "pistachio green",
        "petrol blue",
    ],
)
def test_a_colour_reaches_the_editor_by_its_own_name(frame, name):
    found = steps(frame.format(name))
    assert [(one.type, one.value) for one in found] == [(EditType.COLOR_ALTER, name)]


@pytest.mark.parametrize(
    ("instruction", "value"),
    [
        ("make the sofa navy blue", "navy"),
        ("make the sofa pure white", "white"),
        ("make the sofa off-white", "ivory"),
        ("make the sofa bluish grey", "blue gray"),
        ("make the sofa rose gold", "rose gold"),
        ("make the wall mustard", "mustard"),
        ("make the wall a soft pink", "soft pink"),
    ],
)
def test_other_words_for_a_colour(instruction, value):
    assert [one.value for one in steps(instruction)] == [value]


@pytest.mark.parametrize(
    ("instruction", "value"),
    [
        ("make the wall white marble", "white marble"),
        ("make the shoes dark brown suede", "dark brown suede"),
        ("change the sofa to navy velvet", "navy velvet"),
        ("make the mug blue ceramic", "blue ceramic"),
    ],
)
def test_a_material_and_its_colour_are_one_surface(instruction, value):
    plan = plan_of(instruction, steps(instruction), "rules")
    assert len(plan.steps) == 2
    joined = joined_looks(plan)
    assert [(one.type, one.value) for one in joined.steps] == [(EditType.MATERIAL_CHANGE, value)]
    assert joined.steps[0].edited_caption == plan.steps[1].edited_caption


@pytest.mark.parametrize(
    "instruction", ["make the door wooden and the wall green", "make the vase blue", "make it glass"]
)
def test_what_is_said_of_two_things_stays_two_steps(instruction):
    if not (found := steps(instruction)):
        pytest.skip("not read")
    plan = plan_of(instruction, found, "rules")
    assert joined_looks(plan) is plan
