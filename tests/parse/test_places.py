"""Where: relations, corners, edges and directions, alone and in sentences."""

from __future__ import annotations

import pytest

import pixwright.parse.rules  # noqa: F401 - registers the nonterminals
from pixwright.errors import UnclearInstruction
from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.tokens import tokenise
from pixwright.records.plan import Relation


def read_whole(name, text):
    """The first reading of the whole text by a nonterminal."""
    clause = Clause(tuple(tokenise(text)), text)
    return next((value for end, value in NONTERMINALS[name](clause, 0) if end == len(clause)), None)


PLACES = [
    ("place", "on the table", "on the table"),
    ("place", "to the left of the dog", "left the dog"),
    ("place", "in the top left corner", "top_left"),
    ("place", "between the cup and the plate", "between the cup the plate"),
    ("place", "behind the two trees", "behind the two trees"),
    ("place", "in the background", "background"),
    ("place", "at the bottom of the picture", "bottom"),
    ("place", "under the bridge", "below the bridge"),
    ("place", "near the left edge", "left"),
    ("place", "all the way to the left", "left"),
    ("place", "in the center of the plate", "inside the plate"),
    ("side", "left", "left"),
    ("side", "to the left", "left"),
    ("side", "on all sides", "every_side"),
    ("side", "the top", "top"),
    ("side", "at the bottom", "bottom"),
    ("side", "upwards", "top"),
    ("side", "on both sides", "both_sides"),
]


@pytest.mark.parametrize(("name", "text", "wanted"), PLACES)
def test_a_place_alone(name, text, wanted):
    found = read_whole(name, text)
    nouns = [noun.text for noun in (found.anchor, found.second) if noun]
    assert " ".join((found.relation, *nouns)) == wanted


SENTENCES = {
    "put a lantern on the barrel": "add - > lantern @on barrel",
    "put a lantern under the barrel": "add - > lantern @below barrel",
    "put a lantern behind the barrel": "add - > lantern @behind barrel",
    "put a lantern in front of the barrel": "add - > lantern @in_front barrel",
    "put a lantern next to the barrel": "add - > lantern @beside barrel",
    "put a lantern to the left of the barrel": "add - > lantern @left barrel",
    "put a lantern right of the barrel": "add - > lantern @right barrel",
    "put a lantern above the barrel": "add - > lantern @above barrel",
    "put a lantern inside the barrel": "add - > lantern @inside barrel",
    "put a lantern in the barrel": "add - > lantern @inside barrel",
    "put lanterns around the barrel": "add - > lanterns @around barrel",
    "put a lantern between the barrel and the crate": "add - > lantern @between barrel crate",
    "put a lantern between the two barrels": "add - > lantern @between two barrels",
    "put a lantern in the top left corner": "add - > lantern @top_left",
    "put a lantern in the bottom right": "add - > lantern @bottom_right",
    "put a lantern in the middle": "add - > lantern @center",
    "put a lantern in the background": "add - > lantern @background",
    "put a lantern in the foreground": "add - > lantern @foreground",
    "put a lantern at the top": "add - > lantern @top",
    "put a lantern on the left": "add - > lantern @left",
    "put a lantern on the left side of the barrel": "add - > lantern @left barrel",
    "put a lantern on top of the barrel": "add - > lantern @on barrel",
    "put a lantern near the barrel": "add - > lantern @beside barrel",
    "put a lantern beneath the barrel": "add - > lantern @below barrel",
    "put a lantern at the bottom of the picture": "add - > lantern @bottom",
    "put a lantern over the door": "add - > lantern @above door",
    "add a swan to the pond": "add - > swan @inside pond",
    "add a swan on the water behind the reeds": "add - > swan @on water behind the reeds",
    "move the lantern onto the barrel": "relation_change lantern @on barrel",
    "move the lantern to the center": "movement lantern @center",
    "move the lantern to the top right corner": "movement lantern @top_right",
    "move the lantern in front of the barrel": "relation_change lantern @in_front barrel",
    "move the lantern upwards": "movement lantern @top",
    "move the lantern closer to the barrel": "relation_change lantern @beside barrel",
    "move the lantern behind the second barrel": "relation_change lantern @behind second barrel",
    "place the mug to the right of the laptop": "relation_change mug @right laptop",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_a_place_in_a_sentence(text, said):
    assert said(text) == [SENTENCES[text]]


def test_nearly_every_relation_can_be_said():
    said_of = {line.split("@")[1].split()[0] for line in SENTENCES.values()}
    assert {*Relation} - said_of <= {"bottom_left", "swap", "every_side", "both_sides"}


@pytest.mark.parametrize("corner", ["top left", "top right", "bottom left", "bottom right"])
@pytest.mark.parametrize(
    "way", ["put a kite in the {}", "put a kite in the {} corner", "add a kite at the {} of the picture"]
)
def test_a_corner_in_every_frame(corner, way, said):
    assert said(way.format(corner)) == [f"add - > kite @{corner.replace(' ', '_')}"]


@pytest.mark.parametrize("text", ["put it on", "move the lantern to the", "put a lantern between"])
def test_a_place_that_breaks_off_is_refused(text, said):
    with pytest.raises(UnclearInstruction):
        said(text)
