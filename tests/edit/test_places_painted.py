"""Places behind a subject: which words mean which, how a photograph of one is cropped, and what is painted close behind somebody."""

import numpy as np
import pytest

from pixwright.edit.contract import Context
from pixwright.edit.editors import background_change
from pixwright.edit.painting.places import photographed, place_in, place_named, place_names
from pixwright.edit.painting.scenery import PAINTERS, paint
from pixwright.edit.painting.scenery_around import AROUND
from pixwright.edit.painting.scenery_near import NEAR
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import BACKGROUNDS


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("dunes of a desert", "desert"),
        ("cosy living room", "living room"),
        ("city street at night", "street"),
        ("busy city street", "city street"),
        ("couch at home", "couch"),
        ("blackboard full of formulas", "blackboard"),
        ("snowy mountains", "mountain range"),
        ("autumn leaves", "autumn leaves"),
        ("hotel bar", "bar"),
        ("rock concert", "stage"),
        ("football stadium at night", "stadium"),
        ("modern kitchen", "kitchen"),
        ("italian vineyard", "vineyard"),
    ],
)
def test_a_place_is_known_by_the_longest_of_its_names(said, name):
    assert place_in(said).name == name


def test_what_is_no_place_is_none():
    assert place_in("something nice") is None and place_in("the lab assistant stares at me").name == "laboratory"


@pytest.mark.parametrize(("h", "w"), [(90, 160), (160, 90), (120, 120)])
def test_a_photograph_of_a_place_fills_every_form_of_picture(h, w):
    place = place_in("bedroom")
    for eye in (None, 0.3, 0.9):
        picture, credit = photographed(place, h, w, eye, np.random.default_rng(0))
        assert picture.shape == (h, w, 3) and picture.std() > 10 and credit == ""


def test_the_horizon_comes_to_the_eyes():
    meadow = place_in("countryside")
    high, low = (photographed(meadow, 100, 160, eye, np.random.default_rng(0))[0] for eye in (0.3, 0.6))
    blue = [picture.astype(int)[..., 2] - picture.astype(int)[..., 0] for picture in (high, low)]
    assert (blue[1][40:50].mean() > 10) and (blue[0][40:50].mean() < 10), (
        "ground under the high horizon, sky over the low one"
    )


def test_who_made_a_photograph_is_named_where_the_licence_asks():
    assert "CC-BY-4.0" in photographed(place_in("mountains"), 60, 90, None, np.random.default_rng(0))[1]


@pytest.mark.parametrize("name", sorted(NEAR | AROUND))
def test_what_is_close_behind_is_painted_and_the_same_each_time(name):
    one, two = (paint(name, 80, 120, np.random.default_rng(3)) for _ in range(2))
    assert one.shape == (80, 120, 3) and np.array_equal(one, two) and one.std() > 5


def test_leaves_that_have_turned_are_red_and_yellow():
    picture = paint("autumn leaves", 120, 160, np.random.default_rng(1)).reshape(-1, 3).mean(0)
    assert picture[0] > picture[1] > picture[2]


def test_every_place_is_photographed_or_painted_and_the_words_for_backgrounds_name_one():
    for place in map(place_named, place_names()):
        assert place.views or place.name in PAINTERS | NEAR | AROUND
    for name in set(BACKGROUNDS) - {"blurred"}:
        assert (place_in(name) or place_named(name)).name in place_names()


def test_the_table_says_how_a_place_is_stood_in():
    kitchen, stadium = place_named("kitchen"), place_named("stadium")
    assert (kitchen.blur, kitchen.stands, stadium.stands, stadium.ground) == (90, False, True, True)
    board, wall, beach, snow = (place_named(name) for name in ("blackboard", "brick wall", "beach", "snow"))
    assert (board.blur, board.stands, board.ground) == (18, False, False)
    assert (wall.blur, wall.stands, wall.ground) == (None, True, False)
    assert beach.ground and beach.shows == () and snow.shows == ("snow", "winter")


def test_of_a_place_that_cannot_be_had_is_said_which_can():
    upper = np.zeros((90, 120), np.uint8)
    upper[:40] = 255
    shown = Region(upper, ((0, 0, 120, 40),), 1.0, "", "user")
    wanted = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value="zorg")
    context = Context(0, Encoders(), lambda picture, phrase: shown)
    refused = background_change.edit(np.full((90, 120, 3), 90, np.uint8), wanted, shown, context).refused
    named = refused.partition("there are ")[2].split(", ")
    assert set(place_names()) <= set(named) and {"bedroom", "library", "beach", "any colour"} <= set(named)
