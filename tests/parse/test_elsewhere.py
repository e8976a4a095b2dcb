"""Somebody wants to be elsewhere, and what is said beside a new background belongs to it."""

import pytest

from pixwright.parse.tagged.commands import obey


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("make it look like i am on my couch at home", "couch at home"),
        ("i dont want people to see i was in hospital, make it look like i'm on my couch at home", "couch at home"),
        ("I want to be at the airport in this picture", "airport"),
        ("make her look like she is in a hotel lobby", "hotel lobby"),
        ("make it look like he was sitting in a bar", "bar"),
        ("put a blackboard full of formulas behind him", "blackboard full of formulas"),
        ("put her on a city street at night, blurred lights behind her", "city street with blurred lights"),
        ("put autumn leaves behind the cat", "autumn leaves"),
        ("replace the wall behind her with a green park, out of focus", "blurred green park"),
    ],
)
def test_one_background_is_meant(said, value):
    steps = obey(said)
    assert steps is not None and [(step.type.value, step.value) for step in steps] == [("background_change", value)]


@pytest.mark.parametrize(
    "said", ["make the picture look like it was taken at night", "put the lamp on the bar", "put the cat in a box"]
)
def test_other_sentences_stay_what_they_are(said):
    steps = obey(said)
    assert steps is None or all(step.type.value != "background_change" for step in steps)
