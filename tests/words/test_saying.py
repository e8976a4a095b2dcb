"""Noun phrases as one says them."""

from __future__ import annotations

import pytest

from pixwright.words.saying import article, counted, is_plural, plural


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("cat", "a cat"), ("old car", "an old car"), ("hourglass", "an hourglass"), ("unicorn", "a unicorn"), ("umbrella", "an umbrella"),
        ("ukulele", "a ukulele"), ("grapes", "grapes"), ("bread", "some bread"), ("glass of milk", "a glass of milk"), ("bus", "a bus"),
        ("wine glass", "a wine glass"), ("sunglasses", "sunglasses"), ("red car", "a red car"), ("ear of rice", "an ear of rice"),
        ("one-way sign", "a one-way sign"), ("uniformed man", "a uniformed man"), ("unused stamp", "an unused stamp"),
    ],
)  # fmt: skip
def test_articles(noun: str, said: str) -> None:
    assert article(noun) == said


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("red car", "red cars"), ("cherry", "cherries"), ("toy", "toys"), ("box", "boxes"), ("mouse", "mice"), ("polar bear", "polar bears"),
        ("sheep", "sheep"), ("glass of milk", "glasses of milk"), ("person", "people"), ("wolf", "wolves"), ("snowman", "snowmen"), ("bus", "buses"),
        ("grapes", "grapes"), ("potato", "potatoes"),
    ],
)  # fmt: skip
def test_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many


def test_counts() -> None:
    assert [counted("cat", n) for n in (1, 2, 13)] == ["a cat", "two cats", "13 cats"]
    assert counted("bread", 2) == "two pieces of bread"
    assert is_plural("red grapes") and not is_plural("cactus")


@pytest.mark.parametrize(
    ("noun", "many"), [("couch and lamp", "couches and lamps"), ("umbrella with rain", "umbrellas with rain")]
)
def test_plurals_of_what_has_two_parts(noun: str, many: str) -> None:
    assert plural(noun) == many
