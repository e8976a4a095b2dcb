"""Words that refer to what was said before: each is read as a kind of move, whatever the things are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules
from pixwright.parse.turns import edits
from pixwright.parse.turns.moves import Again, Another, Dose, Fresh, GoTo, Instead, Redo, Undo
from pixwright.parse.turns.reading import Past, read_turn
from pixwright.records.plan import Unit
from pixwright.records.result import Control


def past(*turns, names=()):
    before = ()
    done = []
    for words in turns:
        done.append(parse_rules(words, (), before).steps)
        before += done[-1]
    return Past(tuple(done), names)


CAR = past("make the left car red")


@pytest.mark.parametrize(
    ("words", "move"),
    [
        ("undo", Undo(1)),
        ("undo that", Undo(1)),
        ("please undo the last one", Undo(1)),
        ("take that back", Undo(1)),
        ("remove the last edit", Undo(1)),
        ("go back", Undo(1)),
        ("undo the last two changes", Undo(2)),
        ("go back three steps", Undo(3)),
        ("undo twice", Undo(2)),
        ("undo everything", Undo(None)),
        ("start over", Undo(None)),
        ("reset", Undo(None)),
        ("i liked the previous one better", Undo(1)),
        ("redo", Redo(1)),
        ("redo two steps", Redo(2)),
        ("undo the undo", Redo(1)),
        ("go back to the original", GoTo(0)),
        ("restore the original picture", GoTo(0)),
        ("go back to the first", GoTo(1)),
        ("use the second version", GoTo(2)),
        ("go to version 4", GoTo(4)),
        ("back to the latest version", GoTo(-1)),
        ('go back to "pink evening"', GoTo(name="pink evening")),
        ("again", Again()),
        ("another one", Again()),
        ("do it once more", Again()),
        ("try again", Another()),
        ("give me another version", Another()),
        ("do it differently", Another()),
        ("more", Dose(1.5)),
        ("a bit more", Dose(1.3)),
        ("much stronger", Dose(1.9)),
        ("20% more", Dose(1.2)),
        ("not enough", Dose(1.5)),
        ("twice as much", Dose(2.0)),
        ("half as much", Dose(0.5)),
    ],
)
def test_a_move_is_read(words, move):
    assert read_turn(words, CAR) == (move,)


@pytest.mark.parametrize(
    "words", ["less", "too much", "a little less", "tone it down", "way too strong", "not so much"]
)
def test_less_is_weaker(words):
    (move,) = read_turn(words, CAR)
    assert isinstance(move, Dose) and 0.4 < move.factor < 1


@pytest.mark.parametrize(
    "words",
    [
        "do the same to the cat",
        "same for the cat",
        "the cat too",
        "and the cat",
        "now the cat as well",
        "apply that to the cat",
    ],
)
def test_the_last_edit_goes_to_another_thing(words):
    (move,) = read_turn(words, CAR)
    assert isinstance(move, Again) and str(move.target) == "cat"
    (step,) = edits.once_more(CAR.last, move.target).steps
    assert (step.type, str(step.target), step.value) == ("color_alter", "cat", "red")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("make the other one blue", "make the other car blue"),
        ("make the left one blue", "make the left car blue"),
        ("make the other blue", "make the other car blue"),
        ("remove the one on the right", "remove the car on the right"),
        ("make the two big ones blue", "make the two big ones blue"),
        ("add another one", "add another car"),
        ("remove one of the birds", "remove one of the birds"),
        ("even darker", "darker"),
        ("make it even bigger", "make it bigger"),
        ("make the sky pink", "make the sky pink"),
    ],
)
def test_one_stands_for_what_was_spoken_of(words, meant):
    assert read_turn(words, CAR) == (Fresh(meant),)


def test_without_a_past_words_are_what_they_are():
    assert read_turn("make the left one blue", Past()) == (Fresh("make the left one blue"),)
    assert read_turn("actually make the sky pink", Past()) == (Fresh("actually make the sky pink"),)
    assert read_turn("", Past()) == (Fresh(""),)


def test_an_undo_may_be_followed_by_an_edit():
    assert read_turn("undo that and make it yellow", CAR) == (Undo(1), Fresh("make it yellow"))
    assert read_turn("go back to the original, then make the sky pink", CAR) == (GoTo(0), Fresh("make the sky pink"))


def test_an_edit_of_a_thing_is_taken_back_by_its_name():
    both = past("make the car red", "make the sky pink")
    (move,) = read_turn("undo the car", both)
    assert isinstance(move, Undo) and move.thing.head == "car"
    (move,) = read_turn("bring the dog back", past("remove the dog"))
    assert isinstance(move, Undo) and move.thing.head == "dog"
    assert isinstance(read_turn("bring the dog back", both)[0], Fresh)


def test_a_version_is_called_by_its_name():
    named = past("make the car red", names=("Pink Evening",))
    assert read_turn("go back to pink evening", named) == (GoTo(name="Pink Evening"),)
    assert isinstance(read_turn("go back to green morning", named)[0], Fresh)


@pytest.mark.parametrize(
    ("before", "words", "kind", "target", "value"),
    [
        ("make the car red", "actually blue", "color_alter", "car", "blue"),
        ("make the car red", "no, make it green", "color_alter", "car", "green"),
        ("make the car red", "make the sky pink instead", "color_alter", "sky", "pink"),
        ("make the left cup red", "the other one", "color_alter", "other cup", "red"),
        ("make the left cup red", "no, the one in the back", "color_alter", "cup in the back", "red"),
        ("replace the dog with a cat", "no, a horse", "replace", "dog", "horse"),
        ("replace the dog with a cat", "i meant the horse", "replace", "horse", "cat"),
        ("make the table out of marble", "rather wood", "material_change", "table", "wood"),
        ("turn it into a watercolor", "no, an oil painting", "style_change", "None", "oil painting"),
        ("make it winter", "autumn instead", "tone_transfer", "None", "autumn"),
        ("move the cup to the right", "no, to the left", "movement", "cup", "None"),
        ("make the cup smaller", "no, bigger", "resize", "cup", "None"),
    ],
)
def test_something_stands_in_place_of_the_last_edit(before, words, kind, target, value):
    (move,) = read_turn(words, past(before))
    assert isinstance(move, Instead)
    anew = edits.instead(move.words, past(before), move.sure)
    assert anew is not None and anew.before
    (step,) = anew.steps
    assert (step.type, str(step.target), str(step.value)) == (kind, target, value)


def test_an_unsure_word_before_another_edit_takes_nothing_back():
    (move,) = read_turn("actually remove the dog", CAR)
    assert isinstance(move, Instead) and edits.instead(move.words, CAR, move.sure) is None
    assert isinstance(read_turn("actually, make the sky pink too", CAR)[0], Fresh)
    (move,) = read_turn("no, remove the dog", CAR)
    assert edits.instead(move.words, CAR, move.sure).steps[0].type == "remove"


def test_it_is_what_was_edited_before():
    before = past("make the car red").steps
    assert str(parse_rules("now make it darker", (), before).steps[0].target) == "car"
    assert parse_rules("now make it darker", (), past("remove the car").steps).steps[0].target is None
    assert parse_rules("make the picture darker", (), before).steps[0].target is None
    assert str(parse_rules("make him bigger", (), past("put a hat on the man").steps).steps[0].target) == "man"


def test_a_comparative_alone_is_about_the_same_thing():
    last = past("make the car darker").last
    assert str(edits.alike(parse_rules("darker").steps, last, "darker")[0].target) == "car"
    assert edits.alike(parse_rules("warmer").steps, last, "warmer")[0].target is None
    whole = "make the picture darker"
    assert edits.alike(parse_rules(whole).steps, last, whole)[0].target is None


def test_amounts_grow_and_shrink_in_their_own_unit():
    def amount(words, factor):
        (step,) = edits.stronger(past(words).last, factor, ()).steps
        return step.amount.value, step.amount.unit

    assert amount("make it slightly darker", 1.5) == (-0.45, Unit.STRENGTH)
    assert amount("rotate the cup by 20 degrees", 0.5) == (10.0, Unit.DEGREES)
    assert amount("make the cup three times as large", 2.0) == (9.0, Unit.FACTOR)
    assert amount("make the cup half as large", 2.0) == (0.25, Unit.FACTOR)


def test_what_is_full_is_done_a_little_more_on_top():
    full = past("make it slightly darker")
    full = Past((edits.stronger(full.last, 10, ()).steps,))
    assert full.last[0].amount.value == -1
    anew = edits.stronger(full.last, 1.3, ())
    assert not anew.before and anew.steps[0].amount.value == pytest.approx(-0.3)


def test_without_an_amount_the_controls_are_moved_within_their_range():
    night = past("make it night").last
    exposure = Control(name="exposure", value=-0.8, low=-1, high=1, why="night")
    rest = Control(name="grain", value=0, low=0, high=1, why="none")
    anew = edits.stronger(night, 1.5, ((exposure, rest),))
    assert anew.controls == {"1.exposure": -1} and anew.before
    with pytest.raises(UnclearInstruction, match="no more and no less"):
        edits.stronger(past("remove the car").last, 1.5, ((),))


def test_what_is_not_done_to_a_thing_cannot_go_to_another():
    with pytest.raises(UnclearInstruction, match="not done to one thing"):
        edits.once_more(past("change the background to a beach").last, CAR.last[0].target)


@pytest.mark.parametrize(
    "words",
    [
        "no clouds in the sky",
        "no more graffiti on the wall please",
        "instead of the candle put a lantern",
        "the awning in navy",
        "remove all the bikes except the blue one",
        "swap the lamp for the one in the back",
        "keep the original colors",
        "make it stronger against the wind",
    ],
)
def test_an_instruction_of_its_own_stays_what_it_is(words):
    assert read_turn(words, CAR) == (Fresh(words),)


def test_hardly_any_instruction_is_taken_for_a_reference():
    """Those that are taken for one in the sets that the parser was tuned on do refer to something."""
    folder = Path(__file__).parents[1] / "golden" / "parse"
    lines = [line for file in sorted(folder.glob("dev*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    given = [json.loads(line)["instruction"] for line in lines[::4]]
    referring = [words for words in given if not all(isinstance(move, Fresh) for move in read_turn(words, CAR))]
    allowed = ("instead", "undo", "never mind")
    assert len(given) > 300 and [words for words in referring if not any(one in words for one in allowed)] == []
