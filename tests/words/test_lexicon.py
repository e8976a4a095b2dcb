"""The noun table: its shape, and what it says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pixwright.words import lexicon
from pixwright.words.colours import canonical, colour_at, rgb
from pixwright.words.inflection import article, plural_of
from pixwright.words.lexicon import CLASSES
from pixwright.words.nearest import names, nearest
from pixwright.words.numbers import number, ordinal, spelled, spelled_ordinal


def test_the_table_is_sorted_and_whole():
    nouns = lexicon().nouns
    assert list(nouns) == sorted(set(nouns)) and len(nouns) > 8000
    for noun in nouns:
        row = lexicon().entry(noun)
        assert row is not None and row.noun == noun
        assert all(0 <= c < CLASSES and 0 < w <= 1 for c, w in row.imagenet), noun
        assert row.size is None or min(row.size) > 0, noun
        assert row.stands in ("", "ground", "table", "air", "water", "wear"), noun


@pytest.mark.parametrize(
    ("noun", "kind"),
    [
        ("gosling", "bird"),
        ("poodle", "animal"),
        ("nurse", "person"),
        ("light bulb", "light"),
        ("glasses", "wearable"),
        ("mill", "building"),
        ("sky", "stuff"),
        ("ear", "part"),
    ],
)
def test_kinds(noun, kind):
    assert kind in lexicon().entry(noun).kinds


@pytest.mark.parametrize(
    ("plural", "one", "many"),
    [
        ("light bulbs", "light bulb", True), ("geese", "goose", True), ("glasses", "glasses", False), ("glass", "glass", False), ("buses", "bus", True),
        ("bus", "bus", False), ("jeans", "jeans", False), ("wolves", "wolf", True), ("sheep", "sheep", False), ("policemen", "policeman", True), ("leaves", "leaf", True),
        ("grass", "grass", False), ("zorbles", "zorble", True), ("lens", "lens", False), ("people", "person", True),
    ],
)  # fmt: skip
def test_number(plural, one, many):
    assert lexicon().singular(plural) == (one, many)


def test_plurals_by_rule():
    assert [plural_of(w) for w in ("fox", "baby", "key", "hot dog", "snowflake")] == [
        "foxes",
        "babies",
        "keys",
        "hot dogs",
        "snowflakes",
    ]
    assert [article(w) for w in ("apple", "unicorn", "hourglass", "old car", "cat")] == ["an", "a", "an", "an", "a"]


def test_no_insults():
    for word in ("nigger", "wop", "dyke", "whore", "cripple"):
        assert lexicon().entry(word) is None


def test_colours():
    assert rgb("#ff8000") == (255, 128, 0) == rgb("rgb(255, 128, 0)") and rgb("#f80") == (255, 136, 0)
    assert rgb("tomato") == (255, 99, 71) and rgb("zebra") is None
    assert canonical("navy blue") == "navy" and canonical("hotpink") == "hot pink"


def test_numbers():
    assert [number(w) for w in ("three", "12", "twenty-one", "cup")] == [3, 12, 21, None]
    assert [ordinal(w) for w in ("second", "3rd", "last", "second-to-last", "cup")] == [2, 3, -1, -2, None]


def test_nearest_asks_the_embedding_and_then_the_head():
    vectors = dict(zip(("fluffball", "night-light"), np.eye(384, dtype=np.float32)[:2]))

    def embed(texts):
        return np.stack([vectors.get(t, np.zeros(384, np.float32)) for t in texts])

    assert nearest("dog", embed) == (lexicon().entry("dog"), 1.0)
    assert nearest("blurry dog", embed, least=2.0) == (lexicon().entry("dog"), 1.0)
    assert nearest("qqqq", embed, least=2.0) is None
    assert len(np.load("src/pixwright/words/vectors.npy")) == len(names())


def test_a_synonym_and_a_plural_find_the_row():
    table = lexicon()
    assert table.entry("sofas") is table.entry("sofa")
    assert table.entry("automobile").coco == ("car",)
    assert table.entry("Hot Dogs").noun == "hot dog"
    assert table.entry("zzyzx") is None


def test_a_compound_without_a_row_means_its_last_word():
    assert lexicon().entry("bamboo armchair") is None
    assert lexicon().look("bamboo armchair").noun == "armchair"
    assert lexicon().look("zzyzx qqq") is None


def test_what_the_networks_call_a_thing():
    table = lexicon()
    assert len(table.entry("dog").imagenet) == 118 and table.entry("dog").exact
    assert table.entry("poodle").coco == ("dog",)
    assert "cat" in table.entry("lion").alike
    assert not table.entry("larva").exact
    assert table.entry("pepper").imagenet == table.entry("bell pepper").imagenet and table.entry("pepper").exact
    assert dict(table.entry("computer mouse").imagenet).items() <= dict(table.entry("mouse").imagenet).items()
    assert table.entry("nurse").imagenet == table.entry("person").imagenet


def test_sizes_stands_and_what_is_worn():
    table = lexicon()
    assert table.entry("cup").size == (0.09, 0.11)
    assert table.entry("kite").stands == "air"
    assert (table.entry("hat").worn, table.entry("necklace").worn) == ("head", "neck")


def test_kinds_can_be_listed():
    birds = lexicon().of_kind("bird")
    assert "gosling" in birds and "dog" not in birds and list(birds) == sorted(birds)
    assert lexicon().is_("red sofa", "furniture") and not lexicon().is_("zzyzx", "furniture")


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("hot dog", "hot dogs"), ("goose", "geese"), ("jeans", "jeans"), ("sheep", "sheep"), ("garden knife", "garden knives"), ("zorble", "zorbles"),
        ("bread", "bread"), ("bus", "buses"),
    ],
)  # fmt: skip
def test_the_plural_of_a_noun(noun, plural):
    assert lexicon().plural(noun) == plural == lexicon().counted(noun, True) and lexicon().counted(noun, False) == noun


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["red", "car"], 1), (["dark", "red", "car"], 2), (["navy", "blue", "car"], 2), (["car"], 0), (["salmon", "dish"], 0), (["#ff0000", "car"], 1),
        (["hot", "pink", "car"], 2), (["light", "bulb"], 0),
    ],
)  # fmt: skip
def test_how_many_words_are_one_colour(words, taken):
    assert colour_at(words, 0) == taken


def test_numbers_are_spelt():
    assert [spelled(n) for n in (0, 3, 12, 13)] == ["zero", "three", "twelve", "13"]
    assert [spelled_ordinal(n) for n in (1, 3, -1)] == ["first", "third", "last"]


@pytest.mark.parametrize("noun", ["monitor", "printer", "ruler", "phone", "stairs", "picture frame"])
def test_a_device_is_no_person(noun):
    row = lexicon().look(lexicon().singular(noun)[0])
    assert row is not None and not row.is_("person", "animal")


@pytest.mark.parametrize(
    ("noun", "stuff", "part", "worn"),
    [("palm tree", "foliage", "", ""), ("waterfall", "water", "", ""), ("ponytail", "", "hair", ""), ("top", "", "", "upper"), ("fern", "foliage", "", "")],
)  # fmt: skip
def test_everyday_nouns_are_looked_for_where_they_are(noun, stuff, part, worn):
    row = lexicon().entry(noun)
    assert row is not None and (row.stuff, row.part, row.worn) == (stuff, part, worn)


def test_no_class_stands_for_hundreds_of_nouns():
    """A far ancestor in WordNet says nothing: toilet tissue once stood for 376 nouns, from faeces to oak."""
    only = Counter(
        row.imagenet[0][0] for row in map(lexicon().entry, lexicon().nouns) if row and not row.exact and len(row.imagenet) == 1
    )  # fmt: skip
    assert max(only.values()) < 30
