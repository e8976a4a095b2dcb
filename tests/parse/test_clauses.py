"""Where an instruction is cut, what a clause borrows from the one before, and what pronouns stand for."""

from __future__ import annotations

import pytest

from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules, understand

CUT = {
    "remove the fork and the knife": ["remove fork", "remove knife"],
    "remove the fork, the knife and the napkin": ["remove fork", "remove knife", "remove napkin"],
    "erase the pigeon; sharpen the photo": ["remove pigeon", "tone_transfer - > sharpness 0.6 strength"],
    "delete the trampoline. Then paint the fence green.": ["remove trampoline", "color_alter fence > green"],
    "make the kettle blue and the toaster yellow": ["color_alter kettle > blue", "color_alter toaster > yellow"],
    "make the kettle blue, the toaster yellow and the mixer pink": [
        "color_alter kettle > blue",
        "color_alter toaster > yellow",
        "color_alter mixer > pink",
    ],
    "add a parrot and remove the cage": ["add - > parrot", "remove cage"],
    "put a candle on the cake and a star on the tree": ["add - > candle @on cake", "add - > star @on tree"],
    "turn the canoe red then rotate it by 15 degrees": ["color_alter canoe > red", "rotation_change canoe 15 degrees"],
    "First remove the scooter, then add a fountain": ["remove scooter", "add - > fountain"],
    "make the jacket leather and darker": [
        "material_change jacket > leather",
        "tone_transfer jacket > brightness -0.6 strength",
    ],
    "crop to a square, sharpen it and make it warmer": [
        "resize - > crop 1:1",
        "tone_transfer - > sharpness 0.6 strength",
        "tone_transfer - > warmth 0.6 strength",
    ],
    "remove the bread and butter": ["remove bread", "remove butter"],
    "paint the door and the window frame white": ["color_alter door > white", "color_alter window frame > white"],
    "make the macaroni and cheese green": ["color_alter macaroni > green", "color_alter cheese > green"],
    "change the sofa to leather and the curtains to silk": [
        "material_change sofa > leather",
        "material_change curtains > fabric",
    ],
    "remove the ladder, and also the bucket": ["remove ladder", "remove bucket"],
    "make the sheep black & the goat white": ["color_alter sheep > black", "color_alter goat > white"],
    "there is a wasp on the plate, remove it": "remove wasp on the plate",
    "the lantern, make it brighter": "tone_transfer lantern > brightness 0.6 strength",
    "enlarge the pumpkin and move it to the left": ["resize pumpkin 0.6 strength", "movement pumpkin @left"],
    "flip the picture horizontally and make it sepia": [
        "rotation_change - > flip horizontal",
        "tone_transfer - > sepia",
    ],
    "replace the apple with a pear and the plate with a bowl": ["replace apple > pear", "replace plate > bowl"],
    "move the vase to the right, then make it smaller": ["movement vase @right", "resize vase -0.6 strength"],
    "remove everyone": "remove people",
    "remove the owl. remove the owl.": "remove owl",
}


@pytest.mark.parametrize("text", CUT)
def test_clauses_are_cut_where_both_sides_can_stand(text, said):
    wanted = CUT[text]
    assert said(text) == (wanted if isinstance(wanted, list) else [wanted])


PRONOUNS = {
    "add a swan on the pond and make it black": ["add - > swan @on pond", "color_alter swan > black"],
    "remove the vase, then put a lamp in its place": "replace vase > lamp",
    "make the girl smile and give her a hat": ["action_change girl > smile", "add - > hat @on girl"],
    "make the vase blue. Make it bigger.": ["color_alter vase > blue", "resize vase 0.6 strength"],
    "enlarge the vase and the lamp, and make them blue": [
        "resize vase 0.6 strength",
        "resize lamp 0.6 strength",
        "color_alter vase > blue",
        "color_alter lamp > blue",
    ],
    "rotate the vase and remove the lamp next to it": ["rotation_change vase", "remove lamp next to it"],
}


@pytest.mark.parametrize("text", PRONOUNS)
def test_a_pronoun_is_what_was_spoken_of(text, said):
    wanted = PRONOUNS[text]
    assert said(text) == (wanted if isinstance(wanted, list) else [wanted])


FRAMED = {
    "could you please remove the truck?": "remove truck",
    "would you mind removing the truck?": "remove truck",
    "I want you to remove the truck": "remove truck",
    "let's remove the truck": "remove truck",
    "can we lose the truck": "remove truck",
    "please, please remove the truck, thank you!": "remove truck",
    "the truck should be removed": "remove truck",
    "try removing the truck": "remove truck",
    "I was wondering if you could make the truck yellow": "color_alter truck > yellow",
    "what would the truck look like in yellow?": "color_alter truck > yellow",
    "how would the truck look if it were yellow?": "color_alter truck > yellow",
    "imagine the truck yellow": "color_alter truck > yellow",
    "show me the truck in yellow": "color_alter truck > yellow",
    "it would be nice if the truck were yellow": "color_alter truck > yellow",
}


@pytest.mark.parametrize("text", FRAMED)
def test_politeness_and_wishes_are_taken_off(text, said):
    assert said(text) == [FRAMED[text]]


@pytest.mark.parametrize("glue", ["; ", ". ", ", then ", " and then ", "\n", " after that ", ", and afterwards "])
def test_every_way_to_go_on_parts(glue, said):
    assert said(f"remove the canoe{glue}paint the barn red") == ["remove canoe", "color_alter barn > red"]


@pytest.mark.parametrize("start", ["1. ", "- ", "First, ", "Hi! ", "ok, "])
def test_what_stands_before_the_first_clause_says_nothing(start, said):
    assert said(f"{start}remove the canoe") == ["remove canoe"]


def test_each_clause_keeps_its_own_words():
    steps = parse_rules("Please delete the TRAMPOLINE, then make the fence green!").steps
    assert [step.instruction for step in steps] == ["Please delete the TRAMPOLINE", "make the fence green"]


def test_quoted_commas_and_stops_do_not_part(said):
    assert said('write "One. Two, and then three; four" on the wall') == [
        "textual_change wall > One. Two, and then three; four"
    ]


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("remove the dog and grobble the fence", "grobble the fence"),
        ("make the lake blue; snarf the hills", "snarf the hills"),
        ("perplex the walrus", "perplex the walrus"),
        ("Snarf the HILLS, then make the lake blue", "Snarf the HILLS"),
        ("replace the chair with", "replace the chair with"),
        ("write on the wall", "write on the wall"),
        ("make it 50%", "make it 50%"),
        ("remove the", "remove the"),
        ("move the boat", "move the boat"),
        ("swap", "swap"),
    ],
)
def test_the_part_that_was_not_understood_is_named_as_written(text, unread):
    with pytest.raises(UnclearInstruction) as caught:
        parse_rules(text)
    assert f"did not understand {unread!r};" in str(caught.value)
    assert [clause.sentence for clause in understand(text) if clause.steps is None] == [unread]


def test_many_unread_clauses_are_named_up_to_four_and_long_ones_cut():
    with pytest.raises(UnclearInstruction) as caught:
        parse_rules("; ".join(f"snarf the {thing}" for thing in "hill lake barn gate roof".split()))
    assert str(caught.value).count("snarf") == 4
    with pytest.raises(UnclearInstruction) as caught:
        parse_rules("snarf " + "very " * 40 + "slowly")
    assert "...'" in str(caught.value) and len(str(caught.value)) < 200


def test_a_long_number_is_named_as_written():
    with pytest.raises(UnclearInstruction, match="1000000 times"):
        parse_rules("make the drum 1000000 times bigger")
