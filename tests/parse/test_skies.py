"""A sky that is asked for in other words is another weather of the sky alone."""

from __future__ import annotations

import pytest

import pixwright
from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules
from pixwright.records.vocabulary import CLEAR_SKY


@pytest.mark.parametrize(
    "text, conditions",
    [
        ("swap the clouds for a blue sky", "noon"),
        ("clear blue sky instead of those storm clouds", "noon"),
        ("replace the clouds with a sunny sky", "sunny"),
        ("swap the grey sky for a sunset", "sunset"),
        ("replace the sky with a starry night sky", "night"),
    ],
)
def test_what_replaces_a_sky_or_its_clouds_is_a_weather_of_the_sky(text, conditions):
    (step,) = parse_rules(text).steps
    assert (step.type.value, step.target.head, step.conditions) == ("replace", "sky", conditions)


def test_a_dragon_is_no_weather():
    (step,) = parse_rules("replace the sky with a dragon").steps
    assert step.conditions is None


def test_a_clear_sky_is_the_own_one_without_clouds():
    for text in (
        "make the sky clear and blue",
        "i want a clear blue sky",
    ):
        (step,) = parse_rules(text).steps
        assert (step.target, step.value) == (None, CLEAR_SKY)


def test_clear_before_what_may_be_clear_removes_nothing():
    for text in ("clear water", "clear blue sky"):
        with pytest.raises(UnclearInstruction):
            parse_rules(text)


@pytest.mark.parametrize(
    "text, conditions",
    [
        ("dramatic stormy sky behind the arch", "storm"),
        ("a stormy sky over the house", "storm"),
        ("pink sunset sky above the bridge", "sunset"),
        ("make the sky behind the church stormy", "storm"),
        ("a rainy sky beyond the hills", "rain"),
    ],
)
def test_what_a_sky_is_seen_behind_only_says_where(text, conditions):
    (step,) = pixwright.plan(text).steps
    assert (step.type.value, step.target.head, step.conditions) == ("replace", "sky", conditions)
    assert step.target.link is None
