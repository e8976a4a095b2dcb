"""What ordinary people type: text in capitals, laughter, complaints with their command, crops, music; and what of it is no wish."""

from __future__ import annotations

import pytest

from pixwright.errors import UnclearInstruction
from pixwright.parse.chat import plainly
from pixwright.parse.rules import parse_rules, understand
from pixwright.parse.tokens import spell_out, tokenise


def plain(text):
    return spell_out(plainly(tokenise(text)))


def steps(text):
    return [(step.type.value, step.target and step.target.text, step.value) for step in parse_rules(text).steps]


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("the gate, bye", "remove the gate"),
        ("handrail, away with it", "remove handrail"),
        ("its all crooked", "it is all crooked"),
        ("its wheels", "its wheels"),
        ("who is that lol remove him", "who is that. remove him"),
        ("hahaha remove the sign", "remove the sign"),
        ("make the fish orange and white like nemo", "make the fish orange and white"),
        ("make it look like gold", "make it look like gold"),
        ("the balloons all white", "the balloons white"),
        ("paint the wall behind dark green", "paint the wall in the background dark green"),
        ("make the wall just a plain white", "make the wall a plain white"),
        ("too much empty ground on the right, cut it off", "trim the right side off"),
        ("the house on the left takes up too much, crop some of it off", "trim the left side off"),
        ("the lamp is ugly, put a tall plant there", "replace the lamp with a tall plant"),
        ("could it be a bright spring day", "make it a bright spring day"),
        ("delete the man, i only want the beach", "delete the man"),
    ],
)
def test_what_is_said_plainly_first(text, again):
    assert plain(text) == again


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("GOAL!!! in huge letters across the top", 'write "GOAL!!!" in huge letters across the top'),
        ("50% OFF bottom left, fat white letters", 'write "50% OFF" bottom left, fat white letters'),
        ("HAPPY HOLI on top", 'write "HAPPY HOLI" on top'),
        ("REMOVE the sign on the left", "remove the sign on the left"),
        ("TREE on the left", "tree on the left"),
        ("PLEASE HELP", "please help"),
    ],
)
def test_capitals_first_are_text_where_it_is_said_where(text, again):
    assert spell_out(tokenise(text)) == again


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("posters off the wall", [("remove", "posters on the wall", None)]),
        ("the leaves on the lawn, clean them up", [("remove", "leaves on the lawn", None)]),
        (
            "dress in red and the balloons all white",
            [("color_alter", "dress", "red"), ("color_alter", "balloons", "white")],
        ),
        ("just her head and shoulders", [("resize", "her head and shoulders", "crop")]),
        ("crop to the face, square", [("resize", "face", "crop")]),
        ("both carts away please, i want an empty floor", [("remove", "carts", None)]),
        ("cover the cat in chocolate, looks like a toy", [("appearance_alter", "cat", "covered with chocolate")]),
        ("replace the cat with a lion, roaring", [("replace", "cat", "roaring lion")]),
        ("replace the car with a truck with big wheels", [("replace", "car", "truck with big wheels")]),
        ("replace the man with a hat with a dog", [("replace", "man with a hat", "dog")]),
        ("floor to white marble", [("material_change", "floor", "marble"), ("color_alter", "floor", "white")]),
        ("one eye blue", [("color_alter", "one eye", "blue")]),
        ("show it in a cozy kitchen", [("background_change", None, "cozy kitchen")]),
        ("why is everything so blue? make it natural", [("tone_transfer", None, "blue cast")]),
    ],
)
def test_sentences_and_what_they_ask_for(text, expected):
    assert steps(text) == expected


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("make it fit a cheerful waltz", "happy"),
        ("as if heavy metal was playing", "dramatic"),
        ("like a lullaby feels", "calm"),
        ("make it as sad as a country ballad", "sad"),
        ("it should look the way techno sounds", "energetic"),
        ("as if there was thunder rumbling", "storm"),
    ],
)
def test_music_in_plain_words_is_a_tone(text, tone):
    assert steps(text) == [("tone_transfer", None, tone)]


@pytest.mark.parametrize(
    "text", ["make it look like a country house", "make it look like an opera house", "make it look like metal"]
)
def test_what_only_shares_a_word_with_music_is_none(text):
    with pytest.raises(UnclearInstruction):
        parse_rules(text)


def test_a_crop_holds_what_shall_stay_in():
    (step,) = parse_rules("wide banner format, keep the two dogs in").steps
    assert step.target is not None and step.target.text == "two dogs"
    assert step.frame is not None and (step.frame.width, step.frame.height) == (3, 1)


def test_beside_somebody_on_a_side_is_on_that_side_of_him():
    (step,) = parse_rules("add a dog walking next to him on the right").steps
    assert step.where is not None and step.where.anchor is not None
    assert (step.where.relation.value, step.where.anchor.text) == ("right", "man")


@pytest.mark.parametrize(
    "text",
    [
        "mud instead of grass, pigs like mud",
        "selling this tomorrow, make it brighter",
        "looks a bit dull, make it brighter",
    ],
)
def test_what_is_said_beside_a_command_is_no_wish(text):
    (clause,) = understand(text)
    assert clause.steps is not None and len(clause.steps) == 1


@pytest.mark.parametrize(
    ("text", "target", "value"),
    [
        ("make the chair seafoam green", "chair", "seafoam green"),
        ("paint the wall duck egg blue", "wall", "duck egg blue"),
        ("turn the car british racing green", "car", "british racing green"),
        ("make her hair strawberry blonde", "her hair", "strawberry blonde"),
        ("make the cat ginger", "cat", "ginger"),
        ("turn the sofa cognac", "sofa", "cognac"),
        ("paint the roof in anthracite", "roof", "anthracite"),
        ("make the car tomato", "car", "tomato"),
        ("paint the door farrow green", "door", "green"),
        ("make the teddy bear brown", "teddy bear", "brown"),
        ("make the london bus red", "london bus", "red"),
    ],
)
def test_a_colours_name_is_not_a_part_of_the_things(text, target, value):
    assert steps(text) == [("color_alter", target, value)]


def test_a_thing_that_lends_its_name_to_a_colour_is_still_a_thing():
    assert steps("add a tomato")[0][0] == "add"
    assert steps("replace the bottle with champagne")[0][0] == "replace"
