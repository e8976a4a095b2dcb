"""Noun phrases as the grammar reads them: where they end, what they join, how many they count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixwright.parse.nouns import Reader
from pixwright.parse.tokens import tokenise

WORDS = "the a two red old cup dog of and with on 's it his all left second man hat picture , no 3".split()


def whole(text):
    """The noun phrase that takes all of the text, or None."""
    tokens = tuple(tokenise(text))
    return next((noun for end, noun in Reader(tokens).ends(0, "list") if end == len(tokens)), None)


@pytest.mark.parametrize(
    ("text", "bare", "head"),
    [
        ("the red cup", "red cup", "cup"),
        ("two dogs", "two dogs", "dogs"),
        ("the man with the hat", "man with the hat", "man"),
        ("his left hand", "his left hand", "hand"),
        ("the second cup from the left", "second cup from the left", "cup"),
        ("a glass of milk", "glass of milk", "glass"),
        ("the dog's ear", "dog's ear", "ear"),
        ("the house on the hill", "house on the hill", "house"),
        ("a pair of shoes", "pair of shoes", "pair"),
        ("the hot dog stand", "hot dog stand", "stand"),
        ("the ones in the back", "ones in the back", "ones"),
        ("both lamps", "both lamps", "lamps"),
    ],
)
def test_a_phrase_without_its_article_and_its_head(text, bare, head):
    noun = whole(text)
    assert (noun.text, noun.bare, noun.head) == (text, bare, head)


def test_a_participle_is_no_end():
    assert whole("the running child").head == "child"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("the cat and the dog", ["the cat", "the dog"]),
        ("the fork, the knife and the spoon", ["the fork", "the knife", "the spoon"]),
        ("the fork, the knife, and the spoon", ["the fork", "the knife", "the spoon"]),
        ("the red and the blue kite", ["the red kite", "the blue kite"]),
        ("a cup", ["a cup"]),
    ],
)
def test_a_list_is_told_apart(text, parts):
    assert [part.text for part in whole(text).parts] == parts


@pytest.mark.parametrize(
    ("text", "definite", "indefinite", "whole_picture", "pronoun"),
    [
        ("the cup", True, False, False, None),
        ("this cup", True, False, False, None),
        ("a cup", False, True, False, None),
        ("two cups", False, True, False, None),
        ("it", True, False, False, "it"),
        ("the picture", True, False, True, None),
        ("everything", False, False, True, None),
    ],
)
def test_how_a_phrase_is_meant(text, definite, indefinite, whole_picture, pronoun):
    noun = whole(text)
    assert (noun.definite, noun.indefinite, noun.whole, noun.pronoun) == (
        definite,
        indefinite,
        whole_picture,
        pronoun,
    )


@pytest.mark.parametrize(
    ("text", "count", "uncounted"),
    [("two dogs", 2, "dogs"), ("3 cups", 3, "cups"), ("seven old chairs", 7, "old chairs"), ("the dogs", None, "dogs")],
)
def test_how_many(text, count, uncounted):
    assert (whole(text).count, whole(text).uncounted) == (count, uncounted)


@pytest.mark.parametrize("text", ["the", "and", "of milk", "the cup and", "with the hat", ","])
def test_what_is_no_phrase(text):
    assert whole(text) is None


def test_half_a_dozen_is_a_phrase():
    assert whole("half a dozen eggs") is not None


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=10), st.integers(0, 9))
def test_every_end_lies_in_the_text_and_every_phrase_has_words(words, start):
    tokens = tuple(tokenise(" ".join(words)))
    if start < len(tokens):
        for kind in ("list", "phrase", "simple"):
            ends = Reader(tokens).ends(start, kind)
            assert [end for end, _ in ends] == sorted({end for end, _ in ends}, reverse=True)
            assert all(start < end <= len(tokens) and noun.words for end, noun in ends)
