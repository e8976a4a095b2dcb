"""Looser sentences: what is spared, reasons beside a command, neighbouring clauses that are one edit, and everyday frames."""

from __future__ import annotations

import pytest

from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules
from pixwright.parse.rules.sparing import take_spared
from pixwright.parse.tokens import tokenise
from pixwright.records.kind import EditType as T


def only(text):
    (step,) = parse_rules(text).steps
    return step


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("blur the sky but leave the kite", "kite"),
        ("remove the hikers, keep the dog", "dog"),
        ("make the truck muddy but not the windows", "windows"),
        ("paint the wall blue without touching the door", "door"),
        ("dye her scarf green but leave the hat as it is", "hat"),
        ("turn the photo black and white except for the balloon", "balloon"),
    ],
)
def test_what_is_spared(text, kept):
    assert str(only(text).protect) == kept


@pytest.mark.parametrize(
    "text", ["paint the wall blue and leave the rest", "make it darker, keep everything else as it is"]
)
def test_that_the_rest_stays_says_nothing(text):
    assert only(text).protect is None


def test_an_exception_of_several_belongs_to_the_target():
    step = only("remove all the chairs except the green one")
    assert step.protect is None and step.target.every
    assert (step.target.head, step.target.all_but.colours) == ("chair", ("green",))


@pytest.mark.parametrize("text", ["keep the dog", "leave the rest", "make the cat blue", "keep only two birds"])
def test_nothing_is_spared_where_nothing_else_is_asked(text):
    found = take_spared(tokenise(text))
    assert found is None or not found.tokens


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("lose the mailbox, it distracts from the house", T.REMOVE),
        ("make the kayak green, I like nature", T.COLOR_ALTER),
        ("replace the hot dog with a pretzel, she's a vegetarian", T.REPLACE),
        ("hey, quick one: the thumb in the corner needs to vanish", T.REMOVE),
        ("do something about the colours: warmer, please", T.TONE_TRANSFER),
        ("as a watercolor, soft and light", T.STYLE_CHANGE),
    ],
)
def test_reasons_and_asides_ask_for_nothing(text, kind):
    assert only(text).type is kind


def test_a_thing_that_is_complained_about_is_meant_by_it():
    assert str(only("the drone in the sky is annoying, delete it").target) == "drone in the sky"
    step = only("there are too many buoys, keep only one")
    assert (step.type, str(step.target), step.count) == (T.COUNTING, "buoys", 1)
    assert only("the picture is crooked, rotate it by 3 degrees").target is None


def test_two_clauses_that_are_one_edit():
    step = only("take out the cactus and put a fern in its place")
    assert (step.type, str(step.target), step.value) == (T.REPLACE, "cactus", "fern")
    assert only("cut out the guitarist and put him on a stage").value == "stage"
    assert only("make the barn old and old").value == "old"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("give it a warm old feel", T.TONE_TRANSFER, "warm"),
        ("give it that golden hour glow", T.TONE_TRANSFER, "golden hour"),
        ("make it feel like a cold winter morning", T.TONE_TRANSFER, "winter"),
        ("can we get some sunset light in here", T.TONE_TRANSFER, "sunset"),
        ("sepia it", T.TONE_TRANSFER, "sepia"),
        ("both umbrellas in purple", T.COLOR_ALTER, "purple"),
        ("make the moped #1e90ff", T.COLOR_ALTER, "#1e90ff"),
        ("paint the door steel blue", T.COLOR_ALTER, "steel blue"),
        ("can the lighthouse have a darker red", T.COLOR_ALTER, "dark red"),
        ("give the mailbox a bright red coat of paint", T.COLOR_ALTER, "bright red"),
        ("could the carousel be made red instead of blue", T.COLOR_ALTER, "red"),
        ("knit the elephant", T.MATERIAL_CHANGE, "knit"),
        ("let a squirrel sit on the windowsill", T.ADD, "squirrel"),
        ("a hedgehog in the leaves would be cute", T.ADD, "hedgehog"),
        ("let her stand in a field of lavender", T.BACKGROUND_CHANGE, "field of lavender"),
        ("make it look like we were in paris", T.BACKGROUND_CHANGE, "paris"),
        ("set the scene in a library", T.BACKGROUND_CHANGE, "library"),
        ("change only the left pillow to a cat", T.REPLACE, "cat"),
    ],
)
def test_everyday_frames(text, kind, value):
    step = only(text)
    assert (step.type, step.value) == (kind, value)


def test_amounts_and_places():
    assert only("make the pumpkin twice as small").amount.value == 0.5
    assert only("three times bigger kite").amount.value == 3
    assert only("double the number of kites").amount.value == 2
    assert only("can the moon go more to the left?").where.relation == "left"
    assert only("add some space below the picture").where.relation == "bottom"
    assert only("add a moon top right").where.relation == "top_right"
    assert only("let the donkey stand in front of the barn").type is T.RELATION_CHANGE


def test_how_letters_look_is_not_written():
    step = only('write "Happy Birthday" on the cake in big white letters')
    assert (str(step.target), step.value) == ("cake", "Happy Birthday")


@pytest.mark.parametrize(
    "text", ["the moon goes to the left", "a squirrel sits on the windowsill", "we are in paris", "the old kettle"]
)
def test_a_statement_is_no_command(text):
    with pytest.raises(UnclearInstruction):
        parse_rules(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tidy up the workbench", ["remove everything on the workbench"]),
        ("empty the basket", ["remove everything in the basket"]),
        ("clear the clouds", ["tone_transfer - > cloud removal"]),
        ("clean up the puppy", ["appearance_alter puppy > clean"]),
        ("too many pigeons", ["remove pigeons"]),
        ("nobody on the pier", ["remove people on the pier"]),
        ("barn crimson", ["color_alter barn > crimson"]),
        ("the shed repainted olive", ["color_alter shed > olive"]),
        ("give the gate a fresh coat of green paint", ["color_alter gate > green"]),
        ("put a coat of wax on the boots", ["appearance_alter boots > shiny"]),
        ("everything but the kite in gray", ["tone_transfer - > black and white but kite"]),
        ("black background for the teapot", ["background_change teapot > black"]),
        ("isolate the teapot on white", ["background_change teapot > white"]),
        ("transparent png of the teapot", ["background_change teapot > transparent"]),
        ("film grain", ["tone_transfer - > grain 0.6 strength"]),
        ("mirror vertically", ["rotation_change - > flip vertical"]),
        ("make the gate old and rusty", ["appearance_alter gate > old", "appearance_alter gate > rusty"]),
        ("lower the horse's head", ["action_change the horse > lower the head"]),
        ("turn the car into a fire truck", ["replace car > fire truck"]),
        ("turn her coat into a rain coat", ["replace her coat > rain coat"]),
        ("turn the blue vase into a green vase", ["color_alter blue vase > green"]),
        ("make three kites", ["counting kites #3"]),
        ("rotate left", ["rotation_change - -90 degrees"]),
        ("add a rainbow over the hills", ["add - > rainbow @above hills"]),
        ("restore this old photograph", ["tone_transfer - > scratch removal", "tone_transfer - > auto exposure"]),
        ("write good morning in the bottom right corner", ["textual_change - > good morning @bottom_right"]),
        ("what would the porch look like with a swing", ["add - > swing @on porch"]),
        ("brick path", ["material_change path > brick"]),
        ("change the deck to dark wood", ["material_change deck > wood"]),
        (
            "black & white with more contrast",
            ["tone_transfer - > black and white", "tone_transfer - > contrast 0.6 strength"],
        ),
        ("add a second lantern next to the first one", ["add - > lantern @beside lantern"]),
        ("change his tie to a bow tie", ["replace his tie > bow tie"]),
        ("give her earrings", ["add - > earrings @on woman"]),
        ("take the scarf off her neck", ["remove scarf on her neck"]),
        ("shallow depth of field", ["background_change - > blurred"]),
        ("put the hare in focus", ["background_change hare > blurred"]),
        ("give the meadow a lush green look", ["color_alter meadow > green"]),
        ("make the king 30 years younger", ["appearance_alter king > young"]),
        ("cut down the birch", ["remove birch"]),
        ("add a thick black border", ["outpaint - > black @every_side 7 percent"]),
        ("put a 20 px red border around it", ["outpaint - > red @every_side 20 pixels"]),
        ("hide the face with a smiley", ["add - > smiley @on face"]),
        ("make it underexposed", ["tone_transfer - > exposure -0.6 strength"]),
        ("selective color on the tulip", ["tone_transfer - > black and white but tulip"]),
        ("change the stool's fabric to velvet", ["material_change stool > velvet"]),
        ("trim the hedge", ["resize hedge -0.6 strength"]),
        ("copy the gull to the right", ["counting gull @right 1 items"]),
        ("more blue", ["tone_transfer - > warmth -0.6 strength"]),
        ("straw hat to top hat", ["replace straw hat > top hat"]),
        ("tie -> bow tie", ["replace tie > bow tie"]),
        ("gate to dark green", ["color_alter gate > dark green"]),
        ("bucket gone", ["remove bucket"]),
        (
            "instead of the plastic chairs I would like to see wooden benches",
            ["replace plastic chairs > wooden benches"],
        ),
        ("there's a thumb in the corner, mine sadly, can you get it out", ["remove thumb in the corner"]),
        ("a rainbow over the barn would be lovely", ["add - > rainbow @above barn"]),
        ("white background for ebay", ["background_change - > white"]),
        ("remove the background completely", ["background_change - > transparent"]),
        ("paint the cabinets sage", ["color_alter cabinets > sage"]),
        ("give the owl yellow eyes", ["color_alter owl's eyes > yellow"]),
    ],
)
def test_what_is_said_offhand(text, expected, said):
    assert said(text) == expected


def test_a_verb_and_a_colour_are_no_thing_and_its_colour():
    with pytest.raises(UnclearInstruction):
        parse_rules("paint the red")
    with pytest.raises(UnclearInstruction):
        parse_rules("ice cream")
    with pytest.raises(UnclearInstruction):
        parse_rules("clear the sky")  # of clouds: the sky is not removed


@pytest.mark.parametrize(
    ("text", "material", "head"),
    [
        ("stone wall", "stone", "wall"),
        ("wooden table please", "wood", "table"),
        ("leather jacket", "leather", "jacket"),
    ],
)
def test_a_compound_that_is_a_thing_made_of_something_asks_for_it(text, material, head):
    """ "Stone wall" and "wooden table" stand in the noun table: they added a vase of flowers and made stripes."""
    step = only(text)
    assert (step.type, step.value, step.target.head) == (T.MATERIAL_CHANGE, material, head)


@pytest.mark.parametrize("text", ["ice cream", "wood rabbit"])
def test_what_bears_a_materials_name_and_is_not_made_of_it_asks_for_nothing(text):
    with pytest.raises(UnclearInstruction):
        parse_rules(text)


@pytest.mark.parametrize(
    ("text", "thing", "more"),
    [
        ("more trees", "trees", 1),
        ("a few more sheep", "sheep", 3),
        ("some more flowers", "flowers", 2),
        ("lots more birds", "birds", 4),
        ("less people", "people", -1),
        ("less boats please", "boats", -1),
    ],
)
def test_more_or_fewer_of_what_can_be_counted(text, thing, more):
    step = only(text)
    assert (step.type, str(step.target), step.amount.value) == (T.COUNTING, thing, more)


@pytest.mark.parametrize("text", ["more contrast", "more snow", "less noise"])
def test_more_of_what_cannot_be_counted_is_no_count(text):
    assert only(text).type is not T.COUNTING


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("66 -> 996", "66", "996"),
        ("66 to 996", "66", "996"),
        ("make the 66 a 996", "66", "996"),
        ("turn the 7 into a 9", "7", "9"),
        ("number 23 -> 45", "23", "45"),
        ("the price 9.99 -> 4.99", "9.99", "4.99"),
        ("the 3 should be an 8", "3", "8"),
        ("change the 5 for a 6", "5", "6"),
        ("the sign should say 996 not 66", "66", "996"),
    ],
)
def test_one_number_for_another_is_text(text, old, new):
    step = only(text)
    assert (step.type, step.old_text, step.value) == (T.TEXTUAL_CHANGE, old, new)


@pytest.mark.parametrize("text", ["crop it to 4:3", "resize it to 800 by 600"])
def test_a_frame_is_no_text(text):
    assert only(text).type is T.RESIZE


@pytest.mark.parametrize(
    ("text", "new", "who"),
    [
        ("a suit for the man on the right", "suit", "man on the right"),
        ("suit for him", "suit", "man"),
        ("sunglasses for the dog", "sunglasses", "dog"),
        ("put one of the men in a suit", "suit", "one of the men"),
        ("one of the women in a red dress", "red dress", "one of the women"),
        ("the left man in a navy suit please", "navy suit", "left man"),
    ],
)
def test_what_somebody_of_several_shall_wear(text, new, who):
    step = only(text)
    assert (step.type, step.value, str(step.where.anchor)) == (T.ADD, new, who)


def test_the_garment_of_one_of_several_is_not_the_one():
    step = only("a red dress for the girl on the left")
    assert (step.type, step.target.head, step.value) == (T.COLOR_ALTER, "dress", "red")
    assert step.target.owner.head == "girl"


@pytest.mark.parametrize(
    ("text", "part", "colour"),
    [
        ("put lipstick on her", "woman's lips", "red"),
        ("give her red lipstick", "woman's lips", "red"),
        ("add some blush", "cheeks", "rose"),
        ("add mascara", "eyelashes", "black"),
        ("add blue eye shadow", "eyelids", "blue"),
        ("add eyeliner", "eyelashes", "black"),
        ("add nail polish", "nails", "red"),
    ],
)
def test_make_up_is_a_colour_of_the_part_that_it_is_worn_on(text, part, colour):
    step = only(text)
    assert (step.type, str(step.target), step.value) == (T.COLOR_ALTER, part, colour)


def test_make_up_beside_a_thing_is_a_thing():
    assert only("add a red lipstick next to the mirror").type is T.ADD
