"""Who is left when somebody is picked: "the other one", "everyone else", "all but the bride"."""

from __future__ import annotations

import pytest

from pixwright.parse.rules import parse_rules
from pixwright.words import read


def targets(text):
    return [step.target for step in parse_rules(text).steps]


@pytest.mark.parametrize(
    "text, named",
    [
        ("remove the left cup and make the other one red", "the cup"),
        ("delete the left bird, then center the other one", "the bird"),
        ("the left chair is ugly, remove it, and make the right one green", "the right chair"),
        ("take the cat out and turn the other one into a tiger", "the cat"),
    ],
)
def test_what_is_left_of_two_has_the_noun_of_the_one_that_went(text, named):
    assert targets(text)[-1] == read(named)


@pytest.mark.parametrize(
    "text, head, kept",
    [
        ("make the left car red and the other one blue", "car", "left car"),
        ("make the first cup red and the others blue", "cup", "first cup"),
    ],
)
def test_the_other_of_two_that_stay_is_not_the_one_that_was_changed(text, head, kept):
    first, other = targets(text)
    assert (other.head, other.all_but.text) == (head, kept) == (first.head, first.text)


@pytest.mark.parametrize("text", ["remove everyone else", "get rid of everybody else", "blur everyone else"])
def test_everyone_else_is_the_other_people(text):
    (thing,) = targets(text)
    assert thing.head == "person" and thing.plural and thing.other


@pytest.mark.parametrize(
    "text, kept",
    [
        ("remove everyone except the bride", "bride"),
        ("remove people except the bride", "bride"),
        ("remove everyone but me", "person"),
    ],
)
def test_of_people_some_are_spared_and_never_all_of_the_world_goes(text, kept):
    (thing,) = targets(text)
    assert thing.head == "person" and thing.every and thing.all_but.head == kept


def test_all_but_one_of_a_kind_is_of_that_kind():
    thing = read("all but one of the birds")
    assert (thing.head, thing.every, thing.all_but.head) == ("bird", True, "bird")


def test_a_frame_that_is_painted_is_a_thing_and_one_that_is_filled_the_picture():
    assert targets("make the frame orange and the tyres black")[0].head == "frame"
    assert targets("brighten the frame") == [None]


@pytest.mark.parametrize("pointing", ["out there ", "over there ", ""])
def test_a_place_that_follows_says_more_than_there(pointing):
    (step,) = parse_rules(f"put a sailboat {pointing}on the sea").steps
    assert (step.value, step.where.relation.value, step.where.anchor.text) == ("sailboat", "on", "sea")


@pytest.mark.parametrize(
    "text, head", [("remove the picture on the wall", "picture"), ("take the can off the table", "can")]
)
def test_a_picture_on_a_wall_and_a_can_on_a_table_are_things(text, head):
    (thing,) = targets(text)
    assert (thing.head, thing.whole, thing.link.tie.value) == (head, False, "on")


def test_things_that_are_named_as_things_keep_no_noun():
    assert targets("make the sky pink and the other car blue")[1].head == "car"
