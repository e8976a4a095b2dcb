"""Instruction validation: each rule accepts a right row and refuses the planted wrong one."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.build.wording.validate import Words, validate, validate_sample
from pixwright.records.kind import EditType as T
from pixwright.records.plan import Step
from pixwright.records.sample import Sample


def words(kind: T, instruction: str, before: str = "", after: str = "", **fields) -> Words:
    step = {k: fields.pop(k) for k in ("target", "value", "old_text", "reference") if k in fields}
    return Words(kind, Step(type=kind, instruction=instruction, **step), instruction, before, after, **fields)


GOOD = [
    words(T.REMOVE, "remove the dog", "A dog and two cats.", "Two cats.", target="dog"),
    words(T.REMOVE, "remove the cat on the left", "A dog and two cats.", "A dog and a cat.", target="cat on the left"),
    words(T.ADD, "add a duck", "A meadow.", "A duck on a meadow.", value="duck"),
    words(T.REPLACE, "replace the dog with a cow", "A dog.", "A cow.", target="dog", value="cow"),
    words(T.COLOR_ALTER, "make the cup red", "A cup.", "A red cup.", target="cup", value="red"),
    words(T.APPEARANCE_ALTER, "make the red cup striped", "A red cup.", "", target="red cup", value="striped"),
    words(T.TEXTUAL_CHANGE, 'change "OPEN" to "SALE"', value="SALE", old_text="OPEN"),
    words(T.TEXTUAL_CHANGE, 'let the sign say "SALE"', value="SALE", old_text="OPEN"),
    words(T.TONE_TRANSFER, "make it look like night", value="night", area=1.0),
    words(
        T.VISUAL_REFERENCE,
        "replace the cup with [1]",
        "A cup.",
        "A mug.",
        target="cup",
        value="mug",
        reference=1,
        references=(1,),
    ),
]
BAD = [
    (words(T.REMOVE, "remove the horse", "A dog and two cats.", target="horse"), "no 'horse'"),
    (words(T.REMOVE, "remove the dog", "A dog.", "A dog.", target="dog"), "same"),
    (words(T.REMOVE, "remove it", "A dog."), "no target"),
    (words(T.ADD, "add a duck", "A duck on a meadow.", value="duck"), "in the source already"),
    (words(T.ADD, "add a duck", "A meadow.", "A goose on a meadow.", value="duck"), "edited caption"),
    (words(T.REPLACE, "replace the dog with a dog", "A dog.", target="dog", value="dog"), "itself"),
    (words(T.COLOR_ALTER, "make the red cup red", "A red cup.", target="red cup", value="red"), "already"),
    (words(T.COLOR_ALTER, "make the cup quick", "A cup.", target="cup", value="quick"), "no colour"),
    (words(T.APPEARANCE_ALTER, "make the cup look blue", "A cup.", target="cup", value="blue"), "'blue'"),
    (words(T.TEXTUAL_CHANGE, "change OPEN to SALE", value="SALE", old_text="OPEN"), "0 quoted"),
    (words(T.TEXTUAL_CHANGE, 'write "SALE"', value="SALE"), "1 quoted"),
    (words(T.TEXTUAL_CHANGE, 'change "OPEN" to "SALE"', value="EXIT", old_text="OPEN"), "not quoted"),
    (words(T.REMOVE, "remove the the dog", "A dog.", target="dog"), "twice"),
    (words(T.REMOVE, "   ", "A dog.", target="dog"), "empty"),
    (words(T.REMOVE, "remove the dog", "A dog.", target="dog", shape=(100, 201)), "aspect"),
    (words(T.REMOVE, "remove the dog", "A dog.", target="dog", area=0.95), "area"),
    (
        words(T.VISUAL_REFERENCE, "replace the cup with [2]", "A cup.", target="cup", reference=2, references=(1,)),
        "[2]",
    ),
    (words(T.VISUAL_REFERENCE, "replace the cup", "A cup.", target="cup", reference=1, references=(1,)), "[1]"),
]


@pytest.mark.parametrize("row", GOOD, ids=lambda w: w.instruction)
def test_right_rows_are_kept(row):
    assert validate(row) == ""


@pytest.mark.parametrize(("row", "reason"), BAD, ids=lambda w: getattr(w, "instruction", str(w)))
def test_wrong_rows_are_refused_with_a_reason(row, reason):
    said = validate(row)
    assert reason in said and "\n" not in said


def test_reading_back_is_asked_last():
    asked = []

    def reads_back(instruction: str, step: Step) -> str | None:
        asked.append(instruction)
        return "read as add, not remove"

    assert validate(GOOD[0], reads_back) == "not read back: read as add, not remove"
    assert validate(BAD[0][0], reads_back) != "" and asked == [GOOD[0].instruction]


def test_sizes_of_a_finished_sample():
    a, b = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)
    step = Step(type=T.TONE_TRANSFER, instruction="darker", value="dark")
    bad = Sample("s", "t", T.TONE_TRANSFER, a, b, "darker", step, "", "")
    assert "differ" in validate_sample(bad)
    assert "mask" in validate_sample(
        Sample("s", "t", T.TONE_TRANSFER, a, a, "darker", step, "", "", mask=np.zeros((4, 4), np.uint8))
    )
    assert validate_sample(Sample("s", "t", T.TONE_TRANSFER, a, a, "darker", step, "", "")) == ""
