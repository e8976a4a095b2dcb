"""Plans, regions, results and samples at their edges: the last value that is allowed, the first that is not, and JSON as it is written."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pixwright.records.kind import ANYWHERE, Aspect, EditType, Group, Takes, Target, Traits
from pixwright.records.plan import MAX_INSTRUCTION, MAX_STEPS, Amount, Plan, Relation, Step, Unit, Where
from pixwright.records.region import Region, whole
from pixwright.records.result import Check, Record, Report, Result, StepReport, Verdict
from pixwright.records.sample import Reference, Sample

STEPS = st.builds(
    Step,
    type=st.sampled_from(EditType),
    instruction=st.text(max_size=20),
    target=st.none() | st.sampled_from(["the cup", "two dogs"]),
    value=st.none() | st.sampled_from(["red", "van gogh"]),
    where=st.none() | st.builds(Where, relation=st.sampled_from(Relation), anchor=st.none() | st.just("the bed")),
    amount=st.none() | st.builds(Amount, value=st.floats(-10_000, 10_000), unit=st.sampled_from(Unit)),
    count=st.none() | st.integers(0, 100),
    reference=st.none() | st.integers(1, 16),
)


@given(st.lists(STEPS, min_size=1, max_size=MAX_STEPS), st.text(min_size=1, max_size=30))
def test_any_plan_is_the_same_after_json(steps, text):
    plan = Plan(instruction=text, steps=tuple(steps))
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert Plan.model_validate_json(plan.model_dump_json(exclude_none=True)) == plan
    assert json.loads(plan.model_dump_json())["steps"][0]["type"] == str(plan.steps[0].type)


@pytest.mark.parametrize(
    ("field", "last", "beyond"),
    [
        ("value", "x" * 200, "x" * 201),
        ("old_text", "x" * 200, "x" * 201),
        ("instruction", "x" * 1000, "x" * 1001),
        ("why", "x" * 1000, "x" * 1001),
        ("source_caption", "x" * 1000, "x" * 1001),
        ("edited_caption", "x" * 1000, "x" * 1001),
        ("target", "x" * 200, "x" * 201),
        ("count", 100, 101),
        ("count", 0, -1),
        ("reference", 16, 17),
        ("reference", 1, 0),
        ("amount", {"value": 10_000, "unit": "pixels"}, {"value": 10_000.01, "unit": "pixels"}),
        ("amount", {"value": -10_000, "unit": "pixels"}, {"value": math.nan, "unit": "pixels"}),
    ],
)
def test_the_last_value_is_allowed_and_the_next_is_not(field, last, beyond):
    given_ = {"type": "add", "instruction": "x"}
    assert Step(**given_ | {field: last})
    with pytest.raises(ValidationError, match=field):
        Step(**given_ | {field: beyond})


def test_a_plan_s_own_edges():
    step = Step(type="add", instruction="x")
    assert Plan(instruction="x" * MAX_INSTRUCTION, steps=(step,) * MAX_STEPS, notes=("n",) * 16, parser="x" * 100)
    for wrong in (
        {"parser": ""},
        {"parser": "x" * 101},
        {"parser": "LLM"},
        {"parser": "a b"},
        {"notes": ("x" * 1001,)},
    ):
        with pytest.raises(ValidationError):
            Plan(**{"instruction": "x", "steps": (step,)} | wrong)


@pytest.mark.parametrize("record", [Plan, Step, Where, Amount, Check, StepReport, Report, Record])
def test_a_record_refuses_unknown_fields_and_says_so_in_its_schema(record):
    schema = record.model_json_schema()
    assert (schema if "properties" in schema else schema["$defs"][record.__name__])["additionalProperties"] is False


def test_the_prompt_joins_each_target_once():
    steps = [Step(type="remove", instruction="x", target=name) for name in ("cup", "dog", "cup")]
    steps.insert(1, Step(type="tone_transfer", instruction="x", value="night"))
    assert Plan(instruction="x", steps=tuple(steps)).segmentation_prompt == "cup, dog"
    assert Plan(instruction="x", steps=(steps[1],)).segmentation_prompt == ""


def test_steps_of_the_same_words_are_told_apart_by_what_they_edit():
    words = ("make the cup and the saucer blue", "make the cup and the saucer blue", "make it night")
    targets = ("cup", "saucer", None)
    steps = tuple(
        Step(type="color_alter", instruction=said, target=target) for said, target in zip(words, targets, strict=True)
    )
    assert Plan(instruction="x", steps=steps).told == (f"{words[0]} (cup)", f"{words[0]} (saucer)", words[2])


@given(st.integers(0, 2), st.integers(0, 255))
def test_instances_by_label_share_out_the_mask(index, level):
    labels = np.repeat(np.arange(4, dtype=np.uint8), 3)[None].repeat(2, 0)
    mask = np.where(labels > 0, level, 0).astype(np.uint8)
    region = Region(mask, ((3, 0, 6, 2), (6, 0, 9, 2), (9, 0, 12, 2)), 0.5, "cups", labels=labels)
    one = region.instance(index)
    assert one.dtype == np.uint8 and one.shape == mask.shape
    assert (one[labels != index + 1] == 0).all() and (one[labels == index + 1] == level).all()
    assert (sum(region.instance(i).astype(int) for i in range(3)) == mask).all()
    assert region.found == (level > 0)


def test_an_instance_by_box_keeps_soft_edges_and_is_a_copy():
    mask = np.arange(48, dtype=np.uint8).reshape(6, 8)
    one = Region(mask, ((2, 1, 5, 4),), 1.0, "cup").instance(0)
    assert (one[1:4, 2:5] == mask[1:4, 2:5]).all() and one.sum() == mask[1:4, 2:5].sum()
    one[:] = 0
    assert mask[2, 3] == 19


def test_an_instance_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        Region(np.zeros((2, 2), np.uint8), (), 0.0, "cup").instance(0)


def test_overlapping_boxes_share_pixels_and_labels_do_not():
    mask = np.full((4, 4), 255, np.uint8)
    boxes = ((0, 0, 3, 4), (1, 0, 4, 4))
    labels = np.array([[1, 1, 2, 2]] * 4, np.uint8)
    both = Region(mask, boxes, 1.0, "cups")
    assert (both.instance(0) & both.instance(1)).any()
    parted = Region(mask, boxes, 1.0, "cups", labels=labels)
    assert not (parted.instance(0) & parted.instance(1)).any()


STEP = StepReport(type=EditType.ADD, verdict=Verdict.PARTLY, reasons=("a reason",), region_score=0.5)
REPORT = Report(
    verdict=Verdict.PARTLY,
    reasons=("a reason",),
    steps=(STEP,),
    score=0.4,
    changed_fraction=0.2,
    outside_max_difference=0,
)


def test_a_report_in_json_is_plain_and_nothing_is_left_out():
    said = json.loads(REPORT.model_dump_json())
    assert said["verdict"] == "partly" and said["steps"][0]["type"] == "add"
    assert said["file_outside_max_difference"] is None and said["timings"] == {} == said["weights"]
    assert set(said) == set(Report.model_fields) and set(said["steps"][0]) == set(StepReport.model_fields)
    assert Report.model_validate_json(json.dumps(said)) == REPORT


def test_a_record_is_the_same_after_json():
    plan = Plan(instruction="add a cup", steps=(Step(type="add", instruction="add a cup", value="cup"),))
    record = Record(
        version="1.0",
        system="native",
        plan=plan,
        seed=7,
        source_name="a.png",
        source_sha256="0" * 64,
        attachments=(("b.png", "1" * 64),),
        override="box:1,2,3,4",
        options={"n": "2"},
        weights={"sam": "2" * 64},
    )
    assert Record.model_validate_json(record.model_dump_json()) == record
    assert Record.model_validate(json.loads(record.model_dump_json())) == record


@pytest.mark.parametrize("wrong", [{"verdict": "perhaps"}, {"score": "good"}, {"steps": [{}]}, {"clock": 1}])
def test_a_report_from_outside_is_checked(wrong):
    with pytest.raises(ValidationError):
        Report.model_validate(json.loads(REPORT.model_dump_json()) | wrong)


def test_results_and_samples_are_compared_by_identity():
    picture = np.zeros((2, 2, 3), np.uint8)
    plan = Plan(instruction="x", steps=(Step(type="add", instruction="x"),))
    results = Result(picture, plan, REPORT), Result(picture, plan, REPORT)
    assert results[0] != results[1] and results[0] == results[0], "arrays have no truth value"
    assert results[0].regions == () and results[0].effective_mask is None and results[0].notes == ()
    assert Reference(1, "a", "a") != Reference(1, "a", "a")
    one, other = (Sample("1", "d", EditType.ADD, picture, picture, "x", plan.steps[0], "a", "b") for _ in range(2))
    one.scores["clip"] = 1.0
    assert other.scores == {} and other.rejected == ""
    assert whole(2, 3) != whole(2, 3)


TABLE = {
    "proved": "remove replace add counting color_alter textual_change tone_transfer movement resize rotation_change",
    "brings": "replace add counting visual_reference",
    "moves": "counting action_change movement resize rotation_change relation_change",
}


@pytest.mark.parametrize("column", TABLE)
def test_the_columns_of_the_table(column):
    assert {str(kind) for kind in EditType if getattr(kind.traits, column)} == set(TABLE[column].split())


@pytest.mark.parametrize(
    ("of", "members"),
    [
        ("surface", "color_alter appearance_alter material_change material_transfer"),
        ("finish", "tone_transfer style_change style_transfer"),
        ("guided", "visual_bbox visual_scribble visual_segment visual_sketch visual_depth"),
        ("refers", "visual_reference material_transfer style_transfer"),
        ("reframes", "resize outpaint rotation_change"),
    ],
)
def test_what_follows_from_the_table(of, members):
    assert {str(kind) for kind in EditType if getattr(kind.traits, of)} == set(members.split())


@pytest.mark.parametrize("kind", EditType)
def test_a_type_is_surface_or_finish_or_redraws(kind):
    traits = kind.traits
    assert [traits.surface, traits.finish, traits.redraws].count(True) == 1
    assert kind.group is traits.group and 0 < traits.reach <= ANYWHERE


def test_defaults_of_a_row_are_the_careful_ones():
    row = Traits(Group.LOCAL, Aspect.THING, Target.NEEDED, Takes.NOTHING, "x")
    assert not (row.brings or row.moves or row.proved) and row.reach < 0.1 and row.expert == "general"


@pytest.mark.parametrize("name", ["", "explode", "REMOVE", "remove ", None, 3])
def test_only_a_member_s_own_name_is_a_type(name):
    with pytest.raises(ValueError, match="EditType"):
        EditType(name)
