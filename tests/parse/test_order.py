"""Sentences that are no plain commands: passives, the place first, a participle first, asides; and words that name nothing."""

from __future__ import annotations

import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import parse
from pixwright.parse.order import emptied, fits_in, foreseen, is_place, ways, without_asides, without_purpose
from pixwright.parse.tokens import spell_out, tokenise
from pixwright.records.instruction import Instruction

ENCODERS = Encoders()

GONE = [
    "The scooter ought to be expunged from the picture",
    "the scooter needs to be eradicated",
    "the scooter is to be banished from this photo",
    "From the picture, the scooter should be deleted",
    "It is time to expel the scooter from the photo",
    "Verify that there is no scooter pictured in the image",
    "Confirm the absence of the scooter",
    "Make certain there is no scooter",
    "Rid the photo of the scooter",
    "Let's rid this picture of the scooter",
    "Remove any traces of the scooter",
    "Ensure the image does not show the scooter",
    "Remove the scooter, if present",
    "Erase any scooter that might be visible in the photo",
]


@pytest.mark.parametrize("text", GONE)
def test_what_is_to_go_goes_however_it_is_said(text, said):
    assert said(text) == ["remove scooter"]


COMES = {
    "Grace the lawn with two geese": "add - > geese @inside lawn #2",
    "Adorn the scene with one lantern": "add - > lantern #1",
    "Infuse the picture with the essence of three ripe plums": "add - > ripe plums #3",
    "Nestle two plump hens among the flowers": "add - > plump hens @inside flowers #2",
    "Arrange four mugs in the image": "add - > mugs #4",
    "Scatter five shells throughout the picture": "add - > shells #5",
    "Enrich the photo by including two owls": "add - > owls #2",
    "Liven up the picture by adding a parrot": "add - > parrot",
    "Invite a goat to graze on the hill": "add - > goat @on hill",
    "Let two foxes join the scene": "add - > foxes #2",
    "Decorate the picture with a gathering of six ducks": "add - > ducks #6",
    "Introduce a heron presence into the picture": "add - > heron",
    "Introduce three sheep into the photo's scenery": "add - > sheep #3",
    "To the right of the lamp, add a clock": "add - > clock @right lamp",
    "Beneath the bench, place a red ball": "add - > red ball @below bench",
    "On left of the sofa, let's add a plant": "add - > plant @left sofa",
    "Between the two trees, include a swing": "add - > swing @between two trees",
    "Placed on the windowsill is a vase": "add - > vase @on windowsill",
    "Situated to the left of the barn is a tractor": "add - > tractor @left barn",
    "A kettle should be placed on the stove": "add - > kettle @on stove",
    "A lighthouse has been added to the left of the boats": "add - > lighthouse @left boats",
    "Affix a wreath to the top of the door": "add - > wreath @on door",
    "Add a rabbit, bringing some life to the scene": "add - > rabbit",
    "Add a bench, to create a cozy scene": "add - > bench",
    "Place a globe on the desk to enhance the atmosphere": "add - > globe @on desk",
    "Add a woman strolling along the canal in the foreground": "add - > woman @beside canal in the foreground",
    "Add a boy on the pier, wearing a yellow raincoat": "add - > boy wearing a yellow raincoat @on pier",
    "Add a scarecrow in the foreground near the gate": "add - > scarecrow @beside gate in the foreground",
    "Add a shed near the pond, ensuring it blends naturally with the garden": "add - > shed @beside pond",
}


@pytest.mark.parametrize("text", COMES)
def test_what_is_to_come_comes_however_it_is_said(text, said):
    assert said(text) == [COMES[text]]


COLOURS = {
    "The barn should take on a teal hue": "color_alter barn > teal",
    "The tram shall adopt a green tint": "color_alter tram > green",
    "The kettle's color shall turn pink": "color_alter kettle > pink",
    "Shift the kettle's hue to green": "color_alter kettle > green",
    "Cover the wall with orange pigment": "color_alter wall > orange",
    "Purple shall adorn the gate": "color_alter gate > purple",
    "The gate shall be adorned in white": "color_alter gate > white",
    "Adorn the vase with a lively yellow hue": "color_alter vase > yellow",
    "Let the horse's mane shine with a warm brown color": "color_alter horse's mane > brown",
    "Darken the curtains to navy": "color_alter curtains > navy",
    "green for the van's hue": "color_alter van > green",
    "Change the surface color of the old crate to blue": "color_alter old crate > blue",
    "Change the door color to a darker shade of red": "color_alter door > dark red",
}


@pytest.mark.parametrize("text", COLOURS)
def test_a_colour_in_a_written_register(text, said):
    assert said(text) == [COLOURS[text]]


ONE_THING = {
    "Remove the woman wearing a red cap and scarf": "remove woman wearing a red cap and scarf",
    "Remove the red and black kite": "remove red and black kite",
    "Remove the hut (building) beside the road": "remove hut beside the road",
    "Extract the swan, including its wings and reflection": "background_change swan > transparent",
    "Extract the knitted top": "background_change knitted top > transparent",
    "Replace the bed with a pile of wooden crates": "replace bed > pile of wooden crates",
    "Replace the statue with a fountain, keeping the surrounding trees": "replace statue > fountain",
    "Remove the deer, ensuring that the background remains intact": "remove deer",
    "Make the woman lower her left arm": "action_change woman > lower the left arm",
    "Raise the boy's right hand": "action_change the boy > raise the right hand",
}


@pytest.mark.parametrize("text", ONE_THING)
def test_one_thing_stays_one(text, said):
    assert said(text) == [ONE_THING[text]]


def test_two_things_that_are_cut_out_are_one_cutout(said):
    assert said("Extract the wool hat and black boots worn by the man") == [
        "background_change the wool hat and black boots worn by the man > transparent"
    ] or said("Extract the wool hat and black boots worn by the man") == [
        "background_change wool hat and black boots worn by the man > transparent"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Draw the side view.",
        "Generate an image of the finished cupboard using the given boards",
        "Draw what it will look like after two weeks",
        "Draw how it would look after the rope is cut",
        "Draw the shortest path from the gate to the well",
    ],
)
def test_what_only_a_seer_could_draw_is_refused(text):
    with pytest.raises(UnclearInstruction):
        parse(Instruction(text), None, ENCODERS, use_llm=False)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Draw what the bicycle will look like if it were rusty", "appearance_alter bicycle > rusty"),
        ("Show what she will look like thirty years later", "appearance_alter woman > old"),
    ],
)
def test_a_state_that_is_named_is_made(text, step):
    found = parse(Instruction(text), None, ENCODERS, use_llm=False).steps
    assert [f"{s.type} {s.target} > {s.value}" for s in found] == [step]


def test_a_second_place_of_what_is_added_is_no_edit():
    plan = parse(Instruction("Add a goose beside the fence, close to the leaning post"), None, ENCODERS, use_llm=False)
    assert [step.value for step in plan.steps] == ["goose"]
    assert plan.unread == ("close to the leaning post",)


def test_what_is_passive_is_a_command_and_no_situation():
    plan = parse(Instruction("the fence ought to be creosoted"), None, ENCODERS, use_llm=False)
    assert plan.parser == "tagged"


@pytest.mark.parametrize(
    "text", ["the wall is painted", "the car is parked on the street", "the cake is placed on the table"]
)
def test_how_it_is_is_no_command(text):
    assert list(ways(tokenise(text))) == []


def test_the_parts():
    assert spell_out(emptied(tokenise("any instances of smoke"))) == "any smoke"
    assert spell_out(emptied(tokenise("the signs of the zodiac"))) == "the signs of the zodiac"
    assert spell_out(emptied(tokenise("a picture of two cats"))) == "a picture of two cats"
    assert spell_out(without_asides(tokenise("add a hut, making sure it fits naturally"))) == "add a hut"
    assert spell_out(without_asides(tokenise("add a hut, a well and a tree"))).startswith("add a hut")
    assert spell_out(without_purpose(tokenise("add a hut to create a cozy scene"))) == "add a hut"
    assert spell_out(without_purpose(tokenise("add a hat to the man"))) == "add a hat to the man"
    assert is_place(tokenise("to the left of the mug"))
    assert not is_place(tokenise("remove the mug"))
    assert foreseen("remove the cat") is None
    assert foreseen("draw a picture frame on the wall") is None
    assert foreseen("draw what it will look like if it is rusty") == "make it rusty"
    assert foreseen("draw what it will look like in an hour") == ""
    assert foreseen("what will he look like in forty years") == "make him old"
    assert foreseen("how would the bench look after it has rusted") == "make the bench rusty"
    assert foreseen("what would it look like in two weeks") == ""
    assert foreseen("show me how the bench would look in teal") is None, "a colour, and nothing that happens"
    assert foreseen("how would he look with a beard") is None


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("the barn should match the light of the scene", True),
        ("make sure the goat looks realistic and casts a shadow", True),
        ("it has to blend in with the room's quiet mood", True),
        ("the mug needs to look natural", True),
        ("the barn should be red", False),
        ("the mug should match the kettle", False),
        ("make sure the moon is visible", False),
        ("blend the two pictures", False),
    ],
)
def test_that_a_new_thing_fits_in_is_no_further_edit(text, fits):
    assert fits_in(tokenise(text)) == fits
    plan = parse(Instruction(f"add a bench. {text}"), None, ENCODERS, use_llm=False)
    assert (len(plan.steps) == 1 and not plan.unread) == fits


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "make the chest oak, dark brown",
            [("material_change", "chest", "oak"), ("color_alter", "chest", "dark brown")],
        ),
        ("paint the gate, light green", [("color_alter", "gate", "green"), ("color_alter", "gate", "light green")]),
        ("replace the van with a bus, dark red", [("replace", "van", "bus"), ("color_alter", "bus", "dark red")]),
        ("put him in front of a blurry meadow", [("background_change", None, "blurred meadow")]),
        ("change the background to a garden, out of focus", [("background_change", None, "blurred garden")]),
        ("make the background blurry", [("background_change", None, "blurred")]),
    ],
)
def test_what_follows_a_thing_says_more_of_it(text, steps):
    plan = parse(Instruction(text), None, ENCODERS, use_llm=False)
    assert [(s.type.value, s.target and s.target.text, s.value) for s in plan.steps] == steps


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("give her red lipstick", ("color_alter", "woman's lips", "red")),
        ("put purple lip gloss on the girl", ("color_alter", "girl's lips", "purple")),
        ("give him green hair dye", ("color_alter", "man's hair", "green")),
        ("add a red lipstick next to the mirror", ("add", None, "red lipstick")),
        ("add a lipstick on the shelf", ("add", None, "lipstick")),
    ],
)
def test_make_up_is_a_colour_of_what_it_is_worn_on(text, step):
    (made,) = parse(Instruction(text), None, ENCODERS, use_llm=False).steps
    assert (made.type.value, made.target and made.target.text, made.value) == step
