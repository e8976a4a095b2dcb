"""The table of edit types: rows that agree with themselves, and what the words of the vocabulary are said of."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError

import pytest
from pydantic import TypeAdapter

from pixwright.records.kind import ANYWHERE, Aspect, EditType, Group, Takes, Target, type_for
from pixwright.records.vocabulary import MATERIAL_ALIASES, WORDS, aspect_of

EVERY = pytest.mark.parametrize("kind", EditType)


@EVERY
def test_a_row_agrees_with_itself(kind):
    traits = kind.traits
    assert traits.guided == (traits.changes is Aspect.ANY and kind.group is Group.VISUAL)
    assert (kind.group is Group.VISUAL) == (traits.takes in (Takes.PICTURE, Takes.ANYTHING))
    assert (kind.group is Group.VISUAL) == (traits.guided or traits.refers)
    assert (traits.expert == "general") == (traits.task is None)
    assert not traits.guided or (traits.reach == ANYWHERE and traits.called)
    assert not (traits.moves and traits.target is Target.PICTURE)
    assert traits.reach > 0


@EVERY
def test_a_type_is_its_name_everywhere(kind):
    assert EditType(str(kind)) is kind and kind.value == str(kind)
    assert TypeAdapter(EditType).validate_json(f'"{kind}"') is kind
    assert copy.deepcopy(kind) is kind


def test_a_row_is_frozen():
    with pytest.raises(FrozenInstanceError):
        EditType.ADD.traits.moves = True


def test_rows_follow_the_paper():
    sizes = {group: sum(kind.group is group for kind in EditType) for group in Group}
    assert sizes == {Group.LOCAL: 9, Group.GLOBAL: 3, Group.CAMERA: 4, Group.IMPLICIT: 2, Group.VISUAL: 8}
    tasks = [kind.traits.task for kind in EditType if kind.traits.task is not None]
    assert sorted(set(tasks)) == list(range(14)) and len(tasks) == 15, "style transfer and style change share a row"
    assert EditType.STYLE_TRANSFER.traits.task == EditType.STYLE_CHANGE.traits.task


def test_no_word_calls_two_guides():
    called = [word for kind in EditType for word in kind.traits.called.split()]
    assert len(called) == len(set(called))


def test_words_find_the_type_of_an_aspect():
    assert type_for(Aspect.COLOUR) is EditType.COLOR_ALTER
    assert type_for(Aspect.STYLE) is EditType.STYLE_CHANGE
    assert all(type_for(aspect).traits.changes is aspect for aspect in Aspect)


def test_a_word_is_said_of_one_aspect():
    assert aspect_of("red") is Aspect.COLOUR and aspect_of("watercolor") is Aspect.STYLE
    assert aspect_of("gold") is Aspect.COLOUR, "a colour comes before a material of its name"
    assert {aspect_of(name) for name in MATERIAL_ALIASES} <= {Aspect.COLOUR, Aspect.MATERIAL}
    assert aspect_of("dog") is None
    assert all(aspect_of(word) is not None for words in WORDS.values() for word in words)
