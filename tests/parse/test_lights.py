"""What else is said of the light tells a step more exactly: a cast's colour, dark corners, a room, a coming storm, no clouds, two colours."""

from __future__ import annotations

import pytest

from pixwright.parse.rules import parse_rules
from pixwright.parse.wholes.lights import left_unread, with_lights
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.vocabulary import BROODING, CLEAR_SKY
from pixwright.words import read


def values(text):
    return [(str(step.target) if step.target else None, step.value) for step in parse_rules(text).steps]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("get rid of the yellow cast", "yellow cast"),
        ("remove the blue cast from the snow", "blue cast"),
        ("take out the orange tone", "orange cast"),
        ("the neon made everything pink, make it neutral", "pink cast"),
        ("fix the white balance", "auto white balance"),
        ("make it warmer", "warmth"),
        ("make it less blue", "warmth"),
        ("remove the vignette", "vignette"),
        ("take off the vignette effect", "vignette"),
        ("get rid of the dark corners", "vignette"),
        ("soften the heavy dark corners of the picture", "vignette"),
        ("add a vignette to the corners", "vignette"),
        ("brighten the kitchen", "brightness"),
        ("make the living room brighter", "brightness"),
        ("make it look like a storm is coming", BROODING),
        ("make it stormy", "storm"),
        ("make it a sunny morning", "sunny"),
        ("remove the clouds from the sky", CLEAR_SKY),
        ("Make the sky clear blue with no clouds.", CLEAR_SKY),
    ],
)
def test_light_of_the_whole_picture(text, value):
    assert values(text) == [(None, value)]


@pytest.mark.parametrize(
    ("text", "target", "value"),
    [
        ("make the fish yellow and black", "fish", "yellow and black"),
        ("paint the boat blue and white", "boat", "blue and white"),
        ("make the sky blue", "sky", "blue"),
        ("brighten the lamp", "lamp", "brightness"),
        ("remove the yellow car", "yellow car", None),
    ],
)
def test_what_stays_said_of_a_thing(text, target, value):
    found = values(text)
    assert [(one and one.removeprefix("the "), what) for one, what in found] == [(target, value)]


def test_two_colours_of_two_things_are_two_steps():
    assert [value for _, value in values("make the cup red and the plate blue")] == ["red", "blue"]


def test_the_corners_of_a_table_are_a_thing():
    step = Step(
        type=EditType.TONE_TRANSFER, instruction="", target=read("the dark corners of the table"), value="brightness"
    )
    assert with_lights("brighten the dark corners of the table", [step]) == [step]


def test_several_complaints_are_each_cured_by_a_part():
    steps = [Step(type=EditType.TONE_TRANSFER, instruction="", value=value) for value in ("vivid", "contrast")]
    assert all(
        step.amount == Amount(value=0.35, unit=Unit.STRENGTH) for step in with_lights("flat, more contrast", steps)
    )
    assert with_lights("more contrast", steps[1:]) == steps[1:]


def test_a_reason_that_was_used_is_not_left_unread():
    step = Step(type=EditType.TONE_TRANSFER, instruction="", value="yellow cast")
    assert left_unread([step], ("the lamps made this yellow", "and add a dog")) == ("and add a dog",)
    night = step.model_copy(update={"value": "night"})
    assert left_unread([night], ("with moonlight",)) == () and left_unread([night], ("with a fox",)) == ("with a fox",)


@pytest.mark.parametrize(
    ("text", "lighter"),
    [("make the corners darker", False), ("darken the edges a bit", False), ("soften the dark corners", True)],
)
def test_corners_become_darker_or_lighter_as_they_are_said_to(text, lighter):
    (step,) = parse_rules(text).steps
    assert (step.value, step.target) == ("vignette", None)
    assert (step.amount.value < 0) is lighter


@pytest.mark.parametrize(
    ("text", "thin"),
    [("make it misty", True), ("a light fog", True), ("make it foggy", False), ("add thick fog", False)],
)
def test_mist_is_thinner_than_fog(text, thin):
    (step,) = parse_rules(text).steps
    assert step.value == "fog"
    assert (step.amount is not None and step.amount.value < 0.5) is thin
