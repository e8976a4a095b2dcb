"""What an edit must leave: "but leave the X", "without changing the X", and exceptions of a group."""

from __future__ import annotations

import pytest

from pixwright.parse.places import settled
from pixwright.parse.rules import parse_rules
from pixwright.parse.rules.sparing import take_spared
from pixwright.parse.tokens import spell_out, tokenise

KEPT = {
    "brighten the garden but leave the gnome": "tone_transfer garden > brightness 0.6 strength but gnome",
    "make everything blue except the whale": "color_alter - > blue but whale",
    "make the photo sepia but keep the rose": "tone_transfer - > sepia but rose",
    "darken the room, but don't touch the lamp": "tone_transfer room > brightness -0.6 strength but lamp",
    "blur the background but keep the statue sharp": "background_change - > blurred but statue",
    "remove the chairs but not the table": "remove chairs but table",
    "paint the house yellow without changing the roof": "color_alter house > yellow but roof",
    "make it snowy, leave the cabin as it is": "tone_transfer - > snow but cabin",
    "remove all the cups except the white one": "remove all cups except the white one",
    "turn everything black and white except the red umbrella": "tone_transfer - > black and white but red umbrella",
    "make the picture a watercolor, but leave the face alone": "style_change - > watercolor but face",
    "make the roof red and keep the chimney as it is": "color_alter roof > red but chimney",
    "remove everything but the pear": "background_change pear > white",
    "sharpen the photo and leave everything else": "tone_transfer - > sharpness 0.6 strength",
    "make the car red, not the bus": "color_alter car > red but bus",
    "change the sky to a sunset but preserve the mountains": "tone_transfer - > sunset but mountains",
}


@pytest.mark.parametrize("text", KEPT)
def test_what_is_left_as_it_is(text, said):
    assert said(text) == [KEPT[text]]


@pytest.mark.parametrize(
    "way",
    [
        "{}, but leave the barn",
        "{} but leave the barn alone",
        "{}, but keep the barn",
        "{}, but keep the barn as it is",
        "{} and keep the barn unchanged",
        "{} but don't touch the barn",
        "{} but do not change the barn",
        "{} without touching the barn",
        "{} without changing the barn",
        "{}, but not the barn",
        "{} but preserve the barn",
    ],
)
@pytest.mark.parametrize("edit", ["make the hill purple", "make it foggy", "turn the picture into a watercolor"])
def test_every_way_to_spare_after_every_kind_of_edit(way, edit, said):
    assert said(way.format(edit)) == [f"{said(edit)[0]} but barn"]


def test_the_spared_part_is_cut_off_whole():
    spared = take_spared(tokenise("make the hill purple, but leave the old barn as it is"))
    assert spell_out(spared.tokens) == "make the hill purple"
    assert spared.noun.text == "the old barn" and not spared.exception
    assert take_spared(tokenise("make everything purple except the barn")).exception


def test_an_exception_is_a_thing_of_its_own():
    target = parse_rules("remove all the cups except the white one").steps[0].target
    assert target.every and target.head == "cup" and target.all_but.colours == ("white",)


def test_every_step_of_a_sentence_spares():
    steps = parse_rules("make the hill purple and the lake pink, but leave the barn").steps
    assert [str(step.protect) for step in steps] == ["barn", "barn"]


def test_but_after_a_group_is_an_exception(said):
    assert said("remove all people but the bride") != ["remove all people", "remove bride"]


@pytest.mark.parametrize(
    "text",
    [
        "leave the barn alone and make the hill purple",
        "without touching the barn, make the hill purple",
        "make the hill purple. The barn should stay as it is",
        "make the hill purple but do not mess with the barn",
        "make the hill purple, the barn must remain unchanged",
    ],
)
def test_what_is_spared_may_be_said_anywhere(text, said):
    assert said(text) == ["color_alter hill > purple but barn"]


def test_what_is_named_first_may_be_what_is_edited(said):
    assert said("keep the barn but make it purple") == ["color_alter barn > purple"]


def test_a_look_of_everything_but_one_thing_spares_it(said):
    assert said("everything except the barn should be black and white") == [
        "tone_transfer - > black and white but barn"
    ]


def test_a_place_that_the_picture_does_not_show_is_its_background():
    plan = parse_rules("put the goat on the beach")
    assert settled(plan, lambda thing: True) == plan
    (step,) = settled(plan, lambda thing: False).steps
    assert (step.type, step.value, step.target) == ("background_change", "beach", None) and "no beach" in step.why


def test_that_the_rest_stays_asks_for_nothing(said):
    assert said("the hill should be purple, everything else stays the same") == ["color_alter hill > purple"]


@pytest.mark.parametrize(
    ("text", "target", "anchor"),
    [
        ("take the collar off him", "collar of the animal", None),
        ("make her bigger", "animal", None),
        ("put a hat on him", None, "animal"),
        ("put a bow tie on his neck", None, "the animal's neck"),
        ("give the man a hat, he is cold", None, "man"),
    ],
)
def test_him_is_the_animal_where_the_picture_shows_nobody(text, target, anchor):
    (step,) = settled(parse_rules(text), lambda thing: True, lambda: True).steps
    named = step.where and step.where.anchor
    assert ((step.target and step.target.text), (named and named.text)) == (target, anchor)
    assert settled(parse_rules(text), lambda thing: True) == parse_rules(text)
