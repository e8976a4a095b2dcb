"""The tagger: where steps begin, what its log-odds come to, and the packaged network on plain instructions."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.tagging.labels import KINDS, MEANINGS, ROLES
from pixwright.encoders.tagging.tagger import BESIDE, HERE, WordPlaces, flags_of, starts_of, steps_of
from pixwright.records.kind import EditType

ENCODERS = Encoders()
WORDS = WordPlaces(((0, 4), (5, 8), (9, 12), (13, 16)), np.array([1, 2, 4, 5]))
"""Four words; the second is of two tokens."""


def test_a_step_begins_where_it_is_likelier_than_not():
    odds = np.full(7, -5, np.float32)
    odds[[1, 4]] = 3, 2
    assert [word for word, _ in starts_of(odds, WORDS)] == [0, 2]


def test_there_is_always_one_step():
    odds = np.full(7, -5, np.float32)
    odds[5] = -4
    ((word, chance),) = starts_of(odds, WORDS)
    assert word == 3 and chance == pytest.approx(1 / (1 + np.exp(4)))


def test_flags_share_the_tokens_between_the_steps():
    flags = flags_of([0, 2], WORDS, 7)
    assert flags.tolist() == [[BESIDE, HERE, HERE, HERE, BESIDE, BESIDE, BESIDE], [BESIDE] * 4 + [HERE] * 3]


def test_a_word_between_two_of_a_role_is_of_it():
    """A weak "of no role" does not tear a phrase apart; a strong one does."""
    target = ROLES.index("target")

    def spans(middle):
        roles = np.zeros((1, 7, len(ROLES)), np.float32)
        roles[0, [1, 4], target] = 8
        roles[0, 2, 0] = middle
        roles[0, 5, 0] = 9
        (step,) = steps_of([(0, 1.0)], WORDS, roles, np.zeros((1, len(KINDS))), np.zeros((1, len(MEANINGS))))
        return step.roles["target"]

    assert spans(0.5) == ((0, 12),)
    assert spans(9) == ((0, 4), (9, 12))


def test_the_kinds_are_what_words_alone_ask_for():
    assert {"remove", "tone_transfer", "situation", "none"} <= set(KINDS)
    assert not {"visual_reference", "implicit_change"} & set(KINDS)
    assert all(kind in ("situation", "none") or EditType(kind) for kind in KINDS)
    assert len(set(MEANINGS)) == len(MEANINGS)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("bin gone pls", ["remove"]),
        ("could the wall be sage green?", ["color_alter"]),
        ("she has a job interview on monday", ["situation"]),
        ("a hat on the dog, and make the grass greener", ["add", "color_alter"]),
        ("it's too bright, turn it down a bit", ["tone_transfer"]),
    ],
)
def test_it_tells_plain_instructions(text, kinds):
    assert [step.kind for step in ENCODERS.tagger.read(text)] == kinds


def test_what_is_said_is_found_again():
    text = "swap the old chair for a red armchair"
    (step,) = ENCODERS.tagger.read(text)
    assert step.kind == "replace"
    assert [text[a:b] for a, b in step.roles["target"]] == ["the old chair"]
    assert [text[a:b] for a, b in step.roles["value"]] == ["a red armchair"]


def test_no_words_are_no_steps():
    assert ENCODERS.tagger.read("") == ()


def test_a_long_text_is_cut_and_a_strange_one_is_read():
    assert ENCODERS.tagger.read("make it red " * 200)
    assert ENCODERS.tagger.read("\N{CAT FACE}\N{CAT FACE} 猫を消す ???")
