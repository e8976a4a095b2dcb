"""Reasoning instructions: true to the edit's direction, to the picture and to the secret of what they lead to; with a reason that a person would give."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from language_server import answering
from pixwright.build.wording import reasoning
from pixwright.build.wording.known import holds_of, is_sentence, kinds_of, known_rows
from pixwright.build.wording.reasoning import (
    Reason,
    absent,
    clues,
    filled,
    framed,
    frames,
    kinds_shown,
    names,
    outcome,
    problem,
    reasons,
)
from pixwright.build.wording.written import written
from pixwright.errors import UnclearInstruction
from pixwright.parse.rules import parse_rules
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step, Unit
from pixwright.words import read

T = EditType
_THINGS = {
    "person": "woman", "animal": "cow", "any": "kite", "bird": "owl", "fish": "fish", "food": "pizza", "fruit": "pear", "vehicle": "tractor",
    "building": "church", "tree": "pine tree", "plant": "potted plant", "clothing": "coat",
}  # fmt: skip


def step_of(kind: EditType, value: str | None = None, target: str | None = None, amount: float | None = None) -> Step:
    unit = Unit.FACTOR if kind is T.RESIZE else Unit.STRENGTH
    much = None if amount is None else Amount(value=amount, unit=unit)
    return Step(type=kind, instruction="x", target=read(target) if target else None, value=value, amount=much)


def step_for(reason: Reason) -> Step:
    """An edit that the reason is one for."""
    target = (
        None if reason.type in (T.ADD, T.BACKGROUND_CHANGE, T.TONE_TRANSFER, T.STYLE_CHANGE) else _THINGS[reason.when]
    )
    if reason.type is T.RESIZE:
        return step_of(T.RESIZE, None, target, 1.5 if reason.value == "larger" else 0.6)
    if reason.value[-1:] in ("+", "-"):
        return step_of(reason.type, reason.value[:-1], target, 0.6 if reason.value[-1] == "+" else -0.6)
    anything = "red" if reason.type is T.COLOR_ALTER else "stethoscope"
    return step_of(reason.type, anything if reason.value == "*" else reason.value or None, target)


def test_no_sentence_of_the_table_names_its_outcome_or_is_a_command_and_each_has_a_reason() -> None:
    for rows in reasons().values():
        for reason in rows:
            step = step_for(reason)
            sentence, why = filled(reason, step)[0]
            sentence = sentence.removeprefix("=")
            assert "{" not in sentence + why and why, reason
            assert not names(sentence, step), reason
            with pytest.raises(UnclearInstruction):
                parse_rules(sentence, ())


def test_clues_tell_a_thing_without_naming_it() -> None:
    for (kind, name), told in clues().items():
        step = step_of(T.ADD, name) if kind == "thing" else step_of(T.COLOR_ALTER, name, "kite")
        for clue in told:
            assert not names(clue, step), (name, clue)


def test_every_kind_of_situation_has_thirty_sentence_frames() -> None:
    assert len(set(frames())) == len(frames()) >= 30
    assert all(frame.count("{s}") == 1 for frame in frames())
    rng = np.random.default_rng(0)
    for kind in reasoning.types():
        first = next(one for (type_, _), rows in reasons().items() if type_ is kind for one in rows)
        step = step_for(first)
        told = [one for one, _ in reasoning.situations(step, "a woman") if not one.startswith("=")]
        sentences = {framed(told[0], rng) for _ in range(400)}
        assert len(sentences) >= 30, kind


def test_the_sign_of_an_amount_decides() -> None:
    for control in ("brightness", "contrast", "saturation", "warmth"):
        more = {one for one, _ in reasoning.situations(step_of(T.TONE_TRANSFER, control, None, 0.6), "")}
        less = {one for one, _ in reasoning.situations(step_of(T.TONE_TRANSFER, control, None, -0.6), "")}
        assert more and less and not more & less
    assert "the light is blinding" not in {
        one for one, _ in reasoning.situations(step_of(T.TONE_TRANSFER, "brightness", None, 0.6), "")
    }
    grown = {one for one, _ in reasoning.situations(step_of(T.RESIZE, None, "kite", 1.5), "")}
    assert grown and not grown & {one for one, _ in reasoning.situations(step_of(T.RESIZE, None, "kite", 0.5), "")}


def test_a_situation_is_told_only_of_what_the_picture_shows() -> None:
    meadow = step_of(T.BACKGROUND_CHANGE, "meadow")
    farm = {one for one, _ in reasoning.situations(meadow, "A cow in the forest.")}
    assert "the cow lives on a farm" in farm
    for caption in ("A pizza on a marble table.", "Two cows in the forest.", ""):
        assert not [one for one, _ in reasoning.situations(meadow, caption) if "lives on a farm" in one], caption
    eaten = "somebody ate the {} for lunch"
    assert eaten.format("pizza") in {one for one, _ in reasoning.situations(step_of(T.REMOVE, None, "pizza"), "")}
    assert eaten.format("tractor") not in {
        one for one, _ in reasoning.situations(step_of(T.REMOVE, None, "tractor"), "")
    }
    assert kinds_shown("a black cat beside two dogs") == {"cat": "cat"}
    assert not reasoning.situations(step_of(T.REMOVE, None, "all the kites"), "")


def test_a_thing_that_is_not_shown_is_not_spoken_of() -> None:
    assert absent("the coffee is freshly made", "A violin on a table.") == "coffee"
    assert absent("the coffee is freshly made", "Some coffee on a table.") == "" == absent("the sun is out", "A cat.")
    warm = {one for one, _ in reasoning.situations(step_of(T.TONE_TRANSFER, "warmth", None, 0.6), "A violin.")}
    assert warm and not any("coffee" in one for one in warm)


def test_a_situation_of_anything_is_not_told_of_everything() -> None:
    rows = {one.row.situation: one for one in known_rows() if one.of_thing}

    def holds(situation: str, name: str, category: str = "") -> bool:
        return holds_of(rows[situation], name, kinds_of(name, category))

    assert holds("it should be bulletproof", "car", "vehicle") and not holds(
        "it should be bulletproof", "curry", "food"
    )
    assert not holds("somebody dropped it", "church", "building") and holds("somebody dropped it", "vase", "household")
    assert not holds("somebody popped it", "pizza", "food") and holds("somebody popped it", "balloon", "toy")
    assert not holds("there was a fire", "vase", "household"), "it speaks of no vase"
    assert not holds("king midas touched it", "dog", "animal")


def test_a_reason_is_what_a_person_would_give() -> None:
    rng = np.random.default_rng(1)
    told = reasoning.reasoned(step_of(T.REPLACE, "stethoscope", "skis"), "Skis in the desert.", rng)
    assert told is not None
    sentence, why = told
    assert "stethoscope" not in sentence and "the skis" in sentence
    assert why == "a stethoscope is something to listen to a patient's chest with"
    assert reasoning.reasoned(step_of(T.ADD, "quux"), "", rng) is None, "nothing is known of it"


@pytest.mark.parametrize(
    ("sentence", "step", "why"),
    [
        ("the ducks swim by", step_of(T.ADD, "duck"), "names the outcome"),
        ("it snowed all day", step_of(T.TONE_TRANSFER, "snow"), "names the outcome"),
        ("it should look like a grey day", step_of(T.COLOR_ALTER, "gray", "kite"), "names the outcome"),
        ("remove the kite", step_of(T.REPLACE, "bat", "kite"), "read as the command remove"),
        ("the rooster is crowing", step_of(T.TONE_TRANSFER, "night"), "known as tone_transfer sunrise"),
        ("the rooster is crowing", step_of(T.TONE_TRANSFER, "sunrise"), None),
    ],
)
def test_what_is_wrong_with_a_sentence_is_found(sentence: str, step: Step, why: str | None) -> None:
    found = problem(sentence, step)
    assert found is None if why is None else why in str(found)


def test_an_outcome_is_a_value_with_its_direction() -> None:
    assert outcome(step_of(T.TONE_TRANSFER, "contrast", None, -0.6)) == "contrast-"
    assert outcome(step_of(T.TONE_TRANSFER, "contrast")) == "contrast+"
    assert outcome(step_of(T.RESIZE, None, "kite", 0.5)) == "smaller"
    assert outcome(step_of(T.REMOVE, None, "kite")) == ""


def test_a_language_model_writes_several_and_selects_one() -> None:
    step = step_of(T.TONE_TRANSFER, "night")
    rows = ["make it night", "the owls are hunting", "everybody has gone to bed"]
    first = json.dumps([{"instruction": one, "why": f"because {one}"} for one in rows])
    with answering(f"Here: {first}", "number 2") as (endpoint, asked):
        told = written("change it to night", step, "A kite.", "A kite, at night.", endpoint)
    assert told == ("everybody has gone to bed", "because everybody has gone to bed")
    given, offered = (one["messages"][-1]["content"] for one in asked)
    assert "A kite, at night." in given and "make it night" not in offered, "what names the outcome is not offered"
    with answering("no list") as (endpoint, _):
        assert written("change it to night", step, "A kite.", "", endpoint) is None
    dead = replace(endpoint, seconds=0.5)
    assert written("change it to night", step, "A kite.", "", dead) is None


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("it is october", True),
        ("the leaves are about to fall", True),
        ("make it winter", True),
        ("nobody came to the party", True),
        ("for our own currency", False),
        ("eight bit", False),
        ("like a haunted house", False),
        ("something icy blue", False),
    ],
)
def test_a_situation_is_told_as_a_sentence(text, whole):
    assert is_sentence(text) is whole
    assert not any(row.row.situation == text for row in known_rows()) or whole


def test_what_is_wrong_is_not_imagined() -> None:
    """A frame asserts: "suppose that it is too dark to read" asks for darkness, and the edit brightens."""
    brighter = step_of(T.TONE_TRANSFER, "brightness", None, 0.6)
    told = [text for text, _ in reasoning.situations(brighter, "a photograph of a chair")]
    assert len(told) > 3 and all(text.startswith("=") for text in told)
    gone = [text for text, _ in reasoning.situations(step_of(T.REMOVE, None, "chair"), "a photograph of a chair")]
    assert any("in the way" in text for text in gone)
    assert all(text.startswith("=") for text in gone if re.search("in the way|distract|blocks the view", text))
