"""What holds for every instruction: a plan or a typed error; the same plan in capitals, with more spaces and more polite."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pixwright.encoders.bundle import Encoders
from pixwright.errors import PixwrightError, UnclearInstruction
from pixwright.parse import parse
from pixwright.parse.rules import parse_rules
from pixwright.parse.tokens import normalise, spell_out, tokenise
from pixwright.records.instruction import Instruction
from pixwright.records.plan import MAX_STEPS, Plan

ENCODERS = Encoders()
THINGS = st.sampled_from("fork kettle trampoline canoe penguin lantern barrel vase kite drum scarecrow tractor".split())
COLOURS = st.sampled_from(["green", "purple", "navy", "light blue", "orange"])
CLAUSES = st.one_of(
    st.builds("remove the {}".format, THINGS),
    st.builds("make the {} {}".format, THINGS, COLOURS),
    st.builds("replace the {} with a {}".format, THINGS, THINGS).filter(lambda text: len(set(text.split())) == 6),
    st.builds("put a {} next to the {}".format, THINGS, THINGS).filter(lambda text: len(set(text.split())) == 7),
    st.builds("move the {} {}% to the {}".format, THINGS, st.integers(1, 90), st.sampled_from(["left", "right"])),
    st.builds("rotate the {} by {} degrees".format, THINGS, st.integers(1, 180)),
    st.builds("make the {} {} times bigger".format, THINGS, st.integers(2, 9)),
    st.builds("make the photo {}% {}".format, st.integers(1, 90), st.sampled_from(["brighter", "darker", "warmer"])),
    st.builds("make it {}".format, st.sampled_from(["winter", "night", "foggy", "sepia", "an oil painting"])),
)
EXACTLY = settings(max_examples=60, deadline=None)


def meant(text):
    """The steps without the words that they were made from."""
    return [step.model_copy(update={"instruction": ""}) for step in parse_rules(text).steps]


@EXACTLY
@given(CLAUSES)
def test_every_clause_is_one_step_that_survives_json(text):
    plan = parse_rules(text)
    assert len(plan.steps) == 1 and plan.steps[0].instruction == text and plan.instruction == text
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert Plan.model_validate(plan.model_dump()) == plan
    assert Plan.model_validate_json(plan.model_dump_json(exclude_defaults=True)) == plan


@EXACTLY
@given(CLAUSES)
def test_capitals_change_nothing(text):
    assert meant(text.upper()) == meant(text.title()) == meant(text)


@EXACTLY
@given(CLAUSES, st.sampled_from([" ", "   ", "\t", "\u00a0", "\u2003", " \u200b"]))
def test_spaces_change_nothing(text, space):
    assert meant(f"{space}{text.replace(' ', space)}{space}") == meant(text)


BEFORE = st.sampled_from(["please ", "Please, ", "could you ", "could you please ", "can you ", "I want you to ", "hi, ", "kindly "])  # fmt: skip
BEHIND = st.sampled_from(["", " please", ", please", ", thanks!", ", thank you", " for me", "!", "...", " if possible", " 🙏"])  # fmt: skip


@EXACTLY
@given(BEFORE, CLAUSES, BEHIND)
def test_politeness_changes_nothing(before, text, behind):
    assert meant(f"{before}{text}{behind}") == meant(text)


@EXACTLY
@given(CLAUSES, CLAUSES, st.sampled_from([", then ", ". ", "; ", " and then "]))
def test_two_clauses_are_their_steps_in_order(first, second, glue):
    both = meant(first + glue + second)
    each = meant(first) + meant(second)
    assert len(both) <= len(each)
    if "it" not in second.split() and first != second:
        assert [(s.type, s.value, s.amount) for s in both] == [(s.type, s.value, s.amount) for s in each]


@EXACTLY
@given(CLAUSES)
def test_captions_differ_and_the_prompt_names_the_target(text):
    plan = parse_rules(text)
    (step,) = plan.steps
    assert step.source_caption != step.edited_caption
    assert plan.segmentation_prompt == (str(step.target) if step.target else "")


def outcome(text):
    """The plan, or the error's line."""
    try:
        return parse(Instruction(text), None, ENCODERS, use_llm=False)
    except PixwrightError as error:
        assert "\n" not in str(error) and str(error)
        return None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_plan_or_a_typed_error(text):
    plan = outcome(text)
    assert plan is None or 1 <= len(plan.steps) <= MAX_STEPS


@settings(max_examples=60, deadline=None)
@example(["", "make the fork green", "remove the fork"])
@given(
    st.lists(
        st.one_of(CLAUSES, st.text(max_size=12), st.sampled_from(["[1]", '"x', "but leave", "[image:", "⟦", "'s"]))
    )
)
def test_clauses_among_rubbish_are_a_plan_or_a_typed_error(parts):
    plan = outcome(" ".join(parts))
    assert plan is None or Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize(
    "text",
    [
        "\x00", "\ud800", "\u202eremove the dog", "[" * 400, '"' * 401, "'" * 401, "(" * 500, "1" * 500, "%" * 99, "[1]" * 20, "⟦" * 50,
        "remove " * 200, "the dog and " * 150, "a, " * 600, "[image:" * 200, "[image:x]" * 20, "if " * 300, "please " * 280, "but leave the " * 100, "-" * 2000,
        "\n" * 50, "🙂" * 500, "\u0301" * 500, "ﬁ" * 500, "rgb(999,999,999)", "#" * 100, "make it #zzzzzz", "make it 1e999% brighter", "rotate it by 99999999 degrees",
    ],
)  # fmt: skip
def test_hostile_text_is_a_plan_or_a_typed_error(text):
    outcome(text)


@given(st.text(max_size=80))
def test_normal_text_stays_as_it_is(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=80))
def test_tokens_are_spelt_out_without_control_characters(text):
    tokens = tokenise(text)
    assert all(token.text.isprintable() and (token.text or token.kind == "quote") for token in tokens)
    assert "\n" not in spell_out(tokens)


@pytest.mark.parametrize(
    "text", ["add zero apples", "add 0 cups to the table", "remove zero apples", "make zero cups red"]
)
def test_none_of_a_thing_is_no_edit(text):
    with pytest.raises(UnclearInstruction, match="none of them"):
        parse(Instruction(text), None, ENCODERS, use_llm=False)
