"""What becomes of a ground: the kinds of the old and the new noun say whether a surface is covered or the picture gets another place."""

from __future__ import annotations

import pytest

from pixwright.parse.rules import parse_rules
from pixwright.records.kind import EditType


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("replace the wall behind him with a rose garden", "rose garden"),
        ("I'd like a library behind me instead of the white wall", "library"),
        ("exchange the fence behind the man for a forest", "forest"),
        ("a beach behind the couple instead of the fields", "beach"),
        ("replace the curtain behind her with bookshelves", "bookshelves"),
        ("put the cat on a meadow instead of the sofa", "meadow"),
        ("put the bike in a park instead of the garage", "park"),
        ("put the boots on a wooden floor instead of the grass", "wooden floor"),
        ("put the bottle on a marble table", "marble table"),
        ("put a brick wall behind the bench", "brick wall"),
        ("I need this on a plain white background for my shop", "plain white"),
        ("put it on a light grey background with a soft shadow", "light gray"),
    ],
)
def test_what_lies_behind_makes_way_for_a_place(words: str, value: str) -> None:
    (step,) = parse_rules(words).steps
    assert (step.type, step.value) == (EditType.BACKGROUND_CHANGE, value)


@pytest.mark.parametrize(
    ("words", "target", "value"),
    [
        ("replace the carpet with a hardwood floor", "floor", "wood"),
        ("a concrete floor instead of the tiles", "floor", "concrete"),
        ("swap the floor for a marble one", "floor", "marble"),
        ("replace the wall with a brick wall", "wall", "brick"),
        ("replace the pavement with wooden planks", "pavement", "wood"),
    ],
)
def test_a_floor_for_a_floor_is_a_substance(words: str, target: str, value: str) -> None:
    (step,) = parse_rules(words).steps
    assert (step.type, str(step.target), step.value) == (EditType.MATERIAL_CHANGE, target, value)


@pytest.mark.parametrize(
    "words",
    [
        "replace the people behind us with trees",
        "replace the road with a river",
        "replace the grass with a pool",
        "replace the wall with a window",
        "replace the table with a garden",
        "replace the cat with a dog on a skateboard",
    ],
)
def test_what_is_a_part_of_the_place_stays_a_replacement(words: str) -> None:
    assert [step.type for step in parse_rules(words).steps] == [EditType.REPLACE]


def test_a_thing_behind_another_is_put_there() -> None:
    for words in ("put a tree behind the house", "add a fence behind the dog"):
        assert [step.type for step in parse_rules(words).steps] == [EditType.ADD]


def test_a_wall_and_the_ground_before_it_are_one_background() -> None:
    (step,) = parse_rules("put a red brick wall and a pavement behind the bike").steps
    assert (step.type, step.value) == (EditType.BACKGROUND_CHANGE, "red brick wall and pavement")


def test_the_blur_of_what_is_brought_is_the_backgrounds() -> None:
    (brought,) = parse_rules("replace the wall behind me with a bookshelf, a bit out of focus").steps
    assert (brought.type, brought.value) == (EditType.BACKGROUND_CHANGE, "blurred bookshelf")


def test_a_sky_behind_something_takes_the_place_of_the_sky() -> None:
    (pink,) = parse_rules("put a pink sunset sky behind the tower").steps
    assert (pink.type, str(pink.target), pink.value) == (EditType.BACKGROUND_CHANGE, "sky", "pink sunset sky")
    (storm,) = parse_rules("put a stormy sky behind the castle").steps
    assert (storm.type, str(storm.target), storm.conditions) == (EditType.REPLACE, "sky", "storm")
    (whole,) = parse_rules("change the background to a night sky").steps
    assert (whole.type, whole.target) == (EditType.BACKGROUND_CHANGE, None)
