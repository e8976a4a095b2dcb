"""Marks on several places, and marks of skin: nobody's chin is cut out because a spot is on it."""

from __future__ import annotations

import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.parse import parse
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType

ENCODERS = Encoders()
REMOVE, LOOK = EditType.REMOVE, EditType.APPEARANCE_ALTER


def told(plan):
    return [(step.type, str(step.target), step.value) for step in plan.steps]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("remove the stains on the shirt and trousers", ["stains on the shirt", "stains on the trousers"]),
        ("get rid of the scratches on the bumper and door", ["scratches on the bumper", "scratches on the door"]),
        ("remove the logo on the cap and the shirt", ["logo on the cap", "logo on the shirt"]),
        ("remove the stain on the shirt and the cup", ["stain on the shirt", "cup"]),
        ("remove the dog and cat", ["dog", "cat"]),
    ],
)
def test_a_mark_that_is_said_once_is_on_each_of_its_places(text, places):
    found = told(parse_rules(text))
    assert [(kind, name.removeprefix("the ")) for kind, name, _ in found] == [(REMOVE, place) for place in places]


@pytest.mark.parametrize(
    ("text", "skin"),
    [
        ("remove the pimples on his chin and forehead", ["his face"]),
        ("take the redness out of my cheeks", ["the face"]),
        ("Smooth the wrinkles on his forehead and around his eyes.", ["his face"]),
        ("remove the wrinkles around her eyes and mouth", ["her face"]),
    ],
)
def test_marks_of_skin_are_evened_out_once(text, skin):
    assert told(parse_rules(text)) == [(LOOK, one, "smooth") for one in skin]


@pytest.mark.parametrize(
    "text",
    ["she's got some spots on her cheek and chin, retouch them", "she has a pimple on her nose and forehead, fix it"],
)
def test_no_part_of_a_face_goes_where_a_blemish_is_complained_of(text):
    found = told(parse(Instruction(text), None, ENCODERS, use_llm=False))
    assert found and all((kind, value) == (LOOK, "smooth") for kind, _, value in found)


def test_an_eye_that_is_no_blemish_is_not_evened():
    assert told(parse_rules("remove the earring from her ear"))[0][0] is REMOVE
