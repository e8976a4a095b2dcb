"""Noun phrases: heads, attributes, relations."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.ground.lexicon import lexicon
from pixwright.ground.phrase import is_whole, parse_phrase
from pixwright.records.vocabulary import COLOURS


def one(phrase):
    (query,) = parse_phrase(phrase)
    return query


def test_order_colour_and_side():
    query = one("the second red cup from the left")
    assert (query.head, query.colours, query.order) == ("cup", ("red",), (2, "left"))


def test_relation_and_place_of_the_anchor():
    query = one("the hat of the man on the right")
    assert (query.head, query.link, query.anchor.head, query.anchor.places) == ("hat", "of", "man", ("right",))


def test_possessive_is_a_relation():
    query = one("the woman's left eye")
    assert (query.head, query.places, query.link, query.anchor.head) == ("eye", ("left",), "of", "woman")


def test_conjunction_unites_but_colours_belong_to_one_thing():
    assert [q.head for q in parse_phrase("the cat and the dog")] == ["cat", "dog"]
    assert one("black and white cat").colours == ("black", "white")


@pytest.mark.parametrize(
    ("phrase", "several"),
    [("all dogs", True), ("boats", True), ("the cup", False), ("both cats", True), ("glass", False)],
)
def test_number(phrase, several):
    assert one(phrase).several is several


@pytest.mark.parametrize(
    ("phrase", "rank"),
    [
        ("the bigger cat", "largest"),
        ("the smallest boat", "smallest"),
        ("the nearest tree", "nearest"),
        ("the tallest tower", "tallest"),
    ],
)
def test_comparatives(phrase, rank):
    assert one(phrase).rank == rank


def test_everything_but():
    query = one("everything except the dog")
    assert query.inverted and query.head == "dog"


def test_places():
    assert one("the cup in the top left corner").places == ("top", "left")
    assert one("the leftmost boat").places == ("left",)
    assert one("tree in the background").places == ("background",)


def test_between_has_two_anchors():
    query = one("the bird between the tree and the house")
    assert (query.link, query.anchor.head, query.second.head) == ("between", "tree", "house")


def test_whole_picture():
    assert is_whole("the whole picture") and is_whole("this photo") and not is_whole("the photo frame on the wall")


def test_wordnet_knows_kinds():
    words = lexicon()
    assert len(words.look("dog").classes) == 118
    assert len(words.look("bird").classes) >= 59
    assert words.look("woman").kind == "person"
    assert words.look("sky").kind == "stuff"
    assert words.look("hair").kind == "part"
    assert words.look("zzyzx").kind == "unknown"
    assert words.singular("wolves")[0] == "wolf"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_a_query(text):
    assert len(parse_phrase(text)) >= 1


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(COLOURS)), st.sampled_from(["cup", "dog", "boat", "kite"]))
def test_every_colour_is_an_attribute(colour, noun):
    query = one(f"the {colour} {noun}")
    assert (query.head, query.colours) == (noun, (colour,))
