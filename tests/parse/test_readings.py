"""What a word is said of: colours, materials, tones, styles, appearances, actions, settings and controls, each alone."""

from __future__ import annotations

import pytest

import pixwright.parse.rules  # noqa: F401 - registers the nonterminals
from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.tokens import tokenise
from pixwright.records.kind import Aspect
from pixwright.records.vocabulary import WORDS


def read_whole(name, text):
    """The first reading of the whole text by a nonterminal."""
    clause = Clause(tuple(tokenise(text)), text)
    return next((value for end, value in NONTERMINALS[name](clause, 0) if end == len(clause)), None)


READINGS = [
    ("hue", "red", "red"),
    ("hue", "a bright red", "bright red"),
    ("hue", "the color red", "red"),
    ("hue", "in blue", "blue"),
    ("hue", "light blue color", "light blue"),
    ("hue", "dark green", "dark green"),
    ("hue", "a darker red", "dark red"),
    ("hue", "steel blue", "steel blue"),
    ("hue", "#ff8800", "#ff8800"),
    ("hue", "rgb(1, 2, 3)", "rgb(1, 2, 3)"),
    ("hue", "a plaid color", "plaid"),
    ("stuff", "wooden", ("wood", False)),
    ("stuff", "made of solid gold", ("gold", True)),
    ("stuff", "out of glass", ("glass", True)),
    ("stuff", "in marble", ("marble", False)),
    ("stuff", "a brick texture", ("brick", True)),
    ("stuff", "carved from ice", ("ice", True)),
    ("stuff", "of leather", ("leather", True)),
    ("stuff", "metal", ("steel", False)),
    ("stuff", "a stone finish", ("stone", True)),
    ("stuff", "golden", ("gold", False)),
    ("tone", "winter", "winter"),
    ("tone", "a rainy day", "rain"),
    ("tone", "at night", "night"),
    ("tone", "a cozy mood", "cozy"),
    ("tone", "at golden hour", "golden hour"),
    ("tone", "foggy weather", "fog"),
    ("art", "an oil painting", "oil painting"),
    ("art", "watercolor style", "watercolor"),
    ("art", "a painting by van gogh", "van gogh"),
    ("art", "in the style of picasso", "picasso"),
    ("art", "a pencil sketch", "pencil sketch"),
    ("art", "the look of a comic", "comic"),
    ("art", "pixel art", "pixel art"),
    ("finish", "striped", "striped"),
    ("finish", "with polka dots", "polka dot"),
    ("finish", "a checkered pattern", "checkered"),
    ("finish", "covered in snow", "snow covered"),
    ("finish", "very old", "old"),
    ("finish", "covered with moss", "mossy"),
    ("act", "sleep", "lie down"),
    ("act", "jump high", "jump"),
    ("act", "look to the left", "face left"),
    ("act", "eat an apple", "eat an apple"),
    ("act", "wave happily", "wave"),
    ("act", "sit on the chair", "sit on the chair"),
    ("act", "fly away", "fly"),
    ("setting", "a beach", "beach"),
    ("setting", "the mountains", "mountains"),
    ("setting", "a blurry one", "blurred"),
    ("setting", "outer space", "space"),
    ("setting", "a city street", "city street"),
    ("knob", "the brightness", "brightness"),
    ("knob", "color temperature", "warmth"),
    ("knob", "the level of contrast", "contrast"),
    ("knob", "saturation", "saturation"),
    ("graded", "brighter", ("brightness", 1)),
    ("graded", "less saturated", ("saturation", -1)),
    ("graded", "warmer", ("warmth", 1)),
    ("graded", "sharper", ("sharpness", 1)),
    ("graded", "darker", ("brightness", -1)),
    ("graded", "more vivid", ("saturation", 1)),
]


@pytest.mark.parametrize(("name", "text", "wanted"), READINGS)
def test_a_reading_is_the_canonical_word(name, text, wanted):
    assert read_whole(name, text) == wanted


@pytest.mark.parametrize("name", ["hue", "tone", "art", "finish", "act", "setting", "knob", "graded"])
@pytest.mark.parametrize("text", ["flurb", "the dog", "and"])
def test_what_a_list_does_not_hold_is_not_read(name, text):
    assert read_whole(name, text) is None


@pytest.mark.parametrize(
    ("name", "aspect"), [("hue", Aspect.COLOUR), ("art", Aspect.STYLE), ("finish", Aspect.APPEARANCE)]
)
def test_every_canonical_word_reads_as_itself(name, aspect):
    assert {word for word in WORDS[aspect] if read_whole(name, word) != word} == set()


def test_every_material_reads_as_itself_or_the_metal_it_stands_for():
    assert {word for word in WORDS[Aspect.MATERIAL] if (read_whole("stuff", word) or ("",))[0] != word} == set()
