"""How much: numbers, units, words of degree and sizes, alone and in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pixwright.parse.rules  # noqa: F401 - registers the nonterminals
from pixwright.parse.amounts import UNSTATED, signed, strength
from pixwright.parse.grammar import NONTERMINALS, Clause
from pixwright.parse.rules import parse_rules
from pixwright.parse.tokens import tokenise
from pixwright.records.plan import Amount, Unit


def read_whole(name, text):
    """The first reading of the whole text by a nonterminal."""
    clause = Clause(tuple(tokenise(text)), text)
    return next((value for end, value in NONTERMINALS[name](clause, 0) if end == len(clause)), None)


AMOUNTS = [
    ("count", "seven", 7.0),
    ("count", "forty five", 45.0),
    ("count", "one and a half", 1.5),
    ("count", "a dozen", 12.0),
    ("count", "half a dozen", 6.0),
    ("count", "two hundred", 200.0),
    ("count", "12", 12.0),
    ("count", "3.5", 3.5),
    ("count", "zero", 0.0),
    ("measure", "30%", "30 percent"),
    ("measure", "by 30 percent", "30 percent"),
    ("measure", "by about 20 degrees", "20 degrees"),
    ("measure", "twice", "2 factor"),
    ("measure", "double", "2 factor"),
    ("measure", "a third", "33.3333 percent"),
    ("measure", "three quarters", "75 percent"),
    ("measure", "by half", "50 percent"),
    ("measure", "two thirds", "66.6667 percent"),
    ("measure", "a quarter turn", "90 degrees"),
    ("measure", "half a turn", "180 degrees"),
    ("measure", "a full turn", "360 degrees"),
    ("measure", "a right angle", "90 degrees"),
    ("measure", "200px", "200 pixels"),
    ("measure", "5x", "5 factor"),
    ("measure", "by a factor of 3", "3 factor"),
    ("measure", "a factor of two", "2 factor"),
    ("measure", "ten fold", "10 factor"),
    ("amount", "slightly", "0.3 strength"),
    ("amount", "a bit", "0.3 strength"),
    ("amount", "a lot", "0.9 strength"),
    ("amount", "very", "0.9 strength"),
    ("amount", "by a little", "0.3 strength"),
    ("amount", "a tiny bit", "0.3 strength"),
    ("amount", "completely", "0.9 strength"),
    ("amount", "30%", "30 percent"),
    ("amount", "somewhat", "0.3 strength"),
    ("size", "bigger", "0.6 strength"),
    ("size", "much bigger", "0.9 strength"),
    ("size", "twice as large", "2 factor"),
    ("size", "three times as big as before", "3 factor"),
    ("size", "half its size", "0.5 factor"),
    ("size", "half the original size", "0.5 factor"),
    ("size", "50% smaller", "-50 percent"),
    ("size", "two times smaller", "0.5 factor"),
    ("size", "a third of its size", "0.3333 factor"),
    ("size", "to 80% of its size", "0.8 factor"),
    ("size", "slightly smaller", "-0.3 strength"),
    ("size", "much larger in size", "0.9 strength"),
    ("size", "twice as small", "0.5 factor"),
    ("size", "double the height", "2 factor"),
]


@pytest.mark.parametrize(("name", "text", "wanted"), AMOUNTS)
def test_an_amount_alone(name, text, wanted):
    found = read_whole(name, text)
    assert (f"{found.value:g} {found.unit}" if isinstance(found, Amount) else found) == wanted


@pytest.mark.parametrize("text", ["10000000%", "percent", "by", "a factor of", "thirty", "half a"])
def test_what_is_no_measure(text):
    assert not isinstance(read_whole("measure", text), Amount)


SENTENCES = {
    "make the photo 10% brighter": "tone_transfer - > brightness 10 percent",
    "make the photo brighter by 10 percent": "tone_transfer - > brightness 10 percent",
    "make the photo slightly brighter": "tone_transfer - > brightness 0.3 strength",
    "make the photo a bit brighter": "tone_transfer - > brightness 0.3 strength",
    "make the photo much brighter": "tone_transfer - > brightness 0.9 strength",
    "increase the contrast by 40%": "tone_transfer - > contrast 40 percent",
    "decrease the saturation by a third": "tone_transfer - > saturation -33.3333 percent",
    "reduce the sharpness by half": "tone_transfer - > sharpness -50 percent",
    "lower the exposure a little": "tone_transfer - > exposure -0.3 strength",
    "raise the shadows by 20%": "tone_transfer - > shadows 20 percent",
    "make the drum three times bigger": "resize drum 3 factor",
    "make the drum half as big": "resize drum 0.5 factor",
    "make the drum twice as small": "resize drum 0.5 factor",
    "make the drum 50% smaller": "resize drum 0.5 factor",
    "make the drum a quarter of its size": "resize drum 0.25 factor",
    "scale the drum by a factor of 1.5": "resize drum 1.5 factor",
    "scale the drum to 80%": "resize drum 0.8 factor",
    "double the size of the drum": "resize drum 2 factor",
    "triple the drum": "resize drum 3 factor",
    "shrink the drum by 30%": "resize drum 0.7 factor",
    "rotate the kite 45 degrees clockwise": "rotation_change kite 45 degrees",
    "rotate the kite 45 degrees counterclockwise": "rotation_change kite -45 degrees",
    "rotate the kite by a quarter turn": "rotation_change kite 90 degrees",
    "turn the kite upside down": "rotation_change kite 180 degrees",
    "rotate the picture by 90 degrees to the left": "rotation_change - -90 degrees",
    "rotate the kite by forty five degrees": "rotation_change kite 45 degrees",
    "move the boat 120 pixels up": "movement boat @top 120 pixels",
    "move the boat a little to the left": "movement boat @left 0.3 strength",
    "move the boat 15% down": "movement boat @bottom 15 percent",
    "move the boat by half of the picture to the right": "movement boat @right 50 percent",
    "add three balloons": "add - > balloons #3",
    "there should be five boats": "counting boats #5",
    "remove two of the candles": "counting candles -2 items",
    "one less chair": "counting chair -1 items",
    "two more lemons": "counting lemons 2 items",
    "keep only one of the boats": "counting boats #1",
    "extend the picture by 25% on the right": "outpaint - @right 25 percent",
    "extend the picture upwards by 200 pixels": "outpaint - @top 200 pixels",
    "crop the left third": "resize - > crop @left 0.3333 factor",
    "crop 20% off the bottom": "resize - > crop @top 0.8 factor",
    "zoom in by 2x": "resize - > zoom in 2 factor",
    "zoom out": "resize - > zoom out",
    "zoom in on the bride": "resize bride > zoom in",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_an_amount_in_a_sentence(text, said):
    assert said(text) == [SENTENCES[text]]


@given(st.integers(1, 99), st.sampled_from(["brighter", "darker", "warmer", "sharper"]))
def test_percent_keeps_its_number_and_takes_the_sign_of_the_word(number, word):
    amount = parse_rules(f"make the photo {number}% {word}").steps[0].amount
    assert (abs(amount.value), amount.unit) == (number, Unit.PERCENT)
    assert (amount.value < 0) == (word == "darker")


@given(st.floats(0.01, 100).map(lambda x: round(x, 2)))
def test_a_factor_and_its_inverse(factor):
    bigger = parse_rules(f"make the drum {factor:.2f} times bigger").steps[0].amount
    smaller = parse_rules(f"make the drum {factor:.2f} times smaller").steps[0].amount
    assert bigger.unit is smaller.unit is Unit.FACTOR
    assert bigger.value * smaller.value == pytest.approx(1, rel=0.02)


@given(st.integers(1, 359))
def test_degrees_turn_clockwise_unless_told(degrees):
    def turned(words):
        amount = parse_rules(f"rotate the kite {words}").steps[0].amount
        return amount.value, amount.unit

    assert turned(f"by {degrees} degrees") == turned(f"{degrees}° clockwise") == (degrees, Unit.DEGREES)
    assert turned(f"{degrees} degrees counterclockwise") == (-degrees, Unit.DEGREES)


def test_the_sign_is_that_of_the_change():
    assert signed(None, -1) == Amount(value=-UNSTATED.value, unit=Unit.STRENGTH)
    assert signed(Amount(value=-30, unit=Unit.PERCENT), 1).value == 30
    assert strength("0.3") == Amount(value=0.3, unit=Unit.STRENGTH)


def test_minus_in_words(said):
    assert said("rotate the kite by minus thirty degrees") == ["rotation_change kite -30 degrees"]


@pytest.mark.parametrize(("text", "count"), [("add a dozen balloons", 12), ("add half a dozen eggs to the bowl", 6)])
def test_a_dozen_counts(text, count):
    assert parse_rules(text).steps[0].count == count
