"""Tokens and the repair of misspellings."""

from __future__ import annotations

import pytest

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.spelling import edits, nearest, repair
from pixwright.parse.tokens import normalise, tokenise


def words(text, names=()):
    return [(token.kind, token.text) for token in tokenise(text, names)]


def test_units_numbers_and_contractions_are_spelt_one_way():
    assert [
        t for _, t in words("It's 30% / 45° and 100px, 1,000")
    ] == "it is 30 percent 45 degrees and 100 pixels , 1000".split()
    assert [t for _, t in words("the man's hat")] == ["the", "man", "'s", "hat"]


def test_quoted_text_is_kept_letter_for_letter():
    assert ("quote", "SaLe teh Café") in words("write “SaLe teh Café” here")
    assert ("quote", "it's") in words('say "it\'s"')


def test_notation_finds_its_number():
    assert [
        t
        for k, t in words("put [image:b.png] on [audio:c.mp3], [image:b.png]", ("a.png", "x/b.png", "c.mp3"))
        if k == "ref"
    ] == ["2", "3", "2"]
    assert [t for k, t in words("put [image:new] by [image:other]") if k == "ref"] == ["1", "2"]
    assert ("ref", "1") not in words("make picture 1.5 times brighter")


def test_invisible_and_pictorial_characters_vanish():
    assert normalise("re\u200bmove\u202e the 🐈 ｃａｔ\x00") == "remove the cat"
    assert normalise("a\r\n\nb") == "a\nb"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("remvoe", "remove"), ("chagne", "change"), ("bakground", "background"), ("purpel", "purple"), ("yelow", "yellow"), ("brigther", "brighter"), ("colud", "could"), ("umbrela", "umbrella")],
)  # fmt: skip
def test_misspelt_words_of_the_grammar(wrong, right):
    assert nearest(wrong) == right


@pytest.mark.parametrize(
    "word", ["tape", "cape", "sled", "pikachu", "blorp", "maze", "bread", "wafer", "glass", "hose", "clown"]
)
def test_other_words_stay_as_they_are(word):
    assert [t.text for t in repair(tokenise(f"remove the {word}"))][-1] == word


def test_quotes_are_never_repaired():
    assert repair(tokenise('"remvoe"'))[0].text == "remvoe"


def test_every_known_word_is_left_alone():
    for word in sorted(LEXICON.known)[::7]:
        assert [t.text for t in repair(tokenise(word))][:1] == [t.text for t in tokenise(word)][:1]


def test_edits_counts_exchanged_neighbours_once():
    assert edits("remvoe", "remove", 2) == 1
    assert edits("cat", "dog", 2) == 3
    assert edits("", "abc", 2) == 3
