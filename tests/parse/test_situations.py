"""Sentences that ask for an edit without saying which: thresholds of the match, the vote of the rows, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import implicit, parse
from pixwright.parse.about import kind_of, named, plain, shown
from pixwright.parse.implicit import (
    CERTAIN,
    LOWEST,
    TAU,
    Belief,
    Reading,
    Row,
    belief,
    believed,
    knowledge,
    match,
    reading,
    similarities,
    steps_of,
)
from pixwright.parse.unread import commands
from pixwright.records.instruction import Instruction

ENCODERS = Encoders()
CROWN = Row("he was crowned", "person", ("put a crown on the person",), "a king wears a crown")
MUD = Row("it rolled in the mud", "any", ("make the {it} muddy",), "mud sticks")
SURE = Reading(CROWN, None, nearness=0.9, support=0.05, lead=0.3, talk=0.3, command=False, speaker=False)


def scored(**rows):
    """Cosines of 0 but for the rows of these numbers."""
    scores = np.zeros(len(knowledge()), np.float32)
    for number, score in rows.items():
        scores[int(number[1:])] = score
    return scores


BEFORE = parse(Instruction("make the car red"), None, ENCODERS, use_llm=False).steps
ACTING = next(i for i, row in enumerate(knowledge()) if row.steps and row.when == "any")
TALKING = next(i for i, row in enumerate(knowledge()) if not row.steps)


def test_a_row_of_the_least_cosine_votes_and_one_below_does_not():
    assert reading("x", scored(**{f"r{ACTING}": LOWEST - 0.001}), ()) is None
    found = reading("x", scored(**{f"r{ACTING}": LOWEST + 0.001}), ())
    assert found.row == knowledge()[ACTING]
    assert found.nearness == pytest.approx(LOWEST, abs=0.01) and found.lead < 0.01


def test_nearer_talk_asks_for_nothing():
    near, far = 0.8, 0.7
    assert reading("x", scored(**{f"r{ACTING}": far, f"r{TALKING}": near}), ()) is None
    found = reading("x", scored(**{f"r{ACTING}": near, f"r{TALKING}": far}), ())
    assert found.talk == pytest.approx(near - far, abs=0.01)


def test_rows_with_one_outcome_vote_together():
    one = knowledge()[ACTING]
    same = [i for i, row in enumerate(knowledge()) if row.steps[:1] == one.steps[:1] and row.when == "any"][:3]
    alone = reading("x", scored(**{f"r{same[0]}": 0.6}), ())
    together = reading("x", scored(**{f"r{i}": 0.6 for i in same}), ())
    assert alone.support == pytest.approx(0)
    assert together.support == pytest.approx(TAU * np.log(len(same)), abs=1e-4)
    assert together.nearness == alone.nearness


@pytest.mark.parametrize("text", ["remove the lamp", "can you fix it", "why is it dark", "What time is it"])
def test_a_command_or_a_question_is_marked(text):
    assert reading(text, scored(**{f"r{ACTING}": 0.7}), ()).command


@pytest.mark.parametrize("text", ["i am cold", "we are late", "you look tired"])
def test_the_speaker_is_marked(text):
    assert reading(text, scored(**{f"r{ACTING}": 0.7}), ()).speaker
    assert not reading("the mayor is cold", scored(**{f"r{ACTING}": 0.7}), ()).speaker


@pytest.mark.parametrize("measure", ["nearness", "support", "lead", "talk"])
def test_belief_never_falls_with_more_of_a_measure(measure):
    low, high = (belief(replace(SURE, **{measure: value})) for value in (0.1, 0.6))
    assert 0 <= low <= 1 and 0 <= high <= 1
    assert high >= low or measure == "support"


def test_the_table_of_belief_is_whole():
    table = believed()
    assert isinstance(table, Belief) and len(table.weights) == len(SURE.measures)
    assert 0.1 < table.least < 0.9


def test_the_least_belief_decides(monkeypatch):
    text = "the dog rolled in the mud"
    assert match(text, None, ENCODERS)
    table = believed()
    monkeypatch.setattr(implicit, "believed", lambda: replace(table, least=1.1))
    assert match(text, None, ENCODERS) is None


@pytest.mark.parametrize(("nearness", "named_too"), [(CERTAIN + 0.01, False), (CERTAIN - 0.01, True)])
def test_a_less_certain_reading_says_what_it_was_read_as(nearness, named_too):
    (step,) = steps_of(replace(SURE, nearness=nearness), "the king was crowned")
    assert step.why.startswith("a king wears a crown")
    assert ("read as: he was crowned" in step.why) is named_too


def test_steps_are_about_the_thing_that_is_named():
    found = replace(SURE, row=MUD)
    assert str(steps_of(found, "the vase was dropped in the mud")[0].target) == "vase"
    assert str(steps_of(found, "it rolled in the mud")[0].target) == "subject"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("it is her birthday today", "add", "birthday cake"),
        ("the dog rolled in the mud", "appearance_alter", "muddy"),
        ("the heating broke down in January", "tone_transfer", "warmth"),
        ("the king was crowned this morning", "add", "crown"),
        ("they just got married", "add", "diamond ring"),
    ],
)
def test_a_situation_is_its_first_step(text, kind, value):
    plan = parse(Instruction(text), None, ENCODERS, use_llm=False)
    assert (plan.parser, plan.steps[0].type, plan.steps[0].value) == ("implicit", kind, value)
    assert all(step.why for step in plan.steps)


def test_rain_that_goes_on_is_no_sunshine():
    assert [step.value for step in match("it has been raining for days", None, ENCODERS)] != ["sunny"]


@pytest.mark.parametrize(
    "text",
    [
        "the invoice is overdue",
        "the shop sells shoes",
        "the bus is late again",
        "hello there",
        "a quick brown fox is fast",
    ],
)
def test_talk_is_left_alone(text):
    assert match(text, None, ENCODERS) is None
    with pytest.raises(UnclearInstruction, match=r"did not understand"):
        parse(Instruction(text), None, ENCODERS, use_llm=False)


def test_one_unread_clause_is_a_situation_beside_a_command():
    plan = parse(Instruction("make the barn red. It is her birthday today."), None, ENCODERS, use_llm=False)
    assert plan.parser == "implicit"
    assert [step.value for step in plan.steps][:2] == ["red", "birthday cake"]


def test_cosines_are_those_of_the_meaning():
    scores = similarities("it is his birthday", ENCODERS)
    assert scores.shape == (len(knowledge()),) and float(scores.max()) == pytest.approx(1, abs=0.01)
    assert "birthday" in knowledge()[int(scores.argmax())].situation


@pytest.mark.parametrize(
    ("text", "said", "general", "thing"),
    [
        ("The surgeon is in a hurry!", "the surgeon is in a hurry", "the surgeon is in a hurry", "surgeon"),
        ("the apple was forgotten", "the apple was forgotten", "it was forgotten", "apple"),
        ("my dog had a bath", "my dog had a bath", "it had a bath", "dog"),
        ("it rained all night", "it rained all night", "it rained all night", None),
        ("his grandmother turns ninety", "he turns ninety", "he turns ninety", None),
    ],
)
def test_a_sentence_without_what_the_picture_says_better(text, said, general, thing):
    assert (plain(text), plain(text, general=True), named(text)) == (said, general, thing)


def test_kinds_of_things():
    assert kind_of()["dog"] and kind_of().get("flurb") is None
    assert shown("the puppy is asleep", None, ENCODERS).kinds[-1] == "animal"
    assert shown("flurb", None, ENCODERS) is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("remove the dog", True),
        ("I would like a nicer hat for him", True),
        ("spruce up the old barn", False),
        ("the dog is tired", False),
        ("why is it dark", False),
        ("hello", False),
        ("", False),
    ],
)
def test_what_is_a_command(text, command):
    assert commands(text) is command


@pytest.mark.parametrize(
    ("text", "done", "unused"),
    [
        ("blur the background more", "background_change", 0),
        ("darken the sky more", "tone_transfer", 0),
        ("reduce the exposure by half a stop", "tone_transfer", 1),
        ("erase the drone buzzing around up there", "remove", 1),
    ],
)
def test_a_command_is_read_without_an_end_that_no_rule_knows(text, done, unused):
    """What may have told more is named in the notes."""
    plan = parse(Instruction(text), None, ENCODERS, use_llm=False)
    assert plan.steps[0].type == done and plan.steps[0].instruction == text and len(plan.notes) == unused


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("make it stormy with three boats", ("with three boats",)),
        ("make it stormy with dark clouds", ()),
    ],
)
def test_what_a_look_was_to_come_with_is_named_unless_it_is_in_the_sky(text, left):
    assert parse(Instruction(text), None, ENCODERS, use_llm=False).unread == left


def test_a_thing_that_a_look_was_to_come_with_is_put_in():
    plan = parse(Instruction("turn it into autumn with a red car"), None, ENCODERS, use_llm=False)
    assert [(step.type, step.value) for step in plan.steps] == [("tone_transfer", "autumn"), ("add", "red car")]


@pytest.mark.parametrize("text", ["hello there", "flurb the gnarl", "what a nice day"])
def test_what_asks_for_nothing_known_is_refused(text):
    with pytest.raises(UnclearInstruction):
        parse(Instruction(text), None, ENCODERS, use_llm=False)


@pytest.mark.parametrize("beside", [{"pointed": True}, {"before": BEFORE}])
def test_the_tagger_reads_what_nobody_else_does_of_a_place_or_a_later_turn(beside):
    plan = parse(Instruction("bathe the alley in neon purple", **beside), None, ENCODERS, use_llm=False)
    assert plan.parser == "tagged" and plan.steps[0].type == "color_alter"


def test_in_a_later_turn_the_tagger_is_not_asked_of_a_pronoun():
    """It does not know what "them" is."""
    with pytest.raises(UnclearInstruction):
        parse(Instruction("bathe them in neon purple", before=BEFORE), None, ENCODERS, use_llm=False)


def test_what_is_whisked_away_is_not_added():
    plan = parse(Instruction("whisk away the bin"), None, ENCODERS, use_llm=False)
    assert plan.steps[0].type != "add"


@pytest.mark.parametrize("text", ["water the plants", "feed the parrot"])
def test_a_command_is_not_read_as_what_it_would_mend(text):
    """ "Somebody forgot to water it" is near in meaning, and made the plants brown. A reading of the words themselves says that it is not sure."""
    try:
        plan = parse(Instruction(text), None, ENCODERS, use_llm=False)
    except UnclearInstruction:
        return
    assert plan.parser != "implicit" and all(step.why for step in plan.steps)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("remove the bin, buyers don't need to see it", 1),
        ("brighter! I can't see our faces", 1),
        ("make the barn red. It is her birthday today.", 3),
    ],
)
def test_a_reason_behind_a_command_asks_for_nothing(text, steps):
    """A white background, a blurred face were made of reasons."""
    plan = parse(Instruction(text), None, ENCODERS, use_llm=False)
    assert len(plan.steps) == steps and plan.unread == ()
