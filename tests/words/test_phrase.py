"""Noun phrases: what the golden words mean, and laws of reading."""

from __future__ import annotations

import json

import pytest
from golden_words import ROWS
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.records.plan import Plan
from pixwright.records.thing import Thing, Tie
from pixwright.records.vocabulary import COLOURS
from pixwright.words import owned, read, read_plan


def without_text(value):
    if isinstance(value, dict):
        return {k: without_text(v) for k, v in value.items() if k != "text"}
    return [without_text(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("phrase", ROWS)
def test_golden_words(phrase):
    assert without_text(read(phrase).model_dump(mode="json", exclude_defaults=True)) == ROWS[phrase]


def test_the_words_stay_as_typed():
    assert str(read("the Second red cup from the LEFT")) == "the Second red cup from the LEFT"


def test_what_is_read_stays_and_what_is_not_is_read():
    thing = read("the red cup")
    assert read(thing) is thing
    assert not Thing(text="the red cup").understood and read(Thing(text="the red cup")) == thing


def test_a_thing_survives_json():
    thing = read("the bird between the tree and the man's house")
    assert Thing.model_validate_json(thing.model_dump_json()) == thing
    assert Thing.model_validate("the cup") == Thing(text="the cup")


def test_the_measure_and_the_container_keep_what_they_hold():
    assert read("two slices of pizza").measure == "slice"
    assert read("a glass of milk").of.head == "milk"


def test_an_old_record_with_plain_strings_is_read():
    """Records of the first version, and what a language model writes, hold phrases."""
    old = {
        "instruction": "put the red cup next to the lamp, keep the dog",
        "steps": [
            {
                "type": "relation_change",
                "instruction": "put the red cup next to the lamp",
                "target": "red cup",
                "where": {"relation": "beside", "anchor": "lamp on the left", "second_anchor": None},
                "protect": "dog",
            }
        ],
    }
    plan = Plan.model_validate_json(json.dumps(old))
    assert not plan.steps[0].target.understood
    (step,) = read_plan(plan).steps
    assert (str(step.target), step.target.head, step.target.colours) == ("red cup", "cup", ("red",))
    assert (step.where.anchor.head, step.where.anchor.places, step.protect.head) == ("lamp", ("left",), "dog")
    again = Plan.model_validate_json(read_plan(plan).model_dump_json())
    assert again == read_plan(plan)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_thing(text):
    thing = read(text)
    assert thing.understood and thing.text


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(COLOURS)), st.sampled_from(["cup", "dog", "boat", "kite"]))
def test_every_colour_is_an_attribute(colour, noun):
    thing = read(f"the {colour} {noun}")
    assert (thing.head, thing.colours) == (noun, (colour,))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from("the a two red left cup dog of and in with on from 's all except other big".split()),
        min_size=1,
        max_size=14,
    )
)
def test_any_order_of_known_words_is_a_thing(words):
    assert read(" ".join(words)).understood


@pytest.mark.parametrize(
    "text, head, places, tie",
    [
        ("the lamp top right", "lamp", ("top", "right"), None),
        ("the wine glass bottom left", "wine glass", ("bottom", "left"), None),
        ("the red chair far left", "chair", ("left",), None),
        ("the cup bottom right corner", "cup", ("bottom", "right"), None),
        ("the dog left with a collar", "dog", ("left",), Tie.WITH),
        ("the bird right next to the tree", "bird", (), Tie.BESIDE),
        ("the man just behind the car", "man", (), Tie.BEHIND),
        ("the left chair", "chair", ("left",), None),
    ],
)
def test_a_side_behind_the_noun_needs_no_preposition_and_a_stress_is_no_side(text, head, places, tie):
    thing = read(text)
    assert (thing.head, thing.places, thing.link and thing.link.tie) == (head, places, tie)


@pytest.mark.parametrize(
    ("owner", "place"),
    [("man", ()), ("man on the left", ("left",)), ("the guy in the middle", ("middle",)), ("one of the men", ())],
)
def test_what_somebody_wears_is_his_however_he_is_called(owner, place):
    thing = owned(owner, "clothes")
    assert thing.head == "clothes"
    assert without_text(thing.owner.model_dump()) == without_text(read(thing.owner.text).model_dump())
    assert thing.owner.head in ("man", "guy") and thing.owner.places == place


@pytest.mark.parametrize("phrase", ["the man on the left's tie", "the guy in the middle's tie"])
def test_a_place_behind_somebody_is_his_and_not_his_things(phrase):
    thing = read(phrase)
    assert thing.head == "tie" and thing.owner.head in ("man", "guy") and thing.owner.places
    assert read("the cup on the woman's table").head == "cup"
