"""An instruction that is only half understood: the half is planned, and what is missing is named."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright import edit
from pixwright.encoders.bundle import Encoders
from pixwright.errors import UnclearInstruction
from pixwright.parse import parse
from pixwright.records.instruction import Instruction
from pixwright.records.result import Verdict

ENCODERS = Encoders()


def planned(text):
    return parse(Instruction(text), None, ENCODERS, use_llm=False)


@pytest.mark.parametrize(
    ("text", "kind", "missing"),
    [
        ("make it sepia, then snarf the quux", "tone_transfer", "snarf the quux"),
        ("snarf the quux. Remove the ladder.", "remove", "snarf the quux"),
        ('write "Hi" in wobbly letters', "textual_change", "wobbly letters"),
    ],
)
def test_the_half_is_planned_and_the_rest_is_named(text, kind, missing):
    plan = planned(text)
    assert [step.type for step in plan.steps] == [kind] and plan.unread == (missing,)
    assert missing in plan.left_out[0]


@pytest.mark.parametrize("text", ["make it nighttime with moonlight", "turn it into a storm with dark clouds"])
def test_what_a_tone_has_anyhow_is_not_missing(text):
    assert not planned(text).unread


@pytest.mark.parametrize("text", ["snarf the quux", "delete the gnarl and snarf the quux"])
def test_nothing_understood_of_known_things_is_an_error(text):
    with pytest.raises(UnclearInstruction):
        planned(text)


def test_the_report_says_which_half():
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    result = edit(picture, "make it sepia, then snarf the quux")
    assert result.report.verdict is Verdict.PARTLY and result.report.unread == ("snarf the quux",)
    assert any("snarf the quux" in reason for reason in result.report.reasons)
    assert any("snarf the quux" in note for note in result.notes)
