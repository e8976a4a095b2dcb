"""The values that travel between the rooms: closed, frozen, and the same after a way through JSON."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Instruction, PictureAttachment
from pixwright.records.kind import ANYWHERE, EditType, Group
from pixwright.records.plan import MAX_STEPS, Amount, Plan, Relation, Step, Unit, Where
from pixwright.records.region import Region, box_in, box_of, whole
from pixwright.records.result import Check, Report, StepReport, Verdict
from pixwright.records.sample import Asset, Split, split_of
from pixwright.records.vocabulary import COLOURS, MATERIAL_ALIASES, MATERIALS, TONES, WORDS, aspect_of

REMOVE = Step(type=EditType.REMOVE, instruction="remove the dog", target="dog")


def plan(*steps, **more):
    return Plan(instruction="words", steps=steps or (REMOVE,), **more)


def test_a_plan_is_the_same_after_json():
    step = Step(
        type=EditType.ADD,
        instruction="add two cups left of the plate",
        value="cup",
        where=Where(relation=Relation.LEFT, anchor="plate"),
        amount=Amount(value=2, unit=Unit.FACTOR),
        count=2,
        reference=1,
        why="because",
    )
    made = plan(REMOVE, step, parser="llm:some-model/7b", notes=("a note",))
    assert Plan.model_validate_json(made.model_dump_json()) == made
    assert made.segmentation_prompt == "dog"
    assert plan(REMOVE, REMOVE).segmentation_prompt == "dog"


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": ()},
        {"steps": (REMOVE,) * (MAX_STEPS + 1)},
        {"instruction": ""},
        {"instruction": "x" * 2001},
        {"parser": "Robert'); DROP TABLE"},
        {"file": "/etc/passwd"},
        {"notes": ("a",) * 17},
    ],
)
def test_a_plan_holds_nothing_else(wrong):
    with pytest.raises(ValidationError):
        Plan(**{"instruction": "words", "steps": (REMOVE,)} | wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 101},
        {"count": -1},
        {"reference": 0},
        {"reference": 17},
        {"value": "x" * 201},
        {"value": " "},
        {"command": "rm"},
        {"type": "explode"},
    ],
)
def test_a_step_has_bounds(wrong):
    with pytest.raises(ValidationError):
        Step(**{"type": "remove", "instruction": "remove it"} | wrong)


@given(st.floats())
def test_an_amount_is_a_number_within_bounds(value):
    if abs(value) <= 10_000:
        assert Amount(value=value, unit=Unit.PERCENT).value == value
    else:
        with pytest.raises(ValidationError):
            Amount(value=value, unit=Unit.PERCENT)


def test_records_cannot_be_changed():
    with pytest.raises(ValidationError):
        REMOVE.value = "cat"
    for one, field in ((Evidence(), "angle"), (whole(2, 2), "score"), (Instruction("a"), "text")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(one, field, 1)


def test_attachments_are_counted_from_one():
    cat = PictureAttachment("cat.png", np.zeros((2, 2, 3), np.uint8))
    words = Instruction("replace the dog with [1]", (cat,))
    assert words.attachment(1) is cat and words.attachment(0) is None and words.attachment(2) is None


def test_a_region_knows_its_instances():
    mask = np.zeros((10, 20), np.uint8)
    mask[2:5, 2:6], mask[2:5, 10:16] = 255, 128
    boxes = ((2, 2, 6, 5), (10, 2, 16, 5))
    by_box = Region(mask, boxes, 0.9, "dogs")
    labels = np.where(mask == 255, 1, np.where(mask == 128, 2, 0)).astype(np.uint8)
    by_label = Region(mask, boxes, 0.9, "dogs", labels=labels)
    for region in (by_box, by_label):
        assert region.found and region.instance(0).sum() == 12 * 255 and region.instance(1).sum() == 18 * 128
    assert not Region(mask * 0, boxes, 0.9, "dogs").found and not Region(mask, (), 0.9, "dogs").found


def test_the_box_of_a_mask_is_tight():
    mask = np.zeros((20, 30), np.uint8)
    assert box_in(mask) is None
    mask[4:9, 7:21] = 200
    mask[0, 0] = 90
    assert box_in(mask) == (0, 0, 21, 9) and box_of(mask > 127) == box_in(mask > 127) == (7, 4, 21, 9)


def test_the_whole_picture_is_a_region():
    region = whole(3, 5)
    assert region.boxes == ((0, 0, 5, 3),) and (region.mask == 255).all() and region.source == "whole" and region.found
    assert (region.instance(0) == 255).all()


def test_a_report_is_the_same_after_json():
    check = Check(name="seen", value=0.2, threshold=0.1, passed=True, reason="it is seen")
    step = StepReport(type=EditType.REMOVE, verdict=Verdict.DONE, checks=(check,), score=0.7)
    report = Report(
        verdict=Verdict.DONE, reasons=(), steps=(step,), score=0.7, changed_fraction=0.1, outside_max_difference=0
    )
    assert Report.model_validate_json(report.model_dump_json()) == report


@given(st.text(st.characters(codec="ascii", exclude_characters="/.\\"), min_size=1, max_size=30))
def test_a_file_s_split_depends_on_its_stem_alone(name):
    assert split_of(f"{name}.png") == split_of(f"other/folder/{name.upper()}.JPG")


def test_an_eighth_is_reserved():
    kept = sum(split_of(f"{number}.png") is Split.TEST for number in range(4000))
    assert 400 < kept < 600
    cow = Asset("a/cow", "cutout", "cow", "a cow", "animal", "CC0", "a 1.0", "cows/cow.png", "0" * 64)
    assert cow.split is split_of("cow.jpg")


def test_every_edit_type_is_a_whole_row():
    assert len(EditType) == 26 and {kind.group for kind in EditType} == set(Group)
    for kind in EditType:
        row = kind.traits
        assert row.example and 0 < row.reach <= ANYWHERE
        assert EditType(kind.value) is kind and kind == kind.value
        assert not (row.guided and row.refers)


def test_canonical_words_are_lower_case_and_once_in_their_list():
    for words in (*WORDS.values(), TONES):
        assert len(set(words)) == len(words) and all(word == word.lower().strip() for word in words)
    assert all(0 <= level <= 255 for colour in COLOURS.values() for level in colour)
    assert set(MATERIAL_ALIASES.values()) <= set(MATERIALS)
    assert all(aspect_of(word) is not None for words in WORDS.values() for word in words)
    assert aspect_of("wooden") is aspect_of("wood") and aspect_of("flurb") is None
