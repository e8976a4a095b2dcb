"""What else a phrase may mean, where what was found first was not it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from ground_looks import block, planted

from pixwright.ground import grounder
from pixwright.ground.grounder import ground_other
from pixwright.ground.instance import Sight
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words import read

SIDE = 512
TWO = (block(0, 0, 200, SIDE, 0.9, (SIDE, SIDE)), block(300, 0, SIDE, SIDE, 0.8, (SIDE, SIDE)))


def other(monkeypatch, phrase, taken, bright=None, found=TWO):
    """`taken`: the columns of the first region. `bright`: the columns that stand out."""
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    if bright:
        picture[:, slice(*bright)] = 255
    scene = planted(picture)
    monkeypatch.setattr(grounder, "_candidates", lambda *_: Sight(tuple(found), 0.9))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[:, slice(*taken)] = 255
    first = Region(mask, ((taken[0], 0, taken[1], SIDE),), 0.8, phrase)
    step = Step(type=EditType.REMOVE, instruction="", target=read(phrase))
    return ground_other(scene, step, first)


def test_the_next_candidate(monkeypatch):
    region = other(monkeypatch, "the dog", (0, 200))
    assert region.found and abs(region.boxes[0][0] - 300) <= 9


def test_all_that_stands_out_where_a_piece_was_taken(monkeypatch):
    region = other(monkeypatch, "the dog", (0, 100), bright=(0, 250))
    assert region.boxes[0][0] == 0 and abs(region.boxes[0][2] - 250) <= 9


def test_where_there_was_one_there_is_no_other(monkeypatch):
    assert not other(monkeypatch, "the dog", (0, 200), found=TWO[:1]).found


@pytest.mark.parametrize(
    "phrase",
    ["the dogs", "the dog's ear", "the second dog from the left", "the dog and the cat", "the grass", "the right dog"],
)
def test_some_phrases_have_no_second_reading(monkeypatch, phrase):
    assert not other(monkeypatch, phrase, (0, 200)).found


def test_the_users_place_is_the_place():
    mine = Region(np.full((8, 8), 255, np.uint8), ((0, 0, 8, 8),), 1.0, "", "user")
    step = Step(type=EditType.REMOVE, instruction="", target=read("the dog"))
    assert not ground_other(SimpleNamespace(picture=np.zeros((8, 8, 3), np.uint8)), step, mine).found
