"""Sentences that leave out their verb or say it last, said again in the order of a command."""

from __future__ import annotations

import pytest

from pixwright.parse.order import ways
from pixwright.parse.order.verbless import (
    coloured_behind,
    fixed_behind,
    levelled,
    merged_one,
    newly_placed,
    no_more,
    others_gone,
    parts_alone,
    somebody_there,
    unlikened,
    without_lead,
    written_there,
)
from pixwright.parse.tokens import spell_out, tokenise


def said(turn, text):
    return spell_out(turn(tokenise(text)))


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("behind her a big dog", "add a big dog behind her"),
        ("on the table a vase of tulips", "add a vase of tulips on the table"),
        ("behind him a rainy street", "replace the background with a rainy street"),
        ("next to the bed, two lamps", "add two lamps next to the bed"),
        ("the dog on the sofa", "the dog on the sofa"),
        ("put a cup on the table", "put a cup on the table"),
    ],
)
def test_a_place_first_is_where_something_new_is(text, again):
    assert said(newly_placed, text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("the wires look ugly can you remove them", "remove the wires"),
        ("this stain is awful please fix it", "fix this stain"),
        ("it looks dark can you fix it", "it looks dark can you fix it"),
        ("remove them", "remove them"),
    ],
)
def test_a_complaint_and_what_to_do_about_it(text, again):
    assert said(fixed_behind, text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("their ties and scarves, green", "make their ties and scarves green"),
        ("his hat, dark red", "make his hat dark red"),
        ("a hat, red", "a hat, red"),
        ("his hat, red and big", "his hat, red and big"),
    ],
)
def test_a_colour_behind_a_comma(text, again):
    assert said(coloured_behind, text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("somebody riding the big camel, with a turban", "add a person with a turban on the big camel"),
        ("a man standing by the door", "add a man by the door"),
        ("someone sitting on the bench", "add a person on the bench"),
        ("somebody took my hat", "somebody took my hat"),
    ],
)
def test_somebody_who_does_something_is_new(text, again):
    assert said(somebody_there, text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("one eye blue, like a husky", "one eye blue"),
        ("make the cat look knitted itself", "make the cat look knitted"),
        ("the walls golden as if the sun was low", "the walls golden"),
        ("pigs like mud", "pigs like mud"),
        ("make it look like a drawing", "make it look like a drawing"),
    ],
)
def test_what_it_is_likened_to_is_left_away(text, again):
    assert said(unlikened, text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("only want the red car, remove the others", "remove all cars except the red car"),
        ("keep the tall tower, get rid of the other ones", "remove all towers except the tall tower"),
        ("keep the tall tower, get rid of the rest", "keep the tall tower, get rid of the rest"),
        ("only want a red car, remove the others", "only want a red car, remove the others"),
    ],
)
def test_the_others_go(text, again):
    assert said(others_gone, text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("just her head and shoulders", "crop to her head and shoulders"),
        ("face only", "crop to face"),
        ("only the car", "only the car"),
        ("just a head", "just a head"),
    ],
)
def test_of_a_body_only_a_part(text, again):
    assert said(parts_alone, text) == again


@pytest.mark.parametrize(
    ("turn", "text", "again"),
    [
        (without_lead, "for my shop I need the boot on a rock", "i need the boot on a rock"),
        (without_lead, "for the cat a hat", "for the cat a hat"),
        (levelled, "turn it till the roof is level", "straighten it"),
        (levelled, "it is crooked, rotate it until the shelf is straight", "it is crooked, straighten it"),
        (levelled, "turn it into gold", "turn it into gold"),
        (merged_one, "the lady's jacket, blue one, make it pink", "the lady's blue jacket, make it pink"),
        (merged_one, "the hat, make it pink", "the hat, make it pink"),
        (no_more, "i need a puppy here and not a pig", "replace the pig with a puppy"),
        (no_more, "i want the dog, not the cat", "i want the dog, not the cat"),
        (written_there, 'underneath "the crew" in tiny letters', 'write "the crew" at the bottom in tiny letters'),
        (written_there, 'bottom left "the end"', 'write "the end" bottom left'),
        (written_there, 'change "A" to red', 'change "A" to red'),
    ],
)
def test_other_turns(turn, text, again):
    assert said(turn, text) == again


@pytest.mark.parametrize("text", ["remove the dog", "make the car red", "the sky is blue", "a"])
def test_a_plain_sentence_is_not_turned(text):
    assert [spell_out(one) for one in ways(tokenise(text))] == []
