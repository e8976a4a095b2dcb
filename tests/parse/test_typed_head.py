"""The typed head by its parts: cues, what can be meant, probabilities, and the plan that it may make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import typed
from pixwright.parse.typed import (
    NOTHING,
    TYPES,
    allowed,
    cues,
    head,
    mean_features,
    plain_words,
    plan_typed,
    probabilities,
)
from pixwright.records.instruction import Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType, Group

ENCODERS = Encoders()
PICTURE = PictureAttachment("lamp.png", np.zeros((8, 8, 3), np.uint8))
SOUND = SoundAttachment("song.wav", np.zeros(16, np.float32), 16_000)


@pytest.mark.parametrize(
    ("text", "attachments", "set_cues"),
    [
        ("remove the dog", (), []),
        ("remove the dog", (PICTURE,), [0]),
        ("remove the dog", (SOUND,), [1]),
        ("like [1]", (PICTURE,), [0, 2]),
        ("like [2]", (PICTURE,), [0]),
        ('write "x"', (), [3]),
        ("write 'x' on it", (), [3]),
        ("by 20", (), [4]),
        ("30% more", (), [4, 5]),
        ("thirty percent", (), [5]),
        ("turn 5°", (), [4, 6]),
        ("some degrees", (), [6]),
        ("is it red?", (), [7]),
        ("don't touch the dog's ear", (), []),
    ],
)
def test_cues(text, attachments, set_cues):
    found = cues(Instruction(text, attachments))
    assert found.shape == (8,) and list(np.flatnonzero(found)) == set_cues


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("make [1] red", "make the attachment red"),
        ("[image:base:room.jpg] remove it", "remove it"),
        ("add [audio:dog barking] here", "add the attachment here"),
        ("  two   spaces ", "two spaces"),
    ],
)
def test_references_in_words(text, words):
    assert plain_words(text) == words


def test_what_can_be_meant():
    alone, shown = allowed(Instruction("x")), allowed(Instruction("x", (PICTURE,)))
    assert alone.shape == shown.shape == (NOTHING + 1,) and shown.all() and alone[NOTHING]
    assert [kind for kind, may in zip(TYPES, alone, strict=False) if not may] == [
        kind for kind in EditType if kind.group is Group.VISUAL
    ]


@given(st.lists(st.floats(-50, 50), min_size=27, max_size=27), st.sets(st.integers(0, 26), min_size=1))
def test_probabilities_sum_to_one_over_what_is_possible(logits, possible):
    may = np.array([i in possible for i in range(27)])[None]
    odds = probabilities(np.array([logits], np.float32), may)[0]
    assert odds.sum() == pytest.approx(1, abs=1e-5) and (odds >= 0).all()
    assert (odds[~may[0]] == 0).all()


def test_a_picture_that_is_not_seen_counts_for_nothing():
    rng = np.random.default_rng(0)
    text, marks = rng.normal(size=(2, 384)).astype(np.float32), np.zeros((2, 8), np.float32)
    looks = rng.normal(size=(2, 1280)).astype(np.float32)
    unseen = head().logits(text[[0, 0]], marks, looks, np.array([False, False]))
    assert unseen.shape == (2, 27) and np.allclose(unseen[0], unseen[1])
    assert not np.allclose(head().logits(text[[0, 0]], marks, looks, np.array([True, True]))[0], unseen[0])


def test_transparent_counts_as_white():
    clear = np.zeros((32, 32, 4), np.uint8)
    white = np.full((32, 32, 3), 255, np.uint8)
    assert np.allclose(mean_features(clear, ENCODERS), mean_features(white, ENCODERS))


@pytest.mark.parametrize(
    ("text", "kind", "target", "value"),
    [
        ("the house deserves to be crimson", EditType.COLOR_ALTER, "house", "crimson"),
        ("crimson or navy for the fence", EditType.COLOR_ALTER, "fence", None),
        ("the fence and the gate in crimson", EditType.COLOR_ALTER, None, "crimson"),
        ("away with the mailbox", EditType.REMOVE, "mailbox", None),
        ("a mailbox over here", EditType.ADD, None, None),
        ("in the manner of a watercolor", EditType.STYLE_CHANGE, None, "watercolor"),
        ("like the picture on a foggy day with much fog", EditType.TONE_TRANSFER, None, "fog"),
    ],
)
def test_target_and_value_are_given_only_where_one_is_named(text, kind, target, value, monkeypatch):
    monkeypatch.setattr(typed, "predict_type", lambda *asked: [(kind, 0.95), (EditType.RESIZE, 0.02)])
    plan = plan_typed(Instruction(text), None, ENCODERS)
    (step,) = plan.steps
    assert (step.type, step.target and str(step.target), step.value) == (kind, target, value)
    assert plan.parser == "typed" and "0.95" in plan.notes[0] and step.instruction == text


def test_the_least_probability_decides_and_the_guesses_are_named(monkeypatch):
    ranked = [(EditType.REMOVE, head().least - 0.01), (EditType.ADD, 0.2)]
    monkeypatch.setattr(typed, "predict_type", lambda *asked: ranked)
    with pytest.raises(UnclearInstruction, match=r"'away with it'.*remove \(.*%\) or add \(20%\)"):
        plan_typed(Instruction("away with it"), None, ENCODERS)
    ranked[0] = (EditType.REMOVE, head().least)
    assert plan_typed(Instruction("away with it"), None, ENCODERS).steps[0].type is EditType.REMOVE


def test_an_editor_that_understands_words_itself_needs_no_sure_type(monkeypatch):
    ranked = [(EditType.REMOVE, head().least - 0.01), (EditType.ADD, 0.2)]
    monkeypatch.setattr(typed, "predict_type", lambda *asked: ranked)
    plan = plan_typed(Instruction("away with it"), None, ENCODERS, otherwise=EditType.IMPLICIT_CHANGE)
    assert plan.steps[0].type is EditType.IMPLICIT_CHANGE and "taken as implicit_change" in plan.notes[0]
    ranked[:] = [(EditType.REMOVE, 0.3), (EditType.ADD, 0.1)]  # six in ten: nothing is asked for
    with pytest.raises(UnclearInstruction):
        plan_typed(Instruction("away with it"), None, ENCODERS, otherwise=EditType.IMPLICIT_CHANGE)


@pytest.mark.parametrize(("text", "number"), [("like [2]", 2), ("like it", 2), ("like [1]", 1), ("like [7]", 2)])
def test_the_attachment_that_is_meant(text, number, monkeypatch):
    monkeypatch.setattr(typed, "predict_type", lambda *asked: [(EditType.STYLE_TRANSFER, 0.9)])
    assert plan_typed(Instruction(text, (SOUND, PICTURE)), None, ENCODERS).steps[0].reference == number


def test_empty_and_long_instructions_are_refused():
    for text in (" ", "x" * 2001):
        with pytest.raises(UnclearInstruction):
            typed.predict_type(Instruction(text), None, ENCODERS)
