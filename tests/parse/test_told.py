"""What a statement tells of, what stands behind a comma, what is said for contrast, and what is no situation to think of."""

from __future__ import annotations

import pytest

from pixwright import plan
from pixwright.errors import UnclearInstruction
from pixwright.parse.chat.contrast import liked, uncontrasted
from pixwright.parse.clauses.asides import may_borrow, one_of, qualities
from pixwright.parse.clauses.topics import Statement
from pixwright.parse.tokens import spell_out, tokenise
from pixwright.parse.unread import asks


@pytest.mark.parametrize(
    ("said", "command", "meant", "subject"),
    [
        ("my husband left his socks on the sofa", "remove them", "his socks on the sofa", False),
        ("the sofa is old", "replace it with a bench", "sofa", True),
        ("grass is brown", "make it green", "grass", True),
        ("the dog ran past the bin", "make him jump", "dog", False),
        ("there is a dog behind her on the left", "remove it", "dog behind her on the left", False),
        (
            "there is a man walking behind us in the background",
            "erase him",
            "man walking behind us in the background",
            False,
        ),
    ],
)
def test_a_statement_tells_what_the_pronoun_means(said, command, meant, subject):
    found = Statement(tuple(tokenise(said)), said, command=False).meant_by(tokenise(command))
    assert found is not None and str(found[0].targets[-1]) == meant and found[1] is subject


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("the cake came with a candle", "remove them"),
        ("she left a cup and a plate on the table", "remove it"),
        ("the wall is dull", "remove the cat"),
    ],
)
def test_what_agrees_with_nothing_or_two_things_is_left_open(said, command):
    assert Statement(tuple(tokenise(said)), said, command=False).meant_by(tokenise(command)) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("yellow ones", (["yellow"], [])),
        ("the ones in front", ([], ["in", "front"])),
        ("enlarge the right one", None),
        ("the green ones yellow", None),
        ("another one", None),
    ],
)
def test_one_and_ones_say_more_of_what_was_named(words, found):
    assert one_of(words.split()) == found


@pytest.mark.parametrize(
    ("words", "so"), [("small", True), ("short and neat", True), ("the saucer", False), ("transparent cup", False)]
)
def test_adjectives_alone_are_qualities(words, so):
    assert qualities(words.split()) is so


@pytest.mark.parametrize(
    ("piece", "may"),
    [
        ("the saucer blue", True),
        ("for a passport", False),
        ("looking over the wall", False),
        ("i want the sky", False),
        ("at least double", False),
    ],
)
def test_what_may_take_its_verb_from_the_clause_before(piece, may):
    assert may_borrow(tokenise(piece), tokenise("make the cup red")) is may


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("the frame in brass rather than black", "the frame in brass"),
        ("leather jacket instead of denim", "make the jacket leather"),
        ("make it a kitten instead of a rabbit", "make it a kitten instead of a rabbit"),
        ("wood floor instead of carpet", "wood floor instead of carpet"),
    ],
)
def test_an_old_look_is_only_contrast(said, left):
    assert spell_out(uncontrasted(tokenise(said))) == left


def test_a_liking_asks_for_what_follows_the_but():
    assert spell_out(liked(tokenise("i like the hat but in navy"))) == "make the hat navy"


@pytest.mark.parametrize(
    ("said", "so"),
    [
        ("i'd like the chairs in walnut", True),
        ("the sky looks fake, make it natural", True),
        ("terracotta for the walls", True),
        ("she is going to a wedding", False),
        ("early spring on the canals", False),
        ("looks like an old scan, can you fix it", False),
    ],
)
def test_who_says_outright_what_is_wanted_asks(said, so):
    assert asks(said) is so


@pytest.mark.parametrize(
    "said",
    ["no reflections of me in the oven door", "book a table for two"],
)
def test_what_would_ruin_the_picture_is_rather_not_understood(said):
    with pytest.raises(UnclearInstruction):
        plan(said)


@pytest.mark.parametrize(
    "words, now",
    [
        ("make the sign dark green instead of blue", ("blue",)),
        ("change the shirt from light gray to red", ("light gray",)),
        ("the car should be yellow, not red", ("red",)),
        ("make the old door white rather than brown", ("brown",)),
        ("make the door white", ()),
        ("make the blue door white instead of green", ("blue",)),
    ],
)
def test_the_colour_that_a_thing_shall_not_have_is_what_it_is_called_by(words, now):
    assert plan(words).steps[0].target.colours == now
