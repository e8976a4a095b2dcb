"""A noun phrase as a value: what it may hold, what it says of itself, and how it travels."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pixwright.records.plan import Relation, Step, Where
from pixwright.records.thing import Link, Order, Rank, Thing, Tie

WORD = st.text(st.characters(codec="ascii", categories=("L",)), min_size=1, max_size=12)
FLAGS = st.fixed_dictionaries({}, optional={name: st.booleans() for name in ("plural", "definite", "every", "other")})
PLAIN = st.builds(
    lambda text, flags, more: Thing(text=text, **flags, **more),
    WORD,
    FLAGS,
    st.fixed_dictionaries(
        {},
        optional={
            "head": WORD,
            "count": st.integers(0, 1000),
            "colours": st.tuples(WORD),
            "states": st.tuples(WORD, WORD),
            "rank": st.sampled_from(Rank),
            "order": st.builds(
                Order, n=st.integers(-9, 100).filter(bool), side=st.sampled_from(["left", "top", "back"])
            ),
            "places": st.tuples(st.sampled_from(["left", "middle", "foreground"])),
        },
    ),
)
THINGS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds(lambda thing, other: thing.model_copy(update={"owner": other}), PLAIN, inner),
        st.builds(lambda thing, other: thing.model_copy(update={"of": other}), PLAIN, inner),
        st.builds(lambda thing, other: thing.model_copy(update={"all_but": other}), PLAIN, inner),
        st.builds(
            lambda thing, tie, other: thing.model_copy(update={"link": Link(tie=tie, to=(other,))}),
            PLAIN,
            st.sampled_from(Tie),
            inner,
        ),
        st.builds(
            lambda thing, parts: thing.model_copy(update={"parts": tuple(parts)}), PLAIN, st.lists(inner, max_size=3)
        ),
    ),
    max_leaves=5,
)


@given(THINGS)
def test_a_thing_is_the_same_after_json(thing):
    assert Thing.model_validate_json(thing.model_dump_json()) == thing
    assert Thing.model_validate(thing.model_dump()) == thing
    assert hash(Thing.model_validate_json(thing.model_dump_json())) == hash(thing)


@given(THINGS)
def test_json_says_only_what_is_said(thing):
    said = json.loads(thing.model_dump_json())
    assert said["text"] == str(thing)
    assert all(value not in (None, [], "", False) or name == "count" for name, value in said.items())


@given(WORD)
def test_a_plain_string_is_a_thing_that_is_not_read(text):
    thing = Thing.model_validate(text)
    assert thing == Thing(text=text) == Thing.model_validate_json(json.dumps(text))
    assert not thing.understood and not thing.selective and thing.name == text
    assert thing.model_dump() == {"text": text}


def test_plain_strings_are_things_wherever_a_thing_stands():
    step = Step(
        type="remove", instruction="x", target="the cup", protect="the dog", where={"relation": "on", "anchor": "bed"}
    )
    assert (step.target, step.protect) == (Thing(text="the cup"), Thing(text="the dog"))
    assert step.where == Where(relation=Relation.ON, anchor=Thing(text="bed"))
    assert Thing(text="ear", owner="the dog", parts=("a", "b")).parts[1].text == "b"
    assert Link(tie="between", to=("a", "b")).to == (Thing(text="a"), Thing(text="b"))


def test_spaces_around_a_phrase_are_no_part_of_it():
    assert Thing(text="  red cup ").text == "red cup" and Thing(text="x", head=" cup ").head == "cup"


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "  "},
        {"text": "x" * 201},
        {"text": 3},
        {"text": None},
        {"head": "x" * 81},
        {"count": -1},
        {"count": 1001},
        {"count": 1.5},
        {"colours": ("red",) * 17},
        {"colours": ("x" * 81,)},
        {"places": ("up",)},
        {"places": ("left",) * 5},
        {"rank": "cutest"},
        {"order": {"n": -10}},
        {"order": {"n": 101}},
        {"order": {"n": 1, "side": "north"}},
        {"order": 1},
        {"link": {"tie": "on", "to": []}},
        {"link": {"tie": "between", "to": ["a", "b", "c"]}},
        {"link": {"tie": "near", "to": ["a"]}},
        {"parts": ("a",) * 9},
        {"owner": 5},
        {"of": ""},
        {"path": "/etc/passwd"},
    ],
)
def test_a_thing_has_bounds(wrong):
    with pytest.raises(ValidationError):
        Thing(**{"text": "cup"} | wrong)


@pytest.mark.parametrize("wrong", [None, 1, ["cup"], b"cup", True])
def test_only_a_phrase_or_a_record_is_a_thing(wrong):
    with pytest.raises(ValidationError):
        Thing.model_validate(wrong)


def test_there_is_no_0th():
    with pytest.raises(ValidationError):
        Order(n=0)


def test_a_thing_is_frozen():
    with pytest.raises(ValidationError):
        Thing(text="cup").text = "dog"
    assert len({Thing(text="cup"), Thing(text="cup"), Thing(text="dog")}) == 2


@pytest.mark.parametrize(
    ("fields", "understood", "selective", "name"),
    [
        ({"head": "cup"}, True, False, "cup"),
        ({"parts": ("a", "b")}, True, False, "the phrase"),
        ({"all_but": "a"}, True, False, "the phrase"),
        ({"whole": True}, True, False, "the phrase"),
        ({"colours": ("red",)}, False, False, "the phrase"),
        ({"head": "cup", "places": ("left",)}, True, True, "cup"),
        ({"head": "cup", "order": Order(n=2)}, True, True, "cup"),
        ({"head": "cup", "rank": Rank.LARGEST}, True, True, "cup"),
        ({"head": "cup", "link": Link(tie=Tie.ON, to=("table",))}, True, True, "cup"),
        ({"head": "cup", "other": True}, True, True, "cup"),
        ({"head": "cup", "count": 2}, True, False, "cup"),
        ({"head": "cup", "owner": "the dog"}, True, False, "cup"),
    ],
)
def test_what_a_thing_says_of_itself(fields, understood, selective, name):
    thing = Thing(text="the phrase", **fields)
    assert (thing.understood, thing.selective, thing.name, str(thing)) == (understood, selective, name, "the phrase")


def test_ties_are_relations_by_the_same_words():
    assert {*Tie} - {Tie.WITH} <= {*Relation}


def test_deep_nesting_is_refused_not_followed():
    text = '{"text": "x"}'
    for _ in range(1000):
        text = f'{{"text": "x", "of": {text}}}'
    with pytest.raises(ValidationError):
        Thing.model_validate_json(text)
