"""What a language model may answer: right in many forms, wrong in many ways, and never more than the schema allows."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixwright.parse import language
from pixwright.parse.language import Endpoint, plan_by_llm
from pixwright.records.instruction import Instruction, PictureAttachment
from pixwright.records.plan import MAX_STEPS, Plan

STEP = {"type": "color_alter", "instruction": "make the barn red", "target": "barn", "value": "red"}
GOOD = json.dumps({"steps": [STEP]})
ENDPOINT = Endpoint("http://model.test/v1", "tiny")
BARN = Instruction("make the barn red")


def step(**fields):
    """The good answer with other fields."""
    return json.dumps({"steps": [STEP | fields]})


@pytest.fixture
def answered(monkeypatch):
    """The plan and the note where the model gives one answer again and again; `body` is the server's whole answer."""

    def outcome(answer="", instruction=BARN, body=None):
        whole = json.dumps({"choices": [{"message": {"content": answer}}]}) if body is None else body
        monkeypatch.setattr(language, "_post", lambda client, endpoint, asked, deadline: (200, 0.0, whole))
        return plan_by_llm(instruction, ENDPOINT)

    return outcome


FORMS = {
    "alone": GOOD,
    "on several lines": json.dumps({"steps": [STEP]}, indent=4),
    "in a fence": f"```json\n{GOOD}\n```",
    "in a fence without a name": f"```\n{GOOD}\n```",
    "after prose": f"Certainly. The plan is: {GOOD}",
    "before prose": f"{GOOD}\n\nTell me if the barn shall be darker!",
    "after plain thinking": f"<think>Only the barn is meant.</think>\n{GOOD}",
    "behind a byte order mark": "\ufeff" + GOOD,
    "with nulls": step(why=None, source_caption=None, old_text=None, where=None, amount=None),
    "with empty strings": step(old_text="", count="", reference="", protect=""),
    "with spaces": step(value="  red ", target=" barn"),
    "with a thing in place of a phrase": step(target={"text": "barn"}),
    "with a parser of its own": json.dumps({"steps": [STEP], "parser": "rules", "reasoning": "it is easy"}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_right_answer_in_any_form(form, answered):
    plan, note = answered(FORMS[form])
    (only,) = plan.steps
    assert (only.type, str(only.target), only.value, note) == ("color_alter", "barn", "red", "")
    assert only.target.head == "barn", "its phrases are read"
    assert (plan.instruction, plan.parser) == ("make the barn red", "llm:tiny"), "the model has no say in these"


@pytest.mark.parametrize(
    "form",
    [
        f'<think>The schema is {{"steps": [...]}}, so {{one step}} will do.</think>\n\n{GOOD}',
        f"{GOOD}\nPut your own colour into {{value}} if you like.",
        f"A first try: {GOOD}\nThe same again: {GOOD}",
    ],
    ids=["braces in its thinking", "braces behind it", "said twice"],
)
def test_braces_around_the_answer(form, answered):
    assert answered(form)[0] is not None


WRONG = {
    "": "no JSON object",
    "I am sorry, I cannot see pictures.": "no JSON object",
    '<think>{"steps": [': "no JSON object",
    GOOD[:-20]: "no JSON object|JSON is broken",
    str({"steps": [STEP]}): "JSON is broken",
    GOOD.replace('"red"}', '"red",}'): "JSON is broken",
    GOOD.replace("{", "{ // a comment\n", 1): "JSON is broken",
    '{"a":' * 5000 + "1" + "}" * 5000: "JSON is broken",
    '{"steps": [{"type": "add", "count": ' + "9" * 5000 + "}]}": "JSON is broken",
    json.dumps([STEP]): "'steps' is missing",
    json.dumps(STEP): "'steps' is missing",
    '{"steps": null}': "'steps' is missing",
    '{"steps": {}}': "'steps' is missing",
    json.dumps({"steps": STEP}): "'steps' is missing",
    '{"steps": []}': "steps: .*at least 1",
    '{"steps": ["make it red"]}': "steps.0: .*Step",
    '{"steps": [null]}': "steps.0: ",
    '{"steps": [{"instruction": "x"}]}': "steps.0.type: Field required",
    json.dumps({"steps": [STEP] * (MAX_STEPS + 1)}): f"at most {MAX_STEPS}",
    json.dumps({"steps": [STEP, STEP | {"type": "explode"}]}): "steps.1.type",
    step(type="Color_Alter"): "steps.0.type",
    step(confidence=0.9): "steps.0.confidence: Extra",
    step(path="/etc/passwd"): "steps.0.path: Extra",
    step(count="two"): "steps.0.count",
    step(count=2.5): "steps.0.count",
    step(count=-1): "steps.0.count",
    step(count=10**30): "steps.0.count",
    step(reference=0): "steps.0.reference",
    step(reference=17): "steps.0.reference",
    step(reference=1): r"\[1\] is used, but there are 0 attachments",
    step(amount=2): "steps.0.amount",
    step(amount={"value": 1e300, "unit": "factor"}): "steps.0.amount.value",
    step(amount={"value": float("nan"), "unit": "factor"}): "steps.0.amount.value: .*finite",
    step(amount={"value": float("-inf"), "unit": "percent"}): "steps.0.amount.value",
    step(amount={"value": 2, "unit": "metres"}): "steps.0.amount.unit",
    step(amount={"value": 2}): "steps.0.amount.unit: Field required",
    step(where="left"): "steps.0.where",
    step(where={"relation": "northwest"}): "steps.0.where.relation",
    step(where={"anchor": "barn"}): "steps.0.where.relation: Field required",
    step(value=3): "steps.0.value",
    step(value=["red"]): "steps.0.value",
    step(value={"colour": "red"}): "steps.0.value",
    step(value=" "): "steps.0.value",
    step(value="x" * 201): "steps.0.value",
    step(target=["barn"]): "steps.0.target",
    step(target=True): "steps.0.target",
    step(target={"name": "barn"}): "steps.0.target",
    step(target="x" * 201): "steps.0.target",
    step(instruction="x" * 1001): "steps.0.instruction",
    GOOD.replace('"red"}', '"\\ud800"}'): "steps.0.value",
}


@pytest.mark.parametrize(("number", "answer"), [*enumerate(WRONG)])
def test_what_is_wrong_with_an_answer_is_noted_in_one_line(number, answer, answered):
    plan, note = answered(answer)
    assert plan is None
    assert re.search(WRONG[answer], note), note
    assert "\n" not in note and note.endswith("the rules were used")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        "<html>Bad gateway</html>",
        '{"choices": []}',
        '{"choices": [{}]}',
        '{"choices": {"message": 1}}',
        '{"choices": [{"message": {"content": null}}]}',
        '{"choices": [{"message": {"content": 7}}]}',
        '{"choices": [{"message": "x"}]}',
        '{"error": {"message": "no such model"}}',
    ],
)
def test_a_body_that_is_no_completion(body, answered):
    plan, note = answered(body=body)
    assert plan is None
    assert re.search("not an OpenAI-style completion|holds no text", note)


def test_eight_steps_are_a_plan(answered):
    plan, _ = answered(json.dumps({"steps": [STEP] * MAX_STEPS}))
    assert len(plan.steps) == MAX_STEPS


def test_an_attachment_is_counted_from_one(answered):
    lamp = Instruction("use [1]", (PictureAttachment("lamp.png", np.zeros((4, 4, 3), np.uint8)),))
    assert answered(step(type="visual_reference", reference=1), lamp)[0].steps[0].reference == 1
    assert "there are 1 attachments" in answered(step(type="visual_reference", reference=2), lamp)[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(Plan.model_fields)), inner),
    max_leaves=8,
)
NAMES = "type instruction target value where amount count reference old_text protect why file".split()


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4), st.text(max_size=20))
def test_any_step_and_any_prose_is_a_plan_or_a_note(fields, prose):
    with pytest.MonkeyPatch.context() as patch:
        answer = prose + json.dumps({"steps": [STEP | fields]}) + prose
        body = json.dumps({"choices": [{"message": {"content": answer}}]})
        patch.setattr(language, "_post", lambda *asked: (200, 0.0, body))
        plan, note = plan_by_llm(BARN, ENDPOINT)
    assert (plan is None) == bool(note)
    if plan is not None:
        assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    ("model", "parser"),
    [
        ("Qwen3:8B", "llm:qwen3:8b"),
        ("org/Model v2", "llm:org/model-v2"),
        ("", "llm:default"),
        ("m" * 300, "llm:" + "m" * 90),
    ],
)
def test_a_model_has_a_plain_name(model, parser):
    assert Endpoint("http://x", model).parser == parser
    assert Plan(instruction="x", steps=(STEP,), parser=parser)
