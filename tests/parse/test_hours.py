"""Weather, season and hour that are said together are one light; lamps that are lit belong to the night."""

from __future__ import annotations

import pytest

import pixwright
from pixwright.parse.wholes.hours import hour_in
from pixwright.records.kind import EditType


def lights(text):
    return [(step.value, step.conditions) for step in pixwright.plan(text).steps if step.type is EditType.TONE_TRANSFER]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("make it a rainy evening", [("rain", "sunset")]),
        ("make it rain at night", [("rain", "night")]),
        ("a foggy morning please", [("fog", "sunrise")]),
        ("make it a cold winter evening", [("winter", "sunset")]),
        ("stormy night with lightning", [("storm", "night")]),
        ("make it a rainy day", [("rain", None)]),
        ("make it a sunny morning", [("sunny", None)]),
        ("make it night with lit windows", [("night", None)]),
        ("same view at night with the windows lit", [("night", None)]),
        ("night time, street lamps on", [("night", None)]),
        ("the villa at night with the lights on", [("night", None)]),
        ("the street at night with the lamps lit", [("night", None)]),
        ("it snowed all night", [("snow", None)]),
        ("make it overcast and rainy", [("rain", None)]),
    ],
)
def test_one_light_is_one_step(text, found):
    assert lights(text) == found and len(pixwright.plan(text).steps) == 1
    assert not pixwright.plan(text).unread


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ("a winter night", "night"),
        ("rain instead of this sunset", None),
        ("from dusk to night", None),
        ("a sunny day", None),
        ("rain", None),
    ],
)
def test_an_hour_is_read_where_one_is_wanted(words, hour):
    assert hour_in(words.split()) == hour


@pytest.mark.parametrize("text", ["turn on the lights in the hall", "switch on the lamps in this room"])
def test_of_a_room_its_light_is_switched_on(text):
    (step,) = pixwright.plan(text).steps
    assert step.target is None and step.value == "shadows" and step.amount.value > 0


@pytest.mark.parametrize(
    "text",
    [
        "too foggy! clear up the haze so you can see the waterfall",
        "remove the smog over the city",
        "the mist hides the mountains, make it clearer",
        "it is too misty",
    ],
)
def test_air_that_is_complained_of_is_cleared(text):
    (step,) = pixwright.plan(text).steps
    assert (step.value, step.target) == ("haze", None) and step.amount.value < 0


def test_a_grey_picture_with_contrast_gets_both():
    assert lights("give it proper black and white contrast") == [("black and white", None), ("contrast", None)]


def test_fog_that_is_wanted_is_fog():
    assert lights("make it foggy") == [("fog", None)] and lights("add some mist") == [("fog", None)]


def test_what_is_said_twice_is_done_once():
    (step,) = pixwright.plan("it came out too dark, brighten it up without ruining the sunset").steps
    assert step.value == "brightness" and step.protect is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("remove the orange cast from this picture, neutral white balance please", "orange cast"),
        ("the white balance is off, everything looks orange", "orange cast"),
        ("fix the purple colors, her skin looks like a corpse", "purple cast"),
        ("take the faded brown out and make it black and white", "black and white"),
    ],
)
def test_a_colour_of_the_light_is_no_thing(text, value):
    assert [(step.target, step.value) for step in pixwright.plan(text).steps] == [(None, value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("fog over the city", "fog"),
        ("fog in the valley", "fog"),
        ("rain over the roofs", "rain"),
        ("mist on the lake", "fog"),
        ("thick mist between the pines", "fog"),
        ("snow falling over the village", "snow"),
        ("make it rain on the dog", "rain"),
        ("a sunset behind the mountains", "sunset"),
        ("make it winter, snow on the rocks", "winter"),
        ("clear blue summer sky and bright daylight", "noon"),
    ],
)
def test_weather_ends_at_no_outline(text, value):
    (step,) = pixwright.plan(text).steps
    assert (step.type, step.value, step.target) == (EditType.TONE_TRANSFER, value, None)


def test_a_part_of_the_picture_may_have_its_own_weather():
    (step,) = pixwright.plan("fog in the background").steps
    assert step.target is not None and step.target.head == "background"
    assert any(step.value == "snow covered" for step in pixwright.plan("snow on the rocks").steps)


def test_shadows_of_another_length_are_not_made_and_that_is_said():
    plan = pixwright.plan("golden hour with long shadows")
    assert [step.value for step in plan.steps] == ["golden hour"] and plan.unread == ("long shadows",)
    assert not pixwright.plan("golden hour").unread
