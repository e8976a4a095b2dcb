"""Wordings that people type and that were read wrongly once: each is a neighbour of the one that was seen."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import PictureAttachment

PICTURE = PictureAttachment("1.png", np.zeros((4, 4, 3), np.uint8))


def brief(step):
    """type, target, value, where, protected, each only if it is there."""
    place = step.where and f"@{step.where.relation}" + (f" {step.where.anchor}" if step.where.anchor else "")
    kept = step.protect and f"but {step.protect}"
    count = None if step.count is None else f"#{step.count}"
    conditions = step.conditions and f"in {step.conditions}"
    said = (step.type, step.target, step.value and f"> {step.value}", conditions, place, count, kept)
    return " ".join(str(one) for one in said if one)


READ = {
    "turn the maple autumn red": "color_alter maple > red",
    "make the lake crystal clear blue": "color_alter lake > blue",
    "turn the pond icy blue": "color_alter pond > blue",
    "make the clouds stormy gray": "color_alter clouds > gray",
    "snow on the barn": "appearance_alter barn > snow covered",
    "snow on the ground instead of all those stones": "appearance_alter ground > snow covered",
    "make the street with no cars": "remove cars",
    "make him wear no hat": "remove hat",
    "remove the red chair with no cushion": "remove red chair with no cushion",
    "eye liner dark blue": "color_alter eye liner > dark blue",
    "make the small ones green": "color_alter small ones > green",
    "make the curtain rod black": "color_alter curtain rod > black",
    "make the window frame white": "color_alter window frame > white",
    "swap the jumper for a white button up shirt": "replace jumper > white button up shirt",
    "replace the tent with a pop up gazebo": "replace tent > pop up gazebo",
    "make his zip up hoodie red": "color_alter his zip up hoodie > red",
    "move the cup up a bit": "movement cup @top",
    "what's that cable on the floor, remove it": "remove cable on the floor",
    "what are these tulips, make them yellow": "color_alter tulips > yellow",
    "theres a pole sticking up behind the barn, take it out": "remove pole sticking up behind the barn",
    "there is a branch poking in at the top, remove it": "remove branch poking in at the top",
    "remove the man walking in from the left": "remove man walking in from the left",
    "there should be two mugs, put another one on the shelf": "add > mug @on shelf",
    "there should be three candles, put one more on the left": "add > candle @left",
    "give the bride a garden as backdrop": "background_change > garden",
    "put the hedgehog in a snowy forest": "background_change hedgehog > forest in snow",
    "change the background to a foggy street": "background_change > street in fog",
    "change the background to a night sky": "background_change > night sky",
    "paint the barn a warm yellow": "color_alter barn > yellow",
    "I'd love a rainbow behind the barn": "add > rainbow @behind barn",
    "put a forest behind the barn": "background_change > forest",
    "spring instead of autumn please": "tone_transfer > spring",
    "add some drama": "tone_transfer > dramatic",
    "put a 1999 in the lower right corner": "textual_change > 1999 @bottom_right",
    "duplicate the lantern": "counting lantern",
    "she shouldn't wear a scarf": "remove scarf",
    "a 70s vibe please": "style_change > vintage photo",
    "black and white with only the kite in colour": "tone_transfer > black and white but kite",
    "keep only the kite in color": "tone_transfer > black and white but kite",
    "keep only the kite": "background_change kite > white",
    "replace the text with CLOSED": "textual_change > CLOSED",
    "change 1998 to 2001": "textual_change > 2001",
    "print my name Ada on the mug": "textual_change mug > Ada",
    "take the blue cast out": "tone_transfer > blue cast",
    "make the lantern hang a bit higher": "movement lantern @top",
    "make the bell look like solid gold": "material_change bell > gold",
    "make the bell gold": "color_alter bell > gold",
    "everything in black and white apart from the umbrella": "tone_transfer > black and white but umbrella",
    "make this a sepia film portrait": "tone_transfer > sepia",
    "make it a black and white print": "tone_transfer > black and white",
    "swap the pears for plums": "replace pears > plums",
    "trade the stools for a bench": "replace stools > bench",
    "swap the two stools": "relation_change stools @swap",
    "remove the bottle she drinks from": "remove bottle she drinks from",
    "replace the book he is reading with a map": "replace book he is reading > map",
    "make the scarf they wear green": "color_alter scarf they wear > green",
    "make four geese out of one": "counting geese #4",
    "turn the boat into three": "counting boat #3",
    "turn the boat into three boats": "counting boats #3",
    "crop it so the lighthouse is in the center": "resize lighthouse > crop @center",
    "crop the photo so that the child is centered": "resize child > crop @center",
    "cool morning light in the kitchen": "tone_transfer > cool",
    "cool the light": "tone_transfer light > warmth",
    "give his jacket yellow stripes": "appearance_alter his jacket > striped",
    "turn the heron into a bronze figurine": "material_change heron > bronze",
    "turn the kettle into a glass vase": "replace kettle > glass vase",
    "make the bushes look like autumn, leave the gardener": "tone_transfer > autumn but gardener",
    "make the curtain red but keep the pattern": "color_alter curtain > red",
    "make the curtain red but keep the carpet": "color_alter curtain > red but carpet",
    "add a kite in the sky, upper right": "add > kite @top_right",
    "add a crow, bottom left": "add > crow @bottom_left",
    "put a dog on the left bench": "add > dog @on left bench",
    "put a dog on the left side of the bench": "add > dog @left bench",
    "write Closed on the left door": "textual_change left door > Closed",
    "put the nurse on a beach at sunset": "background_change nurse > beach in sunset",
    "put the goat in the snow": "background_change > snow",
    "change the lawn to snow": "appearance_alter lawn > snow covered",
    "replace the carpet with wooden planks": "material_change carpet > wood",
    "replace the lawn with a wooden table": "replace lawn > wooden table",
    "the number on the boat should be 12": "textual_change boat > 12",
    "remove the brand name from the cap": "textual_change cap",
    "a snowy forest behind the cat": "background_change cat > forest in snow",
    "she should hold a lantern instead of the umbrella": "replace umbrella > lantern",
    "put a man sitting on the bench": "add > sitting man @on bench",
    "add some geese flying over the lake": "add > flying geese @above lake",
}


@pytest.mark.parametrize("words", READ)
def test_a_wording_is_read_as_it_is_meant(words):
    assert [brief(step) for step in parse_rules(words).steps] == [READ[words]]


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        ("make the sky clear blue with no clouds", ["tone_transfer > cloud removal"]),
        ("make the shirt red with no logo", ["color_alter shirt > red", "remove logo"]),
        ("make the wall white with no posters", ["color_alter wall > white", "remove posters"]),
        ("make it sunny with no clouds", ["tone_transfer > sunny", "tone_transfer > cloud removal"]),
        ("make it warmer, snow on the barn", ["tone_transfer > warmth", "appearance_alter barn > snow covered"]),
    ],
)
def test_what_is_said_behind_a_look_is_a_step_of_its_own(words, steps):
    """ "With no clouds" added clouds."""
    assert [brief(step) for step in parse_rules(words).steps] == steps


def test_capitals_stand_for_quotes_where_one_text_takes_the_place_of_another():
    step = parse_rules("change NO ENTRY to COME IN").steps[0]
    assert (step.type, step.old_text, step.value) == ("textual_change", "NO ENTRY", "COME IN")
    shouted = parse_rules("CHANGE THE CUP TO RED").steps[0]
    assert (shouted.type, shouted.value) == ("color_alter", "red")


def test_what_stands_behind_a_comma_may_only_say_how_letters_look():
    (step,) = parse_rules('write "hello there" on the wall, handwritten').steps
    assert step.lettering is not None and step.lettering.face == "handwritten"


def test_somebody_is_put_before_an_attached_picture():
    (step,) = parse_rules("put her in front of [1]", (PICTURE,)).steps
    assert (step.type, step.reference) == ("background_change", 1)


def test_a_lone_noun_of_light_asks_for_nothing():
    with pytest.raises(UnclearInstruction):
        parse_rules("the light")


@pytest.mark.parametrize("words", ["make the cup and the saucer blue", "make the cup, the plate and the spoon red"])
def test_a_step_is_told_in_the_words_that_were_typed(words):
    """Reports and records said "make the cup the saucer blue"."""
    assert {step.instruction for step in parse_rules(words).steps} == {words}
