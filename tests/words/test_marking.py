"""Nouns for what is on a surface, and for what is thin."""

from __future__ import annotations

import pytest

from pixwright.words import read
from pixwright.words.marking import (
    all_of_it,
    flies,
    goes_with_retouching,
    is_drawn_over,
    is_mark,
    is_skin,
    is_speck,
    is_thin,
    is_upright,
    of_skin,
)


@pytest.mark.parametrize("phrase", ["the tattoo on her arm", "stains on the carpet", "the rip in the jeans", "the writing on her shirt", "graffiti on the wall"])  # fmt: skip
def test_marks(phrase):
    assert is_mark(read(phrase))


@pytest.mark.parametrize("phrase", ["the dog", "the cup on the table", "the red car"])
def test_things_are_no_marks(phrase):
    thing = read(phrase)
    assert not (is_mark(thing) or is_thin(thing) or is_drawn_over(thing) or is_skin(thing))


def test_kinds_of_marks():
    assert is_speck(read("the mole on her cheek")) and not is_speck(read("the logo on the cap"))
    assert of_skin(read("her freckles")) and not of_skin(read("the stain on the shirt"))
    assert goes_with_retouching(read("the pimples")) and not goes_with_retouching(read("the tattoo"))
    assert all_of_it(read("the stains on the carpet")) and not all_of_it(read("the stain on the carpet"))
    assert all_of_it(read("the graffiti on the wall")) and all_of_it(read("the lettering on the van"))


def test_lines_on_the_picture_and_in_it():
    assert is_drawn_over(read("blue lines drawn on the photo"))
    assert not is_drawn_over(read("the red box on the table"))
    assert is_thin(read("the wires")) and not is_upright(read("the wires")) and is_upright(read("the pole"))


@pytest.mark.parametrize("phrase, so", [("all birds", True), ("the kite", True), ("the clouds", False), ("the cat", False)])  # fmt: skip
def test_what_flies(phrase, so):
    assert flies(read(phrase)) is so


@pytest.mark.parametrize("phrase, so", [("his skin", True), ("her skin tone", True), ("the face", True), ("the sheepskin rug", False)])  # fmt: skip
def test_skin(phrase, so):
    assert is_skin(read(phrase)) is so
